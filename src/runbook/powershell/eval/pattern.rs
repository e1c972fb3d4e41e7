//! Patterns: wildcards of `-like` and regular expressions of `-match`.

use regex::RegexBuilder;

/// Whether a text matches a wildcard pattern (`*`, `?`, `[a-z]`).
pub(in crate::runbook::powershell) fn like(text: &str, pattern: &str, cased: bool) -> Option<bool> {
    let mut expression = String::from("^");
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => {
                expression.push('[');
                for inner in characters.by_ref() {
                    if inner == ']' {
                        break;
                    }
                    if !(inner.is_alphanumeric() || inner == '-') {
                        expression.push('\\');
                    }
                    expression.push(inner);
                }
                expression.push(']');
            }
            other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    expression.push('$');
    matches(text, &expression, cased)
}

/// Whether a text matches a regular expression; `None` if the expression is beyond the crate's.
pub(in crate::runbook::powershell) fn matches(text: &str, expression: &str, cased: bool) -> Option<bool> {
    let regex = RegexBuilder::new(expression)
        .case_insensitive(!cased)
        .dot_matches_new_line(true)
        .size_limit(1 << 18)
        .build()
        .ok()?;
    Some(regex.is_match(text))
}
