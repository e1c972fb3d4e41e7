//! Exact storage of packed states, in shards that threads fill independently.
//!
//! Purpose: every state is kept in full, so no two states are ever taken for one (no fingerprints).
//! A hash chooses one of [`SHARDS`] shards; a thread that owns a shard needs no locks.
//! Invariant: what a shard contains, in which order, and with which parents depends only on the order of
//! insertions into that shard. The number of shards is fixed, hence independent of the number of threads.
//! Cost: see [`shard`]; the width is fixed at run time.

mod hash;
mod prefetch;
mod shard;

use shard::{NO_PARENT, Shard};

/// The number of shards.
pub(crate) const SHARDS: usize = 64;

/// Bits of a [`StateId`] that give the position in its shard.
const POSITION_BITS: u32 = 26;

/// The most states that a shard can number.
const SHARD_LIMIT: usize = (1 << POSITION_BITS) - 1;

/// A stored state: its shard in the upper bits, its position there in the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StateId(u32);

impl StateId {
    fn new(shard: usize, position: usize) -> StateId {
        StateId((shard as u32) << POSITION_BITS | position as u32)
    }

    fn shard(self) -> usize {
        (self.0 >> POSITION_BITS) as usize
    }

    fn position(self) -> usize {
        self.0 as usize & SHARD_LIMIT
    }
}

/// Candidates for insertion, sorted by shard, in the order in which they were produced.
pub(crate) struct Batch {
    parts: Vec<Part>,
}

/// Candidates for one shard: the words of each, then its parent as one more word.
#[derive(Default)]
struct Part {
    buffer: Vec<u64>,
    used: usize,
}

impl Part {
    #[cold]
    fn grow(&mut self) {
        self.buffer.resize((2 * self.buffer.len()).max(256), 0);
    }
}

impl Batch {
    /// An empty batch.
    pub(crate) fn new() -> Batch {
        Batch { parts: (0..SHARDS).map(|_| Part::default()).collect() }
    }

    /// Forgets the candidates and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.parts.iter_mut().for_each(|part| part.used = 0);
    }

    /// Bytes of the buffers.
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| 8 * part.buffer.len()).sum()
    }

    /// Adds a candidate; `None` for an initial state.
    #[inline(always)]
    pub(crate) fn push(&mut self, words: &[u64], parent: Option<StateId>) {
        let part = &mut self.parts[(hash::hash(words) >> 58) as usize];
        let end = part.used + words.len() + 1;
        if end > part.buffer.len() {
            part.grow();
        }
        let candidate = &mut part.buffer[part.used..end];
        candidate[..words.len()].copy_from_slice(words);
        candidate[words.len()] = u64::from(parent.map_or(NO_PARENT, |id| id.0));
        part.used = end;
    }
}

/// One shard of the store, for the thread that fills it.
pub(crate) struct Filling<'a> {
    index: usize,
    width: usize,
    shard: &'a mut Shard,
}

impl Filling<'_> {
    /// Inserts the candidates of a batch that belong here. `false` if the shard is nearly full.
    pub(crate) fn insert(&mut self, batch: &Batch) -> bool {
        let part = &batch.parts[self.index];
        let candidates = &part.buffer[..part.used];
        match self.width {
            1 => self.shard.insert(1, candidates),
            2 => self.shard.insert(2, candidates),
            3 => self.shard.insert(3, candidates),
            4 => self.shard.insert(4, candidates),
            width => self.shard.insert(width, candidates),
        }
        self.shard.len() < SHARD_LIMIT / 2
    }
}

/// All stored states.
pub(crate) struct Store {
    width: usize,
    shards: Vec<Shard>,
}

impl Store {
    /// An empty store for states of `width` words.
    pub(crate) fn new(width: usize) -> Store {
        Store { width, shards: (0..SHARDS).map(|_| Shard::new()).collect() }
    }

    /// The number of words of a state.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(Shard::len).sum()
    }

    /// The number of states of each shard.
    pub(crate) fn lens(&self) -> [usize; SHARDS] {
        std::array::from_fn(|shard| self.shards[shard].len())
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(Shard::bytes).sum()
    }

    /// Share of the table's entries that are in use.
    pub(crate) fn load(&self) -> f64 {
        self.len() as f64 / self.shards.iter().map(Shard::capacity).sum::<usize>() as f64
    }

    /// The shards, to be filled.
    pub(crate) fn fillings(&mut self) -> impl Iterator<Item = Filling<'_>> {
        let width = self.width;
        self.shards.iter_mut().enumerate().map(move |(index, shard)| Filling { index, width, shard })
    }

    /// The packed state.
    #[inline(always)]
    pub(crate) fn words(&self, id: StateId) -> &[u64] {
        self.shards[id.shard()].words(self.width, id.position())
    }

    /// The state from which it was reached first; `None` for an initial state.
    pub(crate) fn parent(&self, id: StateId) -> Option<StateId> {
        let parent = self.shards[id.shard()].parent(id.position());
        (parent != NO_PARENT).then_some(StateId(parent))
    }

    /// Where a packed state is stored, if it is.
    #[inline(always)]
    pub(crate) fn find(&self, words: &[u64]) -> Option<StateId> {
        let hash = hash::hash(words);
        let shard = (hash >> 58) as usize;
        self.shards[shard].find(self.width, hash, words).map(|position| StateId::new(shard, position))
    }
}

