//! The verdict matrix of all shipped scenarios: reviewed whenever it moves. What they exercise is a page of the book.

#[path = "book/mod.rs"]
mod book;
#[path = "matrix/mod.rs"]
mod matrix;
#[path = "traceability/mod.rs"]
mod traceability;

use matrix::{check, name, rows, shipped};
use poolproof::scenario;
use poolproof::scenario::readings::Reading;
use poolproof::topology::ServiceSet;
use poolproof::topology::services::CATALOGUE;
use poolproof::verdict::options::{CheckOptions, Engine, TellApart};
use poolproof::verdict::{Outcome, ScenarioVerdict, check_scenario};
use std::sync::LazyLock;

/// The verdicts of all of them.
static VERDICTS: LazyLock<Vec<ScenarioVerdict>> =
    LazyLock::new(|| shipped().iter().map(|path| check(path, CheckOptions::default())).collect());

#[test]
fn what_the_scenarios_exercise() {
    traceability::check(&VERDICTS);
}

#[test]
fn matrix() {
    let matrix: String = VERDICTS.iter().map(rows).collect();
    insta::assert_snapshot!(matrix);
}

/// What nothing in a scenario tells apart makes no difference: a verdict is the same with services told apart from all others,
/// two at a time and others for each scenario, and with interchangeable servers told apart as well.
#[test]
fn what_is_told_apart_changes_no_verdict() {
    const MOST: u64 = 40_000;
    let mut finer = 0;
    for (number, verdict) in VERDICTS.iter().enumerate().filter(|(_, it)| it.explored.states <= MOST / 4) {
        let path = &shipped()[number];
        let services = [5 * number, 7 * number + 3].map(|it| CATALOGUE[it % CATALOGUE.len()].name);
        let tell_apart = TellApart { services: ServiceSet::named(&services), servers: true };
        let other = check(path, CheckOptions { tell_apart, max_states: Some(MOST), ..CheckOptions::default() });
        if !other.explored.complete {
            continue;
        }
        finer += usize::from(other.explored.states > verdict.explored.states);
        for (one, other) in verdict.properties.iter().zip(&other.properties) {
            let what = format!("{}: {} with {services:?}", verdict.file, one.name);
            match (&one.outcome, &other.outcome) {
                (Outcome::Violated { when: one, .. }, Outcome::Violated { when: other, .. }) => {
                    assert_eq!(one, other, "{what}")
                }
                (one, other) => assert_eq!(std::mem::discriminant(one), std::mem::discriminant(other), "{what}"),
            }
        }
    }
    assert!(finer >= 40, "{finer}");
}

/// stateright's own search comes to the same verdict where it can judge one, and with all readings fixed sees the same
/// states (otherwise it has one for each way to have depended on them). The largest scenario is left out: a property at
/// a time takes it minutes in a debug build.
#[test]
fn stateright_agrees() {
    for path in shipped().into_iter().filter(|path| !name(path).starts_with("free-operators-4")) {
        let by = |engine| check(&path, CheckOptions { engine, ..CheckOptions::default() });
        let (exact, other) = (by(Engine::Exact), by(Engine::Stateright));
        for (ours, theirs) in exact.properties.iter().zip(&other.properties) {
            let what = format!("{}: {}", exact.file, ours.name);
            match &theirs.outcome {
                Outcome::Holds => assert!(ours.outcome.holds(), "{what}"),
                Outcome::Violated { .. } => assert!(ours.outcome.violated(), "{what}"),
                Outcome::NotProved { .. } => {}
                Outcome::NotApplicable { .. } => {
                    assert!(matches!(ours.outcome, Outcome::NotApplicable { .. }), "{what}")
                }
            }
        }
        assert!(other.explored.states == 0 || other.explored.states >= exact.explored.states, "{}", exact.file);
        let mut fixed = scenario::load(&path).unwrap();
        let open =
            Reading::ALL.iter().filter(|reading| !fixed.fixed_readings.iter().any(|(other, _)| other == *reading));
        let firsts: Vec<_> = open.map(|reading| (*reading, 0)).collect();
        fixed.fixed_readings.extend(firsts);
        let [exact, other] = [Engine::Exact, Engine::Stateright].map(|engine| {
            check_scenario(&fixed, &CheckOptions { engine, ..CheckOptions::default() }).unwrap().explored.states
        });
        assert!(other == 0 || exact == other, "{}: {exact} and {other}", path.display());
    }
}
