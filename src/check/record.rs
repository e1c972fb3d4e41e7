//! What a search notes of the transitions that it explores, for the properties that need all of them together.
//!
//! Invariant: notes are in the order of the search. A kind of transition and a case of a state have a number; which
//! one depends on the thread that met it first, so no result may depend on the order of these numbers.
//! Cost: 4 bytes for each transition, 2 more for its kind, 8 for each state, and while a block is explored one more
//! byte for each of its transitions.

use super::model::{Assignment, Case, Claim, Label, Property};
use super::outcome::{Limit, Reason};
use super::store::Batch;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};

/// What of the transitions and states matters to the properties of a run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Matters {
    classes: u32,
    fairness: bool,
    predicates: u64,
}

impl Matters {
    /// What matters to these properties; `None` if none of them needs the graph.
    pub(crate) fn to(properties: &[Property]) -> Option<Matters> {
        let mut matters = Matters::default();
        for property in properties {
            match property.claim {
                Claim::AlwaysPossibly { goal, through } => {
                    matters.classes |= if through == u32::MAX { 0 } else { through };
                    matters.predicates |= 1 << goal;
                }
                Claim::Eventually(goal) => {
                    matters.fairness = true;
                    matters.predicates |= 1 << goal;
                }
                Claim::LeadsTo { trigger, goal } => {
                    matters.fairness = true;
                    matters.predicates |= 1 << goal | 1 << trigger;
                }
                _ => {}
            }
        }
        (matters.predicates != 0).then_some(matters)
    }
}

/// The part of a transition's label that matters, and the valuations for which the transition exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// See [`Label::fairness`].
    pub(crate) fairness: Option<u16>,
    /// See [`Label::classes`], without the classes that no property speaks of.
    pub(crate) classes: u32,
    /// The valuations.
    pub(crate) when: Assignment,
}

/// What holds in a state for some valuations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Holding {
    /// The valuations.
    pub(crate) when: Assignment,
    /// The predicates that hold, of those that matter.
    pub(crate) predicates: u64,
}

/// Numbers for values, given out once by all threads together.
struct Shared<T>(Mutex<HashMap<T, u32>>);

impl<T: Copy + Eq + Hash> Shared<T> {
    fn all(&self) -> MutexGuard<'_, HashMap<T, u32>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    #[inline(always)]
    fn number(&self, value: T, known: &mut Known<T>) -> u32 {
        match known.last {
            Some((last, number)) if last == value => number,
            _ => self.look_up(value, known),
        }
    }

    fn look_up(&self, value: T, known: &mut Known<T>) -> u32 {
        let number = *known.numbers.entry(value).or_insert_with(|| {
            let mut all = self.all();
            let next = all.len() as u32;
            *all.entry(value).or_insert(next)
        });
        known.last = Some((value, number));
        number
    }

    /// The values in the order of their numbers.
    fn list(&self) -> Vec<T> {
        let mut list: Vec<(u32, T)> = self.all().iter().map(|(value, number)| (*number, *value)).collect();
        list.sort_unstable_by_key(|(number, _)| *number);
        list.into_iter().map(|(_, value)| value).collect()
    }
}

/// The numbers that a thread knows.
struct Known<T> {
    numbers: HashMap<T, u32>,
    last: Option<(T, u32)>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Known { numbers: HashMap::new(), last: None }
    }
}

/// What a thread keeps from chunk to chunk.
#[derive(Default)]
pub(crate) struct Memory {
    kinds: Known<Kind>,
    holdings: Known<Holding>,
}

/// The notes on a chunk while it is explored.
#[derive(Default)]
pub(crate) struct Notes {
    /// The shard of each target.
    shards: Vec<u8>,
    page: Page,
}

impl Notes {
    /// Completes the notes when the successors of the chunk have been inserted.
    pub(crate) fn settle(&mut self, width: usize, batch: &Batch) {
        let Notes { shards, page } = self;
        page.targets.reserve_exact(shards.len());
        batch.answers(width, shards, |id| page.targets.push(id.0));
        shards.clear();
        if page.kinds.iter().all(|kind| *kind == 0) {
            page.kinds = Vec::new();
        }
        page.kinds.shrink_to_fit();
        page.counts.shrink_to_fit();
        page.cases.shrink_to_fit();
    }
}

