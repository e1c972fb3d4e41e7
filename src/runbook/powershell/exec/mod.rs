//! Abstract execution: what statements do to environments and to the graph.
//!
//! An evaluation is an environment and the label where its next node goes. A statement turns one
//! evaluation into several outcomes (both ways of a branch that cannot be decided, a `break`, an error
//! that is thrown); outcomes with equal environments are joined, which keeps the number small and makes
//! loops end.

mod assign;
mod call;
mod emit;
mod notice;
mod repeat;
mod select;
mod trying;

pub(super) use assign::with_field;
pub(super) use emit::ErrorAction;
pub(super) use repeat::Over;

use super::Reader;
use super::ast::{Block, Label, Prepared, Span, Statement, StatementKind};
use super::env::Env;
use super::graph;
use super::value::{Formula, Value};
use crate::runbook::{Condition, Op};
use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

/// Variables that are compared in the time in which a statement is executed.
const VARIABLES: usize = 32;
/// Evaluations that differ at one point, at most; beyond that, what differs is taken as unknown.
const MOST_EVALUATIONS: usize = 48;
/// Nodes of a procedure, at most.
const MOST_NODES: usize = 30_000;
/// Remarks: nobody reads more, and each is shown with its line.
const MOST_REMARKS: usize = 5_000;

/// An evaluation: where it is in the graph, and what it knows.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) at: graph::Label,
    pub(super) env: Env,
}

/// How a statement ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    Break(Label, Span),
    Continue(Label, Span),
    Return,
    /// The procedure ends; whether in an error.
    Exit(bool, Span),
    /// An error that ends the statement is on its way to a `catch`.
    Throw(Span),
}

/// An evaluation and how it got there.
pub(super) type Outcome = (Flow, State);

