//! SARIF against its official schema, and as a consumer reads it.

use crate::fixtures;
use poolproof::report::sarif::render;
use serde_json::Value;
use std::process::Command;

/// The official schema, out of the package of the crate whose types are used.
fn official_schema() -> Value {
    // What other platforms need was never downloaded.
    let version = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
    let version = String::from_utf8(version.stdout).expect("text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo says where it runs");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let package = metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().find(|package| package["name"] == "serde-sarif"))
        .expect("a dependency");
    let manifest = std::path::Path::new(package["manifest_path"].as_str().expect("a path"));
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).expect("the schema");
    let mut schema: Value = serde_json::from_str(&text).expect("JSON");
    // The pattern of `language` has a bracket too many, which only a lenient reader of patterns takes; no log has that value.
    for definition in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{definition}/properties/language"));
        language.and_then(Value::as_object_mut).expect("the property").remove("pattern");
    }
    schema
}

fn log() -> Value {
    serde_json::from_str(&render(&fixtures::everything())).expect("JSON")
}

#[test]
fn the_log_matches_the_official_schema() {
    let validator = jsonschema::validator_for(&official_schema()).expect("a valid schema");
    let log = log();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = log;
    wrong["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&wrong), "the schema refuses what is no SARIF");
}

#[test]
fn the_log_reads_back_into_the_types_of_the_crate() {
    let log: serde_sarif::sarif::Sarif = serde_json::from_value(log()).expect("SARIF");
    let results = log.runs[0].results.as_ref().expect("results");
    assert_eq!(results.len(), 5);
    let flow = &results[0].code_flows.as_ref().expect("a code flow")[0].thread_flows[0];
    assert_eq!(flow.locations.len(), fixtures::accumulation().steps.len());
}

#[test]
fn a_result_per_violation_at_the_decisive_line() {
    let log = log();
    let results = log["runs"][0]["results"].as_array().expect("results");
    let rows: Vec<String> = results
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            format!(
                "{} {}:{}",
                result["ruleId"].as_str().unwrap_or_default(),
                place["artifactLocation"]["uri"].as_str().unwrap_or_default(),
                place["region"]["startLine"]
            )
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn a_log() {
    let mut verdict = fixtures::forgotten_fail_back();
    verdict.properties.retain(|property| property.name == "runbook-completes");
    insta::assert_snapshot!(render(&fixtures::report(vec![verdict, fixtures::too_large()])));
}
