//! Values in the syntax of TLA+.

use std::fmt::Display;

/// A string. Names of servers and operators are text of a user's; TLA+ has no escape for what is beyond ASCII.
pub fn string(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            c if c.is_ascii() && !c.is_ascii_control() => c,
            _ => '?',
        })
        .collect();
    format!("\"{plain}\"")
}

/// `TRUE` or `FALSE`.
pub fn boolean(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

/// A set.
pub fn set(members: impl IntoIterator<Item = impl Display>) -> String {
    format!("{{{}}}", joined(members, ", "))
}

/// A sequence.
pub fn sequence(members: impl IntoIterator<Item = impl Display>) -> String {
    format!("<<{}>>", joined(members, ", "))
}

/// A function from keys to values, one a line.
pub fn function(pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key} :> {value}")).collect();
    if pairs.is_empty() { "<<>>".to_owned() } else { format!("({})", pairs.join("\n     @@ ")) }
}

/// A record.
pub fn record(fields: &[(&str, String)]) -> String {
    format!("[{}]", joined(fields.iter().map(|(name, value)| format!("{name} |-> {value}")), ", "))
}

fn joined(items: impl IntoIterator<Item = impl Display>, separator: &str) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(separator)
}
