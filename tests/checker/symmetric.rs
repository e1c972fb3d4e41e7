//! [`Packed::canonical`]: a search that stores one state for all that differ by a symmetry, against one that stores
//! all of them.
//!
//! The systems are symmetric by construction: some parties, all alike, each in a local state, and one shared value.
//! A rule lets one party move, and may look at the shared value and at how many parties are in some local state;
//! predicates look at the same. Swapping two parties changes none of that.

use poolproof::check::{self, Claim, Completeness, Label, Options, Outcome, Packed, Property, SelfCheck};
use proptest::prelude::*;
use stateright::Model;
use std::collections::HashSet;

/// What lets one party move.
#[derive(Debug, Clone)]
struct Rule {
    /// The local state before and after.
    local: (u8, u8),
    /// The shared value before and after; any value if there is none before.
    shared: (Option<u8>, u8),
    /// At most so many parties are in a local state.
    unless_more: Option<(u8, usize)>,
    label: Label,
}

/// Parties that are all alike.
#[derive(Debug, Clone)]
struct Parties {
    start: Vec<u8>,
    rules: Vec<Rule>,
    /// For each predicate: so many parties at least are in a local state.
    predicates: [(u8, usize); 3],
    merged: bool,
}

/// The local states of the parties, and the shared value.
type Place = (Vec<u8>, u8);

impl Parties {
    fn count(locals: &[u8], wanted: u8) -> usize {
        locals.iter().filter(|local| **local == wanted).count()
    }

    fn apply(&self, (locals, shared): &Place, rule: &Rule, party: usize) -> Option<Place> {
        let crowded = rule.unless_more.is_some_and(|(local, most)| Parties::count(locals, local) > most);
        let fits = locals[party] == rule.local.0 && rule.shared.0.is_none_or(|before| before == *shared);
        if crowded || !fits {
            return None;
        }
        let mut next = locals.clone();
        next[party] = rule.local.1;
        Some((next, rule.shared.1))
    }
}

impl Model for Parties {
    type State = Place;
    /// A rule and a party.
    type Action = (usize, usize);

    fn init_states(&self) -> Vec<Place> {
        vec![(self.start.clone(), 0)]
    }

    fn actions(&self, _: &Place, actions: &mut Vec<(usize, usize)>) {
        actions.extend((0..self.rules.len()).flat_map(|rule| (0..self.start.len()).map(move |party| (rule, party))));
    }

    fn next_state(&self, state: &Place, (rule, party): (usize, usize)) -> Option<Place> {
        self.apply(state, &self.rules[rule], party)
    }
}

impl Packed for Parties {
    fn words(&self) -> usize {
        1
    }

    fn pack(&self, (locals, shared): &Place, words: &mut [u64]) {
        let locals = locals.iter().enumerate().map(|(at, local)| u64::from(*local) << (8 * at + 8));
        words[0] = u64::from(*shared) | locals.sum::<u64>();
    }

    fn unpack(&self, words: &[u64]) -> Place {
        ((0..self.start.len()).map(|at| (words[0] >> (8 * at + 8)) as u8).collect(), words[0] as u8)
    }

    fn canonical(&self, words: &mut [u64]) {
        if self.merged {
            let (mut locals, shared) = self.unpack(words);
            locals.sort_unstable();
            self.pack(&(locals, shared), words);
        }
    }

    fn label(&self, _: &Place, (rule, _): &(usize, usize), _: &Place) -> Label {
        self.rules[*rule].label
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        let (locals, _) = self.unpack(words);
        let hold = self.predicates.iter().map(|(local, least)| Parties::count(&locals, *local) >= *least);
        hold.enumerate().map(|(at, holds)| u64::from(holds) << at).sum()
    }

