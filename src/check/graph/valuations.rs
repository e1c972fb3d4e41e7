//! Which states, cases and transitions exist for which valuations of the parameters.
//!
//! Only parameters on which something depends are looked at. Valuations that no state, case or transition tells
//! apart are one.

use super::{Graph, Node};
use crate::check::cube::{self, Product};
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::sets::Set;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The most valuations that are decided one by one.
const MOST_VALUATIONS: u64 = 1 << 16;

/// All valuations of the parameters on which something depends.
pub(crate) struct Valuations(Vec<Assignment>);

impl Valuations {
    /// The valuations for a graph.
    pub(crate) fn of<M: Packed>(graph: &Graph<M>, parameters: &[Parameter]) -> Result<Valuations, Reason> {
        let matter = cube::set_parameters(Assignment(graph.explored.tally.resolved));
        let product = Product::new(parameters, matter);
        match product.len() {
            0..=MOST_VALUATIONS => Ok(Valuations((0..product.len()).map(|n| product.valuation(n)).collect())),
            number => Err(Reason::TooManyValuations(number)),
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Assignment] {
        &self.0
    }

    /// The valuations, up to 64 at a time.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[Assignment]> {
        self.0.chunks(64)
    }
}

/// Groups valuations for which the same thing was found, in the order of what was found; each group as cubes that
/// contain none of the others.
pub(crate) fn in_groups<T: Ord>(
    found: impl Iterator<Item = (Assignment, T)>,
    all: &[Assignment],
) -> Vec<(T, Vec<Assignment>)> {
    let mut groups: BTreeMap<T, Vec<Assignment>> = BTreeMap::new();
    found.for_each(|(valuation, thing)| groups.entry(thing).or_default().push(valuation));
    let in_cubes = |when: Vec<Assignment>| {
        let avoid: Vec<Assignment> = all.iter().copied().filter(|other| !when.contains(other)).collect();
        cube::generalize(&when, &avoid)
    };
    groups.into_iter().map(|(thing, when)| (thing, in_cubes(when))).collect()
}

/// For up to 64 valuations, as the bits of a word: what exists.
pub(crate) struct Exists {
    /// All of the valuations.
    pub(crate) all: u64,
    kinds: Vec<u64>,
    holdings: Vec<u64>,
    /// By the number of the set.
    sets: Vec<u64>,
}

impl Exists {
    /// What exists in a graph.
    pub(crate) fn new<M: Packed>(graph: &Graph<M>, valuations: &[Assignment]) -> Exists {
        let bits = |holds: &dyn Fn(Assignment) -> bool| {
            let some = valuations.iter().enumerate().filter(|(_, valuation)| holds(**valuation));
            some.fold(0, |mask, (bit, _)| mask | 1u64 << bit)
        };
        let extend = |when: Assignment| bits(&|valuation| when.subsumes(valuation));
        let mut sets: HashSet<Set> = graph.reachable.iter().copied().collect();
        sets.extend(graph.arrivals().map(|(_, _, new)| new));
        let mut by_number = vec![0; sets.iter().map(|set| set.0 as usize + 1).max().unwrap_or(0)];
        for set in sets {
            by_number[set.0 as usize] = bits(&|valuation| graph.sets.contains(set, valuation));
        }
        Exists {
            all: bits(&|_| true),
            kinds: graph.kinds.iter().map(|kind| extend(kind.when)).collect(),
            holdings: graph.holdings.iter().map(|holding| extend(holding.when)).collect(),
            sets: by_number,
        }
    }

    /// Which of the valuations are in a set.
    #[inline(always)]
    pub(crate) fn set(&self, set: Set) -> u64 {
        if set == Set::ALL { self.all } else { self.sets[set.0 as usize] }
    }

    /// For which valuations a state is reachable.
    #[inline(always)]
    pub(crate) fn state<M: Packed>(&self, graph: &Graph<M>, node: Node) -> u64 {
        self.set(graph.reachable(node))
    }

    /// For which valuations transitions of a kind exist.
    #[inline(always)]
    pub(crate) fn kind(&self, kind: usize) -> u64 {
        self.kinds[kind]
    }

