//! The search: breadth-first, layer by layer, on all cores. The only search loop of the checker.
//!
//! A layer is explored in blocks. In the first half of a block, threads take chunks of states and write their
//! successors, sorted by shard, into the chunk's batch. In the second half, threads take shards and insert the
//! candidates of all chunks, in order. So the store is read and written by one thread at a time, without locks.
//!
//! Invariant: what is stored, where, and with which parent depends only on the model: candidates are inserted
//! in the order of the states that they come from, and blocks are cut by counts, never by time or threads.
//! Cost: a candidate is written to and read from a buffer once; a block's buffers stay below
//! [`BUFFER_BYTES`] unless single states have very many successors.

use super::error::{Error, hexadecimal};
use super::limits::{Limits, forecast};
use super::model::{Assignment, Packed, Successors};
use super::monitor::{Finding, Monitors, Seen};
use super::observe::{Observer, Phase, Progress};
use super::outcome::{Completeness, Limit};
use super::parallel::for_each;
use super::store::{Batch, Bounds, Layers, SHARDS, Span, StateId, Store};
use std::time::{Duration, Instant};

/// The most states of a block.
const BLOCK: usize = 1 << 19;
/// Bytes of candidates that a block is meant to have at most.
const BUFFER_BYTES: usize = 1 << 27;
/// Chunks of a block for each thread.
const SHARE: usize = 4;
/// Blocks with fewer states than this are explored on the calling thread.
const SMALL: usize = 1 << 10;
/// After how many states a thread looks at the clock.
const PATIENCE: usize = 1 << 8;

/// What a search found, beside the findings of its monitors.
pub(crate) struct Explored {
    /// All states.
    pub(crate) store: Store,
    /// The layers, in order.
    pub(crate) layers: Layers,
    /// Whether everything was explored.
    pub(crate) completeness: Completeness,
    /// Counts over states and transitions.
    pub(crate) tally: Tally,
    /// The most bytes in use by the store and the buffers.
    pub(crate) peak_bytes: usize,
}

impl Explored {
    /// All states.
    pub(crate) fn all(&self) -> Span {
        Span::new(&[0; SHARDS], &self.store.lens())
    }
}

/// Counts over explored states and transitions, added up from all threads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// States whose transitions were explored.
    pub(crate) explored: usize,
    /// Transitions.
    pub(crate) transitions: u64,
    /// The most transitions of a state.
    pub(crate) max_degree: usize,
    /// States without transitions.
    pub(crate) deadlocks: usize,
    /// Predicates that held somewhere.
    pub(crate) ones: u64,
    /// Predicates that did not hold somewhere.
    pub(crate) zeros: u64,
    /// Events that some transition carries.
    pub(crate) events: u32,
    /// Classes of some transition.
    pub(crate) classes: u32,
    /// Parameters that some state has read.
    pub(crate) resolved: u64,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.explored += other.explored;
        self.transitions += other.transitions;
        self.max_degree = self.max_degree.max(other.max_degree);
        self.deadlocks += other.deadlocks;
        self.ones |= other.ones;
        self.zeros |= other.zeros;
        self.events |= other.events;
        self.classes |= other.classes;
        self.resolved |= other.resolved;
    }
}

/// What a thread writes while it explores a chunk.
#[derive(Default)]
struct Chunk {
    range: std::ops::Range<usize>,
    batch: Batch,
    tally: Tally,
    findings: Vec<Finding>,
    /// The chunk was left early: time is up.
    cut: bool,
    nondeterministic: Option<StateId>,
}

/// Buffers that a thread keeps from chunk to chunk.
#[derive(Default)]
struct Scratch {
    successors: Successors,
    again: Successors,
}

/// What grows while a search runs.
struct Run {
    store: Store,
    /// A shard has no room.
    full: bool,
    tally: Tally,
    chunks: Vec<Chunk>,
    peak_bytes: usize,
    /// When the observer was told last.
    told: Instant,
}

/// A search to be made.
pub(crate) struct Search<'a, M: Packed> {
    /// The model.
    pub(crate) model: &'a M,
    /// When to stop.
    pub(crate) limits: &'a Limits,
    /// Number of threads.
    pub(crate) threads: usize,
    /// Run every transition twice.
    pub(crate) twice: bool,
    /// Who is told.
    pub(crate) observer: &'a dyn Observer,
}

