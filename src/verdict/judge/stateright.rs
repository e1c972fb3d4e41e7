//! A second opinion: stateright's own breadth-first search on the same model, one property at a time.

use super::{CheckError, Outcome, claims, property_verdict, verdict};
use crate::check::model::Packed;
use crate::model::Maintenance;
use crate::scenario::Scenario;
use crate::verdict::options::{CheckOptions, Engine};
use crate::verdict::{Explored, Never, ScenarioVerdict};

/// What stateright says of a scenario.
pub fn second_opinion(
    scenario: &Scenario,
    model: &Maintenance,
    options: &CheckOptions,
) -> Result<ScenarioVerdict, CheckError> {
    let properties = scenario
        .properties
        .iter()
        .map(|&property| {
            let outcome = match claims::not_applicable(model.instance(), property) {
                Some(reason) => Outcome::NotApplicable { reason: reason.into() },
                None => Outcome::NotProved { reason: "this engine is not wired yet".into() },
            };
            property_verdict(property, outcome)
        })
        .collect();
    let explored = Explored {
        engine: Engine::Stateright.name().into(),
        complete: false,
        limit: None,
        states: 0,
        transitions: 0,
        depth: 0,
        state_bytes: 8 * model.words() as u64,
    };
    Ok(verdict(scenario, model, options, explored, properties, Never::default(), &[]))
}
