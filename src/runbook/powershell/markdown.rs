//! Runbooks in Markdown: the fenced command blocks in order, as a person types them, with
//! `<placeholders>` bound by the scenario.
//!
//! Invariant: prose is not interpreted. "Repeat for each server" is for the scenario to say; a command
//! that is only named in a numbered list is remarked on, not run.

use super::super::{Context, Procedure, RemarkKind, Source};
use super::Reader;
use super::ast::Span;
use super::text::{Piece, Unit};
use std::ops::Range;
use std::sync::Arc;

/// Reads the command blocks of a Markdown document. `<placeholders>` take their values from the
/// arguments of the context, by name without regard to case, spaces and punctuation.
pub fn read_markdown(source: Arc<Source>, context: &Context<'_>) -> Procedure {
    let text = source.text.as_str();
    let mut pieces = Vec::new();
    let mut unbound: Vec<(Range<usize>, String)> = Vec::new();
    let mut mentioned = Vec::new();
    let mut fence: Option<(String, bool)> = None;
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        let trimmed = line.trim();
        let mark: String = trimmed.chars().take_while(|c| *c == '`' || *c == '~').collect();
        match &fence {
            Some((open, _))
                if mark.len() >= open.len() && mark.starts_with(&open[..1]) && trimmed.len() == mark.len() =>
            {
                fence = None
            }
            Some((_, true)) => command_line(line, start, context, &mut pieces, &mut unbound),
            Some((_, false)) => {}
            None if mark.len() >= 3 => {
                let language = trimmed[mark.len()..].trim().to_ascii_lowercase();
                let commands = matches!(
                    language.as_str(),
                    "" | "powershell" | "ps1" | "ps" | "pwsh" | "console" | "cmd" | "azurepowershell"
                );
                fence = Some((mark, commands));
            }
            None => mentioned.extend(commands_named(line, start)),
        }
    }
    let mut reader = Reader::new(context);
    reader.by_hand = true;
    let script = reader.unit(Unit::assembled(Arc::clone(&source), pieces));
    // Places of the document itself are given through a unit of their own.
    let document = reader.units.len() as u32;
    reader.units.push(Unit::plain(source));
    let span = |range: &Range<usize>| Span { unit: document, start: range.start as u32, end: range.end as u32 };
    for (range, name) in unbound {
        let help = format!("add `\"{name}\" = \"…\"` to the operator's `arguments`");
        let message = format!("the placeholder `<{name}>` has no value");
        reader.remark(RemarkKind::NotUnderstood, "unbound-placeholder", span(&range), message, Some(help));
    }
    for (range, name) in mentioned {
        let message =
            format!("`{name}` is named in the text and stands in no command block: it is not taken as a step");
        let help = "put it into a command block if it is one".to_owned();
        reader.remark(RemarkKind::Ignored, "named-in-text", span(&range), message, Some(help));
    }
    reader.procedure(&[], &script.body)
}

/// One line of a command block: its prompt taken off, its placeholders filled in.
fn command_line(
    line: &str,
    start: usize,
    context: &Context<'_>,
    pieces: &mut Vec<Piece>,
    unbound: &mut Vec<(Range<usize>, String)>,
) {
    let mut from = 0;
    let body = line.trim_start();
    if let (true, Some(at)) = (body.starts_with("PS ") || body.starts_with("PS>"), line.find('>')) {
        from = at + 1;
    }
    while let Some((open, close)) = placeholder(line, from) {
        pieces.push(Piece { text: line[from..open].to_owned(), original: start + from });
        let name = line[open + 1..close].trim();
        match value_of(name, context) {
            Some(value) => pieces.push(Piece { text: value, original: start + open }),
            None => {
                unbound.push((start + open..start + close + 1, name.to_owned()));
                pieces.push(Piece { text: "$env:unbound".to_owned(), original: start + open });
            }
        }
        from = close + 1;
    }
    pieces.push(Piece { text: line[from..].to_owned(), original: start + from });
}

/// The brackets of the next `<placeholder>`.
fn placeholder(line: &str, from: usize) -> Option<(usize, usize)> {
    let mut from = from;
    loop {
        let open = from + line[from..].find('<')?;
        let close = open + line[open..].find('>')?;
        let name = &line[open + 1..close];
        if name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('<') {
            return Some((open, close));
        }
        from = open + 1;
    }
}

fn value_of(name: &str, context: &Context<'_>) -> Option<String> {
    let plain =
        |name: &str| -> String { name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let found = context.arguments.iter().find(|(own, _)| plain(own) == plain(name))?;
    Some(found.1.join(","))
}

/// Commands of the product in a numbered item that are written as code inside the sentence.
fn commands_named(line: &str, start: usize) -> Vec<(Range<usize>, String)> {
    let item = line.trim_start();
    let digits = item.chars().take_while(char::is_ascii_digit).count();
    if digits == 0 || !item[digits..].starts_with(['.', ')']) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = line[from..].find('`').map(|at| from + at) {
        let Some(close) = line[open + 1..].find('`').map(|at| open + 1 + at) else { break };
        let code = &line[open + 1..close];
        let word = code.split_whitespace().next().unwrap_or("");
        if word.contains("-Cs") || word.contains("-Service") || word.contains("-Computer") {
            found.push((start + open + 1..start + close, word.to_owned()));
        }
        from = close + 1;
    }
    found
}
