//! The runs behind a verdict, as the model takes them, for whoever goes through them step by step.

use super::{CheckError, Watch, claims, judge, property_verdict, settings};
use crate::check::{self, Completeness, Witness};
use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::Action;
use crate::scenario::Scenario;
use crate::verdict::options::CheckOptions;
use crate::verdict::{Outcome, PropertyVerdict};

/// What came out for a property, with the run that its story tells.
#[derive(Debug, Clone)]
pub struct Run {
    /// The verdict.
    pub verdict: PropertyVerdict,
    /// The run that violates it; its actions are among those of [`stateright::Model::actions`].
    pub witness: Option<Witness<State, Action>>,
}

/// Decides the properties of a scenario with the exact engine. The model is that of [`super::model_of`].
pub fn runs(scenario: &Scenario, model: &Maintenance, options: &CheckOptions) -> Result<Vec<Run>, CheckError> {
    let outcome = check::run(model, &settings(options), &Watch(options))
        .map_err(|error| CheckError::Internal(error.to_string()))?;
    let complete = outcome.completeness == Completeness::Complete;
    let run = |&property| {
        if let Some(reason) = claims::not_applicable(model.instance(), property) {
            let verdict = property_verdict(property, Outcome::NotApplicable { reason: reason.into() });
            return Ok(Run { verdict, witness: None });
        }
        let found = outcome.property(property.describe().name).expect("every applicable property is decided");
        let verdict = property_verdict(property, judge(model, property, found, complete)?);
        let witness = found.violations.first().and_then(|violation| violation.witness.clone());
        Ok(Run { verdict, witness })
    };
    scenario.properties.iter().map(run).collect()
}
