//! One state for all that differ by interchangeable servers and operators, against one state for each.

use crate::check::{self, Completeness, Options};
use crate::model::Maintenance;
use crate::model::symmetry::Symmetry;
use crate::model::tests::build::command::{drain, fail_back, fail_over, restart, start, stop};
use crate::model::tests::build::{self, pool_of};
use crate::model::tests::random::cases;
use crate::runbook::Command;
use crate::scenario::{Crash, Faults, Returns, Scenario};
use crate::topology::{ServerId, ServiceSet};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Free operators who may do some of these things to every server.
pub fn scenarios() -> impl Strategy<Value = Scenario> {
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

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn merging_changes_no_verdict_and_no_length(scenario in scenarios()) {
        let merged = Maintenance::new(&scenario);
        let mut apart = Maintenance::new(&scenario);
        apart.symmetry = Symmetry::default();
        let options = Options { max_states: Some(20_000), threads: Some(1), ..Options::default() };
        let [one, other] = [&merged, &apart].map(|model| check::run(model, &options, &()).unwrap());
        if [&one.completeness, &other.completeness].iter().any(|it| **it != Completeness::Complete) {
            return Ok(());
        }
        prop_assert!(merged.symmetry().is_trivial() || one.statistics.states < other.statistics.states);
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
    }
}
