//! `poolproof init` and `poolproof schema scenario`.

use crate::{Folder, poolproof};
use predicates::prelude::*;

#[test]
fn what_init_writes_can_be_checked_at_once() {
    let folder = Folder::new();
    let path = folder.path("patching");
    let assert = poolproof().arg("init").arg(&path).assert().code(0).stderr("");
    assert.stdout(predicate::str::contains("next: poolproof check "));
    let output = poolproof().arg("check").arg(path.join("scenario.toml")).output().expect("runs");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::new();
    folder.file("scenario.toml", "mine");
    let assert = poolproof().arg("init").arg(folder.root()).assert().code(2);
    assert.stderr(predicate::str::contains("exists already"));
    assert_eq!(folder.names(), ["scenario.toml"]);
}

#[test]
fn the_schema_of_scenarios_takes_what_init_writes() {
    let output = poolproof().args(["schema", "scenario"]).output().expect("runs");
    let schema = serde_json::from_slice(&output.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let template: serde_json::Value = toml::from_str(&poolproof::scenario::template()).expect("TOML");
    let errors: Vec<String> = validator.iter_errors(&template).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
