//! Strongly connected components.
//!
//! Purpose: one linear pass (Pearce's form of Tarjan's algorithm) over the part of the graph that a property
//! looks at, without recursion.
//! Invariant: components are numbered in the order in which they are completed, which is an inverse
//! topological order: a transition between two components leads to the one with the smaller number.
//! Cost: 12 bytes for each state of the graph, and 24 for each state on the current path. One access to random
//! memory for each transition, asked for ahead.

use super::Node;
use super::valuations::World;
use crate::check::model::Packed;
use crate::check::store::prefetch;

/// The components of a part of a graph.
pub(crate) struct Components {
    /// The states of the part, component after component.
    members: Vec<Node>,
    /// Where each component begins in `members`, and one more for the end.
    starts: Vec<u32>,
    /// The component of each state of the graph; [`Components::OUTSIDE`] outside of the part.
    of: Vec<u32>,
    /// The components that have a transition within them.
    cyclic: Vec<u32>,
}

/// A state on the current path of the depth-first search, with the transitions that are left.
struct Frame {
    node: Node,
    /// The transitions that are left, by their indices.
    at: usize,
    end: usize,
    root: bool,
    loops: bool,
}

impl Components {
    /// The number that [`Components::of`] gives for states outside of the part.
    pub(crate) const OUTSIDE: u32 = u32::MAX;

    /// The components of the part with the states for which `inside` holds.
    pub(crate) fn new<M: Packed>(world: &World<M>, inside: impl Fn(Node) -> bool) -> Components {
        let graph = world.graph;
        // While a state is open, its entry is its index or that of the oldest state known to be reachable;
        // afterwards it counts down from below the largest number, so neither closed states nor those outside
        // of the part ever look older than open ones.
        let mut index: Vec<u32> =
            (0..graph.len() as Node).map(|node| if inside(node) { 0 } else { u32::MAX }).collect();
        let mut next_index = 1u32;
        let mut open: Vec<Node> = Vec::new();
        let mut path: Vec<Frame> = Vec::new();
        let mut found = Components { members: Vec::new(), starts: vec![0], of: Vec::new(), cyclic: Vec::new() };
        for start in 0..graph.len() as Node {
            if index[start as usize] != 0 {
                continue;
            }
            let mut child = Some(start);
            loop {
                if let Some(node) = child.take() {
                    index[node as usize] = next_index;
                    next_index += 1;
                    let (at, end) = graph.range(node);
                    graph.targets(node).iter().for_each(|&target| prefetch(&index, target as usize));
                    path.push(Frame { node, at, end, root: true, loops: false });
                }
                let Some(frame) = path.last_mut() else { break };
                let node = frame.node;
                let mut oldest = index[node as usize];
                while frame.at < frame.end {
                    let (target, kind) = graph.edge(frame.at);
                    let seen = index[target as usize];
                    let exists = world.has_kind(kind);
                    if seen == 0 && exists {
                        // The transition is looked at again when the child is closed.
                        child = Some(target);
                        break;
                    }
                    frame.at += 1;
                    if seen != 0 && seen <= oldest && exists {
                        frame.loops |= target == node;
                        frame.root &= seen == oldest;
                        oldest = seen;
                    }
                }
                index[node as usize] = oldest;
                if child.is_some() {
                    continue;
                }
                let Frame { root, loops, .. } = *frame;
                path.pop();
                if root {
                    next_index -= found.close(node, loops, &mut open, &mut index);
                } else {
                    open.push(node);
                }
            }
        }
        for entry in &mut index {
            *entry = if *entry == u32::MAX { Self::OUTSIDE } else { u32::MAX - 1 - *entry };
        }
        found.of = index;
        found
    }

    /// Closes the component of a root; the number of its states.
    fn close(&mut self, root: Node, loops: bool, open: &mut Vec<Node>, index: &mut [u32]) -> u32 {
        let component = self.starts.len() as u32 - 1;
        let closed = u32::MAX - 1 - component;
        let oldest = index[root as usize];
        let before = self.members.len();
        while let Some(&member) = open.last()
            && index[member as usize] >= oldest
        {
            open.pop();
            index[member as usize] = closed;
            self.members.push(member);
        }
        index[root as usize] = closed;
        self.members.push(root);
        self.starts.push(self.members.len() as u32);
        let size = self.members.len() - before;
        if size > 1 || loops {
            self.cyclic.push(component);
        }
        size as u32
    }

    /// The number of components.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The components that have a transition within them, in order.
    pub(crate) fn cyclic(&self) -> impl Iterator<Item = usize> + '_ {
        self.cyclic.iter().map(|&component| component as usize)
    }

    /// The states of a component.
    pub(crate) fn members(&self, component: usize) -> &[Node] {
        &self.members[self.starts[component] as usize..self.starts[component + 1] as usize]
    }

    /// The component of a state.
    #[inline(always)]
    pub(crate) fn of(&self, node: Node) -> u32 {
        self.of[node as usize]
    }
}
