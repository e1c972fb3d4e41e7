//! Micro-benchmarks of the hot loop: what the store does for a candidate, what a model does for a state, and whole
//! searches that are small enough for the caches, so that the numbers show the code and not the memory.
//!
//! `cargo bench --bench hot_loop`; a part of a name selects. An item is a candidate, a state or a transition. Times
//! depend on the machine; what guards against regressions are the instruction counts of `benches/instructions.py`.

#[path = "../examples/two_phase_commit/model.rs"]
#[allow(dead_code)]
mod model;

/// The store is private to the checker, so the benchmark compiles it once more, at the place where it expects to be.
#[path = "../src/check"]
#[allow(dead_code, unused_imports)]
mod check {
    pub mod model {
        pub use poolproof::check::{Assignment, Parameter};
    }
    pub mod cube;
    pub mod sets;
    pub mod store;
}

use check::sets::{Set, Sets, View};
use check::store::{Batch, Store};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use model::TwoPhaseCommit;
use poolproof::check::{Assignment, Options, Packed, Selection, Successors, run};
use poolproof::model::Maintenance;
use std::collections::HashSet;
use std::path::Path;

fn main() {
    divan::main();
}

/// Candidates of a batch.
const CANDIDATES: u64 = 100_000;

/// Candidates of this width: each state comes up twice.
fn batch(width: usize) -> Batch {
    let mut batch = Batch::new(false);
    let mut words = vec![0; width];
    for candidate in 0..CANDIDATES {
        words[width - 1] = (candidate / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        batch.push::<false>(&words, None, Set::ALL);
    }
    batch
}

fn filled(width: usize, batch: &mut Batch) -> Store {
    let sets = Sets::new(&[]);
    let mut view = View::new(&sets);
    let mut store = Store::new(width, false);
    for (mut filling, part) in store.fillings().zip(batch.parts()) {
        assert!(filling.insert(part, &mut view, false));
    }
    store
}

#[divan::bench(args = [1, 2, 4, 8])]
fn store_insert(bencher: Bencher, width: usize) {
    let mut batch = batch(width);
    bencher.counter(ItemsCount::new(CANDIDATES)).bench_local(|| filled(width, black_box(&mut batch)));
}

#[divan::bench(args = [1, 2, 4, 8])]
fn store_find(bencher: Bencher, width: usize) {
    let store = filled(width, &mut batch(width));
    let mut words = vec![0; width];
    bencher.counter(ItemsCount::new(CANDIDATES)).bench_local(|| {
        let find = |candidate: u64| {
            words[width - 1] = candidate.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            store.find(black_box(&words)).is_some()
        };
        assert_eq!((0..CANDIDATES).map(find).filter(|found| *found).count() as u64, CANDIDATES / 2);
    });
}

/// The first states that a model reaches, packed, in the order in which they are found.
fn some_states<M: Packed>(model: &M, most: usize) -> Vec<Vec<u64>> {
    let pack = |state| {
        let mut words = vec![0; model.words()];
        model.pack(&state, &mut words);
        model.canonical(&mut words);
        words
    };
    let mut states: Vec<Vec<u64>> = Vec::new();
    let mut seen = HashSet::new();
    states.extend(model.init_states().into_iter().map(pack).filter(|words| seen.insert(words.clone())));
    let mut successors = Successors::default();
    let mut at = 0;
    while at < states.len() && states.len() < most {
        successors.begin(Assignment::default(), &[]);
        model.successors(&states[at], Assignment::default(), &mut successors);
        states.extend(successors.iter(model.words()).map(|(to, _)| to.to_vec()).filter(|to| seen.insert(to.clone())));
        at += 1;
    }
    states.truncate(most);
    states
}

fn successors_of<M: Packed>(bencher: Bencher, model: &M) {
    let states = some_states(model, 2000);
    let mut successors = Successors::default();
    bencher.counter(ItemsCount::new(states.len())).bench_local(|| {
        let mut transitions = 0;
        for words in &states {
            successors.begin(Assignment::default(), &[]);
            model.successors(black_box(words), Assignment::default(), &mut successors);
            transitions += successors.len();
        }
        transitions
    });
}

#[divan::bench]
fn successors_two_phase_commit(bencher: Bencher) {
    successors_of(bencher, &TwoPhaseCommit::new(9));
}

#[divan::bench(args = ["official-patch", "free-operators-4"])]
fn successors_maintenance(bencher: Bencher, scenario: &str) {
    successors_of(bencher, &maintenance(scenario));
}

/// The model of a shipped scenario.
fn maintenance(name: &str) -> Maintenance {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name).join("scenario.toml");
    Maintenance::new(&poolproof::scenario::load(&file).expect("a shipped scenario"))
}

fn search<M: Packed>(bencher: Bencher, model: &M, properties: &[&str]) {
    let named = properties.iter().map(|name| (*name).to_string()).collect();
    let options = Options { threads: Some(1), properties: Selection::Named(named), ..Options::default() };
    let once = || run(model, black_box(&options), &()).expect("a model in order").statistics;
    bencher.counter(ItemsCount::new(once().transitions)).bench(once);
}

#[divan::bench(args = ["consistent", "abort-possible", "abort-agreed"], sample_count = 20)]
fn search_two_phase_commit(bencher: Bencher, property: &str) {
    search(bencher, &TwoPhaseCommit::new(6), &[property]);
}

#[divan::bench(args = ["pool-quorum", "recoverable"], sample_count = 20)]
fn search_official_patch(bencher: Bencher, property: &str) {
    search(bencher, &maintenance("official-patch"), &[property]);
}
