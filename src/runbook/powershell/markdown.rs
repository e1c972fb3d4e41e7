//! Runbooks in Markdown: the fenced command blocks in order, as a person types them, with
//! `<placeholders>` bound by the scenario.
//!
//! Invariant: prose is not interpreted. "Repeat for each server" is for the scenario to say ([`Repeat`]); a
//! command that is only named in a numbered list is remarked on, not run.

use super::super::{Context, Procedure, RemarkKind, Source};
use super::Reader;
use super::alone::Wanted;
use super::ast::{Span, Statement};
use super::text::{Piece, Unit};
use std::ops::Range;
use std::sync::Arc;

/// What stands for a placeholder without a value: a variable that nobody knows.
pub(super) const UNBOUND: &str = "$env:unbound_placeholder";

/// "Repeat these steps for each server", said by the scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat<'a> {
    /// The placeholder that stands for one thing after the other.
    pub placeholder: &'a str,
    /// What it stands for.
    pub values: &'a [String],
    /// The first step; `None` is the beginning of the document.
    pub from: Option<usize>,
    /// The last step; `None` is the end of the document.
    pub to: Option<usize>,
}

impl Repeat<'_> {
    fn covers(&self, step: usize) -> bool {
        self.from.is_none_or(|from| step >= from) && self.to.is_none_or(|to| step <= to)
    }
}

/// The numbers of the steps of a document: items of a numbered list at the margin.
pub fn numbered_steps(text: &str) -> Vec<usize> {
    let mut numbers: Vec<usize> = lines(text).iter().map(|line| line.step).filter(|step| *step > 0).collect();
    numbers.dedup();
    numbers
}

/// Whether a command block of a document has this placeholder.
pub fn has_placeholder(text: &str, name: &str) -> bool {
    placeholders(text).iter().any(|other| plain(other) == plain(name))
}

/// Reads the command blocks of a Markdown document. `<placeholders>` take their values from the
/// arguments of the context, by name without regard to case, spaces and punctuation.
pub fn read_markdown(source: Arc<Source>, repeat: Option<&Repeat<'_>>, context: &Context<'_>) -> Procedure {
    read_document(Reader::new(context), source, repeat).0
}

/// The names of the placeholders of a document, each once.
pub(super) fn placeholders(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines(text).iter().filter(|line| line.kind == LineKind::Command) {
        let text = &text[line.range.clone()];
        let mut from = 0;
        while let Some((open, close)) = placeholder(text, from) {
            let name = text[open + 1..close].trim();
            if !names.iter().any(|other| plain(other) == plain(name)) {
                names.push(name.to_owned());
            }
            from = close + 1;
        }
    }
    names
}

