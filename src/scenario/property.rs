//! The properties that a scenario can ask for: names, kinds, meanings, facts.

/// What kind of claim a property makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In every reachable state, or on every step.
    Always,
    /// From every reachable state, by steps of fabric and machines alone.
    AlwaysBySystem,
    /// On every fair run, sooner or later.
    Eventually,
    /// From every reachable state, by any steps.
    Possibility,
    /// On some run.
    Sometimes,
}

impl Kind {
    /// The words for a report.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Always => "always",
            Kind::AlwaysBySystem => "always, by the system alone",
            Kind::Eventually => "eventually, under fairness",
            Kind::Possibility => "possible from everywhere",
            Kind::Sometimes => "possible",
        }
    }
}

/// A row of the list of properties.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Stable name: `pool-quorum`.
    pub name: &'static str,
    /// What kind of claim it is.
    pub kind: Kind,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What has gone wrong where it fails, in one sentence.
    pub failure: &'static str,
    /// The facts it stands on.
    pub facts: &'static [&'static str],
}

macro_rules! properties {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $meaning:literal, $failure:literal, [$($fact:literal),+];)+) => {
        /// A property.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PropertyName { $($(#[$doc])* $variant),+ }

        impl PropertyName {
            /// All properties, in the order in which they are shown.
            pub const ALL: &'static [PropertyName] = &[$(PropertyName::$variant),+];

            /// What it is.
            pub fn describe(self) -> &'static Description {
                const ROWS: &[Description] = &[$(Description {
                    name: $name, kind: Kind::$kind, meaning: $meaning, failure: $failure, facts: &[$($fact),+],
                }),+];
                &ROWS[self as usize]
            }
        }
    };
}

properties! {
    /// Enough voters.
    PoolQuorum = "pool-quorum", Always,
        "Enough voters are up for every pool that is meant to be up.",
        "A pool has too few voters; within minutes all its services stop.",
        ["F3.4", "F3.8", "F3.9"];
    /// A majority of replicas.
    RoutingGroupQuorum = "routing-group-quorum", Always,
        "No routing group has fewer than a majority of its replicas up.",
        "A routing group has lost the majority of its replicas; its users are in limited functionality.",
        ["F4.6", "A10", "A11", "R17"];
    /// The system can heal every group.
    NoStrandedRoutingGroup = "no-stranded-routing-group", AlwaysBySystem,
        "From every reachable state, fabric and machines alone can bring every routing group back to a serving primary.",
        "A routing group has no serving primary, and nothing but an operator can bring one back.",
        ["F4.6", "F8.11"];
    /// No call is cut.
    NoCutCalls = "no-cut-calls", Always,
        "No live conversation is ended by force.",
        "A live conversation is ended by force.",
        ["F2.10", "F7.5"];
    /// One crash more is survived.
    SurvivesOneMoreCrash = "survives-one-more-crash", Always,
        "In every state, one further crash would break neither quorum.",
        "One further crash would break a quorum.",
        ["F3.8", "F4.6", "A12"];
    /// No error is ignored.
    NoFailedStep = "no-failed-step", Always,
        "No cmdlet of a runbook ends in an error that the runbook ignores.",
        "A cmdlet ends in an error and the runbook goes on.",
        ["F1.43", "F2.9", "R19"];
    /// One out at a time.
    OneOutAtATime = "one-out-at-a-time", Always,
        "At most one front end of a pool, or one upgrade domain, is out at any time.",
        "Front ends of more than one upgrade domain are out at the same time.",
        ["F5.2", "F5.21"];
    /// Nobody is served by a server under the knife.
    IsolatedWhilePatched = "isolated-while-patched", Always,
        "No server takes users while an installer runs on it.",
        "A server takes users while an installer runs on it.",
        ["F1.56", "R15", "F5.30"];
    /// Enough servers for the load.
    Capacity = "capacity", Always,
        "At least as many servers of each pool take users as the scenario asks for, and one where it asks for nothing.",
        "Too few servers of a pool take users.",
        ["F2.12", "F9.8"];
    /// Users notice nothing.
    FullService = "full-service", Always,
        "The users of every pool have full service: neither read-only, nor in resiliency, nor without a pool.",
        "The users of a pool are read-only, in resiliency, or without a pool.",
        ["F6.7", "F6.11", "F9.1", "F5.13"];
    /// Nothing that users have produced is thrown away.
    NoLostData = "no-lost-data", Always,
        "No fail-over or fail-back of a pool throws away what its users have produced.",
        "What users have produced since the last copy is lost.",
        ["F6.3", "F6.8", "F6.9"];
    /// One master of the configuration.
    OneManagementStore = "one-management-store", Always,
        "At most one pool takes itself for the master of the Central Management Store.",
        "Two pools take themselves for the master of the Central Management Store, and changes are lost.",
        ["F6.5", "R29"];
    /// Every runbook ends.
    RunbookCompletes = "runbook-completes", Eventually,
        "Every runbook ends.",
        "A runbook never ends.",
        ["R1", "R32", "R33"];
    /// Everything is back.
    ReturnsToService = "returns-to-service", Eventually,
        "Whatever a runbook took out is serving again at the end.",
        "All runbooks have ended, and a server that was in service never serves again.",
        ["F2.22", "R19"];
    /// Normality stays within reach.
    Recoverable = "recoverable", Possibility,
        "From every reachable state the normal state of the whole deployment can still be reached.",
        "No sequence of steps that the scenario contains leads back to the normal state.",
        ["F3.3", "F4.12"];
    /// The proof is not vacuous.
    CanComplete = "can-complete", Sometimes,
        "Some run reaches the end of every runbook.",
        "No run reaches the end of every runbook: what holds of the end holds vacuously.",
        ["R19"];
}

impl PropertyName {
    /// The property of this name.
    pub fn named(name: &str) -> Option<PropertyName> {
        Self::ALL.iter().copied().find(|property| property.describe().name == name)
    }
}
