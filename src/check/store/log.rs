//! The states of a shard, in the order in which they were stored, each with its parent.
//!
//! Invariant: an entry never moves and never changes. The log grows by segments, so growing copies nothing
//! and leaves nothing unused but the rest of the last segment.
//! Cost: the words, and 4 bytes for the parent.

/// Words of a segment: 16 KiB, or one state if that is larger.
const SEGMENT_WORDS: usize = 1 << 11;

/// Packed states and their parents.
pub(super) struct Log {
    segments: Vec<Segment>,
    len: usize,
    /// States of a segment, as a power of two.
    bits: u32,
}

struct Segment {
    words: Box<[u64]>,
    parents: Box<[u32]>,
}

impl Log {
    /// An empty log for states of `width` words.
    pub(super) fn new(width: usize) -> Log {
        Log { segments: Vec::new(), len: 0, bits: (SEGMENT_WORDS / width).max(1).ilog2() }
    }

    /// The number of states.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of the entries.
    pub(super) fn bytes(&self, width: usize) -> usize {
        (8 * width + 4) * self.len
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

    /// Asks for the memory of a state, if there is one at the position.
    #[inline(always)]
    pub(super) fn prefetch(&self, width: usize, position: usize) {
        if let Some(segment) = self.segments.get(position >> self.bits) {
            super::prefetch::prefetch(&segment.words, (position & ((1 << self.bits) - 1)) * width);
        }
    }

    /// Adds a state.
    #[inline(always)]
    pub(super) fn push(&mut self, words: &[u64], parent: u32) {
        let at = self.len & ((1 << self.bits) - 1);
        if at == 0 {
            self.grow(words.len());
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.words[at * words.len()..][..words.len()].copy_from_slice(words);
            segment.parents[at] = parent;
            self.len += 1;
        }
    }

    #[cold]
    fn grow(&mut self, width: usize) {
        let states = 1 << self.bits;
        let words = vec![0; states * width].into_boxed_slice();
        self.segments.push(Segment { words, parents: vec![0; states].into_boxed_slice() });
    }
}
