//! `try`, `catch`, `finally`, and `trap`: only errors that stop are seen by a `catch` or a `trap`.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{Block, Span, Statement};
use crate::runbook::powershell::value::Formula;

impl Reader<'_> {
    /// A statement of a block with a `trap`: after an error that stops, the trap runs and the next statement
    /// follows, unless the trap says `break`.
    pub(super) fn trapped(&mut self, statement: &Statement, trap: &Block, every: bool, state: State) -> Vec<Outcome> {
        let (depth, temps, outputs) = (state.env.depth(), state.env.temps.len(), state.env.outputs.len());
        self.handlers.push(Vec::new());
        let outcomes = self.statement(statement, state);
        let mut thrown = self.handlers.pop().unwrap_or_default();
        let mut ended = Vec::new();
        for (flow, state) in outcomes {
            if matches!(flow, Flow::Throw(_)) { thrown.push(state) } else { ended.push((flow, state)) }
        }
        for state in &mut thrown {
            state.env.leave_to(depth);
            state.env.temps.truncate(temps);
            state.env.outputs.truncate(outputs);
        }
        for state in self.joined(thrown) {
            let (caught, passed) = match every {
                true => (vec![state], Vec::new()),
                // Whether the error is of the type that is trapped is not known.
                false => self.branch(&Formula::Unknown, state, statement.span),
            };
            for state in passed {
                ended.push((Flow::Throw(statement.span), state));
            }
            for (flow, state) in self.run(trap, caught) {
                let flow = match flow {
                    Flow::Continue(None, _) => Flow::Next,
                    Flow::Break(None, _) => Flow::Throw(statement.span),
                    other => other,
                };
                ended.push((flow, state));
            }
        }
        ended
    }

    pub(super) fn trying(
        &mut self,
        body: &Block,
        catches: &[Block],
        finally: Option<&Block>,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let (depth, temps, outputs) = (state.env.depth(), state.env.temps.len(), state.env.outputs.len());
        self.handlers.push(Vec::new());
        let outcomes = self.run(body, vec![state]);
        let mut thrown = self.handlers.pop().unwrap_or_default();
        let mut ended = Vec::new();
        for (flow, state) in outcomes {
            if matches!(flow, Flow::Throw(_)) { thrown.push(state) } else { ended.push((flow, state)) }
        }
        for state in &mut thrown {
            state.env.leave_to(depth);
            state.env.temps.truncate(temps);
            state.env.outputs.truncate(outputs);
        }
        let thrown = self.joined(thrown);
        if let (true, Some(first)) = (thrown.is_empty() && !catches.is_empty(), body.first()) {
            let message =
                "nothing in this `try` stops with an error, so its `catch` never runs: cmdlets go on after most errors";
            self.suspicious(
                first.span,
                "catch-never-runs",
                message,
                Some("add `-ErrorAction Stop` to what may fail".to_owned()),
            );
        }
        // An error inside a `catch` still passes the `finally`.
        self.handlers.push(Vec::new());
        if catches.is_empty() {
            ended.extend(thrown.into_iter().map(|state| (Flow::Throw(span), state)));
        } else if let [only] = catches {
            if !thrown.is_empty() {
                ended.extend(self.run(only, thrown));
            }
        } else {
            // Which of several typed clauses fits is not known: each may.
            let mut rest = thrown;
            for (at, block) in catches.iter().enumerate() {
                let mut others = Vec::new();
                for state in rest {
                    let span = block.first().map(|statement| statement.span);
                    let (here, there) = match span {
                        Some(span) if at + 1 < catches.len() => self.branch(&Formula::Unknown, state, span),
                        _ => (vec![state], Vec::new()),
                    };
                    ended.extend(self.run(block, here));
                    others.extend(there);
                }
                rest = others;
            }
        }
        let again = self.handlers.pop().unwrap_or_default();
        let again: Vec<State> = again
            .into_iter()
            .map(|mut state| {
                state.env.leave_to(depth);
                state.env.temps.truncate(temps);
                state.env.outputs.truncate(outputs);
                state
            })
            .collect();
        ended.extend(self.joined(again).into_iter().map(|state| (Flow::Throw(span), state)));
        let Some(finally) = finally else {
            out.extend(ended);
            return;
        };
        for (flow, state) in ended {
            for (after, state) in self.run(finally, vec![state]) {
                out.push((if after == Flow::Next { flow.clone() } else { after }, state));
            }
        }
    }
}
