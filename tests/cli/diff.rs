//! `poolproof diff`: what a change changes.

use crate::{Folder, bad, poolproof, scenario, without_colour};
use jsonschema::validator_for;
use predicates::prelude::*;
use serde_json::Value;

const PROPERTIES: &str = "\"one-out-at-a-time\", \"returns-to-service\", \"can-complete\"";

fn out(folder: &Folder, arguments: &[&str], code: i32) -> String {
    let assert = poolproof().current_dir(folder.root()).arg("diff").args(arguments).assert().code(code);
    let assert = assert.stdout(without_colour());
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

/// A script that fails both ways back, and one that forgets the first.
fn runbooks() -> Folder {
    let folder = Folder::new();
    let (over, back) = (
        "Invoke-CsComputerFailOver -Confirm:$false -ComputerName",
        "Invoke-CsComputerFailBack -Confirm:$false -ComputerName",
    );
    folder.file("careful.ps1", format!("{over} fe1\n{back} fe1\n{over} fe2\n{back} fe2\n"));
    folder.file("careless.ps1", format!("{over} fe1\n{over} fe2\n{back} fe2\n"));
    folder.file("other.ps1", format!("{over} fe3\n"));
    let text = scenario("", PROPERTIES, "").replace("steps = []", "runbook = \"careful.ps1\"");
    folder.file("scenario.toml", &text);
    folder
}

#[test]
fn a_worse_runbook_is_told_with_its_new_stories() {
    let folder = runbooks();
    let text = out(&folder, &["careful.ps1", "careless.ps1", "--scenario", "scenario.toml"], 1);
    insta::assert_snapshot!("a_worse_runbook", text);
}

#[test]
fn a_better_runbook_loses_nothing() {
    let folder = runbooks();
    let text = out(&folder, &["careless.ps1", "careful.ps1", "--scenario", "scenario.toml"], 0);
    insta::assert_snapshot!("a_better_runbook", text);
}

#[test]
fn the_same_fails_and_nothing_is_lost() {
    let folder = Folder::new();
    folder.file("old.toml", bad(""));
    folder.file("new.toml", bad("").replace("One server", "Moved by a line\"\ndescription = \"no change"));
    let text = out(&folder, &["old.toml", "new.toml"], 0);
    insta::assert_snapshot!("nothing_changed", text);
}

#[test]
fn what_is_not_proved_is_not_compared() {
    let folder = Folder::new();
    folder.file("old.toml", bad(""));
    let text = out(&folder, &["old.toml", "old.toml", "--max-states", "1"], 3);
    assert!(text.starts_with("NOT PROVED: 2 not comparable\n"), "{text}");
}

#[test]
fn the_json_is_that_of_its_schema() {
    let folder = runbooks();
    let text = out(&folder, &["careful.ps1", "careless.ps1", "-s", "scenario.toml", "--format", "json"], 1);
    let found: Value = serde_json::from_str(&text).expect("JSON");
    let schema = poolproof().args(["schema", "difference"]).assert().code(0).get_output().stdout.clone();
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    assert!(validator_for(&schema).expect("a schema").is_valid(&found), "{text}");
    assert_eq!(found["properties"][0]["change"], "lost");
    assert_eq!(found["properties"][0]["story"], "new");
}

#[test]
fn the_runbook_that_is_compared_has_to_be_clear() {
    let folder = runbooks();
    let two = std::fs::read_to_string(folder.path("scenario.toml")).expect("a file")
        + "\n[[operator]]\nname = \"bob\"\nrunbook = \"other.ps1\"\n";
    folder.file("two.toml", &two);
    folder.file("third.ps1", "Start-Sleep 1\n");
    let refused = |arguments: &[&str], what: &str| {
        let assert = poolproof().current_dir(folder.root()).arg("diff").args(arguments).assert().code(2).stdout("");
        assert.stderr(predicate::str::contains(what.to_owned()));
    };
    refused(&["third.ps1", "third.ps1", "-s", "two.toml"], "it has several (careful.ps1, other.ps1)");
    folder.file("none.toml", bad(""));
    refused(&["third.ps1", "third.ps1", "-s", "none.toml"], "no operator of it has a `runbook`");
    refused(&["missing.ps1", "careful.ps1", "-s", "scenario.toml"], "missing.ps1");
    refused(&["missing.toml", "scenario.toml"], "missing.toml");
    let text = out(&folder, &["other.ps1", "third.ps1", "-s", "two.toml"], 0);
    assert!(text.contains("old: other.ps1\nnew: third.ps1\n"), "{text}");
}