impl<M: Packed> Search<'_, M> {
    /// Explores the states that are reachable from the given packed initial states.
    pub(crate) fn run(&self, initial: &[Vec<u64>], monitors: &mut Monitors) -> Result<Explored, Error> {
        let mut batch = Batch::default();
        initial.iter().for_each(|words| batch.push(words, None));
        let mut store = Store::new(self.model.words());
        let mut full = false;
        for mut filling in store.fillings() {
            full |= !filling.insert(&batch);
        }
        let mut run = Run {
            peak_bytes: store.bytes(),
            store,
            full,
            tally: Tally::default(),
            chunks: Vec::new(),
            told: Instant::now(),
        };
        let mut layers = Layers::default();
        let (mut from, mut to) = ([0; SHARDS], run.store.lens());
        let mut stop = None;
        while from != to {
            layers.push(&from, &to);
            if stop.is_some() {
                break;
            }
            stop = self.layer(&mut run, &Span::new(&from, &to), layers.len() - 1, &to, monitors)?;
            (from, to) = (to, run.store.lens());
        }
        let Run { store, tally, peak_bytes, .. } = run;
        let completeness = match stop {
            None => Completeness::Complete,
            Some(limit) => Completeness::Stopped {
                limit,
                explored: tally.explored,
                frontier: store.len() - tally.explored,
                forecast: forecast(layers.sizes()),
            },
        };
        Ok(Explored { store, layers, completeness, tally, peak_bytes })
    }

    /// Explores a layer; the next one begins at `end` in each shard. The limit that stopped it, if one did.
    fn layer(
        &self,
        run: &mut Run,
        layer: &Span,
        depth: usize,
        end: &Bounds,
        monitors: &mut Monitors,
    ) -> Result<Option<Limit>, Error> {
        let mut done = 0;
        while done < layer.len() {
            if let Some(limit) = self.limit(run, depth) {
                if !matches!(limit, Limit::Time | Limit::Interrupted) {
                    self.glance(run, layer, done, depth, monitors);
                    let next = Span::new(end, &run.store.lens());
                    self.glance(run, &next, 0, depth + 1, monitors);
                }
                return Ok(Some(limit));
            }
            let block = done..layer.len().min(done + self.block_size(run));
            let used = self.explore(run, layer, block.clone(), monitors);
            for chunk in &mut run.chunks[..used] {
                if let Some(id) = chunk.nondeterministic {
                    return Err(Error::Nondeterministic { state: hexadecimal(run.store.words(id)) });
                }
                run.tally.add(&chunk.tally);
                monitors.absorb(&mut chunk.findings, depth);
            }
            if run.chunks[..used].iter().any(|chunk| chunk.cut) {
                return Ok(self.limits.urgent().or(Some(Limit::Time)));
            }
            run.full |= self.insert(&mut run.store, &run.chunks[..used], block.len());
            done = block.end;
            let bytes = run.store.bytes() + run.chunks.iter().map(|chunk| chunk.batch.bytes()).sum::<usize>();
            run.peak_bytes = run.peak_bytes.max(bytes);
            if run.told.elapsed() >= Duration::from_millis(100) {
                run.told = Instant::now();
                self.tell(run, depth, bytes);
            }
        }
        Ok(None)
    }

    /// The limit that forbids another block.
    fn limit(&self, run: &Run, depth: usize) -> Option<Limit> {
        let too_many = run.full || run.store.len() >= self.limits.states;
        let limit = self.limits.urgent().or((depth >= self.limits.depth).then_some(Limit::Depth));
        let limit = limit.or(too_many.then_some(Limit::States));
        limit.or((run.store.bytes() >= self.limits.memory).then_some(Limit::Memory))
    }

    /// How many states the next block has: so many that its candidates fit into the buffer, and that a limit
    /// is not overshot by much.
    fn block_size(&self, run: &Run) -> usize {
        let Run { store, tally, .. } = run;
        let candidate = 8 * store.width() + 4;
        let degree = (tally.transitions as usize / tally.explored.max(1)).max(1) + 1;
        let mut size = BLOCK.min(BUFFER_BYTES / (candidate * degree));
        if self.limits.states != usize::MAX {
            size = size.min((self.limits.states - store.len()) / degree);
        }
        if self.limits.memory != usize::MAX {
            let rest = self.limits.memory.saturating_sub(store.bytes());
            size = size.min(rest / (4 * candidate * degree));
        }
        size.max(64)
    }

    /// The first half of a block. How many chunks there are.
    fn explore(&self, run: &mut Run, layer: &Span, block: std::ops::Range<usize>, monitors: &Monitors) -> usize {
        let threads = if block.len() < SMALL { 1 } else { self.threads };
        let size = block.len().div_ceil(if threads == 1 { 1 } else { SHARE * threads });
        let used = block.len().div_ceil(size);
        run.chunks.resize_with(run.chunks.len().max(used), Chunk::default);
        for (chunk, start) in run.chunks.iter_mut().zip(block.clone().step_by(size)) {
            chunk.range = start..block.end.min(start + size);
            chunk.batch.clear();
            chunk.tally = Tally::default();
        }
        let store = &run.store;
        for_each(threads, run.chunks[..used].iter_mut(), Scratch::default, |scratch, chunk| match store.width() {
            1 => self.explore_chunk(1, store, layer, monitors, scratch, chunk),
            2 => self.explore_chunk(2, store, layer, monitors, scratch, chunk),
            width => self.explore_chunk(width, store, layer, monitors, scratch, chunk),
        });
        used
    }

    /// Explores the states of a chunk. Inlined, so that a constant width leaves no loop over words.
    #[inline(always)]
    fn explore_chunk(
        &self,
        width: usize,
        store: &Store,
        layer: &Span,
        monitors: &Monitors,
        scratch: &mut Scratch,
        chunk: &mut Chunk,
    ) {
        for (count, id) in layer.ids(chunk.range.clone()).enumerate() {
            if count % PATIENCE == PATIENCE - 1 && self.limits.urgent().is_some() {
                chunk.cut = true;
                return;
            }
            let words = store.words(id);
            let seen = self.look(id, words, monitors, &mut chunk.tally, &mut chunk.findings);
            let successors = &mut scratch.successors;
            successors.clear();
            self.model.successors(words, successors);
            if self.twice {
                scratch.again.clear();
                self.model.successors(words, &mut scratch.again);
                if *successors != scratch.again {
                    chunk.nondeterministic = Some(id);
                    return;
                }
            }
            let tally = &mut chunk.tally;
            for (step, (to, label)) in successors.iter(width).enumerate() {
                tally.events |= label.events;
                tally.classes |= label.classes;
                monitors.transition(self.model, id, step, to, label, &mut chunk.findings);
                chunk.batch.push(to, Some(id));
            }
            tally.explored += 1;
            tally.transitions += successors.len() as u64;
            tally.max_degree = tally.max_degree.max(successors.len());
            tally.deadlocks += usize::from(successors.is_empty());
            monitors.degree(self.model, seen, successors, &mut chunk.findings);
        }
    }

    /// Looks at a state without its transitions.
    #[inline(always)]
    fn look(
        &self,
        id: StateId,
        words: &[u64],
        monitors: &Monitors,
        tally: &mut Tally,
        findings: &mut Vec<Finding>,
    ) -> Seen {
        let predicates = self.model.predicates(words);
        let when = if monitors.parametric() { self.model.assignment(words) } else { Assignment::default() };
        tally.ones |= predicates;
        tally.zeros |= !predicates;
        tally.resolved |= when.0;
        let seen = Seen { id, predicates, when };
        monitors.state(seen, findings);
        seen
    }

    /// Looks at the states of a layer, from the one numbered `from` on, that no block explores any more.
    fn glance(&self, run: &mut Run, layer: &Span, from: usize, depth: usize, monitors: &mut Monitors) {
        let mut findings = Vec::new();
        for id in layer.ids(from..layer.len()) {
            self.look(id, run.store.words(id), monitors, &mut run.tally, &mut findings);
            monitors.absorb(&mut findings, depth);
        }
    }

    /// The second half of a block. Whether the store is full.
    fn insert(&self, store: &mut Store, chunks: &[Chunk], states: usize) -> bool {
        let threads = if states < SMALL { 1 } else { self.threads };
        let full = std::sync::atomic::AtomicBool::new(false);
        for_each(
            threads,
            store.fillings(),
            || (),
            |(), mut filling| {
                for chunk in chunks {
                    if !filling.insert(&chunk.batch) {
                        full.store(true, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            },
        );
        full.into_inner()
    }

    fn tell(&self, run: &Run, depth: usize, memory: usize) {
        let Run { store, tally, .. } = run;
        let elapsed = self.limits.start.elapsed();
        self.observer.progress(&Progress {
            phase: Phase::Search,
            states: store.len(),
            transitions: tally.transitions,
            rate: store.len() as f64 / elapsed.as_secs_f64().max(1e-9),
            frontier: store.len() - tally.explored,
            depth,
            memory,
            elapsed,
        });
    }
}
