//! The model does what it promises the checker, on random scenarios.

use super::build::{self, Item};
use super::invariants::{broken, broken_step};
use super::random::{Shape, Small, cases, scenarios};
use super::walk::walk;
use crate::check::model::{Assignment, Claim, Packed};
use crate::check::{self, Completeness, Opinion, Options, SelfCheck};
use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::Step;
use crate::runbook::{Command, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially, Scenario};
use crate::topology::{BackEnd, PoolId, ServerId, ServiceSet};
use proptest::prelude::*;
use std::sync::Arc;

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn every_state_keeps_its_invariants(Small(scenario) in scenarios(Shape::FULL)) {
        let model = Maintenance::new(&scenario);
        let mut problem = None;
        let visited = walk(&model, 120, |state, outcomes| {
            problem = problem.take().or_else(|| wrong(&model, state, outcomes));
        });
        prop_assert!(problem.is_none(), "{}", problem.unwrap_or_default());
        prop_assert!(visited > 0, "it has no beginning, and whatever is asked of it holds");
    }

    #[test]
    fn every_state_of_a_pair_keeps_its_invariants(Small(scenario) in scenarios(Shape::PAIRS)) {
        let model = Maintenance::new(&scenario);
        let mut problem = None;
        let visited = walk(&model, 120, |state, outcomes| {
            problem = problem.take().or_else(|| wrong(&model, state, outcomes));
        });
        prop_assert!(problem.is_none(), "{}", problem.unwrap_or_default());
        prop_assert!(visited > 0, "it has no beginning, and whatever is asked of it holds");
    }

    #[test]
    fn nothing_of_a_pair_depends_on_a_reading_that_is_not_resolved(
        Small(scenario) in scenarios(Shape { open: 0.8, ..Shape::PAIRS })
    ) {
        let problem = silent(&scenario, 30);
        prop_assert!(problem.is_none(), "{}", problem.unwrap_or_default());
    }

    /// A run that has not resolved a reading goes the same way under each of its values; and resolving it
    /// beforehand leaves exactly the outcomes that agree with it. So no reading is decided silently (D5).
    #[test]
    fn nothing_depends_on_a_reading_that_is_not_resolved(Small(scenario) in scenarios(Shape { open: 0.8, ..Shape::FULL })) {
        let problem = silent(&scenario, 30);
        prop_assert!(problem.is_none(), "{}", problem.unwrap_or_default());
    }
}

/// What is wrong with a state or with a step out of it, if anything is.
fn wrong(model: &Maintenance, state: &State, outcomes: &[(Step, State)]) -> Option<String> {
    let mut words = vec![0; model.words()];
    model.pack(state, &mut words);
    let mut unpacked = model.unpack(&words);
    model.assume(&mut unpacked, state.readings);
    if unpacked != *state {
        return Some(format!("packing loses something of {state:?}"));
    }
    if let Some(what) = broken(model, state) {
        return Some(format!("{what}: {state:?}"));
    }
    outcomes
        .iter()
        .find_map(|(step, next)| broken_step(state, next).map(|what| format!("{what}: {step:?} from {state:?}")))
}

/// Where a scenario's first states depend on a reading that they have not resolved.
fn silent(scenario: &Scenario, states: usize) -> Option<String> {
    let model = Maintenance::new(scenario);
    let mut problem = None;
    walk(&model, states, |state, outcomes| {
        for index in 0..model.instance().open_readings.len() {
            if state.readings.get(index).is_none() && problem.is_none() {
                problem = differs(&model, state, outcomes, index);
            }
        }
    });
    problem
}

/// A scenario with one open reading.
fn open(reading: Reading, front_ends: usize, items: &[Item]) -> Scenario {
    let mut scenario =
        build::scenario(build::pool_of(front_ends), vec![build::scripted("one", items)], Faults::default());
    scenario.fixed_readings = build::readings(&[(Reading::FabricGuard, 1)]);
    scenario.fixed_readings.retain(|(other, _)| *other != reading);
    scenario
}

/// A scenario whose only open reading is the intent of a fail-over.
fn open_intent(front_ends: usize, items: &[Item]) -> Scenario {
    open(Reading::FailOverIntent, front_ends, items)
}

