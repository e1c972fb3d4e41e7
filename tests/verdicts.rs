//! The verdict matrix of all shipped scenarios: reviewed whenever it moves.

use poolproof::scenario;
use poolproof::scenario::readings::Reading;
use poolproof::verdict::options::{CheckOptions, Engine};
use poolproof::verdict::{Outcome, ScenarioVerdict, check_scenario};
use std::fmt::Write;
use std::path::{Path, PathBuf};

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

fn check(path: &Path, options: CheckOptions) -> ScenarioVerdict {
    let scenario = scenario::load(path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    check_scenario(&scenario, &CheckOptions { file: name(path), ..options }).unwrap()
}

fn name(path: &Path) -> String {
    path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
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

/// The rows of the matrix for one scenario.
pub fn rows(path: &Path, options: CheckOptions) -> String {
    let verdict = check(path, options);
    let explored = &verdict.explored;
    let (states, transitions, depth) = (explored.states, explored.transitions, explored.depth);
    let mut rows = format!("{}: {states} states, {transitions} transitions, depth {depth}\n", verdict.file);
    assert!(explored.complete, "{}: {:?}", verdict.file, explored.limit);
    for property in &verdict.properties {
        writeln!(rows, "    {:<27}{}", property.name, words(&property.outcome)).unwrap();
    }
    rows
}

#[test]
fn matrix() {
    let matrix: String = shipped().iter().map(|path| rows(path, CheckOptions::default())).collect();
    insta::assert_snapshot!(matrix);
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
