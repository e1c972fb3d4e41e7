//! Witnesses: from stored states back to states and actions of the model.
//!
//! Purpose: what the search found is replayed through [`Model::actions`] and [`Model::next_state`] before
//! anybody sees it, and what it is said to show is judged again, on the replayed states. A violation for many
//! valuations of the parameters is shown for one of them.
//! Invariant: a run that does not come out as found is a [`Fault`], never a witness.
//! Cost: the successors of each state of the witness, twice.

use super::error::{Fault, hexadecimal};
use super::model::{Assignment, Claim, Label, Packed, Successors, predicates_of, stored_form, successors_of};
use super::outcome::Witness;
use super::sets::Sets;
use super::store::{StateId, Store};
use stateright::Model;

/// A run, as packed states and labels.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// The valuation for which it is shown.
    valuation: Assignment,
    pub(crate) states: Vec<Vec<u64>>,
    pub(crate) labels: Vec<Label>,
    /// The number of steps after which a loop begins.
    pub(crate) loop_start: Option<usize>,
    /// The number of steps after which the obligation begins that the run leaves open.
    pub(crate) open_from: usize,
}

impl Trace {
    /// The trace of a shortest path to an arrival, by the parents of the store.
    pub(crate) fn to<M: Packed>(
        model: &M,
        (store, sets): (&Store, &Sets),
        arrival: StateId,
        valuation: Assignment,
    ) -> Result<Trace, Fault> {
        let mut path = vec![arrival];
        while let Some(parent) = store.parent(path[path.len() - 1], valuation, sets) {
            path.push(parent);
        }
        path.reverse();
        let initial = store.words(path[0]).to_vec();
        let mut trace = Trace { valuation, states: vec![initial], labels: Vec::new(), loop_start: None, open_from: 0 };
        for &id in &path[1..] {
            trace.step(model, Some(store.words(id)), |_| true)?;
        }
        trace.open_from = trace.labels.len();
        Ok(trace)
    }

    /// Goes on by a transition for which `accepts` holds, to a state if one is given.
    pub(crate) fn step<M: Packed>(
        &mut self,
        model: &M,
        to: Option<&[u64]>,
        accepts: impl Fn(Label) -> bool,
    ) -> Result<(), Fault> {
        let from = &self.states[self.states.len() - 1];
        let successors = successors_of(model, from, self.valuation);
        let mut steps = successors_for(&successors, from.len(), self.valuation);
        let found = steps.find(|(words, label)| to.is_none_or(|to| to == *words) && accepts(*label));
        let fault =
            || Fault { what: "a recorded transition is gone", step: self.labels.len(), state: hexadecimal(from) };
        let (words, label) = found.map(|(words, label)| (words.to_vec(), label)).ok_or_else(fault)?;
        self.states.push(words);
        self.labels.push(label);
        Ok(())
    }

    /// From here on the run goes round and round.
    pub(crate) fn begin_loop(&mut self) {
        self.loop_start = Some(self.labels.len());
    }
}

/// The successors that exist for a valuation.
fn successors_for(
    successors: &Successors,
    width: usize,
    valuation: Assignment,
) -> impl Iterator<Item = (&[u64], Label)> {
    let all = (0..successors.len()).map(move |index| successors.get(index, width));
    all.filter(move |(_, _, when)| when.agrees(valuation)).map(|(words, label, _)| (words, label))
}

/// Replays a trace through the model and judges that it shows a violation of the claim (or, for
/// [`Claim::Sometimes`], that it satisfies the predicate).
pub(crate) fn replay<M: Packed>(model: &M, trace: &Trace, claim: Claim) -> Result<Witness<M::State, M::Action>, Fault> {
    let expected = &trace.states[0];
    let fault = |what, step: usize| Fault { what, step, state: hexadecimal(&trace.states[step]) };
    let leads = |state: &M::State, words: &[u64]| {
        stored_form(model, state) == words && model.assignment(state).agrees(trace.valuation)
    };
    let initial = model.init_states().into_iter().find(|state| leads(state, expected));
    let initial = initial.ok_or_else(|| fault("no such initial state", 0))?;
    let mut steps: Vec<(M::Action, M::State)> = Vec::with_capacity(trace.labels.len());
    for (step, label) in trace.labels.iter().enumerate() {
        let state = steps.last().map_or(&initial, |(_, state)| state);
        let next = chosen_step(model, state, label, |next| leads(next, &trace.states[step + 1]));
        steps.push(next.ok_or_else(|| fault("the model has no such action", step))?);
    }
    judge(model, trace, claim)?;
    Ok(Witness { initial, steps, loop_start: trace.loop_start })
}

