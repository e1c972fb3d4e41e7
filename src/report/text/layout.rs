//! Lines of text that are wrapped to a width, with or without colour.
//!
//! Invariant: colour is added by [`Sheet::paint`] alone, so a sheet without colour contains no escape.

use super::Look;
use anstyle::{AnsiColor, Style};
use textwrap::{Options, WordSplitter, WrapAlgorithm};

/// For what fails.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// For what holds.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// For what is not proved.
pub const OPEN: Style = AnsiColor::Yellow.on_default().bold();
/// For what matters less.
pub const FAINT: Style = Style::new().dimmed();
/// For headings.
pub const EMPHASIS: Style = Style::new().bold();

/// A text under construction.
#[derive(Debug)]
pub struct Sheet {
    text: String,
    width: usize,
    colour: bool,
    verbose: bool,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(look: &Look) -> Sheet {
        let width = look.width.max(Look::LEAST_WIDTH);
        Sheet { text: String::new(), width, colour: look.colour, verbose: look.verbose }
    }

    /// Its width in columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether colours are wanted.
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// Whether everything is to be told.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// The text in a style, if colours are wanted.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A paragraph whose first line begins at `first` and whose other lines begin at `rest`.
    pub fn hanging(&mut self, first: usize, rest: usize, text: &str) {
        let (first, rest) = (" ".repeat(first), " ".repeat(rest));
        let options = Options::new(self.width)
            .initial_indent(&first)
            .subsequent_indent(&rest)
            .break_words(false)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        for line in text.lines() {
            for wrapped in textwrap::wrap(line, &options) {
                self.text.push_str(wrapped.trim_end());
                self.text.push('\n');
            }
        }
    }

    /// A label and what belongs to it: `  votes    pool1: 3 votes up`.
    pub fn labelled(&mut self, indent: usize, label: &str, text: &str) {
        let label = self.paint(FAINT, &format!("{label:<9}"));
        self.hanging(indent, indent + 9, &format!("{label}{text}"));
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        self.blank();
        let painted = self.paint(EMPHASIS, text);
        self.hanging(0, 2, &painted);
    }

    /// A line as it is.
    pub fn verbatim(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line across the sheet.
    pub fn rule(&mut self) {
        let rule = self.paint(FAINT, &"-".repeat(self.width));
        self.text.push_str(&rule);
        self.text.push('\n');
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}
