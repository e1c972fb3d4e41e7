//! Texts that procedures are read from, and places in them.
//!
//! Invariant: the text of a source never changes, so where its lines begin is found once. A listing shows every place of
//! a text, and to count the lines for each of them would take time that grows with the square of the text.

use super::excerpt;
use std::sync::Arc;

/// A file, or a list of steps in a scenario, that a procedure was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name that a story shows: the path as the user gave it.
    pub name: String,
    /// The text, decoded.
    pub text: String,
    /// The offsets at which its lines begin.
    starts: Vec<usize>,
}

impl Source {
    /// A text and its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let (name, text) = (name.into(), text.into());
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Source { name, text, starts }
    }

    /// The number of the line that an offset lies in, from 1, and where that line begins.
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line, self.starts[line - 1])
    }

    /// Line and column of an offset, from 1; columns count characters.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let (line, start) = self.line(offset);
        (line, self.text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
    }
}

/// A place in a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The source.
    pub source: Arc<Source>,
    /// Offset in bytes of [`Source::text`].
    pub offset: usize,
    /// Length in bytes.
    pub length: usize,
}

impl Place {
    /// Line and column, from 1; columns count characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        self.source.line_and_column(self.offset)
    }

    /// The text of the place's first line, without indentation; of a very long one, its beginning.
    pub fn line_text(&self) -> &str {
        let text = &self.source.text;
        excerpt::first_line(&text[self.source.line(self.offset.min(text.len())).1..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_counted_from_one() {
        let source = Arc::new(Source::new("a", "one\r\nzwölf\n\n  x"));
        let at = |offset| Place { source: Arc::clone(&source), offset, length: 0 };
        let places = [0, 4, 5, 9, 12, 13, 15, 99].map(|offset| at(offset).line_and_column());
        assert_eq!(places, [(1, 1), (1, 5), (2, 1), (2, 4), (3, 1), (4, 1), (4, 3), (4, 4)]);
        assert_eq!([0, 9, 12, 14, 99].map(|offset| at(offset).line_text().to_owned()), ["one", "zwölf", "", "x", "x"]);
        assert_eq!(Source::new("b", "").line_and_column(7), (1, 1));
    }
}
