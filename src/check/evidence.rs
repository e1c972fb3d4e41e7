//! What a search knows, for those who want to show why its results are right.
//!
//! Purpose: whoever checks a result without a search needs more than the result: the states, and why an argument about
//! all runs comes to an end (ranks). Both are here as plain data.
//! Invariant: nothing here decides anything. Cost: states are sorted, 4 bytes each; ranks are computed when they are
//! asked for, some passes over the transitions.

use super::cube;
use super::graph::{liveness, possibility, ranking};
use super::model::{Assignment, Claim, Label, Packed};
use super::monitor::Found;
use super::outcome::{Completeness, PropertyResult, Reason};
use super::run::{Judge, ResultOf};
use super::sets::{Set, View};
use super::store::StateId;
use super::witness::Trace;
use std::collections::HashMap;

/// What a search knows of a model, while it is still known.
pub struct Evidence<'e, M: Packed> {
    judge: &'e Judge<'e, M>,
    results: &'e [ResultOf<M>],
    found: &'e [Vec<Found>],
}

/// Ranks of all states for one property. Rank 0: the goal holds.
///
/// For [`Claim::AlwaysPossibly`] a transition of the classes leads from each higher rank to a smaller one, and from states
/// without a rank the goal cannot be reached. For [`Claim::Eventually`] and [`Claim::LeadsTo`] states have a rank in which the
/// obligation can be open; no transition leads from there to a higher rank or out; and no transition that serves the
/// constraint of a rank, which is enabled in all of its states, stays within the rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The different ways to give valuations a rank: disjoint sets, in ascending order of rank. The first gives none.
    pub maps: Vec<Vec<(u32, Vec<Assignment>)>>,
    /// The fairness constraint of each rank, from rank 1 on; empty for [`Claim::AlwaysPossibly`].
    pub constraints: Vec<u16>,
    of: Vec<u32>,
}

/// A run through packed states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The states.
    pub states: Vec<Vec<u64>>,
    /// The label of each transition from one to the next.
    pub labels: Vec<Label>,
    /// If the run goes on for ever: after how many transitions the loop begins. It ends in the state in which it began.
    pub loop_start: Option<usize>,
    /// After how many transitions the obligation begins that the run leaves open.
    pub open_from: usize,
    /// Valuations of which the same was found as is shown for one of them.
    pub when: Vec<Assignment>,
}

/// The states in ascending order of their words, each with the number of its set of valuations, and with the numbers of its
/// ranks.
pub struct Listing<'l> {
    /// The sets of valuations, each as disjoint partial assignments.
    pub sets: Vec<Vec<Assignment>>,
    store: &'l super::store::Store,
    order: Vec<(StateId, u32)>,
    numbers: HashMap<Set, u32>,
}

