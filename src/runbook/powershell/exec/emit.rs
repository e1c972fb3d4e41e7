//! Putting nodes into the graph.

use super::{Reader, State};
use crate::runbook::powershell::ast::Span;
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::value::{Formula, Home, Snapshot, Value, What};
use crate::runbook::{Command, Node, OnError, Op, PauseKind, Place};
use std::rc::Rc;

/// What an error of a cmdlet does, as its caller asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runbook::powershell) enum ErrorAction {
    Continue,
    Stop,
}

impl Reader<'_> {
    /// The place of a span.
    pub(in crate::runbook::powershell) fn place(&self, span: Span) -> Place {
        self.units[span.unit as usize].place(span.start as usize, span.end as usize)
    }

    /// The first line of what is written there.
    pub(in crate::runbook::powershell) fn source_text(&self, span: Span) -> String {
        let text = self.units[span.unit as usize].text.get(span.start as usize..span.end as usize).unwrap_or("");
        text.lines().next().unwrap_or("").trim().to_owned()
    }

    /// Puts a node where an evaluation is.
    pub(in crate::runbook::powershell) fn put(&mut self, state: &State, op: Op, span: Span) -> usize {
        let bindings = self.bindings(span, &state.env);
        let place = self.place(span);
        self.graph.put(state.at, Node { op, place, bindings, rounds: None })
    }

    /// The variables that are written there and what they stand for at this moment.
    fn bindings(&self, span: Span, env: &Env) -> Vec<(String, String)> {
        let text = self.units[span.unit as usize].text.get(span.start as usize..span.end as usize).unwrap_or("");
        let mut bindings: Vec<(String, String)> = Vec::new();
        for part in text.split('$').skip(1) {
            let part = part.strip_prefix('{').unwrap_or(part);
            let end = part.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(part.len());
            let name = part[..end].trim_end_matches(':');
            let lower = name.to_ascii_lowercase();
            if name.is_empty() || matches!(&*lower, "true" | "false" | "null") {
                continue;
            }
            let Some(value) = env.get(&lower) else { continue };
            let value = match value {
                Value::Server(server) => self.context.deployment.short_name(*server).to_owned(),
                Value::Text(text) => match self.context.deployment.server(text) {
                    Some(server) => self.context.deployment.short_name(server).to_owned(),
                    None => text.to_string(),
                },
                Value::Pool(_) | Value::Int(_) | Value::Bool(_) => match self.text(value) {
                    Some(text) => text.to_string(),
                    None => continue,
                },
                _ => continue,
            };
            let name = format!("${name}");
            if value.len() <= 80 && !bindings.iter().any(|(own, _)| *own == name) {
                bindings.push((name, value));
            }
        }
        bindings
    }

    /// A node with one successor; the evaluation goes on there.
    pub(in crate::runbook::powershell) fn step(
        &mut self,
        state: &mut State,
        span: Span,
        op: impl FnOnce(crate::runbook::NodeId) -> Op,
    ) -> usize {
        let next = self.graph.label();
        let node = self.put(state, op(next.target()), span);
        state.at = next;
        node
    }

    /// A cmdlet that acts.
    pub(in crate::runbook::powershell) fn act(
        &mut self,
        state: &mut State,
        command: Command,
        action: ErrorAction,
        span: Span,
    ) {
        let on_error = self.on_error(state, action);
        self.step(state, span, |next| Op::Command { command, next, on_error });
    }

    fn on_error(&mut self, state: &State, action: ErrorAction) -> OnError {
        if action == ErrorAction::Continue {
            return OnError::Continue;
        }
        let label = self.graph.label();
        match self.handlers.last_mut() {
            Some(handler) => {
                handler.push(State { at: label, env: state.env.clone() });
                OnError::Handler(label.target())
            }
            None => OnError::Stop,
        }
    }

    /// Time passes, or somebody is asked.
    pub(in crate::runbook::powershell) fn pause(&mut self, state: &mut State, kind: PauseKind, span: Span) {
        self.step(state, span, |next| Op::Pause { kind, next });
    }

    /// Reads the pool. What is still held of an earlier read to the same home is unknown from here on.
    pub(in crate::runbook::powershell) fn observe(
        &mut self,
        state: &mut State,
        what: What,
        span: Span,
    ) -> Rc<Snapshot> {
        let depth = state.env.depth();
        let home = match &self.home {
            Some((name, at)) if *at == depth => Home::Variable(Rc::clone(name), depth),
            _ => Home::Site(span, depth),
        };
        let snapshot = Rc::new(Snapshot { home, what });
        state.env.invalidate(&snapshot);
        let reads = self.registers.reads(&snapshot);
        let node = self.step(state, span, |next| Op::Observe { reads, next });
        self.registers.read_by(&snapshot, node);
        self.sites.entry(span).or_insert(false);
        self.sites_of.entry(Rc::clone(&snapshot)).or_default().insert(span);
        snapshot
    }

    /// Reads into a snapshot again, whose objects are still held.
    pub(in crate::runbook::powershell) fn read_again(
        &mut self,
        state: &mut State,
        snapshot: &Rc<Snapshot>,
        span: Span,
    ) {
        state.env.outdate(snapshot);
        let reads = self.registers.reads(snapshot);
        let node = self.step(state, span, |next| Op::Observe { reads, next });
        self.registers.read_by(snapshot, node);
    }

    /// Notes that something was tested, so that the cmdlets that read it did not read in vain.
    pub(in crate::runbook::powershell) fn tested(&mut self, formula: &Formula) {
        match formula {
            Formula::Atom { snapshot, .. } => self.used(snapshot),
            Formula::Not(inner) => self.tested(inner),
            Formula::Any(parts) | Formula::All(parts) => parts.iter().for_each(|part| self.tested(part)),
            Formula::True | Formula::False | Formula::Unknown => {}
        }
    }

    /// Notes that a read was used.
    pub(in crate::runbook::powershell) fn used(&mut self, snapshot: &Rc<Snapshot>) {
        // What is marked need not be marked again.
        for site in self.sites_of.remove(snapshot).into_iter().flatten() {
            self.sites.insert(site, true);
        }
    }

    /// A value that is a statement of its own is displayed. A path to a program is then printed, not run.
    pub(super) fn shown(&mut self, value: &Value, span: Span, env: &Env) {
        if let (Value::Text(text), true) = (value, env.outputs.is_empty()) {
            let program = [".exe", ".msi", ".msp", ".msu", ".ps1", ".bat", ".cmd"];
            let lower = text.trim().to_ascii_lowercase();
            // A sentence may end in a path.
            let rooted = lower.starts_with(['\\', '.', '/', '~', '%']) || lower.get(1..2) == Some(":");
            if (rooted || !lower.contains(char::is_whitespace)) && program.iter().any(|end| lower.ends_with(end)) {
                let help = format!("write `& {}` to run it", self.source_text(span));
                self.suspicious(span, "path-printed", format!("the path `{text}` is printed, not run"), Some(help));
            }
        }
    }
}
