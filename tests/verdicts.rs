//! The verdict matrix of all shipped scenarios: reviewed whenever it moves. What they exercise is a page of the book.

#[path = "book/mod.rs"]
mod book;
#[path = "traceability/mod.rs"]
mod traceability;

use poolproof::scenario;
use poolproof::scenario::readings::Reading;
use poolproof::verdict::options::{CheckOptions, Engine};
use poolproof::verdict::{Outcome, ScenarioVerdict, check_scenario};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The shipped scenarios but those that exist to be timed: in a debug build these take too long, and `poolproof test
/// models` compares what they expect.
fn shipped() -> Vec<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut found: Vec<PathBuf> = std::fs::read_dir(models)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("scenario.toml"))
        .filter(|path| path.exists() && !name(path).starts_with("stress-"))
        .collect();
    found.sort();
    found
}

fn check(path: &Path, engine: Engine) -> ScenarioVerdict {
    let scenario = scenario::load(path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    let options = CheckOptions { file: name(path), engine, ..CheckOptions::default() };
    check_scenario(&scenario, &options).unwrap()
}

fn name(path: &Path) -> String {
    path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

/// The verdicts of all of them.
static VERDICTS: LazyLock<Vec<ScenarioVerdict>> =
    LazyLock::new(|| shipped().iter().map(|path| check(path, Engine::Exact)).collect());

#[test]
fn what_the_scenarios_exercise() {
    traceability::check(&VERDICTS);
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Holds => "holds".into(),
        Outcome::NotProved { reason } => format!("NOT PROVED: {reason}"),
        Outcome::NotApplicable { .. } => "not applicable".into(),
        Outcome::Violated { when, counterexample, .. } => {
            let when: Vec<String> = when
                .iter()
                .map(|all| {
                    all.iter().map(|it| format!("{} = {}", it.reading, it.value)).collect::<Vec<_>>().join(" and ")
                })
                .collect();
            let when = if when == [""] { String::new() } else { format!(" if {}", when.join(", or ")) };
            let steps = counterexample.as_ref().map_or(String::new(), |story| {
                let looped = story.loop_from.map_or(String::new(), |from| format!(", loop from {from}"));
                format!(" ({} steps{looped})", story.steps.len())
            });
            format!("FAILS{when}{steps}")
        }
    }
}

#[test]
fn matrix() {
    let mut matrix = String::new();
    for verdict in VERDICTS.iter() {
        let explored = &verdict.explored;
        let (states, transitions, depth) = (explored.states, explored.transitions, explored.depth);
        writeln!(matrix, "{}: {states} states, {transitions} transitions, depth {depth}", verdict.file).unwrap();
        assert!(explored.complete, "{}: {:?}", verdict.file, explored.limit);
        for property in &verdict.properties {
            writeln!(matrix, "    {:<27}{}", property.name, words(&property.outcome)).unwrap();
        }
    }
    insta::assert_snapshot!(matrix);
}

/// stateright's own search comes to the same verdict where it can judge one, and with all readings fixed sees the same
/// states (otherwise it has one for each way to have depended on them). The largest scenario is left out: a property at
/// a time takes it minutes in a debug build.
#[test]
fn stateright_agrees() {
    for path in shipped().into_iter().filter(|path| !name(path).starts_with("free-operators-4")) {
        let (exact, other) = (check(&path, Engine::Exact), check(&path, Engine::Stateright));
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
