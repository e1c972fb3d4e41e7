//! The procedures and menus that operators follow, read from scripts, documents and lines of the scenario.
//!
//! What is written in PowerShell is read by [`crate::runbook`]; this is the only place where this room calls it.
//! What was not understood is a mistake at its place in the runbook.

use super::file::{Lines, OperatorTable};
use super::located::Located;
use super::problem::Problem;
use super::read::Reader;
use super::{MenuItem, limits};
use crate::runbook::powershell;
use crate::runbook::{Context, Place, Procedure, Remark, RemarkKind, Source};
use crate::topology::ServerId;
use std::ops::Range;
use std::sync::Arc;

/// A procedure of which everything was understood and that is not too large; what was not understood is a
/// mistake, at its place in the runbook. `at` is where the scenario names the procedure.
fn understood(reader: &mut Reader<'_>, procedure: Procedure, at: &Range<usize>) -> Option<Procedure> {
    let problems: Vec<Problem> = procedure.remarks.iter().filter_map(not_understood).collect();
    if problems.is_empty() || reader.for_looking_at {
        limits::procedure(reader, &procedure, at);
        procedure.jobs.iter().for_each(|job| limits::procedure(reader, &job.procedure, at));
        return Some(procedure);
    }
    problems.into_iter().for_each(|problem| reader.report(problem));
    None
}

fn not_understood(remark: &Remark) -> Option<Problem> {
    if remark.kind != RemarkKind::NotUnderstood {
        return None;
    }
    let mut problem = Problem::new(remark.code, remark.place.clone(), &remark.message, "not understood");
    problem.help = remark.help.clone();
    Some(problem)
}

/// The place of the content of a string of the scenario: inside the quotes if it is written there as it is.
fn content(reader: &Reader<'_>, text: &Located<String>) -> Place {
    let written = reader.source.text.get(text.span.clone()).unwrap_or("");
    match written.find(text.value.as_str()) {
        Some(at) => reader.place(&(text.span.start + at..text.span.start + at + text.value.len())),
        None => reader.place(&text.span),
    }
}

/// Whether a runbook is a document in Markdown; anything else is a script.
pub fn is_document(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(".md") || path.ends_with(".markdown")
}

/// Reads what an operator runs or reads off: a script with the files that it sources, which lie in its folder
/// or below, or a document.
pub(super) fn runbook(
    reader: &mut Reader<'_>,
    operator: &OperatorTable,
    path: &Located<String>,
    context: &Context<'_>,
) -> Option<Procedure> {
    let bytes = reader.file_named(&path.value, &path.span)?;
    let name = reader.loader.name(&path.value);
    let text = match powershell::decode(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let problem = reader.mistake("runbook", &path.span, format!("{name} is no text: {error}"), "this file");
            reader
                .report(problem.help("expected a script or a document, as UTF-8, or as UTF-16 with a byte order mark"));
            return None;
        }
    };
    if is_for_the_other_kind(reader, operator, path) {
        return None;
    }
    let source = Arc::new(Source::new(name, text));
    let procedure = if is_document(&path.value) {
        document(reader, operator, source, context)?
    } else {
        script(reader, operator, &path.value, source, context)
    };
    understood(reader, procedure, &path.span)
}

/// Refuses keys of scripts beside a document, and those of documents beside a script.
fn is_for_the_other_kind(reader: &mut Reader<'_>, operator: &OperatorTable, path: &Located<String>) -> bool {
    let arguments = operator.arguments.0.first().map(|(key, _)| &key.span);
    let placeholders = operator.placeholders.0.first().map(|(key, _)| &key.span);
    let keys = [
        ("arguments", arguments, false, "`placeholders` has the values of a document"),
        ("call", operator.call.as_ref().map(|call| &call.span), false, "a document has no functions"),
        ("placeholders", placeholders, true, "`arguments` has the values of a script"),
        ("repeat", operator.repeat.as_ref().map(|repeat| &repeat.span), true, "a script has loops of its own"),
    ];
    let document = is_document(&path.value);
    let mut found = false;
    for (key, span, of_documents, help) in keys {
        if let Some(span) = span.filter(|_| of_documents != document) {
            let kind = if document { "a document in Markdown" } else { "a script" };
            let problem = reader.mistake("unused-key", span, format!("`{key}` means nothing for {kind}"), "no use");
            reader.report(problem.help(help));
            found = true;
        }
    }
    found
}

