//! How a check explores, and what it says of that: statistics, the state graph, progress, self-checks, limits.

use crate::{Folder, bad, good, poolproof, without_colour};
use predicates::prelude::*;
use serde_json::Value;

/// The numbers of the last line of `--stats`.
fn last_line(stderr: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(stderr);
    let last = text.lines().last().expect("a line");
    last.split(' ').map(|part| part.split_once('=').expect("name=value")).map(|(n, v)| (n.into(), v.into())).collect()
}

fn value<'a>(line: &'a [(String, String)], name: &str) -> &'a str {
    &line.iter().find(|(known, _)| known == name).expect(name).1
}

#[test]
fn statistics_go_to_stderr_and_end_in_the_line_that_benchmarks_read() {
    let folder = Folder::new();
    let good = folder.file("good.toml", good(""));
    let output = poolproof().arg("check").arg(&good).args(["--stats", "--format", "json"]).output().expect("runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("stdout is the report alone");
    let line = last_line(&output.stderr);
    let names: Vec<&str> = line.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["states", "transitions", "depth", "seconds", "bytes_per_state"]);
    for name in ["states", "transitions", "depth"] {
        assert_eq!(value(&line, name), report["scenarios"][0]["explored"][name].to_string(), "{name}");
    }
    assert!(value(&line, "seconds").parse::<f64>().is_ok() && value(&line, "bytes_per_state").parse::<f64>().is_ok());
    let text = String::from_utf8_lossy(&output.stderr);
    for told in
        ["states a second", "transitions a state, at most", "  layers    12 12 18 ", "load 0.", "search ", "decide "]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn the_other_engine_ends_in_the_same_line_with_what_it_knows() {
    let folder = Folder::new();
    // With the readings fixed both explore the same system.
    let fixed = "[readings]\nfailover-intent = \"restart\"\nfabric-guard = \"refuses\"\n";
    let scenario = folder.file("good.toml", good(fixed).replace("can-complete", "pool-quorum"));
    let stats = |engine: &str| {
        let arguments = ["--stats", "--property", "pool-quorum", "--engine", engine];
        last_line(&poolproof().arg("check").arg(&scenario).args(arguments).output().expect("runs").stderr)
    };
    let (exact, other) = (stats("exact"), stats("stateright"));
    for name in ["states", "transitions"] {
        assert_eq!(value(&exact, name), value(&other, name), "{name}");
    }
    assert_eq!((value(&other, "depth"), value(&other, "bytes_per_state")), ("?", "?"));
}

#[test]
fn every_file_has_its_own_line() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.toml", good("")), folder.file("bad.toml", bad("")));
    let output = poolproof().arg("check").args([&good, &bad]).arg("--stats").output().expect("runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.lines().filter(|line| line.starts_with("states=")).count(), 2, "{text}");
}

#[test]
fn a_graph_in_json_lines_has_a_line_for_each_state_and_transition() {
    let folder = Folder::new();
    let scenario = folder.file("good.toml", good(""));
    let graph = folder.path("graph.jsonl");
    let output = poolproof()
        .arg("check")
        .arg(&scenario)
        .args(["--format", "json", "--threads", "3", "--graph"])
        .arg(&graph)
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let explored = &report["scenarios"][0]["explored"];
    let text = std::fs::read_to_string(&graph).expect("the graph");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (states, transitions): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| line.get("state").is_some());
    assert_eq!(states.len() as u64, explored["states"].as_u64().expect("a number"));
    assert_eq!(transitions.len() as u64, explored["transitions"].as_u64().expect("a number"));
    assert!(transitions.iter().all(|line| line["to"].as_u64().expect("a number") < states.len() as u64));
    let captions: Vec<&str> = states.iter().map(|line| line["caption"].as_str().expect("text")).collect();
    assert!(captions[0].contains("alice: before ") && captions[0].contains("everything is in service"), "{captions:?}");
    assert!(captions.iter().any(|caption| caption.contains("fe1: failed over")), "{captions:?}");
    assert!(transitions.iter().any(|line| line["action"] == "alice fails over fe1; the call waits"), "{text}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("({} states, ", states.len())), "{said}");
}

#[test]
fn a_small_graph_is_drawn_and_a_large_one_is_refused() {
    let folder = Folder::new();
    let scenario = folder.file("good.toml", good(""));
    let graph = folder.path("graph.dot");
    let depth = ["--max-depth", "3"];
    let assert = poolproof().arg("check").arg(&scenario).args(depth).arg("--graph").arg(&graph).assert().code(3);
    assert.stderr(predicate::str::contains("it is not whole: the limit on depth was reached"));
    let drawn = std::fs::read_to_string(&graph).expect("the graph");
    assert!(drawn.starts_with("digraph states {") && drawn.trim_end().ends_with('}'), "{drawn}");
    assert!(drawn.contains("\\neverything is in service\\n"), "{drawn}");

    let large = folder.path("large.gv");
    let free = "[[operator]]\nname = \"bob\"\nmenu = [\"Invoke-CsComputerFailOver\"]\n";
    let scenario = folder.file("large.toml", good(free));
    let assert = poolproof().arg("check").arg(&scenario).arg("--graph").arg(&large).assert().code(2).stdout("");
    assert.stderr(predicate::str::contains("more than 1000 states")).stderr(predicate::str::contains("large.jsonl"));
    assert_eq!(folder.names(), ["good.toml", "graph.dot", "large.toml"], "no part of a graph is left");
}

#[test]
fn a_graph_is_of_one_scenario() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.toml", good("")), folder.file("bad.toml", bad("")));
    let graph = folder.path("graph.dot");
    let assert = poolproof().arg("check").args([&good, &bad]).arg("--graph").arg(&graph).assert().code(2);
    assert.stderr(predicate::str::contains("the graph of one scenario, and 2 are named"));
}

/// Needs the Debian package graphviz.
#[test]
#[ignore = "needs graphviz"]
fn graphviz_reads_the_drawing() {
    let folder = Folder::new();
    let scenario = folder.file("good.toml", good(""));
    let graph = folder.path("graph.dot");
    let depth = ["--max-depth", "4"];
    poolproof().arg("check").arg(&scenario).args(depth).arg("--graph").arg(&graph).assert().code(3);
    let dot = std::process::Command::new("dot").arg("-Tsvg").arg(&graph).output().expect("graphviz is installed");
    assert!(dot.status.success() && dot.stderr.is_empty(), "{}", String::from_utf8_lossy(&dot.stderr));
    assert!(String::from_utf8_lossy(&dot.stdout).contains("everything is in service"));
}

#[test]
fn progress_is_silent_in_a_pipe_and_json_lines_if_asked_for() {
    let folder = Folder::new();
    let good = folder.file("good.toml", good(""));
    poolproof().arg("check").arg(&good).assert().code(0).stderr("");
    poolproof().arg("check").arg(&good).args(["--progress", "none"]).assert().code(0).stderr("");
    let output = poolproof().arg("check").arg(&good).args(["--progress", "json"]).output().expect("runs");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let keys = ["file", "phase", "states", "transitions", "rate", "frontier", "depth", "memory", "seconds"];
    for line in &lines {
        let line = line.as_object().expect("an object");
        assert_eq!(line.len(), keys.len());
        assert!(keys.iter().all(|key| line.contains_key(*key)), "{line:?}");
    }
    let phases: Vec<&str> = lines.iter().filter_map(|line| line["phase"].as_str()).collect();
    assert!(phases.ends_with(&["graph", "decide"]), "{phases:?}");
    assert_eq!(lines.last().expect("a line")["frontier"], 0);
}

#[test]
fn self_checks_are_made_and_agree() {
    let folder = Folder::new();
    let good = folder.file("good.toml", good(""));
    let checks = ["--self-check", "twice", "--self-check", "replay", "--stats"];
    let assert = poolproof().arg("check").arg(&good).args(checks).assert().code(0);
    assert.stderr(predicate::str::contains("self-check "));
    let assert = poolproof().arg("check").arg(&good).args(["--self-check", "twice", "--stats"]).assert().code(0);
    assert.stderr(predicate::str::contains("self-check ").not());
}

/// The verdicts are the same, and what was explored is said.
#[test]
fn what_no_property_tells_apart_is_told_apart_on_demand() {
    let told = |options: &[&str]| {
        let arguments = ["check", "models/limited-functionality/scenario.toml", "--format", "json"];
        let output = poolproof().args(arguments).args(options).output().expect("runs");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let scenario = &report["scenarios"][0];
        let verdicts: Vec<Value> = scenario["properties"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it["outcome"]["verdict"].clone())
            .collect();
        (scenario["explored"]["states"].as_u64(), scenario["explored"]["told-apart"].clone(), verdicts)
    };
    let (states, apart, verdicts) = told(&[]);
    assert_eq!(apart, Value::Null);
    let one = ["--tell-apart", "rtcavmcu"];
    for (options, named) in [
        (&one[..], serde_json::json!(["RTCAVMCU"])),
        (&["--tell-apart", "servers"], serde_json::json!(["all servers and operators"])),
        (
            &[&one[..], &["--tell-apart", "servers"]].concat(),
            serde_json::json!(["RTCAVMCU", "all servers and operators"]),
        ),
    ] {
        let (more, apart, same) = told(options);
        assert!(more > states, "{options:?}");
        assert_eq!((apart, &same), (named, &verdicts), "{options:?}");
    }
    let assert =
        poolproof().args(["check", "models/back-end-patch/scenario.toml", "--tell-apart", "services"]).assert();
    assert.stdout(predicate::str::contains("all services told apart"));
}

#[test]
fn a_limit_on_depth_leaves_the_rest_not_proved() {
    let folder = Folder::new();
    let good = folder.file("good.toml", good(""));
    let assert = poolproof().arg("check").arg(&good).args(["--max-depth", "2"]).assert().code(3);
    assert
        .stdout(predicate::str::starts_with("NOT PROVED: all 2 properties"))
        .stdout(predicate::str::contains("the limit on depth was reached"))
        .stdout(predicate::str::contains("Never happened").not());
    let bad = folder.file("bad.toml", bad(""));
    let deep = ["--max-depth", "1000", "--property", "can-complete"];
    poolproof().arg("check").arg(&bad).args(deep).assert().code(0);
}

#[test]
fn the_other_engine_refuses_what_it_would_not_heed() {
    let folder = Folder::new();
    let good = folder.file("good.toml", good(""));
    for option in [["--max-states", "9"], ["--memory", "1GB"], ["--max-depth", "9"], ["--self-check", "twice"]] {
        let assert = poolproof().arg("check").arg(&good).args(["--engine", "stateright"]).args(option).assert();
        let told = format!("does not know {}", option[0]);
        assert.code(2).stdout("").stderr(predicate::str::contains(told)).stderr(without_colour());
    }
}

#[test]
fn help_lists_every_option() {
    let output = poolproof().args(["check", "--help"]).output().expect("runs");
    insta::assert_snapshot!(String::from_utf8(output.stdout).expect("UTF-8"));
}
