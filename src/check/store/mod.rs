//! Exact storage of packed states, in shards that threads fill independently.
//!
//! Purpose: every state is kept in full, so no two states are ever taken for one (no fingerprints).
//! A hash chooses one of [`SHARDS`] shards; a thread that owns a shard needs no locks. A shard is small enough
//! to stay in a processor's cache while it is filled.
//! Invariant: what a shard contains, in which order, and with which parents depends only on the order of
//! insertions into that shard. The number of shards is fixed, hence independent of the number of threads.
//! Cost: see [`shard`]; the width is fixed at run time.

mod batch;
mod hash;
mod log;
mod prefetch;
mod shard;
mod span;

use super::model::Assignment;
use super::sets::{Set, Sets, View};
pub(crate) use batch::{Batch, Part};
pub(crate) use prefetch::prefetch;
use shard::{NO_PARENT, Shard};
pub(crate) use span::{Bounds, Layers, Numbers, Span};

/// The number of shards.
pub(crate) const SHARDS: usize = 256;

/// Bits of a [`StateId`] that give the position in its shard.
const POSITION_BITS: u32 = 32 - SHARDS.ilog2();

/// The most states that a shard can number.
const SHARD_LIMIT: usize = (1 << POSITION_BITS) - 1;

/// An arrival in a stored state: its shard in the upper bits, its position there in the lower ones. Of a state that
/// was reached for different valuations at different times, the first arrival stands for the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StateId(pub(crate) u32);

impl StateId {
    fn new(shard: usize, position: usize) -> StateId {
        StateId((shard as u32) << POSITION_BITS | position as u32)
    }

    /// The arrival with a number that [`Batch::answers`] gave.
    #[inline(always)]
    pub(crate) fn from_number(number: u32) -> StateId {
        StateId(number)
    }

    #[inline(always)]
    fn shard(self) -> usize {
        (self.0 >> POSITION_BITS) as usize
    }

    #[inline(always)]
    fn position(self) -> usize {
        self.0 as usize & SHARD_LIMIT
    }
}

/// One shard of the store, for the thread that fills it.
pub(crate) struct Filling<'a> {
    index: usize,
    width: usize,
    shard: &'a mut Shard,
}

impl Filling<'_> {
    /// Inserts the candidates that belong here, and tells each which state it is if `answers`. `false` if the shard
    /// is nearly full.
    pub(crate) fn insert(&mut self, part: &mut Part, view: &mut View, answers: bool) -> bool {
        let candidates = part.candidates();
        if candidates.is_empty() {
            return true;
        }
        let index = self.index;
        match (self.width, self.shard.sets()) {
            (1, false) => self.shard.insert::<false>(1, index, candidates, view, answers),
            (2, false) => self.shard.insert::<false>(2, index, candidates, view, answers),
            (width, false) => self.shard.insert::<false>(width, index, candidates, view, answers),
            (1, true) => self.shard.insert::<true>(1, index, candidates, view, answers),
            (2, true) => self.shard.insert::<true>(2, index, candidates, view, answers),
            (3, true) => self.shard.insert::<true>(3, index, candidates, view, answers),
            (width, true) => self.shard.insert::<true>(width, index, candidates, view, answers),
        }
        self.shard.log().len() < SHARD_LIMIT / 2
    }
}

/// All stored states.
pub(crate) struct Store {
    width: usize,
    shards: Vec<Shard>,
}

impl Store {
    /// An empty store for states of `width` words, with or without sets of valuations.
    pub(crate) fn new(width: usize, sets: bool) -> Store {
        Store { width, shards: (0..SHARDS).map(|_| Shard::new(width, sets)).collect() }
    }

