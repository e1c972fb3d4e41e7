//! What the search watches for: violations that show in one state or one transition.
//!
//! Invariant: a finding is dropped only if an earlier one covers all its valuations, so for every valuation the
//! first finding stays. Findings come in the order of the search, which no number of threads changes, hence by the
//! length of their path.
//! Cost: one test of a mask for each state and each transition while nothing is found.

use super::model::{Claim, Label, Property};
use super::sets::{Set, View};
use super::store::StateId;

/// Where something was found, and for which valuations nothing was found before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// The arrival.
    pub(crate) state: StateId,
    /// The transition that is found: the words of its target are those of the successor with this index.
    pub(crate) step: Option<u32>,
    /// The valuations.
    pub(crate) set: Set,
}

/// Something that a thread found.
#[derive(Debug, Clone, Copy)]
struct Finding {
    monitor: usize,
    found: Found,
}

/// What was found in a chunk.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    /// For each monitor the valuations for which something was found, in this chunk or before it.
    covered: Vec<Set>,
}

/// All monitors of a run.
pub(crate) struct Monitors {
    claims: Vec<Claim>,
    found: Vec<Vec<Found>>,
    covered: Vec<Set>,
    always: u64,
    sometimes: u64,
    never: u32,
    deadlock: bool,
}

impl Monitors {
    /// A monitor for each property; the graph properties have one that finds nothing.
    pub(crate) fn new(properties: &[Property]) -> Monitors {
        let mut monitors = Monitors {
            claims: properties.iter().map(|property| property.claim).collect(),
            found: properties.iter().map(|_| Vec::new()).collect(),
            covered: vec![Set::NONE; properties.len()],
            always: 0,
            sometimes: 0,
            never: 0,
            deadlock: false,
        };
        for claim in &monitors.claims {
            match *claim {
                Claim::Always(predicate) => monitors.always |= 1 << predicate,
                Claim::Sometimes(predicate) => monitors.sometimes |= 1 << predicate,
                Claim::Never(events) => monitors.never |= events,
                Claim::NoDeadlock(_) => monitors.deadlock = true,
                Claim::AlwaysPossibly { .. } | Claim::Eventually(_) | Claim::LeadsTo { .. } => {}
            }
        }
        monitors
    }

    /// Prepares for a chunk.
    pub(crate) fn begin(&self, findings: &mut Findings) {
        findings.list.clear();
        findings.covered.clone_from(&self.covered);
    }

    /// Looks at a state, in which these predicates hold for a set of valuations.
    #[inline(always)]
    pub(crate) fn state(&self, state: StateId, predicates: u64, set: Set, view: &mut View, findings: &mut Findings) {
        if predicates & self.always != self.always || predicates & self.sometimes != 0 {
            self.note(state, None, set, view, findings, |claim| match *claim {
                Claim::Always(predicate) => predicates >> predicate & 1 == 0,
                Claim::Sometimes(predicate) => predicates >> predicate & 1 == 1,
                _ => false,
            });
        }
    }

    /// Looks at a transition.
    #[inline(always)]
    pub(crate) fn transition(
        &self,
        state: StateId,
        step: usize,
        label: Label,
        set: Set,
        view: &mut View,
        findings: &mut Findings,
    ) {
        if label.events & self.never != 0 {
            self.note(
                state,
                Some(step as u32),
                set,
                view,
                findings,
                |claim| matches!(*claim, Claim::Never(events) if events & label.events != 0),
            );
        }
    }

    /// Looks at a state without transitions, in which these predicates hold for a set of valuations.
    #[inline(always)]
    pub(crate) fn deadlock(&self, state: StateId, predicates: u64, set: Set, view: &mut View, findings: &mut Findings) {
        if self.deadlock {
            self.note(
                state,
                None,
                set,
                view,
                findings,
                |claim| matches!(*claim, Claim::NoDeadlock(done) if predicates >> done & 1 == 0),
            );
        }
    }

    #[cold]
    fn note(
        &self,
        state: StateId,
        step: Option<u32>,
        set: Set,
        view: &mut View,
        findings: &mut Findings,
        concerns: impl Fn(&Claim) -> bool,
    ) {
        for monitor in (0..self.claims.len()).filter(|monitor| concerns(&self.claims[*monitor])) {
            let covered = &mut findings.covered[monitor];
            let new = view.minus(set, *covered);
            if new != Set::NONE {
                *covered = view.or(*covered, new);
                findings.list.push(Finding { monitor, found: Found { state, step, set: new } });
            }
        }
    }

    /// Takes over what was found; the order of the calls is that of the search.
    pub(crate) fn absorb(&mut self, findings: &mut Findings, view: &mut View) {
        for Finding { monitor, mut found } in findings.list.drain(..) {
            found.set = view.minus(found.set, self.covered[monitor]);
            if found.set != Set::NONE {
                self.covered[monitor] = view.or(self.covered[monitor], found.set);
                self.found[monitor].push(found);
            }
        }
    }

    /// What was found for each property, in the order of the search.
    pub(crate) fn into_found(self) -> Vec<Vec<Found>> {
        self.found
    }
}
