//! One part of the store: a log of packed states with their parents, and the table that finds them.
//!
//! Purpose: exact membership. The table holds 32-bit positions in the log, so a state is stored once.
//! Invariant: a table entry is 0 (free), or `tag << bits | position + 1`, where `bits` suffices for every
//! position that the capacity allows, and `tag` is taken from the hash. Entries with another tag are
//! passed over without a look at the log; equal tags are decided by comparing all words.
//! Cost: 4 bytes for the parent of a state, and 5 to 7.5 bytes of table (at most 4/5 full, grown by half).
//! Candidates are looked up in groups, so that the processor waits for the memory of many at a time.
//!
//! Functions take the width as an argument and are inlined, so that a constant width leaves no loop over words.

use super::hash::hash;
use super::prefetch::prefetch;

/// The parent of an initial state.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// Candidates that are looked up together.
const GROUP: usize = 32;

/// The number of entries of an empty table: room for a group.
const SMALLEST: usize = 64;

/// A part of the store.
pub(super) struct Shard {
    words: Vec<u64>,
    parents: Vec<u32>,
    table: Vec<u32>,
    /// Number of low bits of an entry that hold a position.
    bits: u32,
}

impl Shard {
    /// An empty shard.
    pub(super) fn new() -> Shard {
        let mut shard = Shard { words: Vec::new(), parents: Vec::new(), table: Vec::new(), bits: 0 };
        shard.rebuild(1, SMALLEST);
        shard
    }

    /// The number of states.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The packed state at a position.
    #[inline(always)]
    pub(super) fn words(&self, width: usize, position: usize) -> &[u64] {
        &self.words[position * width..][..width]
    }

    /// The parent that the state at a position was inserted with.
    pub(super) fn parent(&self, position: usize) -> u32 {
        self.parents[position]
    }

    /// Entries of the table.
    pub(super) fn capacity(&self) -> usize {
        self.table.len()
    }

    /// Bytes in use: states, parents, table.
    pub(super) fn bytes(&self) -> usize {
        8 * self.words.len() + 4 * self.parents.len() + 4 * self.table.len()
    }

    /// Where the search for a hash begins, and its tag. The six top bits of a hash choose the shard.
    #[inline(always)]
    fn slot_and_tag(&self, hash: u64) -> (usize, u32) {
        let slot = (((hash >> 26) & 0xffff_ffff) as usize * self.table.len()) >> 32;
        (slot, (((hash as u32) << 6) >> self.bits) << self.bits)
    }

    /// The position of a state, or else the free entry where it belongs.
    #[inline(always)]
    fn probe(&self, width: usize, mut slot: usize, tag: u32, words: &[u64]) -> Result<usize, usize> {
        let mask = (1u32 << self.bits) - 1;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return Err(slot);
            }
            if entry & !mask == tag {
                let position = (entry & mask) as usize - 1;
                if self.words(width, position) == words {
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
    pub(super) fn find(&self, width: usize, hash: u64, words: &[u64]) -> Option<usize> {
        let (slot, tag) = self.slot_and_tag(hash);
        self.probe(width, slot, tag, words).ok()
    }

    /// Stores the candidates that are not stored yet. A candidate is `width` words and its parent; of equal
    /// candidates the first one stays.
    #[inline(always)]
    pub(super) fn insert(&mut self, width: usize, candidates: &[u64]) {
        for group in candidates.chunks(GROUP * (width + 1)) {
            while (self.parents.len() + GROUP) * 5 >= self.table.len() * 4 {
                self.rebuild(width, self.table.len() + self.table.len() / 2);
            }
            let mut places = [(0usize, 0u32); GROUP];
            for (place, candidate) in places.iter_mut().zip(group.chunks_exact(width + 1)) {
                *place = self.slot_and_tag(hash(&candidate[..width]));
                prefetch(&self.table, place.0);
            }
            let mask = (1u32 << self.bits) - 1;
            for (slot, tag) in places {
                let entry = self.table[slot];
                if entry & !mask == tag {
                    prefetch(&self.words, ((entry & mask) as usize).wrapping_sub(1).wrapping_mul(width));
                }
            }
            for ((slot, tag), candidate) in places.into_iter().zip(group.chunks_exact(width + 1)) {
                let words = &candidate[..width];
                if let Err(free) = self.probe(width, slot, tag, words) {
                    self.words.extend_from_slice(words);
                    self.parents.push(candidate[width] as u32);
                    self.table[free] = tag | self.parents.len() as u32;
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
        for position in 0..self.parents.len() {
            let (mut slot, tag) = self.slot_and_tag(hash(self.words(width, position)));
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
