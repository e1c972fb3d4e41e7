//! `[[operator]]` and `[commands]`: who acts, with the procedures and menus that they follow.
//!
//! What they follow is read in [`super::procedures`].

use super::file::{ArgumentValue, CommandMeaning, CommandName, EffectTable, OperatorTable};
use super::located::{Entries, Located};
use super::nearest::list;
use super::read::Reader;
use super::{Acts, Operator, limits, procedures};
use crate::runbook::powershell;
use crate::runbook::{Command, Context, Meaning};
use crate::topology::{Deployment, PoolKind, ServerId};
use std::ops::Range;

/// Names under which a story shows what is not an operator.
const RESERVED: [&str; 4] = ["fabric", "machine", "fault", "system"];

/// What the user's own commands mean, by name.
pub(super) fn vocabulary(
    reader: &mut Reader<'_>,
    commands: &Entries<Located<CommandMeaning>>,
    deployment: &Deployment,
) -> Vec<(String, Meaning)> {
    let mut vocabulary: Vec<(String, Meaning)> = Vec::new();
    let mut released = Vec::new();
    for (name, meaning) in &commands.0 {
        if name.value.trim().is_empty() {
            reader.report(reader.mistake("name", &name.span, "a command without a name", "expected a name"));
            continue;
        }
        if vocabulary.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name.value)) {
            let message = format!("there are two commands `{}`", name.value);
            let label = "expected another name; case does not count";
            reader.report(reader.mistake("twice", &name.span, message, label));
            continue;
        }
        if powershell::is_known(&name.value) {
            let message = format!("`{}` is known, and does what it does", name.value);
            let problem = reader.mistake("known-command", &name.span, message, "expected a command of your own");
            reader.report(problem.help("[commands] is for functions and programs that poolproof cannot know"));
            continue;
        }
        let meaning = match &meaning.value {
            CommandMeaning::Word(CommandName::Nothing) => Meaning::Nothing,
            CommandMeaning::Word(CommandName::Install) => Meaning::Install,
            CommandMeaning::Word(CommandName::Ask) => Meaning::Ask,
            CommandMeaning::Effect(table) => match effect(reader, name, &meaning.span, table, deployment) {
                Some(meaning) => {
                    released.extend(table.release.as_ref());
                    meaning
                }
                None => continue,
            },
        };
        vocabulary.push((name.value.clone(), meaning));
    }
    for lock in released {
        if !vocabulary.iter().any(|(_, meaning)| *meaning == Meaning::TakeLock(lock.value.clone())) {
            let taken: Vec<&str> = vocabulary
                .iter()
                .filter_map(|(_, meaning)| match meaning {
                    Meaning::TakeLock(lock) => Some(lock.as_str()),
                    _ => None,
                })
                .collect();
            let message = format!("no command takes the lock `{}`", lock.value);
            let problem = reader.mistake("lock", &lock.span, message, "so it can never be given back");
            let help = match taken.as_slice() {
                [] => format!("add a command with {{ lock = \"{}\" }}", lock.value),
                taken => format!("the locks that are taken: {}", list(taken)),
            };
            reader.report(problem.help(help));
        }
    }
    vocabulary
}

/// What a command does that names a lock or a pool.
fn effect(
    reader: &mut Reader<'_>,
    name: &Located<String>,
    span: &Range<usize>,
    table: &EffectTable,
    deployment: &Deployment,
) -> Option<Meaning> {
    let EffectTable { lock, release, stop_database, start_database, publish } = table;
    let given = [lock, release, stop_database, start_database, publish];
    let mut given = given.into_iter().flatten();
    let (Some(target), None) = (given.next(), given.next()) else {
        let message = format!("`{}` does one thing", name.value);
        let label = "expected one of `lock`, `release`, `stop-database`, `start-database` and `publish`";
        reader.report(reader.mistake("effect", span, message, label).help("for example { lock = \"change\" }"));
        return None;
    };
    if lock.is_some() {
        return Some(Meaning::TakeLock(target.value.clone()));
    }
    if release.is_some() {
        return Some(Meaning::ReleaseLock(target.value.clone()));
    }
    let pool = reader.pool(deployment, target)?;
    if publish.is_none() && deployment.pools[pool.0].back_end.is_none() {
        let message = format!("`{}` has no SQL Back End", target.value);
        reader.report(reader.mistake("no-back-end", &target.span, message, "only Enterprise pools have one"));
        return None;
    }
    Some(Meaning::Act(if publish.is_some() {
        Command::PublishMembers { pool }
    } else if stop_database.is_some() {
        Command::StopDatabase { pool }
    } else {
        Command::StartDatabase { pool }
    }))
}