impl Reader<'_> {
    /// Runs statements one after another.
    pub(super) fn run(&mut self, block: &Block, states: Vec<State>) -> Vec<Outcome> {
        let trap = block.iter().find_map(|statement| match &statement.kind {
            StatementKind::Trap { body, every } => Some((body, *every)),
            _ => None,
        });
        let mut live = states;
        let mut done = Vec::new();
        for statement in block.iter() {
            let mut next = Vec::new();
            for state in std::mem::take(&mut live) {
                let temps = state.env.temps.len();
                let outcomes = match trap {
                    Some((body, every)) => self.trapped(statement, body, every, state),
                    None => self.statement(statement, state),
                };
                for (flow, mut state) in outcomes {
                    state.env.temps.truncate(temps);
                    if flow == Flow::Next { next.push(state) } else { done.push((flow, state)) }
                }
            }
            live = self.joined(next);
            if live.is_empty() {
                break;
            }
        }
        done.extend(live.into_iter().map(|state| (Flow::Next, state)));
        done
    }

    /// Runs the statements before an expression, keeping their temporaries, and evaluates it.
    pub(super) fn prepare(&mut self, prepared: &Prepared, state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let states = self.before(&prepared.before, state, out);
        states
            .into_iter()
            .map(|state| (self.eval(&prepared.value, &state.env), state))
            .map(|(value, state)| (state, value))
            .collect()
    }

    /// Runs statements that leave temporaries for an expression.
    pub(super) fn before(&mut self, block: &Block, state: State, out: &mut Vec<Outcome>) -> Vec<State> {
        let mut live = vec![state];
        for statement in block.iter() {
            let mut next = Vec::new();
            for state in live {
                for (flow, state) in self.statement(statement, state) {
                    if flow == Flow::Next { next.push(state) } else { out.push((flow, state)) }
                }
            }
            live = self.joined(next);
        }
        live
    }

    /// Joins evaluations that know the same.
    pub(super) fn joined(&mut self, states: Vec<State>) -> Vec<State> {
        let mut states = self.still(states);
        if states.len() < 2 {
            return states;
        }
        let variables: usize = states.iter().map(|state| state.env.size()).sum();
        self.fuel = self.fuel.saturating_sub(variables / VARIABLES);
        if states.len() > MOST_EVALUATIONS {
            let mut wide = states[0].env.clone();
            states.iter().for_each(|state| wide.widen(&state.env));
            states.iter_mut().for_each(|state| state.env.clone_from(&wide));
            return self.still(states);
        }
        let mut kept: Vec<State> = Vec::new();
        let mut known: HashMap<Env, graph::Label> = HashMap::default();
        for state in states {
            match known.get(&state.env) {
                Some(label) => self.graph.join(state.at, *label),
                None => {
                    known.insert(state.env.clone(), state.at);
                    kept.push(state);
                }
            }
        }
        kept
    }

    /// Joins evaluations that have not changed since they parted.
    fn still(&mut self, states: Vec<State>) -> Vec<State> {
        let mut kept: Vec<State> = Vec::with_capacity(states.len());
        for state in states {
            match kept.iter().find(|other| other.env.is_still(&state.env)) {
                Some(other) => self.graph.join(state.at, other.at),
                None => kept.push(state),
            }
        }
        kept
    }

    pub(super) fn statement(&mut self, statement: &Statement, mut state: State) -> Vec<Outcome> {
        if !self.go_on(statement.span) {
            return Vec::new();
        }
        let span = statement.span;
        let mut out = Vec::new();
        match &statement.kind {
            StatementKind::Nothing => out.push((Flow::Next, state)),
            StatementKind::Define(function) => {
                self.define(function, &mut state);
                out.push((Flow::Next, state));
            }
            StatementKind::Member { temp, object, name, arguments } => {
                for (mut state, value) in self.member_effect(object, name, arguments.as_deref(), span, state, &mut out)
                {
                    state.env.temps.push((*temp, value));
                    out.push((Flow::Next, state));
                }
            }
            StatementKind::Output(prepared) => {
                for (mut state, value) in self.prepare(prepared, state, &mut out) {
                    self.shown(&value, span, &state.env);
                    state.env.output(value);
                    out.push((Flow::Next, state));
                }
            }
            StatementKind::Pipeline(pipeline) => {
                for (mut state, value) in self.pipeline(pipeline, state, &mut out) {
                    state.env.output(value);
                    out.push((Flow::Next, state));
                }
            }
            StatementKind::Capture { temp, block, array } => {
                for (flow, mut state, values) in self.captured(block, state) {
                    if flow == Flow::Next {
                        let value = if *array { self.gathered(values) } else { self.collected(values) };
                        state.env.temps.push((*temp, value));
                    }
                    out.push((flow, state));
                }
            }
            StatementKind::ShortCircuit { temp, and, left, right } => {
                let first = self.eval(left, &state.env);
                let formula = self.truth(&first);
                let (yes, no) = self.branch(&formula, state, span);
                let (goes_on, decided) = if *and { (yes, no) } else { (no, yes) };
                for mut state in decided {
                    state.env.temps.push((*temp, Value::Bool(!*and)));
                    out.push((Flow::Next, state));
                }
                for state in goes_on {
                    for (mut state, value) in self.prepare(right, state, &mut out) {
                        state.env.temps.push((*temp, value));
                        out.push((Flow::Next, state));
                    }
                }
            }
            StatementKind::Assign { target, operator, value } => {
                self.assign(target, *operator, value, span, state, &mut out)
            }
            StatementKind::If { arms, otherwise } => self.if_statement(arms, otherwise.as_ref(), state, &mut out),
            StatementKind::While { label, condition, until, body_first, body } => {
                self.while_loop(label, condition, *until, *body_first, body, state, &mut out);
            }
            StatementKind::For { label, start, condition, step, body } => {
                self.for_loop(label, [start, step, body], condition.as_ref(), span, state, &mut out);
            }
            StatementKind::ForEach { variable, list, body, parallel: true, .. } => {
                for (state, value) in self.prepare(list, state, &mut out) {
                    let Some(items) = self.elements(&value) else {
                        self.not_understood(span, "over what a parallel loop goes is not known", None);
                        out.push((Flow::Next, state));
                        continue;
                    };
                    let run = |reader: &mut Self, item: Value, mut inner: State| {
                        inner.env.enter(None);
                        inner.env.set(variable, item);
                        reader.run(body, vec![inner])
                    };
                    let ended = self.each_in_parallel(items, span, true, state, run);
                    out.extend(ended.into_iter().map(|(state, _)| (Flow::Next, state)));
                }
            }
            StatementKind::Parallel(branches) => self.branches(branches, span, state, &mut out),
            StatementKind::ForEach { label, variable, list, body, .. } => {
                self.notice_idle_loop(body, span);
                let over = Over { variable: Rc::clone(variable), label: label.clone(), pipeline: false };
                for (state, value) in self.prepare(list, state, &mut out) {
                    self.notice_order(list, &state.env);
                    self.for_each(&over, &value, body, span, state, &mut out);
                }
            }
            StatementKind::Switch { label, subject, matching, cased, clauses } => {
                let clauses = select::Clauses { label, matching: *matching, cased: *cased, list: clauses };
                self.switch(&clauses, subject, span, state, &mut out);
            }
            StatementKind::Try { body, catches, finally } => {
                self.trying(body, catches, finally.as_ref(), span, state, &mut out)
            }
            // It takes effect where an error is thrown, see `run`.
            StatementKind::Trap { .. } => out.push((Flow::Next, state)),
            StatementKind::Break(label) => out.push((Flow::Break(label.clone(), span), state)),
            StatementKind::Continue(label) => out.push((Flow::Continue(label.clone(), span), state)),
            StatementKind::Return(None) => out.push((Flow::Return, state)),
            StatementKind::Return(Some(prepared)) => {
                for (mut state, value) in self.prepare(prepared, state, &mut out) {
                    state.env.output(value);
                    out.push((Flow::Return, state));
                }
            }
            StatementKind::Exit(None) => out.push((Flow::Exit(false, span), state)),
            StatementKind::Exit(Some(prepared)) => {
                for (state, value) in self.prepare(prepared, state, &mut out) {
                    let failed = self.number(&value).is_some_and(|code| code != 0);
                    out.push((Flow::Exit(failed, span), state));
                }
            }
            StatementKind::Throw => {
                state.env.temps.clear();
                out.push((Flow::Throw(span), state));
            }
            StatementKind::Unsupported { what, help } => {
                self.not_understood(span, format!("{what} is not understood"), help.clone());
                out.push((Flow::Next, state));
            }
        }
        out
    }

    /// Whether the evaluation may go on: it is given up, once and for all, when it grows out of bounds.
    fn go_on(&mut self, span: Span) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        if self.fuel > 0 && self.graph.nodes.len() < MOST_NODES && self.remarks.len() < MOST_REMARKS {
            return true;
        }
        if !std::mem::replace(&mut self.given_up, true) {
            let help = "shorten the lists and loops that are known in advance, or check a part of it";
            self.not_understood(
                span,
                "the procedure is too large and is not analysed from here on",
                Some(help.to_owned()),
            );
        }
        false
    }

    /// Goes both ways of a condition that is not known, or the one that is.
    pub(super) fn branch(&mut self, formula: &Formula, state: State, span: Span) -> (Vec<State>, Vec<State>) {
        match formula {
            Formula::True => return (vec![state], Vec::new()),
            Formula::False => return (Vec::new(), vec![state]),
            _ => {}
        }
        let text = self.source_text(span);
        self.branch_as(formula, state, span, &text)
    }

    /// [`Reader::branch`] inside a pipeline, whose whole line says what is tested.
    pub(super) fn divide(&mut self, formula: &Formula, state: State, span: Span) -> (Vec<State>, Vec<State>) {
        match formula {
            Formula::True => (vec![state], Vec::new()),
            Formula::False => (Vec::new(), vec![state]),
            _ => {
                let text = self.place(span).line_text().to_owned();
                self.branch_as(formula, state, span, &text)
            }
        }
    }

    fn branch_as(&mut self, formula: &Formula, state: State, span: Span, text: &str) -> (Vec<State>, Vec<State>) {
        self.tested(formula);
        let condition = match formula {
            Formula::Unknown => Condition::Unknown,
            _ => self.registers.condition(&mut self.graph, formula, text),
        };
        let (yes, no) = (self.graph.label(), self.graph.label());
        self.put(&state, Op::Branch { condition, yes: yes.target(), no: no.target() }, span);
        let other = State { at: no, env: state.env.clone() };
        (vec![State { at: yes, env: state.env }], vec![other])
    }

    /// Runs a block and takes its output away.
    pub(super) fn captured(&mut self, block: &Block, state: State) -> Vec<(Flow, State, Vec<Value>)> {
        self.captured_of(state, |reader, state| reader.run(block, vec![state]))
    }

    /// Runs something and takes its output away.
    pub(super) fn captured_of(
        &mut self,
        mut state: State,
        run: impl FnOnce(&mut Self, State) -> Vec<Outcome>,
    ) -> Vec<(Flow, State, Vec<Value>)> {
        let level = state.env.outputs.len();
        state.env.outputs.push(Vec::new());
        let outcomes = run(self, state);
        outcomes
            .into_iter()
            .map(|(flow, mut state)| {
                state.env.outputs.truncate(level + 1);
                let values = if state.env.outputs.len() > level { state.env.outputs.pop() } else { None };
                (flow, state, values.unwrap_or_default())
            })
            .collect()
    }

    /// Output as the value of a pipeline: nothing, one value, or an array.
    pub(super) fn collected(&self, values: Vec<Value>) -> Value {
        match values.as_slice() {
            [only] => only.clone(),
            _ if values.iter().any(|value| matches!(value, Value::Maybe(_))) => self.gathered(values),
            _ if values.len() > 1 && values.contains(&Value::Unknown) => Value::Unknown,
            _ => Value::collected(values),
        }
    }

    /// Output as what a function or a block gives to its caller, who takes it apart once more: an array that was given as
    /// one object, as in `return ,$list`, stays one.
    pub(super) fn given_out(&self, values: Vec<Value>) -> Value {
        match values.as_slice() {
            [Value::Array(_)] => Value::array(values),
            _ => self.collected(values),
        }
    }

    /// Output as an array, whatever its number.
    pub(super) fn gathered(&self, values: Vec<Value>) -> Value {
        let mut items = Vec::new();
        for value in values {
            match value {
                Value::Unknown => return Value::Unknown,
                Value::Maybe(more) => items.extend(more.iter().cloned()),
                Value::Null => {}
                other => items.push((Formula::True, other)),
            }
        }
        self.sifted(items)
    }

    fn if_statement(
        &mut self,
        arms: &[(Prepared, Block)],
        otherwise: Option<&Block>,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut undecided = vec![state];
        for (condition, block) in arms {
            let mut not_taken = Vec::new();
            for state in undecided {
                let temps = state.env.temps.len();
                for (state, value) in self.prepare(condition, state, out) {
                    self.note_values(condition, &state.env);
                    let formula = self.truth(&value);
                    let (yes, no) = self.branch(&formula, state, condition.span);
                    let drop_temps = |mut state: State| {
                        state.env.temps.truncate(temps);
                        state
                    };
                    out.extend(self.run(block, yes.into_iter().map(drop_temps).collect()));
                    not_taken.extend(no.into_iter().map(drop_temps));
                }
            }
            undecided = self.joined(not_taken);
        }
        match otherwise {
            Some(block) if !undecided.is_empty() => out.extend(self.run(block, undecided)),
            _ => out.extend(undecided.into_iter().map(|state| (Flow::Next, state))),
        }
    }
}
