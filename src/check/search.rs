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
use super::model::{Assignment, Case, Packed, Successors};
use super::monitor::{Findings, Monitors};
use super::observe::{Observer, Phase, Progress};
use super::outcome::{Completeness, Limit};
use super::parallel::for_each;
use super::record::{Matters, Memory, Noted, Notes, Recorder};
use super::sets::{Set, Sets, View};
use super::store::{Batch, Bounds, Layers, SHARDS, Span, StateId, Store};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// The layers of arrivals, in order.
    pub(crate) layers: Layers,
    /// The number of states that each layer adds.
    pub(crate) layer_states: Vec<usize>,
    /// Whether everything was explored.
    pub(crate) completeness: Completeness,
    /// Counts over states and transitions.
    pub(crate) tally: Tally,
    /// What was noted of the transitions.
    pub(crate) noted: Noted,
    /// The coverage points that were touched, one bit each.
    pub(crate) touched: Vec<u64>,
    /// The most bytes in use by the store, the buffers and the notes.
    pub(crate) peak_bytes: usize,
}

impl Explored {
    /// All arrivals, in the order of the search.
    pub(crate) fn arrivals(&self) -> impl Iterator<Item = StateId> + '_ {
        self.layers.iter().flat_map(|layer| layer.ids(0..layer.len()).collect::<Vec<_>>())
    }
}

/// Counts over explored states and transitions, added up from all threads.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Arrivals whose transitions were explored.
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
    /// Parameters on which something depends.
    pub(crate) resolved: u64,
}

impl Tally {
    /// Counts a case of a state.
    #[inline(always)]
    fn look(&mut self, case: &Case) {
        self.ones |= case.predicates;
        self.zeros |= !case.predicates;
        self.resolved |= case.when.0;
    }

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
struct Chunk {
    range: std::ops::Range<usize>,
    batch: Batch,
    tally: Tally,
    findings: Findings,
    notes: Notes,
    /// The chunk was left early: time is up.
    cut: bool,
    nondeterministic: Option<StateId>,
}

impl Chunk {
    fn new(sets: bool) -> Chunk {
        Chunk {
            range: 0..0,
            batch: Batch::new(sets),
            tally: Tally::default(),
            findings: Findings::default(),
            notes: Notes::default(),
            cut: false,
            nondeterministic: None,
        }
    }
}

/// What a thread keeps from chunk to chunk.
struct Scratch<'a> {
    successors: Successors,
    again: Successors,
    view: View<'a>,
    memory: Memory,
}

/// Scratch that no thread uses now.
type Pool<'a> = Mutex<Vec<Scratch<'a>>>;

/// Scratch that goes back to the pool when a thread is done.
struct Borrowed<'p, 'a> {
    scratch: Option<Scratch<'a>>,
    pool: &'p Pool<'a>,
}

impl Drop for Borrowed<'_, '_> {
    fn drop(&mut self) {
        self.pool.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(self.scratch.take());
    }
}

/// What grows while a search runs.
struct Run<'a> {
    store: Store,
    /// A shard has no room.
    full: bool,
    tally: Tally,
    chunks: Vec<Chunk>,
    pool: Pool<'a>,
    view: View<'a>,
    noted: Noted,
    layer_states: Vec<usize>,
    peak_bytes: usize,
    /// When the observer was told last.
    told: Instant,
}

/// What the threads that explore a block share.
#[derive(Clone, Copy)]
struct Inside<'b> {
    store: &'b Store,
    layer: &'b Span,
    monitors: &'b Monitors,
    recorder: Option<&'b Recorder>,
}

/// The valuations of a set that extend a partial assignment.
#[inline(always)]
fn within(view: &mut View, set: Set, when: Assignment) -> Set {
    let cube = view.cube(when);
    view.and(set, cube)
}

/// A search to be made.
pub(crate) struct Search<'a, M: Packed> {
    /// The model.
    pub(crate) model: &'a M,
    /// The sets of valuations of its parameters.
    pub(crate) sets: &'a Sets,
    /// When to stop.
    pub(crate) limits: &'a Limits,
    /// Number of threads.
    pub(crate) threads: usize,
    /// Run every transition twice.
    pub(crate) twice: bool,
    /// Note which coverage points are touched.
    pub(crate) cover: bool,
    /// What to note of transitions.
    pub(crate) record: Option<Matters>,
    /// Who is told.
    pub(crate) observer: &'a dyn Observer,
}

impl<'a, M: Packed> Search<'a, M> {
    /// Whether the model has parameters.
    fn parametric(&self) -> bool {
        self.sets.parametric()
    }