/// Reads a document; also gives what the reader would have had to know.
pub(super) fn read_document(
    mut reader: Reader<'_>,
    source: Arc<Source>,
    repeat: Option<&Repeat<'_>>,
) -> (Procedure, Vec<Wanted>) {
    let context = reader.context;
    let lines = lines(&source.text);
    let mut filling = Filling { source: &source, repeat: None, context, unbound: Vec::new(), used: Vec::new() };
    let mut parts: Vec<Vec<Piece>> = Vec::new();
    let covered = |line: &Line| repeat.is_some_and(|repeat| repeat.covers(line.step));
    let first = lines.iter().position(covered).unwrap_or(lines.len());
    let last = lines.iter().rposition(covered).map_or(lines.len(), |last| last + 1);
    parts.push(filling.pieces(&lines[..first]));
    for value in repeat.iter().flat_map(|repeat| repeat.values) {
        filling.repeat = repeat.map(|repeat| (repeat.placeholder, value.as_str()));
        parts.push(filling.pieces(&lines[first..last]));
    }
    filling.repeat = None;
    parts.push(filling.pieces(&lines[last..]));
    let Filling { unbound, used, .. } = filling;
    let mentioned = lines.iter().filter(|line| line.kind == LineKind::Prose);
    let mentioned: Vec<_> = mentioned.flat_map(|line| commands_named(&source.text, line.range.clone())).collect();

    reader.by_hand = true;
    let mut body: Vec<Statement> = Vec::new();
    for pieces in parts {
        let script = reader.unit(Unit::assembled(Arc::clone(&source), pieces));
        body.extend(script.body.iter().cloned());
    }
    // Places of the document itself are given through a unit of their own.
    let document = reader.units.len() as u32;
    reader.units.push(Unit::plain(source));
    let span = |range: &Range<usize>| Span { unit: document, start: range.start as u32, end: range.end as u32 };
    for (range, name) in unbound {
        let help = format!("add `\"{name}\" = \"…\"` to the operator's `placeholders`");
        let message = format!("the placeholder `<{name}>` has no value");
        reader.remark(RemarkKind::NotUnderstood, "unbound-placeholder", span(&range), message, Some(help));
    }
    for (range, name) in mentioned {
        let message =
            format!("`{name}` is named in the text and stands in no command block: it is not taken as a step");
        let help = "put it into a command block if it is one".to_owned();
        reader.remark(RemarkKind::Ignored, "named-in-text", span(&range), message, Some(help));
    }
    reader.answered.extend(used);
    reader.procedure(&[], &body.into())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineKind {
    /// A line of a block of commands.
    Command,
    /// A line outside of blocks.
    Prose,
    /// A fence, or a line of a block of something else.
    Other,
}

/// A line of a document.
struct Line {
    range: Range<usize>,
    kind: LineKind,
    /// The number of the step that it belongs to; 0 before the first.
    step: usize,
}

fn lines(text: &str) -> Vec<Line> {
    let mut found = Vec::new();
    let mut fence: Option<(String, bool)> = None;
    let (mut from, mut step) = (0, 0);
    for line in text.split_inclusive('\n') {
        let range = from..from + line.len();
        from = range.end;
        let trimmed = line.trim();
        let mark: String = trimmed.chars().take_while(|c| *c == '`' || *c == '~').collect();
        let kind = match &fence {
            Some((open, _))
                if mark.len() >= open.len() && mark.starts_with(&open[..1]) && trimmed.len() == mark.len() =>
            {
                fence = None;
                LineKind::Other
            }
            Some((_, true)) => LineKind::Command,
            Some((_, false)) => LineKind::Other,
            None if mark.len() >= 3 => {
                let language = trimmed[mark.len()..].trim().to_ascii_lowercase();
                let commands = matches!(
                    language.as_str(),
                    "" | "powershell" | "ps1" | "ps" | "pwsh" | "console" | "cmd" | "azurepowershell"
                );
                fence = Some((mark, commands));
                LineKind::Other
            }
            None => {
                step = number_of_item(line).unwrap_or(step);
                LineKind::Prose
            }
        };
        found.push(Line { range, kind, step });
    }
    found
}

/// The number of a list item at the margin, or of a heading such as `## 2. Patch` or `### Step 3`.
fn number_of_item(line: &str) -> Option<usize> {
    let heading = line.starts_with('#');
    let mut item = line.trim_start_matches('#');
    if !heading && line.len() - line.trim_start().len() > 3 {
        return None;
    }
    item = item.trim_start();
    if heading && item.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("step")) {
        item = item[4..].trim_start();
    }
    let digits = item.len() - item.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = &item[digits..];
    let ends = rest.starts_with(['.', ')']) || heading && (rest.trim().is_empty() || rest.starts_with([':', ' ']));
    if ends { item[..digits].parse().ok() } else { None }
}

/// What stands for placeholders.
struct Filling<'a> {
    source: &'a Source,
    /// The placeholder that is repeated, and what it stands for.
    repeat: Option<(&'a str, &'a str)>,
    context: &'a Context<'a>,
    /// Placeholders without a value.
    unbound: Vec<(Range<usize>, String)>,
    /// Arguments that were used.
    used: Vec<String>,
}

impl Filling<'_> {
    fn pieces(&mut self, lines: &[Line]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for line in lines.iter().filter(|line| line.kind == LineKind::Command) {
            self.command_line(line.range.clone(), &mut pieces);
        }
        pieces
    }

    /// One line of a command block: its prompt taken off, its placeholders filled in.
    fn command_line(&mut self, range: Range<usize>, pieces: &mut Vec<Piece>) {
        let start = range.start;
        let line = &self.source.text[range];
        let mut from = 0;
        let body = line.trim_start();
        if let (true, Some(at)) = (body.starts_with("PS ") || body.starts_with("PS>"), line.find('>')) {
            from = at + 1;
        }
        while let Some((open, close)) = placeholder(line, from) {
            pieces.push(Piece { text: line[from..open].to_owned(), original: start + from });
            let name = line[open + 1..close].trim();
            let value = self.value_of(name).unwrap_or_else(|| {
                let range = start + open..start + close + 1;
                if !self.unbound.iter().any(|(other, _)| *other == range) {
                    self.unbound.push((range, name.to_owned()));
                }
                UNBOUND.to_owned()
            });
            pieces.push(Piece { text: value, original: start + open });
            from = close + 1;
        }
        pieces.push(Piece { text: line[from..].to_owned(), original: start + from });
    }

    fn value_of(&mut self, name: &str) -> Option<String> {
        if let Some((_, value)) = self.repeat.filter(|(own, _)| plain(own) == plain(name)) {
            return Some(value.to_owned());
        }
        let found = self.context.arguments.iter().find(|(own, _)| plain(own) == plain(name))?;
        self.used.push(found.0.clone());
        Some(found.1.join(","))
    }
}

/// A name of a placeholder without what does not count.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
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

/// Commands of the product in a numbered item that are written as code inside the sentence.
fn commands_named(text: &str, range: Range<usize>) -> Vec<(Range<usize>, String)> {
    let (line, start) = (&text[range.clone()], range.start);
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
