//! What an audit came to, as plain data.

use crate::verdict::ReadingValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of one `poolproof audit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "audit", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Audit {
    /// What the certificate claims is true.
    Valid(Audited),
    /// It is not believed.
    Refused {
        /// The certificate as the user named it.
        certificate: String,
        /// Why.
        reason: String,
    },
}

/// What was confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Audited {
    /// The certificate as the user named it.
    pub certificate: String,
    /// The version of poolproof that wrote it, which is that of the auditor.
    pub poolproof: String,
    /// The title of the scenario.
    pub title: String,
    /// The scenario file and the files that it names, each with the SHA-256 of what is certified.
    pub files: Vec<CertifiedFile>,
    /// The states that were looked at; `None` if nothing is claimed of all states.
    pub states: Option<u64>,
    /// Their steps.
    pub transitions: u64,
    /// The readings that were left open and that something depends on.
    pub open_readings: Vec<String>,
    /// One entry a property that the scenario asks for.
    pub properties: Vec<AuditedProperty>,
}

/// A file that a certificate is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CertifiedFile {
    /// The path of the scenario as it was named, or of a file as the scenario names it.
    pub path: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What was confirmed of a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AuditedProperty {
    /// The name of the property: `pool-quorum`.
    pub name: String,
    /// What is true.
    pub outcome: AuditedOutcome,
}

/// What is true of a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum AuditedOutcome {
    /// It holds under every reading that was not fixed.
    Holds,
    /// It is violated.
    Violated {
        /// The combinations of readings under which it fails; one empty combination means "under every reading".
        when: Vec<Vec<ReadingValue>>,
        /// Whether it holds where `when` does not apply.
        complete: bool,
        /// The steps of each counterexample that was replayed.
        counterexamples: Vec<u64>,
    },
    /// The scenario contains nothing that the property speaks of.
    NotApplicable,
    /// The certificate says nothing of it.
    NotClaimed,
}
