//! What a user of the checker can choose.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How a model is checked. The default explores everything on all cores, without limits.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Number of threads; `None` for one per core. Never changes a verdict, a count or a witness.
    pub threads: Option<usize>,
    /// Stop when this many states are stored.
    pub max_states: Option<usize>,
    /// Stop when the store, the buffers and the graph need more than this many bytes.
    pub memory: Option<usize>,
    /// Stop after this time.
    pub timeout: Option<Duration>,
    /// Do not look at transitions of states that are this many transitions away from an initial state.
    pub max_depth: Option<usize>,
    /// Stop when this becomes true (Ctrl-C).
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Which properties to decide.
    pub properties: Selection,
    /// Checks of the model and of the checker itself.
    pub self_check: SelfCheck,
    /// Look for coverage points that no transition touches.
    pub coverage: bool,
}

/// A choice of properties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All of the model's specification.
    #[default]
    All,
    /// Those with these names.
    Named(Vec<String>),
}

/// Additional checks, off by default. What they find ends the run with an [`super::Error`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SelfCheck {
    /// Run every transition twice and compare: finds a model whose successors depend on more than the state.
    pub twice: bool,
    /// After the search, replay every transition of every stored state through `actions` and `next_state`,
    /// and compare with `successors`; also that packing reverses unpacking.
    pub replay: bool,
}

impl Options {
    /// The number of threads to use.
    pub(crate) fn thread_count(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(available).clamp(1, 1024)
    }
}
