//! A second opinion: stateright's own breadth-first search on the same model, one property at a time.
//!
//! It knows states by fingerprints, and has no notion of a reading, of fairness over cycles or of possibility
//! from everywhere; what it cannot judge is "not proved" here.

use super::{CheckError, Outcome, claims, property_verdict, told_apart, verdict};
use crate::check::model::Packed;
use crate::check::{Opinion, second_opinion as ask};
use crate::model::Maintenance;
use crate::scenario::Scenario;
use crate::verdict::options::{CheckOptions, Engine};
use crate::verdict::statistics::Statistics;
use crate::verdict::{Explored, Never, ScenarioVerdict};
use std::sync::Arc;
use std::time::Duration;

/// What stateright says of a scenario.
pub fn second_opinion(
    scenario: &Scenario,
    model: &Maintenance,
    options: &CheckOptions,
) -> Result<(ScenarioVerdict, Statistics), CheckError> {
    let shared = Arc::new(model.clone());
    let mut explored = Explored {
        engine: Engine::Stateright.name().into(),
        complete: true,
        limit: None,
        states: 0,
        transitions: 0,
        depth: 0,
        state_bytes: 8 * model.words() as u64,
        told_apart: told_apart(options.tell_apart),
    };
    let mut properties = Vec::new();
    for &property in &scenario.properties {
        let outcome = match claims::not_applicable(model.instance(), property) {
            Some(reason) => Outcome::NotApplicable { reason: reason.into() },
            None => {
                let claim = claims::claim(property);
                let asked = crate::check::Property { name: property.describe().name.into(), claim };
                let opinion = ask(shared.clone(), &asked, options.threads.max(1), options.timeout);
                outcome(opinion, &mut explored)
            }
        };
        properties.push(property_verdict(property, outcome));
    }
    // It counts transitions only where it explored everything, and its depth is not that of the layers.
    let explored_all = explored.states > 0;
    let statistics = Statistics {
        states: explored_all.then_some(explored.states),
        transitions: explored_all.then_some(explored.transitions),
        depth: None,
        time: Duration::ZERO,
        state_bytes: explored.state_bytes,
        detail: None,
    };
    Ok((verdict(scenario, model, options, explored, properties, Never::default(), &[]), statistics))
}

fn outcome(opinion: Opinion, explored: &mut Explored) -> Outcome {
    match opinion {
        Opinion::Holds { states, transitions } => {
            explored.states = explored.states.max(states as u64);
            explored.transitions = explored.transitions.max(transitions);
            Outcome::Holds
        }
        Opinion::Violated { length, .. } => Outcome::Violated {
            when: Vec::new(),
            complete: false,
            failure: match length {
                Some(length) => {
                    format!("stateright finds a violation after {length} steps; the exact engine tells the story.")
                }
                None => "stateright finds no run that reaches it.".into(),
            },
            unavoidable: None,
            why: Vec::new(),
            needless: None,
            counterexample: None,
        },
        Opinion::Satisfied { .. } => {
            Outcome::NotProved { reason: "stateright finds such a run, and cannot say under which readings".into() }
        }
        Opinion::NotSupported => Outcome::NotProved { reason: "stateright cannot judge this kind of property".into() },
        Opinion::OutOfTime => {
            explored.complete = false;
            Outcome::NotProved { reason: "the time was up".into() }
        }
    }
}
