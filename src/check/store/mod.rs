//! Exact storage of packed states, in shards that threads fill independently.
//!
//! Purpose: every state is kept in full, so no two states are ever taken for one (no fingerprints).
//! A hash chooses one of [`SHARDS`] shards; a thread that owns a shard needs no locks. A shard is small enough
//! to stay in a processor's cache while it is filled.
//! Invariant: what a shard contains, in which order, and with which parents depends only on the order of
//! insertions into that shard. The number of shards is fixed, hence independent of the number of threads.
//! Cost: see [`shard`]; the width is fixed at run time.

mod batch;
mod hash;
mod log;
mod prefetch;
mod shard;
mod span;

pub(crate) use batch::Batch;
pub(crate) use prefetch::prefetch;
use shard::{NO_PARENT, Shard};
pub(crate) use span::{Bounds, Layers, Span};

/// The number of shards.
pub(crate) const SHARDS: usize = 256;

/// Bits of a [`StateId`] that give the position in its shard.
const POSITION_BITS: u32 = 32 - SHARDS.ilog2();

/// The most states that a shard can number.
const SHARD_LIMIT: usize = (1 << POSITION_BITS) - 1;

/// A stored state: its shard in the upper bits, its position there in the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StateId(u32);

impl StateId {
    fn new(shard: usize, position: usize) -> StateId {
        StateId((shard as u32) << POSITION_BITS | position as u32)
    }

    #[inline(always)]
    fn shard(self) -> usize {
        (self.0 >> POSITION_BITS) as usize
    }

    #[inline(always)]
    fn position(self) -> usize {
        self.0 as usize & SHARD_LIMIT
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
        let candidates = batch.part(self.index);
        if candidates.is_empty() {
            return true;
        }
        match self.width {
            1 => self.shard.insert(1, candidates),
            2 => self.shard.insert(2, candidates),
            3 => self.shard.insert(3, candidates),
            4 => self.shard.insert(4, candidates),
            width => self.shard.insert(width, candidates),
        }
        self.shard.log().len() < SHARD_LIMIT / 2
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
        Store { width, shards: (0..SHARDS).map(|_| Shard::new(width)).collect() }
    }

    /// The number of words of a state.
    #[inline(always)]
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.log().len()).sum()
    }

    /// The number of states of each shard.
    pub(crate) fn lens(&self) -> Bounds {
        std::array::from_fn(|shard| self.shards[shard].log().len() as u32)
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.bytes(self.width)).sum()
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
        self.shards[id.shard()].log().words(self.width, id.position())
    }

    /// The state from which it was reached first; `None` for an initial state.
    pub(crate) fn parent(&self, id: StateId) -> Option<StateId> {
        let parent = self.shards[id.shard()].log().parent(id.position());
        (parent != NO_PARENT).then_some(StateId(parent))
    }

    /// Where a packed state is stored, if it is. `width` is that of the store, and best a constant.
    #[inline(always)]
    pub(crate) fn find(&self, width: usize, words: &[u64]) -> Option<StateId> {
        let shard = hash::shard(hash::hash(words));
        self.shards[shard].find(width, words).map(|position| StateId::new(shard, position))
    }

    /// Asks for the memory that [`Store::find`] will need first.
    #[inline(always)]
    pub(crate) fn prefetch(&self, words: &[u64]) {
        self.shards[hash::shard(hash::hash(words))].prefetch(words);
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
            let mut batch = Batch::default();
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
                some = store.find(width, reference.keys().nth(round).unwrap());
                assert!(some.is_some());
            }
            assert_eq!(store.len(), reference.len());
            for (words, parent) in &reference {
                let id = store.find(width, words).unwrap();
                assert_eq!(store.words(id), words);
                assert_eq!(store.parent(id), *parent);
            }
            assert_eq!(store.find(width, &vec![u64::MAX; width]), None);
            assert!(store.load() > 0.2 && store.load() < 0.81, "{}", store.load());
        }
    }

    #[test]
    fn a_span_numbers_its_states() {
        let mut store = Store::new(1);
        let mut batch = Batch::default();
        (0..1000).for_each(|word| batch.push(&[word], None));
        fill(&mut store, &batch);
        let middle = store.lens();
        batch.clear();
        (1000..5000).for_each(|word| batch.push(&[word], None));
        fill(&mut store, &batch);
        let layer = Span::new(&middle, &store.lens());
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
