//! JSON and its published schema.

use crate::fixtures;
use poolproof::report::{audit, json};
use poolproof::verdict::Report;
use std::path::Path;

#[test]
fn the_published_schemas_are_the_schemas() {
    let schemas = [("verdict", json::schema()), ("difference", json::difference_schema()), ("audit", audit::schema())];
    for (name, schema) in schemas {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/{name}.schema.json"));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &schema).expect("docs/ is writable");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == schema,
            "docs/{name}.schema.json is not what the types say; run with UPDATE_DOCS=1 and review the difference"
        );
    }
}

#[test]
fn every_report_matches_the_schema_and_reads_back() {
    let schema = serde_json::from_str(&json::schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for report in [fixtures::everything(), fixtures::report(vec![fixtures::incomplete_violation()])] {
        let text = json::render(&report);
        let value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(serde_json::from_str::<Report>(&text).expect("a report"), report);
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = serde_json::from_str(&json::schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let mut value = serde_json::to_value(fixtures::everything()).expect("JSON");
    value["scenarios"][0]["properties"][0]["outcome"]["verdict"] = "maybe".into();
    assert!(!validator.is_valid(&value));
}

#[test]
fn a_verdict_in_json() {
    insta::assert_snapshot!(json::render(&fixtures::report(vec![fixtures::official_procedure()])));
}
