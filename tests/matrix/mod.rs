//! The rows of the verdict matrix, for those who compare all of it and those who compare one scenario.

mod outcome;

use poolproof::scenario;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Outcome, ScenarioVerdict, check_scenario};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The shipped scenarios but those that exist to be timed: in a debug build these take too long, and `poolproof test
/// models` compares what they expect.
pub fn shipped() -> Vec<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let mut found: Vec<PathBuf> = std::fs::read_dir(models)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("scenario.toml"))
        .filter(|path| path.exists() && !name(path).starts_with("stress-"))
        .collect();
    found.sort();
    found
}

/// Checks a scenario.
pub fn check(path: &Path, options: CheckOptions) -> ScenarioVerdict {
    let scenario = scenario::load(path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    check_scenario(&scenario, &CheckOptions { file: name(path), ..options }).unwrap()
}

/// What a scenario is called.
pub fn name(path: &Path) -> String {
    path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

/// An outcome in one line, with the length of its counterexample.
fn words(outcome: &Outcome) -> String {
    outcome::words(outcome, |story| {
        let looped = story.loop_from.map_or(String::new(), |from| format!(", loop from {from}"));
        format!(" ({} steps{looped})", story.steps.len())
    })
}

/// The rows of the matrix for one scenario.
pub fn rows(verdict: &ScenarioVerdict) -> String {
    let explored = &verdict.explored;
    let (states, transitions, depth) = (explored.states, explored.transitions, explored.depth);
    let mut rows = format!("{}: {states} states, {transitions} transitions, depth {depth}\n", verdict.file);
    assert!(explored.complete, "{}: {:?}", verdict.file, explored.limit);
    for property in &verdict.properties {
        writeln!(rows, "    {:<27}{}", property.name, words(&property.outcome)).unwrap();
    }
    rows
}
