//! Cutting a text that does not parse as a whole into statements, so that an error costs one of them.
//!
//! This looks at brackets, quotes and comments only. Cost: linear.

use std::ops::Range;

/// The statements of a text, roughly: stretches of lines with balanced brackets, and more in them than comments.
/// `false` with the last one if its brackets are not balanced at the end of the text.
pub(super) fn chunks(text: &str, from: usize) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    let mut start = from;
    let mut open = Vec::new();
    let mut last = b'\n';
    // What only comments stand before is no statement.
    let mut empty = true;
    for (at, byte) in code(text, from) {
        match byte {
            b'(' => open.push(b')'),
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            // A bracket that closes nothing is somebody's slip; a brace closes what was left open inside it.
            close @ (b')' | b']') => {
                open.pop_if(|expected| *expected == close);
            }
            b'}' => {
                if let Some(at) = open.iter().rposition(|expected| *expected == b'}') {
                    open.truncate(at);
                }
            }
            b'\n' if open.is_empty() && !matches!(last, b'|' | b',') && !goes_on(&text[at..]) => {
                if !std::mem::replace(&mut empty, true) {
                    found.push((start..at + 1, true));
                }
                start = at + 1;
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            (last, empty) = (byte, false);
        }
    }
    if !empty {
        found.push((start..text.len(), open.is_empty()));
    }
    found
}

/// The bytes of a text that are code, with their offsets: of a string its first quote, of a comment nothing.
pub(in crate::runbook::powershell) fn code(text: &str, from: usize) -> impl Iterator<Item = (usize, u8)> {
    let bytes = text.as_bytes();
    let mut next = from;
    std::iter::from_fn(move || {
        loop {
            let at = next;
            let byte = *bytes.get(at)?;
            let quoted = matches!(bytes.get(at + 1), Some(b'\'' | b'"'));
            let (end, shown) = match byte {
                b'`' => (at + 2, true),
                b'#' if at == 0 || !bytes[at - 1].is_ascii_alphanumeric() => {
                    let length = bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
                    (at + length, false)
                }
                b'<' if bytes.get(at + 1) == Some(&b'#') => (after(text, at + 2, "#>"), false),
                b'@' if quoted => (after(text, at + 2, if bytes[at + 1] == b'"' { "\n\"@" } else { "\n'@" }), true),
                b'\'' | b'"' => {
                    let mut end = at + 1;
                    while end < bytes.len() && bytes[end] != byte {
                        end += if byte == b'"' && bytes[end] == b'`' { 2 } else { 1 };
                    }
                    (end + 1, true)
                }
                _ => (at + 1, true),
            };
            next = end;
            if shown {
                return Some((at, byte));
            }
        }
    })
}

fn after(text: &str, from: usize, end: &str) -> usize {
    text.as_bytes()
        .get(from..)
        .and_then(|rest| rest.windows(end.len()).position(|window| window == end.as_bytes()))
        .map_or(text.len(), |found| from + found + end.len())
}

/// Whether what follows belongs to the statement before it.
fn goes_on(rest: &str) -> bool {
    let rest = rest.trim_start();
    if rest.starts_with('|') {
        return true;
    }
    let word: String = rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_ascii_lowercase();
    matches!(word.as_str(), "else" | "elseif" | "catch" | "finally" | "until")
}

/// A command line in which words after a comma are quoted: the grammar knows `a,b` and `$a,$b`, but not
/// `$a,b`. `None` if there is nothing to quote.
pub(super) fn with_quoted_words(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 8);
    let mut quote = None;
    let mut after_comma = false;
    let mut changed = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if let Some(open) = quote {
            out.push(character);
            if character == open {
                quote = None;
            }
            continue;
        }
        if after_comma && (character.is_ascii_alphabetic() || character == '*') {
            let end = text[at..]
                .find(|c: char| c.is_whitespace() || ",;|(){}'\"$".contains(c))
                .map_or(text.len(), |end| at + end);
            out.push('\'');
            out.push_str(&text[at..end]);
            out.push('\'');
            changed = true;
            while characters.next_if(|(next, _)| *next < end).is_some() {}
            after_comma = false;
            continue;
        }
        if matches!(character, '\'' | '"') {
            quote = Some(character);
        }
        if !character.is_whitespace() {
            after_comma = character == ',';
        }
        out.push(character);
    }
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_where_brackets_are_balanced() {
        let text = "# (\n#\n<# {\n#>\na (\n b)\nif (x) {\n}\nelse {\n}\n'q\n' | \n f # { \n@'\n{\n'@\ng {\nh";
        let found: Vec<&str> = chunks(text, 0).into_iter().map(|(range, _)| text[range].trim()).collect();
        assert_eq!(found, ["a (\n b)", "if (x) {\n}\nelse {\n}", "'q\n' | \n f # {", "@'\n{\n'@", "g {\nh"]);
        assert!(!chunks(text, 0).last().unwrap().1);
    }

    #[test]
    fn words_after_commas_are_quoted() {
        assert_eq!(with_quoted_words("f $a,b , 'c,d',e*").as_deref(), Some("f $a,'b' , 'c,d','e*'"));
        assert_eq!(with_quoted_words("f $a, $b"), None);
    }
}
