//! The encodings of topology documents.
//!
//! PowerShell 5 redirects into UTF-16, Topology Builder saves UTF-8 with a mark, editors save either
//! without one. The bytes decide; the encoding that the XML declaration names is believed only where the
//! bytes leave it open, since a UTF-16 declaration survives in text that was saved again as UTF-8.
//!
//! Invariant: bytes that are not text in their encoding are an error, never replaced.
//! Cost: one pass.

use super::error::TopologyError;
use super::place::Span;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The text of a topology document.
///
/// The places of every other [`TopologyError`] refer to this text, so that is what a report shows.
///
/// # Errors
/// If the bytes are not text in the encoding that they seem to have.
pub fn decode(bytes: &[u8]) -> Result<String, TopologyError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(TopologyError::Archive { at: Span { offset: 0, length: 4, line: 1, column: 1 } });
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| (unmarked(bytes), 0));
    let bytes = &bytes[mark..];
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut done = 0;
    loop {
        // The estimate is exact enough that one round suffices; the loop is for the letter of the contract.
        text.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len() - done).unwrap_or(0).max(16));
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[done..], &mut text, true);
        done += read;
        match result {
            DecoderResult::InputEmpty => return Ok(text),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let offset = mark + done.saturating_sub(usize::from(length) + usize::from(after));
                let line_start = text.rfind('\n').map_or(0, |at| at + 1);
                let at = Span {
                    offset,
                    length: usize::from(length),
                    line: text.matches('\n').count() + 1,
                    column: text[line_start..].chars().count() + 1,
                };
                return Err(TopologyError::NotText { encoding: encoding.name(), at });
            }
        }
    }
}

/// The encoding of bytes without a mark.
fn unmarked(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [0, second, ..] if *second != 0 => UTF_16BE,
        [first, 0, ..] if *first != 0 => UTF_16LE,
        _ => declared(bytes).filter(|encoding| encoding.is_ascii_compatible()).unwrap_or(UTF_8),
    }
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let declaration = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let declaration = &declaration[..declaration.windows(2).position(|pair| pair == b"?>")?];
    let value = std::str::from_utf8(declaration).ok()?.split_once("encoding")?.1;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value[1..].split(quote).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes).as_deref(), Ok(expected));
    }

    #[test]
    fn every_encoding_with_and_without_mark() {
        check("<é/>".as_bytes(), "<é/>");
        check("\u{feff}<é/>".as_bytes(), "<é/>");
        check(&utf_16("<é/>", u16::to_le_bytes), "<é/>");
        check(&utf_16("\u{feff}<é/>", u16::to_le_bytes), "<é/>");
        check(&utf_16("<é/>", u16::to_be_bytes), "<é/>");
        check(&utf_16("\u{feff}<é/>", u16::to_be_bytes), "<é/>");
        check(&utf_16("\r\n<a/>", u16::to_le_bytes), "\r\n<a/>");
        check(b"", "");
    }

    #[test]
    fn a_declaration_is_believed_where_the_bytes_leave_it_open() {
        check(
            b"<?xml version='1.0' encoding='windows-1252'?><\xe9/>",
            "<?xml version='1.0' encoding='windows-1252'?><é/>",
        );
        let stale = r#"<?xml version="1.0" encoding="utf-16"?><é/>"#;
        check(stale.as_bytes(), stale);
    }

    #[test]
    fn what_is_no_text_is_an_error_with_its_place() {
        let error = decode(b"<a>\n<b \xff/></a>");
        let at = Span { offset: 7, length: 1, line: 2, column: 4 };
        assert_eq!(error, Err(TopologyError::NotText { encoding: "UTF-8", at }));
        assert!(decode(b"\xff\xfe<\0a").is_err(), "an odd number of bytes");
        assert!(decode(b"<\0\x00\xd8>\0").is_err(), "half a pair");
    }
}
