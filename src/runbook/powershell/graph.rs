//! The procedure under construction: nodes joined through labels.
//!
//! A label stands for a point of the graph that has no node yet. An evaluation carries the label where
//! its next node will go; joining two evaluations makes one label mean the other.

use super::super::{Condition, Node, NodeId, OnError, Op, Place, Procedure, Remark};
use smallvec::SmallVec;

/// A point of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Label(usize);

impl Label {
    /// As the target of an operation under construction.
    pub(super) fn target(self) -> NodeId {
        NodeId(self.0)
    }
}

#[derive(Debug, Clone, Copy)]
enum Meaning {
    Open,
    Same(Label),
    Node(usize),
}

/// Nodes and labels. While it is built, targets of operations are labels.
#[derive(Debug, Default)]
pub(super) struct Graph {
    labels: Vec<Meaning>,
    pub(super) nodes: Vec<Node>,
}

impl Graph {
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(Meaning::Open);
        Label(self.labels.len() - 1)
    }

    fn find(&self, mut label: Label) -> (Label, Option<usize>) {
        // The bound only guards against a cycle, which `join` never makes.
        for _ in 0..=self.labels.len() {
            match self.labels[label.0] {
                Meaning::Same(other) => label = other,
                Meaning::Node(node) => return (label, Some(node)),
                Meaning::Open => break,
            }
        }
        (label, None)
    }

    /// Makes an open label mean another.
    pub(super) fn join(&mut self, label: Label, other: Label) {
        let (label, node) = self.find(label);
        let (other, _) = self.find(other);
        if label != other && node.is_none() {
            self.labels[label.0] = Meaning::Same(other);
        }
    }

    /// Puts a node at an open label; gives its index.
    pub(super) fn put(&mut self, label: Label, node: Node) -> usize {
        let (label, _) = self.find(label);
        self.nodes.push(node);
        self.labels[label.0] = Meaning::Node(self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// The finished procedure: what can be reached from `start`, numbered in the order in which a reader
    /// meets it, with the yes-branch first.
    pub(super) fn finish(&self, start: Label, registers: Vec<String>, remarks: Vec<Remark>, end: Place) -> Procedure {
        // One more than there are nodes: a point that no node was put at.
        let open = self.nodes.len();
        let mut numbers = vec![usize::MAX; open + 1];
        let mut order: Vec<Option<usize>> = Vec::new();
        let mut stack = vec![start];
        while let Some(label) = stack.pop() {
            let node = self.find(label).1;
            let number = &mut numbers[node.unwrap_or(open)];
            if *number != usize::MAX {
                continue;
            }
            *number = order.len();
            order.push(node);
            if let Some(node) = node {
                let to: SmallVec<[Label; 2]> = targets(&self.nodes[node].op).map(Label).collect();
                stack.extend(to.into_iter().rev());
            }
        }
        let nodes = order
            .iter()
            .map(|at| match at {
                Some(at) => {
                    let mut node = self.nodes[*at].clone();
                    each_target(&mut node.op, |target| {
                        *target = NodeId(numbers[self.find(Label(target.0)).1.unwrap_or(open)])
                    });
                    node
                }
                // A loop without a step in it: it never gets anywhere.
                None => Node {
                    op: Op::Branch {
                        condition: Condition::Unknown,
                        yes: NodeId(numbers[open]),
                        no: NodeId(numbers[open]),
                    },
                    place: end.clone(),
                    bindings: Vec::new(),
                    rounds: None,
                },
            })
            .collect();
        Procedure { nodes, registers, remarks, jobs: Vec::new() }
    }
}

/// The targets of an operation: at most two.
pub(in crate::runbook) fn targets(op: &Op) -> impl Iterator<Item = usize> + use<> {
    let (first, second) = op.successors();
    first.into_iter().chain(second).map(|node| node.0)
}

/// Every target of an operation.
pub(super) fn each_target(op: &mut Op, mut visit: impl FnMut(&mut NodeId)) {
    match op {
        Op::Command { next, on_error, .. } => {
            visit(next);
            if let OnError::Handler(handler) = on_error {
                visit(handler);
            }
        }
        Op::Observe { next, .. }
        | Op::Pause { next, .. }
        | Op::TakeLock { next, .. }
        | Op::ReleaseLock { next, .. }
        | Op::StartJob { next, .. }
        | Op::StopJobs { next, .. }
        | Op::AwaitStart { next } => visit(next),
        Op::AwaitJobs { next, otherwise, .. } => {
            visit(next);
            otherwise.iter_mut().for_each(visit);
        }
        Op::Branch { yes, no, .. } => {
            visit(yes);
            visit(no);
        }
        Op::End { .. } => {}
    }
}
