//! The hash of a packed state, and what its bits are used for.
//!
//! Invariant: a fixed function of the words, so that two runs lay out the store in the same way. The shard, the
//! place in the table and the tag come from different bits.
//! Cost: one 64 by 64 bit multiplication for each word.

use super::SHARDS;

/// Odd constants with well-spread bits (the first digits of pi, and of the golden ratio).
const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits that choose the shard.
const SHARD_BITS: u32 = SHARDS.ilog2();

/// Bits that remain for the tag beside 32 for the place.
const TAG_BITS: u32 = 32 - SHARD_BITS;

/// Both halves of the product, folded into one word: every bit of the input reaches every bit of the output.
#[inline(always)]
fn fold(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The hash of a packed state.
#[inline(always)]
pub(super) fn hash(words: &[u64]) -> u64 {
    let mut hash = SEED;
    for &word in words {
        hash = fold(hash ^ word, FACTOR);
    }
    hash
}

/// The shard of a state with this hash.
#[inline(always)]
pub(super) fn shard(hash: u64) -> usize {
    (hash >> (64 - SHARD_BITS)) as usize
}

/// Where the search in a table with `capacity` entries begins.
#[inline(always)]
pub(super) fn slot(hash: u64, capacity: usize) -> usize {
    (((hash >> TAG_BITS) & 0xffff_ffff) as usize * capacity) >> 32
}

/// The tag, in the bits of an entry above the lowest `bits`.
#[inline(always)]
pub(super) fn tag(hash: u64, bits: u32) -> u32 {
    (((hash as u32) << SHARD_BITS) >> bits) << bits
}
