//! Members and methods that do something, or that look again: services by their objects, jobs, lists and tables,
//! script blocks.

use super::Reader;
use super::service::Raw;
use crate::lifecycle::service::Startup;
use crate::runbook::PauseKind;
use crate::runbook::powershell::ast::{Expr, Span};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::eval::compared;
use crate::runbook::powershell::exec::{ErrorAction, Flow, Outcome, State, with_field};
use crate::runbook::powershell::value::{Formula, Snapshot, Value, What};
use crate::topology::{ServerId, ServiceSet};
use std::rc::Rc;

/// Methods that act on services, machines and processes, whatever the object is that they are called on.
const ACTING: &[&str] = &[
    "stop",
    "start",
    "restart",
    "pause",
    "continue",
    "stopservice",
    "startservice",
    "pauseservice",
    "resumeservice",
    "changestartmode",
    "change",
    "waitforstatus",
    "reboot",
    "shutdown",
    "win32shutdown",
    "win32shutdowntracker",
    "create",
    "kill",
    "invoke",
    "invokemethod",
    "invokecommand",
    "invokescript",
    "begininvoke",
    "run",
    "exec",
    "shellexecute",
];

/// The services of one server among the rows of a read.
struct Group {
    snapshot: Rc<Snapshot>,
    server: ServerId,
    services: ServiceSet,
}

