//! A short fair loop through a state of a component.
//!
//! Purpose: the loop of a witness has to show why the run is fair: each constraint is served on the loop, or
//! disabled somewhere on it. From the entry, the nearest state or transition that settles an open constraint
//! is appended until none is open; then the shortest way back closes the loop.
//! Invariant: the loop lies in its component. It exists because the whole component is fair.
//! Cost: a breadth-first search of the component for each constraint that is not settled at once. The loop is
//! short, not always shortest (that problem is NP-hard).

use super::components::Components;
use super::liveness::enabled;
use super::{Graph, Node};
use crate::check::cube;
use crate::check::model::{Assignment, Packed};
use std::collections::{HashMap, VecDeque};

/// Constraints that the loop has neither served nor shown disabled, with the valuations for which this is open.
struct Unsettled(Vec<(u16, Vec<Assignment>)>);

impl Unsettled {
    /// What remains open after a state.
    fn after_state<M: Packed>(&self, graph: &Graph<M>, node: Node) -> Unsettled {
        let here = enabled(graph, node);
        let rest = self.0.iter().filter_map(|(constraint, open)| {
            let (_, cubes) = here.iter().find(|(other, _)| other == constraint)?;
            let still = cube::intersect(open, cubes);
            (!still.is_empty()).then_some((*constraint, still))
        });
        Unsettled(rest.collect())
    }

    /// Whether a state settles something.
    fn settled_by<M: Packed>(&self, graph: &Graph<M>, node: Node) -> bool {
        let mut after = self.after_state(graph, node).0;
        after.iter_mut().for_each(|(_, cubes)| cubes.sort_unstable());
        let mut before = self.0.clone();
        before.iter_mut().for_each(|(_, cubes)| cubes.sort_unstable());
        after != before
    }

    fn serve(&mut self, constraint: Option<u16>) {
        self.0.retain(|(open, _)| Some(*open) != constraint);
    }
}

/// The steps of a loop from `entry` to itself that is fair for the valuations that extend `when`; each step is
/// the index of a successor. `None` if there is no such loop.
pub(crate) fn fair_loop<M: Packed>(
    graph: &Graph<M>,
    components: &Components,
    entry: Node,
    when: Assignment,
) -> Option<Vec<u32>> {
    let mut steps = Vec::new();
    let mut at = entry;
    let mut unsettled = Unsettled(
        enabled(graph, entry)
            .into_iter()
            .map(|(constraint, cubes)| (constraint, cube::intersect(&cubes, &[when])))
            .filter(|(_, cubes)| !cubes.is_empty())
            .collect(),
    );
    while !unsettled.0.is_empty() {
        let settles = |target: Node, kind: usize| {
            let serves = graph.kinds[kind].fairness;
            unsettled.0.iter().any(|(open, _)| Some(*open) == serves) || unsettled.settled_by(graph, target)
        };
        let way = shortest(graph, components, at, settles)?;
        for (index, kind, target) in way {
            unsettled.serve(graph.kinds[kind].fairness);
            unsettled = unsettled.after_state(graph, target);
            steps.push(index);
            at = target;
        }
    }
    if at != entry || steps.is_empty() {
        let back = shortest(graph, components, at, |target, _| target == entry)?;
        steps.extend(back.into_iter().map(|(index, _, _)| index));
    }
    Some(steps)
}

/// A shortest way within the component of `from`, of at least one transition, whose last transition (given by
/// its target and kind) is accepted: index of the successor, kind and target of each transition.
fn shortest<M: Packed>(
    graph: &Graph<M>,
    components: &Components,
    from: Node,
    accepted: impl Fn(Node, usize) -> bool,
) -> Option<Vec<(u32, usize, Node)>> {
    let component = components.of(from);
    let mut before: HashMap<Node, (Node, u32, usize)> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        for (index, (target, kind)) in graph.edges(node).enumerate() {
            if components.of(target) != component {
                continue;
            }
            if accepted(target, kind) {
                let mut way = vec![(index as u32, kind, target)];
                let mut at = node;
                while at != from {
                    let (previous, index, kind) = before[&at];
                    way.push((index, kind, at));
                    at = previous;
                }
                way.reverse();
                return Some(way);
            }
            if target != from && !before.contains_key(&target) {
                before.insert(target, (node, index as u32, kind));
                queue.push_back(target);
            }
        }
    }
    None
}
