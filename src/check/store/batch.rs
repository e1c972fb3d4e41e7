//! Candidates for insertion, sorted by shard, in the order in which they were produced.
//!
//! Invariant: a candidate is the words of a state, in little-endian order, and four bytes for its parent.
//! Cost: a candidate is written once and read once, both in sequence; the buffers stay for the next batch.

use super::{SHARDS, StateId, hash, shard::NO_PARENT};

/// Bytes of a parent.
const PARENT: usize = 4;

/// Candidates for all shards.
pub(crate) struct Batch {
    parts: Vec<Part>,
}

#[derive(Default)]
struct Part {
    buffer: Vec<u8>,
    used: usize,
}

impl Part {
    #[cold]
    fn grow(&mut self) {
        self.buffer.resize((2 * self.buffer.len()).max(512), 0);
    }
}

/// The bytes of a candidate.
#[inline(always)]
pub(super) fn size(width: usize) -> usize {
    8 * width + PARENT
}

/// Reads a candidate: writes its words, returns its parent.
#[inline(always)]
pub(super) fn read(candidate: &[u8], words: &mut [u64]) -> u32 {
    let (packed, parent) = candidate.split_at(8 * words.len());
    for (word, bytes) in words.iter_mut().zip(packed.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    parent.first_chunk::<PARENT>().map_or(NO_PARENT, |bytes| u32::from_le_bytes(*bytes))
}

impl Default for Batch {
    fn default() -> Batch {
        Batch { parts: (0..SHARDS).map(|_| Part::default()).collect() }
    }
}

impl Batch {
    /// Forgets the candidates and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.parts.iter_mut().for_each(|part| part.used = 0);
    }

    /// Bytes of the buffers.
    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.buffer.len()).sum()
    }

    /// The candidates for a shard.
    pub(super) fn part(&self, shard: usize) -> &[u8] {
        let part = &self.parts[shard];
        &part.buffer[..part.used]
    }

    /// Adds a candidate; `None` for an initial state.
    #[inline(always)]
    pub(crate) fn push(&mut self, words: &[u64], parent: Option<StateId>) {
        let part = &mut self.parts[hash::shard(hash::hash(words))];
        let end = part.used + size(words.len());
        if end > part.buffer.len() {
            part.grow();
        }
        let (packed, last) = part.buffer[part.used..end].split_at_mut(8 * words.len());
        for (bytes, word) in packed.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        last.copy_from_slice(&parent.map_or(NO_PARENT, |id| id.0).to_le_bytes());
        part.used = end;
    }
}
