//! Progress, for whoever draws a bar or writes lines.

use std::time::Duration;

/// Is told how a run goes on.
pub trait Observer: Sync {
    /// Called from the thread that called [`super::run`], some times a second in a long run. Must not block for long.
    fn progress(&self, progress: &Progress);
}

/// Watches nothing.
impl Observer for () {
    fn progress(&self, _progress: &Progress) {}
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// States stored so far.
    pub states: usize,
    /// Transitions generated so far.
    pub transitions: u64,
    /// New states per second, over the whole search.
    pub rate: f64,
    /// States that are known and whose transitions are not.
    pub frontier: usize,
    /// The layer that is being explored.
    pub depth: usize,
    /// Bytes in use by the store and the buffers.
    pub memory: usize,
    /// Time since the start.
    pub elapsed: Duration,
}

/// The parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Finding all states.
    Search,
    /// Replaying stored transitions, if that was asked for.
    SelfCheck,
    /// Putting all transitions in order, for the properties that need the graph.
    Graph,
    /// Deciding properties, on the graph where they need it, and replaying witnesses.
    Decide,
}

impl Phase {
    /// The name in a statistic.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Search => "search",
            Phase::SelfCheck => "self-check",
            Phase::Graph => "graph",
            Phase::Decide => "decide",
        }
    }
}
