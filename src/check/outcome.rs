//! What a run of the checker came to, as plain data.
//!
//! Invariant: a property is proved only by a complete search; a limit never yields "holds". Every witness was
//! replayed through the model before it got here.

use super::error::Fault;
use super::model::{Assignment, Property};
use super::observe::Phase;
use std::time::Duration;

/// The result of a run on a model with states `S` and actions `A`.
#[derive(Debug, Clone)]
pub struct Outcome<S, A> {
    /// Whether everything was explored.
    pub completeness: Completeness,
    /// Counts.
    pub statistics: Statistics,
    /// What was never touched; `None` unless [`super::Options::coverage`] asked for it and there was time for it.
    pub coverage: Option<Coverage>,
    /// One result for each selected property, in the order of the specification.
    pub properties: Vec<PropertyResult<S, A>>,
}

impl<S, A> Outcome<S, A> {
    /// The result of a property.
    pub fn property(&self, name: &str) -> Option<&PropertyResult<S, A>> {
        self.properties.iter().find(|result| result.property.name == name)
    }
}

/// Whether all reachable states and transitions were explored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Completeness {
    /// They were.
    Complete,
    /// A limit was hit.
    Stopped {
        /// Which.
        limit: Limit,
        /// States whose transitions were explored.
        explored: usize,
        /// States that were found and whose transitions were not explored.
        frontier: usize,
        /// How large the whole may be.
        forecast: Option<Forecast>,
    },
}

impl Completeness {
    /// The limit that was hit.
    pub fn limit(&self) -> Option<Limit> {
        match self {
            Completeness::Complete => None,
            Completeness::Stopped { limit, .. } => Some(*limit),
        }
    }
}

/// Why a run stopped early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`super::Options::max_states`], or the most states that the store can number (4 billion).
    States,
    /// [`super::Options::memory`].
    Memory,
    /// [`super::Options::timeout`].
    Time,
    /// [`super::Options::max_depth`].
    Depth,
    /// [`super::Options::interrupt`].
    Interrupted,
}

/// An estimate from the growth of the layers, rough by nature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// All states.
    pub states: f64,
    /// The last layer.
    pub depth: usize,
}

/// Counts of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Different states found.
    pub states: usize,
    /// How often a state was reached for valuations for which it had not been reached: at least once for each state,
    /// more often only where a run can be longer for some values of the parameters than for others.
    pub arrivals: usize,
    /// Transitions explored, each once from every arrival in its source (parallel ones counted each).
    pub transitions: u64,
    /// Number of the last layer: the longest of all shortest paths, in transitions.
    pub depth: usize,
    /// States first reached after 0, 1, ... transitions.
    pub layers: Vec<usize>,
    /// States without transitions.
    pub deadlocks: usize,
    /// The most transitions of a state.
    pub max_degree: usize,
    /// Bytes of the store: packed states, parents, table.
    pub store_bytes: usize,
    /// Share of the table that is in use.
    pub table_load: f64,
    /// Width of a packed state in words.
    pub words: usize,
    /// The most bytes used at one time by the store, the buffers and the graph, by count (not as the system sees it).
    pub peak_bytes: usize,
    /// The parameters on which something depends, by number.
    pub resolved: Vec<usize>,
    /// Time for each part of the run, in order.
    pub phases: Vec<(Phase, Duration)>,
}

impl Statistics {
    /// Bytes of the store for each state.
    pub fn bytes_per_state(&self) -> f64 {
        self.store_bytes as f64 / self.states.max(1) as f64
    }

    /// Transitions of a state, on the average.
    pub fn mean_degree(&self) -> f64 {
        self.transitions as f64 / self.states.max(1) as f64
    }

    /// Time for a part of the run.
    pub fn time(&self, phase: Phase) -> Duration {
        self.phases.iter().filter(|(done, _)| *done == phase).map(|(_, time)| *time).sum()
    }
}

/// What the explored transitions touched. Of an incomplete run it says only what was touched so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The coverage points that some transition touched, one bit each.
    pub(crate) touched: Vec<u64>,
}

impl Coverage {
    /// Whether some transition touched a point.
    pub fn touches(&self, point: usize) -> bool {
        self.touched.get(point / 64).is_some_and(|word| word >> (point % 64) & 1 == 1)
    }
}

/// What is known about a property.
#[derive(Debug, Clone)]
pub struct PropertyResult<S, A> {
    /// The property.
    pub property: Property,
    /// How it is violated, shortest witnesses first. No valuation is in two of them; each has a shortest witness for
    /// its valuations, shown for one of them.
    pub violations: Vec<Violation<S, A>>,
    /// For [`super::Claim::Sometimes`]: a shortest path to a state that satisfies the predicate.
    pub evidence: Option<Witness<S, A>>,
    /// Whether the property is decided for the valuations that no violation covers: if so, it holds for them.
    pub conclusion: Conclusion,
    /// The predicates and events that the property speaks of and that never changed: it holds, or fails, for
    /// want of anything to happen.
    pub vacuous: Vec<Constant>,
}

impl<S, A> PropertyResult<S, A> {
    /// Proved, for all valuations of the parameters.
    pub fn holds(&self) -> bool {
        self.violations.is_empty() && self.conclusion == Conclusion::Conclusive
    }

    /// Violated, at least for some valuation.
    pub fn violated(&self) -> bool {
        !self.violations.is_empty()
    }

    /// The partial assignments under which it is violated, none subsumed by another.
    pub fn violated_when(&self) -> Vec<Assignment> {
        super::cube::minimal(self.violations.iter().flat_map(|violation| violation.when.iter().copied()).collect())
    }
}

/// Whether an answer is final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// It is.
    Conclusive,
    /// It is not.
    Inconclusive(Reason),
}

/// Why a property is not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The search, or the work on the graph, hit a limit.
    Limit(Limit),
    /// The parameters that matter have more valuations than can be judged one by one.
    TooManyValuations(u64),
    /// There are more kinds of labels on the transitions than the graph can record.
    TooManyKinds,
    /// Something was found and could not be reproduced.
    Fault(Fault),
}

/// A way in which a property is violated.
#[derive(Debug, Clone)]
pub struct Violation<S, A> {
    /// The partial assignments under which it happens; the empty one for "always".
    pub when: Vec<Assignment>,
    /// How it happens; `None` where something never happens ([`super::Claim::Sometimes`]).
    pub witness: Option<Witness<S, A>>,
}

/// A run of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Witness<S, A> {
    /// The initial state.
    pub initial: S,
    /// Actions, each with the state after it.
    pub steps: Vec<(A, S)>,
    /// If the run goes on for ever: the number of steps after which the loop begins. The last state is equal to
    /// the state after that many steps.
    pub loop_start: Option<usize>,
}

impl<S, A> Witness<S, A> {
    /// The last state.
    pub fn last(&self) -> &S {
        self.steps.last().map_or(&self.initial, |(_, state)| state)
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether it consists of the initial state alone.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Something that had the same value in all that was explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// A predicate, and its value.
    Predicate {
        /// Its number.
        predicate: u8,
        /// Its value in all states.
        value: bool,
    },
    /// Events that no transition carried, as a bit set.
    Events(u32),
    /// Classes of actions to which no transition belonged, as a bit set.
    Classes(u32),
}
