//! What the model does on a corpus of scenarios that never changes, counted.
//!
//! The rules are held against their facts next door, one by one. Here nothing is held against anything but what was there
//! before: whoever changes a rule sees on what occasions it mattered, and a rule that is lost by accident is missed.

use super::random::{Shape, Small, scenarios};
use crate::model::Maintenance;
use crate::model::claims::not_applicable;
use crate::model::state::State;
use crate::scenario::Scenario;
use crate::scenario::property::PropertyName;
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

/// Scenarios of one part of the corpus.
const SCENARIOS: usize = 24;
/// States of one scenario, from its beginning.
const STATES: usize = 120;

#[derive(Default)]
struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    fn state(&mut self, model: &Maintenance, state: &State) {
        let holding = model.holding(state);
        (0..64).filter(|bit| holding >> bit & 1 == 1).for_each(|bit| self.count(format!("predicate {bit}")));
        for server in &state.servers {
            self.count(format!("server {:?} {:?}", server.availability, server.power));
            self.count(format!("replica {:?}", server.replica));
        }
        for service in &state.services {
            self.count(format!("service {:?} {:?}", service.state, service.startup));
            self.count(format!("service {:?} hang {:?}", service.state, service.hang));
        }
        for pool in &state.pools {
            self.count(format!("pool {:?} settled: {}", pool.state, pool.settled));
            self.count(format!("pool {:?} last: {:?}", pool.database, pool.last));
            self.count(format!("next hop {:?}", pool.next_hop));
        }
        self.count(format!("{:?}", state.store));
        self.count(format!("group of pool {} in {}", state.tracked_home, state.tracked_pool));
        state.locks.iter().for_each(|lock| self.count(format!("lock held by {lock}")));
        for shell in &state.shells {
            self.count(format!("shell phase {}, registers {}, left {}", shell.phase, shell.registers, shell.left));
        }
    }

    fn scenario(&mut self, scenario: &Scenario) {
        let model = Maintenance::new(scenario);
        for &property in PropertyName::ALL {
            if not_applicable(model.instance(), property).is_none() {
                self.count(format!("applies: {}", property.describe().name));
            }
        }
        let readings = &model.instance().open_readings;
        readings.iter().for_each(|reading| self.count(format!("open: {}", reading.describe().name)));
        let mut seen: HashSet<State> = HashSet::new();
        let mut merged: HashSet<State> = HashSet::new();
        let mut queue: Vec<State> = Vec::new();
        let initial = crate::model::initial::states(model.instance());
        queue.extend(initial.into_iter().filter(|state| seen.insert(state.clone())));
        let mut at = 0;
        while at < queue.len().min(STATES) {
            let state = queue[at].clone();
            self.state(&model, &state);
            let mut canonical = state.clone();
            model.symmetry().canonicalize(model.instance(), &mut canonical);
            merged.insert(canonical);
            model.outcomes(&state, |step, _, outcome| {
                let kind = format!("{step:?}");
                self.count(format!("step {}", kind.split([' ', '{']).next().unwrap_or_default()));
                (0..32).filter(|bit| outcome.events >> bit & 1 == 1).for_each(|bit| self.count(format!("event {bit}")));
                self.count(format!("class {}, fair: {}", step.class(), step.fairness().is_some()));
                if seen.insert(outcome.state.clone()) {
                    queue.push(outcome.state);
                }
            });
            at += 1;
        }
        *self.0.entry("states".into()).or_default() += seen.len();
        *self.0.entry("states but for symmetry".into()).or_default() += merged.len();
    }
}

/// A part of the corpus: the same scenarios on every machine.
fn part(scenarios: impl Strategy<Value = Scenario>, seed: u8) -> String {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut tally = Tally::default();
    for _ in 0..SCENARIOS {
        tally.scenario(&scenarios.new_tree(&mut runner).expect("nothing is rejected").current());
    }
    let mut text = String::new();
    tally.0.iter().for_each(|(what, count)| writeln!(text, "{count:>7}  {what}").expect("a string takes everything"));
    text
}

fn of(shape: Shape) -> impl Strategy<Value = Scenario> {
    scenarios(shape).prop_map(|Small(scenario)| scenario)
}

macro_rules! parts {
    ($($name:ident: $scenarios:expr, $seed:literal;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(part($scenarios, $seed));
        })+
    };
}

parts! {
    one_pool_1: of(Shape::FULL), 1;
    one_pool_2: of(Shape::FULL), 2;
    one_pool_3: of(Shape::FULL), 3;
    one_pool_4: of(Shape::FULL), 4;
    one_pool_5: of(Shape::FULL), 5;
    one_pool_6: of(Shape::FULL), 6;
    pairs_1: of(Shape::PAIRS), 1;
    pairs_2: of(Shape::PAIRS), 2;
    pairs_3: of(Shape::PAIRS), 3;
    pairs_4: of(Shape::PAIRS), 4;
    pairs_5: of(Shape::PAIRS), 5;
    pairs_6: of(Shape::PAIRS), 6;
    all_alike_1: super::symmetry::scenarios(), 1;
    all_alike_2: super::symmetry::scenarios(), 2;
}
