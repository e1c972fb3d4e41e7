//! Loops. A loop ends for the reader when it comes to its head with an environment it has been there
//! with; one that keeps changing is cut by taking what changes as unknown.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{Block, Label, Prepared, Span};
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::graph;
use crate::runbook::powershell::value::{Formula, Value};
use rustc_hash::FxHashMap as HashMap;
use std::collections::VecDeque;
use std::rc::Rc;

/// How often a loop is gone through with different environments before what differs is unknown.
const MOST_ROUNDS: usize = 256;

/// The heads of one loop.
struct Heads {
    known: HashMap<Env, graph::Label>,
    wide: Option<Env>,
}

/// How a loop goes over a list.
pub(in crate::runbook::powershell) struct Over {
    pub(in crate::runbook::powershell) variable: Rc<str>,
    pub(in crate::runbook::powershell) label: Label,
    /// It is a pipeline and no statement.
    pub(in crate::runbook::powershell) pipeline: bool,
}

/// What a round of a loop leaves.
#[derive(Default)]
struct Round {
    again: Vec<State>,
    left: Vec<State>,
}

impl Heads {
    fn new() -> Heads {
        Heads { known: HashMap::default(), wide: None }
    }

    /// Whether an evaluation is the first at the head with what it knows; otherwise it is joined.
    fn admit(&mut self, state: &mut State, graph: &mut graph::Graph) -> bool {
        if self.known.len() >= MOST_ROUNDS {
            let wide = self.wide.get_or_insert_with(|| state.env.clone());
            wide.widen(&state.env);
            state.env.clone_from(wide);
        }
        if let Some(head) = self.known.get(&state.env) {
            graph.join(state.at, *head);
            return false;
        }
        self.known.insert(state.env.clone(), state.at);
        true
    }
}

