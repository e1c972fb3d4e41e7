//! What the search watches for: violations that show in one state or one transition.
//!
//! Invariant: a finding is dropped only if an earlier one covers all its valuations, so the first finding of
//! every minimal assignment stays. Findings are compared by the length of their path, then by the order of the
//! search, which no number of threads changes.
//! Cost: one test of a mask for each state and each transition while nothing is found.

use super::cube::{self, Antichain};
use super::model::{Assignment, Claim, Label, Packed, Parameter, Property, Successors};
use super::store::StateId;

/// Where something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// The number of transitions of the path.
    pub(crate) length: usize,
    /// Where it comes in the order of the search.
    pub(crate) order: u64,
    /// The state.
    pub(crate) state: StateId,
    /// The transition out of the state that is found, as the index of the successor.
    pub(crate) step: Option<u32>,
}

/// Something that a thread found in a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding {
    monitor: usize,
    when: Assignment,
    state: StateId,
    step: Option<u32>,
}

/// A state, with what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    /// Where it is stored.
    pub(crate) id: StateId,
    /// The predicates that hold.
    pub(crate) predicates: u64,
    /// The parameters that were read.
    pub(crate) when: Assignment,
}

/// All monitors of a run.
pub(crate) struct Monitors {
    claims: Vec<Claim>,
    found: Vec<Antichain<Found>>,
    parameters: Vec<Parameter>,
    always: u64,
    sometimes: u64,
    never: u32,
    deadlock: bool,
    order: u64,
}

impl Monitors {
    /// A monitor for each property; the graph properties have one that finds nothing.
    pub(crate) fn new(properties: &[Property], parameters: &[Parameter]) -> Monitors {
        let mut monitors = Monitors {
            claims: properties.iter().map(|property| property.claim).collect(),
            found: properties.iter().map(|_| Antichain::default()).collect(),
            parameters: parameters.to_vec(),
            always: 0,
            sometimes: 0,
            never: 0,
            deadlock: false,
            order: 0,
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

    /// Whether the model has parameters.
    pub(crate) fn parametric(&self) -> bool {
        !self.parameters.is_empty()
    }

    /// Looks at a state.
    #[inline(always)]
    pub(crate) fn state(&self, seen: Seen, findings: &mut Vec<Finding>) {
        if seen.predicates & self.always != self.always || seen.predicates & self.sometimes != 0 {
            self.note_state(seen, findings);
        }
    }

    #[cold]
    fn note_state(&self, seen: Seen, findings: &mut Vec<Finding>) {
        let Seen { id, predicates, when } = seen;
        for (monitor, claim) in self.claims.iter().enumerate() {
            let found = match *claim {
                Claim::Always(predicate) => predicates >> predicate & 1 == 0,
                Claim::Sometimes(predicate) => predicates >> predicate & 1 == 1,
                _ => false,
            };
            if found {
                self.note(Finding { monitor, when, state: id, step: None }, findings);
            }
        }
    }

    /// Looks at a transition.
    #[inline(always)]
    pub(crate) fn transition<M: Packed>(
        &self,
        model: &M,
        id: StateId,
        step: usize,
        to: &[u64],
        label: Label,
        findings: &mut Vec<Finding>,
    ) {
        if label.events & self.never != 0 {
            let when = if self.parametric() { model.assignment(to) } else { Assignment::default() };
            for (monitor, claim) in self.claims.iter().enumerate() {
                if matches!(*claim, Claim::Never(events) if events & label.events != 0) {
                    self.note(Finding { monitor, when, state: id, step: Some(step as u32) }, findings);
                }
            }
        }
    }

    /// Looks at all the transitions of a state together.
    #[inline(always)]
    pub(crate) fn degree<M: Packed>(
        &self,
        model: &M,
        seen: Seen,
        successors: &Successors,
        findings: &mut Vec<Finding>,
    ) {
        if !self.deadlock || (!self.parametric() && !successors.is_empty()) {
            return;
        }
        let Seen { id, predicates, .. } = seen;
        for when in stuck(model, seen.when, successors, &self.parameters) {
            for (monitor, claim) in self.claims.iter().enumerate() {
                if matches!(*claim, Claim::NoDeadlock(done) if predicates >> done & 1 == 0) {
                    self.note(Finding { monitor, when, state: id, step: None }, findings);
                }
            }
        }
    }

    fn note(&self, finding: Finding, findings: &mut Vec<Finding>) {
        let known = |other: &Finding| other.monitor == finding.monitor && other.when.subsumes(finding.when);
        if !self.found[finding.monitor].knows(finding.when) && !findings.iter().any(known) {
            findings.push(finding);
        }
    }

    /// Takes over findings; the order of the calls and of the findings is that of the search.
    pub(crate) fn absorb(&mut self, findings: &mut Vec<Finding>, depth: usize) {
        for Finding { monitor, when, state, step } in findings.drain(..) {
            self.order += 1;
            let found = Found { length: depth + usize::from(step.is_some()), order: self.order, state, step };
            self.found[monitor].offer(when, found);
        }
    }

    /// What was found for the property with this number.
    pub(crate) fn into_found(self) -> Vec<Antichain<Found>> {
        self.found
    }
}

/// The valuations for which a state has no transition. The successors that resolve a parameter exist only
/// for the valuations that their assignment allows.
fn stuck<M: Packed>(model: &M, when: Assignment, successors: &Successors, parameters: &[Parameter]) -> Vec<Assignment> {
    let mut rest = vec![when];
    for (to, _) in successors.iter(model.words()) {
        let then = if parameters.is_empty() { when } else { model.assignment(to) };
        if then == when {
            return Vec::new();
        }
        rest = cube::subtract(&rest, then, parameters);
        if rest.is_empty() {
            return rest;
        }
    }
    cube::minimal(rest)
}
