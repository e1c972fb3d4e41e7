//! `poolproof check` and `poolproof report`: verdicts, forms, files, exit codes.

use crate::{Folder, bad, good, poolproof, scenario, without_colour};
use poolproof::verdict::{Outcome, Report};
use predicates::prelude::*;

#[test]
fn the_exit_code_is_the_verdict() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.toml", good("")), folder.file("bad.toml", bad("")));
    let holds = predicate::str::starts_with("HOLDS: all 2 properties\n");
    poolproof().arg("check").arg(&good).assert().code(0).stdout(holds).stderr("");
    let fails = predicate::str::starts_with("FAILS: 1 of 2 properties (returns-to-service)\n");
    poolproof().arg("check").arg(&bad).assert().code(1).stdout(fails).stderr("");
    poolproof().arg("check").args([&good, &bad]).assert().code(1);
    let limit = ["--max-states", "1"];
    let open = predicate::str::starts_with("NOT PROVED: all 2 properties");
    poolproof().arg("check").arg(&good).args(limit).assert().code(3).stdout(open);
}

#[test]
fn a_story_names_the_line_and_shows_it() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    let assert = poolproof().arg("check").arg(&bad).assert().code(1).stdout(without_colour());
    let line = "bad.toml:13:11  steps = [\"Invoke-CsComputerFailOver fe1\"]";
    assert.stdout(predicate::str::contains("alice fails over fe1")).stdout(predicate::str::contains(line));
    let excerpt = "13 | steps = [\"Invoke-CsComputerFailOver fe1\"]";
    poolproof().arg("check").arg(&bad).assert().stdout(predicate::str::contains(excerpt));
}

#[test]
fn a_property_can_be_chosen() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    let assert = poolproof().arg("check").arg(&bad).args(["--property", "can-complete"]).assert().code(0);
    assert.stdout(predicate::str::starts_with("HOLDS: the only property\n"));
}

#[test]
fn nothing_is_proved_where_no_property_applies() {
    let folder = Folder::new();
    let file = folder.file("good.toml", good(""));
    let check = |more: &[&str]| poolproof().arg("check").arg(&file).args(more).assert();
    let rests = ["--property", "one-management-store"];
    check(&rests).code(3).stdout(predicate::str::starts_with("N/A: nothing is proved, since no property applies\n"));
    check(&[&rests[..], &["--format", "github"]].concat()).code(3).stdout(predicate::str::contains("::warning "));
    check(&[&rests[..], &["--property", "can-complete"]].concat())
        .code(0)
        .stdout(predicate::str::starts_with("HOLDS: 1 of 2 properties; 1 does not apply\n"));
}

#[test]
fn one_of_several_scenarios_may_have_nothing_to_prove() {
    let folder = Folder::new();
    let rests =
        folder.file("rests.toml", scenario("\"Invoke-CsComputerFailOver fe1\"", "\"one-management-store\"", ""));
    let both = poolproof().arg("check").args([&folder.file("good.toml", good("")), &rests]).assert().code(0);
    both.stdout(predicate::str::starts_with("HOLDS: 1 of 2 scenarios; no property applies to 1\n"));
}

