//! Why a certificate is refused.

use std::io;

/// Why a certificate is refused. Each kind says what is not as it has to be.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It does not begin as one.
    #[error("it is no certificate: it does not begin with `poolproof certificate`")]
    Foreign,
    /// It has another format.
    #[error("its format is {found}, and this auditor reads format {known} alone")]
    Format {
        /// The format that it has.
        found: String,
        /// The format that is known.
        known: u32,
    },
    /// Its end is missing.
    #[error("its end is missing: it was cut short, or something was added to it")]
    Cut,
    /// It was changed.
    #[error("its SHA-256 is {found}, and it says {said}: it was changed after it was written")]
    Changed {
        /// What it is.
        found: String,
        /// What it says.
        said: String,
    },
    /// What it contains is not what the format says.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Another version wrote it.
    #[error(
        "poolproof {found} wrote it and this is {own}, in which a state may mean something else: audit it with that version"
    )]
    Version {
        /// The version that wrote it.
        found: String,
        /// This version.
        own: &'static str,
    },
    /// What it is about cannot be read.
    #[error("the scenario in it cannot be read: {0}")]
    Scenario(String),
    /// It is about something else.
    #[error("it is about another scenario: {0}")]
    OtherScenario(String),
    /// The model is not the one that was explored.
    #[error("it is not about this model: {0}")]
    Model(String),
    /// It claims nothing.
    #[error("it claims nothing")]
    Nothing,
    /// It claims what is not asked, or claims it twice.
    #[error("{property}: it is claimed twice, or nobody asked for it")]
    Property {
        /// The property.
        property: String,
    },
    /// There are more combinations of values than an auditor looks at.
    #[error("it speaks of more combinations of readings than this auditor looks at ({0})")]
    TooLarge(String),
    /// The states that a claim rests on are missing.
    #[error("{property}: it is claimed of all states, and there are none in it")]
    NoStates {
        /// The property.
        property: String,
    },
    /// No run begins.
    #[error("no run begins, so that whatever is claimed of all runs is empty")]
    NoBeginning,
    /// The states are not in order, or one is there twice.
    #[error("state {number} ({state}) does not come after the one before it")]
    Order {
        /// Which, from 0.
        number: u64,
        /// The state.
        state: String,
    },
    /// Where a run begins is not among the states.
    #[error("a run begins in state {state}, which is not among the states, or not for these readings")]
    Begins {
        /// The state.
        state: String,
    },
    /// The states are not closed.
    #[error("a step leads from state {from} to {to}, which is not among the states, or not for these readings")]
    Leaves {
        /// Where it comes from.
        from: String,
        /// Where it leads.
        to: String,
    },
    /// A bad state, step or deadlock.
    #[error("{property}: {what} in state {state}")]
    Broken {
        /// The property.
        property: String,
        /// What is wrong.
        what: &'static str,
        /// The state.
        state: String,
    },
    /// A run cannot be taken.
    #[error("{property}: run {run} cannot be replayed: {what} (step {step})")]
    Replay {
        /// The property.
        property: String,
        /// Which run, from 1.
        run: usize,
        /// After how many steps.
        step: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A run shows nothing.
    #[error("{property}: run {run} does not show what is claimed: {what}")]
    ShowsNothing {
        /// The property.
        property: String,
        /// Which run, from 1.
        run: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Runs are missing.
    #[error("{property}: no run shows what is claimed for some of the readings")]
    NotShown {
        /// The property.
        property: String,
    },
}

/// A packed state as text.
pub(super) fn hexadecimal(words: &[u64]) -> String {
    words.iter().map(|word| format!("{word:016x}")).collect::<Vec<_>>().join(" ")
}
