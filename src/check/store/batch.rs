//! Candidates for insertion, sorted by shard, in the order in which they were produced.
//!
//! Invariant: a candidate is the words of a state, in little-endian order, four bytes for its parent and, if the
//! model has parameters, four for the set of valuations for which it was reached. Insertion puts the number of the
//! stored state in the place of the parent.
//! Cost: a candidate is written once and read once, both in sequence; the buffers stay for the next batch.

use super::{SHARDS, StateId, hash, shard::NO_PARENT};
use crate::check::sets::Set;

/// Bytes of a number.
const NUMBER: usize = 4;

/// Candidates for all shards.
pub(crate) struct Batch {
    parts: Vec<Part>,
    sets: bool,
}

/// The candidates for one shard.
#[derive(Default)]
pub(crate) struct Part {
    buffer: Vec<u8>,
    used: usize,
}

impl Part {
    #[cold]
    fn grow(&mut self) {
        self.buffer.resize((2 * self.buffer.len()).max(512), 0);
    }

    /// The candidates.
    pub(super) fn candidates(&mut self) -> &mut [u8] {
        &mut self.buffer[..self.used]
    }
}

/// The bytes of a candidate.
#[inline(always)]
pub(super) fn size(width: usize, sets: bool) -> usize {
    8 * width + NUMBER + if sets { NUMBER } else { 0 }
}

#[inline(always)]
fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk::<NUMBER>().map_or(NO_PARENT, |bytes| u32::from_le_bytes(*bytes))
}

/// Reads a candidate: writes its words, returns its parent and its set.
#[inline(always)]
pub(super) fn read(candidate: &[u8], words: &mut [u64], sets: bool) -> (u32, Set) {
    let (packed, rest) = candidate.split_at(8 * words.len());
    for (word, bytes) in words.iter_mut().zip(packed.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    (number(rest), if sets { Set(number(&rest[NUMBER..])) } else { Set::ALL })
}

/// Puts the number of the stored state into a candidate that was inserted.
#[inline(always)]
pub(super) fn answer(candidate: &mut [u8], width: usize, id: StateId) {
    candidate[8 * width..][..NUMBER].copy_from_slice(&id.0.to_le_bytes());
}

impl Batch {
    /// An empty batch; `sets` says whether candidates come with sets of valuations.
    pub(crate) fn new(sets: bool) -> Batch {
        Batch { parts: (0..SHARDS).map(|_| Part::default()).collect(), sets }
    }

    /// Forgets the candidates and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.parts.iter_mut().for_each(|part| part.used = 0);
    }

    /// Bytes of the buffers.
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.buffer.len()).sum()
    }

    /// The candidates of each shard.
    pub(crate) fn parts(&mut self) -> impl Iterator<Item = &mut Part> {
        self.parts.iter_mut()
    }

    /// Adds a candidate and returns its shard; `None` for an initial state. `SETS` is what the batch was made with.
    #[inline(always)]
    pub(crate) fn push<const SETS: bool>(&mut self, words: &[u64], parent: Option<StateId>, set: Set) -> u8 {
        debug_assert_eq!(SETS, self.sets);
        let shard = hash::shard(hash::hash(words));
        let part = &mut self.parts[shard];
        let end = part.used + size(words.len(), SETS);
        if end > part.buffer.len() {
            part.grow();
        }
        let (packed, rest) = part.buffer[part.used..end].split_at_mut(8 * words.len());
        for (bytes, word) in packed.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        rest[..NUMBER].copy_from_slice(&parent.map_or(NO_PARENT, |id| id.0).to_le_bytes());
        if SETS {
            rest[NUMBER..].copy_from_slice(&set.0.to_le_bytes());
        }
        part.used = end;
        shard as u8
    }

    /// After insertion: the stored states of the candidates, given their shards in the order in which they were pushed.
    pub(crate) fn answers(&self, width: usize, shards: &[u8], mut each: impl FnMut(StateId)) {
        let mut at = [0usize; SHARDS];
        let size = size(width, self.sets);
        for &shard in shards {
            let shard = usize::from(shard);
            each(StateId(number(&self.parts[shard].buffer[at[shard] + 8 * width..])));
            at[shard] += size;
        }
    }
}
