//! Random systems: cycles, self-loops, several initial states, none, deadlocks, fairness, parameters.

use super::reference::{Plain, valuations};
use super::system::{Edge, Place, System};
use poolproof::check::{
    self, Assignment, Claim, Completeness, Label, Opinion, Options, Outcome, Property, SelfCheck, second_opinion,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

fn claims() -> Vec<Property> {
    let claims = [
        Claim::Always(0),
        Claim::Never(1),
        Claim::Sometimes(1),
        Claim::AlwaysPossibly { goal: 1, through: u32::MAX },
        Claim::AlwaysPossibly { goal: 1, through: 1 },
        Claim::Eventually(1),
        Claim::LeadsTo { trigger: 2, goal: 1 },
        Claim::NoDeadlock(2),
        Claim::Never(3),
        Claim::LeadsTo { trigger: 0, goal: 2 },
    ];
    claims.iter().map(|claim| Property { name: format!("{claim:?}"), claim: *claim }).collect()
}

fn label() -> impl Strategy<Value = Label> {
    (0..4u32, prop::option::of(0..3u16), prop::sample::select(vec![0, 0, 0, 1, 2]))
        .prop_map(|(classes, fairness, events)| Label { classes, fairness, events })
}

pub fn edge(locations: u8, parameters: Vec<u8>) -> impl Strategy<Value = Edge> {
    let reads = prop::option::of(0..parameters.len().max(1) as u8);
    (0..locations, label(), reads).prop_flat_map(move |(from, label, reads)| {
        let reads = reads.filter(|_| !parameters.is_empty());
        let options = reads.map_or(1, |parameter| usize::from(parameters[usize::from(parameter)]));
        let target = prop::option::weighted(0.85, 0..locations);
        prop::collection::vec(target, options).prop_map(move |to| Edge { from, label, reads, to })
    })
}

pub fn system() -> impl Strategy<Value = System> {
    (1..=6u8, prop::collection::vec(1..=3u8, 0..=3)).prop_flat_map(|(locations, parameters)| {
        (
            prop::sample::select(vec![1usize, 2, 3, 5, 16]),
            prop::collection::vec(0..locations, 0..=2),
            prop::collection::vec(edge(locations, parameters.clone()), 0..14),
            prop::collection::vec(0..8u64, usize::from(locations)),
            prop::collection::vec(
                prop::option::weighted(0.3, 0..parameters.len().max(1) as u8),
                usize::from(locations),
            ),
            Just(parameters),
        )
            .prop_map(|(width, initial, edges, predicates, told_by, parameters)| System {
                width,
                initial,
                edges,
                predicates,
                told_by: if parameters.is_empty() { Vec::new() } else { told_by },
                parameters,
                properties: claims(),
            })
    })
}

/// The locations that are reachable for some valuation; and, without parameters, the transitions between them.
fn counts(system: &System, plains: &[(Assignment, Plain)]) -> (usize, Option<u64>) {
    let reached: BTreeSet<u8> = plains.iter().flat_map(|(_, plain)| plain.reachable().map(|(l, _)| l)).collect();
    let transitions = system.edges.iter().filter(|edge| reached.contains(&edge.from) && edge.to[0].is_some()).count();
    (reached.len(), system.parameters.is_empty().then_some(transitions as u64))
}

fn run(system: &System, threads: usize) -> Outcome<Place, (usize, Place)> {
    let self_check = SelfCheck { twice: true, replay: true };
    check::run(system, &Options { threads: Some(threads), self_check, ..Options::default() }, &()).unwrap()
}

/// All that a run says, but for times.
fn essence(mut outcome: Outcome<Place, (usize, Place)>) -> String {
    outcome.statistics.phases.clear();
    format!("{outcome:?}")
}

fn agrees(system: &System) -> Result<(), TestCaseError> {
    let outcome = run(system, 1);
    prop_assert_eq!(outcome.completeness, Completeness::Complete);
    let plains: Vec<_> = valuations(system).into_iter().map(|v| (v, Plain::new(system, v))).collect();
    let (states, transitions) = counts(system, &plains);
    prop_assert_eq!(outcome.statistics.states, states);
    prop_assert_eq!(outcome.statistics.layers.iter().sum::<usize>(), states);
    prop_assert!(transitions.is_none_or(|expected| expected == outcome.statistics.transitions));
    for result in &outcome.properties {
        let claim = result.property.claim;
        prop_assert_eq!(&result.conclusion, &check::Conclusion::Conclusive, "{:?}", claim);
        let mut shortest = None;
        for (valuation, plain) in &plains {
            let expected = plain.violation(claim);
            let covering: Vec<_> = result
                .violations
                .iter()
                .filter(|violation| violation.when.iter().any(|cube| cube.subsumes(*valuation)))
                .collect();
            prop_assert_eq!(expected.is_some(), !covering.is_empty(), "{:?} for {:?}", claim, valuation);
            if let Some(length) = expected {
                shortest = Some(shortest.map_or(length, |other: usize| other.min(length)));
            }
            prop_assert!(covering.len() <= 1, "{:?}: two entries for {:?}", claim, valuation);
            for witness in covering.iter().filter_map(|violation| violation.witness.as_ref()) {
                let stem = witness.loop_start.unwrap_or(witness.len());
                prop_assert_eq!(Some(stem), expected, "{:?} for {:?}", claim, valuation);
            }
        }
        if let Some(witness) = result.violations.first().and_then(|violation| violation.witness.as_ref()) {
            prop_assert_eq!(Some(witness.loop_start.unwrap_or(witness.len())), shortest, "{:?}", claim);
        }
    }
    let expected = essence(outcome);
    for threads in [2, 4] {
        prop_assert_eq!(essence(run(system, threads)), expected.clone());
    }
    Ok(())
}

/// The verdict, the number of states and the length of the counterexample, as stateright has them.
fn stateright_agrees(system: &System) -> Result<(), TestCaseError> {
    let outcome = run(system, 2);
    let (states, transitions) = (outcome.statistics.states, outcome.statistics.transitions);
    for result in &outcome.properties {
        if matches!(result.property.claim, Claim::NoDeadlock(_)) && !system.parameters.is_empty() {
            // For stateright a state is no deadlock if it has a transition for some value of a parameter.
            continue;
        }
        let ours = result.violations.first().map(|violation| violation.witness.as_ref().map(|w| w.len()));
        let example = result.evidence.as_ref().map(|witness| witness.len());
        match second_opinion(Arc::new(system.clone()), &result.property, 1, None) {
            Opinion::Holds { states: theirs, transitions: counted } => {
                prop_assert_eq!(ours, None);
                match system.parameters.is_empty() {
                    true => prop_assert_eq!((theirs, counted), (states, transitions)),
                    false => prop_assert!(theirs >= states),
                }
            }
            Opinion::Violated { length, states: theirs } => {
                // For some valuation there may be an example all the same; then stateright reports that one.
                prop_assert_eq!(ours, Some(length), "{:?}", result.property);
                prop_assert!(theirs <= 2 * states || !system.parameters.is_empty());
            }
            Opinion::Satisfied { length, .. } => prop_assert_eq!(example, Some(length)),
            Opinion::NotSupported => {
                let graph = matches!(
                    result.property.claim,
                    Claim::AlwaysPossibly { .. } | Claim::Eventually(_) | Claim::LeadsTo { .. }
                );
                prop_assert!(graph);
            }
            Opinion::OutOfTime => prop_assert!(false, "nobody set a time"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_of_property_agrees_with_the_reference(system in system()) {
        agrees(&system)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn safety_agrees_with_stateright(system in system()) {
        stateright_agrees(&system)?;
    }
}