    fn scratch(&self) -> Scratch<'a> {
        let points = if self.cover { self.model.coverage_points() } else { 0 };
        Scratch {
            successors: Successors::new(self.parametric(), points),
            again: Successors::new(self.parametric(), 0),
            view: View::new(self.sets),
            memory: Memory::default(),
        }
    }

    fn borrow<'p>(&self, pool: &'p Pool<'a>) -> Borrowed<'p, 'a> {
        let idle = pool.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
        Borrowed { scratch: Some(idle.unwrap_or_else(|| self.scratch())), pool }
    }

    /// Explores the states that are reachable from the given packed initial states, each with its valuations.
    pub(crate) fn run(&self, initial: &[(Vec<u64>, Assignment)], monitors: &mut Monitors) -> Result<Explored, Error> {
        let mut view = View::new(self.sets);
        let mut batch = Batch::new(self.parametric());
        for (words, when) in initial {
            let set = view.cube(*when);
            match self.parametric() {
                true => batch.push::<true>(words, None, set),
                false => batch.push::<false>(words, None, set),
            };
        }
        let mut store = Store::new(self.model.words(), self.parametric());
        let mut full = false;
        for (mut filling, part) in store.fillings().zip(batch.parts()) {
            full |= !filling.insert(part, &mut view, false);
        }
        let mut run = Run {
            peak_bytes: store.bytes(),
            layer_states: vec![store.states()],
            store,
            full,
            tally: Tally::default(),
            chunks: Vec::new(),
            pool: Pool::default(),
            view,
            noted: self.record.map_or(Noted::NotNeeded, |matters| Noted::Going(Recorder::new(matters))),
            told: Instant::now(),
        };
        let mut layers = Layers::default();
        let (mut from, mut to) = ([0; SHARDS], run.store.lens());
        let mut stop = None;
        while from != to {
            layers.push(&from, &to);
            run.store.begin_layer();
            if stop.is_some() {
                break;
            }
            let before = run.store.states();
            stop = self.layer(&mut run, &Span::new(&from, &to), layers.len() - 1, &to, monitors)?;
            (from, to) = (to, run.store.lens());
            if from != to {
                run.layer_states.push(run.store.states() - before);
            }
        }
        let Run { store, tally, noted, layer_states, peak_bytes, pool, .. } = run;
        let completeness = match stop {
            None => Completeness::Complete,
            Some(limit) => Completeness::Stopped {
                limit,
                explored: tally.explored,
                frontier: store.len() - tally.explored,
                forecast: forecast(layers.sizes()),
            },
        };
        let mut touched = vec![0; self.model.coverage_points().div_ceil(64)];
        for scratch in pool.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            touched.iter_mut().zip(scratch.successors.touched()).for_each(|(all, some)| *all |= some);
        }
        Ok(Explored { store, layers, layer_states, completeness, tally, noted, touched, peak_bytes })
    }

    /// Explores a layer; the next one begins at `end` in each shard. The limit that stopped it, if one did.
    fn layer(
        &self,
        run: &mut Run<'a>,
        layer: &Span,
        depth: usize,
        end: &Bounds,
        monitors: &mut Monitors,
    ) -> Result<Option<Limit>, Error> {
        let mut done = 0;
        while done < layer.len() {
            if let Some(limit) = self.limit(run, depth) {
                if !matches!(limit, Limit::Time | Limit::Interrupted) {
                    self.glance(run, layer, done, monitors);
                    let next = Span::new(end, &run.store.lens());
                    self.glance(run, &next, 0, monitors);
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
                monitors.absorb(&mut chunk.findings, &mut run.view);
            }
            if run.chunks[..used].iter().any(|chunk| chunk.cut) {
                return Ok(self.limits.urgent().or(Some(Limit::Time)));
            }
            self.insert(run, used, block.len());
            done = block.end;
            let buffers = run.chunks.iter().map(|chunk| chunk.batch.bytes()).sum::<usize>();
            let bytes = run.store.bytes() + buffers + run.noted.bytes();
            run.peak_bytes = run.peak_bytes.max(bytes);
            run.noted.review(run.store.bytes(), self.limits.memory);
            if run.told.elapsed() >= Duration::from_millis(100) {
                run.told = Instant::now();
                self.tell(run, depth, bytes);
            }
        }
        Ok(None)
    }

    /// The limit that forbids another block.
    fn limit(&self, run: &Run, depth: usize) -> Option<Limit> {
        let too_many = run.full || run.store.states() >= self.limits.states;
        let limit = self.limits.urgent().or((depth >= self.limits.depth).then_some(Limit::Depth));
        let limit = limit.or(too_many.then_some(Limit::States));
        limit.or((run.store.bytes() >= self.limits.memory).then_some(Limit::Memory))
    }

    /// How many states the next block has: so many that its candidates fit into the buffer, and that a limit
    /// is not overshot by much.
    fn block_size(&self, run: &Run) -> usize {
        let Run { store, tally, .. } = run;
        let candidate = 8 * store.width() + if self.parametric() { 8 } else { 4 };
        let degree = (tally.transitions as usize / tally.explored.max(1)).max(1) + 1;
        let mut size = BLOCK.min(BUFFER_BYTES / (candidate * degree));
        if self.limits.states != usize::MAX {
            size = size.min((self.limits.states - store.states()) / degree);
        }
        if self.limits.memory != usize::MAX {
            let rest = self.limits.memory.saturating_sub(store.bytes());
            size = size.min(rest / (4 * candidate * degree));
        }
        size.max(64)
    }

    /// The first half of a block. How many chunks there are.
    fn explore(&self, run: &mut Run<'a>, layer: &Span, block: std::ops::Range<usize>, monitors: &Monitors) -> usize {
        let threads = if block.len() < SMALL { 1 } else { self.threads };
        let size = block.len().div_ceil(if threads == 1 { 1 } else { SHARE * threads });
        let used = block.len().div_ceil(size);
        run.chunks.resize_with(run.chunks.len().max(used), || Chunk::new(self.parametric()));
        for (chunk, start) in run.chunks.iter_mut().zip(block.clone().step_by(size)) {
            chunk.range = start..block.end.min(start + size);
            chunk.batch.clear();
            chunk.tally = Tally::default();
            monitors.begin(&mut chunk.findings);
        }
        let (store, pool, recorder) = (&run.store, &run.pool, run.noted.recorder());
        let inside = Inside { store, layer, monitors, recorder };
        let work = |borrowed: &mut Borrowed<'_, 'a>, chunk: &mut Chunk| {
            let scratch = borrowed.scratch.as_mut().expect("given back on drop only");
            match (store.width(), self.parametric()) {
                (1, false) => self.explore_chunk::<false>(1, &inside, scratch, chunk),
                (2, false) => self.explore_chunk::<false>(2, &inside, scratch, chunk),
                (width, false) => self.explore_chunk::<false>(width, &inside, scratch, chunk),
                (width, true) => self.explore_chunk::<true>(width, &inside, scratch, chunk),
            }
        };
        for_each(threads, run.chunks[..used].iter_mut(), || self.borrow(pool), work);
        used
    }

    /// Explores the states of a chunk. Inlined, so that a constant width leaves no loop over words.
    #[inline(always)]
    fn explore_chunk<const PARAMETRIC: bool>(
        &self,
        width: usize,
        inside: &Inside,
        scratch: &mut Scratch<'a>,
        chunk: &mut Chunk,
    ) {
        let Inside { store, layer, monitors, recorder } = *inside;
        let Scratch { successors, again, view, memory } = scratch;
        let Chunk { batch, tally, findings, notes, .. } = chunk;
        for (count, id) in layer.ids(chunk.range.clone()).enumerate() {
            if count % PATIENCE == PATIENCE - 1 && self.limits.urgent().is_some() {
                chunk.cut = true;
                return;
            }
            let words = store.words(id);
            let new = if PARAMETRIC { store.new_for(id) } else { Set::ALL };
            let common = self.ask(words, new, view, successors);
            if self.twice {
                again.begin(common, successors.wanted());
                self.model.successors(words, common, again);
                if *successors != *again {
                    chunk.nondeterministic = Some(id);
                    return;
                }
            }
            let (mut degree, mut cases_here, mut stuck_somewhere) = (0, 0, false);
            let cases = successors.cases(|| self.model.predicates(words));
            for (number, case) in cases.iter().enumerate() {
                let here = if PARAMETRIC { within(view, new, case.when) } else { Set::ALL };
                if PARAMETRIC && here == Set::NONE {
                    continue;
                }
                cases_here += 1;
                tally.look(case);
                monitors.state(id, case.predicates, here, view, findings);
                if let Some(recorder) = recorder {
                    recorder.case(notes, memory, case);
                }
                let end = cases.get(number + 1).map_or(successors.len(), |next| next.begin);
                let mut moving = Set::NONE;
                for (offset, (to, label)) in successors.among(case.begin..end, width).enumerate() {
                    let step = case.begin + offset;
                    let when = if PARAMETRIC { successors.when(step) } else { Assignment::default() };
                    let set = if PARAMETRIC { within(view, here, when) } else { Set::ALL };
                    if PARAMETRIC && set == Set::NONE {
                        continue;
                    }
                    if PARAMETRIC {
                        moving = view.or(moving, set);
                        tally.resolved |= when.0;
                    }
                    degree += 1;
                    tally.events |= label.events;
                    tally.classes |= label.classes;
                    monitors.transition(id, step, label, set, view, findings);
                    let shard = batch.push::<PARAMETRIC>(to, Some(id), set);
                    if let Some(recorder) = recorder {
                        recorder.transition(notes, memory, shard, label, when);
                    }
                }
                let stuck = match PARAMETRIC {
                    true => view.minus(here, moving),
                    false if case.begin == end => Set::ALL,
                    false => Set::NONE,
                };
                if stuck != Set::NONE {
                    stuck_somewhere = true;
                    monitors.deadlock(id, case.predicates, stuck, view, findings);
                }
            }
            if let Some(recorder) = recorder {
                recorder.arrival(notes, degree, cases_here);
            }
            tally.explored += 1;
            tally.transitions += degree as u64;
            tally.max_degree = tally.max_degree.max(degree);
            tally.deadlocks += usize::from(stuck_somewhere);
        }
    }

    /// Has the model write the successors of a state for a set of valuations; what these have in common.
    #[inline(always)]
    fn ask(&self, words: &[u64], set: Set, view: &mut View, successors: &mut Successors) -> Assignment {
        if set == Set::ALL {
            successors.begin(Assignment::default(), &[]);
        } else {
            let spread = view.spread(set);
            successors.begin(spread.common, &spread.cubes);
        }
        let common = successors.common();
        self.model.successors(words, common, successors);
        common
    }

    /// Looks at the states of a layer, from the one numbered `from` on, that no block explores any more.
    fn glance(&self, run: &mut Run<'a>, layer: &Span, from: usize, monitors: &mut Monitors) {
        let (mut findings, mut scratch) = (Findings::default(), self.scratch());
        for id in layer.ids(from..layer.len()) {
            let (words, new) = (run.store.words(id), run.store.new_for(id));
            self.ask(words, new, &mut scratch.view, &mut scratch.successors);
            monitors.begin(&mut findings);
            for case in scratch.successors.cases(|| self.model.predicates(words)).iter() {
                let here = within(&mut scratch.view, new, case.when);
                if here != Set::NONE {
                    run.tally.look(case);
                    monitors.state(id, case.predicates, here, &mut scratch.view, &mut findings);
                }
            }
            monitors.absorb(&mut findings, &mut run.view);
        }
    }

    /// The second half of a block.
    fn insert(&self, run: &mut Run<'a>, used: usize, states: usize) {
        let threads = if states < SMALL { 1 } else { self.threads };
        let width = run.store.width();
        let full = AtomicBool::new(false);
        let answers = run.noted.recorder().is_some();
        let (chunks, pool) = (&mut run.chunks[..used], &run.pool);
        let mut parts: Vec<Vec<_>> = (0..SHARDS).map(|_| Vec::with_capacity(used)).collect();
        for chunk in &mut *chunks {
            parts.iter_mut().zip(chunk.batch.parts()).for_each(|(parts, part)| parts.push(part));
        }
        let items = run.store.fillings().zip(parts);
        for_each(
            threads,
            items,
            || self.borrow(pool),
            |borrowed, (mut filling, parts)| {
                let scratch = borrowed.scratch.as_mut().expect("given back on drop only");
                for part in parts {
                    if !filling.insert(part, &mut scratch.view, answers) {
                        full.store(true, Ordering::Relaxed);
                    }
                }
            },
        );
        run.full |= full.into_inner();
        if let Noted::Going(recorder) = &mut run.noted {
            for_each(threads, chunks.iter_mut(), || (), |(), chunk| chunk.notes.settle(width, &chunk.batch));
            chunks.iter_mut().for_each(|chunk| recorder.take(&mut chunk.notes));
        }
    }

    fn tell(&self, run: &Run, depth: usize, memory: usize) {
        let Run { store, tally, .. } = run;
        let elapsed = self.limits.start.elapsed();
        self.observer.progress(&Progress {
            phase: Phase::Search,
            states: store.states(),
            transitions: tally.transitions,
            rate: store.states() as f64 / elapsed.as_secs_f64().max(1e-9),
            frontier: store.len() - tally.explored,
            depth,
            memory,
            elapsed,
        });
    }
}