    /// The number of words of a state.
    #[inline(always)]
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The number of arrivals.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.log().len()).sum()
    }

    /// The number of different states.
    pub(crate) fn states(&self) -> usize {
        self.shards.iter().map(Shard::states).sum()
    }

    /// The number of arrivals of each shard.
    pub(crate) fn lens(&self) -> Bounds {
        std::array::from_fn(|shard| self.shards[shard].log().len() as u32)
    }

    /// Bytes in use.
    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.bytes(self.width)).sum()
    }

    /// Share of the table's entries that are in use.
    pub(crate) fn load(&self) -> f64 {
        self.states() as f64 / self.shards.iter().map(Shard::capacity).sum::<usize>() as f64
    }

    /// The shards, to be filled.
    pub(crate) fn fillings(&mut self) -> impl Iterator<Item = Filling<'_>> {
        let width = self.width;
        self.shards.iter_mut().enumerate().map(move |(index, shard)| Filling { index, width, shard })
    }

    /// The packed state.
    #[inline(always)]
    pub(crate) fn words(&self, id: StateId) -> &[u64] {
        self.shards[id.shard()].log().words(self.width, id.position())
    }

    /// The arrival from which it was reached for a valuation; `None` for an initial state.
    pub(crate) fn parent(&self, id: StateId, valuation: Assignment, sets: &Sets) -> Option<StateId> {
        let parent = self.shards[id.shard()].parent(id.position(), valuation, sets);
        (parent != NO_PARENT).then_some(StateId(parent))
    }

    /// From now on, what is stored belongs to the next layer.
    pub(crate) fn begin_layer(&mut self) {
        self.shards.iter_mut().for_each(Shard::begin_layer);
    }

    /// The valuations for which an arrival reached its state, and no earlier one did.
    #[inline(always)]
    pub(crate) fn new_for(&self, id: StateId) -> Set {
        self.shards[id.shard()].log().arrival(id.position()).new
    }

    /// The first arrival in the same state.
    #[inline(always)]
    pub(crate) fn first(&self, id: StateId) -> StateId {
        let first = self.shards[id.shard()].log().arrival(id.position()).first();
        first.map_or(id, |position| StateId::new(id.shard(), position))
    }

    /// All valuations for which a state was reached, given its first arrival.
    #[inline(always)]
    pub(crate) fn all_of(&self, first: StateId) -> Set {
        self.shards[first.shard()].log().arrival(first.position()).all()
    }

    /// The first arrival in a packed state, if it is stored.
    #[inline(always)]
    pub(crate) fn find(&self, words: &[u64]) -> Option<StateId> {
        let shard = hash::shard(hash::hash(words));
        self.shards[shard].find(self.width, words).map(|position| StateId::new(shard, position))
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::Parameter;
    use super::*;
    use std::collections::HashMap;

    /// Inserts a batch; the states that its candidates are.
    fn fill(store: &mut Store, batch: &mut Batch, view: &mut View, shards: &[u8]) -> Vec<StateId> {
        for (mut filling, part) in store.fillings().zip(batch.parts()) {
            assert!(filling.insert(part, view, true));
        }
        let mut answers = Vec::new();
        batch.answers(store.width(), shards, |id| answers.push(id));
        answers
    }

    #[test]
    fn a_store_keeps_exactly_what_was_inserted_with_the_first_parent() {
        let sets = Sets::new(&[]);
        for width in [1, 2, 3, 16] {
            let mut view = View::new(&sets);
            let mut store = Store::new(width, false);
            let mut reference: HashMap<Vec<u64>, Option<StateId>> = HashMap::new();
            let mut batch = Batch::new(false);
            let mut random = 1u64;
            let mut some = None;
            for round in 0..40 {
                batch.clear();
                let (mut pushed, mut shards) = (Vec::new(), Vec::new());
                for _ in 0..500 {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let mut words = vec![0; width];
                    words[width - 1] = random >> 50;
                    words[0] |= (random >> 40) & 3;
                    shards.push(batch.push::<false>(&words, some, Set::ALL));
                    reference.entry(words.clone()).or_insert(some);
                    pushed.push(words);
                }
                let answers = fill(&mut store, &mut batch, &mut view, &shards);
                assert!(pushed.iter().zip(answers).all(|(words, id)| store.words(id) == words));
                some = store.find(reference.keys().nth(round).unwrap());
                assert!(some.is_some());
            }
            assert_eq!((store.len(), store.states()), (reference.len(), reference.len()));
            for (words, parent) in &reference {
                let id = store.find(words).unwrap();
                assert_eq!(store.words(id), words);
                assert_eq!(store.parent(id, Assignment::default(), &sets), *parent);
            }
            assert_eq!(store.find(&vec![u64::MAX; width]), None);
            assert!(store.load() > 0.2 && store.load() < 0.81, "{}", store.load());
        }
    }

    #[test]
    fn every_arrival_says_for_which_valuations_it_is_the_first() {
        let sets = Sets::new(&[Parameter { values: 8 }]);
        let mut view = View::new(&sets);
        let mut store = Store::new(2, true);
        let mut batch = Batch::new(true);
        // For each state the valuations in order, each with the round in which it was reached first.
        let mut reference: HashMap<[u64; 2], HashMap<u8, usize>> = HashMap::new();
        let (mut rounds, mut answers, mut parents) = (Vec::new(), Vec::new(), HashMap::new());
        let mut random = 7u64;
        for round in 0..60 {
            batch.clear();
            store.begin_layer();
            let mut shards = Vec::new();
            for _ in 0..200 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let words = [random >> 55, random >> 60];
                let cubes = [random >> 20, random >> 30].map(|value| Assignment::default().with(0, value as u8 & 7));
                let set = view.union(&cubes);
                let parent = answers.get(random as usize % 256).copied();
                shards.push(batch.push::<true>(&words, parent, set));
                for cube in cubes {
                    let valuation = cube.get(0).unwrap();
                    reference.entry(words).or_default().entry(valuation).or_insert(round);
                    parents.entry((words, valuation)).or_insert(parent.map(|from| store.words(from).to_vec()));
                }
            }
            answers = fill(&mut store, &mut batch, &mut view, &shards);
            assert!(answers.iter().all(|id| store.first(*id) == *id));
            rounds.push(store.lens());
        }
        assert_eq!(store.states(), reference.len());
        assert!(store.len() > reference.len(), "some state was reached again");
        let mut met: HashMap<[u64; 2], HashMap<u8, usize>> = HashMap::new();
        let mut before = [0; SHARDS];
        for (round, lens) in rounds.iter().enumerate() {
            let span = Span::new(&before, lens);
            for id in span.ids(0..span.len()) {
                let words = store.words(id);
                assert_eq!(store.find(words), Some(store.first(id)));
                for cube in sets.cubes(store.new_for(id)) {
                    let valuation = cube.get(0).unwrap();
                    let again = met.entry([words[0], words[1]]).or_default().insert(valuation, round);
                    assert_eq!(again, None, "two arrivals for one valuation");
                    let from = store.parent(id, cube, &sets).map(|from| store.words(from).to_vec());
                    assert_eq!(from, parents[&([words[0], words[1]], valuation)]);
                }
            }
            before = *lens;
        }
        assert_eq!(met, reference);
        for (words, valuations) in &reference {
            let all = store.all_of(store.find(words).unwrap());
            assert!(
                (0..8).all(|v| sets.contains(all, Assignment::default().with(0, v)) == valuations.contains_key(&v))
            );
        }
    }

    #[test]
    fn a_span_numbers_its_states() {
        let sets = Sets::new(&[]);
        let mut view = View::new(&sets);
        let mut store = Store::new(1, false);
        let mut layers = Layers::default();
        let mut before = [0; SHARDS];
        for words in [0..1000, 1000..5000, 5000..5003, 5003..6000u64] {
            let mut batch = Batch::new(false);
            words.for_each(|word| {
                batch.push::<false>(&[word], None, Set::ALL);
            });
            fill(&mut store, &mut batch, &mut view, &[]);
            layers.push(&before, &store.lens());
            before = store.lens();
        }
        let numbers = layers.numbers();
        let mut number = 0;
        for layer in layers.iter() {
            let mut seen = Vec::new();
            for start in (0..layer.len()).step_by(37) {
                for id in layer.ids(start..(start + 37).min(layer.len())) {
                    assert_eq!(numbers.of(id), number);
                    assert_eq!(numbers.id(number), id);
                    seen.push(store.words(id)[0]);
                    number += 1;
                }
            }
            seen.sort_unstable();
            assert!(seen.is_sorted_by(|one, other| one + 1 == *other));
        }
        assert_eq!(number, 6000);
    }
}