/// Without SQL the one front end of a pool is enough for its start, unless SQL always has a vote.
#[test]
fn the_vote_of_sql_is_resolved_where_a_pool_starts_without_it() {
    use build::command::start;
    let pool = PoolId(0);
    let commands = [Command::StopDatabase { pool }, start(0, ServiceSet::ALL)];
    let mut scenario = open(Reading::SqlVote, 1, &commands.map(build::run));
    scenario.initially = vec![Initially::PoolStopped(pool)];
    scenario.properties.retain(|property| *property != PropertyName::SurvivesOneMoreCrash);
    assert_eq!(silent(&scenario, 1_000), None);
}

#[test]
fn the_intent_is_resolved_where_a_server_is_failed_over_from_the_beginning() {
    let stop = build::command::stop(1, ServiceSet::ALL);
    let mut scenario = open_intent(5, &[build::run(stop), Item::Poll(build::query::whole())]);
    scenario.initially = vec![Initially::FailedOver(ServerId(0))];
    assert_eq!(silent(&scenario, 1_000), None);
}

#[test]
fn the_intent_is_resolved_where_a_recovery_has_made_room() {
    use build::command::{fail_over, reset, start, stop};
    let front_end = ServiceSet::named(&["RTCSRV"]);
    let commands =
        [stop(1, front_end), stop(2, front_end), reset(Reset::QuorumLossRecovery), start(1, front_end), fail_over(0)];
    assert_eq!(silent(&open_intent(3, &commands.map(build::run)), 1_000), None);
}

/// A replica can be built on the server that starts only if those of the server that is out are to be replaced.
#[test]
fn the_intent_is_resolved_where_a_server_that_starts_makes_room_for_a_build() {
    let mut scenario = open_intent(4, &[build::run(build::command::start(3, ServiceSet::ALL))]);
    scenario.initially = vec![Initially::FailedOver(ServerId(0)), Initially::Stopped(ServerId(3))];
    assert_eq!(silent(&scenario, 1_000), None);
}

/// On the mirror SQL has no vote, so a pool of three has one server to spare, or none if SQL counts among its votes.
#[test]
fn the_vote_of_sql_is_resolved_where_the_first_state_depends_on_it() {
    let mut scenario = open(Reading::SqlVote, 3, &[Item::Sleep]);
    scenario.deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness: false });
    scenario.initially = vec![Initially::OnMirror(PoolId(0))];
    assert_eq!(silent(&scenario, 1), None);
}

