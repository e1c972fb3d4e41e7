//! Texts: decoding a file, and putting typographic characters into the form that the grammar knows.
//!
//! PowerShell takes en dash, em dash and horizontal bar for a hyphen and curly quotes for straight ones;
//! the grammar does not. Invariant: offsets of the normalised text map back to the original exactly.
//! Cost: linear; a look-up is a binary search over the replaced characters.

use super::lower::code;
use crate::runbook::excerpt::control_character;
use crate::runbook::{Place, Source};
use std::sync::Arc;

/// A file could not be decoded as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A byte sequence that is not of the encoding that the file claims or that is presumed.
    #[error("the file is not valid {encoding}; a byte order mark or UTF-8 is expected")]
    Malformed {
        /// The encoding that was tried.
        encoding: &'static str,
    },
    /// A character that no script has, and that would do something to a terminal that shows it.
    #[error("line {line} has the control character U+{:04X}; a script has none but tabs and the ends of lines", u32::from(*character))]
    Control {
        /// The character.
        character: char,
        /// Its line, from 1.
        line: usize,
    },
    /// More than any script has.
    #[error("the file has {length} bytes, and at most {MOST_BYTES} are read")]
    TooLarge {
        /// Its bytes.
        length: usize,
    },
}

/// The largest runbook, in bytes: a hundred times the largest that the vendor publishes, and a few seconds to read.
const MOST_BYTES: usize = 4 << 20;

/// The text of a file: UTF-8 with or without a byte order mark, UTF-16 with one.
///
/// # Errors
/// If the bytes are not of that encoding, are no text, or too many.
pub fn decode(bytes: &[u8]) -> Result<String, DecodeError> {
    if bytes.len() > MOST_BYTES {
        return Err(DecodeError::TooLarge { length: bytes.len() });
    }
    let (encoding, mark) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
    let (text, malformed) = encoding.decode_without_bom_handling(&bytes[mark..]);
    if malformed {
        return Err(DecodeError::Malformed { encoding: encoding.name() });
    }
    match control_character(&text) {
        Some((at, character)) => Err(DecodeError::Control { character, line: text[..at].matches('\n').count() + 1 }),
        None => Ok(text.into_owned()),
    }
}

/// A piece of a text, with where it stands in the source.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) original: usize,
}

/// A text to be parsed, with the way back to its source.
#[derive(Debug)]
pub(super) struct Unit {
    source: Arc<Source>,
    /// What the grammar sees.
    pub(super) text: String,
    /// Pairs of an offset in `text` and the offset in the original from there on.
    shifts: Vec<(usize, usize)>,
    /// Where the original begins in the source.
    base: usize,
    /// The place to give for everything, if the text does not stand in the source letter by letter.
    whole: Option<(usize, usize)>,
}

impl Unit {
    /// A unit that is all of a source.
    pub(super) fn whole(source: Arc<Source>) -> Unit {
        let (text, shifts) = normalise(&source.text);
        Unit { source, text, shifts, base: 0, whole: None }
    }

    /// A unit that stands in a source at an offset, perhaps in another spelling (escapes of TOML).
    pub(super) fn part(source: Arc<Source>, text: &str, offset: usize, length: usize) -> Unit {
        let written = source.text.get(offset..offset.saturating_add(length)).unwrap_or("");
        let (base, whole) = match written.find(text) {
            Some(at) if !text.is_empty() => (offset + at, None),
            _ => (offset, Some((offset, length))),
        };
        let (text, shifts) = normalise(text);
        Unit { source, text, shifts, base, whole }
    }

    /// A text that another unit makes and runs; it has no place but that of what runs it.
    pub(super) fn standing_for(unit: &Unit, text: &str, span: super::ast::Span) -> Unit {
        let place = unit.place(span.start as usize, span.end as usize);
        let (text, shifts) = normalise(text);
        Unit { source: place.source, text, shifts, base: 0, whole: Some((place.offset, place.length)) }
    }

    /// A unit put together from pieces of a source, some of them replaced by other text.
    pub(super) fn assembled(source: Arc<Source>, pieces: Vec<Piece>) -> Unit {
        let mut text = String::new();
        let mut shifts: Vec<(usize, usize)> = Vec::new();
        for piece in pieces {
            let start = text.len();
            let (plain, inner) = normalise(&piece.text);
            if shifts.last().is_none_or(|last| last.0 != start) {
                shifts.push((start, piece.original));
            } else if let Some(last) = shifts.last_mut() {
                last.1 = piece.original;
            }
            text.push_str(&plain);
            shifts.extend(inner.into_iter().map(|(from, original)| (start + from, piece.original + original)));
        }
        Unit { source, text, shifts, base: 0, whole: None }
    }

