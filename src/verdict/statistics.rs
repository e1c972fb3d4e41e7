//! What a check cost, as plain data. It stands beside a verdict and not in it: the same scenario has the same
//! verdict on every machine, and not the same times.

use std::time::Duration;

/// What a check cost. `None` is what the engine does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Distinct states.
    pub states: Option<u64>,
    /// Transitions.
    pub transitions: Option<u64>,
    /// Steps of the longest shortest path.
    pub depth: Option<u64>,
    /// Time for the whole check, stories included.
    pub time: Duration,
    /// Bytes of a packed state.
    pub state_bytes: u64,
    /// What only the exact engine counts.
    pub detail: Option<Detail>,
}

/// What the exact engine counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    /// States first reached after 0, 1, ... steps.
    pub layers: Vec<u64>,
    /// States without transitions.
    pub deadlocks: u64,
    /// Transitions of a state, on the average.
    pub mean_degree: f64,
    /// The most transitions of a state.
    pub max_degree: u64,
    /// Bytes of the store: packed states, parents, tables.
    pub store_bytes: u64,
    /// Share of the tables that is in use.
    pub table_load: f64,
    /// The most bytes in use at one time by the store, the buffers and the graph, by count.
    pub peak_bytes: u64,
    /// Time for each part of the exploration, in order.
    pub phases: Vec<(String, Duration)>,
}

impl Detail {
    /// Bytes of the store for each state.
    pub fn bytes_per_state(&self) -> f64 {
        self.store_bytes as f64 / self.layers.iter().sum::<u64>().max(1) as f64
    }
}