pub(super) fn resolve(
    reader: &mut Reader<'_>,
    tables: &[Located<OperatorTable>],
    deployment: &Deployment,
    vocabulary: &[(String, Meaning)],
) -> Vec<Operator> {
    limits::operators(reader, tables);
    // What is beyond the limit was refused and need not be read.
    let tables = &tables[..tables.len().min(limits::MOST_OPERATORS)];
    let mut operators: Vec<Operator> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let name = match &table.value.name {
            Some(name) => {
                check_name(reader, name, tables, index);
                name.value.clone()
            }
            None => default_name(index),
        };
        if let Some(acts) = acts(reader, table, deployment, vocabulary) {
            let alone = operators.len() <= limits::MOST_OPERATORS;
            with_jobs(name, acts, &mut operators);
            if alone && operators.len() > tables.len() {
                limits::jobs(reader, operators.len(), &table.span);
            }
        }
    }
    operators
}

/// Adds an operator, and after it what its procedure starts: shells of their own.
fn with_jobs(name: String, mut acts: Acts, operators: &mut Vec<Operator>) {
    let (mut jobs, mut on) = (Vec::new(), None);
    if let Acts::Scripted { procedure, machine, .. } = &mut acts {
        (jobs, on) = (std::mem::take(&mut procedure.jobs), *machine);
    }
    let starter = operators.len();
    operators.push(Operator { name: name.clone(), acts, job_of: None });
    operators.extend(jobs.into_iter().map(|job| Operator {
        name: format!("{name}, {}", job.name),
        acts: Acts::Scripted { procedure: job.procedure, machine: on, person: false },
        job_of: Some(starter),
    }));
}

fn default_name(index: usize) -> String {
    format!("operator {}", index + 1)
}

fn check_name(reader: &mut Reader<'_>, name: &Located<String>, tables: &[Located<OperatorTable>], index: usize) {
    let same = |other: &str| other.eq_ignore_ascii_case(&name.value);
    let earlier = tables[..index].iter().filter_map(|table| table.value.name.as_ref()).find(|other| same(&other.value));
    let by_default = (0..tables.len())
        .find(|other| *other != index && tables[*other].value.name.is_none() && same(&default_name(*other)));
    let problem = if name.value.trim().is_empty() || name.value.chars().any(char::is_control) {
        reader.mistake("name", &name.span, "an operator's name is one line that can be read", "expected another name")
    } else if RESERVED.iter().any(|reserved| same(reserved)) {
        let message = format!("`{}` is not the name of an operator", name.value);
        reader.mistake("name", &name.span, message, "a story calls something else by this name")
    } else if earlier.is_some() || by_default.is_some() {
        let message = format!("there are two operators `{}`", name.value);
        let problem = reader.mistake("twice", &name.span, message, "expected another name");
        match (earlier, by_default) {
            (Some(first), _) => problem.also(reader.place(&first.span), "first here"),
            (None, other) => {
                let number = other.unwrap_or_default() + 1;
                problem.help(format!("the operator number {number} has this name by default"))
            }
        }
    } else {
        return;
    };
    reader.report(problem);
}

