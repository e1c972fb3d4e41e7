//! Witnesses: from stored states back to states and actions of the model.
//!
//! Purpose: what the search found is replayed through [`Model::actions`] and [`Model::next_state`] before
//! anybody sees it, and what it is said to show is judged again, on the replayed states.
//! Invariant: a run that does not come out as found is a [`Fault`], never a witness.
//! Cost: the successors of each state of the witness, twice.

use super::error::{Fault, hexadecimal};
use super::model::{Assignment, Claim, Label, Packed, Successors};
use super::outcome::Witness;
use super::store::{StateId, Store};
use stateright::Model;

/// A run, as the indices of successors.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    /// Where it begins.
    pub(crate) initial: StateId,
    /// The successor that each step takes.
    pub(crate) steps: Vec<u32>,
    /// The number of steps after which a loop begins.
    pub(crate) loop_start: Option<usize>,
    /// The number of steps after which the obligation begins that the run leaves open.
    pub(crate) open_from: usize,
}

/// The trace of a shortest path to a stored state, by the parents of the store.
pub(crate) fn path_to<M: Packed>(model: &M, store: &Store, state: StateId) -> Result<Trace, Fault> {
    let mut states = vec![state];
    let mut at = state;
    while let Some(parent) = store.parent(at) {
        states.push(parent);
        at = parent;
    }
    states.reverse();
    let steps = steps_along(model, store, &states)?;
    Ok(Trace { initial: at, open_from: steps.len(), steps, loop_start: None })
}

/// The successors to take from each state to the next one.
pub(crate) fn steps_along<M: Packed>(model: &M, store: &Store, states: &[StateId]) -> Result<Vec<u32>, Fault> {
    let mut successors = Successors::default();
    let mut steps = Vec::with_capacity(states.len());
    for (step, pair) in states.windows(2).enumerate() {
        let (from, to) = (store.words(pair[0]), store.words(pair[1]));
        successors.clear();
        model.successors(from, &mut successors);
        let found = successors.iter(store.width()).position(|(words, _)| words == to);
        let found =
            found.ok_or_else(|| Fault { what: "a recorded transition is gone", step, state: hexadecimal(from) })?;
        steps.push(found as u32);
    }
    Ok(steps)
}

/// A replayed run in packed form: the states, and between them the labels.
struct Packing {
    states: Vec<Vec<u64>>,
    labels: Vec<Label>,
}

/// Replays a trace through the model and judges that it shows a violation of the claim for all valuations
/// that extend a cube of `when` (or, for [`Claim::Sometimes`], that it satisfies the predicate).
pub(crate) fn replay<M: Packed>(
    model: &M,
    store: &Store,
    trace: &Trace,
    claim: Claim,
    when: &[Assignment],
) -> Result<Witness<M::State, M::Action>, Fault> {
    let width = store.width();
    let expected = store.words(trace.initial);
    let pack = |state: &M::State| {
        let mut words = vec![0; width];
        model.pack(state, &mut words);
        model.canonical(&mut words);
        words
    };
    let initial = model.init_states().into_iter().find(|state| pack(state) == expected);
    let initial =
        initial.ok_or_else(|| Fault { what: "no such initial state", step: 0, state: hexadecimal(expected) })?;
    let mut packing = Packing { states: vec![pack(&initial)], labels: Vec::new() };
    let mut steps: Vec<(M::Action, M::State)> = Vec::with_capacity(trace.steps.len());
    let mut successors = Successors::default();
    for (step, &index) in trace.steps.iter().enumerate() {
        let from = &packing.states[step];
        let fault = |what| Fault { what, step, state: hexadecimal(from) };
        successors.clear();
        model.successors(from, &mut successors);
        let successor = successors.iter(width).nth(index as usize);
        let (to, label) = successor.ok_or_else(|| fault("a recorded transition is gone"))?;
        let state = steps.last().map_or(&initial, |(_, state)| state);
        let next = chosen_step(model, state, index as usize, &label, |next| pack(next) == to);
        steps.push(next.ok_or_else(|| fault("the model has no such action"))?);
        packing.labels.push(label);
        let to = to.to_vec();
        packing.states.push(to);
    }
    judge(model, trace, claim, when, &packing)?;
    Ok(Witness { initial, steps, loop_start: trace.loop_start })
}

/// The step of a state that leads where `leads` says, with this label. It comes at the index of the successor,
/// but where states stand for others ([`Packed::canonical`]) it may come at another place among the actions. A
/// model that writes labels in [`Packed::successors`] only is taken at its index.
fn chosen_step<M: Packed>(
    model: &M,
    state: &M::State,
    index: usize,
    label: &Label,
    leads: impl Fn(&M::State) -> bool,
) -> Option<(M::Action, M::State)> {
    let labelled = |(action, next): &(M::Action, M::State)| {
        let here = model.label(state, action, next);
        leads(next) && (here.classes, here.events) == (label.classes, label.events)
    };
    let at_index = || next_step(model, state, index);
    let anywhere = || {
        let mut steps = Model::next_steps(model, state).into_iter();
        steps.find(|step| model.within_boundary(&step.1) && labelled(step))
    };
    at_index().filter(labelled).or_else(anywhere).or_else(|| at_index().filter(|(_, next)| leads(next)))
}

