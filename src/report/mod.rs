//! Consumers of verdicts, of audits and of what was read: the terminal, JSON, JUnit, SARIF, annotations of GitHub.
//!
//! Invariant: a report is a function from [`crate::verdict::Report`] to text. Nothing here prints, asks
//! the environment, or knows how a verdict was found; every number that is shown was counted by the
//! checker. The same data always give the same text.
//! Cost: linear in the size of the verdict.

pub mod audit;
pub mod catalogue;
pub mod diagram;
pub mod github;
pub mod json;
pub mod junit;
pub mod listing;
pub mod page;
pub mod sarif;
pub mod sources;
pub mod story;
pub mod text;
pub mod wording;

use crate::verdict::Report;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Text,
    /// The whole verdict; its schema is `docs/verdict.schema.json`.
    Json,
    /// JUnit XML: a test case per scenario and property.
    Junit,
    /// SARIF 2.1.0: a result per violation.
    Sarif,
    /// Workflow commands of GitHub Actions: an annotation per violation.
    Github,
}

impl Format {
    /// Every form, in the order in which they are shown.
    pub const ALL: &'static [Format] = &[Format::Text, Format::Json, Format::Junit, Format::Sarif, Format::Github];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Json => "json",
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::Github => "github",
        }
    }
}

/// A report in one of its forms. `sources` and `look` matter to [`Format::Text`] alone.
pub fn render(report: &Report, sources: &sources::Sources, format: Format, look: &text::Look) -> String {
    match format {
        Format::Text => text::render(report, sources, look),
        Format::Json => json::render(report),
        Format::Junit => junit::render(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
    }
}
