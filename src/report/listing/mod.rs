//! What a runbook was understood to do, for a person and for a program: steps, gates, branches, what was
//! ignored and what was not understood.
//!
//! Invariant: every step and every remark keeps its place; a step that is not listed is not in the procedure.
//! `docs/runbook.schema.json` is what [`schema`] gives, and a test compares them.

mod steps;
mod text;

pub use text::render;

use crate::runbook::{self, RemarkKind};
use crate::scenario::{Acts, Runbooks};
use crate::verdict::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of this form. A change that a consumer can notice gives it a new one.
pub const SCHEMA_VERSION: u32 = 1;

/// What was read of one runbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// The number of this form, 1.
    pub schema_version: u32,
    /// The version of the program.
    pub poolproof: String,
    /// The runbook, as the user named it.
    pub file: String,
    /// The scenario that it was read for, if there is one.
    pub scenario: Option<String>,
    /// What it does, once for each operator that runs it; a job that it starts is one more.
    pub procedures: Vec<ListedProcedure>,
}

/// What an operator does with a runbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedProcedure {
    /// Who runs it; without a scenario there is nobody, and for a job its name.
    pub operator: Option<String>,
    /// The server that it runs on; none is an administrator's workstation.
    pub on: Option<String>,
    /// What was made up, since there is no scenario.
    pub assumed: Vec<String>,
    /// Whether some step changes the state of a pool, among those that were understood.
    pub acts: bool,
    /// Whether everything was understood: only then does it do nothing else.
    pub understood: bool,
    /// The steps, in the order in which a reader meets them.
    pub steps: Vec<ListedStep>,
    /// What there is to say about the text.
    pub remarks: Vec<ListedRemark>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedStep {
    /// Its number, from 1.
    pub number: usize,
    /// What kind of step it is.
    pub kind: StepKind,
    /// What it does, in words.
    pub text: String,
    /// Where it is written, with the line and what its variables stood for.
    pub place: Place,
    /// Which step is next, if no error and no test leads elsewhere; none at an end.
    pub next: Option<usize>,
    /// Which step is next if the cmdlet fails, or if the test does not hold. None: an error ends the procedure,
    /// or is ignored.
    pub otherwise: Option<usize>,
    /// For a gate: when the wait is given up.
    pub bound: Option<ListedBound>,
    /// For a gate: whether the wait ends when the test holds, or when it does not; none if either way may.
    pub ends_if: Option<bool>,
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// A cmdlet or a program that acts.
    Command,
    /// A cmdlet that reads the state of a pool.
    Read,
    /// A test of a wait: the procedure goes on when it holds.
    Gate,
    /// A test of what was read.
    Branch,
    /// A test of what nobody can know; both ways are explored.
    Unknown,
    /// A sleep.
    Sleep,
    /// A question to a person.
    Ask,
    /// A lock is taken or given back.
    Lock,
    /// A job is started, or waited for.
    Job,
    /// The end.
    End,
}

/// When a wait is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListedBound {
    /// Never.
    None,
    /// At some time that is not known.
    Unknown,
    /// After so many rounds.
    Rounds(usize),
}

/// Something to say about the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListedRemark {
    /// How serious it is.
    pub kind: ListedKind,
    /// A stable name of what it is about: `status-not-tested`.
    pub code: String,
    /// What it says.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
}

/// How serious a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListedKind {
    /// Has no effect on the pool; ignored.
    Ignored,
    /// Legal and suspicious.
    Suspicious,
    /// Not understood: the procedure cannot be checked as it stands.
    NotUnderstood,
}

impl Listing {
    /// A listing without procedures.
    pub fn new(file: &str, scenario: Option<&str>) -> Listing {
        Listing {
            schema_version: SCHEMA_VERSION,
            poolproof: env!("CARGO_PKG_VERSION").to_owned(),
            file: file.to_owned(),
            scenario: scenario.map(str::to_owned),
            procedures: Vec::new(),
        }
    }

    /// Adds what was read without a scenario.
    pub fn add_alone(&mut self, alone: &runbook::powershell::Alone) {
        self.procedures.push(ListedProcedure {
            assumed: alone.assumed.clone(),
            ..steps::listed(None, None, &alone.procedure, &alone.deployment)
        });
        for job in &alone.procedure.jobs {
            self.procedures.push(steps::listed(Some(&job.name), None, &job.procedure, &alone.deployment));
        }
    }

    /// Adds what the operators of a scenario do of whom `wanted` says so.
    pub fn add(&mut self, runbooks: &Runbooks, wanted: impl Fn(&runbook::Procedure) -> bool) {
        for operator in &runbooks.operators {
            let Acts::Scripted { procedure, machine, .. } = &operator.acts else { continue };
            if wanted(procedure) {
                let on = machine.map(|server| runbooks.deployment.short_name(server).to_owned());
                self.procedures.push(steps::listed(Some(&operator.name), on, procedure, &runbooks.deployment));
            }
        }
    }

    /// The most serious thing that is said; `None` if nothing is.
    pub fn worst(&self) -> Option<ListedKind> {
        self.procedures.iter().flat_map(|procedure| &procedure.remarks).map(|remark| remark.kind).max()
    }
}

impl From<RemarkKind> for ListedKind {
    fn from(kind: RemarkKind) -> ListedKind {
        match kind {
            RemarkKind::Ignored => ListedKind::Ignored,
            RemarkKind::Suspicious => ListedKind::Suspicious,
            RemarkKind::NotUnderstood => ListedKind::NotUnderstood,
        }
    }
}

/// The listing as JSON, with a newline at its end.
pub fn to_json(listing: &Listing) -> String {
    super::json::pretty(listing)
}

/// The JSON Schema of [`to_json`], with a newline at its end.
pub fn schema() -> String {
    super::json::pretty(&schemars::schema_for!(Listing))
}
