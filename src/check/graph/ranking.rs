//! Ranks: numbers that show, state by state, why a property of the graph holds.
//!
//! A rank is given to a state for some valuations; 0 says that the goal holds there. For AG EF some transition leads from
//! every higher rank to a smaller one. For an obligation no transition leads to a higher rank or to a state without one,
//! and each rank but 0 has a fairness constraint that is enabled in all of its states and by which no transition stays
//! within the rank. So a run that never meets the goal comes to stay in one rank, and is not fair.
//!
//! Whoever trusts none of this can look at one state and its transitions at a time, without a search.
//! Invariant: ranks are as much alike as possible: equal for all valuations where one rank serves all, and small.
//! Cost: off the hot path; some passes over the transitions, for obligations once for each world.

use super::components::Components;
use super::liveness::Obligation;
use super::valuations::{Valuations, World};
use super::{Graph, Node};
use crate::check::error::Fault;
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::sets::{Set, View};
use std::collections::{BTreeSet, HashMap};

/// The ranks of all states for one property.
pub(crate) struct Ranks {
    /// The different ways to rank valuations, each in ascending order; the first is empty.
    pub(crate) maps: Vec<Vec<(u32, Set)>>,
    /// The map of each state.
    pub(crate) of: Vec<u32>,
    /// For an obligation: the constraint of each rank, from rank 1 on.
    pub(crate) constraints: Vec<u16>,
}

/// Ranks in the making.
struct Making {
    ranks: Ranks,
    numbers: HashMap<Vec<(u32, Set)>, u32>,
    memo: HashMap<(u32, u32, Set), u32>,
}

impl Making {
    fn new(states: usize) -> Making {
        let ranks = Ranks { maps: vec![Vec::new()], of: vec![0; states], constraints: Vec::new() };
        Making { ranks, numbers: HashMap::from([(Vec::new(), 0)]), memo: HashMap::new() }
    }

    /// Gives a state a rank for valuations for which it has none.
    fn give(&mut self, node: Node, rank: u32, set: Set, view: &mut View) {
        let Making { ranks, numbers, memo } = self;
        let before = ranks.of[node as usize];
        ranks.of[node as usize] = *memo.entry((before, rank, set)).or_insert_with(|| {
            let mut map = ranks.maps[before as usize].clone();
            match map.binary_search_by_key(&rank, |(rank, _)| *rank) {
                Ok(at) => map[at].1 = view.or(map[at].1, set),
                Err(at) => map.insert(at, (rank, set)),
            }
            *numbers.entry(map).or_insert_with_key(|map| {
                ranks.maps.push(map.clone());
                ranks.maps.len() as u32 - 1
            })
        });
    }

    fn of(&self, node: Node) -> &[(u32, Set)] {
        &self.ranks.maps[self.ranks.of[node as usize] as usize]
    }
}

/// Ranks for AG EF: states without one for a valuation cannot reach the goal.
pub(crate) fn possible<M: Packed>(
    graph: &Graph<M>,
    limits: &Limits,
    view: &mut View,
    goal: u8,
    classes: u32,
) -> Result<Ranks, Reason> {
    let mut way = |kind: &super::Kind| match classes == u32::MAX || kind.classes & classes != 0 {
        true => view.cube(kind.when),
        false => Set::NONE,
    };
    let ways: Vec<Set> = graph.kinds.iter().map(&mut way).collect();
    let mut holds = |holding: &super::Holding| match holding.predicates >> goal & 1 == 1 {
        true => view.cube(holding.when),
        false => Set::NONE,
    };
    let goals: Vec<Set> = graph.holdings.iter().map(&mut holds).collect();
    let mut making = Making::new(graph.len());
    // The valuations for which the goal can be reached, as far as that is known.
    let mut reach = vec![Set::NONE; graph.len()];
    let mut open: Vec<Node> = Vec::new();
    for node in (0..graph.len() as Node).rev() {
        let all = graph.reachable(node);
        let here = graph.cases(node).iter().fold(Set::NONE, |set, case| view.or(set, goals[*case as usize]));
        let here = view.and(here, all);
        reach[node as usize] = here;
        if here != Set::NONE {
            making.give(node, 0, here, view);
        }
        if here != all {
            open.push(node);
        }
    }
    let mut missing: Vec<Set> = open.iter().map(|&node| reach[node as usize]).collect();
    let mut changed = true;
    while std::mem::take(&mut changed) {
        in_time(limits)?;
        for &node in &open {
            let (all, before) = (graph.reachable(node), reach[node as usize]);
            let mut now = before;
            for (target, kind) in graph.edges(node) {
                if now == all {
                    break;
                }
                let there = view.and(reach[target as usize], ways[kind]);
                let there = view.and(there, all);
                now = view.or(now, there);
            }
            reach[node as usize] = now;
            changed |= now != before;
        }
    }
    // From here on: what a state can reach the goal for and has no rank for.
    for (missing, &node) in missing.iter_mut().zip(&open) {
        *missing = view.minus(reach[node as usize], *missing);
    }
    let mut steps: Vec<(u32, Set)> = Vec::new();
    let mut whole = true;
    loop {
        in_time(limits)?;
        let mut changed = false;
        for (missing, &node) in missing.iter_mut().zip(&open).filter(|(missing, _)| **missing != Set::NONE) {
            steps.clear();
            for (target, kind) in graph.edges(node) {
                let way = view.and(ways[kind], *missing);
                if way != Set::NONE {
                    let below = making.of(target).iter().map(|&(rank, set)| (rank, view.and(set, way)));
                    steps.extend(below.filter(|(_, set)| *set != Set::NONE));
                }
            }
            steps.sort_unstable_by_key(|(rank, _)| *rank);
            let (mut found, mut highest) = (Set::NONE, 0);
            for &(rank, set) in &steps {
                let more = view.or(found, set);
                if more != found {
                    (found, highest) = (more, rank);
                }
            }
            // One rank for all valuations, unless that leads nowhere.
            if found == *missing || !whole && found != Set::NONE {
                making.give(node, highest + 1, found, view);
                *missing = view.minus(*missing, found);
                changed = true;
            }
        }
        match (changed, whole) {
            (true, _) => whole = true,
            (false, true) => whole = false,
            (false, false) => return Ok(making.ranks),
        }
    }
}