impl Reader<'_> {
    fn sort_body(&mut self, label: &Label, outcomes: Vec<Outcome>, round: &mut Round, out: &mut Vec<Outcome>) {
        for (flow, state) in outcomes {
            match flow {
                Flow::Next => round.again.push(state),
                Flow::Break(ref to, _) if to.is_none() || to == label => round.left.push(state),
                Flow::Continue(ref to, _) if to.is_none() || to == label => round.again.push(state),
                other => out.push((other, state)),
            }
        }
    }

    fn decide(
        &mut self,
        condition: &Prepared,
        until: bool,
        states: Vec<State>,
        out: &mut Vec<Outcome>,
    ) -> (Vec<State>, Vec<State>) {
        let (mut stay, mut leave) = (Vec::new(), Vec::new());
        for state in states {
            let temps = state.env.temps.len();
            for (state, value) in self.prepare(condition, state, out) {
                self.note_values(condition, &state.env);
                let formula = self.truth(&value);
                let (mut yes, mut no) = self.branch(&formula, state, condition.span);
                for state in yes.iter_mut().chain(&mut no) {
                    state.env.temps.truncate(temps);
                }
                let (goes_on, ends) = if until { (no, yes) } else { (yes, no) };
                stay.extend(goes_on);
                leave.extend(ends);
            }
        }
        (stay, leave)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the statement")]
    pub(super) fn while_loop(
        &mut self,
        label: &Label,
        condition: &Prepared,
        until: bool,
        body_first: bool,
        body: &Block,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut heads = Heads::new();
        let mut queue = VecDeque::from([state]);
        let mut left = Vec::new();
        while let Some(mut state) = queue.pop_front() {
            if !heads.admit(&mut state, &mut self.graph) {
                continue;
            }
            let mut round = Round::default();
            let entering = if body_first {
                vec![state]
            } else {
                let (stay, leave) = self.decide(condition, until, vec![state], out);
                round.left.extend(leave);
                stay
            };
            let outcomes = if entering.is_empty() { Vec::new() } else { self.run(body, entering) };
            self.sort_body(label, outcomes, &mut round, out);
            let mut again = self.joined(std::mem::take(&mut round.again));
            if body_first {
                let (stay, leave) = self.decide(condition, until, again, out);
                round.left.extend(leave);
                again = self.joined(stay);
            }
            queue.extend(again);
            left.extend(round.left);
        }
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }

    pub(super) fn for_loop(
        &mut self,
        label: &Label,
        [start, step, body]: [&Block; 3],
        condition: Option<&Prepared>,
        _span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut heads = Heads::new();
        let mut queue: VecDeque<State> = VecDeque::new();
        for (flow, state) in self.run(start, vec![state]) {
            if flow == Flow::Next { queue.push_back(state) } else { out.push((flow, state)) }
        }
        let mut left = Vec::new();
        while let Some(mut state) = queue.pop_front() {
            if !heads.admit(&mut state, &mut self.graph) {
                continue;
            }
            let mut round = Round::default();
            let entering = match condition {
                Some(condition) => {
                    let (stay, leave) = self.decide(condition, false, vec![state], out);
                    round.left.extend(leave);
                    stay
                }
                None => vec![state],
            };
            let outcomes = if entering.is_empty() { Vec::new() } else { self.run(body, entering) };
            self.sort_body(label, outcomes, &mut round, out);
            let again = self.joined(std::mem::take(&mut round.again));
            for (flow, state) in self.run(step, again) {
                if flow == Flow::Next { queue.push_back(state) } else { out.push((flow, state)) }
            }
            left.extend(round.left);
        }
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }

    /// `foreach` over a list: written out if the list is known, otherwise any number of times.
    pub(in crate::runbook::powershell) fn for_each(
        &mut self,
        over: &Over,
        list: &Value,
        body: &Block,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let Some(items) = self.elements(list) else {
            return self.for_each_unknown(over, body, span, state, out);
        };
        if let Value::Null = list {
            // Windows PowerShell 3 and later do not enter the loop.
            out.push((Flow::Next, state));
            return;
        }
        let mut live = vec![state];
        let mut left = Vec::new();
        for (when, item) in items {
            let mut next = Vec::new();
            for state in live {
                let (entering, passing) = self.branch(&when, state, span);
                next.extend(passing);
                for mut state in entering {
                    state.env.set(&over.variable, item.clone());
                    let outcomes = self.run(body, vec![state]);
                    let mut round = Round::default();
                    self.sort_round(over, outcomes, &mut round, out);
                    next.extend(round.again);
                    left.extend(round.left);
                }
            }
            live = self.joined(next);
        }
        left.extend(live);
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }

    fn sort_round(&mut self, over: &Over, outcomes: Vec<Outcome>, round: &mut Round, out: &mut Vec<Outcome>) {
        if !over.pipeline {
            return self.sort_body(&over.label, outcomes, round, out);
        }
        // `return` ends the block for this item; `break` and `continue` mean a loop outside.
        for (flow, state) in outcomes {
            match flow {
                Flow::Next | Flow::Return => round.again.push(state),
                other => out.push((other, state)),
            }
        }
    }

    /// A loop over a list that nobody knows: any number of times, each time for another item.
    pub(in crate::runbook::powershell) fn for_each_unknown(
        &mut self,
        over: &Over,
        body: &Block,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut heads = Heads::new();
        let mut queue = VecDeque::from([state]);
        let mut left = Vec::new();
        while let Some(mut state) = queue.pop_front() {
            if !heads.admit(&mut state, &mut self.graph) {
                continue;
            }
            let (entering, leaving) = self.branch(&Formula::Unknown, state, span);
            left.extend(leaving);
            for mut state in entering {
                let depth = state.env.depth();
                state.env.set(&over.variable, Value::Item(span, depth));
                let outcomes = self.run(body, vec![state]);
                let mut round = Round::default();
                self.sort_round(over, outcomes, &mut round, out);
                // The next one is another, and what the last one was is not kept.
                for state in round.again.iter_mut().chain(&mut round.left) {
                    state.env.set(&over.variable, Value::Unknown);
                }
                queue.extend(self.joined(round.again));
                left.extend(round.left);
            }
        }
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }
}