    /// A unit whose text is its source letter by letter; not for the grammar.
    pub(super) fn plain(source: Arc<Source>) -> Unit {
        let text = source.text.clone();
        Unit { source, text, shifts: Vec::new(), base: 0, whole: None }
    }

    fn original(&self, offset: usize) -> usize {
        let after = self.shifts.partition_point(|(from, _)| *from <= offset);
        match after.checked_sub(1) {
            Some(at) => self.shifts[at].1 + (offset - self.shifts[at].0),
            None => offset,
        }
    }

    /// The place in the source of a stretch of the normalised text.
    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        let (offset, length) = match self.whole {
            Some(whole) => whole,
            None => {
                let (from, to) = (self.original(start), self.original(end));
                (self.base + from, to.saturating_sub(from))
            }
        };
        let text = &self.source.text;
        let offset = boundary(text, offset);
        let length = boundary(text, offset.saturating_add(length)) - offset;
        Place { source: Arc::clone(&self.source), offset, length }
    }
}

/// The start of the character that an offset lies in.
fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn normalise(original: &str) -> (String, Vec<(usize, usize)>) {
    let mut text = String::with_capacity(original.len());
    let mut shifts = Vec::new();
    for (at, character) in original.char_indices() {
        let plain = match character {
            '\u{2013}' | '\u{2014}' | '\u{2015}' => '-',
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
            '\u{a0}' | '\u{85}' => ' ',
            '\0' => '\u{fffd}',
            other => other,
        };
        text.push(plain);
        if plain != character {
            shifts.push((text.len(), at + character.len_utf8()));
        }
    }
    end_parts(&mut text, &mut shifts);
    (text, shifts)
}

/// Puts in what PowerShell does without and the grammar does not: a semicolon where a statement follows on the same line
/// after `param( … )` or after a clause of a `switch`, and the operator of a call before a command whose name begins like
/// a keyword of the grammar.
fn end_parts(text: &mut String, shifts: &mut Vec<(usize, usize)>) {
    let lower = text.to_ascii_lowercase();
    let mut ends = parameter_ends(&lower);
    ends.extend(clause_ends(&lower));
    ends.retain(|end| {
        let rest = lower[*end..].trim_start_matches([' ', '\t']);
        !rest.starts_with(['\r', '\n', ';', '}', '#', ')', '<']) && !rest.is_empty()
    });
    let mut missing: Vec<(usize, &str)> = ends.into_iter().map(|end| (end, ";")).collect();
    missing.extend(words_of_their_own(&lower));
    missing.sort_unstable();
    missing.dedup();
    if missing.is_empty() {
        return;
    }
    let (plain, old) = (std::mem::take(text), std::mem::take(shifts));
    let original = |at: usize| match old.partition_point(|(from, _)| *from <= at).checked_sub(1) {
        Some(last) => old[last].1 + (at - old[last].0),
        None => at,
    };
    let mut rest = old.iter().peekable();
    let mut done = 0;
    for (at, put) in missing.into_iter().chain([(plain.len(), "")]) {
        let grown = text.len() - done;
        while let Some((from, to)) = rest.next_if(|(from, _)| *from <= at) {
            shifts.push((from + grown, *to));
        }
        text.push_str(&plain[done..at]);
        text.push_str(put);
        if !put.is_empty() {
            shifts.push((text.len(), original(at)));
        }
        done = at;
    }
}

/// Words that the grammar takes for keywords, with the dash after which they are the name of a command.
const KEYWORDS: [&str; 7] = ["do-", "foreach-", "data-", "sequence-", "inlinescript-", "class-", "enum-"];

