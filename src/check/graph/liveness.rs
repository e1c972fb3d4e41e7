//! Eventually and leads-to, under weak fairness.
//!
//! An obligation begins in a start state (an initial state, or one that satisfies the trigger) and is open
//! until a goal state. It is violated by a run that stays in states without the goal and either ends there, or
//! goes on for ever and is fair: no constraint is enabled for ever from some point on without being served
//! again. A constraint is enabled in a state if some transition of the state serves it.
//!
//! Why maximal components suffice. The states and transitions that an infinite run visits for ever form a
//! strongly connected part P of the states without the goal, within a maximal component C. The run is fair if
//! and only if every constraint is served by a transition of P or disabled in a state of P. Both stay true of
//! C, which has more states and more transitions. So if some run in C is fair, the run that goes round all
//! states and transitions of C for ever is fair too. Hence it is enough to look at each C as a whole. (For
//! strong fairness this would be wrong: a larger component can enable more.)
//!
//! Parameters. All states of a component have the same assignment, but a transition that leaves it may resolve
//! a parameter and so exist for some valuations only. Where a constraint is enabled in every state by such
//! transitions alone, it is enabled only for the valuations that all the states share; for the others the
//! component is fair. The same holds for states all of whose transitions resolve something.
//! Cost: a few passes over all transitions, and 20 bytes for each state.

use super::components::Components;
use super::{Graph, Node};
use crate::check::cube::{self, Antichain};
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::store::prefetch;
use std::collections::BTreeSet;

/// How an obligation stays open for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ending {
    /// Transitions from an initial state to `node`.
    pub(crate) length: u32,
    /// Where the run ends, or where its loop begins.
    pub(crate) node: Node,
    /// Whether there is a loop.
    pub(crate) looping: bool,
}

/// The states in which an obligation can be open.
pub(crate) struct Region {
    /// The state before, on a shortest path; [`START`] where an obligation begins, [`UNSEEN`] outside.
    parents: Vec<Node>,
    /// The states, by the number of transitions from an initial state by way of where the obligation begins.
    order: Vec<Node>,
    /// For each number of transitions, where its states end in `order`.
    ends: Vec<usize>,
}

const UNSEEN: Node = Node::MAX;
const START: Node = Node::MAX - 1;
const GOAL: Node = Node::MAX - 2;

/// States whose transitions are followed together.
const GROUP: usize = 16;

impl Region {
    fn new<M: Packed>(graph: &Graph<M>, starts: impl Fn(Node, usize) -> bool, goal: u8) -> Region {
        let parents = graph.holds(goal).into_iter().map(|goal| if goal { GOAL } else { UNSEEN });
        let mut region = Region { parents: parents.collect(), order: Vec::new(), ends: Vec::new() };
        let mut done = 0;
        let mut depth = 0;
        let mut layers = graph.explored.layers.iter();
        let mut layer = layers.next();
        while layer.is_some() || done < region.order.len() {
            if let Some(layer) = &layer {
                for id in layer.ids(0..layer.len()) {
                    let node = graph.span.number(id) as Node;
                    if starts(node, depth) {
                        region.reach(node, START);
                    }
                }
            }
            let end = region.order.len();
            region.ends.push(end);
            depth += 1;
            layer = layers.next();
            while done < end {
                let group = done..end.min(done + GROUP);
                for &node in &region.order[group.clone()] {
                    for &target in graph.targets(graph.edge_range(node)) {
                        prefetch(&region.parents, target as usize);
                    }
                }
                for at in group.clone() {
                    let node = region.order[at];
                    for &target in graph.targets(graph.edge_range(node)) {
                        region.reach(target, node);
                    }
                }
                done = group.end;
            }
        }
        region
    }

    #[inline(always)]
    fn reach(&mut self, node: Node, parent: Node) {
        if self.parents[node as usize] == UNSEEN {
            self.parents[node as usize] = parent;
            self.order.push(node);
        }
    }

    fn contains(&self, node: Node) -> bool {
        !matches!(self.parents[node as usize], UNSEEN | GOAL)
    }

    /// The states of the region, each with the number of transitions from an initial state.
    fn with_lengths(&self) -> impl Iterator<Item = (Node, u32)> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let layers = starts.zip(&self.ends).enumerate();
        layers.flat_map(|(length, (start, &end))| self.order[start..end].iter().map(move |&node| (node, length as u32)))
    }

    /// The states from where the obligation begins to `node`.
    pub(crate) fn path(&self, mut node: Node) -> Vec<Node> {
        let mut path = vec![node];
        while self.parents[node as usize] != START {
            node = self.parents[node as usize];
            path.push(node);
        }
        path.reverse();
        path
    }
}

