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
use std::hash::Hash;
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
    /// The number of each state's assignment; empty if there are no parameters.
    assignments: Vec<u32>,
}

impl Segment {
    #[inline(always)]
    fn kind(&self, at: usize) -> usize {
        self.kinds.get(at).map_or(0, |kind| usize::from(*kind))
    }
}

/// Some transitions of a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edges {
    segment: u32,
    at: u32,
    end: u32,
}

impl Edges {
    /// Leaves the first one out.
    #[inline(always)]
    pub(crate) fn advance(&mut self) {
        self.at += 1;
    }
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
    /// The assignments of states, numbered.
    pub(crate) assignments: Vec<Assignment>,
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
        let parametric = explored.tally.resolved != 0;
        let recorder = Recorder {
            model,
            explored,
            span: &span,
            classes,
            fairness,
            parametric,
            kinds: Numbers::default(),
            assignments: Numbers::default(),
        };
        let problem: Mutex<Option<NoGraph>> = Mutex::new(None);
        let mut segments: Vec<Segment> = (0..segment_count).map(|_| Segment::default()).collect();
        for_each(threads, segments.iter_mut().enumerate(), Scratch::default, |scratch, (index, segment)| {
            let from = index << SEGMENT_BITS;
            let range = from..span.len().min(from + (1 << SEGMENT_BITS));
            let done = match limits.urgent() {
                Some(limit) => Err(NoGraph::Reason(Reason::Limit(limit))),
                None => match width {
                    1 => recorder.record(1, range, scratch, segment),
                    2 => recorder.record(2, range, scratch, segment),
                    3 => recorder.record(3, range, scratch, segment),
                    4 => recorder.record(4, range, scratch, segment),
                    width => recorder.record(width, range, scratch, segment),
                },
            };
            if let Err(reason) = done {
                problem.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get_or_insert(reason);
            }
        });
        if let Some(problem) = problem.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            return Err(problem);
        }
        let (kinds, assignments) = (recorder.kinds.into_list(), recorder.assignments.into_list());
        Ok(Graph { model, explored, span, kinds, parametric, assignments, segments })
    }
}

impl<M: Packed> Graph<'_, M> {
    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.span.len()
    }

    /// Bytes of the transitions.
    pub(crate) fn bytes(&self) -> usize {
        let words = |segment: &Segment| segment.starts.len() + segment.targets.len() + segment.assignments.len();
        let bytes = |segment: &Segment| 4 * words(segment) + 2 * segment.kinds.len();
        self.segments.iter().map(bytes).sum()
    }

    /// The number of transitions of a state.
    #[inline(always)]
    pub(crate) fn degree(&self, node: Node) -> usize {
        let edges = self.edge_range(node);
        (edges.end - edges.at) as usize
    }

    /// The transitions of a state.
    #[inline(always)]
    pub(crate) fn edge_range(&self, node: Node) -> Edges {
        let segment = node >> SEGMENT_BITS;
        let starts = &self.segments[segment as usize].starts;
        let at = (node & ((1 << SEGMENT_BITS) - 1)) as usize;
        Edges { segment, at: starts[at], end: starts[at + 1] }
    }

    /// The targets of transitions.
    #[inline(always)]
    pub(crate) fn targets(&self, edges: Edges) -> &[Node] {
        &self.segments[edges.segment as usize].targets[edges.at as usize..edges.end as usize]
    }

    /// The first of some transitions: target and number of the kind.
    #[inline(always)]
    pub(crate) fn first(&self, edges: Edges) -> Option<(Node, usize)> {
        if edges.at == edges.end {
            return None;
        }
        let segment = &self.segments[edges.segment as usize];
        Some((segment.targets[edges.at as usize], segment.kind(edges.at as usize)))
    }

    /// The transitions of a state, in the order of its successors: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edges(&self, node: Node) -> impl Iterator<Item = (Node, usize)> + '_ {
        let edges = self.edge_range(node);
        let segment = &self.segments[edges.segment as usize];
        (edges.at as usize..edges.end as usize).map(|at| (segment.targets[at], segment.kind(at)))
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
    #[inline(always)]
    pub(crate) fn assignment(&self, node: Node) -> Assignment {
        if self.parametric { self.assignments[self.assignment_number(node)] } else { Assignment::default() }
    }

    /// The number of a state's assignment among [`Graph::assignments`]; 0 if there are no parameters.
    #[inline(always)]
    pub(crate) fn assignment_number(&self, node: Node) -> usize {
        let known = &self.segments[(node >> SEGMENT_BITS) as usize].assignments;
        known.get((node & ((1 << SEGMENT_BITS) - 1)) as usize).map_or(0, |number| *number as usize)
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

/// Numbers for values, given out once by all threads together.
struct Numbers<T>(Mutex<HashMap<T, u32>>);

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers(Mutex::default())
    }
}

