//! Scenario files as a user sees them: what they mean, what is refused and in which words, and the schema.

#[allow(dead_code)]
#[path = "../../src/testing/strategies.rs"]
mod arbitrary;
mod meaning;
mod mistakes;
mod random;
mod runbooks;
mod schema;

use poolproof::scenario::{self, Scenario, ScenarioError};
use std::collections::BTreeMap;

/// The scenario of `text`; a pool of four is deployed unless the text deploys something.
fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    parse_with(text, &[])
}

/// The same, with files.
fn parse_with(text: &str, files: &[(&str, &str)]) -> Result<Scenario, ScenarioError> {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    scenario::parse("test.toml", &with_deployment(text), &files)
}

fn with_deployment(text: &str) -> String {
    if text.contains("deployment") {
        text.to_owned()
    } else {
        format!("{text}\n[deployment]\nversion = \"2015\"\n[[deployment.pool]]\nname = \"pool1\"\nfront-ends = 4\n")
    }
}
