//! Strongly connected components.
//!
//! Purpose: one linear pass (Pearce's form of Tarjan's algorithm) over the part of the graph that a property
//! looks at, without recursion.
//! Invariant: components are numbered in the order in which they are completed, which is an inverse
//! topological order: a transition between two components leads to the one with the smaller number.
//! Cost: 8 bytes for each state of the graph, and 16 for each state on the current path.

use super::{Graph, Node};
use crate::check::model::Packed;

/// The components of a part of a graph.
pub(crate) struct Components {
    /// The states of the part, component after component.
    members: Vec<Node>,
    /// Where each component begins in `members`, and one more for the end.
    starts: Vec<usize>,
    /// The component of each state of the graph; [`Components::OUTSIDE`] outside of the part.
    of: Vec<u32>,
}

/// A state on the current path of the depth-first search.
struct Frame {
    node: Node,
    edge: u32,
    root: bool,
}

impl Components {
    /// The number that [`Components::of`] gives for states outside of the part.
    pub(crate) const OUTSIDE: u32 = u32::MAX;

    /// The components of the part with the states for which `inside` holds and the transitions of the kinds
    /// for which `through` holds.
    pub(crate) fn new<M: Packed>(graph: &Graph<M>, inside: impl Fn(Node) -> bool, through: &[bool]) -> Components {
        // While a state is open, its entry is its index or that of the oldest state known to be reachable;
        // afterwards it counts down from the largest number, so closed states never look older than open ones.
        let mut index = vec![0u32; graph.len()];
        let mut next_index = 1u32;
        let mut next_component = 0u32;
        let mut open: Vec<Node> = Vec::new();
        let mut path: Vec<Frame> = Vec::new();
        let mut members: Vec<Node> = Vec::new();
        let mut starts = vec![0];
        for start in 0..graph.len() as Node {
            if index[start as usize] != 0 || !inside(start) {
                continue;
            }
            index[start as usize] = next_index;
            next_index += 1;
            path.push(Frame { node: start, edge: 0, root: true });
            while let Some(frame) = path.last_mut() {
                let node = frame.node;
                let degree = graph.degree(node);
                let mut child = None;
                while (frame.edge as usize) < degree {
                    let (target, kind) = graph.edge(node, frame.edge as usize);
                    let seen = index[target as usize];
                    if seen == 0 && through[kind] && inside(target) {
                        child = Some(target);
                        break;
                    }
                    frame.edge += 1;
                    if seen != 0 && seen < index[node as usize] && through[kind] {
                        index[node as usize] = seen;
                        frame.root = false;
                    }
                }
                if let Some(target) = child {
                    // The transition is looked at again when the child is closed.
                    index[target as usize] = next_index;
                    next_index += 1;
                    path.push(Frame { node: target, edge: 0, root: true });
                    continue;
                }
                let root = frame.root;
                path.pop();
                if !root {
                    open.push(node);
                    continue;
                }
                let closed = u32::MAX - next_component;
                let oldest = index[node as usize];
                while let Some(&member) = open.last()
                    && index[member as usize] >= oldest
                {
                    open.pop();
                    index[member as usize] = closed;
                    members.push(member);
                    next_index -= 1;
                }
                index[node as usize] = closed;
                members.push(node);
                next_index -= 1;
                next_component += 1;
                starts.push(members.len());
            }
        }
        for entry in &mut index {
            *entry = if *entry == 0 { Self::OUTSIDE } else { u32::MAX - *entry };
        }
        Components { members, starts, of: index }
    }

    /// The number of components.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The states of a component.
    pub(crate) fn members(&self, component: usize) -> &[Node] {
        &self.members[self.starts[component]..self.starts[component + 1]]
    }

    /// The component of a state.
    #[inline(always)]
    pub(crate) fn of(&self, node: Node) -> u32 {
        self.of[node as usize]
    }
}
