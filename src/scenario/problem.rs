//! What is wrong with a scenario, with its place, what was expected and what to write instead.
//!
//! Invariant: every [`Problem`] points into a text that the user wrote. A [`ScenarioError`] of mistakes
//! has at least one, in the order of the file.

use crate::runbook::excerpt::{self, Excerpt};
use crate::runbook::{Place, Source};
use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan, SpanContents};
use std::fmt;
use std::io;
use std::sync::Arc;

/// The most mistakes of one scenario that are drawn; nobody mends more at a time.
const MOST_SHOWN: usize = 100;

/// Why a scenario could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The scenario file itself could not be read.
    #[error("cannot read the scenario {file}")]
    Unreadable {
        /// The file as the user named it.
        file: String,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The scenario was read and is wrong.
    #[error("{file} has {}", count(problems.len()))]
    Mistakes {
        /// The file as the user named it.
        file: String,
        /// The mistakes; never empty.
        problems: Vec<Problem>,
    },
}

fn count(problems: usize) -> String {
    if problems == 1 { "a mistake".to_owned() } else { format!("{problems} mistakes") }
}

impl ScenarioError {
    /// The mistakes; empty only if the file could not be read at all.
    pub fn problems(&self) -> &[Problem] {
        match self {
            ScenarioError::Unreadable { .. } => &[],
            ScenarioError::Mistakes { problems, .. } => problems,
        }
    }
}

impl Diagnostic for ScenarioError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            ScenarioError::Unreadable { .. } => Some(Box::new("scenario::unreadable")),
            ScenarioError::Mistakes { .. } => None,
        }
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            ScenarioError::Unreadable { .. } => Some(Box::new("`poolproof init` writes a scenario to start from")),
            ScenarioError::Mistakes { problems, .. } if problems.len() > MOST_SHOWN => {
                Some(Box::new(format!("only the first {MOST_SHOWN} are shown")))
            }
            ScenarioError::Mistakes { .. } => None,
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems().iter().take(MOST_SHOWN).map(|problem| problem as &dyn Diagnostic)))
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What kind of mistake it is, stable: `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was expected at the place.
    pub label: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
    /// Another place of the same file that has to do with it, and how.
    pub also: Option<(Place, String)>,
}

impl Problem {
    /// A mistake at a place. `code` is kebab-case.
    pub fn new(code: &'static str, place: Place, message: impl Into<String>, label: impl Into<String>) -> Problem {
        Problem { code, message: message.into(), label: label.into(), help: None, place, also: None }
    }

    /// Says what to write instead.
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Points to another place of the same file.
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Problem {
        self.also = Some((place, label.into()));
        self
    }
}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("scenario::{}", self.code)))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.place)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let main = LabeledSpan::new_primary_with_span(Some(self.label.clone()), span(&self.place));
        let also = self
            .also
            .iter()
            .filter(|(place, _)| Arc::ptr_eq(&place.source, &self.place.source))
            .map(|(place, label)| LabeledSpan::new_with_span(Some(label.clone()), span(place)));
        Some(Box::new(std::iter::once(main).chain(also)))
    }
}

/// The span of a place, cut to its text and to what is drawn of it.
fn span(place: &Place) -> SourceSpan {
    excerpt::shown(&place.source.text, place.offset, place.length)
}

impl SourceCode for Place {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        Ok(Box::new(Excerpt(&self.source).contents(span, lines_before, lines_after)?))
    }
}

/// The place of a range of bytes of a source.
pub(super) fn place(source: &Arc<Source>, span: std::ops::Range<usize>) -> Place {
    let end = source.text.len();
    let offset = span.start.min(end);
    Place { source: Arc::clone(source), offset, length: span.end.min(end).saturating_sub(offset) }
}
