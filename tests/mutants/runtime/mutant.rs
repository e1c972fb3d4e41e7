//! Which mutant this process is, and which mutation points it comes by.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Nobody has asked yet.
const UNSET: u32 = u32::MAX;
/// No mutant: every point that is passed is noted.
const NOTING: u32 = u32::MAX - 1;

static MUTANT: AtomicU32 = AtomicU32::new(UNSET);
/// Which points were passed already; there are thousands.
static PASSED: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];

/// Whether this process is the mutant with this number.
#[inline(always)]
pub fn on(number: u32) -> bool {
    let mutant = MUTANT.load(Ordering::Relaxed);
    mutant == number || (mutant >= NOTING && ask(number))
}

#[cold]
#[inline(never)]
fn ask(number: u32) -> bool {
    if MUTANT.load(Ordering::Relaxed) == UNSET {
        let set = std::env::var("POOLPROOF_MUTANT").ok().map(|it| it.parse().expect("a number"));
        MUTANT.store(set.unwrap_or(NOTING), Ordering::Relaxed);
        return set == Some(number);
    }
    let passed = &PASSED[number as usize];
    if !passed.load(Ordering::Relaxed)
        && !passed.swap(true, Ordering::Relaxed)
        && let Ok(file) = std::env::var("POOLPROOF_PASSED")
    {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).expect("it can be written");
        file.write_all(&number.to_le_bytes()).expect("it can be written");
    }
    false
}

fn rows(machine: &str) -> &'static [(u32, usize)] {
    MACHINES.iter().find(|(name, _)| *name == machine).map_or(&[], |(_, rows)| rows)
}

/// Whether a row of a transition table is left out.
pub fn removed(machine: &str, row: usize) -> bool {
    on(rows(machine)[row].0)
}

/// The row whose target is the target of a row.
pub fn target(machine: &str, row: usize) -> usize {
    let (first, other) = rows(machine)[row];
    if on(first + 1) { other } else { row }
}

/// The same in the opposite order, or not.
pub fn reversed<I: DoubleEndedIterator>(reversed: bool, items: I) -> impl Iterator<Item = I::Item> {
    let (mut forwards, mut backwards) = if reversed { (None, Some(items.rev())) } else { (Some(items), None) };
    std::iter::from_fn(move || match (&mut forwards, &mut backwards) {
        (Some(items), _) => items.next(),
        (None, Some(items)) => items.next(),
        (None, None) => None,
    })
}
