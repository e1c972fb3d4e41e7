//! The reference: what a scenario means, in TLA+, for a checker that shares nothing with this crate.
//!
//! The modules of `models/reference` are the definition; here the values of a scenario are written: the compiled
//! instance, and the procedures as data. Invariant: nothing here says what a step does. What the modules do not
//! contain is [`Unsupported`], never left out silently.
//! Cost: one pass over the instance.

mod program;
mod tla;
mod values;

use crate::check::{self, Options};
use crate::model::instance::Instance;
use crate::model::{Maintenance, TellApart, claims};
use crate::scenario::Scenario;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use std::collections::BTreeMap;

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// Something that the reference does not contain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the reference does not contain {feature}")]
pub struct Unsupported {
    /// What a scenario has.
    pub feature: &'static str,
}

/// The readings that an export explores, each with its values; every other reading has one value.
pub type Explored = BTreeMap<Reading, Vec<u8>>;

/// Beyond so many states it is not looked which readings matter: TLC explores fewer anyway.
const MOST_STATES: usize = 1_000_000;

/// The readings that TLC has to explore: those on which something depends, each with all its values.
///
/// Where it is not known, because there are too many states, these are all that the scenario leaves open.
pub fn explored(scenario: &Scenario) -> Explored {
    let model = Maintenance::telling_apart(scenario, TellApart { servers: true, ..TellApart::default() });
    let open = &model.instance().open_readings;
    let all = |reading: Reading| (reading, (0..reading.describe().values.len() as u8).collect());
    match check::run(&model, &Options { max_states: Some(MOST_STATES), ..Options::default() }, &()) {
        Ok(outcome) if outcome.completeness.limit().is_none() => {
            outcome.statistics.resolved.iter().map(|index| all(open[*index])).collect()
        }
        _ => open.iter().copied().map(all).collect(),
    }
}

macro_rules! modules {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../models/reference/", $name)))),+]
    };
}

/// The modules of the reference, as they stand in `models/reference`.
pub const MODULES: &[(&str, &str)] = modules![
    "Lifecycle.tla",
    "Instance.tla",
    "Fabric.tla",
    "Servers.tla",
    "RoutingGroup.tla",
    "Pairs.tla",
    "Commands.tla",
    "Shells.tla",
    "Machines.tla",
    "Properties.tla",
    "Poolproof.tla",
];

/// What TLC explores to survey everything.
const SURVEY: &str = "INIT Init\nNEXT Next\nINVARIANT Survey\n";

/// Everything that TLC needs to check an instance: the modules, `MC.tla` with the values, and the configurations.
///
/// # Errors
/// What the scenario has and the reference does not.
pub fn export(instance: &Instance, explored: &Explored) -> Result<Vec<File>, Unsupported> {
    if instance.deployment.pools.iter().any(|pool| pool.members.len() > crate::fabric::tables::LARGEST_POOL) {
        return Err(Unsupported { feature: "pools of more than 16 servers" });
    }
    let mut files: Vec<File> = MODULES.iter().map(|(name, text)| File { name, text: (*text).to_owned() }).collect();
    let values = values::all(instance, explored);
    files.push(File { name: "MC.tla", text: model(&values) });
    let configuration = |name, text: String| File { name, text: format!("{text}CONSTANT Scenario <- MCScenario\n") };
    files.push(configuration("MC.cfg", claims_of(instance)));
    files.push(configuration("Survey.cfg", SURVEY.to_owned()));
    files.push(configuration("SurveyOfSteps.cfg", format!("{SURVEY}ACTION_CONSTRAINT SurveyOfSteps\n")));
    for (name, cfg, liveness) in [
        (PropertyName::RunbookCompletes, "RunbookCompletes.cfg", "HoldsRunbookCompletes"),
        (PropertyName::ReturnsToService, "ReturnsToService.cfg", "HoldsReturnsToService"),
    ] {
        if asked(instance, name) {
            let text = format!("SPECIFICATION Spec\nPROPERTY {liveness}\n");
            files.push(configuration(cfg, text));
        }
    }
    if asked(instance, PropertyName::CanComplete) {
        let text = "INIT Init\nNEXT Next\nINVARIANT NeverCompletes\n".to_owned();
        files.push(configuration("CanComplete.cfg", text));
    }
    Ok(files)
}

