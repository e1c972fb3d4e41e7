//! `poolproof test`: expectations.

use crate::{Folder, bad, good, poolproof, without_colour};
use predicates::prelude::*;

#[test]
fn expectations_are_compared() {
    let folder = Folder::new();
    folder.file("a/scenario.toml", good("[expect]\ncan-complete = \"holds\"\n"));
    folder.file("b/deep/own.scenario.toml", bad("[expect]\nreturns-to-service = \"fails\"\n"));
    folder.file("b/notes.toml", "not a scenario");
    folder.file(".hidden/scenario.toml", "not a scenario");
    let assert = poolproof().arg("test").arg(folder.root()).assert().code(0).stderr("").stdout(without_colour());
    assert
        .stdout(predicate::str::contains("2 scenarios: 2 as expected\n"))
        .stdout(predicate::str::contains("notes").not())
        .stdout(predicate::str::contains("(1 expectation, "));
}

#[test]
fn a_difference_is_shown_and_ends_with_1() {
    let folder = Folder::new();
    let wrong =
        folder.file("scenario.toml", bad("[expect]\nreturns-to-service = \"holds\"\ncan-complete = \"holds\"\n"));
    let assert = poolproof().arg("test").arg(&wrong).assert().code(1);
    assert
        .stdout(predicate::str::starts_with("DIFFERENT  "))
        .stdout(predicate::str::contains("returns-to-service  expected: holds\n"))
        .stdout(predicate::str::contains("found:    fails\n"))
        .stdout(predicate::str::contains("can-complete ").not())
        .stdout(predicate::str::contains("1 scenario: 0 as expected, 1 not as expected\n"));
}

#[test]
fn what_is_not_proved_ends_with_3() {
    let folder = Folder::new();
    let scenario = folder.file("scenario.toml", good("[expect]\ncan-complete = \"holds\"\n"));
    let assert = poolproof().arg("test").arg(&scenario).args(["--max-states", "1"]).assert().code(3);
    assert.stdout(predicate::str::starts_with("NOT PROVED ")).stdout(predicate::str::contains("found:    not proved"));
}

#[test]
fn a_scenario_that_cannot_be_read_does_not_hide_the_others() {
    let folder = Folder::new();
    folder.file("a/scenario.toml", "title = 3");
    folder.file("b/scenario.toml", good("[expect]\ncan-complete = \"holds\"\n"));
    let assert = poolproof().arg("test").arg(folder.root()).assert().code(2);
    assert
        .stdout(predicate::str::contains("ERROR      "))
        .stdout(predicate::str::contains("2 scenarios: 1 as expected, 1 with errors\n"))
        .stderr(predicate::str::contains("title"));
}

#[test]
fn without_expectations_everything_has_to_hold() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.scenario.toml", good("")), folder.file("bad.scenario.toml", bad("")));
    poolproof().arg("test").arg(&good).assert().code(0);
    let assert = poolproof().arg("test").arg(&bad).assert().code(1);
    assert.stdout(predicate::str::contains("returns-to-service  expected: holds\n"));
}

#[test]
fn a_search_passes_over_what_expects_nothing_and_says_so() {
    let folder = Folder::new();
    folder.file("a/scenario.toml", good("[expect]\ncan-complete = \"holds\"\n"));
    folder.file("b/scenario.toml", bad(""));
    let assert = poolproof().arg("test").arg(folder.root()).assert().code(0);
    assert
        .stdout(predicate::str::contains("PASSED OVER "))
        .stdout(predicate::str::contains("2 scenarios: 1 as expected, 1 passed over\n"));
}

#[test]
fn a_search_that_compares_nothing_is_no_success() {
    let folder = Folder::new();
    folder.file("a/scenario.toml", good(""));
    let assert = poolproof().arg("test").arg(folder.root()).assert().code(2);
    assert.stdout(predicate::str::contains("1 scenario: 0 as expected, 1 passed over\n"));
}
