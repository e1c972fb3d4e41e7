//! The transitions of all stored states, for the properties that need all of them together.
//!
//! Purpose: the notes of a complete search, put in the order of the states. States are numbered from 0, as the
//! search met them, so most transitions lead to a number a little higher. For a valuation of the parameters, only
//! those states, cases and transitions exist whose sets contain it; [`Exists`] says so for many valuations at once.
//! Cost: 4 bytes for each transition and 2 more for its kind, 16 for each state.

pub(crate) mod components;
pub(crate) mod lasso;
pub(crate) mod liveness;
pub(crate) mod possibility;
pub(crate) mod ranking;
mod valuations;

use super::error::Fault;
use super::model::{Assignment, Packed};
use super::parallel::for_each;
use super::record::{Holding, Kind, Page, Recording};
use super::search::Explored;
use super::sets::{Set, Sets};
use super::store::{Numbers, StateId};
use std::collections::HashMap;
use std::marker::PhantomData;

/// The number of a state in a [`Graph`].
pub(crate) type Node = u32;

/// All states and transitions.
pub(crate) struct Graph<'a, M> {
    model: PhantomData<&'a M>,
    /// The states.
    pub(crate) explored: &'a Explored,
    /// The kinds of transitions.
    pub(crate) kinds: Vec<Kind>,
    /// The cases of states.
    pub(crate) holdings: Vec<Holding>,
    sets: &'a Sets,
    numbers: Numbers,
    /// The number of the first arrival in each state; empty if that is the state's own.
    firsts: Vec<u32>,
    /// The state of each arrival; empty if every arrival is a state.
    nodes: Vec<Node>,
    /// Arrivals beyond the first, by state.
    later: HashMap<Node, Vec<StateId>>,
    /// Where the transitions of each state begin, and one more for the end.
    starts: Vec<u64>,
    targets: Vec<Node>,
    /// Empty if all transitions are of one kind.
    kind_numbers: Vec<u16>,
    /// Where the cases of each state begin, and one more for the end; empty if each state has one.
    case_starts: Vec<u32>,
    cases: Vec<u32>,
    /// For each state the valuations for which it is reachable; empty without parameters.
    reachable: Vec<Set>,
}

/// What is put in order: a part of the columns for each page.
struct Slot<'s> {
    page: Page,
    targets: &'s mut [Node],
    kinds: &'s mut [u16],
}

impl<'a, M: Packed> Graph<'a, M> {
    /// Puts the notes of a complete search in order.
    pub(crate) fn new(sets: &'a Sets, explored: &'a Explored, recording: Recording, threads: usize) -> Graph<'a, M> {
        let Recording { kinds, holdings, pages } = recording;
        let mut graph = Graph {
            model: PhantomData,
            explored,
            holdings,
            sets,
            numbers: explored.layers.numbers(),
            firsts: Vec::new(),
            nodes: Vec::new(),
            later: HashMap::new(),
            starts: Vec::new(),
            targets: vec![0; explored.tally.transitions as usize],
            kind_numbers: vec![0; if kinds.len() > 1 { explored.tally.transitions as usize } else { 0 }],
            kinds,
            case_starts: Vec::new(),
            cases: Vec::new(),
            reachable: Vec::new(),
        };
        match sets.parametric() {
            false => graph.lay_out(pages, threads),
            true => graph.gather(pages),
        }
        graph
    }

    /// Without parameters every arrival is a state, and the notes are in order already.
    fn lay_out(&mut self, pages: Vec<Page>, threads: usize) {
        let Graph { targets, kind_numbers, starts, cases, numbers, .. } = self;
        starts.reserve_exact(self.explored.store.len() + 1);
        starts.push(0);
        cases.reserve_exact(self.explored.store.len());
        let (mut targets, mut kinds) = (&mut targets[..], &mut kind_numbers[..]);
        let mut slots = Vec::with_capacity(pages.len());
        let mut at = 0u64;
        for page in pages {
            starts.extend(page.counts.iter().map(|(transitions, _)| {
                at += u64::from(*transitions);
                at
            }));
            cases.extend_from_slice(&page.cases);
            let (here, rest) = targets.split_at_mut(page.targets.len());
            targets = rest;
            let (kinds_here, rest) = kinds.split_at_mut(kinds.len().min(page.targets.len()));
            kinds = rest;
            slots.push(Slot { page, targets: here, kinds: kinds_here });
        }
        for_each(
            threads,
            slots.into_iter(),
            || (),
            |(), slot| {
                for (node, &id) in slot.targets.iter_mut().zip(&slot.page.targets) {
                    *node = numbers.of(StateId::from_number(id)) as Node;
                }
                slot.kinds.iter_mut().zip(&slot.page.kinds).for_each(|(kind, noted)| *kind = *noted);
            },
        );
    }

    /// With parameters a state may have been reached several times, for other valuations each time; its
    /// transitions and cases are those of all its arrivals.
    fn gather(&mut self, pages: Vec<Page>) {
        let store = &self.explored.store;
        let mut nodes = vec![0 as Node; store.len()];
        for (number, id) in self.explored.arrivals().enumerate() {
            let first = store.first(id);
            nodes[number] = if first == id {
                self.firsts.push(number as u32);
                self.reachable.push(store.all_of(id));
                self.firsts.len() as Node - 1
            } else {
                let node = nodes[self.numbers.of(first)];
                self.later.entry(node).or_default().push(id);
                node
            };
        }
        self.starts = vec![0; self.firsts.len() + 1];
        self.case_starts = vec![0; self.firsts.len() + 1];
        let counts = pages.iter().flat_map(|page| &page.counts);
        for (&node, &(transitions, cases)) in nodes.iter().zip(counts) {
            self.starts[node as usize + 1] += u64::from(transitions);
            self.case_starts[node as usize + 1] += cases;
        }
        for node in 0..self.firsts.len() {
            self.starts[node + 1] += self.starts[node];
            self.case_starts[node + 1] += self.case_starts[node];
        }
        self.cases = vec![0; self.case_starts.last().map_or(0, |end| *end as usize)];
        let (mut free, mut free_cases) = (self.starts.clone(), self.case_starts.clone());
        let mut arrivals = nodes.iter();
        for page in pages {
            let (mut done, mut done_cases) = (0, 0);
            for &(transitions, cases) in &page.counts {
                let Some(&node) = arrivals.next() else { break };
                let to = free[node as usize] as usize;
                for offset in 0..transitions as usize {
                    let id = StateId::from_number(page.targets[done + offset]);
                    self.targets[to + offset] = nodes[self.numbers.of(id)];
                    if let Some(kind) = self.kind_numbers.get_mut(to + offset) {
                        *kind = page.kinds.get(done + offset).copied().unwrap_or(0);
                    }
                }
                free[node as usize] += u64::from(transitions);
                done += transitions as usize;
                let to = free_cases[node as usize] as usize;
                let noted = &page.cases[done_cases..done_cases + cases as usize];
                self.cases[to..to + cases as usize].copy_from_slice(noted);
                free_cases[node as usize] += cases;
                done_cases += cases as usize;
            }
        }
        self.nodes = nodes;
    }
}