/// What came out for an obligation.
pub(crate) struct Open {
    /// How it stays open, for incomparable assignments.
    pub(crate) endings: Vec<(Assignment, Ending)>,
    /// Where it is open.
    pub(crate) region: Region,
    /// The components of these states.
    pub(crate) components: Components,
}

/// Decides whether every fair run satisfies `goal` after it satisfied `trigger` (`None`: from the beginning).
pub(crate) fn decide<M: Packed>(
    graph: &Graph<M>,
    limits: &Limits,
    parameters: &[Parameter],
    trigger: Option<u8>,
    goal: u8,
) -> Result<Open, Reason> {
    let triggers = trigger.map(|trigger| graph.holds(trigger));
    let starts = |node: Node, depth: usize| match &triggers {
        Some(triggers) => triggers[node as usize],
        None => depth == 0,
    };
    let region = Region::new(graph, starts, goal);
    if let Some(limit) = limits.urgent() {
        return Err(Reason::Limit(limit));
    }
    let all_kinds = vec![true; graph.kinds.len().max(1)];
    let components = Components::new(graph, |node| region.contains(node), &all_kinds);
    if let Some(limit) = limits.urgent() {
        return Err(Reason::Limit(limit));
    }
    let mut endings = Antichain::default();
    if graph.parametric || graph.explored.tally.deadlocks > 0 {
        for (node, length) in region.with_lengths() {
            for when in stuck(graph, node, parameters) {
                endings.offer(when, Ending { length, node, looping: false });
            }
        }
    }
    // The components in which a run can stay, until their first state is met.
    let mut unmet = vec![false; components.len()];
    components.cyclic().for_each(|component| unmet[component] = true);
    for (node, length) in region.with_lengths() {
        let component = components.of(node) as usize;
        if !std::mem::take(&mut unmet[component]) {
            continue;
        }
        let when = graph.assignment(node);
        let ending = Ending { length, node, looping: true };
        if !endings.wants(when, &ending) {
            continue;
        }
        for when in fair(graph, &components, component, when, parameters) {
            endings.offer(when, ending);
        }
    }
    Ok(Open { endings: endings.into_sorted(), region, components })
}

/// The valuations for which a state has no transition.
fn stuck<M: Packed>(graph: &Graph<M>, node: Node, parameters: &[Parameter]) -> Vec<Assignment> {
    let when = graph.assignment(node);
    if !graph.parametric {
        return if graph.degree(node) == 0 { vec![when] } else { Vec::new() };
    }
    let mut rest = vec![when];
    for (target, _) in graph.edges(node) {
        rest = cube::subtract(&rest, graph.assignment(target), parameters);
        if rest.is_empty() {
            break;
        }
    }
    cube::minimal(rest)
}

/// The constraints that are enabled in a state, each with the valuations for which it is.
pub(super) fn enabled<M: Packed>(graph: &Graph<M>, node: Node) -> Vec<(u16, Vec<Assignment>)> {
    let mut enabled: Vec<(u16, Vec<Assignment>)> = Vec::new();
    for (target, kind) in graph.edges(node) {
        let Some(constraint) = graph.kinds[kind].fairness else { continue };
        let when = graph.assignment(target);
        match enabled.iter_mut().find(|(other, _)| *other == constraint) {
            Some((_, cubes)) => {
                if !cubes.iter().any(|cube| cube.subsumes(when)) {
                    cubes.retain(|cube| !when.subsumes(*cube));
                    cubes.push(when);
                }
            }
            None => enabled.push((constraint, vec![when])),
        }
    }
    enabled
}

/// The valuations for which the run around a whole component is fair.
fn fair<M: Packed>(
    graph: &Graph<M>,
    components: &Components,
    component: usize,
    when: Assignment,
    parameters: &[Parameter],
) -> Vec<Assignment> {
    let members = components.members(component);
    let mut demanded = enabled(graph, members[0]);
    let mut served = BTreeSet::new();
    for &node in members {
        for (target, kind) in graph.edges(node) {
            if components.of(target) as usize == component {
                served.extend(graph.kinds[kind].fairness);
            }
        }
        if !demanded.is_empty() {
            let here = enabled(graph, node);
            demanded.retain_mut(|(constraint, cubes)| {
                let Some((_, others)) = here.iter().find(|(other, _)| other == constraint) else { return false };
                *cubes = cube::intersect(cubes, others);
                !cubes.is_empty()
            });
        }
    }
    let unfair = demanded.iter().filter(|(constraint, _)| !served.contains(constraint)).flat_map(|(_, cubes)| cubes);
    let unfair: Vec<Assignment> = unfair.copied().collect();
    let rest = unfair.iter().fold(vec![when], |rest, &cube| cube::subtract(&rest, cube, parameters));
    if unfair.is_empty() {
        return rest;
    }
    cube::generalize(&rest, &unfair).into_iter().filter_map(|cube| cube::meet(cube, when)).collect()
}