    /// All but liveness: fairness is a promise to each party by name, which no representative keeps.
    fn specification(&self) -> Vec<Property> {
        let claims = [
            Claim::Always(0),
            Claim::Never(1),
            Claim::Never(2),
            Claim::Sometimes(1),
            Claim::AlwaysPossibly { goal: 1, through: u32::MAX },
            Claim::AlwaysPossibly { goal: 2, through: 1 },
            Claim::NoDeadlock(2),
        ];
        claims.iter().map(|claim| Property { name: format!("{claim:?}"), claim: *claim }).collect()
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    let label = (0..3u32, prop::sample::select(vec![0, 0, 0, 1, 2]));
    let crowd = prop::option::of((0..3u8, 0..3usize));
    ((0..3u8, 0..3u8), (prop::option::of(0..2u8), 0..2u8), crowd, label).prop_map(
        |(local, shared, unless_more, (classes, events))| Rule {
            local,
            shared,
            unless_more,
            label: Label { classes, events, fairness: None },
        },
    )
}

fn parties() -> impl Strategy<Value = Parties> {
    let predicate = || (0..3u8, 0..=4usize);
    (prop::collection::vec(0..3u8, 1..=4), prop::collection::vec(rule(), 0..7), [predicate(), predicate(), predicate()])
        .prop_map(|(start, rules, predicates)| Parties { start, rules, predicates, merged: false })
}

fn run(model: &Parties, threads: usize) -> Outcome<Place, (usize, usize)> {
    let self_check = SelfCheck { twice: true, replay: true };
    check::run(model, &Options { threads: Some(threads), self_check, ..Options::default() }, &()).unwrap()
}

/// The states that a set finds, each as its representative.
fn orbits(model: &Parties) -> HashSet<Place> {
    let mut seen: HashSet<Place> = model.init_states().into_iter().collect();
    let mut open: Vec<Place> = seen.iter().cloned().collect();
    while let Some(place) = open.pop() {
        open.extend(model.next_states(&place).into_iter().filter(|next| seen.insert(next.clone())));
    }
    let sorted = |(mut locals, shared): Place| {
        locals.sort_unstable();
        (locals, shared)
    };
    seen.into_iter().map(sorted).collect()
}

fn agrees(plain: &Parties) -> Result<(), TestCaseError> {
    let merged = Parties { merged: true, ..plain.clone() };
    let (all, few) = (run(plain, 1), run(&merged, 1));
    prop_assert_eq!((all.completeness, few.completeness), (Completeness::Complete, Completeness::Complete));
    prop_assert_eq!(few.statistics.states, orbits(plain).len());
    // One of those that are merged is reached first, and stands for all.
    prop_assert!(few.statistics.depth <= all.statistics.depth);
    for (one, other) in all.properties.iter().zip(&few.properties) {
        prop_assert_eq!(one.holds(), other.holds(), "{:?}", one.property);
        let length = |result: &check::PropertyResult<_, _>| {
            result.violations.first().map(|violation| violation.witness.as_ref().map(check::Witness::len))
        };
        prop_assert_eq!(length(one), length(other), "{:?}", one.property);
        let shown = |result: &check::PropertyResult<_, _>| result.evidence.as_ref().map(check::Witness::len);
        prop_assert_eq!(shown(one), shown(other), "{:?}", one.property);
        prop_assert_eq!(&one.vacuous, &other.vacuous, "{:?}", one.property);
        // What is told is a run of the system as it is, not of representatives.
        for witness in other.violations.iter().filter_map(|violation| violation.witness.as_ref()) {
            let mut state = witness.initial.clone();
            for (action, next) in &witness.steps {
                prop_assert_eq!(plain.next_state(&state, *action), Some(next.clone()));
                state = next.clone();
            }
        }
    }
    let essence = |mut outcome: Outcome<Place, (usize, usize)>| {
        outcome.statistics.phases.clear();
        format!("{outcome:?}")
    };
    prop_assert_eq!(essence(run(&merged, 4)), essence(few));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn merging_what_a_symmetry_maps_to_each_other_changes_no_verdict_and_no_length(parties in parties()) {
        agrees(&parties)?;
    }
}

#[test]
fn merging_makes_a_power_a_polynomial() {
    // Seven parties that each go through three local states: 3^7 states, or the ways to share seven out among three.
    let step = |from, to| Rule { local: (from, to), shared: (None, 0), unless_more: None, label: Label::default() };
    let rules = vec![step(0, 1), step(1, 2)];
    let plain = Parties { start: vec![0; 7], rules, predicates: [(0, 1); 3], merged: false };
    let merged = Parties { merged: true, ..plain.clone() };
    assert_eq!(run(&plain, 2).statistics.states, 2187);
    assert_eq!(run(&merged, 2).statistics.states, 36);
}