/// What stands at the beginning of a statement and is not known to the grammar without a sign in front of it: a command
/// whose name begins like a keyword, and the label after `break` and `continue`.
fn words_of_their_own(lower: &str) -> Vec<(usize, &'static str)> {
    let leaves = ["break", "continue"];
    if !KEYWORDS.iter().chain(&leaves).any(|word| lower.contains(word)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut last = b'\n';
    for (at, byte) in code(lower, 0) {
        if byte.is_ascii_lowercase() {
            let rest = &lower[at..];
            let letter = |length: usize| rest.as_bytes().get(length).is_some_and(u8::is_ascii_alphabetic);
            let begins = || matches!(last, b'\n' | b';' | b'{' | b'(' | b'|' | b'=');
            let begins = || begins() || lower[..at].trim_end().ends_with("return");
            let like_a_keyword = KEYWORDS.iter().any(|word| rest.starts_with(word) && letter(word.len()));
            // After a pipe the grammar knows it.
            if like_a_keyword && begins() && !(last == b'|' && rest.starts_with("foreach-object")) {
                found.push((at, "& "));
            }
            let label = leaves.iter().find_map(|word| rest.strip_prefix(word)?.strip_prefix([' ', '\t']));
            let label = label.map(|after| rest.len() - after.trim_start_matches([' ', '\t']).len());
            if let Some(length) = label.filter(|length| letter(*length) && begins()) {
                found.push((at + length, ":"));
            }
        }
        if byte == b'\n' || !byte.is_ascii_whitespace() {
            last = byte;
        }
    }
    found
}

/// Where a word stands by itself, and what follows it.
fn words<'a>(lower: &'a str, word: &'static str) -> impl Iterator<Item = &'a str> {
    lower.match_indices(word).filter_map(move |(at, _)| {
        let before = lower[..at].chars().next_back();
        let alone = before.is_none_or(|c| !(c.is_alphanumeric() || "-_$.'\"".contains(c)));
        alone.then(|| lower[at + word.len()..].trim_start())
    })
}

fn parameter_ends(lower: &str) -> Vec<usize> {
    let lists = words(lower, "param").filter(|after| after.starts_with('('));
    lists.filter_map(|after| closing(lower, lower.len() - after.len())).collect()
}

fn clause_ends(lower: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    for after in words(lower, "switch") {
        let options = after.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-' || c == ' ');
        if !options.starts_with('(') {
            continue;
        }
        let Some(body) = closing(lower, lower.len() - options.len()) else { continue };
        let (mut depth, mut quote, mut comment) = (0_usize, None, false);
        for (at, byte) in lower.bytes().enumerate().skip(body) {
            match (quote, byte) {
                _ if comment => comment = byte != b'\n',
                (Some(own), byte) if own == byte => quote = None,
                (Some(_), _) => {}
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'#') => comment = lower.as_bytes()[at - 1].is_ascii_whitespace(),
                (None, b'{') => depth += 1,
                (None, b'}') if depth == 2 => {
                    depth = 1;
                    ends.push(at + 1);
                }
                (None, b'}') if depth > 2 => depth -= 1,
                (None, byte) if depth == 0 && !byte.is_ascii_whitespace() => break,
                (None, b'}') => break,
                _ => {}
            }
        }
    }
    ends
}

/// The offset after the bracket that closes the one at `open`, quotes left out of account.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match (quote, byte) {
            (Some(own), byte) if own == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_that_scripts_come_in() {
        let text = "Stop-CsWindowsService –Graceful\r\n";
        let utf16 = |big: bool| -> Vec<u8> {
            let units = std::iter::once('\u{feff}' as u16).chain(text.encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        for bytes in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16(false), utf16(true)]
        {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        assert_eq!(decode(b"a\n\x1b[2J"), Err(DecodeError::Control { character: '\u{1b}', line: 2 }));
        assert_eq!(decode(&vec![b' '; MOST_BYTES]).map(|text| text.len()), Ok(MOST_BYTES));
        let length = MOST_BYTES + 1;
        assert_eq!(decode(&vec![b' '; length]), Err(DecodeError::TooLarge { length }));
        assert_eq!(decode(b"caf\xe9"), Err(DecodeError::Malformed { encoding: "UTF-8" }));
    }

    #[test]
    fn typographic_characters_become_plain_and_places_stay() {
        let source = Arc::new(Source::new("x.ps1", "a “b” –c d"));
        let unit = Unit::whole(Arc::clone(&source));
        assert_eq!(unit.text, "a \"b\" -c d");
        let at = |word: &str| unit.place(unit.text.find(word).unwrap(), unit.text.find(word).unwrap() + word.len());
        assert_eq!(&source.text[at("-c").offset..][..at("-c").length], "–c");
        assert_eq!(at("d").line_and_column(), (1, 10));
    }

    #[test]
    fn a_part_with_escapes_is_placed_as_a_whole() {
        let source = Arc::new(Source::new("s.toml", r#"steps = ["a \"b\"", 'c d']"#));
        let escaped = Unit::part(Arc::clone(&source), "a \"b\"", 9, 9);
        assert_eq!((escaped.place(2, 3).offset, escaped.place(2, 3).length), (9, 9));
        let literal = Unit::part(Arc::clone(&source), "c d", 20, 5);
        assert_eq!(literal.place(2, 3).offset, 23);
    }
}
