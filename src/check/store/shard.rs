//! One part of the store: a log of packed states, and the table that finds them.
//!
//! Purpose: exact membership. The table holds 32-bit positions in the log, so a state is stored once.
//! Invariant: a table entry is 0 (free), or `tag << bits | position + 1`, where `bits` suffices for every
//! position that the capacity allows, and `tag` is taken from the hash. Entries with another tag are
//! passed over without a look at the log; equal tags are decided by comparing all words.
//! Cost: 5 to 7.5 bytes of table for a state (at most 4/5 full, grown by half), beside the log.
//! Candidates are looked up in groups, so that the processor waits for the memory of many at a time.
//!
//! Functions take the width as an argument and are inlined, so that a constant width leaves no loop over words.

use super::batch;
use super::hash;
use super::log::Log;
use super::prefetch::prefetch;

/// The parent of an initial state.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// Candidates that are looked up together.
const GROUP: usize = 32;

/// The number of entries of an empty table: room for a group.
const SMALLEST: usize = 64;

/// A part of the store.
pub(super) struct Shard {
    log: Log,
    table: Vec<u32>,
    /// Number of low bits of an entry that hold a position.
    bits: u32,
}

/// Where a candidate belongs: the start of its search, and its tag.
#[derive(Clone, Copy, Default)]
struct Place {
    slot: usize,
    tag: u32,
}

impl Shard {
    /// An empty shard for states of `width` words.
    pub(super) fn new(width: usize) -> Shard {
        let mut shard = Shard { log: Log::new(width), table: Vec::new(), bits: 0 };
        shard.rebuild(width, SMALLEST);
        shard
    }

    /// The states.
    #[inline(always)]
    pub(super) fn log(&self) -> &Log {
        &self.log
    }

    /// Entries of the table.
    pub(super) fn capacity(&self) -> usize {
        self.table.len()
    }

    /// Bytes in use: states, parents, table.
    pub(super) fn bytes(&self, width: usize) -> usize {
        self.log.bytes(width) + 4 * self.table.len()
    }

    #[inline(always)]
    fn place(&self, words: &[u64]) -> Place {
        let hash = hash::hash(words);
        Place { slot: hash::slot(hash, self.table.len()), tag: hash::tag(hash, self.bits) }
    }

    /// The position of a state, or else the free entry where it belongs.
    #[inline(always)]
    fn probe(&self, width: usize, place: Place, words: &[u64]) -> Result<usize, usize> {
        let mask = (1u32 << self.bits) - 1;
        let mut slot = place.slot;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return Err(slot);
            }
            if entry & !mask == place.tag {
                let position = (entry & mask) as usize - 1;
                if self.log.words(width, position) == words {
                    return Ok(position);
                }
            }
            slot += 1;
            if slot == self.table.len() {
                slot = 0;
            }
        }
    }

    /// The position of a state, if it is stored.
    #[inline(always)]
    pub(super) fn find(&self, width: usize, words: &[u64]) -> Option<usize> {
        self.probe(width, self.place(words), words).ok()
    }

    /// Asks for the memory that [`Shard::find`] will need first.
    #[inline(always)]
    pub(super) fn prefetch(&self, words: &[u64]) {
        prefetch(&self.table, self.place(words).slot);
    }

    /// Stores the candidates that are not stored yet; of equal candidates the first one stays.
    #[inline(always)]
    pub(super) fn insert(&mut self, width: usize, candidates: &[u8]) {
        let mut words = [0u64; GROUP * 16];
        let words = &mut words[..GROUP * width];
        let mut parents = [0u32; GROUP];
        let mut places = [Place::default(); GROUP];
        for group in candidates.chunks(GROUP * batch::size(width)) {
            while (self.log.len() + GROUP) * 5 >= self.table.len() * 4 {
                self.rebuild(width, self.table.len() + self.table.len() / 2);
            }
            let count = group.len() / batch::size(width);
            for (index, candidate) in group.chunks_exact(batch::size(width)).enumerate() {
                let state = &mut words[index * width..][..width];
                parents[index] = batch::read(candidate, state);
                places[index] = self.place(state);
                prefetch(&self.table, places[index].slot);
            }
            let mask = (1u32 << self.bits) - 1;
            for place in &places[..count] {
                let entry = self.table[place.slot];
                if entry & !mask == place.tag && entry != 0 {
                    self.log.prefetch(width, (entry & mask) as usize - 1);
                }
            }
            for index in 0..count {
                let state = &words[index * width..][..width];
                if let Err(free) = self.probe(width, places[index], state) {
                    self.log.push(state, parents[index]);
                    self.table[free] = places[index].tag | self.log.len() as u32;
                }
            }
        }
    }

    /// Lays the table out anew with the given number of entries.
    #[cold]
    fn rebuild(&mut self, width: usize, capacity: usize) {
        self.bits = usize::BITS - capacity.leading_zeros();
        self.table = Vec::new();
        self.table.resize(capacity, 0);
        for position in 0..self.log.len() {
            let Place { mut slot, tag } = self.place(self.log.words(width, position));
            while self.table[slot] != 0 {
                slot += 1;
                if slot == capacity {
                    slot = 0;
                }
            }
            self.table[slot] = tag | (position as u32 + 1);
        }
    }
}