impl<M: Packed> Graph<'_, M> {
    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Bytes of the transitions and of what belongs to states.
    pub(crate) fn bytes(&self) -> usize {
        let states = 8 * self.starts.len() + 4 * (self.case_starts.len() + self.cases.len() + self.reachable.len());
        states + 4 * (self.targets.len() + self.firsts.len() + self.nodes.len()) + 2 * self.kind_numbers.len()
    }

    /// Where the transitions of a state begin and end.
    #[inline(always)]
    pub(crate) fn range(&self, node: Node) -> (usize, usize) {
        (self.starts[node as usize] as usize, self.starts[node as usize + 1] as usize)
    }

    /// The targets of the transitions of a state.
    #[inline(always)]
    pub(crate) fn targets(&self, node: Node) -> &[Node] {
        let (from, to) = self.range(node);
        &self.targets[from..to]
    }

    /// The transition with this index among all: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edge(&self, index: usize) -> (Node, usize) {
        (self.targets[index], self.kind_numbers.get(index).map_or(0, |kind| usize::from(*kind)))
    }

    /// The transitions of a state: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edges(&self, node: Node) -> impl Iterator<Item = (Node, usize)> + '_ {
        let (from, to) = self.range(node);
        (from..to).map(|index| self.edge(index))
    }

    /// The numbers of the cases of a state.
    #[inline(always)]
    pub(crate) fn cases(&self, node: Node) -> &[u32] {
        let node = node as usize;
        match self.case_starts.is_empty() {
            true => &self.cases[node..=node],
            false => &self.cases[self.case_starts[node] as usize..self.case_starts[node + 1] as usize],
        }
    }

    /// Whether a valuation is in a set.
    pub(crate) fn contains(&self, set: Set, valuation: Assignment) -> bool {
        self.sets.contains(set, valuation)
    }

    /// The valuations for which a state is reachable.
    #[inline(always)]
    pub(crate) fn reachable(&self, node: Node) -> Set {
        self.reachable.get(node as usize).copied().unwrap_or(Set::ALL)
    }

    /// All arrivals, in the order of the search: each with its state, and the valuations for which it is the first.
    pub(crate) fn arrivals(&self) -> impl Iterator<Item = (StateId, Node, Set)> + '_ {
        let store = &self.explored.store;
        self.explored
            .arrivals()
            .enumerate()
            .map(move |(number, id)| (id, self.nodes.get(number).copied().unwrap_or(number as Node), store.new_for(id)))
    }

    /// The states in which runs begin, each with the valuations for which they do.
    pub(crate) fn initial(&self) -> impl Iterator<Item = (Node, Set)> + '_ {
        self.arrivals()
            .take(self.explored.layers.sizes().first().copied().unwrap_or(0))
            .map(|(_, node, new)| (node, new))
    }

    /// The first arrival in a state.
    pub(crate) fn first(&self, node: Node) -> StateId {
        self.numbers.id(self.firsts.get(node as usize).map_or(node, |first| *first) as usize)
    }

    /// The arrival in which a state was reached first for a valuation.
    pub(crate) fn arrival(&self, node: Node, valuation: Assignment) -> Result<StateId, Fault> {
        let store = &self.explored.store;
        let mut arrivals =
            std::iter::once(self.first(node)).chain(self.later.get(&node).into_iter().flatten().copied());
        arrivals.find(|id| self.sets.contains(store.new_for(*id), valuation)).ok_or_else(|| Fault {
            what: "a state is not reachable for its valuation",
            step: 0,
            state: super::error::hexadecimal(store.words(self.first(node))),
        })
    }
}
