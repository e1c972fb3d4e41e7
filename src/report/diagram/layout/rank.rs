//! The rank of each state: how far from the top it stands.
//!
//! Invariant: the ends of an arrow have different ranks; ranks are 0, 1, 2, ... without a hole; the initial
//! state has rank 0.
//! Cost: the cube of the number of states, times the number of arrows.

use super::Graph;

/// How much an arrow that points upwards costs more than one that points downwards.
const UPWARDS: usize = 2;

/// The ranks of the states.
///
/// A first assignment puts the initial state on top and whatever is reached from it below, in the order
/// of a search in depth. Then states move, one or two at a time, as long as the arrows get shorter.
pub(super) fn ranks(graph: &Graph) -> Vec<usize> {
    let mut ranks = in_depth(graph);
    let mut cost = self::cost(graph, &ranks);
    loop {
        let before = cost;
        for state in 0..ranks.len() {
            for rank in 0..=ranks.len() {
                try_out(graph, &mut ranks, &mut cost, |ranks| ranks[state] = rank);
            }
            for other in 0..state {
                try_out(graph, &mut ranks, &mut cost, |ranks| ranks.swap(state, other));
            }
        }
        // Opening a new rank lets a state move between two that are taken.
        for rank in 0..ranks.len() {
            for state in 0..ranks.len() {
                try_out(graph, &mut ranks, &mut cost, |ranks| {
                    ranks.iter_mut().filter(|other| **other >= rank).for_each(|other| *other += 1);
                    ranks[state] = rank;
                    close(ranks);
                });
            }
        }
        if cost == before {
            break;
        }
    }
    close(&mut ranks);
    ranks
}

/// Keeps a change if it makes the drawing cheaper.
fn try_out(graph: &Graph, ranks: &mut Vec<usize>, cost: &mut Option<usize>, change: impl Fn(&mut Vec<usize>)) {
    let mut changed = ranks.clone();
    change(&mut changed);
    let changed_cost = self::cost(graph, &changed);
    if changed_cost.is_some_and(|new| cost.is_none_or(|old| new < old)) {
        *ranks = changed;
        *cost = changed_cost;
    }
}

/// The total length of the arrows; `None` if the ranks are not allowed.
fn cost(graph: &Graph, ranks: &[usize]) -> Option<usize> {
    if ranks.get(graph.initial).is_some_and(|rank| *rank != 0) {
        return None;
    }
    let mut cost = 0;
    for arrow in &graph.arrows {
        let (from, to) = (ranks[arrow.from], ranks[arrow.to]);
        match from.cmp(&to) {
            std::cmp::Ordering::Less => cost += 2 * (to - from),
            std::cmp::Ordering::Greater => cost += 2 * (from - to) + UPWARDS,
            std::cmp::Ordering::Equal => return None,
        }
    }
    Some(cost)
}

/// Removes ranks that no state has.
fn close(ranks: &mut [usize]) {
    let mut taken: Vec<_> = ranks.to_vec();
    taken.sort_unstable();
    taken.dedup();
    for rank in ranks {
        *rank = taken.partition_point(|other| *other < *rank);
    }
}

/// The position of each state in a search in depth from the initial one. All positions differ.
fn in_depth(graph: &Graph) -> Vec<usize> {
    let count = graph.states.len();
    let mut ranks = vec![usize::MAX; count];
    let mut next = 0;
    for root in std::iter::once(graph.initial).chain(0..count).filter(|root| *root < count) {
        let mut pending = vec![root];
        while let Some(state) = pending.pop() {
            if ranks[state] != usize::MAX {
                continue;
            }
            ranks[state] = next;
            next += 1;
            let targets = graph.arrows.iter().rev().filter(|arrow| arrow.from == state).map(|arrow| arrow.to);
            pending.extend(targets);
        }
    }
    ranks
}