fn acts(
    reader: &mut Reader<'_>,
    table: &Located<OperatorTable>,
    deployment: &Deployment,
    vocabulary: &[(String, Meaning)],
) -> Option<Acts> {
    let operator = &table.value;
    let ways: Vec<(&str, &Range<usize>)> = [
        ("runbook", operator.runbook.as_ref().map(|runbook| &runbook.span)),
        ("steps", operator.steps.as_ref().map(|steps| &steps.span)),
        ("menu", operator.menu.as_ref().map(|menu| &menu.span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| span.map(|span| (key, span)))
    .collect();
    let way = match ways.as_slice() {
        [(way, _)] => *way,
        [] => {
            let header = reader.header(&table.span);
            let problem = reader.mistake("operator", &header, "an operator that does nothing", "nothing to do");
            reader.report(problem.help("add one of `runbook = \"patch.ps1\"`, `steps = [...]`, `menu = [...]`"));
            return None;
        }
        [(first, at), (second, second_at), ..] => {
            let message = format!("an operator has either `{first}` or `{second}`");
            let problem = reader.mistake("operator", second_at, message, "expected one of them");
            reader.report(
                problem
                    .also(reader.place(at), "the other")
                    .help("what happens at the same time is done by two operators"),
            );
            return None;
        }
    };
    unused_keys(reader, operator, way);
    let machine = operator.on.as_ref().and_then(|on| reader.server(deployment, on));
    let mut arguments = arguments(&operator.arguments);
    let texts = operator.placeholders.0.iter();
    arguments.extend(texts.map(|(name, value)| (name.value.clone(), vec![value.value.clone()])));
    let context = Context { deployment, machine, arguments: &arguments, vocabulary };
    let person = |default| operator.person.as_ref().map_or(default, |person| person.value);
    match way {
        "runbook" => {
            let path = operator.runbook.as_ref()?;
            let procedure = procedures::runbook(reader, operator, path, &context)?;
            // A document is for a person to read and to type.
            let document = procedures::is_document(&path.value);
            Some(Acts::Scripted { procedure, machine, person: person(document) })
        }
        "steps" => {
            let steps = operator.steps.as_ref()?;
            if steps.value.is_empty() {
                let message = "an operator without steps";
                reader.report(reader.mistake("operator", &steps.span, message, "expected at least one step"));
                return None;
            }
            let procedure = procedures::typed(reader, steps, &context)?;
            Some(Acts::Scripted { procedure, machine, person: person(true) })
        }
        _ => {
            let servers = match &operator.servers {
                Some(named) if named.value.is_empty() => {
                    let problem = reader.mistake("no-server", &named.span, "a menu for no server", "expected a server");
                    reader.report(problem.help("leave `servers` out to mean all front ends"));
                    return None;
                }
                Some(named) => reader.servers(deployment, &named.value),
                None => front_ends(deployment),
            };
            let menu = procedures::menu(reader, operator.menu.as_ref()?, &servers, &context)?;
            Some(Acts::Free { menu, at_most: operator.at_most.as_ref().map(|at_most| at_most.value) })
        }
    }
}

/// A key, where it is written, and the ways to act that it belongs to.
type KeyUse<'a> = (&'a str, Option<&'a Range<usize>>, &'a [&'a str]);

/// Refuses keys that mean nothing for this way to act: whoever wrote them expects something of them.
fn unused_keys(reader: &mut Reader<'_>, operator: &OperatorTable, way: &str) {
    let arguments = operator.arguments.0.first().map(|(key, _)| &key.span);
    let placeholders = operator.placeholders.0.first().map(|(key, _)| &key.span);
    let keys: [KeyUse<'_>; 8] = [
        ("call", operator.call.as_ref().map(|call| &call.span), &["runbook"]),
        ("placeholders", placeholders, &["runbook"]),
        ("repeat", operator.repeat.as_ref().map(|repeat| &repeat.span), &["runbook"]),
        ("arguments", arguments, &["runbook"]),
        ("on", operator.on.as_ref().map(|on| &on.span), &["runbook", "steps"]),
        ("person", operator.person.as_ref().map(|person| &person.span), &["runbook", "steps"]),
        ("servers", operator.servers.as_ref().map(|servers| &servers.span), &["menu"]),
        ("at-most", operator.at_most.as_ref().map(|at_most| &at_most.span), &["menu"]),
    ];
    for (key, span, ways) in keys {
        if let Some(span) = span.filter(|_| !ways.contains(&way)) {
            let message = format!("`{key}` means nothing for an operator with `{way}`");
            let label = format!("only with {}", list(ways));
            reader.report(reader.mistake("unused-key", span, message, label));
        }
    }
}

/// All front ends: of Enterprise pools and Standard Edition servers; all servers where there are none.
fn front_ends(deployment: &Deployment) -> Vec<ServerId> {
    let all = || (0..deployment.servers.len()).map(ServerId);
    let front_end = |server: &ServerId| {
        matches!(deployment.pool_of(*server).kind, PoolKind::Enterprise | PoolKind::StandardEdition)
    };
    if all().any(|server| front_end(&server)) { all().filter(front_end).collect() } else { all().collect() }
}

fn arguments(arguments: &Entries<Located<ArgumentValue>>) -> Vec<(String, Vec<String>)> {
    let values = |value: &ArgumentValue| match value {
        ArgumentValue::String(text) => vec![text.clone()],
        ArgumentValue::Integer(number) => vec![number.to_string()],
        ArgumentValue::Boolean(value) => vec![if *value { "True" } else { "False" }.to_owned()],
        ArgumentValue::Array(items) => items.clone(),
    };
    arguments.0.iter().map(|(name, value)| (name.value.clone(), values(&value.value))).collect()
}
