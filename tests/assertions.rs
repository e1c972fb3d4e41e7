//! The assertions for a team's own `cargo test`: what they let pass, and what they say.

use poolproof::testing::{as_expected, check, holds, violated};
use poolproof::{assert_as_expected, assert_holds, assert_violated};
use std::path::Path;

const BAD: &str = "models/skipped-fail-back/scenario.toml";
const GOOD: &str = "models/rolling-restart/scenario.toml";

#[test]
fn proofs_satisfy_them() {
    assert_holds!(GOOD, "can-complete", "runbook-completes");
    assert_violated!(BAD, "pool-quorum", "recoverable");
    assert_as_expected!(Path::new(BAD));
}

#[test]
#[should_panic(expected = "pool-quorum does not hold, or is not proved")]
fn a_violation_ends_the_test() {
    assert_holds!(BAD, "pool-quorum");
}

#[test]
#[should_panic(expected = "can-complete is not violated, or not proved to be")]
fn what_holds_is_no_violation() {
    assert_violated!(GOOD, "can-complete");
}

#[test]
fn a_failure_tells_the_story() {
    let said = holds(Path::new(BAD), &[]).expect_err("it fails");
    assert!(said.contains("Story 1: pool-quorum") && said.contains("patching fails over fe3"), "{said}");
    let said = holds(Path::new(GOOD), &["pool-quorums"]).expect_err("no such property");
    assert!(said.ends_with("does not decide pool-quorums"), "{said}");
    let said = violated(Path::new("models/nowhere.toml"), &["pool-quorum"]).expect_err("no such file");
    assert!(said.contains("models/nowhere.toml"), "{said}");
}

#[test]
fn expectations_that_are_not_met_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "properties = [\"can-complete\"]\n[deployment]\nversion = \"2015\"\n[[deployment.pool]]\nname = \"pool1\"\n\
                front-ends = 3\n[[operator]]\nsteps = [\"Start-Sleep 1\"]\n";
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, text).expect("a file");
    let said = as_expected(&file).expect_err("nothing is expected");
    assert!(said.ends_with("expects nothing: it has no [expect]"), "{said}");
    std::fs::write(&file, format!("{text}[expect]\ncan-complete = \"fails\"\n")).expect("a file");
    let said = as_expected(&file).expect_err("it holds");
    assert!(said.contains("can-complete (expected: fails; found: holds) is not as expected"), "{said}");
}

#[test]
fn a_verdict_is_fit_for_a_snapshot() {
    let checked = check(Path::new("models/check-then-act/scenario.toml")).expect("it is valid");
    insta::assert_snapshot!(checked.verdicts());
    assert_eq!(
        checked.report(),
        check(Path::new("models/check-then-act/scenario.toml")).expect("it is valid").report()
    );
}
