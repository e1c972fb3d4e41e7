//! From a scenario to its verdict: compile, explore, and put what was found into words.
//!
//! Invariant: nothing is claimed here that the checker did not conclude. Cost: that of the exploration.

mod assumptions;
mod changes;
mod commands;
mod graph;
mod moments;
mod needless;
mod never;
mod runs;
mod stateright;
mod story;
mod unavoidable;
mod why;

use super::options::{CheckOptions, Engine, Progress};
use super::statistics::{Detail, Statistics};
use super::{Explored, Outcome, PropertyVerdict, ReadingUse, ReadingValue, Remark, ScenarioVerdict, Treatment};
use crate::check::model::{Assignment, Packed};
use crate::check::{self, Completeness, Conclusion, Limit, Reason};
use crate::model::state::State;
use crate::model::step::Action;
use crate::model::{Maintenance, TellApart, claims};
use crate::runbook::RemarkKind;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Scenario};
use crate::topology::ServiceSet;
use std::time::{Duration, Instant};

pub use graph::{GraphError, GraphFormat, WrittenGraph, write_graph};
pub use moments::moment;
pub use runs::{Run, runs};
pub use story::{failure, step};

/// Why a scenario could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The scenario is larger than a packed state can be.
    #[error("the scenario needs {words} words a state, and 16 are possible: name fewer servers, operators or services")]
    TooLarge {
        /// How many it needs.
        words: usize,
    },
    /// A bug in the model or in the checker.
    #[error("internal error, please report it with the scenario: {0}")]
    Internal(String),
}

type Found = check::PropertyResult<State, Action>;

/// Checks a scenario.
pub fn check_scenario(scenario: &Scenario, options: &CheckOptions) -> Result<ScenarioVerdict, CheckError> {
    measure(scenario, options).map(|(verdict, _)| verdict)
}

/// Checks a scenario, and says what that cost.
pub fn measure(scenario: &Scenario, options: &CheckOptions) -> Result<(ScenarioVerdict, Statistics), CheckError> {
    if options.engine == Engine::Exact {
        return measure_and_show(scenario, options, |_, _| ()).map(|(verdict, statistics, ())| (verdict, statistics));
    }
    let begin = Instant::now();
    let (scenario, model) = model_of(scenario, options)?;
    let (verdict, mut statistics) = stateright::second_opinion(&scenario, &model, options)?;
    statistics.time = begin.elapsed();
    Ok((verdict, statistics))
}

/// Checks a scenario with the exact engine, and shows what the search knows before it is forgotten.
pub fn measure_and_show<T>(
    scenario: &Scenario,
    options: &CheckOptions,
    look: impl FnOnce(&Maintenance, &check::Evidence<'_, Maintenance>) -> T,
) -> Result<(ScenarioVerdict, Statistics, T), CheckError> {
    let begin = Instant::now();
    let (scenario, model) = model_of(scenario, options)?;
    let (verdict, mut statistics, seen) = exact(&scenario, &model, options, look)?;
    statistics.time = begin.elapsed();
    Ok((verdict, statistics, seen))
}

/// The scenario with the properties that are asked for, and its model.
pub fn model_of(scenario: &Scenario, options: &CheckOptions) -> Result<(Scenario, Maintenance), CheckError> {
    let mut scenario = scenario.clone();
    if !options.properties.is_empty() {
        scenario.properties = options.properties.clone();
    }
    scenario.properties.sort_unstable();
    scenario.properties.dedup();
    let model = Maintenance::telling_apart(&scenario, options.tell_apart);
    if model.words() > 16 {
        return Err(CheckError::TooLarge { words: model.words() });
    }
    Ok((scenario, model))
}

fn told_apart(apart: TellApart) -> Vec<String> {
    let services = match apart.services {
        ServiceSet::ALL => vec!["all services"],
        some => some.iter().map(|service| service.describe().name).collect(),
    };
    let servers = apart.servers.then_some("all servers and operators");
    services.into_iter().chain(servers).map(str::to_owned).collect()
}

struct Watch<'a>(&'a CheckOptions);

impl check::Observer for Watch<'_> {
    fn progress(&self, progress: &check::Progress) {
        if let Some(tell) = &self.0.progress {
            tell(Progress {
                states: progress.states as u64,
                transitions: progress.transitions,
                depth: progress.depth as u64,
                waiting: progress.frontier as u64,
                phase: progress.phase.name(),
                rate: progress.rate,
                memory: progress.memory as u64,
                elapsed: progress.elapsed,
            });
        }
    }
}

