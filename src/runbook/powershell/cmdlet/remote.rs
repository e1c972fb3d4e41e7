//! Blocks that run on another machine: the subject moves, and variables outside are not seen.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::exec::{ErrorAction, Flow, Outcome, State};
use crate::runbook::powershell::value::{Formula, Value};
use std::rc::Rc;

impl Reader<'_> {
    /// `Invoke-Command`.
    pub(super) fn invoke_command(&mut self, call: &Call, state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let block = match (call.get("ScriptBlock"), call.get("ComputerName"), call.get("FilePath")) {
            (Some(Value::Block(block)), _, _) => *block,
            // `Invoke-Command { … }` runs here; the first position is the computer only if something else follows.
            (_, Some(Value::Block(block)), _) => *block,
            _ => {
                self.not_understood(call.span, "which commands run on the other machine is not known", None);
                return vec![(state, Value::Unknown)];
            }
        };
        let block = Rc::clone(&self.shared.blocks[block as usize]);
        let arguments = self.argument_list(call);
        let named = call.get("ComputerName").is_some_and(|value| !matches!(value, Value::Block(_)));
        if !named && call.get("Session").is_none() {
            return self.call_block(&block, arguments, None, true, call.span, state, out);
        }
        let parameter = if named { "ComputerName" } else { "Session" };
        let targets = self.target_servers(call, parameter, &state);
        if call.on("AsJob") || (targets.len() > 1 && self.acts_when_run(&block, &arguments, call, &state)) {
            return self.blocks_on_machines(&block, &arguments, targets, call, state);
        }
        let mut live: Vec<(State, Vec<Value>)> = vec![(state, Vec::new())];
        for (when, server) in targets {
            let mut next = Vec::new();
            for (state, values) in live {
                let (entering, passing) = self.divide(&when, state, call.span);
                next.extend(passing.into_iter().map(|state| (state, values.clone())));
                for mut state in entering {
                    let (depth, machine) = (state.env.depth(), state.env.machine);
                    let (temps, outputs) = (state.env.temps.len(), state.env.outputs.len());
                    state.env.enter(Some(call.span));
                    state.env.machine = Some(server);
                    let mut ended = Vec::new();
                    // An error that ends the block ends the other session.
                    self.handlers.push(Vec::new());
                    let results = self.call_block(&block, arguments.clone(), None, true, call.span, state, &mut ended);
                    let thrown = self.handlers.pop().unwrap_or_default();
                    ended.extend(thrown.into_iter().map(|state| (Flow::Throw(call.span), state)));
                    for (state, value) in results {
                        let mut values = values.clone();
                        match value {
                            Value::Array(more) => values.extend(more.iter().cloned()),
                            Value::Null => {}
                            other => values.push(other),
                        }
                        next.push((state, values));
                    }
                    for (flow, mut state) in ended {
                        state.env.temps.truncate(temps);
                        state.env.outputs.truncate(outputs);
                        state.env.leave_to(depth);
                        state.env.machine = machine;
                        match flow {
                            // `exit` leaves the other machine only.
                            Flow::Exit(..) | Flow::Break(..) | Flow::Continue(..) => next.push((state, values.clone())),
                            // Whether the error stops the script here too is not known, unless it is to.
                            Flow::Throw(_) => {
                                let (stops, goes_on) = match self.error_action(call, &state) {
                                    ErrorAction::Stop => (vec![state], Vec::new()),
                                    ErrorAction::Continue if self.handlers.is_empty() => (Vec::new(), vec![state]),
                                    ErrorAction::Continue => self.divide(&Formula::Unknown, state, call.span),
                                };
                                next.extend(goes_on.into_iter().map(|state| (state, values.clone())));
                                out.extend(stops.into_iter().map(|state| (Flow::Throw(call.span), state)));
                            }
                            other => out.push((other, state)),
                        }
                    }
                    for (state, _) in &mut next {
                        state.env.leave_to(depth);
                        state.env.machine = machine;
                    }
                }
            }
            live = next;
        }
        live.into_iter().map(|(state, values)| (state, self.given_out(values))).collect()
    }

    pub(super) fn new_session(&mut self, call: &Call, state: &State) -> Value {
        let targets = self.target_servers(call, "ComputerName", state);
        let servers: Vec<Value> = targets
            .into_iter()
            .filter(|(when, _)| *when == Formula::True)
            .map(|(_, server)| Value::Server(server))
            .collect();
        if servers.is_empty() { Value::Unknown } else { Value::Session(Rc::new(servers)) }
    }

    /// `Enter-PSSession` moves a person to another machine; in a script it moves nothing.
    pub(super) fn enter_session(&mut self, call: &Call, state: &mut State) -> Value {
        let nothing = Value::array(Vec::new());
        if call.cmdlet.kind == Kind::ExitSession {
            state.env.machine = self.context.machine;
            return nothing;
        }
        let parameter = if call.get("Session").is_some() { "Session" } else { "ComputerName" };
        let Some(server) = self.target_server(call, parameter, state) else { return nothing };
        if self.by_hand {
            state.env.machine = Some(server);
        } else {
            let message = "in a script, `Enter-PSSession` does not move the commands that follow; they run here";
            self.suspicious(
                call.span,
                "enter-pssession-in-script",
                message,
                Some("write `Invoke-Command -ComputerName … { … }`".into()),
            );
        }
        nothing
    }
}