/// The step of a state that leads where `leads` says, with this label; a model that writes labels in
/// [`Packed::successors`] only has no labelled step, and then any that leads there is taken.
pub(crate) fn chosen_step<M: Packed>(
    model: &M,
    state: &M::State,
    label: &Label,
    leads: impl Fn(&M::State) -> bool,
) -> Option<(M::Action, M::State)> {
    let mut steps: Vec<_> = Model::next_steps(model, state)
        .into_iter()
        .filter(|(_, next)| model.within_boundary(next) && leads(next))
        .collect();
    let labelled = steps.iter().position(|(action, next)| {
        let here = model.label(state, action, next);
        (here.classes, here.events) == (label.classes, label.events)
    });
    let index = labelled.or((!steps.is_empty()).then_some(0))?;
    Some(steps.swap_remove(index))
}

/// Judges a run by the meaning of the claim, without what the search knows.
fn judge<M: Packed>(model: &M, trace: &Trace, claim: Claim) -> Result<(), Fault> {
    let last = trace.states.len() - 1;
    let fault = |what, step: usize| Err(Fault { what, step, state: hexadecimal(&trace.states[step]) });
    let holds =
        |step: usize, predicate: u8| predicates_of(model, &trace.states[step], trace.valuation) >> predicate & 1 == 1;
    match claim {
        Claim::Always(predicate) if holds(last, predicate) => fault("the predicate holds", last),
        Claim::Sometimes(predicate) if !holds(last, predicate) => fault("the predicate does not hold", last),
        Claim::Never(events) if trace.labels.last().is_none_or(|label| label.events & events == 0) => {
            fault("the event does not happen", last)
        }
        Claim::AlwaysPossibly { goal, .. } if holds(last, goal) => fault("the goal is reached", last),
        Claim::NoDeadlock(done) if holds(last, done) => fault("the run is done", last),
        Claim::NoDeadlock(_) if moves(model, trace, last) => fault("the run can go on", last),
        Claim::Eventually(goal) | Claim::LeadsTo { goal, .. } => {
            if let Claim::LeadsTo { trigger, .. } = claim
                && !holds(trace.open_from, trigger)
            {
                return fault("nothing triggers the obligation", trace.open_from);
            }
            if let Some(step) = (trace.open_from..=last).find(|&step| holds(step, goal)) {
                return fault("the goal is reached", step);
            }
            match trace.loop_start {
                None if must_go_on(model, trace, last) => fault("the run cannot rest", last),
                None => Ok(()),
                Some(start) if start >= last || trace.states[start] != trace.states[last] => {
                    fault("the loop is open", last)
                }
                Some(start) => judge_fairness(model, trace, start),
            }
        }
        _ => Ok(()),
    }
}

/// Whether a state has a transition.
fn moves<M: Packed>(model: &M, trace: &Trace, step: usize) -> bool {
    let words = &trace.states[step];
    let successors = successors_of(model, words, trace.valuation);
    successors_for(&successors, words.len(), trace.valuation).next().is_some()
}

/// Whether a fairness constraint is enabled in a state.
fn must_go_on<M: Packed>(model: &M, trace: &Trace, step: usize) -> bool {
    let words = &trace.states[step];
    let successors = successors_of(model, words, trace.valuation);
    successors_for(&successors, words.len(), trace.valuation).any(|(_, label)| label.fairness.is_some())
}

/// Every constraint is served on the loop, or disabled in some state of it.
fn judge_fairness<M: Packed>(model: &M, trace: &Trace, start: usize) -> Result<(), Fault> {
    let enabled = |words: &Vec<u64>| -> Vec<u16> {
        let successors = successors_of(model, words, trace.valuation);
        successors_for(&successors, words.len(), trace.valuation).filter_map(|(_, label)| label.fairness).collect()
    };
    let served = |constraint: &u16| trace.labels[start..].iter().any(|label| label.fairness == Some(*constraint));
    let round = &trace.states[start..trace.states.len() - 1];
    let mut always = enabled(&round[0]);
    round.iter().for_each(|words| {
        let here = enabled(words);
        always.retain(|constraint| here.contains(constraint));
    });
    match always.iter().find(|constraint| !served(constraint)) {
        None => Ok(()),
        Some(_) => Err(Fault { what: "the loop is not fair", step: start, state: hexadecimal(&trace.states[start]) }),
    }
}
