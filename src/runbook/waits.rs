//! Loops of a procedure, and the waits among them.
//!
//! Cost: linear in the nodes.

use super::powershell::targets;
use super::{Condition, Node, Op, Procedure};

/// A loop that does nothing but read and test, or what stands for one: a gate in the way of the procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The tests that may end it, in the order of their nodes.
    pub tests: Vec<Exit>,
    /// When it is given up.
    pub bound: Bound,
}

/// A test that may end a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exit {
    /// The node, as an index.
    pub at: usize,
    /// Whether it ends the wait when it holds, or when it does not; `None` if either way may.
    pub if_it_holds: Option<bool>,
}

/// When a wait is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Never: if the state does not come, the wait lasts for ever.
    None,
    /// At some time that the reader does not count, such as after an hour.
    Unknown,
    /// After so many rounds.
    Rounds(usize),
}

impl Procedure {
    /// The waits of a procedure, in the order of their first test.
    pub fn waits(&self) -> Vec<Wait> {
        let mut waits: Vec<Wait> = Vec::new();
        for inside in self.loops() {
            let nodes = || inside.iter().map(|at| (*at, &self.nodes[*at]));
            if nodes().any(|(_, node)| matches!(node.op, Op::Command { .. } | Op::StartJob { .. })) {
                continue;
            }
            let leaves = |node: &Node| targets(&node.op).any(|target| !inside.contains(&target));
            let exits = || nodes().filter(|(_, node)| leaves(node));
            let condition = |node: &Node| match &node.op {
                Op::Branch { condition, .. } => (!condition.registers().is_empty(), condition.has_unknown()),
                _ => (false, false),
            };
            let mut tests: Vec<Exit> = exits()
                .filter(|(_, node)| condition(node).0)
                .map(|(at, node)| {
                    let ways: Vec<bool> = targets(&node.op).map(|target| !inside.contains(&target)).collect();
                    let if_it_holds = if ways == [true, true] { None } else { ways.first().copied() };
                    Exit { at, if_it_holds }
                })
                .collect();
            tests.sort_unstable();
            let bound = if exits().any(|(_, node)| condition(node).1) { Bound::Unknown } else { Bound::None };
            if !tests.is_empty() {
                waits.push(Wait { tests, bound });
            }
        }
        // Of a wait with so many rounds the reader has left one.
        let counted = self.nodes.iter().filter_map(|node| match &node.op {
            Op::Observe { next, .. } => {
                let tests = vec![Exit { at: next.0, if_it_holds: None }];
                Some(Wait { tests, bound: Bound::Rounds(node.rounds?) })
            }
            _ => None,
        });
        waits.extend(counted);
        waits.sort_by(|one, other| one.tests.cmp(&other.tests));
        waits
    }

    /// Strongly connected components with a cycle in them (Tarjan, without recursion).
    pub(super) fn loops(&self) -> Vec<Vec<usize>> {
        let number = self.nodes.len();
        let edges: Vec<Vec<usize>> = self.nodes.iter().map(|node| targets(&node.op).collect()).collect();
        let (mut index, mut low) = (vec![usize::MAX; number], vec![0; number]);
        let (mut on_stack, mut stack, mut found, mut next) = (vec![false; number], Vec::new(), Vec::new(), 0);
        for root in 0..number {
            if index[root] != usize::MAX {
                continue;
            }
            let mut work = vec![(root, 0)];
            while let Some((at, edge)) = work.pop() {
                if edge == 0 {
                    (index[at], low[at]) = (next, next);
                    next += 1;
                    stack.push(at);
                    on_stack[at] = true;
                }
                if let Some(to) = edges[at].get(edge) {
                    work.push((at, edge + 1));
                    if index[*to] == usize::MAX {
                        work.push((*to, 0));
                    } else if on_stack[*to] {
                        low[at] = low[at].min(index[*to]);
                    }
                    continue;
                }
                for to in &edges[at] {
                    if on_stack[*to] {
                        low[at] = low[at].min(low[*to]);
                    }
                }
                if low[at] == index[at] {
                    let mut component = Vec::new();
                    while let Some(top) = stack.pop() {
                        on_stack[top] = false;
                        component.push(top);
                        if top == at {
                            break;
                        }
                    }
                    if component.len() > 1 || edges[at].contains(&at) {
                        found.push(component);
                    }
                }
            }
        }
        found
    }
}

impl Condition {
    /// The registers that it tests, as indices; one that is tested twice is there twice.
    pub(super) fn registers(&self) -> Vec<usize> {
        match self {
            Condition::Register(register) => vec![register.0],
            Condition::Not(inner) => inner.registers(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(Condition::registers).collect(),
            Condition::Unknown => Vec::new(),
        }
    }

    /// Whether a part of it is what nobody can know.
    pub(super) fn has_unknown(&self) -> bool {
        match self {
            Condition::Unknown => true,
            Condition::Register(_) => false,
            Condition::Not(inner) => inner.has_unknown(),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().any(Condition::has_unknown),
        }
    }
}
