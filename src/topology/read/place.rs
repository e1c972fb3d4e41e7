//! Places in a topology document.
//!
//! Invariant: a span lies within its text.
//! Cost: finding line and column is linear in the text, so it is done for what is shown and nothing else.

use std::fmt;
use std::ops::Range;

/// A place in the decoded text of a topology document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset in bytes of the decoded text. In an error about the encoding, of the file itself.
    pub offset: usize,
    /// Length in bytes.
    pub length: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
}

impl From<Span> for miette::SourceSpan {
    fn from(span: Span) -> Self {
        (span.offset, span.length).into()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The decoded text of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a>(pub &'a str);

impl Text<'_> {
    /// The place of these bytes, cut to what the text has.
    pub fn span(self, range: Range<usize>) -> Span {
        let text = self.0;
        let start = (0..=range.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let end = (range.end.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        let end = end.max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        Span {
            offset: start,
            length: end - start,
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
        }
    }

    /// The place of the start tag of an element, up to its name: `<Cluster`.
    pub fn tag(self, node: roxmltree::Node<'_, '_>) -> Span {
        let start = node.range().start;
        let name = self.0[start..].find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(0);
        self.span(start..start + name)
    }

    /// The place of an attribute's value.
    pub fn value(self, attribute: roxmltree::Attribute<'_, '_>) -> Span {
        self.span(attribute.range_value())
    }

    /// The character at a line and a column, both from 1.
    pub fn at(self, line: usize, column: usize) -> Span {
        let start = self.0.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
        let rest = &self.0[start..];
        let offset = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
        self.span(start + offset..start + offset + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = Text("<a>\r\n  <é/><b/></a>");
        let at = text.0.find("<b/>").unwrap_or_default();
        assert_eq!(text.span(at..at + 2), Span { offset: at, length: 2, line: 2, column: 7 });
        assert_eq!(text.at(2, 7).offset, at);
    }

    #[test]
    fn places_beyond_the_text_or_inside_a_character_are_cut() {
        let text = Text("é");
        assert_eq!(text.span(1..9), Span { offset: 0, length: 2, line: 1, column: 1 });
        assert_eq!(text.span(7..9).offset, 2);
        assert_eq!(text.at(5, 5).offset, 2);
    }
}
