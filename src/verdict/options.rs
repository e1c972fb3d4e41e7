//! How a check is run: engine, limits, interruption, progress.
//!
//! Invariant: nothing here changes what is true of a scenario. An option can only make the checker give
//! up earlier, and then the verdict says "not proved", or explore more states than it needs.

pub use crate::check::SelfCheck;
pub use crate::model::TellApart;
use crate::scenario::property::PropertyName;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Who explores the states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The checker of this crate: exact states, shortest counterexamples, every kind of property.
    #[default]
    Exact,
    /// The breadth-first search of the crate `stateright`, as a second opinion on what it can decide.
    Stateright,
}

impl Engine {
    /// Every engine, in the order in which they are shown.
    pub const ALL: &'static [Engine] = &[Engine::Exact, Engine::Stateright];

    /// The name on the command line and in a verdict.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Exact => "exact",
            Engine::Stateright => "stateright",
        }
    }
}

/// How far a running check has come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Distinct states found so far.
    pub states: u64,
    /// Transitions taken so far.
    pub transitions: u64,
    /// Steps from the beginning to the states that are being expanded.
    pub depth: u64,
    /// States that are known and not yet expanded.
    pub waiting: u64,
    /// What is being done: `search`, `self-check`, `coverage`, `graph`, `decide`.
    pub phase: &'static str,
    /// New states a second, over the whole search.
    pub rate: f64,
    /// Bytes in use by the states and the buffers.
    pub memory: u64,
    /// Time since the start.
    pub elapsed: Duration,
}

/// A function that is told how far a check has come, a few times a second, from any thread.
pub type OnProgress = Arc<dyn Fn(Progress) + Send + Sync>;

/// How a check is run.
#[derive(Clone, Default)]
pub struct CheckOptions {
    /// The scenario file as the user named it; it is what the verdict calls the scenario.
    pub file: String,
    /// Threads that explore; 0 means as many as the machine has.
    pub threads: usize,
    /// Who explores.
    pub engine: Engine,
    /// Distinct states after which the check gives up.
    pub max_states: Option<u64>,
    /// Bytes that the states may take before the check gives up.
    pub memory: Option<u64>,
    /// Time after which the check gives up.
    pub timeout: Option<Duration>,
    /// Steps from the beginning beyond which the check does not look.
    pub max_depth: Option<u64>,
    /// Checks of the model and of the checker itself, beside the properties.
    pub self_check: SelfCheck,
    /// What the model tells apart although no property can.
    pub tell_apart: TellApart,
    /// The properties to decide; empty means those of the scenario.
    pub properties: Vec<PropertyName>,
    /// Becomes true when the user wants the check to stop; what is not decided by then is not proved.
    pub interrupt: Arc<AtomicBool>,
    /// Is told how far the check has come.
    pub progress: Option<OnProgress>,
}

impl fmt::Debug for CheckOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CheckOptions")
            .field("file", &self.file)
            .field("threads", &self.threads)
            .field("engine", &self.engine)
            .field("max_states", &self.max_states)
            .field("memory", &self.memory)
            .field("timeout", &self.timeout)
            .field("max_depth", &self.max_depth)
            .field("self_check", &self.self_check)
            .field("tell_apart", &self.tell_apart)
            .field("properties", &self.properties)
            .finish_non_exhaustive()
    }
}
