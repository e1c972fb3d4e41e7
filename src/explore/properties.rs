//! How the properties stand along one run. A run can show that "always" is broken; what is possible from
//! everywhere, and what happens in the end, only the check can tell, and the words say so.

use super::view::{PropertyView, Standing};
use crate::check::Witness;
use crate::check::model::Claim;
use crate::model::state::State;
use crate::model::{Maintenance, claims};
use crate::scenario::property::PropertyName;
use crate::verdict::judge;

/// What a run has shown so far, state by state.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The predicates that hold in each state.
    pub predicates: Vec<u64>,
    /// What happened on each step.
    pub events: Vec<u32>,
}

impl Seen {
    /// After how many steps a property was first broken.
    fn broken(&self, claim: Claim) -> Option<usize> {
        match claim {
            Claim::Always(predicate) => self.predicates.iter().position(|at| !holds(*at, predicate)),
            Claim::Never(never) => self.events.iter().position(|events| events & never != 0).map(|at| at + 1),
            _ => None,
        }
    }

    /// Whether a predicate has held in some state.
    fn reached(&self, predicate: u8) -> bool {
        self.predicates.iter().any(|at| holds(*at, predicate))
    }
}

fn holds(predicates: u64, predicate: u8) -> bool {
    predicates >> predicate & 1 == 1
}

/// The properties that a step breaks: what held before it and does not afterwards, what never should happen and does.
pub fn broken_by(model: &Maintenance, before: u64, after: u64, events: u32) -> Vec<String> {
    let breaks = |property: &&PropertyName| match claims::claim(**property) {
        Claim::Always(predicate) => holds(before, predicate) && !holds(after, predicate),
        Claim::Never(never) => events & never != 0,
        _ => false,
    };
    applicable(model).filter(breaks).map(|property| property.describe().name.to_owned()).collect()
}

/// The properties that are asked for and that say something about the scenario.
fn applicable(model: &Maintenance) -> impl Iterator<Item = &PropertyName> {
    let instance = model.instance();
    instance.properties.iter().filter(|property| claims::not_applicable(instance, **property).is_none())
}

/// How every property stands at the end of a run.
pub fn properties(model: &Maintenance, seen: &Seen, state: &State) -> Vec<PropertyView> {
    applicable(model).map(|property| one(model, *property, seen, state)).collect()
}

fn one(model: &Maintenance, property: PropertyName, seen: &Seen, state: &State) -> PropertyView {
    let claim = claims::claim(property);
    let here = *seen.predicates.last().unwrap_or(&0);
    let (standing, words) = match (claim, seen.broken(claim)) {
        (Claim::Always(predicate), _) if !holds(here, predicate) => {
            let run = Witness { initial: state.clone(), steps: Vec::new(), loop_start: None };
            (Standing::Broken, judge::failure(model, property, Some(&run)))
        }
        (Claim::Always(_), Some(at)) => (Standing::Broken, format!("Was broken after {}; holds here.", step(at))),
        (Claim::Never(_), Some(at)) => (Standing::Broken, format!("Happened on {}.", step(at))),
        (claim, _) => unbroken(claim, seen, here),
    };
    let described = property.describe();
    PropertyView { name: described.name.into(), meaning: described.meaning.into(), standing, words }
}

/// How a claim stands that the run has not broken.
fn unbroken(claim: Claim, seen: &Seen, here: u64) -> (Standing, String) {
    let (standing, words) = match claim {
        Claim::Always(_) => (Standing::Fine, "Holds so far."),
        Claim::Never(_) => (Standing::Fine, "Has not happened."),
        Claim::Sometimes(goal) | Claim::Eventually(goal) if seen.reached(goal) => {
            (Standing::Fine, "Has come about in this run.")
        }
        Claim::Sometimes(_) | Claim::Eventually(_) => (Standing::Open, "Not yet in this run."),
        Claim::LeadsTo { trigger, goal } => match owed_since(seen, trigger, goal) {
            Some(at) => return (Standing::Open, format!("Owed since {}, and not so yet.", step(at))),
            None if seen.reached(trigger) => (Standing::Fine, "Has come about in this run."),
            None => (Standing::Fine, "Nothing is owed before every runbook has ended."),
        },
        Claim::AlwaysPossibly { goal, .. } if holds(here, goal) => (Standing::Fine, "Is so here."),
        Claim::AlwaysPossibly { .. } => {
            (Standing::Open, "Is not so here; whether it can still come about, the check tells.")
        }
        Claim::NoDeadlock(done) if holds(here, done) => (Standing::Fine, "Done."),
        Claim::NoDeadlock(_) => (Standing::Open, "Not done yet."),
    };
    (standing, words.to_owned())
}

/// After how many steps the obligation began that is still open.
fn owed_since(seen: &Seen, trigger: u8, goal: u8) -> Option<usize> {
    let mut owed = None;
    for (at, predicates) in seen.predicates.iter().enumerate() {
        if holds(*predicates, goal) {
            owed = None;
        } else if owed.is_none() && holds(*predicates, trigger) {
            owed = Some(at);
        }
    }
    owed
}

fn step(at: usize) -> String {
    if at == 0 { "the beginning".to_owned() } else { format!("step {at}") }
}
