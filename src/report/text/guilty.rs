//! The lines of a story labelled in their source, as a compiler does it.
//!
//! Invariant: a line is labelled with the steps of the story that [`Story::marks`] names. A place that does not lie in
//! its text is left out.

use super::layout::Sheet;
use crate::report::sources::Sources;
use crate::report::story::Story;
use crate::runbook::excerpt::{self, Excerpt};
use crate::verdict::Place;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, ThemeCharacters,
    ThemeStyles,
};
use std::fmt;

/// Shows the lines that a story turns on; nothing without their sources.
pub fn lines(sheet: &mut Sheet, story: &Story<'_>, sources: &Sources) {
    let marks = story.marks();
    let mut files: Vec<&str> = Vec::new();
    for mark in &marks {
        if !files.contains(&mark.place.file.as_str()) {
            files.push(&mark.place.file);
        }
    }
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let labels: Vec<LabeledSpan> = marks
            .iter()
            .filter(|mark| mark.place.file == file)
            .filter_map(|mark| {
                let span = first_line(&source.text, mark.place)?;
                Some(LabeledSpan::new_with_span(Some(mark.label()), span))
            })
            .collect();
        if !labels.is_empty() {
            draw(sheet, &Drawing { source: Excerpt(source), labels });
        }
    }
}

/// A place up to the end of its first line; `None` if it does not lie in the text.
fn first_line(text: &str, place: &Place) -> Option<SourceSpan> {
    let marked = text.get(place.offset..place.offset.checked_add(place.length)?)?;
    let line = marked.lines().next().unwrap_or("").trim_end();
    Some(excerpt::shown(text, place.offset, line.len()))
}

/// Lines of one file, with labels and without a message of their own.
struct Drawing<'a> {
    source: Excerpt<'a>,
    labels: Vec<LabeledSpan>,
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} labels in {}", self.labels.len(), self.source.0.name)
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "where it happens")
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

fn draw(sheet: &mut Sheet, drawing: &Drawing<'_>) {
    let styles = if sheet.colour() { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let theme = GraphicalTheme { characters: ThemeCharacters::ascii(), styles };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(sheet.width()).with_context_lines(1);
    let mut drawn = String::new();
    if handler.render_report(&mut drawn, drawing).is_err() {
        return;
    }
    // The first lines repeat the message, which the story has told already.
    for line in drawn.lines().skip_while(|line| !line.contains(",-[")) {
        sheet.verbatim(line.trim_end());
    }
}
