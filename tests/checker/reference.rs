//! The naive reference: one plain system for every valuation of the parameters, sets of locations, and the
//! meaning of each claim written down as it stands in the documentation.

use super::system::System;
use poolproof::check::{Assignment, Claim, Label};
use std::collections::BTreeSet;

/// A system with all parameters fixed.
pub struct Plain<'a> {
    system: &'a System,
    valuation: Assignment,
    edges: Vec<(u8, u8, Label)>,
    /// For every location the number of transitions from an initial location, if it can be reached.
    distance: Vec<Option<usize>>,
}

/// All valuations of the parameters of a system.
pub fn valuations(system: &System) -> Vec<Assignment> {
    let mut all = vec![Assignment::default()];
    for (index, &values) in system.parameters.iter().enumerate() {
        all = all.iter().flat_map(|&other| (0..values).map(move |value| other.with(index, value))).collect();
    }
    all
}

impl<'a> Plain<'a> {
    pub fn new(system: &'a System, valuation: Assignment) -> Plain<'a> {
        let edges = system.edges.iter().filter_map(|edge| {
            let value = edge.reads.map_or(0, |parameter| valuation.get(usize::from(parameter)).unwrap());
            edge.to[usize::from(value)].map(|to| (edge.from, to, edge.label))
        });
        let edges: Vec<_> = edges.collect();
        let starts: Vec<(u8, usize)> = system.initial.iter().map(|&location| (location, 0)).collect();
        let distance = distances(system.predicates.len(), &edges, &starts, |_| true);
        Plain { system, valuation, edges, distance }
    }

    fn holds(&self, location: u8, predicate: u8) -> bool {
        self.system.told(location, self.valuation) >> predicate & 1 == 1
    }

    pub fn reachable(&self) -> impl Iterator<Item = (u8, usize)> + '_ {
        self.distance.iter().enumerate().filter_map(|(location, distance)| distance.map(|d| (location as u8, d)))
    }

    fn outgoing(&self, location: u8) -> impl Iterator<Item = &(u8, u8, Label)> + '_ {
        self.edges.iter().filter(move |edge| edge.0 == location)
    }

    /// The number of transitions of a shortest violation (of its stem, if it is a lasso), if there is one.
    /// For `Sometimes` the number is of no interest.
    pub fn violation(&self, claim: Claim) -> Option<usize> {
        match claim {
            Claim::Always(p) => self.reachable().filter(|&(l, _)| !self.holds(l, p)).map(|(_, d)| d).min(),
            Claim::Never(events) => {
                let bad = |l| self.outgoing(l).any(|edge| edge.2.events & events != 0);
                self.reachable().filter(|&(l, _)| bad(l)).map(|(_, d)| d + 1).min()
            }
            Claim::Sometimes(p) => (!self.reachable().any(|(l, _)| self.holds(l, p))).then_some(0),
            Claim::AlwaysPossibly { goal, through } => {
                let edges: Vec<_> = self
                    .edges
                    .iter()
                    .filter(|edge| through == u32::MAX || edge.2.classes & through != 0)
                    .copied()
                    .collect();
                let lost = |l: u8| {
                    let from = distances(self.distance.len(), &edges, &[(l, 0)], |_| true);
                    !(0..from.len()).any(|other| from[other].is_some() && self.holds(other as u8, goal))
                };
                self.reachable().filter(|&(l, _)| lost(l)).map(|(_, d)| d).min()
            }
            Claim::NoDeadlock(done) => {
                let bad = |l| self.outgoing(l).next().is_none() && !self.holds(l, done);
                self.reachable().filter(|&(l, _)| bad(l)).map(|(_, d)| d).min()
            }
            Claim::Eventually(goal) => {
                let starts: Vec<_> = self.system.initial.iter().map(|&l| (l, 0)).collect();
                self.open(&starts, goal)
            }
            Claim::LeadsTo { trigger, goal } => {
                let starts: Vec<_> = self.reachable().filter(|&(l, _)| self.holds(l, trigger)).collect();
                self.open(&starts, goal)
            }
        }
    }

    /// The shortest way to a state without the goal where a fair run can rest, or from where it can go round for ever.
    fn open(&self, starts: &[(u8, usize)], goal: u8) -> Option<usize> {
        let starts: Vec<_> = starts.iter().copied().filter(|&(l, _)| !self.holds(l, goal)).collect();
        let reach = distances(self.distance.len(), &self.edges, &starts, |l| !self.holds(l, goal));
        let locations: Vec<u8> = (0..reach.len() as u8).filter(|&l| reach[usize::from(l)].is_some()).collect();
        let rests = locations.iter().filter(|&&l| self.outgoing(l).all(|edge| edge.2.fairness.is_none()));
        let mut best = rests.filter_map(|&l| reach[usize::from(l)]).min();
        // Every set of locations that a run could visit for ever, not only the largest ones.
        for chosen in 1u32..1 << locations.len() {
            let set: BTreeSet<u8> =
                locations.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1).map(|(_, &l)| l).collect();
            if self.fair(&set) {
                best = best.into_iter().chain(set.iter().filter_map(|&l| reach[usize::from(l)])).min();
            }
        }
        best
    }

    /// Whether a run can visit exactly these locations for ever and be fair.
    fn fair(&self, set: &BTreeSet<u8>) -> bool {
        let inside: Vec<_> = self.edges.iter().filter(|e| set.contains(&e.0) && set.contains(&e.1)).copied().collect();
        let connected = set.iter().all(|&from| {
            let starts: Vec<_> = inside.iter().filter(|edge| edge.0 == from).map(|edge| (edge.1, 1)).collect();
            let reach = distances(self.distance.len(), &inside, &starts, |_| true);
            set.iter().all(|&to| reach[usize::from(to)].is_some())
        });
        connected
            && self.edges.iter().filter_map(|edge| edge.2.fairness).all(|constraint| {
                let serves = |edge: &(u8, u8, Label)| edge.2.fairness == Some(constraint);
                inside.iter().any(serves) || set.iter().any(|&l| !self.outgoing(l).any(serves))
            })
    }
}

/// Numbers of transitions from the starts (each with a number to begin with), through locations that are allowed.
fn distances(
    locations: usize,
    edges: &[(u8, u8, Label)],
    starts: &[(u8, usize)],
    allowed: impl Fn(u8) -> bool,
) -> Vec<Option<usize>> {
    let mut distance: Vec<Option<usize>> = vec![None; locations];
    for &(location, start) in starts {
        let known = &mut distance[usize::from(location)];
        *known = Some(known.map_or(start, |other| other.min(start)));
    }
    loop {
        let mut changed = false;
        for &(from, to, _) in edges {
            if let Some(before) = distance[usize::from(from)]
                && allowed(to)
                && distance[usize::from(to)].is_none_or(|known| known > before + 1)
            {
                distance[usize::from(to)] = Some(before + 1);
                changed = true;
            }
        }
        if !changed {
            return distance;
        }
    }
}