impl<T: Copy + Eq + Hash> Numbers<T> {
    /// The number of a value.
    fn of(&self, value: T, known: &mut Known<T>) -> u32 {
        if let Some((last, number)) = known.last
            && last == value
        {
            return number;
        }
        let number = *known.numbers.entry(value).or_insert_with(|| {
            let mut all = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let next = all.len() as u32;
            *all.entry(value).or_insert(next)
        });
        known.last = Some((value, number));
        number
    }

    /// The values in the order of their numbers.
    fn into_list(self) -> Vec<T> {
        let all = self.0.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut list: Vec<(u32, T)> = all.into_iter().map(|(value, number)| (number, value)).collect();
        list.sort_unstable_by_key(|(number, _)| *number);
        list.into_iter().map(|(_, value)| value).collect()
    }
}

/// The numbers that a thread knows.
struct Known<T> {
    numbers: HashMap<T, u32>,
    last: Option<(T, u32)>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Known { numbers: HashMap::new(), last: None }
    }
}

/// What a thread keeps from segment to segment.
#[derive(Default)]
struct Scratch {
    successors: Successors,
    kinds: Known<Kind>,
    assignments: Known<Assignment>,
}

/// Whoever fills segments.
struct Recorder<'a, M> {
    model: &'a M,
    explored: &'a Explored,
    span: &'a Span,
    classes: u32,
    fairness: bool,
    parametric: bool,
    kinds: Numbers<Kind>,
    assignments: Numbers<Assignment>,
}

impl<M: Packed> Recorder<'_, M> {
    /// Records the transitions of the states with these numbers. Inlined for constant widths.
    #[inline(always)]
    fn record(
        &self,
        width: usize,
        range: std::ops::Range<usize>,
        scratch: &mut Scratch,
        segment: &mut Segment,
    ) -> Result<(), NoGraph> {
        let Scratch { successors, kinds, assignments } = scratch;
        let store = &self.explored.store;
        let mut several = false;
        segment.starts.push(0);
        for id in self.span.ids(range) {
            let words = store.words(id);
            if self.parametric {
                segment.assignments.push(self.assignments.of(self.model.assignment(words), assignments));
            }
            successors.clear();
            self.model.successors(words, successors);
            successors.iter(width).for_each(|(to, _)| store.prefetch(to));
            for (to, label) in successors.iter(width) {
                let Some(target) = store.find(width, to) else {
                    return Err(NoGraph::Error(Error::Nondeterministic { state: hexadecimal(words) }));
                };
                segment.targets.push(self.span.number(target) as Node);
                let number = u16::try_from(self.kinds.of(self.project(label), kinds));
                let number = number.map_err(|_| NoGraph::Reason(Reason::TooManyKinds))?;
                segment.kinds.push(number);
                several |= number != 0;
            }
            segment.starts.push(segment.targets.len() as u32);
        }
        if !several {
            segment.kinds = Vec::new();
        }
        segment.kinds.shrink_to_fit();
        segment.targets.shrink_to_fit();
        Ok(())
    }

    /// The part of a label that is recorded.
    #[inline(always)]
    fn project(&self, label: Label) -> Kind {
        Kind { fairness: label.fairness.filter(|_| self.fairness), classes: label.classes & self.classes }
    }
}