fn asked(instance: &Instance, property: PropertyName) -> bool {
    instance.asks(property) && claims::not_applicable(instance, property).is_none()
}

/// The root module: the values, and what the survey prints.
fn model(values: &[(&'static str, String)]) -> String {
    let mut text = String::from(
        "---------------------------------- MODULE MC ----------------------------------\n\
         (* Written by `poolproof export --tla`: one scenario for the reference in Poolproof.tla. *)\n\
         EXTENDS Poolproof, TLC\n\n",
    );
    for (name, value) in values {
        text.push_str(&format!("MC{name} ==\n    {value}\n\n"));
        if *name == "Holds" {
            // What the programs say instead of a list of all of them.
            text.push_str("AllServices == UNION {MCHolds[group] : group \\in DOMAIN MCHolds}\n\n");
        }
    }
    let fields = values.iter().map(|(name, _)| format!("{name} |-> MC{name}"));
    text.push_str(&format!("MCScenario ==\n    [{}]\n\n", fields.collect::<Vec<_>>().join(",\n     ")));
    text.push_str(
        "(* Tells of every state: after how many steps it is reached first, the readings, what is violated in it, which goals it\n   \
         reaches, what may happen on a step out of it. *)\n\
         Explored == {reading \\in DOMAIN Readings : Cardinality(Readings[reading]) > 1}\n\
         Survey ==\n    \
         PrintT(ToString(<<\"state\", TLCGet(\"level\"), [reading \\in Explored |-> readings[reading]], Broken(Now), Reached(Now),\n                      \
         Events>>))\n\n\
         (* Tells of every step which promises it keeps. *)\n\
         SurveyOfSteps == PrintT(ToString(<<\"step\", {promise \\in Promises : Keeps(promise) /\\ vars' # vars}>>))\n\
         ===============================================================================\n",
    );
    text
}

/// The configuration in which TLC stops at the first state that violates what is asked of every state.
fn claims_of(instance: &Instance) -> String {
    let invariants: String = instance
        .properties
        .iter()
        .filter(|property| claims::not_applicable(instance, **property).is_none())
        .filter_map(|property| invariant(*property))
        .map(|name| format!("INVARIANT {name}\n"))
        .collect();
    format!("INIT Init\nNEXT Next\n{invariants}")
}

/// What a property that TLC checks state by state is called in the reference.
pub fn invariant(property: PropertyName) -> Option<&'static str> {
    Some(match property {
        PropertyName::PoolQuorum => "HoldsPoolQuorum",
        PropertyName::RoutingGroupQuorum => "HoldsRoutingGroupQuorum",
        PropertyName::SurvivesOneMoreCrash => "HoldsSurvivesOneMoreCrash",
        PropertyName::OneOutAtATime => "HoldsOneOutAtATime",
        PropertyName::IsolatedWhilePatched => "HoldsIsolatedWhilePatched",
        PropertyName::Capacity => "HoldsCapacity",
        PropertyName::FullService => "HoldsFullService",
        PropertyName::OneManagementStore => "HoldsOneManagementStore",
        PropertyName::NoCutCalls => "HoldsNoCutCalls",
        PropertyName::NoFailedStep => "HoldsNoFailedStep",
        PropertyName::NoLostData => "HoldsNoLostData",
        PropertyName::NoStrandedRoutingGroup
        | PropertyName::RunbookCompletes
        | PropertyName::ReturnsToService
        | PropertyName::Recoverable
        | PropertyName::CanComplete => return None,
    })
}
