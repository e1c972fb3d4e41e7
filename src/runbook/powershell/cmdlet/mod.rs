//! What commands mean: cmdlets of the product and of the shell, programs, words of the user's own.

mod computer;
mod file;
mod given;
mod job;
mod language;
mod method;
mod names;
mod native;
mod objects;
mod remote;
mod service;
mod shell;
mod skype;
mod status;
mod table;
mod target;

use super::Reader;
use super::ast::{Command, Span};
use super::bind::{Argument, Arguments, Formal, bind};
use super::exec::{ErrorAction, Flow, Outcome, State};
use super::value::{Formula, Value};
use super::words;
use crate::runbook::{Meaning, Op, PauseKind, RemarkKind};
pub(super) use job::Draft;
use names::{ALIASES, HARMLESS, is_silent};
use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;
use std::sync::OnceLock;
use table::{CMDLETS, COMMON_SWITCHES, COMMON_VALUED, Cmdlet, Kind};

/// A call of a cmdlet with its arguments bound.
#[derive(Clone)]
struct Call {
    cmdlet: &'static Cmdlet,
    values: Vec<(&'static str, Value)>,
    input: Option<Value>,
    span: Span,
}

impl Call {
    /// The value of a parameter, by its first name.
    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Whether a switch is on.
    fn on(&self, name: &str) -> bool {
        !matches!(self.get(name), None | Some(Value::Bool(false) | Value::Null))
    }
}

/// Parameters of a cmdlet, the common ones included.
fn formals(cmdlet: &'static Cmdlet) -> &'static [Formal<'static>] {
    static ALL: OnceLock<HashMap<&'static str, Vec<Formal<'static>>>> = OnceLock::new();
    let all = ALL.get_or_init(|| CMDLETS.iter().map(|cmdlet| (cmdlet.name, formals_of(cmdlet))).collect());
    all.get(cmdlet.name).map_or(&[], Vec::as_slice)
}

fn formals_of(cmdlet: &'static Cmdlet) -> Vec<Formal<'static>> {
    let parts = [(cmdlet.positional, false, true), (cmdlet.valued, false, false), (cmdlet.switches, true, false)];
    formals_from(&parts).into_iter().chain(common_parameters()).collect()
}

/// The parameters of every cmdlet, and of every function that is declared to be like one.
pub(super) fn common_parameters() -> Vec<Formal<'static>> {
    formals_from(&[(COMMON_VALUED, false, false), (COMMON_SWITCHES, true, false)])
}

fn formals_from(parts: &[(&'static str, bool, bool)]) -> Vec<Formal<'static>> {
    let mut formals = Vec::new();
    for (names, switch, positional) in parts.iter().copied() {
        for names in names.split_whitespace() {
            let mut names = names.split('|');
            let name = names.next().unwrap_or("");
            formals.push(Formal { name, aliases: names.collect(), switch, positional });
        }
    }
    formals
}

/// Commands that start something beside the script, or later, or in a way that is not followed.
const PARALLEL: &[&str] = &[
    "Suspend-Job",
    "schtasks",
    "schtasks.exe",
    "at",
    "at.exe",
    "psexec",
    "psexec.exe",
    "psexec64.exe",
    "wmic",
    "wmic.exe",
    "Register-ScheduledTask",
    "Start-ScheduledTask",
    "Register-ScheduledJob",
    "Register-ObjectEvent",
    "Invoke-WmiMethod",
    "Invoke-CimMethod",
    "Resume-Job",
];

/// The cmdlet of this name or alias.
fn cmdlet_named(name: &str) -> Option<&'static Cmdlet> {
    let name = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map_or(name, |(_, full)| full);
    CMDLETS.iter().find(|cmdlet| cmdlet.name.eq_ignore_ascii_case(name))
}

/// Whether a name, perhaps with that of its module, is known here.
pub(super) fn is_known(name: &str) -> bool {
    let short = name.rsplit('\\').next().unwrap_or(name);
    let program = short.to_ascii_lowercase();
    let controls = ["net", "net1", "sc", "iisreset", "shutdown"];
    cmdlet_named(short).is_some() || controls.contains(&program.strip_suffix(".exe").unwrap_or(&program))
}

pub(super) fn is_harmless(name: &str) -> bool {
    HARMLESS.iter().any(|own| match own.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(start)),
        None => own.eq_ignore_ascii_case(name),
    })
}

impl Reader<'_> {
    /// Does what a command of this name does, and gives its output.
    pub(super) fn dispatch(
        &mut self,
        name: &str,
        command: &Command,
        arguments: Arguments,
        input: Option<Value>,
        mut state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let span = command.span;
        if let Some(meaning) = self.meaning(name) {
            if let Some(function) = self.functions.get(&*name.to_ascii_lowercase()).cloned() {
                let message = format!(
                    "`{name}` is defined in the script, and `[commands]` of the scenario says what it does: the scenario counts"
                );
                let help = "take it out of `[commands]` to have the function itself read";
                let head = Span { end: function.span.start.saturating_add(name.len() as u32 + 9), ..function.span };
                self.suspicious(head, "declared-and-defined", message, Some(help.to_owned()));
            }
            self.vocabulary(meaning, &arguments, span, &mut state);
            return vec![(state, Value::Unknown)];
        }
        if let Some(full) = self.aliases.get(&name.to_ascii_lowercase()).cloned() {
            self.aliases.remove(&name.to_ascii_lowercase());
            let results = self.dispatch(&full, command, arguments, input, state, out);
            self.aliases.insert(name.to_ascii_lowercase(), full);
            return results;
        }
        // `Module\Verb-Noun` names the module; a path is a program.
        let short = match name.rsplit_once('\\') {
            Some((module, short)) if !module.contains(['.', ':', '/', '\\']) => short,
            _ => name,
        };
        if let Some(Value::Function(number)) = state.env.get(&format!("function:{}", short.to_ascii_lowercase())) {
            let function = Rc::clone(&self.shared.functions[*number as usize]);
            self.called_functions.insert(Rc::clone(&function.name));
            return self.call_function(&function, arguments, input, state, out);
        }
        if let Some(function) = self.functions.get(&*short.to_ascii_lowercase()).cloned() {
            self.called_functions.insert(Rc::clone(&function.name));
            let (message, help) = if state.env.session().is_some() {
                ("the other session does not know it", "define it inside of the block, or send it as text")
            } else if function.span.unit == span.unit && function.span.start > span.start {
                ("it is defined further down only", "move the definition in front of the first call")
            } else {
                ("it is not defined where this runs, or not on every way", "define it at the top of the script")
            };
            let message = format!("`{short}` is a function of the script: {message}, and this step does not happen");
            self.remark(RemarkKind::NotUnderstood, "function-not-there", span, message, Some(help.into()));
            return vec![(state, Value::Unknown)];
        }
        // `begin`, `process` and `end` of a script.
        if let ("begin" | "process" | "end", [Argument::Positional(Value::Block(block))]) =
            (&*short.to_ascii_lowercase(), arguments.list.as_slice())
        {
            let block = Rc::clone(&self.shared.blocks[*block as usize]);
            let arguments = Arguments { list: Vec::new(), span };
            return self.call_block(&block, arguments, input, false, span, state, out);
        }
        if let Some(cmdlet) = cmdlet_named(short) {
            return self.cmdlet(cmdlet, command, arguments, input, state, out);
        }
        match self.run_file(name, command, &arguments, state, out) {
            Ok(results) => return results,
            Err(back) => state = back,
        }
        if short.eq_ignore_ascii_case("Import-Module") || short.eq_ignore_ascii_case("ipmo") {
            match self.import(&arguments, state, out) {
                Ok(results) => return results,
                Err(back) => state = back,
            }
        }
        if self.program(name, &arguments, span, &mut state) {
            return vec![(state, Value::Unknown)];
        }
        // What only shows something is common, and no cmdlet that acts begins like it.
        let shows = ["write-", "out-", "format-"].iter().any(|start| short.to_ascii_lowercase().starts_with(start));
        let nearest = if shows && is_harmless(short) { None } else { self.nearest_command(short) };
        let nearest = nearest.map(|nearest| match self.functions.get(&*nearest) {
            Some(function) => self.as_written(function.span, &nearest),
            None => nearest,
        });
        if nearest.is_none() && is_harmless(short) {
            self.ignored(span, format!("`{short}` has no effect on the pool"));
            if self.passes_work(&arguments) {
                let message = format!("whether `{short}` runs the block that it is given is not known");
                self.not_understood(span, message, Some("run the commands of the block themselves".into()));
            }
            if self.asks_to_stop(&arguments) {
                match self.may_fail(state, span).pop() {
                    Some(back) => state = back,
                    None => return Vec::new(),
                }
            }
            let passes_on = arguments.list.iter().any(|argument| {
                matches!(argument, Argument::Named { name, .. } if name.to_ascii_lowercase().starts_with("pass"))
            });
            let silent = is_silent(short) && !passes_on;
            return vec![(state, if silent { Value::array(Vec::new()) } else { Value::Unknown })];
        }
        match nearest {
            Some(nearest) => {
                let message = format!("there is no command `{short}`, so this step does not happen");
                self.remark(
                    crate::runbook::RemarkKind::NotUnderstood,
                    "misspelt",
                    span,
                    message,
                    Some(format!("did you mean `{nearest}`?")),
                );
            }
            None if PARALLEL.iter().any(|own| own.eq_ignore_ascii_case(short)) => {
                let help = "what it starts runs beside the script: give it an operator of its own in the scenario";
                self.not_understood(
                    span,
                    format!("`{short}` starts something that is not followed"),
                    Some(help.into()),
                );
            }
            None => {
                let help = format!(
                    "if it matters, say what it does: `[commands] \"{short}\" = \"nothing\"` or `\"install\"`, `\"ask\"`, a lock"
                );
                self.not_understood(span, format!("what `{short}` does is not known"), Some(help));
            }
        }
        vec![(state, Value::Unknown)]
    }

    /// The command of nearly this name. Scripts call the same few commands again and again.
    fn nearest_command(&mut self, name: &str) -> Option<String> {
        let number = self.functions.len();
        if let Some((_, nearest)) = self.nearest.get(name).filter(|(known, _)| *known == number) {
            return nearest.clone();
        }
        let known = CMDLETS.iter().map(|cmdlet| cmdlet.name);
        let known = known.chain(self.functions.values().map(|function| &*function.name));
        let nearest = words::nearest(name, known).map(str::to_owned);
        self.nearest.insert(name.to_owned(), (number, nearest.clone()));
        nearest
    }

    fn vocabulary(&mut self, meaning: &Meaning, arguments: &Arguments, span: Span, state: &mut State) {
        match meaning {
            Meaning::Nothing => self.ignored(span, "has no effect on the pool, as the scenario says"),
            Meaning::Install => {
                // The first argument that names a server is the machine.
                let named = arguments.list.iter().find_map(|argument| match argument {
                    Argument::Positional(value) | Argument::Named { value: Some(value), .. } => {
                        self.server_of(value, state).ok()
                    }
                    _ => None,
                });
                match named.or(state.env.machine) {
                    Some(server) => {
                        self.act(state, crate::runbook::Command::Install { server }, ErrorAction::Continue, span)
                    }
                    None => self.no_machine(span),
                }
            }
            Meaning::TakeLock(lock) => {
                let lock = lock.clone();
                self.step(state, span, |next| Op::TakeLock { lock, next });
            }
            Meaning::ReleaseLock(lock) => {
                let lock = lock.clone();
                self.step(state, span, |next| Op::ReleaseLock { lock, next });
            }
            Meaning::Ask => self.pause(state, PauseKind::Ask, span),
            Meaning::Act(command) => self.act(state, command.clone(), ErrorAction::Continue, span),
        }
    }

    fn cmdlet(
        &mut self,
        cmdlet: &'static Cmdlet,
        command: &Command,
        arguments: Arguments,
        input: Option<Value>,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let span = command.span;
        if cmdlet.kind == Kind::Where {
            return self.where_object(arguments, input, span, state, out);
        }
        if cmdlet.kind == Kind::ForEach {
            return self.for_each_object(arguments, input, span, state, out);
        }
        let formals = formals(cmdlet);
        let bound = bind(formals, &arguments);
        for problem in &bound.problems {
            self.not_understood(
                problem.span.unwrap_or(span),
                format!("{} of `{}`", problem.message, cmdlet.name),
                problem.help.clone(),
            );
        }
        if let (Some(_), false) = (bound.rest.first(), matches!(cmdlet.kind, Kind::Output | Kind::StartProcess)) {
            self.not_understood(span, format!("`{}` takes no further argument here", cmdlet.name), None);
        }
        let mut values: Vec<(&'static str, Value)> =
            bound.values.into_iter().map(|(at, value)| (formals[at].name, value)).collect();
        self.defaults(cmdlet, &mut values, span, &state);
        if let (Kind::Output, [_, ..]) = (cmdlet.kind, bound.rest.as_slice()) {
            values.extend(bound.rest.into_iter().map(|value| ("InputObject", value)));
        }
        let call = Call { cmdlet, values, input, span };
        for name in cmdlet.switches.split_whitespace().chain(["WhatIf"]) {
            if matches!(call.get(name), Some(Value::Unknown | Value::Item(..))) {
                self.not_understood(span, format!("whether `-{name}` is on is not known; it is taken as on"), None);
            }
        }
        let reads = matches!(
            cmdlet.kind,
            Kind::Services
                | Kind::WindowsServices
                | Kind::Readiness
                | Kind::Fabric
                | Kind::TestConnection
                | Kind::Computers
                | Kind::Pools
                | Kind::PoolServices
                | Kind::InvokeCommand
                | Kind::NewSession
        );
        let states = match self.error_action(&call, &state) {
            ErrorAction::Stop if reads => self.may_fail(state, span),
            _ => vec![state],
        };
        let mut results = Vec::new();
        for state in states {
            for (call, state) in self.each_server(&call, state) {
                results.extend(self.perform(&call, state, out));
            }
        }
        results
    }

    /// A command that changes nothing and that may still fail: inside a `try` both happens.
    fn may_fail(&mut self, state: State, span: Span) -> Vec<State> {
        if self.handlers.is_empty() {
            return vec![state];
        }
        let (goes_on, fails) = self.divide(&Formula::Unknown, state, span);
        if let Some(handler) = self.handlers.last_mut() {
            handler.extend(fails);
        }
        goes_on
    }

    fn perform(&mut self, call: &Call, mut state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let acts = matches!(
            call.cmdlet.kind,
            Kind::StopCs
                | Kind::StartCs
                | Kind::FailOver
                | Kind::FailBack
                | Kind::ResetPool
                | Kind::StartPool
                | Kind::FailOverDatabase
                | Kind::FailOverPool
                | Kind::FailBackPool
                | Kind::MoveStore
                | Kind::SetEdge
                | Kind::StopService
                | Kind::StartService
                | Kind::RestartService
                | Kind::SuspendService
                | Kind::ResumeService
                | Kind::SetService
                | Kind::RestartComputer
                | Kind::StopComputer
                | Kind::StartProcess
                | Kind::WindowsUpdate
                | Kind::NotModelled
        );
        let rehearses = match call.get("WhatIf") {
            Some(_) => call.on("WhatIf"),
            None => match state.env.get("whatifpreference").map(|value| self.truth(value)) {
                None | Some(Formula::False) => false,
                Some(Formula::True) => true,
                Some(_) => {
                    self.not_understood(call.span, "whether `$WhatIfPreference` is on is not known", None);
                    true
                }
            },
        };
        if acts && rehearses {
            if call.cmdlet.kind == Kind::FailOver && call.on("Force") {
                let message = "with `-Force`, `-WhatIf` is ignored and the fail-over really starts (F2.13)";
                self.suspicious(call.span, "force-whatif", message, Some("leave `-Force` out to rehearse".into()));
            } else {
                self.ignored(call.span, "`-WhatIf`: the step does nothing");
                return vec![(state, Value::array(Vec::new()))];
            }
        }
        let nothing = || Value::array(Vec::new());
        let value = match call.cmdlet.kind {
            Kind::StopCs | Kind::StartCs => return self.cs_services(call, state),
            Kind::StopService
            | Kind::StartService
            | Kind::RestartService
            | Kind::SuspendService
            | Kind::ResumeService
            | Kind::SetService => {
                return self.raw_services(call, state);
            }
            Kind::FailOver | Kind::FailBack => self.computer_fail_over(call, &mut state),
            Kind::ResetPool | Kind::StartPool | Kind::FailOverDatabase | Kind::FailOverPool | Kind::FailBackPool => {
                self.pool_command(call, &mut state)
            }
            Kind::MoveStore => self.move_store(call, &mut state),
            Kind::StoreStatus => self.store_status(call, &mut state),
            Kind::BackupStatus => self.backup_status(call, &mut state),
            Kind::SetEdge => self.set_edge(call, &mut state),
            Kind::Services | Kind::WindowsServices => self.services(call, &mut state),
            Kind::Readiness => self.readiness(call, &mut state),
            Kind::Fabric => self.fabric(call, &mut state),
            Kind::TestConnection => self.test_connection(call, &mut state),
            Kind::Computers => self.computers(call, &state),
            Kind::Pools => self.pools(call),
            Kind::PoolServices => self.pool_services(call),
            Kind::RestartComputer | Kind::StopComputer => return self.power(call, state, out),
            Kind::StartProcess => self.start_process(call, &mut state),
            Kind::InvokeCommand => return self.invoke_command(call, state, out),
            Kind::StartJob => return self.start_job_cmdlet(call, state),
            Kind::WaitJob | Kind::ReceiveJob | Kind::GetJob | Kind::StopJob | Kind::RemoveJob => {
                return self.job_cmdlet(call, state);
            }
            Kind::WaitProcess => return self.wait_process(call, state),
            Kind::AddMember => self.add_member(call, &mut state),
            Kind::Measured => return self.measured(call, state, out),
            Kind::Expression => return self.expression_of_text(call, state, out),
            Kind::GridView => match call.on("PassThru") || call.get("OutputMode").is_some() {
                true => self.any_part(&call.input.clone().unwrap_or(Value::Null)),
                false => nothing(),
            },
            Kind::Alias => {
                let part = |name: &str| call.get(name).and_then(|value| self.text(value));
                match (part("Name"), part("Value")) {
                    (Some(name), Some(full)) => {
                        self.aliases.insert(name.to_ascii_lowercase(), full);
                    }
                    _ => self.not_understood(call.span, "which alias this makes is not known", None),
                }
                nothing()
            }
            Kind::NewSession => self.new_session(call, &state),
            Kind::EnterSession | Kind::ExitSession => self.enter_session(call, &mut state),
            Kind::Select => self.select(call),
            Kind::Sort => self.sort(call),
            Kind::Measure => self.measure(call),
            Kind::SelectText => self.select_text(call),
            Kind::WindowsUpdate => return self.windows_update(call, state),
            Kind::WriteError => {
                if self.error_action(call, &state) == ErrorAction::Stop {
                    out.push((Flow::Throw(call.span), state));
                    return Vec::new();
                }
                nothing()
            }
            Kind::SplitPath | Kind::JoinPath => self.path(call),
            Kind::Null => nothing(),
            Kind::Sleep => {
                self.pause(&mut state, PauseKind::Sleep, call.span);
                nothing()
            }
            Kind::Ask => {
                self.pause(&mut state, PauseKind::Ask, call.span);
                Value::Item(call.span, state.env.depth())
            }
            Kind::Output => {
                let value = call.input.clone().or_else(|| call.get("InputObject").cloned()).unwrap_or_else(nothing);
                if let Some(name) = call.get("Variable").and_then(|name| self.text(name)) {
                    state.env.set(&name.to_ascii_lowercase(), value.clone());
                }
                value
            }
            Kind::SetVariable => {
                let value = call.get("Value").or(call.input.as_ref()).cloned().unwrap_or(Value::Null);
                self.set_variables(call, Some(value), &mut state);
                nothing()
            }
            Kind::ClearVariable => {
                self.set_variables(call, None, &mut state);
                nothing()
            }
            Kind::GetVariable => match call.get("Name").and_then(|name| self.text(name)) {
                Some(name) => {
                    let value = state.env.get(&name.to_ascii_lowercase()).cloned().unwrap_or(Value::Null);
                    if call.on("ValueOnly") {
                        value
                    } else {
                        Value::Record(Rc::new(vec![("Name".into(), Value::Text(name)), ("Value".into(), value)]))
                    }
                }
                None => Value::Unknown,
            },
            Kind::NewObject => match (call.get("Property"), call.get("TypeName").and_then(|name| self.text(name))) {
                (Some(record @ Value::Record(_)), _) => record.clone(),
                (None, Some(of)) => match of.to_ascii_lowercase().rsplit('.').next() {
                    Some("psobject" | "object" | "pscustomobject") => Value::Record(Rc::default()),
                    _ => {
                        let arguments: Vec<Value> = call.get("ArgumentList").cloned().into_iter().collect();
                        // A list that is made is one object; output takes no more than one level apart.
                        match super::eval::made(&of, &arguments) {
                            list @ Value::Array(_) => Value::array(vec![list]),
                            other => other,
                        }
                    }
                },
                _ => Value::Unknown,
            },
            Kind::NotModelled => {
                let help = "leave it out of what is checked, or say in `[commands]` that it means nothing here";
                self.not_understood(
                    call.span,
                    format!("`{}` is not in the model", call.cmdlet.name),
                    Some(help.into()),
                );
                Value::Unknown
            }
            Kind::Where | Kind::ForEach => Value::Unknown,
        };
        vec![(state, value)]
    }

    /// What an error of a cmdlet does: its own `-ErrorAction`, else the preference variable.
    fn error_action(&self, call: &Call, state: &State) -> ErrorAction {
        let preference = state.env.get("erroractionpreference");
        match call.get("ErrorAction").or(preference).and_then(|value| self.text(value)) {
            Some(text) if text.eq_ignore_ascii_case("stop") || &*text == "1" => ErrorAction::Stop,
            _ => ErrorAction::Continue,
        }
    }
}
