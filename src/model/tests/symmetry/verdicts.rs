//! One state for all that differ by interchangeable servers and operators, against one state for each.

use super::action::alike;
use crate::check::{self, Completeness, Options, SelfCheck};
use crate::model::tests::build::command::{drain, fail_back, fail_over, restart, start, stop};
use crate::model::tests::build::{self, pool_of};
use crate::model::tests::random::{Shape, Small, cases};
use crate::model::{Maintenance, TellApart};
use crate::runbook::Command;
use crate::scenario::{Crash, Faults, Returns, Scenario};
use crate::topology::{ServerId, ServiceSet};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Free operators who may do some of these things to every server.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let menu = || prop::collection::vec(0..6usize, 1..3);
    let operators = prop_oneof![
        menu().prop_map(|menu| vec![menu]),
        menu().prop_map(|menu| vec![menu.clone(), menu]),
        (menu(), menu()).prop_map(|(one, other)| vec![one, other]),
    ];
    (2..=4usize, operators, 1..=3u8, 0..=1u8, 0..=1u8).prop_map(|(servers, menus, at_most, crashes, hangs)| {
        let command = |kind: usize, server: usize| -> Command {
            match kind {
                0 => fail_over(server),
                1 => fail_back(server),
                2 => stop(server, ServiceSet::ALL),
                3 => drain(server, ServiceSet::ALL),
                4 => start(server, ServiceSet::ALL),
                _ => restart(server),
            }
        };
        let operators = menus.iter().enumerate().map(|(number, kinds)| {
            let items: Vec<Command> =
                kinds.iter().flat_map(|kind| (0..servers).map(move |server| command(*kind, server))).collect();
            build::free(&format!("operator {number}"), &items, Some(at_most))
        });
        let struck = (0..servers).map(ServerId).collect();
        let crash = Crash { at_most: crashes, servers: struck, returns: Returns::Either };
        let crash = (crashes > 0).then_some(crash);
        let faults = Faults { crash, hung_conferences: hangs, ..Faults::default() };
        build::scenario(pool_of(servers), operators.collect(), faults)
    })
}

/// Explores a scenario with and without; whether there are fewer states, if there are few enough to compare.
fn merging_changes_nothing(scenario: &Scenario, max_states: usize) -> Result<Option<bool>, TestCaseError> {
    let merged = Maintenance::new(scenario);
    let apart = Maintenance::telling_apart(scenario, TellApart { servers: true, ..TellApart::default() });
    let options = Options { max_states: Some(max_states), threads: Some(1), ..Options::default() };
    let [one, other] = [&merged, &apart].map(|model| check::run(model, &options, &()).unwrap());
    if [&one.completeness, &other.completeness].iter().any(|it| **it != Completeness::Complete) {
        return Ok(None);
    }
    for (one, other) in one.properties.iter().zip(&other.properties) {
        let name = &one.property.name;
        let parameters = check::Packed::parameters(&merged);
        let when = |result: &check::PropertyResult<_, _>| check::cover(&result.violated_when(), &parameters);
        prop_assert_eq!(when(one), when(other), "{}", name);
        prop_assert_eq!(&one.conclusion, &other.conclusion, "{}", name);
        let lengths = |result: &check::PropertyResult<_, _>| {
            result.violations.iter().map(|it| it.witness.as_ref().map(|it| it.len())).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(lengths(one), lengths(other), "{}", name);
    }
    prop_assert!(one.statistics.states <= other.statistics.states);
    Ok(Some(one.statistics.states < other.statistics.states))
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn merging_changes_no_verdict_and_no_length(scenario in scenarios()) {
        let trivial = Maintenance::new(&scenario).symmetry().is_trivial();
        let fewer = merging_changes_nothing(&scenario, 20_000)?;
        prop_assert!(trivial || fewer != Some(false));
    }
}

/// Beside scripts, in pairs of pools, under all faults.
#[test]
fn merging_changes_no_verdict_of_whatever_is_alike() {
    let compared = Cell::new([0, 0]);
    let mut runner = TestRunner::new_with_rng(cases(96), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let small = Shape { front_ends: 2..=3, items: 2, open: 0.1, ..Shape::FULL };
    let strategy = prop_oneof![2 => alike(small), 1 => alike(Shape { items: 2, open: 0.1, ..Shape::PAIRS })];
    let result = runner.run(&strategy, |Small(scenario)| {
        let [all, fewer] = compared.get();
        if let Some(merged) = merging_changes_nothing(&scenario, 1_500)? {
            compared.set([all + 1, fewer + u32::from(merged)]);
        }
        Ok(())
    });
    println!("compared, and with fewer states: {compared:?}");
    result.unwrap_or_else(|why| panic!("{why}"));
    assert!(compared.get()[1] >= 12, "{compared:?}");
}

/// A stored state is its own representative, and every counterexample can be replayed, with three operators on two servers that
/// look the same.
#[test]
fn many_operators_pass_the_self_check() {
    let menu = [restart(0), restart(1)];
    let operators = ["one", "two", "three"].map(|name| build::free(name, &menu, Some(1))).to_vec();
    let mut scenario = build::scenario(pool_of(2), operators, Faults::default());
    scenario.fixed_readings = build::readings(&[]);
    let self_check = SelfCheck { replay: true, twice: true };
    let options = Options { threads: Some(1), self_check, ..Options::default() };
    let outcome = check::run(&Maintenance::new(&scenario), &options, &()).unwrap();
    assert_eq!(outcome.completeness, Completeness::Complete);
    assert!(outcome.property("pool-quorum").is_some_and(|result| result.violated()));
    assert!(merging_changes_nothing(&scenario, 20_000).unwrap() == Some(true));
}
