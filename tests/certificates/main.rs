//! Every shipped scenario is checked, certified and audited: what the check says is confirmed, and small enough to keep;
//! what was changed afterwards is refused, or true all the same.

#[path = "../fuzzed/certificate.rs"]
mod fuzzed;
mod mangled;

use poolproof::certificate::{AuditedOutcome, audit_scenario, certify};
use poolproof::scenario;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Outcome, ScenarioVerdict};
use std::path::{Path, PathBuf};

/// More states than this are too many for a debug build.
const MOST: u64 = 5_000;

fn shipped() -> Vec<PathBuf> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let entries = std::fs::read_dir(models).expect("models/ can be read");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path().join("scenario.toml")).collect();
    found.retain(|path| path.exists() && !path.to_string_lossy().contains("stress-"));
    found.sort();
    found
}

/// What the check says and what the audit says are the same.
fn agrees(verdict: &ScenarioVerdict, audited: &[poolproof::certificate::AuditedProperty], file: &str) {
    assert_eq!(verdict.properties.len(), audited.len(), "{file}");
    for (checked, audited) in verdict.properties.iter().zip(audited) {
        assert_eq!(checked.name, audited.name, "{file}");
        let same = match (&checked.outcome, &audited.outcome) {
            (Outcome::Holds, AuditedOutcome::Holds) => true,
            (Outcome::NotApplicable { .. }, AuditedOutcome::NotApplicable) => true,
            (
                Outcome::Violated { when, complete, counterexample, .. },
                AuditedOutcome::Violated { when: confirmed, complete: all, counterexamples },
            ) => {
                let sorted = |when: &Vec<Vec<_>>| {
                    let mut when = when.clone();
                    when.sort();
                    when
                };
                let shortest = counterexample.as_ref().map(|story| story.steps.len() as u64);
                // The story with the shortest stem is told; with its loop it may be longer than another.
                let told = shortest.is_none_or(|length| counterexamples.contains(&length));
                sorted(when) == sorted(confirmed) && complete == all && told
            }
            _ => false,
        };
        assert!(same, "{file}: {}: {:?} and {:?}", checked.name, checked.outcome, audited.outcome);
    }
}

#[test]
fn what_a_check_says_of_a_shipped_scenario_is_confirmed() {
    let (mut audits, mut states) = (0, 0);
    for path in shipped() {
        let file = path.display().to_string();
        let (scenario, recorded) = scenario::load_recorded(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let options = CheckOptions { file: file.clone(), max_states: Some(MOST), ..CheckOptions::default() };
        let mut bytes = Vec::new();
        let certified = certify((&scenario, &recorded), &options, &mut bytes).expect("it can be checked");
        let verdict = certified.verdict;
        if !verdict.explored.complete {
            continue;
        }
        let written = certified.written.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(written.bytes, bytes.len() as u64, "{file}");
        let audited = audit_scenario(&file, &&bytes[..], Some(&recorded));
        let audited = audited.unwrap_or_else(|refusal| panic!("{file}: {refusal}"));
        agrees(&verdict, &audited.properties, &file);
        audits += 1;
        states += audited.states.unwrap_or(0);
    }
    assert!(audits > 30 && states > 10_000, "only {audits} scenarios with {states} states were audited");
}
