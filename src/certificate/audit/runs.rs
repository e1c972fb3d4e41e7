//! A run, replayed step by step through the model, and what it shows.
//!
//! What it shows is worked out for all valuations at once: those for which each of its steps exists, and for which it is what
//! the claim speaks of.

use super::super::format::Run;
use super::super::refusal::Refusal;
use super::steps::Steps;
use super::valuations::{ALL, NONE, Set, Valuations};
use crate::check::model::{Claim, Packed};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a run.
pub enum Mistake {
    /// After so many steps it goes on as the model does not.
    Step(usize, &'static str),
    /// It is a run and shows nothing.
    Nothing(&'static str),
    /// It cannot be looked at.
    Refused(Refusal),
}

impl From<Refusal> for Mistake {
    fn from(refusal: Refusal) -> Mistake {
        Mistake::Refused(refusal)
    }
}

/// The valuations for which a run shows that a claim is violated; for [`Claim::Sometimes`], that it is satisfied. Of
/// [`Claim::AlwaysPossibly`] it can only show how to get to a state without the goal.
pub fn shows<M: Packed>(
    model: &M,
    valuations: &mut Valuations,
    initial: &[(Vec<u64>, Set)],
    claim: Claim,
    run: &Run,
) -> Result<Set, Mistake> {
    let states: Vec<&[u64]> =
        std::iter::once(&run.initial).chain(run.steps.iter().map(|step| &step.to)).map(|it| &it.0[..]).collect();
    let last = states.len() - 1;
    let mut set = NONE;
    for (_, when) in initial.iter().filter(|(words, _)| words == states[0]) {
        set = valuations.or(set, *when)?;
    }
    if set == NONE {
        return Err(Mistake::Step(0, "no run begins there"));
    }
    let (trigger, goal) = match claim {
        Claim::Eventually(goal) => (None, Some(goal)),
        Claim::LeadsTo { trigger, goal } => (Some(trigger), Some(goal)),
        _ => (None, None),
    };
    let open_from = if trigger.is_some() { run.open_from } else { 0 };
    let loop_from = run.loop_from.unwrap_or(last);
    if open_from > last {
        return Err(Mistake::Nothing("the obligation begins after its end"));
    }
    if run.loop_from.is_some() && (loop_from < open_from || loop_from >= last || states[loop_from] != states[last]) {
        return Err(Mistake::Nothing("its loop is open"));
    }
    let mut steps = Steps::new(model);
    // The constraints that are enabled in all states of the loop so far, each with the valuations for which it is.
    let mut always: Option<BTreeMap<u16, Set>> = None;
    for (number, words) in states.iter().enumerate() {
        steps.look(words, valuations)?;
        if number >= open_from
            && let Some(goal) = goal
        {
            if let Some(trigger) = trigger.filter(|_| number == open_from) {
                let begins = steps.holds(trigger, valuations)?;
                set = some(valuations.and(set, begins)?, "nothing triggers the obligation")?;
            }
            let met = steps.holds(goal, valuations)?;
            set = some(valuations.minus(set, met)?, "it meets the goal")?;
        }
        if run.loop_from.is_some() && (loop_from..last).contains(&number) {
            let mut enabled = BTreeMap::new();
            let known = always.as_ref().map(|always| always.keys().copied().collect());
            for constraint in known.unwrap_or_else(|| constraints(&steps)) {
                let before = always.as_ref().map_or(ALL, |always| always[&constraint]);
                let here = steps.moves(valuations, |_, label| label.fairness == Some(constraint))?;
                enabled.insert(constraint, valuations.and(before, here)?);
            }
            always = Some(enabled);
        }
        if let Some(step) = run.steps.get(number) {
            let exists = steps.moves(valuations, |to, label| {
                to == step.to.0 && (label.fairness, label.events) == (step.fairness, step.events)
            })?;
            set = valuations.and(set, exists)?;
            if set == NONE {
                return Err(Mistake::Step(number, "the model has no such step"));
            }
        }
    }
    match claim {
        Claim::Always(predicate) => {
            let holds = steps.holds(predicate, valuations)?;
            some(valuations.minus(set, holds)?, "the predicate holds at its end")
        }
        Claim::Sometimes(predicate) => {
            let holds = steps.holds(predicate, valuations)?;
            some(valuations.and(set, holds)?, "the predicate does not hold at its end")
        }
        Claim::Never(events) => match run.steps.last() {
            Some(step) if step.events & events != 0 => Ok(set),
            _ => Err(Mistake::Nothing("its last step does not carry the event")),
        },
        Claim::NoDeadlock(done) => {
            let holds = steps.holds(done, valuations)?;
            let rest = some(valuations.minus(set, holds)?, "it is done at its end")?;
            let moves = steps.moves(valuations, |_, _| true)?;
            some(valuations.minus(rest, moves)?, "it can go on")
        }
        Claim::AlwaysPossibly { goal, .. } => {
            let holds = steps.holds(goal, valuations)?;
            some(valuations.minus(set, holds)?, "the goal holds at its end")
        }
        Claim::Eventually(_) | Claim::LeadsTo { .. } if run.loop_from.is_none() => {
            let must_go_on = steps.moves(valuations, |_, label| label.fairness.is_some())?;
            some(valuations.minus(set, must_go_on)?, "it cannot rest at its end")
        }
        Claim::Eventually(_) | Claim::LeadsTo { .. } => {
            let served: BTreeSet<u16> = run.steps[loop_from..].iter().filter_map(|step| step.fairness).collect();
            for (constraint, enabled) in always.unwrap_or_default() {
                if !served.contains(&constraint) {
                    set = some(valuations.minus(set, enabled)?, "its loop is not fair")?;
                }
            }
            Ok(set)
        }
    }
}

/// The constraints that some step of a state serves.
fn constraints<M: Packed>(steps: &Steps<'_, M>) -> BTreeSet<u16> {
    steps.labels().filter_map(|label| label.fairness).collect()
}

fn some(set: Set, otherwise: &'static str) -> Result<Set, Mistake> {
    if set == NONE { Err(Mistake::Nothing(otherwise)) } else { Ok(set) }
}
