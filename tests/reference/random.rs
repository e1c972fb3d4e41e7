//! TLC on scenarios that nobody has thought of.

use crate::drawn::{Shape, Small, cases, scenarios};
use crate::tlc::Tlc;
use crate::{compare, reference};
use poolproof::check::{self, Options};
use poolproof::model::Maintenance;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;

/// TLC enumerates what this crate asks for lazily, so that what is small here may be large there.
const MOST_STATES: usize = 250;
const MOST_COMBINATIONS: usize = 8;

/// Whether TLC is done with it in a few seconds.
fn small(scenario: &poolproof::scenario::Scenario) -> bool {
    let options = Options { max_states: Some(MOST_STATES), threads: Some(1), ..Options::default() };
    let outcome = check::run(&Maintenance::telling_all_apart(scenario), &options, &()).unwrap();
    let combinations: usize = reference::explored(scenario).values().map(Vec::len).product();
    outcome.completeness.limit().is_none() && outcome.statistics.states > 8 && combinations <= MOST_COMBINATIONS
}

/// Of each shape so many, and the same ones every time, unless `PROPTEST_CASES` asks for a number of others.
#[test]
#[ignore = "needs Java and tla2tools"]
fn tlc_agrees_on_random_scenarios() {
    let tlc = Tlc::find();
    let few = Shape { front_ends: 2..=3, items: 2, ..Shape::FULL };
    let shapes = [
        ("one pool", few.clone()),
        ("pair", Shape { front_ends: 1..=2, items: 2, open: 0.1, ..Shape::PAIRS }),
        ("conversations", Shape { front_ends: 2..=2, items: 2, ..Shape::CONVERSATIONS }),
    ];
    for (name, shape) in shapes {
        let config = ProptestConfig { max_shrink_iters: 40, max_global_rejects: 100_000, ..cases(8) };
        let mut runner = match std::env::var_os("PROPTEST_CASES") {
            Some(_) => TestRunner::new(config),
            None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
        };
        let number = Cell::new(0);
        let result = runner.run(&scenarios(shape), |Small(mut scenario)| {
            // A reader of scenario files accepts no name twice, and the reference relies on it.
            for (number, operator) in scenario.operators.iter_mut().enumerate() {
                operator.name = format!("{} {number}", operator.name);
            }
            prop_assume!(small(&scenario));
            number.set(number.get() + 1);
            let said = compare(&format!("{name} {}", number.get()), &scenario, false, &tlc);
            eprintln!("{}", said.map_err(TestCaseError::fail)?);
            Ok(())
        });
        result.unwrap_or_else(|why| panic!("{why}"));
    }
}
