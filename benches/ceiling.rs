//! The price of the memory traffic alone: a bare exact search of two-phase commit, for the benchmark.
//!
//! States packed into one word, one open-addressing table that is the store as well, probes prefetched in batches, layer
//! by layer, one thread. No parents, no names, no choice of properties, no growth: nothing that an answer could be
//! told from. A checker that gives answers is measured against it.
//!
//! ```text
//! ceiling N [BITS]      a table of 2^BITS words
//! ```
//! The last line is that of `two_phase_commit`.

// The hint is what the program is about.
#![allow(unsafe_code)]

use std::time::Instant;

/// States whose successors are generated before any of them is looked up.
const BATCH: usize = 32;

fn hash(word: u64) -> usize {
    let product = u128::from(word ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15;
    (product as u64 ^ (product >> 64) as u64) as usize
}

fn prefetch(table: &[u64], at: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that reads nothing and never faults, on an address inside of the table.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(&table[at]).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (table, at);
}

/// The successors of a state, bit by bit as in `two_phase_commit`.
fn successors(state: u64, n: u32, out: &mut Vec<u64>) {
    let manager = |bit: u32| 1u64 << (4 * n + bit);
    let with = |rm: u32, value: u64| state & !(3 << (2 * rm)) | value << (2 * rm);
    let undecided = state & (manager(0) | manager(1)) == 0;
    if undecided {
        if (state >> (2 * n)) & ((1 << n) - 1) == (1 << n) - 1 {
            out.push(state | manager(0) | manager(2));
        }
        out.push(state | manager(1) | manager(3));
    }
    for rm in 0..n {
        if undecided && state & 1 << (3 * n + rm) != 0 {
            out.push(state | 1 << (2 * n + rm));
        }
        if state >> (2 * rm) & 3 == 0 {
            out.push(with(rm, 1) | 1 << (3 * n + rm));
            out.push(with(rm, 3));
        }
        if state & manager(2) != 0 {
            out.push(with(rm, 2));
        }
        if state & manager(3) != 0 {
            out.push(with(rm, 3));
        }
    }
}

/// The invariant: nobody has committed while another one has aborted.
fn consistent(state: u64, n: u32) -> bool {
    let low = 0x5555_5555_5555_5555 & ((1 << (2 * n)) - 1);
    let (bit, high) = (state & low, state >> 1 & low);
    high & !bit == 0 || high & bit == 0
}

fn main() -> Result<(), String> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let n = numbers.next().and_then(Result::ok).filter(|n| (1..=15).contains(n)).ok_or("usage: ceiling N [BITS]")?;
    // Six times the states for one more manager; a third full at 9.
    let default = (5 * n + 5).div_ceil(2).max(10);
    let bits = numbers.next().transpose().map_err(|_| "usage: ceiling N [BITS]")?.unwrap_or(default);
    let start = Instant::now();
    let mask = (1usize << bits) - 1;
    // 0 stands for an empty entry, so a state is stored as its successor in the integers.
    let mut table = vec![0u64; 1 << bits];
    let (mut layer, mut next, mut found) = (vec![0u64], Vec::new(), Vec::new());
    let (mut states, mut transitions, mut depth, mut good) = (1u64, 0u64, 0u64, true);
    table[hash(1) & mask] = 1;
    loop {
        for batch in layer.chunks(BATCH) {
            found.clear();
            for &state in batch {
                good &= consistent(state, n);
                successors(state, n, &mut found);
            }
            transitions += found.len() as u64;
            found.iter().for_each(|state| prefetch(&table, hash(state + 1) & mask));
            for &state in &found {
                let mut at = hash(state + 1) & mask;
                while table[at] != 0 && table[at] != state + 1 {
                    at = (at + 1) & mask;
                }
                if table[at] == 0 {
                    table[at] = state + 1;
                    states += 1;
                    next.push(state);
                }
            }
            if states > mask as u64 / 8 * 7 {
                return Err(format!("a table of 2^{bits} words is too small"));
            }
        }
        std::mem::swap(&mut layer, &mut next);
        next.clear();
        if layer.is_empty() {
            break;
        }
        depth += 1;
    }
    println!("consistent: {}", if good { "holds" } else { "violated" });
    let seconds = start.elapsed().as_secs_f64();
    let bytes = (table.len() * 8) as f64 / states as f64;
    println!("states={states} transitions={transitions} depth={depth} seconds={seconds:.3} bytes_per_state={bytes:.1}");
    Ok(())
}