/// The action of a state whose successor has the given index, and the state it leads to.
pub(crate) fn next_step<M: Packed>(model: &M, state: &M::State, index: usize) -> Option<(M::Action, M::State)> {
    let steps = Model::next_steps(model, state).into_iter();
    steps.filter(|(_, next)| model.within_boundary(next)).nth(index)
}

/// Judges a replayed run by the meaning of the claim, without what the search knows.
fn judge<M: Packed>(model: &M, trace: &Trace, claim: Claim, when: &[Assignment], run: &Packing) -> Result<(), Fault> {
    let last = run.states.len() - 1;
    let fault = |what, step: usize| Err(Fault { what, step, state: hexadecimal(&run.states[step]) });
    let holds = |step: usize, predicate: u8| model.predicates(&run.states[step]) >> predicate & 1 == 1;
    let shown = model.assignment(&run.states[last]);
    if !when.iter().all(|&cube| shown.subsumes(cube)) {
        return fault("the run has read other values than it is shown for", last);
    }
    match claim {
        Claim::Always(predicate) if holds(last, predicate) => fault("the predicate holds", last),
        Claim::Sometimes(predicate) if !holds(last, predicate) => fault("the predicate does not hold", last),
        Claim::Never(events) if run.labels.last().is_none_or(|label| label.events & events == 0) => {
            fault("the event does not happen", last)
        }
        Claim::AlwaysPossibly { goal, .. } if holds(last, goal) => fault("the goal is reached", last),
        Claim::NoDeadlock(done) if holds(last, done) => fault("the run is done", last),
        Claim::NoDeadlock(_) => match moves(model, &run.states[last], when) {
            true => fault("the run can go on", last),
            false => Ok(()),
        },
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
                None if moves(model, &run.states[last], when) => fault("the run can go on", last),
                None => Ok(()),
                Some(start) if start >= last || run.states[start] != run.states[last] => {
                    fault("the loop is open", last)
                }
                Some(start) => judge_fairness(model, run, start, when),
            }
        }
        Claim::Always(_) | Claim::Sometimes(_) | Claim::Never(_) | Claim::AlwaysPossibly { .. } => Ok(()),
    }
}

/// Whether a state has a transition for some valuation that extends a cube.
fn moves<M: Packed>(model: &M, words: &[u64], when: &[Assignment]) -> bool {
    let mut successors = Successors::default();
    model.successors(words, &mut successors);
    let mut targets = successors.iter(words.len()).map(|(to, _)| model.assignment(to));
    targets.any(|then| when.iter().any(|&cube| super::cube::compatible(cube, then)))
}

/// Every constraint is served on the loop or, for each valuation, disabled in some state of it.
fn judge_fairness<M: Packed>(model: &M, run: &Packing, start: usize, when: &[Assignment]) -> Result<(), Fault> {
    let mut unserved: Option<Vec<(u16, Vec<Assignment>)>> = None;
    for step in start..run.states.len() - 1 {
        let mut successors = Successors::default();
        model.successors(&run.states[step], &mut successors);
        let offers: Vec<(u16, Assignment)> = successors
            .iter(run.states[step].len())
            .filter_map(|(to, label)| label.fairness.map(|constraint| (constraint, model.assignment(to))))
            .collect();
        let enabled = |constraint: u16| -> Vec<Assignment> {
            offers.iter().filter(|(other, _)| *other == constraint).map(|(_, then)| *then).collect()
        };
        let open = unserved.take().unwrap_or_else(|| {
            let mut constraints: Vec<u16> = offers.iter().map(|(constraint, _)| *constraint).collect();
            constraints.sort_unstable();
            constraints.dedup();
            constraints.into_iter().map(|constraint| (constraint, when.to_vec())).collect()
        });
        let rest = open
            .into_iter()
            .map(|(constraint, cubes)| (constraint, super::cube::intersect(&cubes, &enabled(constraint))));
        unserved = Some(rest.filter(|(_, cubes)| !cubes.is_empty()).collect());
    }
    let served = |constraint: u16| run.labels[start..].iter().any(|label| label.fairness == Some(constraint));
    match unserved.unwrap_or_default().into_iter().find(|(constraint, _)| !served(*constraint)) {
        None => Ok(()),
        Some(_) => Err(Fault { what: "the loop is not fair", step: start, state: hexadecimal(&run.states[start]) }),
    }
}