#[test]
fn json_is_the_verdict_whatever_it_is() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.toml", good("")), folder.file("bad.toml", bad("")));
    let output = poolproof().arg("check").args([&good, &bad]).args(["--format", "json"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let report: Report = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!(report.scenarios[0].file, good.display().to_string());
    assert_eq!(report.scenarios[0].properties[0].outcome, Outcome::Holds);
    assert!(report.scenarios[1].properties.iter().any(|property| property.outcome.violated()));
    assert_eq!(report.exit_code(), 1);
    let output = poolproof().arg("check").arg(&good).args(["--format", "json", "--max-states", "1"]).output();
    let output = output.expect("runs");
    assert_eq!(output.status.code(), Some(3));
    serde_json::from_slice::<Report>(&output.stdout).expect("a report");
}

#[test]
fn every_form_is_printed_and_is_the_same_in_a_file() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    for format in ["text", "json", "junit", "sarif", "github"] {
        let printed = poolproof().arg("check").arg(&bad).args(["--format", format]).output().expect("runs");
        let file = folder.path(format);
        let assert = poolproof().arg("check").arg(&bad).args(["--format", format, "--output"]).arg(&file).assert();
        assert.code(1).stdout("").stderr(predicate::str::starts_with("FAILS; the report is in "));
        assert_eq!(std::fs::read(&file).expect("the file"), printed.stdout, "{format}");
    }
    assert_eq!(folder.names(), ["bad.toml", "github", "json", "junit", "sarif", "text"], "nothing else is left");
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    let old = folder.file("old.json", "what was there");
    let wrong = folder.file("wrong.toml", "title = 3");
    poolproof().arg("check").args([&bad, &wrong]).arg("--output").arg(&old).assert().code(2).stdout("");
    assert_eq!(std::fs::read_to_string(&old).expect("the file"), "what was there");
    let nowhere = folder.path("no-such-folder/report.json");
    let assert = poolproof().arg("check").arg(&bad).arg("--output").arg(&nowhere).assert().code(2);
    assert.stderr(predicate::str::contains("cannot write"));
    let assert = poolproof().arg("check").arg(&bad).arg("--output").arg(folder.root()).assert().code(2);
    assert.stderr(predicate::str::contains("it is a folder"));
    assert_eq!(folder.names(), ["bad.toml", "old.json", "wrong.toml"]);
}

#[cfg(unix)]
#[test]
fn a_link_keeps_pointing_and_a_device_stays_a_device() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    let target = folder.file("target.txt", "old");
    let link = folder.path("link.txt");
    std::os::unix::fs::symlink(&target, &link).expect("a link");
    poolproof().arg("check").arg(&bad).arg("--output").arg(&link).assert().code(1);
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&target).expect("the file").starts_with("FAILS"));
    poolproof().arg("check").arg(&bad).args(["--output", "/dev/null"]).assert().code(1);
    assert!(!std::path::Path::new("/dev/null").is_file());
}

#[test]
fn mistakes_of_every_scenario_are_told_before_anything_is_checked() {
    let folder = Folder::new();
    let first = folder.file("first.toml", good("").replace("can-complete", "can-compleet"));
    let second = folder.file("second.toml", "title = 3");
    let assert = poolproof().arg("check").args([&first, &second]).assert().code(2).stdout("");
    assert
        .stderr(predicate::str::contains("can-complete"))
        .stderr(predicate::str::contains("second.toml"))
        .stderr(without_colour());
}

#[test]
fn the_page_is_written() {
    let folder = Folder::new();
    let bad = folder.file("bad.toml", bad(""));
    let page = folder.path("review.html");
    let assert = poolproof().arg("report").arg(&bad).arg("--output").arg(&page).assert().code(1).stdout("");
    assert.stderr(predicate::str::starts_with("FAILS; the page is "));
    let html = std::fs::read_to_string(&page).expect("the page");
    assert!(html.starts_with("<!doctype html>") && html.contains("Invoke-CsComputerFailOver fe1"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_check_is_not_proved() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_poolproof"))
        .args(["check", "models/stress-operators/scenario.toml", "--threads", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    if child.try_wait().expect("a child").is_some() {
        return; // The machine was faster than the finger.
    }
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(interrupted.success());
    let mut text = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut text).expect("UTF-8");
    let code = child.wait().expect("ends").code();
    assert!(matches!(code, Some(1 | 3)), "{code:?}: {text}");
    assert!(text.contains("NOT every reachable state"), "{text}");
}

#[test]
fn a_pool_that_begins_with_nothing_has_lost_its_quorum() {
    let folder = Folder::new();
    let text = r#"
title = "Nothing left"
properties = ["pool-quorum"]

[deployment]
version = "2015"

[[deployment.pool]]
name = "pool1"
front-ends = 4

[initially]
failed-over = ["fe1", "fe2", "fe3", "fe4"]

[[operator]]
name = "somebody"
menu = ["Invoke-CsComputerFailBack"]

[readings]
failover-intent = "remove-data"
"#;
    let file = folder.file("none.toml", text);
    let assert = poolproof().arg("check").arg(&file).assert().code(1);
    assert.stdout(predicate::str::contains("pool-quorum, 0 steps"));
}
