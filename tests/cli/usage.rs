//! Usage: what is wrong is said on stderr with a hint, and ends with 2.

use crate::{poolproof, without_colour};
use predicates::prelude::*;

/// Arguments that are wrong, and what the user is told.
const WRONG: &[(&[&str], &str)] = &[
    (&[], "Usage: poolproof"),
    (&["chekc"], "some similar subcommands exist: 'schema', 'check'"),
    (&["check"], "<FILE>..."),
    (&["test"], "<PATH>..."),
    (&["check", "x.toml", "--property", "pool-quroum"], "a similar value exists: 'pool-quorum'"),
    (&["check", "x.toml", "--format", "jsno"], "a similar value exists: 'json'"),
    (&["check", "x.toml", "--engine", "magic"], "possible values: exact, stateright"),
    (&["check", "x.toml", "--threads", "0"], "0 is not in 1..=65535"),
    (&["check", "x.toml", "--max-states", "many"], "not a number such as 5000000"),
    (&["check", "x.toml", "--max-states", "0"], "at least one state"),
    (&["check", "x.toml", "--memory", "8 elephants"], "--memory <SIZE>"),
    (&["check", "x.toml", "--timeout", "soon"], "--timeout <DURATION>"),
    (&["check", "x.toml", "--graph", "states.png"], "write states.dot or states.gv for Graphviz"),
    (&["check", "x.toml", "--graph", "states"], "states.jsonl for JSON lines"),
    (&["check", "x.toml", "--progress", "bar"], "possible values: auto, json, none"),
    (&["check", "x.toml", "--self-check", "all"], "possible values: twice, replay"),
    (&["check", "x.toml", "--tell-apart", "pools"], "write services, servers or the name of a service"),
    (&["check", "x.toml", "--tell-apart", "RTCSRB"], "did you mean RTCSRV?"),
    (&["check", "x.toml", "--max-depth", "deep"], "--max-depth <N>"),
    (&["check", "no-such-file.toml"], "no-such-file.toml"),
    (&["check", "no-such-file.toml", "nor-this.toml"], "nor-this.toml"),
    (&["test", "benches"], "no scenario in benches"),
    (&["schema", "verdcit"], "a similar value exists: 'verdict'"),
    (&["man", "chekc"], "no subcommand is called chekc"),
    (&["completions", "tcl"], "possible values: bash"),
];

#[test]
fn wrong_usage_ends_with_2_and_a_hint_on_stderr() {
    for (arguments, told) in WRONG {
        let assert = poolproof().args(*arguments).assert();
        assert.code(2).stdout("").stderr(predicate::str::contains(*told)).stderr(without_colour());
    }
}

#[test]
fn help_comes_with_examples_and_exit_codes() {
    let assert = poolproof().arg("--help").assert().success();
    assert.stdout(predicate::str::contains("Examples:")).stdout(predicate::str::contains("3  not proved"));
    for subcommand in ["check", "test"] {
        let assert = poolproof().args([subcommand, "--help"]).assert().success();
        assert.stdout(predicate::str::contains(format!("poolproof {subcommand} ")));
    }
}

#[test]
fn every_subcommand_has_help_a_manual_page_and_completion() {
    let help = poolproof().arg("--help").output().expect("runs");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let names: Vec<&str> = commands
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    let completion = poolproof().args(["completions", "bash"]).output().expect("runs");
    let completion = String::from_utf8(completion.stdout).expect("UTF-8");
    for name in names {
        poolproof().args([name, "--help"]).assert().success().stderr("");
        poolproof().args(["man", name]).assert().success().stdout(predicate::str::starts_with(".ie"));
        assert!(completion.contains(name), "{name}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        poolproof().args(["completions", shell]).assert().success().stdout(predicate::str::contains("poolproof"));
    }
}
