//! The transitions of all stored states, for the properties that need more than one look at them.
//!
//! Purpose: the search keeps states and forgets transitions; this is the second pass that records them.
//! States are numbered from 0, shard after shard ([`Span::number`]).
//! Invariant: only graphs of complete searches are built, so every target is a stored state; one that is not
//! means that the model is not deterministic.
//! Cost: 4 bytes for each transition and for each state, 2 more for a transition if labels matter.

pub(crate) mod components;
pub(crate) mod lasso;
pub(crate) mod liveness;
pub(crate) mod possibility;

use super::error::{Error, hexadecimal};
use super::limits::Limits;
use super::model::{Assignment, Label, Packed, Successors};
use super::outcome::{Limit, Reason};
use super::parallel::for_each;
use super::search::Explored;
use super::store::{Span, StateId};
use std::collections::HashMap;
use std::sync::Mutex;

/// The number of a state in a [`Graph`].
pub(crate) type Node = u32;

/// States of a segment, as a power of two.
const SEGMENT_BITS: u32 = 13;

/// The part of a label that matters on the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// See [`Label::fairness`].
    pub(crate) fairness: Option<u16>,
    /// See [`Label::classes`], without the classes that no property speaks of.
    pub(crate) classes: u32,
}

#[derive(Default)]
struct Segment {
    /// Where the transitions of each state begin, and one more for the end.
    starts: Vec<u32>,
    targets: Vec<Node>,
    /// Empty if all transitions are of one kind.
    kinds: Vec<u16>,
}

/// All states and transitions.
pub(crate) struct Graph<'a, M> {
    /// The model.
    pub(crate) model: &'a M,
    /// The states.
    pub(crate) explored: &'a Explored,
    /// All states, numbered.
    pub(crate) span: Span,
    /// The kinds of transitions.
    pub(crate) kinds: Vec<Kind>,
    /// Whether states have different assignments.
    pub(crate) parametric: bool,
    segments: Vec<Segment>,
}

/// Why there is no graph.
pub(crate) enum NoGraph {
    /// The properties that need one are not decided.
    Reason(Reason),
    /// The model broke its contract.
    Error(Error),
}

impl<'a, M: Packed> Graph<'a, M> {
    /// Records all transitions. `classes` are those that some property speaks of, `fairness` says whether
    /// one speaks of fairness.
    pub(crate) fn build(
        model: &'a M,
        explored: &'a Explored,
        limits: &Limits,
        threads: usize,
        classes: u32,
        fairness: bool,
    ) -> Result<Graph<'a, M>, NoGraph> {
        let span = explored.all();
        let width = explored.store.width();
        let segment_count = span.len().div_ceil(1 << SEGMENT_BITS);
        let need = explored.store.bytes() + explored.tally.transitions as usize * 6 + span.len() * 4;
        if need > limits.memory {
            return Err(NoGraph::Reason(Reason::Limit(Limit::Memory)));
        }
        let interned: Mutex<HashMap<Kind, u16>> = Mutex::new(HashMap::new());
        let problem: Mutex<Option<NoGraph>> = Mutex::new(None);
        let mut segments: Vec<Segment> = (0..segment_count).map(|_| Segment::default()).collect();
        let lock = || problem.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let scratch = || (Successors::default(), HashMap::<Kind, u16>::new());
        for_each(threads, segments.iter_mut().enumerate(), scratch, |(successors, known), (index, segment)| {
            if let Some(limit) = limits.urgent() {
                lock().get_or_insert(NoGraph::Reason(Reason::Limit(limit)));
                return;
            }
            let from = index << SEGMENT_BITS;
            let mut several = false;
            segment.starts.push(0);
            for id in span.ids(from..span.len().min(from + (1 << SEGMENT_BITS))) {
                let words = explored.store.words(id);
                successors.clear();
                model.successors(words, successors);
                successors.iter(width).for_each(|(to, _)| explored.store.prefetch(to));
                for (to, label) in successors.iter(width) {
                    let Some(target) = explored.store.find(to) else {
                        lock().get_or_insert(NoGraph::Error(Error::Nondeterministic { state: hexadecimal(words) }));
                        return;
                    };
                    let Some(kind) = intern(project(label, classes, fairness), known, &interned) else {
                        lock().get_or_insert(NoGraph::Reason(Reason::TooManyKinds));
                        return;
                    };
                    segment.targets.push(span.number(target) as Node);
                    segment.kinds.push(kind);
                    several |= kind != 0;
                }
                segment.starts.push(segment.targets.len() as u32);
            }
            if !several {
                segment.kinds = Vec::new();
            }
            segment.targets.shrink_to_fit();
        });
        if let Some(problem) = problem.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            return Err(problem);
        }
        let interned = interned.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut kinds: Vec<(u16, Kind)> = interned.into_iter().map(|(kind, number)| (number, kind)).collect();
        kinds.sort_unstable_by_key(|(number, _)| *number);
        let kinds = kinds.into_iter().map(|(_, kind)| kind).collect();
        Ok(Graph { model, explored, span, kinds, parametric: explored.tally.resolved != 0, segments })
    }
}