/// How a state differs from itself under a supposed value of a reading that it has not resolved.
fn differs(model: &Maintenance, state: &State, outcomes: &[(Step, State)], index: usize) -> Option<String> {
    let reading = model.instance().open_readings[index];
    let packed = |state: &State| {
        let mut words = vec![0; model.words()];
        model.pack(state, &mut words);
        words
    };
    for value in 0..reading.describe().values.len() as u8 {
        let suppose = |state: &State| State { readings: state.readings.with(index, value), ..state.clone() };
        let supposed = suppose(state);
        let words = [state, &supposed].map(|state| model.holding(state));
        if words[0] != words[1] {
            return Some(format!("a predicate depends on {reading:?}: {state:?}"));
        }
        let agreeing = outcomes.iter().filter(|(_, next)| next.readings.get(index).is_none_or(|other| other == value));
        // Another reading may have been resolved besides on one way and not on the other, which is no decision.
        let body = |step: &Step, state: &State| {
            (format!("{step:?}"), packed(&State { readings: Assignment::default(), ..state.clone() }), state.readings)
        };
        let expected: Vec<_> = agreeing.map(|(step, next)| body(step, &suppose(next))).collect();
        let found = stateright::Model::next_steps(model, &supposed).into_iter();
        let found: Vec<_> =
            found.map(|(action, next)| (action.step, next)).map(|(step, next)| body(&step, &next)).collect();
        let met = |one: &(String, Vec<u64>, Assignment), others: &[(String, Vec<u64>, Assignment)]| {
            others.iter().any(|other| (&one.0, &one.1) == (&other.0, &other.1) && one.2.agrees(other.2))
        };
        let odd =
            expected.iter().find(|one| !met(one, &found)).or_else(|| found.iter().find(|one| !met(one, &expected)));
        if let Some((step, ..)) = odd {
            return Some(format!("{step} depends on {reading:?}={value}: {state:?}"));
        }
    }
    None
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn both_descriptions_of_the_steps_agree(Small(scenario) in scenarios(Shape::FULL)) {
        let self_check = SelfCheck { replay: true, twice: true };
        let options = Options { max_states: Some(500), threads: Some(1), self_check, ..Options::default() };
        let outcome = check::run(&Maintenance::new(&scenario), &options, &());
        prop_assert!(outcome.is_ok(), "{}", outcome.err().map(|error| error.to_string()).unwrap_or_default());
    }

    #[test]
    fn the_number_of_threads_changes_nothing(Small(scenario) in scenarios(Shape::FULL)) {
        let model = Maintenance::new(&scenario);
        let run = |threads| {
            let options = Options { max_states: Some(800), threads: Some(threads), ..Options::default() };
            let outcome = check::run(&model, &options, &()).unwrap();
            let verdicts: Vec<_> = outcome
                .properties
                .iter()
                .map(|result| (result.property.name.clone(), result.violated_when(), result.conclusion.clone()))
                .collect();
            (outcome.statistics.states, outcome.statistics.transitions, verdicts)
        };
        prop_assert_eq!(run(1), run(2));
    }

    /// One exploration for all values of the readings says of each what an exploration for that one alone says.
    #[test]
    fn every_valuation_has_the_verdict_of_its_own_run(
        Small(scenario) in scenarios(Shape { items: 3, ..Shape::FULL }),
        values in prop::collection::vec(0..4u8, Reading::ALL.len()),
    ) {
        let options = Options { max_states: Some(2_000), threads: Some(1), ..Options::default() };
        let all = Maintenance::new(&scenario);
        let together = check::run(&all, &options, &()).unwrap();
        let value = |reading: &Reading| {
            let index = Reading::ALL.iter().position(|other| other == reading).unwrap();
            values[index] % reading.describe().values.len() as u8
        };
        let open = all.instance().open_readings.clone();
        let valuation = open.iter().enumerate().fold(Assignment::default(), |valuation, (index, reading)| {
            valuation.with(index, value(reading))
        });
        let mut fixed = scenario.clone();
        fixed.fixed_readings.extend(open.iter().map(|reading| (*reading, value(reading))));
        let alone = check::run(&Maintenance::new(&fixed), &options, &()).unwrap();
        if [&together.completeness, &alone.completeness].iter().any(|it| **it != Completeness::Complete) {
            return Ok(());
        }
        prop_assert!(alone.statistics.states <= together.statistics.states);
        for (one, all) in alone.properties.iter().zip(&together.properties) {
            let mut covering = all.violations.iter();
            let covering = covering.find(|violation| violation.when.iter().any(|cube| cube.subsumes(valuation)));
            let length = |witness: &Option<check::Witness<_, _>>| {
                witness.as_ref().map(|witness| witness.loop_start.unwrap_or(witness.len()))
            };
            let expected = one.violations.first().map(|violation| length(&violation.witness));
            prop_assert_eq!(covering.map(|violation| length(&violation.witness)), expected, "{}", &one.property.name);
        }
    }

    #[test]
    fn stateright_agrees(Small(scenario) in scenarios(Shape { items: 3, ..Shape::FULL })) {
        let model = Arc::new(Maintenance::new(&scenario));
        let options = Options { max_states: Some(500), threads: Some(1), ..Options::default() };
        let outcome = check::run(&*model, &options, &()).unwrap();
        if outcome.completeness != Completeness::Complete {
            return Ok(());
        }
        for result in &outcome.properties {
            let opinion = check::second_opinion(Arc::clone(&model), &result.property, 1, None);
            match (result.property.claim, opinion) {
                (Claim::Always(_), Opinion::Holds { states, .. }) => {
                    prop_assert!(result.holds(), "{} holds for stateright", result.property.name);
                    // It tells states apart by the readings that their runs have depended on.
                    let open = !model.instance().open_readings.is_empty();
                    prop_assert!(states == outcome.statistics.states || (open && states > outcome.statistics.states));
                }
                // What happens on a transition doubles the states that stateright tells apart.
                (Claim::Never(_), Opinion::Holds { .. }) => prop_assert!(result.holds()),
                (Claim::Always(_) | Claim::Never(_), Opinion::Violated { length, .. }) => {
                    let witness = result.violations.first().and_then(|violation| violation.witness.as_ref());
                    prop_assert_eq!(length, witness.map(|witness| witness.len()), "{}", &result.property.name);
                }
                (Claim::Sometimes(_), Opinion::Satisfied { .. }) => prop_assert!(result.evidence.is_some()),
                (Claim::Sometimes(_), opinion) => prop_assert!(result.evidence.is_none(), "{opinion:?}"),
                (_, opinion) => prop_assert_eq!(opinion, Opinion::NotSupported),
            }
        }
    }
}
