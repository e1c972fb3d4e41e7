//! What came out of a check, as plain data. Every report is made from it, and it is what `--format json` prints.
//!
//! Invariant: this room knows no terminal and no HTML. "Holds" is only ever written for a run that
//! explored every reachable state; a counterexample is only ever written after it was replayed.

pub mod difference;
pub mod expect;
pub mod judge;
pub mod options;
pub mod overall;
pub mod statistics;

pub use judge::{
    CheckError, GraphError, GraphFormat, WrittenGraph, check_scenario, measure, measure_and_show, write_graph,
};
pub use overall::Overall;

use crate::runbook;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the shape of [`Report`]; raised when a consumer would have to change.
pub const SCHEMA_VERSION: u32 = 1;

/// The outcome of one `poolproof check`: one entry a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The version of this shape.
    pub schema_version: u32,
    /// The version of poolproof that wrote it.
    pub poolproof: String,
    /// The scenarios in the order in which they were named.
    pub scenarios: Vec<ScenarioVerdict>,
}

/// What came out for one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ScenarioVerdict {
    /// The scenario file as the user named it.
    pub file: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// The servers of the deployment, in the order of every [`Moment::servers`].
    pub servers: Vec<String>,
    /// The operators, in the order of the scenario.
    pub operators: Vec<String>,
    /// One verdict a property, in the order of the list of properties.
    pub properties: Vec<PropertyVerdict>,
    /// What was explored.
    pub explored: Explored,
    /// The readings that the verdict rests on.
    pub readings: Vec<ReadingUse>,
    /// What the scenario takes for granted, in sentences, with facts.
    pub assumptions: Vec<String>,
    /// What never happened in any run.
    pub never: Never,
    /// What the readers of runbooks had to say.
    pub remarks: Vec<Remark>,
}

/// The verdict on one property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PropertyVerdict {
    /// The name of the property: `pool-quorum`.
    pub name: String,
    /// The kind of claim in words: `always`.
    pub kind: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// The facts it stands on.
    pub facts: Vec<String>,
    /// What came out.
    pub outcome: Outcome,
}

/// What came out for one property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Outcome {
    /// Every reachable state was explored, under every reading that was not fixed.
    Holds,
    /// There is a run that breaks it.
    Violated {
        /// The combinations of readings under which it fails; one empty combination means "under every reading",
        /// no combination that the engine cannot tell.
        when: Vec<Vec<ReadingValue>>,
        /// Whether it certainly holds where `when` does not apply, because the exploration was complete.
        complete: bool,
        /// What has gone wrong, in one sentence with names and numbers.
        failure: String,
        /// What follows from the size of the deployment alone, if no order of steps can avoid the failure.
        unavoidable: Option<String>,
        /// The clauses of the property that are false at the end of the story, with what they read.
        #[serde(default)]
        why: Vec<Clause>,
        /// The steps of the counterexample, from 0, that take no part: in a replay in which none of them had an effect, and
        /// their actors went on as if they had, the property broke all the same. `None` where no replay can tell.
        #[serde(default)]
        needless: Option<Vec<usize>>,
        /// The shortest story of how it happens; `None` only where a violation is the absence of any run (`can-complete`).
        counterexample: Option<Box<Counterexample>>,
    },
    /// The run hit a limit, or the engine cannot decide the property.
    NotProved {
        /// Why.
        reason: String,
    },
    /// The scenario contains nothing that the property speaks of.
    NotApplicable {
        /// What is missing.
        reason: String,
    },
}

/// A part of a property that is false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Clause {
    /// What should be so: `pool1 has as many votes up as it needs`.
    pub clause: String,
    /// What it read, one value an entry: `voters up: fe4`.
    pub read: Vec<String>,
}

/// A value of a reading.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReadingValue {
    /// The reading: `fabric-guard`.
    pub reading: String,
    /// The value: `permits`.
    pub value: String,
}

/// A run that breaks a property, replayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Counterexample {
    /// How things stand before the first step.
    pub before: Moment,
    /// The steps.
    pub steps: Vec<Step>,
    /// The number of the step, from 0, with which a loop begins that goes on for ever.
    pub loop_from: Option<usize>,
}

/// One step of a story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Who acts: an operator's name, `fabric`, `machine`, `fault`.
    pub actor: String,
    /// What kind of actor it is.
    pub by: Actor,
    /// What happens, as a sentence without its subject: `fails over fe1`.
    pub text: String,
    /// Where that is written.
    pub place: Option<Place>,
    /// What changed, in words, one change an entry.
    pub changes: Vec<String>,
    /// The readings that were chosen here.
    pub assuming: Vec<ReadingValue>,
    /// How things stand afterwards.
    pub after: Moment,
}