impl Reader<'_> {
    /// A member or a method that may have an effect; the name is in lower case.
    pub(in crate::runbook::powershell) fn member_effect(
        &mut self,
        object: &Expr,
        name: &str,
        arguments: Option<&[Expr]>,
        span: Span,
        mut state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let value = self.eval(object, &state.env);
        let arguments: Option<Vec<Value>> =
            arguments.map(|list| list.iter().map(|argument| self.eval(argument, &state.env)).collect());
        let mut jobs = Vec::new();
        if self.jobs_in(&value, &mut jobs) && !jobs.is_empty() {
            return self.job_member(&jobs, name, arguments.as_deref(), span, state);
        }
        let Some(arguments) = arguments else {
            let value = self.member(&value, name);
            return vec![(state, value)];
        };
        let passed =
            |list: &[Value]| Arguments { list: list.iter().cloned().map(Argument::Positional).collect(), span };
        match (&value, name, arguments.as_slice()) {
            (Value::Block(block), "invoke" | "invokereturnasis", _) => {
                let block = Rc::clone(&self.shared.blocks[*block as usize]);
                return self.call_block(&block, passed(&arguments), None, true, span, state, out);
            }
            (_, "where", [Value::Block(_)]) => {
                return self.where_object(passed(&arguments), Some(value), span, state, out);
            }
            (_, "foreach", [Value::Block(_)]) => {
                return self.for_each_object(passed(&arguments), Some(value), span, state, out);
            }
            _ => {}
        }
        if value.is_rows() && value.snapshot().is_some() {
            return self.service_method(&value, name, &arguments, span, state, out);
        }
        if name == "add" && matches!(value, Value::Array(_)) && !self.has_lists() {
            let message = "an array has a fixed size: `.Add` ends in an error and adds nothing";
            self.suspicious(span, "fixed-size", message, Some("write `+=`, or make it a list".into()));
            return vec![(state, Value::Null)];
        }
        if let Some((changed, given)) = self.changed_by(&value, name, &arguments) {
            state.env.change(&value, &changed);
            return vec![(state, given)];
        }
        if ACTING.contains(&name) && !matches!(value, Value::Other) {
            let written = self.source_text(span);
            let message = format!("what `{written}` acts on is not known");
            let help = "use the cmdlet: `Stop-Service`, `Restart-Computer`, `Invoke-Command`";
            self.not_understood(span, message, Some(help.into()));
            return vec![(state, Value::Unknown)];
        }
        let given = self.method(&value, name, &arguments);
        vec![(state, given)]
    }

    /// Whether the script makes lists that grow; an array does not.
    fn has_lists(&self) -> bool {
        let text = self.units.iter().map(|unit| unit.text.to_ascii_lowercase());
        text.into_iter().any(|text| text.contains("arraylist") || text.contains("collections."))
    }

    /// A list or a table after a method that changes it, and what the method gives.
    fn changed_by(&self, value: &Value, name: &str, arguments: &[Value]) -> Option<(Value, Value)> {
        let nothing = || Value::array(Vec::new());
        match value {
            Value::Array(items) => {
                let mut items = items.to_vec();
                let at = |argument: &Value| self.number(argument).and_then(|at| usize::try_from(at).ok());
                let mut given = nothing();
                match (name, arguments) {
                    ("add" | "enqueue" | "addlast", [item]) => items.push(item.clone()),
                    // What is pushed last comes first.
                    ("push" | "addfirst", [item]) => items.insert(0, item.clone()),
                    ("addrange", [more]) => match self.elements(more) {
                        Some(more) if more.iter().all(|(when, _)| *when == Formula::True) => {
                            items.extend(more.into_iter().map(|(_, item)| item));
                        }
                        _ => return Some((Value::Unknown, given)),
                    },
                    ("insert", [place, item]) => match at(place).filter(|at| *at <= items.len()) {
                        Some(at) => items.insert(at, item.clone()),
                        None => return Some((Value::Unknown, given)),
                    },
                    ("remove", [item]) => {
                        let texts: Option<Vec<Rc<str>>> = items.iter().map(|own| self.text(own)).collect();
                        let (Some(texts), Some(item)) = (texts, self.text(item)) else {
                            return Some((Value::Unknown, given));
                        };
                        if let Some(at) = texts.iter().position(|own| *own == item) {
                            items.remove(at);
                        }
                    }
                    ("removeat", [place]) => match at(place).filter(|at| *at < items.len()) {
                        Some(at) => drop(items.remove(at)),
                        None => return Some((Value::Unknown, given)),
                    },
                    ("dequeue" | "pop", []) if !items.is_empty() => given = items.remove(0),
                    ("peek", []) => return Some((value.clone(), items.first().cloned().unwrap_or(Value::Unknown))),
                    ("clear", []) => items.clear(),
                    ("reverse", []) => items.reverse(),
                    (
                        "sort" | "removeall" | "removerange" | "insertrange" | "setvalue" | "dequeue" | "pop" | "add"
                        | "remove" | "insert" | "removefirst" | "removelast" | "unionwith" | "exceptwith",
                        _,
                    ) => return Some((Value::Unknown, Value::Unknown)),
                    _ => return None,
                }
                let longest = 4_000;
                let changed = if items.len() > longest { Value::Unknown } else { Value::array(items) };
                Some((changed, given))
            }
            Value::Maybe(items) => match (name, arguments) {
                ("add", [item]) => {
                    let more = items.iter().cloned().chain([(Formula::True, item.clone())]);
                    Some((Value::Maybe(Rc::new(more.collect())), nothing()))
                }
                ("clear", []) => Some((nothing(), nothing())),
                ("addrange" | "insert" | "remove" | "removeat" | "reverse" | "sort", _) => {
                    Some((Value::Unknown, Value::Unknown))
                }
                _ => None,
            },
            Value::Record(fields) => match (name, arguments) {
                ("add" | "set_item", [key, item]) => match self.text(key) {
                    Some(key) => Some((with_field(fields, key, item.clone()), nothing())),
                    None => Some((Value::Unknown, nothing())),
                },
                ("remove", [key]) => match self.text(key) {
                    Some(key) => {
                        let kept = fields.iter().filter(|(own, _)| !own.eq_ignore_ascii_case(&key)).cloned();
                        Some((Value::Record(Rc::new(kept.collect())), nothing()))
                    }
                    None => Some((Value::Unknown, nothing())),
                },
                ("clear", []) => Some((Value::Record(Rc::default()), nothing())),
                _ => None,
            },
            _ => None,
        }
    }

    /// `$service.Stop()` and its kin. An error of a method goes to a `catch`, if there is one.
    fn service_method(
        &mut self,
        rows: &Value,
        name: &str,
        arguments: &[Value],
        span: Span,
        mut state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let mut groups: Vec<Group> = Vec::new();
        for (_, row) in self.elements(rows).unwrap_or_default() {
            let Value::Service(snapshot, service) = row else { continue };
            let What::Services(server) = snapshot.what else { continue };
            let own = ServiceSet::only(service);
            match groups.iter_mut().find(|group| group.snapshot == snapshot) {
                Some(group) => group.services = group.services.or(own),
                None => groups.push(Group { snapshot, server, services: own }),
            }
        }
        let raw = match name {
            "stop" | "stopservice" => Raw::Stop,
            "start" | "startservice" | "continue" | "resumeservice" => Raw::Start,
            "pause" | "pauseservice" => Raw::Pause,
            "changestartmode" => {
                let mode = arguments.first().and_then(|mode| self.text(mode)).map(|mode| mode.to_ascii_lowercase());
                match mode.as_deref() {
                    Some("automatic") => Raw::Startup(Startup::Automatic),
                    Some("manual") => Raw::Startup(Startup::Manual),
                    Some("disabled") => Raw::Startup(Startup::Disabled),
                    _ => {
                        self.not_understood(span, "this startup type does not exist or is not known", None);
                        return vec![(state, Value::Unknown)];
                    }
                }
            }
            "refresh" => {
                for group in &groups {
                    self.read_again(&mut state, &group.snapshot, span);
                }
                return vec![(state, Value::array(Vec::new()))];
            }
            "waitforstatus" => return self.wait_for_status(&groups, arguments, span, state, out),
            "close" | "dispose" => return vec![(state, Value::array(Vec::new()))],
            _ => {
                let message = format!("what `.{name}` does to a service is not known");
                self.not_understood(span, message, None);
                return vec![(state, Value::Unknown)];
            }
        };
        let stops = !self.handlers.is_empty() || self.stops_on_errors(&state);
        let action = if stops { ErrorAction::Stop } else { ErrorAction::Continue };
        for group in &groups {
            self.used(&group.snapshot);
            self.raw(raw, group.server, group.services, false, action, span, &mut state);
        }
        vec![(state, Value::Unknown)]
    }

    /// `$service.WaitForStatus('Stopped')`, with a time-out as the second argument.
    fn wait_for_status(
        &mut self,
        groups: &[Group],
        arguments: &[Value],
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let mut states = vec![state];
        let Some(wanted) = arguments.first().filter(|wanted| self.text(wanted).is_some()) else {
            self.not_understood(span, "for which status this waits is not known", None);
            return states.into_iter().map(|state| (state, Value::Unknown)).collect();
        };
        for group in groups {
            let mut next = Vec::new();
            for mut state in states {
                let head = state.at;
                self.read_again(&mut state, &group.snapshot, span);
                let reached = group.services.iter().map(|service| {
                    let row = Value::Service(Rc::clone(&group.snapshot), service);
                    self.truth(&compared(self, &self.member(&row, "status"), wanted))
                });
                let reached = Formula::all(reached.collect::<Vec<_>>());
                let (there, not_yet) = self.divide(&reached, state, span);
                next.extend(there);
                for state in not_yet {
                    let (given_up, again) = match arguments.len() {
                        0 | 1 => (Vec::new(), vec![state]),
                        _ => self.divide(&Formula::Unknown, state, span),
                    };
                    for state in given_up {
                        match !self.handlers.is_empty() || self.stops_on_errors(&state) {
                            true => out.push((Flow::Throw(span), state)),
                            false => next.push(state),
                        }
                    }
                    for mut state in again {
                        self.pause(&mut state, PauseKind::Sleep, span);
                        self.graph.join(state.at, head);
                    }
                }
            }
            states = self.joined(next);
        }
        states.into_iter().map(|state| (state, Value::array(Vec::new()))).collect()
    }

    /// Whether `$ErrorActionPreference` is `Stop`.
    fn stops_on_errors(&self, state: &State) -> bool {
        let preference = state.env.get("erroractionpreference").and_then(|value| self.text(value));
        preference.is_some_and(|text| text.eq_ignore_ascii_case("stop"))
    }
}
