//! A check of the model after a search: its two descriptions say the same of every stored state.
//!
//! Invariant: off the hot path; the search does nothing for it. Cost: every successor is built twice.

use super::error::{Error, hexadecimal};
use super::limits::Limits;
use super::model::{Assignment, Packed, Successors, stored_form};
use super::outcome::Limit;
use super::parallel::for_each;
use super::search::Explored;
use super::sets::{Set, Sets, View};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// States that a thread takes at a time.
const CHUNK: usize = 1 << 12;

/// Replays every transition of every stored state through `actions` and `next_state`. The limit that cut it, if
/// one did.
pub(crate) fn replay<M: Packed>(
    model: &M,
    sets: &Sets,
    explored: &Explored,
    limits: &Limits,
    threads: usize,
) -> Result<Option<Limit>, Error> {
    let problem = Mutex::new(None);
    for layer in explored.layers.iter() {
        let ranges = (0..layer.len()).step_by(CHUNK).map(|start| start..layer.len().min(start + CHUNK));
        for_each(
            threads,
            ranges,
            || View::new(sets),
            |view, range| {
                if limits.urgent().is_some() {
                    return;
                }
                for id in layer.ids(range).filter(|id| explored.store.first(*id) == *id) {
                    let words = explored.store.words(id);
                    if let Some(what) = differs(model, words, view) {
                        let error = Error::Inconsistent { what, state: hexadecimal(words) };
                        problem.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert((id, error));
                        return;
                    }
                }
            },
        );
    }
    match problem.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        None => Ok(limits.urgent()),
        Some((_, error)) => Err(error),
    }
}

/// What is wrong with a state, if anything is.
fn differs<M: Packed>(model: &M, words: &[u64], view: &mut View) -> Option<&'static str> {
    if stored_form(model, &model.unpack(words)) != words {
        return Some("a state packs differently after it was unpacked");
    }
    let mut successors = Successors::new(view.sets().parametric(), 0);
    successors.begin(Assignment::default(), &[]);
    model.successors(words, Assignment::default(), &mut successors);
    let cases = successors.cases(|| model.predicates(words));
    let mut covered = Set::NONE;
    for (number, case) in cases.iter().enumerate() {
        let here = view.cube(case.when);
        if view.and(covered, here) != Set::NONE {
            return Some("two cases of a state hold for one valuation");
        }
        covered = view.or(covered, here);
        let mut one = Targets::default();
        let end = cases.get(number + 1).map_or(successors.len(), |next| next.begin);
        for step in case.begin..end {
            let (to, _, when) = successors.get(step, words.len());
            if !case.when.subsumes(when) {
                return Some("a transition forgets or changes the value of a parameter");
            }
            one.add(to.to_vec(), when, view);
        }
        let mut other = Targets::default();
        let mut state = model.unpack(words);
        model.assume(&mut state, case.when);
        for (_, next) in model.next_steps(&state).into_iter().filter(|(_, next)| model.within_boundary(next)) {
            let when = model.assignment(&next);
            if !case.when.subsumes(when) {
                return Some("a transition forgets or changes the value of a parameter");
            }
            other.add(stored_form(model, &next), when, view);
        }
        if one.sets != other.sets {
            return Some("a successor differs between the two descriptions of the model");
        }
        // With parameters, one description may tell valuations apart that the other takes together.
        if !view.sets().parametric() && one.count != other.count {
            return Some("a state has more successors in one description of the model than in the other");
        }
    }
    (covered != Set::ALL).then_some("the cases of a state leave valuations out")
}

/// For every state that is led to, the valuations for which there is a transition.
#[derive(Default)]
struct Targets {
    sets: BTreeMap<Vec<u64>, Set>,
    count: usize,
}

impl Targets {
    fn add(&mut self, to: Vec<u64>, when: Assignment, view: &mut View) {
        let set = view.cube(when);
        let known = self.sets.entry(to).or_default();
        *known = view.or(*known, set);
        self.count += 1;
    }
}
