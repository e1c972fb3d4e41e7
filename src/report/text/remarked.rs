//! A remark on a line of a source, as a compiler shows it.

use super::layout::Sheet;
use crate::report::sources::Sources;
use crate::runbook::excerpt::{self, Excerpt};
use crate::verdict::Place;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, ThemeCharacters,
    ThemeStyles,
};
use std::fmt;

/// What is said of a place.
#[derive(Debug, Clone, Copy)]
pub struct Remarked<'a> {
    /// The stable name of what it is about.
    pub code: &'a str,
    /// What it says.
    pub message: &'a str,
    /// What to write instead.
    pub help: Option<&'a str>,
    /// What stands under the line.
    pub label: &'a str,
    /// Where.
    pub place: &'a Place,
}

impl Remarked<'_> {
    /// Shows it with the line; without its source, in one paragraph.
    pub fn show(&self, sheet: &mut Sheet, sources: &Sources) {
        let found = sources.get(&self.place.file).and_then(|source| {
            let text = &source.text;
            let marked = text.get(self.place.offset..self.place.offset.checked_add(self.place.length)?)?;
            let line = marked.lines().next().unwrap_or("").trim_end();
            Some((source, excerpt::shown(text, self.place.offset, line.len())))
        });
        let Some((source, span)) = found else {
            let help = self.help.map_or(String::new(), |help| format!("; {help}"));
            let place = format!("{}:{}:{}", self.place.file, self.place.line, self.place.column);
            return sheet.hanging(2, 4, &format!("{place} [{}] {}{help}", self.code, self.message));
        };
        let drawing = Drawing { remarked: *self, source: Excerpt(source), span };
        let styles = if sheet.colour() { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let theme = GraphicalTheme { characters: ThemeCharacters::ascii(), styles };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(sheet.width()).with_context_lines(0);
        let mut drawn = String::new();
        if handler.render_report(&mut drawn, &drawing).is_ok() {
            drawn.lines().for_each(|line| sheet.verbatim(line.trim_end()));
        }
    }
}

struct Drawing<'a> {
    remarked: Remarked<'a>,
    source: Excerpt<'a>,
    span: SourceSpan,
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.remarked.fmt(formatter)
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.remarked.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.remarked.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        let suspicious = self.remarked.label == "suspicious";
        Some(if suspicious { miette::Severity::Warning } else { miette::Severity::Error })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.remarked.help.map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some(self.remarked.label.to_owned()), self.span))))
    }
}
