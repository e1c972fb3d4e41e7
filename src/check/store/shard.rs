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
use super::{POSITION_BITS, StateId};
use crate::check::model::Assignment;
use crate::check::sets::{Set, Sets, View};
use std::collections::HashMap;

/// The parent of an initial state.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// Candidates that are looked up together.
const GROUP: usize = 32;

/// The number of entries of an empty table: room for a group.
const SMALLEST: usize = 64;

/// A part of the store.
pub(super) struct Shard {
    log: Log,
    /// Different states; the log has more entries if some were reached again for other valuations.
    states: usize,
    /// Whether candidates come with sets of valuations.
    sets: bool,
    /// Where the arrivals begin whose transitions have not been explored: the next layer.
    open: usize,
    /// The open arrivals that are not the first of their state, by the position of that.
    later: HashMap<u32, u32>,
    /// Open arrivals were reached for more valuations by other ways: the arrival, the valuations, the parent.
    ways: Vec<Way>,
    table: Vec<u32>,
    /// Number of low bits of an entry that hold a position.
    bits: u32,
}

/// Another way to an arrival.
#[derive(Clone, Copy)]
struct Way {
    position: u32,
    set: Set,
    parent: u32,
}

/// Where a candidate belongs: the start of its search, and its tag.
#[derive(Clone, Copy, Default)]
struct Place {
    slot: usize,
    tag: u32,
}

impl Shard {
    /// An empty shard for states of `width` words.
    pub(super) fn new(width: usize, sets: bool) -> Shard {
        let mut shard = Shard {
            log: Log::new(width, sets),
            states: 0,
            sets,
            open: 0,
            later: HashMap::new(),
            ways: Vec::new(),
            table: Vec::new(),
            bits: 0,
        };
        shard.rebuild(width, SMALLEST);
        shard
    }

    /// The number of different states.
    pub(super) fn states(&self) -> usize {
        self.states
    }

    /// Whether candidates come with sets of valuations.
    pub(super) fn sets(&self) -> bool {
        self.sets
    }

    /// The arrivals.
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
        self.log.bytes(width) + 4 * self.table.len() + size_of::<Way>() * self.ways.len()
    }

    #[inline(always)]
    fn place(&self, words: &[u64]) -> Place {
        let hash = hash::hash(words);
        Place { slot: hash::slot(hash, self.table.len()), tag: hash::tag(hash, self.bits) }
    }

    /// The position of the first arrival in a state, or else the free entry where it belongs.
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

    /// Stores the candidates that are not stored yet; of equal candidates the first one stays. A state that is
    /// stored and was not reached for some of the valuations before is stored as another arrival. With `answers`,
    /// each candidate is told which state it is.
    #[inline(always)]
    pub(super) fn insert<const SETS: bool>(
        &mut self,
        width: usize,
        index: usize,
        candidates: &mut [u8],
        view: &mut View,
        answers: bool,
    ) {
        let size = batch::size(width, SETS);
        let mut words = [0u64; GROUP * 16];
        let words = &mut words[..GROUP * width];
        let mut from = [(0u32, Set::ALL); GROUP];
        let mut places = [Place::default(); GROUP];
        for group in candidates.chunks_mut(GROUP * size) {
            while (self.states + GROUP) * 5 >= self.table.len() * 4 {
                self.rebuild(width, self.table.len() + self.table.len() / 2);
            }
            let count = group.len() / size;
            for (index, candidate) in group.chunks_exact(size).enumerate() {
                let state = &mut words[index * width..][..width];
                from[index] = batch::read(candidate, state, SETS);
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
            for at in 0..count {
                let state = &words[at * width..][..width];
                let (parent, set) = from[at];
                let position = match self.probe(width, places[at], state) {
                    Ok(position) => {
                        if SETS {
                            self.arrive(position, state, parent, set, view);
                        }
                        position
                    }
                    Err(free) => {
                        self.log.push(state, parent, set);
                        self.states += 1;
                        self.table[free] = places[at].tag | self.log.len() as u32;
                        self.log.len() - 1
                    }
                };
                if answers {
                    let id = StateId::new(index, position);
                    batch::answer(&mut group[at * size..][..size], width, id);
                }
            }
        }
    }

    /// A stored state is reached again. Ways to one state in one layer become one arrival, so that its transitions
    /// are explored once for all of them.
    #[inline(always)]
    fn arrive(&mut self, first: usize, words: &[u64], parent: u32, set: Set, view: &mut View) {
        let all = self.log.arrival(first).all();
        let new = view.minus(set, all);
        if new != Set::NONE {
            let all = view.or(all, set);
            self.log.set_all(first, all);
            self.arrive_anew(first, words, parent, new, view);
        }
    }

    #[cold]
    fn arrive_anew(&mut self, first: usize, words: &[u64], parent: u32, new: Set, view: &mut View) {
        let open = if first >= self.open { Some(first as u32) } else { self.later.get(&(first as u32)).copied() };
        match open {
            None => {
                self.later.insert(first as u32, self.log.len() as u32);
                self.log.push_later(words, parent, new, first);
            }
            Some(position) => {
                let before = self.log.arrival(position as usize).new;
                self.log.set_new(position as usize, view.or(before, new));
                self.ways.push(Way { position, set: new, parent });
            }
        }
    }

    /// From now on, what is stored belongs to the next layer.
    pub(super) fn begin_layer(&mut self) {
        self.open = self.log.len();
        self.later.clear();
    }

    /// The parent from which an arrival was reached for a valuation.
    pub(super) fn parent(&self, position: usize, valuation: Assignment, sets: &Sets) -> u32 {
        let ways = self.ways.iter().filter(|way| way.position as usize == position);
        let way = ways.into_iter().find(|way| sets.contains(way.set, valuation));
        way.map_or_else(|| self.log.parent(position), |way| way.parent)
    }

    /// Lays the table out anew with the given number of entries.
    #[cold]
    fn rebuild(&mut self, width: usize, capacity: usize) {
        // Arrivals beyond the first of a state need positions and no entries.
        self.bits = if self.sets { POSITION_BITS } else { usize::BITS - capacity.leading_zeros() };
        self.table = Vec::new();
        self.table.resize(capacity, 0);
        for position in (0..self.log.len()).filter(|position| self.log.arrival(*position).first().is_none()) {
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
