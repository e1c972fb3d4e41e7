//! The lines around a place, for whoever draws them.
//!
//! Invariant: whatever the lines of a text are like, what is drawn of one place stays small. A line of a generated file
//! can be longer than the whole of any real one, and a drawing that shows it whole helps nobody.
//! Cost: that of the surroundings; nothing is copied.

use super::Source;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// How many bytes of text are shown around a place, on either side.
const REACH: usize = 1000;

/// The most bytes between the first and the last of several places that are drawn together.
const WIDEST: usize = 16 << 10;

/// The most bytes of a line that a story or a listing quotes.
const LONGEST_LINE: usize = 400;

/// A source as a drawing needs it; places are offsets into its whole text.
#[derive(Debug, Clone, Copy)]
pub struct Excerpt<'a>(pub &'a Source);

impl SourceCode for Excerpt<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        Ok(Box::new(self.contents(span, lines_before, lines_after)?))
    }
}

impl<'a> Excerpt<'a> {
    /// What a drawing of a span shows.
    pub(crate) fn contents(
        self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<MietteSpanContents<'a>, MietteError> {
        let text = &*self.0.text;
        let end = span.offset().checked_add(span.len()).filter(|end| *end <= text.len());
        let end = end.filter(|_| span.len() <= WIDEST).ok_or(MietteError::OutOfBounds)?;
        let from = floor(text, span.offset().saturating_sub(REACH));
        let to = floor(text, end.saturating_add(REACH));
        let near: SourceSpan = (span.offset() - from, span.len()).into();
        let window = &text[from..to];
        let inner = window.read_span(&near, lines_before, lines_after)?;
        let (line, start) = self.0.line(from);
        // On the line that the window begins in, columns go on from what was cut off.
        let first_line = inner.line() == 0 && lines_before == 0;
        let column = inner.column() + if first_line { from - start } else { 0 };
        Ok(MietteSpanContents::new_named(
            self.0.name.clone(),
            &window.as_bytes()[inner.span().offset()..][..inner.span().len()],
            (from + inner.span().offset(), inner.span().len()).into(),
            line - 1 + inner.line(),
            column,
            inner.line_count(),
        ))
    }
}

/// A place, cut to what a drawing shows of it and to its text.
pub fn shown(text: &str, offset: usize, length: usize) -> SourceSpan {
    let from = floor(text, offset);
    (from, floor(text, from.saturating_add(length.min(REACH))) - from).into()
}

/// The first line of a text, without indentation; what is beyond `LONGEST_LINE` is cut off.
pub fn first_line(text: &str) -> &str {
    let near = &text[..floor(text, 4 * LONGEST_LINE)];
    let line = near.lines().next().unwrap_or("").trim();
    line[..floor(line, LONGEST_LINE)].trim_end()
}

/// A text of the same length that a terminal takes for nothing but text: control characters would move its cursor, or
/// hide what stands there.
pub fn printable(text: &str) -> String {
    text.chars().map(|it| if it.is_ascii() && is_control(it) { '?' } else { it }).collect()
}

/// The first control character that no text has, with its offset.
pub fn control_character(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, it)| it.is_ascii() && is_control(*it))
}

fn is_control(it: char) -> bool {
    it.is_control() && !matches!(it, '\t' | '\n' | '\r' | '\u{c}')
}

/// The start of the character that an offset lies in.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown, and the line and column of it, from 1.
    fn read(text: &str, offset: usize, length: usize, context: usize) -> (String, usize, usize) {
        let source = Source::new("a", text);
        let excerpt = Excerpt(&source);
        let contents = excerpt.read_span(&(offset, length).into(), context, context).expect("it lies in the text");
        let shown = std::str::from_utf8(contents.data()).expect("whole characters").to_owned();
        assert_eq!(&text[contents.span().offset()..][..contents.span().len()], shown);
        (shown, contents.line() + 1, contents.column() + 1)
    }

    #[test]
    fn short_lines_are_shown_as_miette_shows_them() {
        let text = "one\ntwo\nthree\nfour\nfünf\n";
        for context in 0..3 {
            for offset in 0..text.len() {
                let length = 2.min(text.len() - offset);
                let whole = text.read_span(&(offset, length).into(), context, context).expect("it lies in the text");
                let Ok(whole_text) = std::str::from_utf8(whole.data()) else { continue };
                let expected = (whole_text.to_owned(), whole.line() + 1, whole.column() + 1);
                assert_eq!(read(text, offset, length, context), expected, "{offset} {context}");
            }
        }
    }

    #[test]
    fn far_down_lines_and_columns_are_those_of_the_text() {
        let text = "a line\n".repeat(1000) + "here\n" + &"a line\n".repeat(1000);
        assert_eq!(read(&text, 7000, 4, 1), ("a line\nhere\na line\n".to_owned(), 1000, 1));
        assert_eq!(read(&text, 7002, 1, 0), ("r".to_owned(), 1001, 3));
    }

    #[test]
    fn a_long_line_is_cut_to_its_surroundings() {
        let text = format!("first\n{}x{}\nlast", "é".repeat(100_000), "é".repeat(100_000));
        let at = text.find('x').expect("it is there");
        let (shown, line, column) = read(&text, at, 1, 1);
        assert!(shown.len() <= 2 * REACH + 1 && shown.contains('x'), "{}", shown.len());
        assert_eq!((line, column), (2, 1));
        assert_eq!(read(&text, at, 1, 0), ("x".to_owned(), 2, at - 5));
        let source = Source::new("a", text);
        assert!(Excerpt(&source).read_span(&(0, at).into(), 0, 0).is_err(), "too wide");
        assert!(Excerpt(&source).read_span(&(0, usize::MAX).into(), 0, 0).is_err());
    }

    #[test]
    fn a_quoted_line_is_short_and_whole_characters() {
        assert_eq!(first_line("  one\r\ntwo"), "one");
        let long = "é".repeat(100_000);
        assert_eq!(first_line(&long).len(), LONGEST_LINE);
        assert_eq!((shown(&long, 3, 7).offset(), shown(&long, 3, 7).len()), (2, 6));
        assert_eq!(printable("\u{1b}[2J\0é\t\r\n"), "?[2J?é\t\r\n");
        assert_eq!(control_character("é\t\u{7f}"), Some((3, '\u{7f}')));
        assert_eq!((shown("abc", 9, 9).offset(), shown("abc", 9, 9).len()), (3, 0));
    }
}