impl<M: Packed> Graph<'_, M> {
    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.span.len()
    }

    /// Bytes of the transitions.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |segment: &Segment| 4 * (segment.starts.len() + segment.targets.len()) + 2 * segment.kinds.len();
        self.segments.iter().map(bytes).sum()
    }

    /// The number of transitions of a state.
    #[inline(always)]
    pub(crate) fn degree(&self, node: Node) -> usize {
        let segment = &self.segments[(node >> SEGMENT_BITS) as usize];
        let at = (node & ((1 << SEGMENT_BITS) - 1)) as usize;
        (segment.starts[at + 1] - segment.starts[at]) as usize
    }

    /// A transition of a state, by the index of the successor: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edge(&self, node: Node, index: usize) -> (Node, usize) {
        let segment = &self.segments[(node >> SEGMENT_BITS) as usize];
        let at = segment.starts[(node & ((1 << SEGMENT_BITS) - 1)) as usize] as usize + index;
        (segment.targets[at], segment.kinds.get(at).map_or(0, |kind| usize::from(*kind)))
    }

    /// The transitions of a state, in the order of its successors: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edges(&self, node: Node) -> impl Iterator<Item = (Node, usize)> + '_ {
        let segment = &self.segments[(node >> SEGMENT_BITS) as usize];
        let at = (node & ((1 << SEGMENT_BITS) - 1)) as usize;
        let range = segment.starts[at] as usize..segment.starts[at + 1] as usize;
        range.map(|at| (segment.targets[at], segment.kinds.get(at).map_or(0, |kind| usize::from(*kind))))
    }

    /// The stored state.
    pub(crate) fn id(&self, node: Node) -> StateId {
        self.span.id(node as usize)
    }

    /// The packed state.
    pub(crate) fn words(&self, node: Node) -> &[u64] {
        self.explored.store.words(self.id(node))
    }

    /// The parameters that the runs to a state have read.
    pub(crate) fn assignment(&self, node: Node) -> Assignment {
        if self.parametric { self.model.assignment(self.words(node)) } else { Assignment::default() }
    }

    /// For every state whether a predicate holds.
    pub(crate) fn holds(&self, predicate: u8) -> Vec<bool> {
        let store = &self.explored.store;
        self.span.ids(0..self.len()).map(|id| self.model.predicates(store.words(id)) >> predicate & 1 == 1).collect()
    }

    /// For every kind whether it belongs to one of the classes.
    pub(crate) fn through(&self, classes: u32) -> Vec<bool> {
        self.kinds.iter().map(|kind| classes == u32::MAX || kind.classes & classes != 0).collect()
    }
}

/// The part of a label that is recorded.
fn project(label: Label, classes: u32, fairness: bool) -> Kind {
    Kind { fairness: label.fairness.filter(|_| fairness), classes: label.classes & classes }
}

/// The number of a kind, `None` if there are too many.
#[inline(always)]
fn intern(kind: Kind, known: &mut HashMap<Kind, u16>, interned: &Mutex<HashMap<Kind, u16>>) -> Option<u16> {
    if let Some(number) = known.get(&kind) {
        return Some(*number);
    }
    let mut all = interned.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let next = u16::try_from(all.len()).ok();
    let number = match all.get(&kind) {
        Some(number) => *number,
        None => {
            let next = next?;
            all.insert(kind, next);
            next
        }
    };
    known.insert(kind, number);
    Some(number)
}
