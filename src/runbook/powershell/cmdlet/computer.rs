//! Machines: restart, shutdown, installers that are started as processes.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::ast::Span;
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::eval::OPEN;
use crate::runbook::powershell::exec::{ErrorAction, Flow, Outcome, State};
use crate::runbook::powershell::value::{Formula, Question, Value, What};
use crate::runbook::{Command, PauseKind, RemarkKind};
use crate::topology::ServerId;
use std::rc::Rc;

impl Reader<'_> {
    /// `Restart-Computer`, `Stop-Computer`.
    pub(super) fn power(&mut self, call: &Call, state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let nothing = Value::array(Vec::new());
        let mut targets = self.target_servers(call, "ComputerName", &state);
        // The cmdlet keeps the machine that it runs on for the last.
        targets.sort_by_key(|(_, server)| self.is_own_machine(*server, &state));
        let mut states = vec![state];
        if call.on("AsJob") {
            return self.power_as_job(call, targets, states);
        }
        let waits = call.cmdlet.kind == Kind::RestartComputer && call.on("Wait");
        let only_waiting = ["For", "Timeout", "Delay"].into_iter().find(|name| call.get(name).is_some());
        if let (Some(name), false, Kind::RestartComputer) = (only_waiting, waits, call.cmdlet.kind) {
            let message =
                format!("`-{name}` does not go without `-Wait`: the cmdlet refuses, and nothing is restarted");
            self.not_understood(call.span, message, Some("add `-Wait`".into()));
            return states.into_iter().map(|state| (state, Value::Unknown)).collect();
        }
        if waits {
            states = self.leaves_itself_out(call, &mut targets, states, out);
        }
        let last = targets.last().map(|(_, server)| *server);
        let others: Vec<ServerId> =
            targets.iter().map(|(_, server)| *server).filter(|server| Some(*server) != last).collect();
        for (when, server) in targets {
            let mut next = Vec::new();
            for state in states {
                let (acting, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in acting {
                    let action = self.error_action(call, &state);
                    // All machines go down together; `-Wait` waits when the last has been told.
                    let wait = waits && Some(server) == last;
                    let own = self.is_own_machine(server, &state);
                    let command = match call.cmdlet.kind {
                        Kind::RestartComputer => Command::Restart { server, wait: wait || (own && self.by_hand) },
                        _ => Command::Shutdown { server },
                    };
                    self.act(&mut state, command, action, call.span);
                    match self.after_power(server, call.span, state) {
                        Ok(state) => next.push(state),
                        Err(state) => out.push((Flow::Exit(false, call.span), state)),
                    }
                }
            }
            states = self.joined(next);
        }
        if waits {
            for server in others {
                states = states.into_iter().flat_map(|state| self.until_it_answers(server, state, call.span)).collect();
            }
        }
        states.into_iter().map(|state| (state, nothing.clone())).collect()
    }

    /// `Restart-Computer -Wait` leaves out the machine that it runs on, with an error that ends nothing unless it is
    /// asked to: nobody would be left to wait.
    fn leaves_itself_out(
        &mut self,
        call: &Call,
        targets: &mut Vec<(Formula, ServerId)>,
        states: Vec<State>,
        out: &mut Vec<Outcome>,
    ) -> Vec<State> {
        // An item of a menu is given for each server that it strikes, by somebody who sits elsewhere.
        let machine = states.first().and_then(|state| state.env.machine).filter(|_| self.bound_server.is_none());
        let Some(at) = targets.iter().position(|(_, server)| Some(*server) == machine) else { return states };
        let (when, _) = targets.remove(at);
        let message = "`Restart-Computer -Wait` does not restart the machine that it runs on: it prints an error, and \
            the script goes on";
        let help = "leave `-Wait` out and give what follows to a second operator, or run it from another machine";
        self.suspicious(call.span, "waits-for-itself", message, Some(help.to_owned()));
        let mut goes_on = Vec::new();
        for state in states {
            if self.error_action(call, &state) != ErrorAction::Stop {
                goes_on.push(state);
                continue;
            }
            let (fails, passes) = self.divide(&when, state, call.span);
            out.extend(fails.into_iter().map(|state| (Flow::Throw(call.span), state)));
            goes_on.extend(passes);
        }
        goes_on
    }

    /// `-AsJob`: the script goes on while the machines are told.
    fn power_as_job(
        &mut self,
        call: &Call,
        targets: Vec<(Formula, ServerId)>,
        mut states: Vec<State>,
    ) -> Vec<(State, Value)> {
        if call.on("Wait") || call.get("For").is_some() {
            let message = "`-AsJob` and `-Wait` do not go together: the cmdlet refuses, and nothing is restarted";
            self.not_understood(call.span, message, Some("write `Start-Job { Restart-Computer … -Wait }`".into()));
            return states.into_iter().map(|state| (state, Value::Unknown)).collect();
        }
        let mut jobs = Vec::new();
        for (when, server) in targets {
            let mut next = Vec::new();
            for state in states {
                let (acting, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in acting {
                    let command = match call.cmdlet.kind {
                        Kind::RestartComputer => Command::Restart { server, wait: false },
                        _ => Command::Shutdown { server },
                    };
                    jobs.push(self.command_as_job(command, call.span, &mut state));
                    next.push(state);
                }
            }
            states = self.joined(next);
        }
        states.into_iter().map(|state| (state, Value::Jobs(Rc::new(jobs.clone())))).collect()
    }

    /// Waits until a machine answers again.
    fn until_it_answers(&mut self, server: ServerId, mut state: State, span: Span) -> Vec<State> {
        let head = state.at;
        let snapshot = self.observe(&mut state, What::Reachable(server), span);
        let (answered, silent) = self.divide(&Formula::atom(&snapshot, Question::Reachable(server), 1), state, span);
        for mut state in silent {
            self.pause(&mut state, PauseKind::Sleep, span);
            self.graph.join(state.at, head);
        }
        answered
    }

    fn is_own_machine(&self, server: ServerId, state: &State) -> bool {
        self.context.machine == Some(server) && state.env.machine == Some(server)
    }

    /// A script that restarts the machine it runs on ends there; a person logs in again and goes on.
    fn after_power(&mut self, server: ServerId, span: Span, state: State) -> Result<State, State> {
        if !self.is_own_machine(server, &state) || self.by_hand {
            return Ok(state);
        }
        let message = "the script restarts the machine that it runs on, and ends there: nothing after it runs";
        self.suspicious(
            span,
            "restarts-itself",
            message,
            Some("run it from another machine, or give what follows to a second operator".into()),
        );
        Err(state)
    }

    /// Windows updates by the well-known module: installs, and restarts if it is allowed to.
    pub(super) fn windows_update(&mut self, call: &Call, state: State) -> Vec<(State, Value)> {
        if call.on("ListOnly") {
            return vec![(state, Value::Unknown)];
        }
        let mut states = vec![state];
        for (when, server) in
            states.first().map(|state| self.target_servers(call, "ComputerName", state)).unwrap_or_default()
        {
            let mut next = Vec::new();
            for state in states {
                let (acting, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in acting {
                    let action = self.error_action(call, &state);
                    self.act(&mut state, Command::Install { server }, action, call.span);
                    if call.on("AutoReboot") {
                        // Only if an update asks for it: nobody can know.
                        let (restarts, stays) = self.divide(&Formula::Unknown, state, call.span);
                        next.extend(stays);
                        for mut state in restarts {
                            self.act(&mut state, Command::Restart { server, wait: false }, action, call.span);
                            next.push(state);
                        }
                    } else {
                        next.push(state);
                    }
                }
            }
            states = self.joined(next);
        }
        states.into_iter().map(|state| (state, Value::Unknown)).collect()
    }

    /// `Start-Process`.
    pub(super) fn start_process(&mut self, call: &Call, state: &mut State) -> Value {
        let Some(path) = call.get("FilePath").and_then(|path| self.text(path)) else {
            self.not_understood(call.span, "which program is started is not known", None);
            return Value::Unknown;
        };
        let mut list = Vec::new();
        if let Some(value) = call.get("ArgumentList") {
            match value {
                Value::Array(items) => list.extend(items.iter().cloned().map(Argument::Positional)),
                other => match self.text(other) {
                    Some(text) => {
                        list.extend(text.split_whitespace().map(|word| Argument::Positional(Value::text(word))))
                    }
                    None => list.push(Argument::Unknown),
                },
            }
        }
        let arguments = Arguments { list, span: call.span };
        let waits = call.on("Wait");
        if let (true, false, Some(server)) = (super::native::is_installer(&path), waits, state.env.machine) {
            return Value::Jobs(Rc::new(vec![self.command_as_job(Command::Install { server }, call.span, state)]));
        }
        if !self.program(&path, &arguments, call.span, state) {
            let help = format!("if it installs something, say so: `[commands] \"{path}\" = \"install\"`");
            self.remark(
                RemarkKind::NotUnderstood,
                "unknown-program",
                call.span,
                format!("what the program `{path}` does is not known"),
                Some(help),
            );
        }
        Value::Record(Rc::new(vec![
            ("ExitCode".into(), Value::Unknown),
            ("Id".into(), Value::Unknown),
            ("HasExited".into(), if waits { Value::Bool(true) } else { Value::Unknown }),
            (OPEN.into(), Value::Unknown),
        ]))
    }
}