/// The notes on the states of a chunk, in the order of the search.
#[derive(Default)]
pub(crate) struct Page {
    /// For each arrival the number of its transitions, and of its cases.
    pub(crate) counts: Vec<(u32, u32)>,
    /// The stored state that each transition leads to.
    pub(crate) targets: Vec<u32>,
    /// The kind of each transition; empty if all have number 0.
    pub(crate) kinds: Vec<u16>,
    /// The number of each case.
    pub(crate) cases: Vec<u32>,
}

impl Page {
    fn bytes(&self) -> usize {
        8 * self.counts.len() + 4 * (self.targets.len() + self.cases.len()) + 2 * self.kinds.len()
    }
}

/// Whoever takes notes.
pub(crate) struct Recorder {
    matters: Matters,
    kinds: Shared<Kind>,
    holdings: Shared<Holding>,
    pages: Vec<Page>,
    bytes: usize,
}

/// All notes of a search.
pub(crate) struct Recording {
    /// The kinds of transitions.
    pub(crate) kinds: Vec<Kind>,
    /// The cases of states.
    pub(crate) holdings: Vec<Holding>,
    /// The notes, in the order of the search.
    pub(crate) pages: Vec<Page>,
}

impl Recorder {
    /// Nothing is noted yet.
    pub(crate) fn new(matters: Matters) -> Recorder {
        let (kinds, holdings) = (Shared(Mutex::default()), Shared(Mutex::default()));
        Recorder { matters, kinds, holdings, pages: Vec::new(), bytes: 0 }
    }

    /// Bytes of the notes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Notes a transition that leads into a shard.
    #[inline(always)]
    pub(crate) fn transition(&self, notes: &mut Notes, memory: &mut Memory, shard: u8, label: Label, when: Assignment) {
        let fairness = label.fairness.filter(|_| self.matters.fairness);
        let kind = Kind { fairness, classes: label.classes & self.matters.classes, when };
        let number = self.kinds.number(kind, &mut memory.kinds);
        notes.shards.push(shard);
        notes.page.kinds.push(number.try_into().unwrap_or(u16::MAX));
    }

    /// Notes a case of a state.
    #[inline(always)]
    pub(crate) fn case(&self, notes: &mut Notes, memory: &mut Memory, case: &Case) {
        let holding = Holding { when: case.when, predicates: case.predicates & self.matters.predicates };
        notes.page.cases.push(self.holdings.number(holding, &mut memory.holdings));
    }

    /// Notes that an arrival has had so many transitions and cases.
    #[inline(always)]
    pub(crate) fn arrival(&self, notes: &mut Notes, transitions: usize, cases: usize) {
        notes.page.counts.push((transitions as u32, cases as u32));
    }

    /// Takes the notes on a chunk that was settled; chunks come in the order of the search.
    pub(crate) fn take(&mut self, notes: &mut Notes) {
        let page = std::mem::take(&mut notes.page);
        self.bytes += page.bytes();
        self.pages.push(page);
    }

    /// Whether there are more kinds than have numbers.
    pub(crate) fn overflows(&self) -> bool {
        self.kinds.all().len() > usize::from(u16::MAX)
    }

    /// All notes.
    pub(crate) fn finish(self) -> Recording {
        Recording { kinds: self.kinds.list(), holdings: self.holdings.list(), pages: self.pages }
    }
}

/// The notes of a search, or why there are none.
pub(crate) enum Noted {
    /// No property needs them.
    NotNeeded,
    /// They are being taken.
    Going(Recorder),
    /// They were given up; the properties that need them are not decided.
    GivenUp(Reason),
}

impl Noted {
    /// Whoever takes notes, if anybody does.
    pub(crate) fn recorder(&self) -> Option<&Recorder> {
        match self {
            Noted::Going(recorder) => Some(recorder),
            _ => None,
        }
    }

    /// Bytes of the notes.
    pub(crate) fn bytes(&self) -> usize {
        self.recorder().map_or(0, Recorder::bytes)
    }

    /// Gives the notes up if there are too many kinds, or if they and `others` need more than the limit.
    pub(crate) fn review(&mut self, others: usize, memory: usize) {
        let Noted::Going(recorder) = self else { return };
        if recorder.overflows() {
            *self = Noted::GivenUp(Reason::TooManyKinds);
        } else if recorder.bytes() > 0 && others + recorder.bytes() > memory {
            *self = Noted::GivenUp(Reason::Limit(Limit::Memory));
        }
    }
}