impl Listing<'_> {
    /// The number of states.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Each state: words, number of its set, and the number of its map in each ranking.
    pub fn each<E>(
        &self,
        rankings: &[&Ranking],
        mut each: impl FnMut(&[u64], u32, &[u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut maps = vec![0; rankings.len()];
        for &(id, node) in &self.order {
            maps.iter_mut().zip(rankings).for_each(|(map, ranking)| *map = ranking.of[node as usize]);
            each(self.store.words(id), self.numbers[&self.store.all_of(id)], &maps)?;
        }
        Ok(())
    }
}

impl<'e, M: Packed> Evidence<'e, M> {
    pub(super) fn new(judge: &'e Judge<'e, M>, results: &'e [ResultOf<M>], found: &'e [Vec<Found>]) -> Self {
        Evidence { judge, results, found }
    }

    /// What was found, in the order of the specification.
    pub fn results(&self) -> &[PropertyResult<M::State, M::Action>] {
        self.results
    }

    /// Whether everything was explored.
    pub fn is_complete(&self) -> bool {
        self.judge.explored.completeness == Completeness::Complete
    }

    /// The parameters on which something depends, by number.
    pub fn touched(&self) -> Vec<usize> {
        let touched = cube::set_parameters(Assignment(self.judge.explored.tally.resolved));
        (0..Assignment::CAPACITY).filter(|index| touched >> index & 1 == 1).collect()
    }

    /// All states.
    pub fn states(&self) -> Listing<'_> {
        let (store, sets) = self.judge.stored();
        let firsts = self.judge.explored.arrivals().filter(|id| store.first(*id) == *id);
        let mut order: Vec<(StateId, u32)> = firsts.zip(0..).collect();
        order.sort_unstable_by_key(|(id, _)| store.words(*id));
        let mut listing = Listing { sets: Vec::new(), store, order, numbers: HashMap::new() };
        // In the order in which they occur, so that no number depends on which thread met a set first.
        for (id, _) in &listing.order {
            let set = store.all_of(*id);
            listing.numbers.entry(set).or_insert_with(|| {
                listing.sets.push(sets.cubes(set));
                listing.sets.len() as u32 - 1
            });
        }
        listing
    }

    /// The ranks for a property that needs some; `None` for others.
    ///
    /// # Errors
    /// Why there are none, as for the property itself.
    pub fn ranking(&self, property: usize) -> Result<Option<Ranking>, Reason> {
        let Judge { sets, limits, parameters, .. } = *self.judge;
        let result = &self.results[property];
        let mut view = View::new(sets);
        let mut met = |obligation| {
            let violated = result.violated_when();
            ranking::met(self.judge.graph()?, limits, &mut view, parameters, obligation, &violated)
        };
        let ranks = match result.property.claim {
            Claim::AlwaysPossibly { goal, through } => {
                ranking::possible(self.judge.graph()?, limits, &mut view, goal, through)?
            }
            Claim::Eventually(goal) => met((None, goal))?,
            Claim::LeadsTo { trigger, goal } => met((Some(trigger), goal))?,
            Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) | Claim::NoDeadlock(_) => return Ok(None),
        };
        let in_cubes = |map: Vec<(u32, Set)>| map.into_iter().map(|(rank, set)| (rank, sets.cubes(set))).collect();
        let maps = ranks.maps.into_iter().map(in_cubes).collect();
        Ok(Some(Ranking { maps, constraints: ranks.constraints, of: ranks.of }))
    }

    /// A run that shows for a valuation of the parameters that are touched that a property is violated; for
    /// [`Claim::Sometimes`], that it is satisfied. `None` if there is none.
    ///
    /// # Errors
    /// A limit was hit, or the run cannot be reproduced.
    pub fn path(&self, property: usize, valuation: Assignment) -> Result<Option<Path>, Reason> {
        let Judge { model, sets, limits, parameters, .. } = *self.judge;
        let claim = self.results[property].property.claim;
        let open = |trigger, goal| -> Result<Option<_>, Reason> {
            let graph = self.judge.graph()?;
            let open = liveness::open_for(graph, limits, parameters, (trigger, goal), valuation)?;
            Ok(open.map(|open| (self.judge.open_trace(graph, &open, trigger, goal), open.when)))
        };
        let found = match claim {
            Claim::Always(_) | Claim::Never(_) | Claim::Sometimes(_) | Claim::NoDeadlock(_) => {
                let found = self.found[property].iter().find(|found| sets.contains(found.set, valuation));
                found.map(|found| (self.judge.found_trace(found, claim, valuation), sets.cubes(found.set)))
            }
            Claim::AlwaysPossibly { goal, through } => {
                let lost = possibility::decide(self.judge.graph()?, limits, parameters, goal, through)?;
                let lost = lost.into_iter().find(|lost| lost.when.iter().any(|cube| cube.subsumes(valuation)));
                lost.map(|lost| (Trace::to(model, self.judge.stored(), lost.arrival, valuation), lost.when))
            }
            Claim::Eventually(goal) => open(None, goal)?,
            Claim::LeadsTo { trigger, goal } => open(Some(trigger), goal)?,
        };
        let Some((trace, when)) = found else { return Ok(None) };
        let Trace { states, labels, loop_start, open_from, .. } = trace.map_err(Reason::Fault)?;
        Ok(Some(Path { states, labels, loop_start, open_from, when }))
    }
}
