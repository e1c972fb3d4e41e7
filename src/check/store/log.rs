//! The arrivals in a shard, in the order in which they were stored, each with its parent.
//!
//! Purpose: the first time that a state is reached it is stored; if it is reached again for other valuations of the
//! parameters, that is another arrival, so every valuation has a path of parents of its own, a shortest one.
//! Invariant: an entry never moves and never changes, but for its sets of valuations. The log grows by segments, so growing copies nothing and leaves nothing unused but the rest of the last segment.
//! Cost: the words, 4 bytes for the parent and, if the model has parameters, 8 for the sets.

use crate::check::sets::Set;

/// Words of a segment: 16 KiB, or one state if that is larger.
const SEGMENT_WORDS: usize = 1 << 11;

/// Packed states and their parents.
pub(super) struct Log {
    segments: Vec<Segment>,
    len: usize,
    /// Entries of a segment, as a power of two.
    bits: u32,
    /// Whether entries have sets of valuations.
    sets: bool,
}

struct Segment {
    words: Box<[u64]>,
    parents: Box<[u32]>,
    /// Empty without parameters.
    arrivals: Box<[Arrival]>,
}

/// The valuations of an arrival.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    /// For which the state was reached now and not before.
    pub(super) new: Set,
    /// Of a first arrival, the set of all valuations so far; of a later one, [`LATER`] and the position of the first.
    of: u32,
}

/// The mark of a later arrival. There are never as many sets.
const LATER: u32 = 1 << 31;

impl Arrival {
    const ANY: Arrival = Arrival { new: Set::ALL, of: Set::ALL.0 };

    /// The position of the first arrival in the same state, if this is another one.
    pub(super) fn first(self) -> Option<usize> {
        (self.of & LATER != 0).then_some((self.of & !LATER) as usize)
    }

    /// All valuations for which the state was reached, of a first arrival.
    pub(super) fn all(self) -> Set {
        Set(self.of)
    }
}

impl Log {
    /// An empty log for states of `width` words, with or without sets of valuations.
    pub(super) fn new(width: usize, sets: bool) -> Log {
        Log { segments: Vec::new(), len: 0, bits: (SEGMENT_WORDS / width).max(1).ilog2(), sets }
    }

    /// The number of entries.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of the entries.
    pub(super) fn bytes(&self, width: usize) -> usize {
        (8 * width + if self.sets { 12 } else { 4 }) * self.len
    }

    #[inline(always)]
    fn split(&self, position: usize) -> (&Segment, usize) {
        (&self.segments[position >> self.bits], position & ((1 << self.bits) - 1))
    }

    /// The state at a position.
    #[inline(always)]
    pub(super) fn words(&self, width: usize, position: usize) -> &[u64] {
        let (segment, at) = self.split(position);
        &segment.words[at * width..][..width]
    }

    /// The parent of the state at a position.
    #[inline(always)]
    pub(super) fn parent(&self, position: usize) -> u32 {
        let (segment, at) = self.split(position);
        segment.parents[at]
    }

    /// The valuations of the arrival at a position.
    #[inline(always)]
    pub(super) fn arrival(&self, position: usize) -> Arrival {
        let (segment, at) = self.split(position);
        segment.arrivals.get(at).copied().unwrap_or(Arrival::ANY)
    }

    /// Asks for the memory of a state, if there is one at the position.
    #[inline(always)]
    pub(super) fn prefetch(&self, width: usize, position: usize) {
        if let Some(segment) = self.segments.get(position >> self.bits) {
            super::prefetch::prefetch(&segment.words, (position & ((1 << self.bits) - 1)) * width);
        }
    }

    /// Adds a state, reached for these valuations.
    #[inline(always)]
    pub(super) fn push(&mut self, words: &[u64], parent: u32, set: Set) {
        self.add(words, parent, Arrival { new: set, of: set.0 });
    }

    /// Adds an arrival in the state whose first arrival is at a position.
    pub(super) fn push_later(&mut self, words: &[u64], parent: u32, new: Set, first: usize) {
        self.add(words, parent, Arrival { new, of: LATER | first as u32 });
    }

    /// The valuations of an arrival, to be changed.
    fn arrival_mut(&mut self, position: usize) -> &mut Arrival {
        let at = position & ((1 << self.bits) - 1);
        &mut self.segments[position >> self.bits].arrivals[at]
    }

    /// Sets for which valuations a state was reached, of its first arrival.
    pub(super) fn set_all(&mut self, first: usize, all: Set) {
        self.arrival_mut(first).of = all.0;
    }

    /// Sets for which valuations an arrival is the first.
    pub(super) fn set_new(&mut self, position: usize, new: Set) {
        self.arrival_mut(position).new = new;
    }

    #[inline(always)]
    fn add(&mut self, words: &[u64], parent: u32, arrival: Arrival) {
        let at = self.len & ((1 << self.bits) - 1);
        if at == 0 {
            self.grow(words.len());
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.words[at * words.len()..][..words.len()].copy_from_slice(words);
            segment.parents[at] = parent;
            if self.sets {
                segment.arrivals[at] = arrival;
            }
            self.len += 1;
        }
    }

    #[cold]
    fn grow(&mut self, width: usize) {
        let entries = 1 << self.bits;
        let words = vec![0; entries * width].into_boxed_slice();
        let arrivals = vec![Arrival::ANY; if self.sets { entries } else { 0 }].into_boxed_slice();
        self.segments.push(Segment { words, parents: vec![0; entries].into_boxed_slice(), arrivals });
    }
}
