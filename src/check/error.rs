//! What can be wrong with a model, or with the checker itself.

/// A model that cannot be checked as it is, or that breaks its contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The width of a packed state is out of range.
    #[error("a packed state has {0} words; 1 to 16 are possible")]
    Width(usize),
    /// A property was asked for that the specification does not have.
    #[error("there is no property '{0}'")]
    UnknownProperty(String),
    /// A property names a predicate beyond the 64 that there can be.
    #[error("property '{0}' uses a predicate beyond number 63")]
    Predicate(String),
    /// There are too many parameters.
    #[error("there are {0} parameters; at most 16 are possible")]
    Parameters(usize),
    /// A parameter has no value, or too many.
    #[error("parameter {index} has {values} values; 1 to 15 are possible")]
    ParameterValues {
        /// Which parameter.
        index: usize,
        /// How many values.
        values: u8,
    },
    /// A state has read a parameter that the model does not have.
    #[error("a state has read parameter {0}, which the model does not declare")]
    Undeclared(usize),
    /// The same state had different successors when they were asked for again.
    #[error("the successors of a state are not always the same: {state}")]
    Nondeterministic {
        /// The packed state, in hexadecimal.
        state: String,
    },
    /// The two descriptions that a model gives of its transitions differ.
    #[error("{what}: {state}")]
    Inconsistent {
        /// What differs.
        what: &'static str,
        /// The packed state, in hexadecimal.
        state: String,
    },
}

/// Why a witness was not shown: what the search found could not be reproduced. A mistake in the model or in
/// the checker, and never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("internal error: {what} (step {step}, state {state})")]
pub struct Fault {
    /// What failed.
    pub what: &'static str,
    /// At which step of the witness, from 0.
    pub step: usize,
    /// The packed state there, in hexadecimal.
    pub state: String,
}

/// A packed state as text.
pub(crate) fn hexadecimal(words: &[u64]) -> String {
    words.iter().map(|word| format!("{word:016x}")).collect::<Vec<_>>().join(" ")
}
