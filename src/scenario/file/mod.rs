//! The scenario file as it is written: one type a table, one field a key, every value with its place.
//!
//! The types are the single description of the format. `schema` draws the JSON Schema from them, with
//! the comments below as descriptions that editors show; `shape` compares a file with that schema; serde
//! reads it. What a file means is found out by the other modules of this room.
//!
//! Invariant: reading a file that has the right shape into these types cannot fail.

pub mod deployment;
pub mod faults;
pub mod operators;
mod values;

pub use deployment::{BackEndName, DeploymentTable, KindName, PoolTable, UpgradeDomains, VersionName};
pub use faults::{CrashTable, FaultsTable, OnServersTable, ReturnsName};
pub use operators::{ArgumentValue, CommandMeaning, CommandName, EffectTable, OperatorTable, RepeatTable};
pub use values::{CountOr, Lines, Members};

use super::located::{Entries, Located};
use super::schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest budget of a fault or of a free operator: more than that no deployment of this size can
/// tell apart from "without bound".
pub const LARGEST_BUDGET: u8 = 15;

/// A scenario for poolproof: what is deployed, who acts, what may go wrong, what is claimed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "poolproof scenario", extend("required" = ["deployment"]))]
pub struct File {
    /// What the scenario is about, in one line. Default: the name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Located<String>>,
    /// What the reader of a verdict should know, any length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which properties are to be decided. Default: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::property_names")]
    pub properties: Option<Located<Vec<Located<String>>>>,
    /// What is deployed: a version and pools, or a topology document.
    pub deployment: Located<DeploymentTable>,
    /// How the deployment stands when the scenario begins. Default: everything runs.
    #[serde(skip_serializing_if = "InitiallyTable::is_empty")]
    pub initially: InitiallyTable,
    /// Who acts. Operators act at the same time, each in a shell of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operator: Vec<Located<OperatorTable>>,
    /// How many servers of a pool have to take users at any time, by the name of the pool. Default: one.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub capacity: Entries<Located<u8>>,
    /// What commands of your own mean, by name: functions of a module that is not at hand, programs.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub commands: Entries<Located<CommandMeaning>>,
    /// What may go wrong, each with a budget. Default: nothing.
    #[serde(skip_serializing_if = "FaultsTable::is_empty")]
    pub faults: FaultsTable,
    /// Readings that are fixed. All others are explored, and the verdict says for which values it holds.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    #[schemars(schema_with = "schema::readings_table")]
    pub readings: Entries<Located<String>>,
    /// What the verdicts are expected to be; `poolproof test` compares.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    #[schemars(schema_with = "schema::expect_table")]
    pub expect: Entries<Located<String>>,
}

/// How the deployment stands when the scenario begins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct InitiallyTable {
    /// Servers that are failed over (F2.5).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_over: Vec<Located<String>>,
    /// Servers whose services are stopped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stopped: Vec<Located<String>>,
    /// Servers that are down until somebody repairs them, or that were never built (R18).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Located<String>>,
    /// Pools that are down, with their machines up and their services stopped (R6).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pool_stopped: Vec<Located<String>>,
    /// Pools that are failed over, so that the paired pool has their users (F6.7).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pool_failed_over: Vec<Located<String>>,
    /// Pools whose SQL principal is down, so that the mirror serves (R3).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on_mirror: Vec<Located<String>>,
}

impl InitiallyTable {
    /// Whether everything runs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
