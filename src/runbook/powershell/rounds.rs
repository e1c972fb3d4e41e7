//! Waits that are given up after a number of rounds: all rounds but the last add nothing.
//!
//! A round reads, tests, and sleeps. Nothing is known of how long a sleep lasts (D4), so a run in which
//! the first read fails and the second does not is, step by step of everybody else, the run in which the
//! shell slept until the second; and a run in which all reads fail is one in which they follow upon one
//! another. So of a chain of equal rounds the last one stands for all. The number is told in a remark.

use super::super::{Node, NodeId, Op, PauseKind, Procedure, Remark, RemarkKind};
use super::graph::each_target;

/// The procedure with chains of equal rounds cut to their last.
pub(super) fn collapse(mut procedure: Procedure) -> Procedure {
    let number = procedure.nodes.len();
    let next: Vec<Option<usize>> = (0..number).map(|at| next_round(&procedure.nodes, at)).collect();
    let mut last: Vec<usize> = (0..number).collect();
    let mut is_later = vec![false; number];
    next.iter().flatten().for_each(|later| is_later[*later] = true);
    for first in 0..number {
        if next[first].is_none() || is_later[first] {
            continue;
        }
        let mut chain = vec![first];
        while let Some(later) =
            next[chain[chain.len() - 1]].filter(|later| !chain.contains(later) && chain.len() < number)
        {
            chain.push(later);
        }
        let end = chain[chain.len() - 1];
        for at in &chain {
            last[*at] = end;
        }
        procedure.nodes[end].rounds = Some(chain.len());
        let place = procedure.nodes[first].place.clone();
        let message = format!(
            "this wait tests {} times and then gives up; for the checker, once stands for all (D4)",
            chain.len()
        );
        procedure.remarks.push(Remark { kind: RemarkKind::Ignored, code: "bounded-wait", message, help: None, place });
    }
    for node in &mut procedure.nodes {
        each_target(&mut node.op, |target| *target = NodeId(last[target.0]));
    }
    // The entry may be a round as well: it is node 0 by convention.
    if last.first().is_some_and(|entry| *entry != 0) {
        procedure.nodes[0] = procedure.nodes[last[0]].clone();
    }
    procedure
}

/// The read of the next round, if `at` reads, tests only that, and the next round does the same.
fn next_round(nodes: &[Node], at: usize) -> Option<usize> {
    let (reads, yes, no) = round(nodes, at)?;
    for (to, other) in [(yes, no), (no, yes)] {
        let mut later = to;
        for _ in 0..4 {
            match &nodes[later].op {
                Op::Pause { kind: PauseKind::Sleep, next } => later = next.0,
                _ => break,
            }
        }
        let Some((later_reads, later_yes, later_no)) = round(nodes, later) else { continue };
        let same_way = if to == yes { later_no } else { later_yes };
        if later != at && reads == later_reads && same_way == other && alike(&nodes[at], &nodes[later]) {
            let (test, later_test) = (branch_of(nodes, at)?, branch_of(nodes, later)?);
            let same = match (&nodes[test].op, &nodes[later_test].op) {
                (Op::Branch { condition, .. }, Op::Branch { condition: other, .. }) => condition == other,
                _ => false,
            };
            if same && alike(&nodes[test], &nodes[later_test]) {
                return Some(later);
            }
        }
    }
    None
}

fn branch_of(nodes: &[Node], at: usize) -> Option<usize> {
    match &nodes[at].op {
        Op::Observe { next, .. } => Some(next.0),
        _ => None,
    }
}

type Reads<'a> = &'a [(super::super::RegisterId, super::super::Query)];

/// What a round reads and where its test leads.
fn round(nodes: &[Node], at: usize) -> Option<(Reads<'_>, usize, usize)> {
    let Op::Observe { reads, next } = &nodes[at].op else { return None };
    let Op::Branch { condition, yes, no } = &nodes[next.0].op else { return None };
    let tested = super::minimise::registers_in(condition);
    let own = tested.iter().all(|register| reads.iter().any(|(read, _)| read == register));
    (own && !tested.is_empty()).then_some((reads.as_slice(), yes.0, no.0))
}

/// Whether two nodes stand at one place; a counter in the bindings does not make a difference here.
fn alike(left: &Node, right: &Node) -> bool {
    left.place == right.place
}
