//! Refuses documents whose shape no topology has and that would keep the XML parser busy for hours.
//!
//! The parser itself resolves no external entity, refuses document type declarations and does not recurse.
//! But it compares every attribute of an element with every other, and copies the prefixes in scope to
//! every element that declares one; both are quadratic, so both are bounded here.
//!
//! Invariant: what passes is parsed in time linear in its size.
//! Cost: one pass.

use super::error::TopologyError;
use super::place::Text;

/// The largest document, in bytes: several hundred times the largest deployment.
pub(super) const MOST_BYTES: usize = 256 << 20;
/// The most nodes of a tree: elements, texts, comments.
pub(super) const MOST_NODES: u32 = 8_000_000;
/// The most attributes of one element; real ones have about a dozen.
const MOST_ATTRIBUTES: usize = 256;
/// The most namespace prefixes of a document; real ones have none to three.
const MOST_PREFIXES: usize = 256;

/// Refuses what is too large in one of the ways above.
pub(super) fn check(text: Text<'_>) -> Result<(), TopologyError> {
    if text.0.len() > MOST_BYTES {
        let what = format!("{} MiB of text, more than {}", text.0.len() >> 20, MOST_BYTES >> 20);
        return Err(TopologyError::TooLarge { what, at: text.span(0..0) });
    }
    if let Some((at, _)) = text.0.match_indices("xmlns:").nth(MOST_PREFIXES) {
        let what = format!("more than {MOST_PREFIXES} namespace prefixes");
        return Err(TopologyError::TooLarge { what, at: text.span(at..at + 6) });
    }
    match crowded_tag(text.0) {
        Some(at) => {
            let what = format!("an element with more than {MOST_ATTRIBUTES} attributes");
            Err(TopologyError::TooLarge { what, at: text.span(at..at + 1) })
        }
        None => Ok(()),
    }
}

/// The offset of a tag with too many attributes. A quoted value may contain `>` and `=`.
fn crowded_tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let tag = at + found;
        // The parser stops at an unfinished comment or section, so there is nothing to count beyond one.
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")]
            .iter()
            .find(|(open, _)| text[tag..].starts_with(open))
            .map(|(open, close)| text[tag + open.len()..].find(close).map(|end| tag + open.len() + end + close.len()));
        if let Some(after) = skipped {
            at = after?;
            continue;
        }
        let mut attributes = 0;
        at = tag + 1;
        while at < bytes.len() && bytes[at] != b'>' {
            match bytes[at] {
                quote @ (b'"' | b'\'') => {
                    attributes += 1;
                    at += 1 + bytes[at + 1..].iter().position(|byte| *byte == quote)?;
                }
                // No attribute value contains this character, so the tag never ended.
                b'<' => return None,
                _ => {}
            }
            at += 1;
        }
        if attributes > MOST_ATTRIBUTES {
            return Some(tag);
        }
        // A tag ends in an ASCII character, so this is the start of a character.
        at = at.min(bytes.len());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_attributes(count: usize, value: &str) -> String {
        let attributes: String = (0..count).map(|index| format!(" a{index}=\"{value}\"")).collect();
        format!("<!-- it's --><r><e{attributes}/></r>")
    }

    #[test]
    fn crowded_elements_are_refused_whatever_their_values_hide() {
        for value in ["", ">", "/>", "='", "é"] {
            assert_eq!(check(Text(&with_attributes(MOST_ATTRIBUTES, value))), Ok(()), "{value}");
            let refused = check(Text(&with_attributes(MOST_ATTRIBUTES + 1, value)));
            assert!(matches!(refused, Err(TopologyError::TooLarge { at, .. }) if at.column == 17), "{refused:?}");
        }
    }

    #[test]
    fn prefixes_are_counted() {
        let nested: String = (0..=MOST_PREFIXES).map(|index| format!("<e xmlns:p{index}='u'>")).collect();
        assert!(matches!(check(Text(&nested)), Err(TopologyError::TooLarge { .. })));
    }

    #[test]
    fn unfinished_things_are_left_to_the_parser() {
        for text in ["<a b='", "<!-- ", "<![CDATA[ ", "<?", "<", "<a <b", "<a b=\"\u{e9}", ""] {
            assert_eq!(check(Text(text)), Ok(()), "{text}");
        }
    }
}
