//! One part of the store: a log of packed states with their parents, and the table that finds them.
//!
//! Purpose: exact membership. The table holds 32-bit positions in the log, so a state is stored once.
//! Invariant: a table entry is 0 (free), or `tag << bits | position + 1`, where `bits` suffices for every
//! position that the capacity allows, and `tag` is taken from the hash. Entries with another tag are
//! passed over without a look at the log; equal tags are decided by comparing all words.
//! Cost: 4 bytes for the parent of a state, and 5 to 7.5 bytes of table (at most 4/5 full, grown by half).

use super::hash::hash;

/// The parent of an initial state.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// The number of entries of an empty table.
const SMALLEST: usize = 32;

/// A part of the store.
pub(super) struct Shard {
    width: usize,
    words: Vec<u64>,
    parents: Vec<u32>,
    table: Vec<u32>,
    /// Number of low bits of an entry that hold a position.
    bits: u32,
}

impl Shard {
    /// An empty shard for states of `width` words.
    pub(super) fn new(width: usize) -> Shard {
        let mut shard = Shard { width, words: Vec::new(), parents: Vec::new(), table: Vec::new(), bits: 0 };
        shard.rebuild(SMALLEST);
        shard
    }

    /// The number of states.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The width of a state.
    pub(super) fn words_per_state(&self) -> usize {
        self.width
    }

    /// The packed state at a position.
    #[inline(always)]
    pub(super) fn words(&self, position: usize) -> &[u64] {
        &self.words[position * self.width..][..self.width]
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

    /// The position of a state, if it is stored.
    #[inline(always)]
    pub(super) fn find(&self, hash: u64, words: &[u64]) -> Option<usize> {
        let (mut slot, tag) = self.slot_and_tag(hash);
        let mask = (1u32 << self.bits) - 1;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return None;
            }
            if entry & !mask == tag {
                let position = (entry & mask) as usize - 1;
                if self.words(position) == words {
                    return Some(position);
                }
            }
            slot += 1;
            if slot == self.table.len() {
                slot = 0;
            }
        }
    }

    /// Stores a state unless it is stored already; the first parent stays.
    #[inline(always)]
    pub(super) fn insert(&mut self, hash: u64, words: &[u64], parent: u32) {
        let (mut slot, tag) = self.slot_and_tag(hash);
        let mask = (1u32 << self.bits) - 1;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                break;
            }
            if entry & !mask == tag && self.words((entry & mask) as usize - 1) == words {
                return;
            }
            slot += 1;
            if slot == self.table.len() {
                slot = 0;
            }
        }
        self.words.extend_from_slice(words);
        self.parents.push(parent);
        self.table[slot] = tag | self.parents.len() as u32;
        if self.parents.len() * 5 >= self.table.len() * 4 {
            self.rebuild(self.table.len() + self.table.len() / 2);
        }
    }

    /// Lays the table out anew with the given number of entries.
    fn rebuild(&mut self, capacity: usize) {
        self.bits = usize::BITS - capacity.leading_zeros();
        self.table = Vec::new();
        self.table.resize(capacity, 0);
        for position in 0..self.parents.len() {
            let (mut slot, tag) = self.slot_and_tag(hash(self.words(position)));
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
