//! What has to be so in each state for what is claimed to be true of all runs.
//!
//! A claim about states and steps is looked at where it speaks of. A claim about what may or must follow rests on ranks, and
//! the ranks are looked at one step at a time:
//!
//! - rank 0: the goal holds;
//! - AG EF: for each valuation with a higher rank there is a step of the classes to a smaller one; where there is no rank,
//!   the goal does not hold and no step of the classes leads to where there is one;
//! - obligations: where one begins there is a rank; from a rank above 0 no step leads to a higher rank or to where there is
//!   none; the constraint of the rank is enabled, and a step that serves it leads to a smaller rank.
//!
//! Why that is enough: ranks cannot get smaller for ever. For an obligation, a run that never meets the goal stays in one rank
//! from some state on; there the constraint of the rank is enabled for ever and never served, so the run is not fair,
//! and it cannot rest, since a constraint is enabled.

use super::super::format::Ranking;
use super::super::refusal::{Refusal, hexadecimal};
use super::closed::{Here, Said};
use super::valuations::{NONE, Set, Valuations};
use crate::check::model::Claim;
use std::collections::HashMap;

/// Whoever looks at states for one property.
pub struct Judge {
    property: String,
    claim: Claim,
    /// The valuations for which it is violated.
    violated: Set,
    ranks: Option<Ranks>,
}

/// The ranks of a property.
pub struct Ranks {
    /// Which of the rankings of the certificate this is.
    place: usize,
    maps: Vec<Vec<(u32, Set)>>,
    constraints: Vec<u16>,
    /// The valuations with a rank below a bound, by map and bound.
    below: HashMap<(u32, u32), Set>,
}

impl Ranks {
    /// The ranks that a certificate has at a place; `sets` are its sets by number.
    pub fn new(place: usize, ranking: &Ranking, sets: &[Set], valuations: &mut Valuations) -> Result<Ranks, Refusal> {
        let damaged = |what: &str| Refusal::Damaged(what.to_owned());
        let mut maps = Vec::with_capacity(ranking.maps.len());
        for written in &ranking.maps {
            let mut map = Vec::with_capacity(written.len());
            let mut known = NONE;
            for &(rank, set) in written {
                let set = *sets.get(set as usize).ok_or_else(|| damaged("a rank names a set that is in no table"))?;
                if valuations.and(known, set)? != NONE {
                    return Err(damaged("a state has two ranks"));
                }
                known = valuations.or(known, set)?;
                map.push((rank, set));
            }
            maps.push(map);
        }
        Ok(Ranks { place, maps, constraints: ranking.constraints.clone(), below: HashMap::new() })
    }

    fn map(&self, said: Said<'_>) -> u32 {
        said.maps[self.place]
    }

    /// The valuations for which a state has a rank smaller than `bound`.
    fn below(&mut self, said: Said<'_>, bound: u32, valuations: &mut Valuations) -> Result<Set, Refusal> {
        let map = self.map(said);
        if let Some(&known) = self.below.get(&(map, bound)) {
            return Ok(known);
        }
        let smaller = self.maps[map as usize].iter().filter(|(rank, _)| *rank < bound);
        let set = smaller.map(|(_, set)| *set).try_fold(NONE, |union, set| valuations.or(union, set))?;
        if self.below.len() >= 1 << 20 {
            self.below.clear();
        }
        self.below.insert((map, bound), set);
        Ok(set)
    }

    /// The valuations for which a state has a rank.
    pub fn any(&mut self, said: Said<'_>, valuations: &mut Valuations) -> Result<Set, Refusal> {
        self.below(said, u32::MAX, valuations)
    }
}

impl Judge {
    /// Whoever looks at states for a property that is violated for some valuations.
    pub fn new(property: &str, claim: Claim, violated: Set, ranks: Option<Ranks>) -> Judge {
        Judge { property: property.to_owned(), claim, violated, ranks }
    }

    fn broken(&self, what: &'static str, words: &[u64]) -> Refusal {
        Refusal::Broken { property: self.property.clone(), what, state: hexadecimal(words) }
    }

    /// Fails unless a set is empty but for valuations for which the property is violated.
    fn only_violated(&self, set: Set, what: &'static str, words: &[u64], all: &mut Valuations) -> Result<(), Refusal> {
        if all.within(set, self.violated)? { Ok(()) } else { Err(self.broken(what, words)) }
    }

    /// Looks at a state in which runs begin for some valuations.
    pub fn begins(&mut self, words: &[u64], when: Set, said: Said<'_>, all: &mut Valuations) -> Result<(), Refusal> {
        if let (Claim::Eventually(_), Some(ranks)) = (self.claim, &mut self.ranks) {
            let ranked = ranks.any(said, all)?;
            let rest = all.minus(when, ranked)?;
            self.only_violated(rest, "an obligation begins without a rank", words, all)?;
        }
        Ok(())
    }

    /// The valuations, out of some, for which a state is said to be one from which the goal cannot be reached.
    pub fn lost(&mut self, said: Said<'_>, when: Set, all: &mut Valuations) -> Result<Set, Refusal> {
        let ranked = self.ranks.as_mut().map_or(Ok(NONE), |ranks| ranks.any(said, all))?;
        all.minus(when, ranked)
    }

