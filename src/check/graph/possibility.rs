//! AG EF: from every reachable state the goal can be reached, by transitions of some classes alone.
//!
//! For a valuation `v`, only the states whose assignment `v` extends exist; in this part of the graph,
//! every state has to reach a goal state. Assignments are only ever extended along a transition, so
//! whether a state exists for `v` needs no look at its past.
//! Up to 64 valuations are decided in one pass over the components, as the bits of a word:
//! `reach[s] = exists[s] if s is a goal, otherwise the union over transitions s -> t of reach[t]`
//! (`reach[t]` is within `exists[t]`). All states of a component reach the same goals.
//! Cost: a few sweeps over the transitions of the states that are not settled, for each 64 valuations; at most
//! one computation of components. 12 bytes for each state.

use super::components::Components;
use super::{Graph, Node};
use crate::check::cube::{self, Product};
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::store::prefetch;
use std::collections::BTreeMap;

/// The most valuations that are decided one by one.
const MOST_VALUATIONS: u64 = 1 << 16;

/// Sweeps before the components are computed.
const SWEEPS: usize = 16;

/// States whose transitions are looked at together.
const GROUP: usize = 16;

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
    let search =
        Backwards { graph, goals: graph.holds(goal), through: graph.through(classes), order: in_layers(graph) };
    let mut components = None;
    // Where the goal is lost, by the place of the state in the order of the search.
    let mut lost: BTreeMap<(usize, Node), Vec<Assignment>> = BTreeMap::new();
    for base in (0..product.len()).step_by(64) {
        if let Some(limit) = limits.urgent() {
            return Err(Reason::Limit(limit));
        }
        let valuations: Vec<Assignment> = (base..product.len().min(base + 64)).map(|n| product.valuation(n)).collect();
        let exists = Exists::new(&valuations, &graph.assignments);
        let reach = search.reach(&exists, &mut components);
        let mut open = exists.all;
        'states: for (depth, layer) in graph.explored.layers.iter().enumerate() {
            for id in layer.ids(0..layer.len()) {
                let node = graph.span.number(id) as Node;
                let missing = exists.of(graph.assignment_number(node)) & !reach[node as usize] & open;
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

/// All states, layer after layer.
fn in_layers<M: Packed>(graph: &Graph<M>) -> Vec<Node> {
    let mut order = Vec::with_capacity(graph.len());
    for layer in graph.explored.layers.iter() {
        order.extend(layer.ids(0..layer.len()).map(|id| graph.span.number(id) as Node));
    }
    order
}

/// The search for the states from which a goal can be reached.
struct Backwards<'a, 'g, M> {
    graph: &'a Graph<'g, M>,
    goals: Vec<bool>,
    through: Vec<bool>,
    order: Vec<Node>,
}

impl<M: Packed> Backwards<'_, '_, M> {
    /// For every state the valuations for which a goal can be reached.
    ///
    /// Most transitions lead to the next layer, so one sweep from the last layer to the first settles most states,
    /// with all of their memory asked for ahead. Sweeps go on over the others until one changes nothing. Where
    /// that takes long, because ways to the goal go back through the layers again and again, the components
    /// settle all at once; `components` keeps them for the next valuations.
    fn reach(&self, exists: &Exists, components: &mut Option<Components>) -> Vec<u64> {
        let mut reach = vec![0u64; self.graph.len()];
        let mut open: Vec<Node> = Vec::with_capacity(self.order.len());
        for &node in self.order.iter().rev() {
            if self.goals[node as usize] {
                reach[node as usize] = exists.of(self.graph.assignment_number(node));
            } else {
                open.push(node);
            }
        }
        for _ in 0..SWEEPS {
            if !self.sweep(exists, &mut open, &mut reach) {
                return reach;
            }
        }
        let components = components.get_or_insert_with(|| Components::new(self.graph, |_| true, &self.through));
        for component in 0..components.len() {
            let members = components.members(component);
            let mut all = 0;
            for &node in members {
                let targets = self.graph.edges(node).filter(|&(_, kind)| self.through[kind]);
                all |= targets.fold(reach[node as usize], |all, (target, _)| all | reach[target as usize]);
            }
            members.iter().for_each(|&node| reach[node as usize] = all);
        }
        reach
    }

    /// Looks once at the open states, and keeps those that are open for some valuation. Whether anything changed.
    fn sweep(&self, exists: &Exists, open: &mut Vec<Node>, reach: &mut [u64]) -> bool {
        let mut changed = false;
        let mut kept = 0;
        for start in (0..open.len()).step_by(GROUP) {
            let group = start..open.len().min(start + GROUP);
            for &node in &open[group.clone()] {
                let targets = self.graph.targets(self.graph.edge_range(node));
                targets.iter().for_each(|&target| prefetch(reach, target as usize));
            }
            for at in group {
                let node = open[at];
                let all = exists.of(self.graph.assignment_number(node));
                let before = reach[node as usize];
                let mut now = before;
                for (target, kind) in self.graph.edges(node) {
                    if self.through[kind] {
                        now |= reach[target as usize];
                        if now == all {
                            break;
                        }
                    }
                }
                reach[node as usize] = now;
                changed |= now != before;
                if now != all {
                    open[kept] = node;
                    kept += 1;
                }
            }
        }
        open.truncate(kept);
        changed
    }
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
