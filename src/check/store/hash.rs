//! The hash of a packed state.
//!
//! Invariant: a fixed function of the words, so that two runs lay out the store in the same way.
//! Cost: one 64 by 64 bit multiplication for each word.

/// Odd constants with well-spread bits (the first digits of pi and e).
const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

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
