//! A short fair loop through a state of a component.
//!
//! Purpose: the loop of a witness has to show why the run is fair: each constraint is served on the loop, or
//! disabled somewhere on it. From the entry, the nearest state or transition that settles an open constraint
//! is appended until none is open; then the shortest way back closes the loop.
//! Invariant: the loop lies in its component. It exists because the whole component is fair.
//! Cost: a breadth-first search of the component for each constraint that is not settled at once. The loop is
//! short, not always shortest (that problem is NP-hard).

use super::Node;
use super::components::Components;
use super::valuations::World;
use crate::check::model::Packed;
use std::collections::{HashMap, VecDeque};

/// A transition of a loop: the state it leads to, and the constraint that it serves.
pub(crate) type Round = (Node, Option<u16>);

/// The transitions of a fair loop from `entry` to itself. `None` if there is none.
pub(crate) fn fair_loop<M: Packed>(world: &World<M>, components: &Components, entry: Node) -> Option<Vec<Round>> {
    let mut rounds = Vec::new();
    let mut at = entry;
    // Constraints that the loop has neither served nor shown disabled.
    let mut open = world.enabled(entry);
    while !open.is_empty() {
        let settles = |target: Node, serves: Option<u16>| {
            let here = world.enabled(target);
            open.iter().any(|constraint| serves == Some(*constraint) || here.binary_search(constraint).is_err())
        };
        for (target, serves) in shortest(world, components, at, settles)? {
            let here = world.enabled(target);
            open.retain(|constraint| serves != Some(*constraint) && here.binary_search(constraint).is_ok());
            rounds.push((target, serves));
            at = target;
        }
    }
    if at != entry || rounds.is_empty() {
        rounds.extend(shortest(world, components, at, |target, _| target == entry)?);
    }
    Some(rounds)
}

/// A shortest way within the component of `from`, of at least one transition, whose last transition is accepted.
fn shortest<M: Packed>(
    world: &World<M>,
    components: &Components,
    from: Node,
    accepted: impl Fn(Node, Option<u16>) -> bool,
) -> Option<Vec<Round>> {
    let component = components.of(from);
    let mut before: HashMap<Node, (Node, Option<u16>)> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        for (target, kind) in world.edges(node) {
            if components.of(target) != component {
                continue;
            }
            let serves = world.graph.kinds[kind].fairness;
            if accepted(target, serves) {
                let mut way = vec![(target, serves)];
                let mut at = node;
                while at != from {
                    let (previous, serves) = before[&at];
                    way.push((at, serves));
                    at = previous;
                }
                way.reverse();
                return Some(way);
            }
            if target != from && !before.contains_key(&target) {
                before.insert(target, (node, serves));
                queue.push_back(target);
            }
        }
    }
    None
}