/// A range of positions in every shard: a layer of the search, or everything.
///
/// Its states are numbered from 0, shard after shard.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    from: [usize; SHARDS],
    /// `starts[s]` is the number of states of the span in the shards before `s`.
    starts: [usize; SHARDS + 1],
}

impl Span {
    /// The positions from `from` to before `to`, of each shard.
    pub(crate) fn new(from: [usize; SHARDS], to: [usize; SHARDS]) -> Span {
        let mut starts = [0; SHARDS + 1];
        for shard in 0..SHARDS {
            starts[shard + 1] = starts[shard] + (to[shard] - from[shard]);
        }
        Span { from, starts }
    }

    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.starts[SHARDS]
    }

    /// The states numbered `range`, in order.
    pub(crate) fn ids(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = StateId> + '_ {
        let first = self.starts[1..].partition_point(|&end| end <= range.start);
        (first..SHARDS).take_while(move |&shard| self.starts[shard] < range.end).flat_map(move |shard| {
            let from = range.start.max(self.starts[shard]) - self.starts[shard] + self.from[shard];
            let to = range.end.min(self.starts[shard + 1]) - self.starts[shard] + self.from[shard];
            (from..to).map(move |position| StateId::new(shard, position))
        })
    }

    /// The state with a number.
    #[inline(always)]
    pub(crate) fn id(&self, number: usize) -> StateId {
        let shard = self.starts[1..].partition_point(|&end| end <= number);
        StateId::new(shard, number - self.starts[shard] + self.from[shard])
    }

    /// The number of a state, which has to lie in the span.
    pub(crate) fn number(&self, id: StateId) -> usize {
        self.starts[id.shard()] + id.position() - self.from[id.shard()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn fill(store: &mut Store, batch: &Batch) {
        for mut filling in store.fillings() {
            assert!(filling.insert(batch));
        }
    }

    #[test]
    fn a_store_keeps_exactly_what_was_inserted_with_the_first_parent() {
        for width in [1, 2, 3, 16] {
            let mut store = Store::new(width);
            let mut reference: HashMap<Vec<u64>, Option<StateId>> = HashMap::new();
            let mut batch = Batch::new();
            let mut random = 1u64;
            let mut some = None;
            for round in 0..40 {
                batch.clear();
                for _ in 0..500 {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let mut words = vec![0; width];
                    words[width - 1] = random >> 50;
                    words[0] |= (random >> 40) & 3;
                    batch.push(&words, some);
                    reference.entry(words).or_insert(some);
                }
                fill(&mut store, &batch);
                some = store.find(reference.keys().nth(round).unwrap());
                assert!(some.is_some());
            }
            assert_eq!(store.len(), reference.len());
            for (words, parent) in &reference {
                let id = store.find(words).unwrap();
                assert_eq!(store.words(id), words);
                assert_eq!(store.parent(id), *parent);
            }
            assert_eq!(store.find(&vec![u64::MAX; width]), None);
            assert!(store.load() > 0.4 && store.load() < 0.81, "{}", store.load());
        }
    }

    #[test]
    fn a_span_numbers_its_states() {
        let mut store = Store::new(1);
        let mut batch = Batch::new();
        (0..1000).for_each(|word| batch.push(&[word], None));
        fill(&mut store, &batch);
        let middle = store.lens();
        batch.clear();
        (1000..5000).for_each(|word| batch.push(&[word], None));
        fill(&mut store, &batch);
        let layer = Span::new(middle, store.lens());
        assert_eq!(layer.len(), 4000);
        let mut seen = Vec::new();
        for start in (0..4000).step_by(37) {
            for (offset, id) in layer.ids(start..(start + 37).min(4000)).enumerate() {
                assert_eq!(layer.number(id), start + offset);
                seen.push(store.words(id)[0]);
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (1000..5000).collect::<Vec<u64>>());
    }
}
