//! Output: lists, schemas, colour, pipes.

use crate::{poolproof, without_colour};
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::readings::Reading;
use predicates::prelude::*;
use serde_json::Value;

fn stdout(arguments: &[&str]) -> String {
    let output = poolproof().args(arguments).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn every_reading_and_value_is_listed() {
    let text = stdout(&["readings"]);
    let json: Value = serde_json::from_str(&stdout(&["readings", "--format", "json"])).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(Reading::ALL.len()));
    for (reading, row) in Reading::ALL.iter().zip(json.as_array().expect("a list")) {
        let description = reading.describe();
        assert!(text.contains(description.name) && row["name"] == description.name);
        assert_eq!(row["values"].as_array().map(Vec::len), Some(description.values.len()));
        assert!(description.values.iter().all(|value| text.contains(value.name)), "{}", description.name);
    }
}

#[test]
fn every_property_is_listed() {
    let text = stdout(&["properties"]);
    let json: Value = serde_json::from_str(&stdout(&["properties", "--format", "json"])).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(PropertyName::ALL.len()));
    for (property, row) in PropertyName::ALL.iter().zip(json.as_array().expect("a list")) {
        assert!(text.contains(property.describe().name) && row["name"] == property.describe().name);
    }
}

#[test]
fn the_lists() {
    insta::assert_snapshot!("readings", stdout(&["readings"]));
    insta::assert_snapshot!("properties", stdout(&["properties"]));
}

#[test]
fn the_schema_of_verdicts_is_the_published_one() {
    let published = include_str!("../../docs/verdict.schema.json");
    assert_eq!(stdout(&["schema", "verdict"]), published);
}

#[test]
fn colour_is_for_those_who_want_it() {
    poolproof().arg("readings").assert().stdout(without_colour());
    poolproof().arg("readings").env("CLICOLOR_FORCE", "1").assert().stdout(without_colour().not());
    poolproof().args(["readings", "--color", "always"]).assert().stdout(without_colour().not());
    poolproof().args(["readings", "--color", "never"]).env("CLICOLOR_FORCE", "1").assert().stdout(without_colour());
    poolproof().arg("readings").env("NO_COLOR", "1").assert().stdout(without_colour());
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_poolproof"))
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    poolproof().arg("readings").assert().stderr(predicate::str::is_empty());
}
