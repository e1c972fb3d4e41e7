//! The JSON Schema that editors read, its copy in `docs/`, and the reference that people read.

use poolproof::scenario;
use serde_json::Value;
use std::path::Path;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every key of the schema with its description, as a path: `operator.name`.
fn keys(schema: &Value, path: &str, found: &mut Vec<(String, Option<String>)>) {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        found.push((path.clone(), value["description"].as_str().map(str::to_owned)));
        keys(value, &path, found);
        keys(&value["items"], &path, found);
    }
    for branch in schema["anyOf"].as_array().into_iter().flatten() {
        keys(branch, path, found);
    }
    if schema["additionalProperties"].is_object() {
        keys(&schema["additionalProperties"], path, found);
    }
}

#[test]
fn the_copy_in_docs_is_current() {
    let current = format!("{:#}\n", scenario::schema());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenario.schema.json"), &current).unwrap();
    }
    assert!(
        document("scenario.schema.json") == current,
        "docs/scenario.schema.json is not what the types say; run the tests with UPDATE_DOCS=1 and review"
    );
}

#[test]
fn every_key_has_a_description_and_stands_in_the_reference() {
    let mut found = Vec::new();
    keys(&scenario::schema(), "", &mut found);
    assert!(found.len() > 40, "{found:?}");
    let reference = document("scenario.md");
    for (path, description) in &found {
        assert!(description.as_ref().is_some_and(|text| !text.is_empty()), "`{path}` has no description");
        let key = path.rsplit('.').next().unwrap();
        assert!(reference.contains(&format!("`{key}`")), "docs/scenario.md does not name `{path}`");
    }
}

#[test]
fn nothing_is_null_and_nothing_is_a_reference() {
    let text = scenario::schema().to_string();
    for word in ["null", "$ref", "$defs"] {
        assert!(!text.contains(&format!("\"{word}\"")), "{word}");
    }
}

#[test]
fn editors_are_told_of_every_table_that_it_is_closed() {
    fn check(schema: &Value, path: &str) {
        if schema["type"] == "object" && schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{path}");
        }
        match schema {
            Value::Object(map) => map.iter().for_each(|(key, value)| check(value, &format!("{path}/{key}"))),
            Value::Array(items) => items.iter().for_each(|item| check(item, path)),
            _ => {}
        }
    }
    check(&scenario::schema(), "");
}

/// The scenarios in the reference are read by the program that it describes.
#[test]
fn the_examples_of_the_reference_are_scenarios() {
    let reference = document("scenario.md");
    let mut count = 0;
    for block in reference.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let text = super::with_deployment(block);
        let module = "function Enter-Maintenance($ComputerName) { Invoke-CsComputerFailOver $ComputerName }\n\
            function Exit-Maintenance($ComputerName) { Invoke-CsComputerFailBack $ComputerName }\n";
        let document = "1. Look.\n```\nGet-CsPoolFabricState -PoolFqdn <pool FQDN>\n```\n2. Out.\n```\n\
            Invoke-CsComputerFailOver <server FQDN>\n```\n3. Back.\n```\nInvoke-CsComputerFailBack <server FQDN>\n```\n";
        let files = std::collections::BTreeMap::from([
            ("patch.ps1".to_owned(), scenario::template_runbook().into_bytes()),
            ("maintenance.psm1".to_owned(), module.into()),
            ("vendor.md".to_owned(), document.into()),
        ]);
        if let Err(error) = scenario::parse("docs/scenario.md", &text, &files) {
            panic!("{error}: {:#?}\n{text}", error.problems());
        }
        count += 1;
    }
    assert!(count > 5, "only {count} examples");
}
