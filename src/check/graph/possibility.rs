//! AG EF: from every reachable state the goal can be reached, by transitions of some classes alone.
//!
//! For a valuation `v`, only the states whose assignment `v` extends exist; in this part of the graph,
//! every state has to reach a goal state. Assignments are only ever extended along a transition, so
//! whether a state exists for `v` needs no look at its past.
//! Up to 64 valuations are decided in one pass over the components, as the bits of a word:
//! `reach[s] = exists[s] if s is a goal, otherwise the union over transitions s -> t of reach[t]`
//! (`reach[t]` is within `exists[t]`). All states of a component reach the same goals.
//! Cost: one pass over all transitions for the components, one for each 64 valuations.

use super::components::Components;
use super::{Graph, Node};
use crate::check::cube::{self, Product};
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use std::collections::BTreeMap;

/// The most valuations that are decided one by one.
const MOST_VALUATIONS: u64 = 1 << 16;

/// A state from which the goal cannot be reached, with the valuations for which this is so.
pub(crate) struct Lost {
    /// The state, the first one for these valuations.
    pub(crate) node: Node,
    /// The valuations.
    pub(crate) when: Vec<Assignment>,
}

/// Decides AG EF; the states from which the goal is lost, in the order of the search.
pub(crate) fn decide<M: Packed>(
    graph: &Graph<M>,
    limits: &Limits,
    parameters: &[Parameter],
    goal: u8,
    classes: u32,
) -> Result<Vec<Lost>, Reason> {
    let product = Product::new(parameters, cube::set_parameters(Assignment(graph.explored.tally.resolved)));
    if product.len() > MOST_VALUATIONS {
        return Err(Reason::TooManyValuations(product.len()));
    }
    let goals = graph.holds(goal);
    let components = Components::new(graph, |_| true, &graph.through(classes));
    let through = graph.through(classes);
    // Where the goal is lost, by the place of the state in the order of the search.
    let mut lost: BTreeMap<(usize, Node), Vec<Assignment>> = BTreeMap::new();
    let mut reach = vec![0u64; components.len()];
    for base in (0..product.len()).step_by(64) {
        if let Some(limit) = limits.urgent() {
            return Err(Reason::Limit(limit));
        }
        let valuations: Vec<Assignment> = (base..product.len().min(base + 64)).map(|n| product.valuation(n)).collect();
        let exists = Exists::new(&valuations, &graph.assignments);
        reach.fill(0);
        for (node, component) in components.in_order() {
            let all = exists.of(graph.assignment_number(node));
            if goals[node as usize] {
                reach[component] = all;
            }
            if reach[component] == all {
                continue;
            }
            components.prefetch(graph.targets(graph.edge_range(node)));
            for (target, kind) in graph.edges(node) {
                if through[kind] {
                    reach[component] |= reach[components.of(target) as usize];
                    if reach[component] == all {
                        break;
                    }
                }
            }
        }
        let mut open = exists.all;
        'states: for (depth, layer) in graph.explored.layers.iter().enumerate() {
            for id in layer.ids(0..layer.len()) {
                let node = graph.span.number(id) as Node;
                let missing = exists.of(graph.assignment_number(node)) & !reach[components.of(node) as usize] & open;
                if missing != 0 {
                    let when = valuations.iter().enumerate().filter(|(bit, _)| missing >> bit & 1 == 1);
                    lost.entry((depth, node)).or_default().extend(when.map(|(_, valuation)| *valuation));
                    open &= !missing;
                    if open == 0 {
                        break 'states;
                    }
                }
            }
        }
    }
    // Each group in cubes that touch no valuation outside of the group.
    let all: Vec<Assignment> = (0..product.len()).map(|number| product.valuation(number)).collect();
    let groups = lost.into_iter().map(|((_, node), when)| {
        let avoid: Vec<Assignment> =
            all.iter().copied().filter(|valuation| when.binary_search(valuation).is_err()).collect();
        let own = graph.assignment(node);
        let cubes = cube::generalize(&when, &avoid).into_iter().filter_map(|cube| cube::meet(cube, own));
        Lost { node, when: cubes.collect() }
    });
    Ok(groups.collect())
}

/// For which of 64 valuations a partial assignment is extended by them.
struct Exists {
    all: u64,
    /// By the number of the assignment; empty if there are no parameters.
    masks: Vec<u64>,
}

impl Exists {
    fn new(valuations: &[Assignment], assignments: &[Assignment]) -> Exists {
        let all = if valuations.len() == 64 { u64::MAX } else { (1 << valuations.len()) - 1 };
        let mask = |assignment: &Assignment| {
            let extends = valuations.iter().enumerate().filter(|(_, valuation)| assignment.subsumes(**valuation));
            extends.fold(0, |mask, (bit, _)| mask | 1 << bit)
        };
        Exists { all, masks: assignments.iter().map(mask).collect() }
    }

    #[inline(always)]
    fn of(&self, number: usize) -> u64 {
        self.masks.get(number).copied().unwrap_or(self.all)
    }
}
