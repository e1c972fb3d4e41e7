//! `[faults]`: what may go wrong, each with a budget.

use super::super::located::Located;
use super::values::CountOr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may go wrong, each with a budget.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FaultsTable {
    /// Servers crash. Default: none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash: Option<Located<CountOr<CrashTable>>>,
    /// How many drains at most meet a conference that does not end by itself (R1). Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub hung_conference: Option<Located<u8>>,
    /// An update policy reboots servers at any time (R5). Default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_policy_reboot: Option<Located<CountOr<OnServersTable>>>,
    /// A watchdog starts whatever is stopped (R31). Default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watchdog: Option<Located<CountOr<OnServersTable>>>,
    /// How many cmdlets at most end in an error for no reason that the model contains. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub failing_cmdlet: Option<Located<u8>>,
    /// How many services at most do not come up when they are started, until somebody stops them (R7). Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub hung_start: Option<Located<u8>>,
    /// How often at most somebody publishes a topology in which members of a pool have changed (R14). Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub topology_published: Option<Located<u8>>,
    /// How often at most the SQL principal of a pool fails; a mirror takes over where there is one (R3).
    /// Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub sql_principal_failure: Option<Located<u8>>,
}

impl FaultsTable {
    /// Whether nothing may go wrong.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The budget of crashes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(extend("required" = ["at-most"]))]
pub struct CrashTable {
    /// How many crashes at most.
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub at_most: Located<u8>,
    /// Which servers may crash. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Located<Vec<Located<String>>>>,
    /// Whether a crashed server comes back by itself. Default: "either".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<ReturnsName>,
}

/// Whether a crashed server comes back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnsName {
    /// After some time, always.
    Yes,
    /// Never.
    No,
    /// Either may happen.
    Either,
}

/// A fault that strikes servers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct OnServersTable {
    /// How many times at most. Default: without bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = super::LARGEST_BUDGET))]
    pub at_most: Option<Located<u8>>,
    /// Which servers. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Located<Vec<Located<String>>>>,
}
