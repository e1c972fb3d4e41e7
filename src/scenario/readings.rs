//! Readings: what the vendor's documents leave open or contradict, as named choices (D5).
//!
//! A check explores every value of a reading unless the scenario fixes one, and a verdict says for which
//! values it holds. The first value of a reading is what the documents say most plainly.

/// A value of a [`Reading`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingValue {
    /// Stable name: `permits`.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// A named choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// Stable name: `fabric-guard`.
    pub name: &'static str,
    /// The question that the documents leave open.
    pub question: &'static str,
    /// What hangs on it.
    pub matters: &'static str,
    /// The facts behind it.
    pub facts: &'static [&'static str],
    /// Its values.
    pub values: &'static [ReadingValue],
}

macro_rules! readings {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $question:literal, $matters:literal, [$($fact:literal),+],
        { $($value:literal: $meaning:literal),+ $(,)? };)+) => {
        /// A reading, as an index into the list of all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reading { $($(#[$doc])* $variant),+ }

        impl Reading {
            /// All readings, in the order in which they are shown.
            pub const ALL: &'static [Reading] = &[$(Reading::$variant),+];

            /// What it is.
            pub fn describe(self) -> &'static Description {
                const ROWS: &[Description] = &[$(Description {
                    name: $name,
                    question: $question,
                    matters: $matters,
                    facts: &[$($fact),+],
                    values: &[$(ReadingValue { name: $value, meaning: $meaning }),+],
                }),+];
                &ROWS[self as usize]
            }
        }
    };
}

readings! {
    /// Does SQL vote in odd pools?
    SqlVote = "sql-vote",
        "In which pools does the SQL principal have a vote?",
        "How many front ends must be up when SQL is down and the number of front-end voters is odd.",
        ["C1", "F3.9", "F3.10", "F3.14"],
        { "even-pools": "The SQL principal votes only where the number of front-end voters is even (F3.9).",
          "always": "The SQL principal votes in every pool (F3.10)." };
    /// What does a fail-over leave behind when its wait ends?
    WaitExpiry = "wait-expiry",
        "What is the state of a server whose fail-over exceeded its wait?",
        "Whether a failed fail-over leaves the server in service, out of the pool, paused, or taken out by force.",
        ["C7", "A2", "F2.9"],
        { "no-action": "The server is as it was (F2.9).",
          "users-moved": "The users have moved and the node stays out, but the services run (A2).",
          "left-paused": "The node is back, but the services stay paused (A2).",
          "force-disconnect": "What is still connected is cut and the fail-over goes on; where fabric still holds the node it fails (A6)." };
    /// Does fabric refuse a fail-over that breaks a quorum?
    FabricGuard = "fabric-guard",
        "Does fabric hold back a fail-over that would break a quorum?",
        "Whether two servers can be failed over at once, and whether a third can.",
        ["A5", "F8.6", "F8.9", "F2.18"],
        { "refuses": "The node is held in disabling until the safety checks pass (F8.6, F8.9).",
          "permits": "The fail-over goes on, whatever it breaks." };
    /// Are replicas rebuilt elsewhere while a server is failed over?
    FailOverIntent = "failover-intent",
        "With which fabric intent does a computer fail-over deactivate the node?",
        "Whether a routing group is back at full strength while a server is out.",
        ["A3", "F8.2", "F8.3"],
        { "remove-data": "Replicas are built on other servers before the node goes (A3, F8.3).",
          "restart": "Replicas stay on the node, closed, and reopen after the fail-back (F8.3)." };
    /// What does a start do on a failed-over computer?
    StartOnFailedOver = "start-on-failed-over",
        "What does Start-CsWindowsService do on a failed-over computer?",
        "Whether a start is reported as failed, or runs services that no user is sent to.",
        ["F1.43", "A8"],
        { "error": "Disabled services do not start and the cmdlet says so (F1.43).",
          "starts-unavailable": "The services start, and the server stays unavailable to its pool." };
    /// How many servers does a whole-pool start of a small pool need?
    ColdStart = "cold-start",
        "How many front ends must run before a stopped pool of two or three starts?",
        "Whether a whole-pool start of a small pool succeeds with a server missing.",
        ["C3", "F3.7", "F3.22"],
        { "table": "As many as the first-start table says (F3.7).",
          "all": "Pools of two or three need every machine (F3.22)." };
    /// Which row of the table is right for twelve front ends?
    MaxVoters12 = "max-voters-12",
        "Which row of the functional table counts for a pool of twelve?",
        "How many of which servers keep a pool of twelve functional.",
        ["C4", "F3.16"],
        { "5-of-9": "Five of the first nine.",
          "7-of-12": "Seven of the first twelve (2019 only, F3.8)." };
    /// Does the capacity check refuse a second fail-over?
    CapacityCheck = "capacity-check",
        "Does the capacity check refuse a fail-over while another server of the pool is out?",
        "Whether a second fail-over without -Force ends in an error.",
        ["F2.12", "F2.17"],
        { "passes": "One server more can be absorbed.",
          "refuses": "With a server out already, the rest cannot absorb another; -Force skips the check." };
    /// Is a pool with a server out Ready?
    ReadyWithOneOut = "ready-with-one-out",
        "Does the readiness cmdlet say Ready while a front end is out and every group is whole on the others?",
        "Whether a gate on Ready keeps a second server in while a first is out.",
        ["F5.4", "F5.5", "F5.6"],
        { "no": "A missing front end makes it InsufficientActiveFrontEnds.",
          "yes": "Ready asks only for whole routing groups." };
    /// Does the vote follow the database?
    MirrorVote = "mirror-vote",
        "Does the witness vote follow the database to the mirror?",
        "Whether a database fail-over costs the pool a vote.",
        ["F3.11", "A16", "F9.5", "R16"],
        { "lost": "The vote stays with the primary database (F3.11).",
          "follows": "The mirror votes in its place." };
    /// Does a pool fail-over refuse while the pool has the management store?
    StoreGuard = "store-guard",
        "Does a pool fail-over refuse while the pool hosts the Central Management Store?",
        "Whether a wrong order ends in an error at once, or with the store stopped together with its pool.",
        ["A27", "F6.4"],
        { "refuses": "The cmdlet ends in an error.",
          "permits": "The fail-over goes on and stops the services of the store with all others." };
    /// What does a former master do that was not told?
    OldMaster = "old-master",
        "What does a master of the management store do that was not told of a move and runs again?",
        "Whether a forced move, or one that was not replicated in time, leaves two masters.",
        ["A28", "R29"],
        { "stands-down": "It learns of the move when it runs, and stands down.",
          "stays": "It goes on as master beside the new one (R29)." };
    /// What does a change of members do to a running pool?
    MemberChange = "member-change",
        "What does publishing a change of members do to the servers of the pool?",
        "Whether a publication takes the pool down as a whole.",
        ["C8", "F5.16", "F5.17"],
        { "restarts-all": "All servers of the pool restart their services at the same time (F5.16).",
          "restarts-none": "They go on, and somebody restarts them one by one (F5.17)." };
}

impl Reading {
    /// The reading of this name.
    pub fn named(name: &str) -> Option<Reading> {
        Self::ALL.iter().copied().find(|reading| reading.describe().name == name)
    }

    /// The number of a value by its name.
    pub fn value_named(self, name: &str) -> Option<u8> {
        self.describe().values.iter().position(|value| value.name == name).map(|index| index as u8)
    }

    /// The name of a value.
    pub fn value_name(self, value: u8) -> &'static str {
        self.describe().values[usize::from(value)].name
    }

    /// Its index in [`Reading::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}