fn script(
    reader: &Reader<'_>,
    operator: &OperatorTable,
    path: &str,
    source: Arc<Source>,
    context: &Context<'_>,
) -> Procedure {
    let folder = path.rfind('/').map_or("", |at| &path[..=at]);
    let loader = reader.loader;
    let beside = |file: &str| {
        let path = format!("{folder}{file}");
        let text = powershell::decode(&loader.load(&path).ok()?).ok()?;
        Some(Arc::new(Source::new(loader.name(&path), text)))
    };
    let lines: Vec<Located<String>> = match &operator.call {
        None => Vec::new(),
        Some(Located { value: Lines::One(line), span }) => vec![Located { value: line.clone(), span: span.clone() }],
        Some(Located { value: Lines::Several(lines), .. }) => lines.clone(),
    };
    let places: Vec<Place> = lines.iter().map(|text| content(reader, text)).collect();
    let calls: Vec<powershell::Step> = lines.iter().zip(&places).map(|(text, place)| line(text, place)).collect();
    let calls = (!calls.is_empty()).then_some((&reader.source, calls.as_slice()));
    powershell::read_from(source, &powershell::Entry { files: &beside, calls }, context)
}

fn document(
    reader: &mut Reader<'_>,
    operator: &OperatorTable,
    source: Arc<Source>,
    context: &Context<'_>,
) -> Option<Procedure> {
    let Some(repeat) = &operator.repeat else { return Some(powershell::read_markdown(source, None, context)) };
    let table = &repeat.value;
    let numbers = powershell::numbered_steps(&source.text);
    let bound = |end: &Option<Located<u8>>| end.as_ref().map(|end| usize::from(end.value));
    let (from, to) = (bound(&table.from), bound(&table.to));
    for end in [&table.from, &table.to].into_iter().flatten() {
        if !numbers.contains(&usize::from(end.value)) {
            let message = format!("{} has no step {}", source.name, end.value);
            let problem = reader.mistake("no-step", &end.span, message, "expected the number of a step");
            let last = numbers.iter().max().copied().unwrap_or(0);
            reader.report(problem.help(match last {
                0 => "steps are the items of a numbered list at the margin; this document has none".to_owned(),
                last => format!("the last one is {last}"),
            }));
            return None;
        }
    }
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        let message = format!("the last step, {to}, comes before the first, {from}");
        reader.report(reader.mistake("no-step", &repeat.span, message, "expected `from` before `to`"));
        return None;
    }
    if !powershell::has_placeholder(&source.text, &table.placeholder.value) {
        let message = format!("{} has no placeholder `<{}>`", source.name, table.placeholder.value);
        reader.report(reader.mistake("no-placeholder", &table.placeholder.span, message, "expected one of its own"));
        return None;
    }
    let repeat = powershell::Repeat { placeholder: &table.placeholder.value, values: &table.values.value, from, to };
    Some(powershell::read_markdown(source, Some(&repeat), context))
}

/// Reads lines that are typed one after the other; `None` if there are none, or they are not understood.
pub(super) fn typed(
    reader: &mut Reader<'_>,
    steps: &Located<Vec<Located<String>>>,
    context: &Context<'_>,
) -> Option<Procedure> {
    let places: Vec<Place> = steps.value.iter().map(|step| content(reader, step)).collect();
    let lines: Vec<powershell::Step> = steps.value.iter().zip(&places).map(|(step, place)| line(step, place)).collect();
    let procedure = powershell::read_steps(&Arc::clone(&reader.source), &lines, context);
    understood(reader, procedure, &steps.span)
}

fn line<'a>(text: &'a Located<String>, place: &Place) -> powershell::Step<'a> {
    powershell::Step { text: &text.value, offset: place.offset, length: place.length }
}

/// Reads a menu: each command with its own target, or for each of `servers`.
pub(super) fn menu(
    reader: &mut Reader<'_>,
    menu: &Located<Vec<Located<String>>>,
    servers: &[ServerId],
    context: &Context<'_>,
) -> Option<Vec<MenuItem>> {
    if menu.value.is_empty() {
        let message = "a menu without commands";
        reader.report(reader.mistake("operator", &menu.span, message, "expected at least one command"));
        return None;
    }
    let mut items: Vec<MenuItem> = Vec::new();
    for text in &menu.value {
        let place = content(reader, text);
        for &server in servers {
            match powershell::read_menu_item(&reader.source, line(text, &place), server, context) {
                Ok(command) if items.iter().any(|item| item.command == command) => {}
                Ok(command) => items.push(MenuItem { command, text: text.value.clone(), place: place.clone() }),
                Err(remarks) => {
                    remarks.iter().filter_map(not_understood).for_each(|problem| reader.report(problem));
                    // What is wrong with a line is wrong with it for every server.
                    break;
                }
            }
        }
    }
    limits::menu(reader, items.len(), &menu.span);
    (!items.is_empty()).then_some(items)
}
