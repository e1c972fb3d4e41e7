//! Verdicts and differences of verdicts as JSON, and the schemas of that JSON.
//!
//! Invariant: what is printed is [`Report`] and nothing else; `docs/verdict.schema.json` is what
//! [`schema`] gives, and a test compares them.

use crate::verdict::Report;
use crate::verdict::difference::Difference;

/// The whole verdict, indented, with a newline at its end.
pub fn render(report: &Report) -> String {
    pretty(report)
}

/// The JSON Schema of [`render`], indented, with a newline at its end.
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Report))
}

/// A difference, indented, with a newline at its end.
pub fn difference(difference: &Difference) -> String {
    pretty(difference)
}

/// The JSON Schema of [`difference`], indented, with a newline at its end.
pub fn difference_schema() -> String {
    pretty(&schemars::schema_for!(Difference))
}

/// Plain data without maps whose keys are not strings always serialise.
pub(super) fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"));
    text.push('\n');
    text
}