    /// For which valuations a predicate holds in a state.
    #[inline(always)]
    pub(crate) fn holds<M: Packed>(&self, graph: &Graph<M>, node: Node, predicate: u8) -> u64 {
        let cases = graph.cases(node).iter().map(|case| *case as usize);
        cases
            .filter(|case| graph.holdings[*case].predicates >> predicate & 1 == 1)
            .fold(0, |mask, case| mask | self.holdings[case])
    }
}

/// A graph as it is for one valuation, and for all others that nothing in it tells apart from that one.
pub(crate) struct World<'a, 'g, M> {
    /// The graph for all valuations.
    pub(crate) graph: &'a Graph<'g, M>,
    /// The valuations.
    pub(crate) valuations: Vec<Assignment>,
    /// Whether some transition serves a fairness constraint.
    pub(crate) fairness: bool,
    kinds: Vec<bool>,
    holdings: Vec<bool>,
}

impl<'a, 'g, M: Packed> World<'a, 'g, M> {
    /// The worlds of a graph, in the order of their first valuations.
    pub(crate) fn all(graph: &'a Graph<'g, M>, valuations: &Valuations) -> Vec<World<'a, 'g, M>> {
        let fairness = graph.kinds.iter().any(|kind| kind.fairness.is_some());
        let mut worlds: Vec<World<M>> = Vec::new();
        // Which states are reachable tells no more valuations apart than the transitions and where runs begin.
        let begins: Vec<Set> = graph.initial().map(|(_, set)| set).collect();
        let mut known: HashMap<[Vec<bool>; 3], usize> = HashMap::new();
        for chunk in valuations.chunks() {
            let exists = Exists::new(graph, chunk);
            for (bit, valuation) in chunk.iter().enumerate() {
                let here = |masks: &[u64]| masks.iter().map(|mask| mask >> bit & 1 == 1).collect::<Vec<bool>>();
                let begins: Vec<u64> = begins.iter().map(|set| exists.set(*set)).collect();
                let parts = [&exists.kinds, &exists.holdings, &begins].map(|masks| here(masks));
                let number = *known.entry(parts.clone()).or_insert_with(|| {
                    let [kinds, holdings, _] = parts;
                    worlds.push(World { graph, valuations: Vec::new(), fairness, kinds, holdings });
                    worlds.len() - 1
                });
                worlds[number].valuations.push(*valuation);
            }
        }
        worlds
    }

    /// The valuation that stands for the others.
    pub(crate) fn valuation(&self) -> Assignment {
        self.valuations[0]
    }

    /// Whether transitions of a kind exist.
    #[inline(always)]
    pub(crate) fn has_kind(&self, kind: usize) -> bool {
        self.kinds[kind]
    }

    /// Whether a predicate holds in a state.
    #[inline(always)]
    pub(crate) fn holds(&self, node: Node, predicate: u8) -> bool {
        let mut cases = self.graph.cases(node).iter().map(|case| *case as usize);
        cases.any(|case| self.holdings[case] && self.graph.holdings[case].predicates >> predicate & 1 == 1)
    }

    /// The transitions of a state: target and number of the kind.
    #[inline(always)]
    pub(crate) fn edges(&self, node: Node) -> impl Iterator<Item = (Node, usize)> + '_ {
        self.graph.edges(node).filter(|(_, kind)| self.kinds[*kind])
    }

    /// Whether a run may stay in a state for ever: no fairness constraint is enabled.
    #[inline(always)]
    pub(crate) fn rests(&self, node: Node) -> bool {
        !self.edges(node).any(|(_, kind)| self.graph.kinds[kind].fairness.is_some())
    }

    /// The fairness constraints that are enabled in a state.
    pub(crate) fn enabled(&self, node: Node) -> Vec<u16> {
        let mut enabled: Vec<u16> = self.edges(node).filter_map(|(_, kind)| self.graph.kinds[kind].fairness).collect();
        enabled.sort_unstable();
        enabled.dedup();
        enabled
    }
}
