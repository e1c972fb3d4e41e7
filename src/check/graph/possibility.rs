//! AG EF: from every reachable state the goal can be reached, by transitions of some classes alone.
//!
//! For each valuation, every state that is reachable for it has to reach a goal state by transitions that exist for
//! it. Up to 64 valuations are decided in one pass, as the bits of a word:
//! `reach[s] = exists[s] & (goal[s] | union over transitions s -> t of (reach[t] & exists[s -> t]))`.
//! Cost: a few sweeps over the transitions of the states that are not settled, for each 64 valuations; 12 bytes for
//! each state. Where ways to the goal go back through the layers again and again, a work list settles the rest.

use super::valuations::{Exists, Valuations, in_groups};
use super::{Graph, Node};
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::store::{StateId, prefetch};

/// Sweeps before the work list takes over.
const SWEEPS: usize = 16;

/// States whose transitions are looked at together.
const GROUP: usize = 16;

/// An arrival in a state from which the goal cannot be reached, the first one for these valuations.
pub(crate) struct Lost {
    /// The arrival.
    pub(crate) arrival: StateId,
    /// The valuations, in cubes.
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
    let valuations = Valuations::of(graph, parameters)?;
    let through: Vec<bool> =
        graph.kinds.iter().map(|kind| classes == u32::MAX || kind.classes & classes != 0).collect();
    let mut lost = Vec::new();
    for chunk in valuations.chunks() {
        if let Some(limit) = limits.urgent() {
            return Err(Reason::Limit(limit));
        }
        let exists = Exists::new(graph, chunk);
        let search = Backwards {
            graph,
            ways: through.iter().enumerate().map(|(kind, on)| if *on { exists.kind(kind) } else { 0 }).collect(),
            exists: &exists,
            goal,
        };
        let reach = search.reach();
        let mut open = exists.all;
        for (order, (id, node, new)) in graph.arrivals().enumerate() {
            let missing = exists.set(new) & !reach[node as usize] & open;
            if missing != 0 {
                let when = chunk.iter().enumerate().filter(|(bit, _)| missing >> bit & 1 == 1);
                lost.extend(when.map(|(_, valuation)| (*valuation, (order, id))));
                open &= !missing;
                if open == 0 {
                    break;
                }
            }
        }
    }
    let groups = in_groups(lost.into_iter(), valuations.all());
    Ok(groups.into_iter().map(|((_, arrival), when)| Lost { arrival, when }).collect())
}

/// The search for the states from which a goal can be reached.
struct Backwards<'a, 'g, M> {
    graph: &'a Graph<'g, M>,
    exists: &'a Exists,
    /// For each kind the valuations for which its transitions may be taken.
    ways: Vec<u64>,
    goal: u8,
}

impl<M: Packed> Backwards<'_, '_, M> {
    /// For every state the valuations for which a goal can be reached.
    ///
    /// Most transitions lead to the next layer, so one sweep from the last state to the first settles most states,
    /// with all of their memory asked for ahead. Sweeps go on over the others until one changes nothing.
    fn reach(&self) -> Vec<u64> {
        let mut reach = vec![0u64; self.graph.len()];
        let mut open: Vec<Node> = Vec::new();
        for node in (0..self.graph.len() as Node).rev() {
            let all = self.exists.state(self.graph, node);
            let here = self.exists.holds(self.graph, node, self.goal) & all;
            reach[node as usize] = here;
            if here != all {
                open.push(node);
            }
        }
        for _ in 0..SWEEPS {
            if !self.sweep(&mut open, &mut reach) {
                return reach;
            }
        }
        self.work_off(&open, &mut reach);
        reach
    }

    /// Looks once at the open states, and keeps those that are open for some valuation. Whether anything changed.
    fn sweep(&self, open: &mut Vec<Node>, reach: &mut [u64]) -> bool {
        let mut changed = false;
        let mut kept = 0;
        for start in (0..open.len()).step_by(GROUP) {
            let group = start..open.len().min(start + GROUP);
            for &node in &open[group.clone()] {
                self.graph.targets(node).iter().for_each(|&target| prefetch(reach, target as usize));
            }
            for at in group {
                let node = open[at];
                let all = self.exists.state(self.graph, node);
                let before = reach[node as usize];
                let mut now = before;
                for (target, kind) in self.graph.edges(node) {
                    now |= reach[target as usize] & self.ways[kind] & all;
                    if now == all {
                        break;
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

    /// Goes on from the states that changed, backwards along the transitions of the open states.
    fn work_off(&self, open: &[Node], reach: &mut [u64]) {
        // The transitions of the open states, by target.
        let mut starts = vec![0usize; self.graph.len() + 1];
        let each = || open.iter().flat_map(|&node| self.graph.edges(node).map(move |(to, kind)| (node, to, kind)));
        each().for_each(|(_, to, _)| starts[to as usize + 1] += 1);
        (0..self.graph.len()).for_each(|node| starts[node + 1] += starts[node]);
        let mut free = starts.clone();
        let mut sources = vec![(0 as Node, 0u64); *starts.last().unwrap_or(&0)];
        for (from, to, kind) in each() {
            let slot = &mut free[to as usize];
            sources[*slot] = (from, self.ways[kind] & self.exists.state(self.graph, from));
            *slot += 1;
        }
        let mut work: Vec<Node> = (0..self.graph.len() as Node).filter(|node| reach[*node as usize] != 0).collect();
        while let Some(node) = work.pop() {
            let here = reach[node as usize];
            for &(from, way) in &sources[starts[node as usize]..starts[node as usize + 1]] {
                let now = reach[from as usize] | here & way;
                if now != reach[from as usize] {
                    reach[from as usize] = now;
                    work.push(from);
                }
            }
        }
    }
}
