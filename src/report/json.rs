//! The verdict as JSON, and the schema of that JSON.
//!
//! Invariant: what is printed is [`Report`] and nothing else; `docs/verdict.schema.json` is what
//! [`schema`] gives, and a test compares them.

use crate::verdict::Report;

/// The whole verdict, indented, with a newline at its end.
pub fn render(report: &Report) -> String {
    pretty(report)
}

/// The JSON Schema of [`render`], indented, with a newline at its end.
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Report))
}

/// Plain data without maps whose keys are not strings always serialise.
pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}
