//! Certificates: what a check found, in a form that can be checked without a search, and the auditor who does so.
//!
//! A certificate carries the scenario with its files, so that the auditor makes the model again and needs nothing else. For
//! what holds, it has all reachable states, each with the readings for which it is reachable, and ranks where a claim
//! is about what may or must follow; for what is violated, the counterexample. `docs/certificates.md` has the format, and
//! what an audit proves.
//!
//! Invariant: [`write()`] alone knows the search. The auditor, and the format that both know, know nothing of `check` but
//! the interface of models. Nothing depends on the memory that the states would take.
//! Cost: see [`audit()`] and `container`.

mod audit;
mod audited;
mod container;
pub mod format;
mod refusal;
mod subject;
mod write;

pub use audit::{Confirmed, Truth, audit, audit_in_chunks};
pub use audited::{Audit, Audited, AuditedOutcome, AuditedProperty, CertifiedFile};
pub use container::{Opened, Records, Storage, Writer, enclosed};
pub use refusal::Refusal;
pub use subject::{Attached, Content, Subject};
pub use write::{WriteError, Written, write};

use crate::check::model::{Assignment, Packed};
use crate::model::{Maintenance, claims};
use crate::scenario::{Recorded, Scenario};
use crate::verdict::options::CheckOptions;
use crate::verdict::statistics::Statistics;
use crate::verdict::{CheckError, ReadingValue, ScenarioVerdict, measure_and_show};
use std::io::Write;

/// What came of a check whose certificate was asked for.
#[derive(Debug)]
pub struct Certified {
    /// The verdict.
    pub verdict: ScenarioVerdict,
    /// What it cost.
    pub statistics: Statistics,
    /// The certificate, or why there is none.
    pub written: Result<Written, WriteError>,
}

/// Checks a scenario with the exact engine, and writes a certificate of what was found.
///
/// # Errors
/// The scenario cannot be checked.
pub fn certify(
    (scenario, recorded): (&Scenario, &Recorded),
    options: &CheckOptions,
    out: &mut dyn Write,
) -> Result<Certified, CheckError> {
    let (verdict, statistics, written) = measure_and_show(scenario, options, |model, evidence| {
        let subject = Subject::new(recorded, &model.instance().properties);
        let subject = serde_json::to_value(subject).map_err(std::io::Error::from)?;
        write(model, evidence, subject, out)
    })?;
    Ok(Certified { verdict, statistics, written })
}

/// Audits a certificate about a scenario, which has to be `expected` if that is given. `name` is what the certificate is
/// called.
///
/// # Errors
/// Why it is refused.
pub fn audit_scenario(name: &str, storage: &dyn Storage, expected: Option<&Recorded>) -> Result<Audited, Refusal> {
    let opened = Opened::new(storage)?;
    let own = env!("CARGO_PKG_VERSION");
    if opened.head.poolproof != own {
        return Err(Refusal::Version { found: opened.head.poolproof, own });
    }
    let subject: Subject = serde_json::from_value(opened.head.subject.clone())
        .map_err(|error| Refusal::Damaged(format!("what it is about: {error}")))?;
    let recorded = subject.recorded()?;
    if let Some(why) = expected.and_then(|expected| subject::differs(&recorded, expected)) {
        return Err(Refusal::OtherScenario(why));
    }
    let (scenario, model) = subject.model(&recorded)?;
    if model.words() > 16 {
        return Err(Refusal::Model(format!("a state of {} words is larger than any that is explored", model.words())));
    }
    let confirmed = audit(&model, &opened)?;
    let files = subject::digests(&recorded).into_iter().map(|(path, sha256)| CertifiedFile { path, sha256 });
    let property = |property: &crate::scenario::property::PropertyName| {
        let name = property.describe().name;
        let outcome = match confirmed.properties.iter().find(|truth| truth.property == name) {
            _ if claims::not_applicable(model.instance(), *property).is_some() => AuditedOutcome::NotApplicable,
            None => AuditedOutcome::NotClaimed,
            Some(truth) if truth.violated.is_empty() => AuditedOutcome::Holds,
            Some(truth) => AuditedOutcome::Violated {
                when: truth.violated.iter().map(|cube| combination(&model, *cube)).collect(),
                complete: truth.holds_elsewhere,
                counterexamples: truth.runs.iter().map(|steps| *steps as u64).collect(),
            },
        };
        AuditedProperty { name: name.to_owned(), outcome }
    };
    let reading = |index: &usize| model.instance().open_readings[*index].describe().name.to_owned();
    Ok(Audited {
        certificate: name.to_owned(),
        poolproof: own.to_owned(),
        title: scenario.title.clone(),
        files: files.collect(),
        states: confirmed.states,
        transitions: confirmed.transitions,
        open_readings: opened.head.parameters.iter().map(reading).collect(),
        properties: scenario.properties.iter().map(property).collect(),
    })
}

/// A combination of readings by name.
fn combination(model: &Maintenance, cube: Assignment) -> Vec<ReadingValue> {
    let open = model.instance().open_readings.iter().enumerate();
    let named = open.filter_map(|(index, reading)| {
        let value = reading.value_name(cube.get(index)?).to_owned();
        Some(ReadingValue { reading: reading.describe().name.to_owned(), value })
    });
    named.collect()
}