fn settings(options: &CheckOptions) -> check::Options {
    check::Options {
        threads: (options.threads > 0).then_some(options.threads),
        max_states: options.max_states.map(|limit| limit as usize),
        memory: options.memory.map(|limit| limit as usize),
        timeout: options.timeout,
        max_depth: options.max_depth.map(|limit| limit as usize),
        self_check: options.self_check,
        interrupt: Some(options.interrupt.clone()),
        coverage: true,
        ..check::Options::default()
    }
}

fn statistics(model: &Maintenance, found: &check::Statistics) -> Statistics {
    Statistics {
        states: Some(found.states as u64),
        transitions: Some(found.transitions),
        depth: Some(found.depth as u64),
        time: Duration::ZERO,
        state_bytes: 8 * model.words() as u64,
        detail: Some(Detail {
            layers: found.layers.iter().map(|layer| *layer as u64).collect(),
            deadlocks: found.deadlocks as u64,
            mean_degree: found.mean_degree(),
            max_degree: found.max_degree as u64,
            store_bytes: found.store_bytes as u64,
            table_load: found.table_load,
            peak_bytes: found.peak_bytes as u64,
            phases: found.phases.iter().map(|(phase, time)| (phase.name().to_owned(), *time)).collect(),
        }),
    }
}

fn exact<T>(
    scenario: &Scenario,
    model: &Maintenance,
    options: &CheckOptions,
    look: impl FnOnce(&Maintenance, &check::Evidence<'_, Maintenance>) -> T,
) -> Result<(ScenarioVerdict, Statistics, T), CheckError> {
    let look = |evidence: &check::Evidence<'_, Maintenance>| look(model, evidence);
    let (outcome, seen) = check::run_and_show(model, &settings(options), &Watch(options), look)
        .map_err(|error| CheckError::Internal(error.to_string()))?;
    let statistics = statistics(model, &outcome.statistics);
    let complete = outcome.completeness == Completeness::Complete;
    if outcome.statistics.states == 0 && complete {
        // What holds of no run at all is no proof. Every scenario has a beginning: replicas have a place wherever servers are out.
        return Err(CheckError::Internal("no run begins as the scenario says".into()));
    }
    let explored = Explored {
        engine: Engine::Exact.name().into(),
        complete,
        limit: limit_in_words(&outcome.completeness),
        states: outcome.statistics.states as u64,
        transitions: outcome.statistics.transitions,
        depth: outcome.statistics.depth as u64,
        state_bytes: 8 * model.words() as u64,
        told_apart: told_apart(options.tell_apart),
    };
    let properties = scenario
        .properties
        .iter()
        .map(|&property| {
            let outcome = match claims::not_applicable(model.instance(), property) {
                Some(reason) => Outcome::NotApplicable { reason: reason.into() },
                None => {
                    let found =
                        outcome.property(property.describe().name).expect("every applicable property is decided");
                    judge(model, property, found, complete)?
                }
            };
            Ok(property_verdict(property, outcome))
        })
        .collect::<Result<Vec<_>, CheckError>>()?;
    let never = outcome.coverage.as_ref().filter(|_| complete);
    let never = never.map(|coverage| never::never(scenario, model, coverage)).unwrap_or_default();
    let verdict = verdict(scenario, model, options, explored, properties, never, &outcome.statistics.resolved);
    Ok((verdict, statistics, seen))
}

fn property_verdict(property: PropertyName, outcome: Outcome) -> PropertyVerdict {
    let described = property.describe();
    PropertyVerdict {
        name: described.name.into(),
        kind: described.kind.words().into(),
        meaning: described.meaning.into(),
        facts: described.facts.iter().map(|fact| (*fact).into()).collect(),
        outcome,
    }
}

fn verdict(
    scenario: &Scenario,
    model: &Maintenance,
    options: &CheckOptions,
    explored: Explored,
    properties: Vec<PropertyVerdict>,
    never: super::Never,
    resolved: &[usize],
) -> ScenarioVerdict {
    let instance = model.instance();
    ScenarioVerdict {
        file: options.file.clone(),
        title: scenario.title.clone(),
        description: scenario.description.clone(),
        servers: instance.servers.iter().map(|server| instance.deployment.short_name(server.id).to_string()).collect(),
        operators: scenario.operators.iter().map(|operator| operator.name.clone()).collect(),
        properties,
        explored,
        readings: Reading::ALL.iter().map(|reading| reading_use(model, *reading, resolved)).collect(),
        assumptions: assumptions::assumptions(scenario, model),
        never,
        remarks: remarks(scenario),
    }
}

fn judge(model: &Maintenance, property: PropertyName, found: &Found, complete: bool) -> Result<Outcome, CheckError> {
    if let Some(violation) = found.violations.first() {
        let mut cubes = check::cover(&found.violated_when(), &model.parameters());
        let open = 0..model.instance().open_readings.len();
        cubes.sort_by_key(|cube| {
            open.clone().map(|index| cube.get(index).map_or(u8::MAX, |value| value)).collect::<Vec<_>>()
        });
        let counterexample = violation.witness.as_ref().map(|witness| Box::new(story::tell(model, witness)));
        return Ok(Outcome::Violated {
            when: cubes.iter().map(|cube| combination(model, *cube)).collect(),
            complete: complete && found.conclusion == Conclusion::Conclusive,
            failure: story::failure(model, property, violation.witness.as_ref()),
            unavoidable: unavoidable::unavoidable(model, property, violation.witness.as_ref()),
            why: why::why(model, property, violation.witness.as_ref()),
            needless: needless::needless(model, property, violation.witness.as_ref()),
            counterexample,
        });
    }
    match &found.conclusion {
        Conclusion::Conclusive if complete => Ok(Outcome::Holds),
        Conclusion::Conclusive => Ok(Outcome::NotProved { reason: "not everything was explored".into() }),
        Conclusion::Inconclusive(Reason::Fault(fault)) => Err(CheckError::Internal(fault.to_string())),
        Conclusion::Inconclusive(reason) => Ok(Outcome::NotProved { reason: reason_in_words(reason) }),
    }
}

fn combination(model: &Maintenance, cube: Assignment) -> Vec<ReadingValue> {
    let open = model.instance().open_readings.iter().enumerate();
    open.filter_map(|(index, reading)| cube.get(index).map(|value| reading_value(*reading, value))).collect()
}

/// A value of a reading by name.
pub fn reading_value(reading: Reading, value: u8) -> ReadingValue {
    ReadingValue { reading: reading.describe().name.into(), value: reading.value_name(value).into() }
}

fn reading_use(model: &Maintenance, reading: Reading, resolved: &[usize]) -> ReadingUse {
    let described = reading.describe();
    let treatment = match (model.instance().fixed(reading), model.instance().open(reading)) {
        (Some(value), _) => Treatment::Fixed { value: reading.value_name(value).into() },
        (None, Some(index)) if resolved.contains(&index) => {
            Treatment::Explored { values: described.values.iter().map(|value| value.name.into()).collect() }
        }
        _ => Treatment::Irrelevant,
    };
    ReadingUse {
        reading: described.name.into(),
        question: described.question.into(),
        facts: described.facts.iter().map(|fact| (*fact).into()).collect(),
        treatment,
    }
}

fn remarks(scenario: &Scenario) -> Vec<Remark> {
    let procedures = scenario.operators.iter().filter_map(|operator| match &operator.acts {
        Acts::Scripted { procedure, .. } => Some(procedure),
        Acts::Free { .. } => None,
    });
    procedures
        .flat_map(|procedure| &procedure.remarks)
        .chain(&scenario.remarks)
        .map(|remark| Remark {
            kind: match remark.kind {
                RemarkKind::Ignored => "ignored",
                RemarkKind::Suspicious => "suspicious",
                RemarkKind::NotUnderstood => "not-understood",
            }
            .into(),
            message: remark.message.clone(),
            help: remark.help.clone(),
            place: crate::verdict::Place::of(&remark.place, &[]),
        })
        .collect()
}

fn limit_in_words(completeness: &Completeness) -> Option<String> {
    let Completeness::Stopped { limit, explored, frontier, forecast } = completeness else {
        return None;
    };
    let mut words = format!(
        "{}: {explored} states were explored and {frontier} more were known",
        match limit {
            Limit::States => "the limit on states was reached",
            Limit::Memory => "the limit on memory was reached",
            Limit::Time => "the time was up",
            Limit::Depth => "the limit on depth was reached",
            Limit::Interrupted => "it was interrupted",
        }
    );
    if let Some(forecast) = forecast {
        words += &format!("; the growth so far suggests about {:.0} states in all", forecast.states);
    }
    Some(words)
}

fn reason_in_words(reason: &Reason) -> String {
    match reason {
        Reason::Limit(limit) => match limit {
            Limit::States => "the limit on states was reached".into(),
            Limit::Memory => "the limit on memory was reached".into(),
            Limit::Time => "the time was up".into(),
            Limit::Depth => "the limit on depth was reached".into(),
            Limit::Interrupted => "the check was interrupted".into(),
        },
        Reason::TooManyValuations(number) => {
            format!(
                "{number} combinations of readings are too many to judge one by one; fix some readings in the scenario"
            )
        }
        Reason::TooManyKinds => "the scenario has more kinds of steps than can be judged for fairness".into(),
        Reason::Fault(fault) => fault.to_string(),
    }
}
