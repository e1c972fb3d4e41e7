//! Passes over all stored states after the search: coverage, and the replay of every transition.
//!
//! Invariant: off the hot path; the search does nothing for them.
//! Cost: coverage is one call of [`Packed::cover`] for each state; the replay builds every successor twice.

use super::error::{Error, hexadecimal};
use super::limits::Limits;
use super::model::{Packed, Successors};
use super::outcome::{Coverage, Limit};
use super::parallel::for_each;
use super::search::Explored;
use std::sync::Mutex;

/// States that a thread takes at a time.
const CHUNK: usize = 1 << 12;

/// The ranges into which all states are cut.
fn ranges(states: usize) -> impl Iterator<Item = std::ops::Range<usize>> + Send {
    (0..states).step_by(CHUNK).map(move |start| start..states.min(start + CHUNK))
}

/// Counts for every coverage point how many states touch it. `None` if time was up before all states were looked at:
/// a part of the counts would call untouched what the rest touches.
pub(crate) fn cover<M: Packed>(model: &M, explored: &Explored, limits: &Limits, threads: usize) -> Option<Coverage> {
    let all = explored.all();
    let total = Mutex::new(vec![0u64; model.coverage_points()]);
    for_each(
        threads,
        ranges(all.len()),
        || vec![0u64; model.coverage_points()],
        |hits, range| {
            if limits.urgent().is_some() {
                return;
            }
            for id in all.ids(range) {
                model.cover(explored.store.words(id), &mut |point| {
                    if let Some(count) = hits.get_mut(point) {
                        *count += 1;
                    }
                });
            }
            let mut total = total.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            for (sum, count) in total.iter_mut().zip(hits) {
                *sum += std::mem::take(count);
            }
        },
    );
    let hits = total.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    limits.urgent().is_none().then_some(Coverage { hits })
}

/// Replays every transition of every stored state through `actions` and `next_state`. The limit that cut it, if
/// one did.
pub(crate) fn replay<M: Packed>(
    model: &M,
    explored: &Explored,
    limits: &Limits,
    threads: usize,
) -> Result<Option<Limit>, Error> {
    let all = explored.all();
    let problem = Mutex::new(None);
    for_each(threads, ranges(all.len()), Successors::default, |successors, range| {
        if limits.urgent().is_some() {
            return;
        }
        for id in all.ids(range) {
            let words = explored.store.words(id);
            if let Some(what) = differs(model, words, successors) {
                let error = Error::Inconsistent { what, state: hexadecimal(words) };
                problem.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert((id, error));
                return;
            }
        }
    });
    match problem.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        None => Ok(limits.urgent()),
        Some((_, error)) => Err(error),
    }
}

/// What is wrong with a state, if anything is.
fn differs<M: Packed>(model: &M, words: &[u64], successors: &mut Successors) -> Option<&'static str> {
    let mut packed = vec![0; words.len()];
    let mut pack = |state: &M::State| {
        packed.fill(0);
        model.pack(state, &mut packed);
        model.canonical(&mut packed);
        packed.clone()
    };
    let state = model.unpack(words);
    if pack(&state) != words {
        return Some("a state packs differently after it was unpacked");
    }
    successors.clear();
    model.successors(words, successors);
    let steps: Vec<_> = model.next_steps(&state).into_iter().filter(|(_, next)| model.within_boundary(next)).collect();
    if steps.len() != successors.len() {
        return Some("a state has more successors in one description of the model than in the other");
    }
    let same = steps.iter().zip(successors.iter(words.len())).all(|((_, next), (to, _))| pack(next) == to);
    if !same {
        return Some("a successor differs between the two descriptions of the model");
    }
    let then = |to: &[u64]| model.assignment(to);
    let when = model.assignment(words);
    if !successors.iter(words.len()).all(|(to, _)| when.subsumes(then(to))) {
        return Some("a transition forgets or changes the value of a parameter");
    }
    None
}