    /// Looks at a case of a state.
    pub fn look(&mut self, here: &Here<'_>, all: &mut Valuations) -> Result<(), Refusal> {
        let Here { words, when, predicates, steps, .. } = *here;
        let holds = |predicate: u8| predicates >> predicate & 1 == 1;
        match self.claim {
            Claim::Always(predicate) if !holds(predicate) => {
                self.only_violated(when, "the predicate does not hold", words, all)
            }
            Claim::Sometimes(predicate) if holds(predicate) && all.and(when, self.violated)? != NONE => {
                Err(self.broken("the predicate holds, and it is said to hold nowhere", words))
            }
            Claim::Never(events) => {
                for step in steps.iter().filter(|step| step.label.events & events != 0) {
                    self.only_violated(step.when, "a step carries the event", words, all)?;
                }
                Ok(())
            }
            Claim::NoDeadlock(done) if !holds(done) => {
                let moves = steps.iter().try_fold(NONE, |moves, step| all.or(moves, step.when))?;
                let stuck = all.minus(when, moves)?;
                self.only_violated(stuck, "there is no step", words, all)
            }
            Claim::AlwaysPossibly { goal, through } => self.possible(here, holds(goal), through, all),
            Claim::Eventually(goal) => self.met(here, false, holds(goal), all),
            Claim::LeadsTo { trigger, goal } => self.met(here, holds(trigger), holds(goal), all),
            Claim::Always(_) | Claim::Sometimes(_) | Claim::NoDeadlock(_) => Ok(()),
        }
    }

    /// AG EF, by ranks.
    fn possible(&mut self, here: &Here<'_>, goal: bool, through: u32, all: &mut Valuations) -> Result<(), Refusal> {
        let Some(mut ranks) = self.ranks.take() else { return Ok(()) };
        let taken = |step: &&super::closed::Taken<'_>| through == u32::MAX || step.label.classes & through != 0;
        let map = ranks.map(here.said) as usize;
        for entry in 0..ranks.maps[map].len() {
            let (rank, set) = ranks.maps[map][entry];
            let mut rest = all.and(set, here.when)?;
            if rank == 0 && !goal && rest != NONE {
                return Err(self.broken("the goal is said to hold and does not", here.words));
            }
            if rank > 0 {
                for step in here.steps.iter().filter(taken) {
                    let smaller = ranks.below(step.to, rank, all)?;
                    let smaller = all.and(smaller, step.when)?;
                    rest = all.minus(rest, smaller)?;
                }
                if rest != NONE {
                    return Err(self.broken("no step leads to a smaller rank", here.words));
                }
            }
        }
        let ranked = ranks.any(here.said, all)?;
        let lost = all.minus(here.when, ranked)?;
        if lost != NONE {
            self.only_violated(lost, "the goal is said to be out of reach", here.words, all)?;
            if goal {
                return Err(self.broken("the goal is said to be out of reach and holds", here.words));
            }
            for step in here.steps.iter().filter(taken) {
                let regained = ranks.any(step.to, all)?;
                let regained = all.and(regained, step.when)?;
                if all.and(regained, lost)? != NONE {
                    return Err(
                        self.broken("the goal is said to be out of reach, and a step leads on to it", here.words)
                    );
                }
            }
        }
        self.ranks = Some(ranks);
        Ok(())
    }

    /// An obligation, by ranks.
    fn met(&mut self, here: &Here<'_>, begins: bool, goal: bool, all: &mut Valuations) -> Result<(), Refusal> {
        let Some(mut ranks) = self.ranks.take() else { return Ok(()) };
        let claimed = all.minus(here.when, self.violated)?;
        if begins && !goal {
            let ranked = ranks.any(here.said, all)?;
            if !all.within(claimed, ranked)? {
                return Err(self.broken("an obligation begins without a rank", here.words));
            }
        }
        let map = ranks.map(here.said) as usize;
        for entry in 0..ranks.maps[map].len() {
            let (rank, set) = ranks.maps[map][entry];
            let open = all.and(set, claimed)?;
            if open == NONE || goal {
                continue;
            }
            let Some(before) = rank.checked_sub(1) else {
                return Err(self.broken("the goal is said to hold and does not", here.words));
            };
            let Some(&constraint) = ranks.constraints.get(before as usize) else {
                return Err(self.broken("a rank has no fairness constraint", here.words));
            };
            let mut enabled = NONE;
            for step in here.steps {
                let serves = step.label.fairness == Some(constraint);
                if serves {
                    enabled = all.or(enabled, step.when)?;
                }
                let leads = all.and(open, step.when)?;
                if leads == NONE {
                    continue;
                }
                let allowed = ranks.below(step.to, if serves { rank } else { rank.saturating_add(1) }, all)?;
                if !all.within(leads, allowed)? {
                    let what = match serves {
                        true => "a step serves the fairness constraint of its rank and leads to no smaller one",
                        false => "a step leads to a higher rank, or to where there is none",
                    };
                    return Err(self.broken(what, here.words));
                }
            }
            if !all.within(open, enabled)? {
                return Err(self.broken("the fairness constraint of its rank is not enabled", here.words));
            }
        }
        self.ranks = Some(ranks);
        Ok(())
    }
}