/// Ranks for an obligation, for all valuations but those for which it is violated.
pub(crate) fn met<M: Packed>(
    graph: &Graph<M>,
    limits: &Limits,
    view: &mut View,
    parameters: &[Parameter],
    (trigger, goal): (Option<u8>, u8),
    violated: &[Assignment],
) -> Result<Ranks, Reason> {
    let valuations = Valuations::of(graph, parameters)?;
    let all: BTreeSet<u16> = graph.kinds.iter().filter_map(|kind| kind.fairness).collect();
    let all: Vec<u16> = all.into_iter().collect();
    let mut making = Making::new(graph.len());
    for world in World::all(graph, &valuations) {
        in_time(limits)?;
        if violated.iter().any(|cube| cube.subsumes(world.valuation())) {
            continue;
        }
        let set = world.valuations.iter().fold(Set::NONE, |set, valuation| {
            let one = view.cube(*valuation);
            view.or(set, one)
        });
        let obligation = Obligation::new(&world, trigger, goal);
        let region = obligation.region();
        let components = obligation.components(&region);
        let ranks = ranks_of(&world, &components, &all)?;
        for node in 0..graph.len() as Node {
            if components.of(node) != Components::OUTSIDE {
                making.give(node, ranks[components.of(node) as usize], set, view);
            } else if world.holds(node, goal) && graph.contains(graph.reachable(node), world.valuation()) {
                making.give(node, 0, set, view);
            }
        }
    }
    let highest = making.ranks.maps.iter().flatten().map(|(rank, _)| *rank).max().unwrap_or(0);
    making.ranks.constraints = (0..highest as usize).map(|rank| all[rank % all.len()]).collect();
    Ok(making.ranks)
}

/// The ranks of the components in which an obligation is open. Constraints take turns, so that the rank says which one.
fn ranks_of<M: Packed>(world: &World<M>, components: &Components, all: &[u16]) -> Result<Vec<u32>, Reason> {
    let mut ranks: Vec<u32> = Vec::with_capacity(components.len());
    for component in 0..components.len() {
        let members = components.members(component);
        let mut helpful = world.enabled(members[0]);
        // The highest rank that a transition leads to, and the highest that one of each constraint leads to.
        let mut highest = 0;
        let mut by: HashMap<u16, u32> = HashMap::new();
        for &node in members {
            let here = world.enabled(node);
            helpful.retain(|constraint| here.binary_search(constraint).is_ok());
            for (target, kind) in world.edges(node) {
                let fairness = world.graph.kinds[kind].fairness;
                match components.of(target) {
                    // The goal.
                    Components::OUTSIDE => {}
                    inside if inside as usize == component => helpful.retain(|other| Some(*other) != fairness),
                    below => {
                        let rank = ranks[below as usize];
                        highest = highest.max(rank);
                        if let Some(constraint) = fairness {
                            let known = by.entry(constraint).or_default();
                            *known = (*known).max(rank);
                        }
                    }
                }
            }
        }
        let rank = helpful.iter().filter_map(|constraint| {
            let turn = all.binary_search(constraint).ok()? as u32;
            let least = highest.max(by.get(constraint).map_or(0, |rank| rank + 1)).max(1);
            let turns = all.len() as u32;
            Some(least + (turn + turns - (least - 1) % turns) % turns)
        });
        ranks.push(rank.min().ok_or(Reason::Fault(Fault {
            what: "an obligation that is met leaves a fair run open",
            step: 0,
            state: String::new(),
        }))?);
    }
    Ok(ranks)
}

fn in_time(limits: &Limits) -> Result<(), Reason> {
    limits.urgent().map_or(Ok(()), |limit| Err(Reason::Limit(limit)))
}