/// The kind of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// A person or a script.
    Operator,
    /// Fabric, a machine, a timer.
    System,
    /// A fault.
    Fault,
}

/// A place in a runbook or a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Offset in bytes of the decoded text.
    pub offset: usize,
    /// Length in bytes of the decoded text.
    pub length: usize,
    /// The line without indentation.
    pub text: String,
    /// What the variables on the line stood for: `$server = fe1`.
    pub bindings: Vec<String>,
}

impl Place {
    /// A place of a procedure, with what its variables stood for.
    pub fn of(place: &runbook::Place, bindings: &[(String, String)]) -> Place {
        let (line, column) = place.line_and_column();
        Place {
            file: place.source.name.clone(),
            line,
            column,
            offset: place.offset,
            length: place.length,
            text: place.line_text().to_owned(),
            bindings: bindings.iter().map(|(name, value)| format!("{name} = {value}")).collect(),
        }
    }
}

/// How everything stands between two steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Moment {
    /// The servers, in the order of [`ScenarioVerdict::servers`].
    pub servers: Vec<ServerMoment>,
    /// The pools.
    pub pools: Vec<PoolMoment>,
    /// Where each operator is, in the order of [`ScenarioVerdict::operators`].
    pub operators: Vec<String>,
    /// What is out of service at this moment: `fe1: failed over`.
    pub out_of_service: Vec<String>,
}

/// How a server stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ServerMoment {
    /// Availability: `Running`, `Failed over`.
    pub state: String,
    /// Power: `Up`, `Crashed`.
    pub power: String,
    /// Services in short: `Running`, `Stopped (disabled)`.
    pub services: String,
    /// The replica of the tracked routing group here: `Primary`, `Secondary`, `Down`, `Building`; empty if none.
    pub replica: String,
    /// Whether users are served here.
    pub serving: bool,
    /// Whether this server's vote counts now; `None` if it is not a voter.
    pub vote: Option<bool>,
}

/// How a pool stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PoolMoment {
    /// The name of the pool.
    pub name: String,
    /// State: `Running`, `Quorum lost`.
    pub state: String,
    /// Votes that are up, SQL included.
    pub votes_up: usize,
    /// Votes that the quorum asks for.
    pub quorum: usize,
    /// The tracked routing group in words: `whole`, `2 of 3 replicas up`; empty if it is not in this pool.
    pub routing_group: String,
}

/// What was explored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Explored {
    /// The engine: `exact` or `stateright`.
    pub engine: String,
    /// Whether every reachable state was explored.
    pub complete: bool,
    /// The limit that was hit, in words, with a forecast where there is one.
    pub limit: Option<String>,
    /// Distinct states.
    pub states: u64,
    /// Transitions.
    pub transitions: u64,
    /// Steps of the longest shortest path.
    pub depth: u64,
    /// Bytes of a packed state.
    pub state_bytes: u64,
    /// What was told apart although no property can, if anything was: services by their names, or `all services`; `all servers
    /// and operators`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told_apart: Vec<String>,
}

/// How a reading enters the verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReadingUse {
    /// The reading.
    pub reading: String,
    /// The question that the documents leave open.
    pub question: String,
    /// The facts behind it.
    pub facts: Vec<String>,
    /// How it was treated.
    pub treatment: Treatment,
}

/// How a reading was treated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Treatment {
    /// The scenario fixes it.
    Fixed {
        /// The value.
        value: String,
    },
    /// All its values were explored.
    Explored {
        /// The values.
        values: Vec<String>,
    },
    /// No run depends on it.
    Irrelevant,
}

/// What never happened in any run: the check against a vacuous proof.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Never {
    /// Steps of runbooks that no run reached.
    pub steps: Vec<Place>,
    /// Kinds of actions that the scenario allows and that never happened, in words.
    pub actions: Vec<String>,
    /// Rows of the state machines that were never taken: `server: Failed over, full reset -> Failed back`.
    pub rows: Vec<String>,
}

/// Something a reader of runbooks had to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Remark {
    /// `ignored`, `suspicious` or `not-understood`.
    pub kind: String,
    /// What it says.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
}

impl Outcome {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        matches!(self, Outcome::Holds)
    }

    /// Whether it is violated.
    pub fn violated(&self) -> bool {
        matches!(self, Outcome::Violated { .. })
    }
}

impl Report {
    /// What the verdicts on all scenarios amount to.
    pub fn overall(&self) -> Overall {
        Overall::of(self.scenarios.iter().flat_map(|scenario| &scenario.properties))
    }

    /// The exit code of the contract: 1 if a property is violated, else 3 if one is not proved or none applies, else 0.
    pub fn exit_code(&self) -> u8 {
        self.overall().exit_code()
    }
}
