//! A second opinion: stateright's own breadth-first search on the same model.
//!
//! Purpose: a verdict that shares no code with this checker but the model. It goes through `actions`,
//! `next_state` and `pack` only, one property at a time, because stateright 0.31 loses shortest counterexamples
//! with two; a state it knows by a 64-bit fingerprint. It cannot judge graph properties: its `eventually` misses
//! loops and joins.
//! Invariant: an answer is given only for a search that was not cut; stateright counts a cut search as a pass.
//! Cost: several times the time and memory of [`super::run`].

use super::model::{Assignment, Claim, Packed, Property, predicates_of, stored_form, successors_of};
use stateright::{Checker, Model};
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What stateright says of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opinion {
    /// It explored all states and found no violation.
    Holds {
        /// Unique states; comparable with [`super::Statistics::states`] for a model without parameters. With
        /// parameters it counts a state for each combination of values that runs have read on the way.
        states: usize,
        /// Transitions; comparable with [`super::Statistics::transitions`].
        transitions: u64,
    },
    /// It found a violation, or, for [`Claim::Sometimes`], explored all states without an example.
    Violated {
        /// Transitions of its counterexample, shortest with one thread; `None` for [`Claim::Sometimes`].
        length: Option<usize>,
        /// Unique states until then; the search ends with the violation.
        states: usize,
    },
    /// It found an example for [`Claim::Sometimes`].
    Satisfied {
        /// Transitions of the example, shortest with one thread.
        length: usize,
        /// Unique states until then; the search ends with the example.
        states: usize,
    },
    /// This engine cannot judge this kind of property.
    NotSupported,
    /// The time was up.
    OutOfTime,
}

/// Asks stateright's breadth-first search about one property.
///
/// A model with parameters is judged for all their values together: violated means for some of them. A state that
/// has transitions for some values only is no deadlock to stateright.
pub fn second_opinion<M>(model: Arc<M>, property: &Property, threads: usize, timeout: Option<Duration>) -> Opinion
where
    M: Packed + Send + Sync + 'static,
{
    match property.claim {
        Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) | Claim::NoDeadlock(_) => {}
        Claim::AlwaysPossibly { .. } | Claim::Eventually(_) | Claim::LeadsTo { .. } => return Opinion::NotSupported,
    }
    let clock = Arc::new(Clock {
        deadline: timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
        asked: AtomicU64::new(0),
        up: AtomicBool::new(false),
    });
    let wrapped = Single { model, claim: property.claim, clock: Arc::clone(&clock) };
    let initial = wrapped.init_states().len();
    let checker = wrapped.checker().threads(threads.max(1)).spawn_bfs().join();
    let states = checker.unique_state_count();
    let found = checker.discovery(NAME).map(|path| path.into_states().len() - 1);
    if found.is_none() && clock.up.load(Ordering::Relaxed) {
        return Opinion::OutOfTime;
    }
    // The step that shows an event leads to a state of the wrapper, so lengths are those of the model's runs.
    match (property.claim, found) {
        (Claim::Sometimes(_), Some(length)) => Opinion::Satisfied { length, states },
        (Claim::Sometimes(_), None) => Opinion::Violated { length: None, states },
        (_, Some(length)) => Opinion::Violated { length: Some(length), states },
        // It counts every state that it meets, again or not, the initial ones included.
        (_, None) => Opinion::Holds { states, transitions: (checker.state_count() - initial) as u64 },
    }
}

const NAME: &str = "the property";

/// Stops a search in time; stateright ignores its own time-out with one thread.
struct Clock {
    deadline: Option<Instant>,
    asked: AtomicU64,
    up: AtomicBool,
}

impl Clock {
    fn is_up(&self) -> bool {
        let Some(deadline) = self.deadline else { return false };
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(256) && Instant::now() >= deadline {
            self.up.store(true, Ordering::Relaxed);
        }
        self.up.load(Ordering::Relaxed)
    }
}

/// A model with one property in stateright's form.
struct Single<M> {
    model: Arc<M>,
    claim: Claim,
    clock: Arc<Clock>,
}

/// A packed state with what its run has read, and whether one of the events in question happened on the way: stateright judges states only.
#[derive(Debug, Clone)]
struct Flagged {
    words: Vec<u64>,
    when: Assignment,
    happened: bool,
}

impl PartialEq for Flagged {
    fn eq(&self, other: &Self) -> bool {
        (&self.words, self.when, self.happened) == (&other.words, other.when, other.happened)
    }
}

impl Hash for Flagged {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words.hash(state);
        self.when.hash(state);
        self.happened.hash(state);
    }
}

impl<M: Packed> Single<M> {
    fn flagged(&self, state: &M::State, happened: bool) -> Flagged {
        Flagged { words: stored_form(&*self.model, state), when: self.model.assignment(state), happened }
    }

    fn unpacked(&self, state: &Flagged) -> M::State {
        let mut from = self.model.unpack(&state.words);
        self.model.assume(&mut from, state.when);
        from
    }

    /// The successors, through `actions` and `next_state`.
    fn steps(&self, state: &Flagged) -> Vec<Flagged> {
        let from = self.unpacked(state);
        let steps = Model::next_steps(&*self.model, &from).into_iter();
        let steps = steps.filter(|(_, next)| self.model.within_boundary(next));
        let Claim::Never(events) = self.claim else {
            return steps.map(|(_, next)| self.flagged(&next, false)).collect();
        };
        // A model may write labels in `successors` only: an event that leads to the same state happens here too.
        let successors = successors_of(&*self.model, &state.words, state.when);
        let happens = |to: &Flagged| {
            (0..successors.len())
                .map(|index| successors.get(index, state.words.len()))
                .any(|(words, label, when)| words == to.words && when.agrees(to.when) && label.events & events != 0)
        };
        let each = steps.map(|(_, next)| {
            let to = self.flagged(&next, false);
            Flagged { happened: state.happened || happens(&to), ..to }
        });
        each.collect()
    }

    fn holds(&self, state: &Flagged) -> bool {
        let predicates = || predicates_of(&*self.model, &state.words, state.when);
        let predicate = |number: u8| predicates() >> number & 1 == 1;
        match self.claim {
            Claim::Always(number) | Claim::Sometimes(number) => predicate(number),
            Claim::NoDeadlock(done) => predicate(done) || !self.steps(state).is_empty(),
            Claim::Never(_) => !state.happened,
            Claim::AlwaysPossibly { .. } | Claim::Eventually(_) | Claim::LeadsTo { .. } => true,
        }
    }
}

impl<M: Packed> Model for Single<M> {
    type State = Flagged;
    /// The state that the action leads to: so the successors of a state are made once, not once for each of them.
    type Action = Flagged;

    fn init_states(&self) -> Vec<Flagged> {
        let states = self.model.init_states().into_iter().filter(|state| self.model.within_boundary(state));
        // Its search would go through equal ones again, and count their transitions twice.
        let mut seen = HashSet::new();
        states
            .map(|state| self.flagged(&state, false))
            .filter(|state| seen.insert((state.words.clone(), state.when)))
            .collect()
    }

    fn actions(&self, state: &Flagged, actions: &mut Vec<Flagged>) {
        if self.clock.is_up() {
            return;
        }
        actions.extend(self.steps(state));
    }

    fn next_state(&self, _: &Flagged, action: Flagged) -> Option<Flagged> {
        Some(action)
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        let condition: fn(&Self, &Flagged) -> bool = |wrapped, state| wrapped.holds(state);
        vec![match self.claim {
            Claim::Sometimes(_) => stateright::Property::sometimes(NAME, condition),
            _ => stateright::Property::always(NAME, condition),
        }]
    }
}
