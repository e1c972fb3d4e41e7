//! Annotations of GitHub Actions.

use crate::fixtures;
use poolproof::report::github::render;

#[test]
fn an_annotation_per_violation() {
    insta::assert_snapshot!(render(&fixtures::everything()));
}

#[test]
fn every_line_is_a_command_whatever_a_verdict_contains() {
    let mut scenario = fixtures::forgotten_fail_back();
    scenario.file = "models/a,b:c/50%\n::error::x.toml".to_owned();
    for property in &mut scenario.properties {
        property.outcome = fixtures::violated(vec![Vec::new()], "100%\r\n::error file=x::y", Some(fixtures::crash()));
    }
    let text = render(&fixtures::report(vec![scenario]));
    for line in text.lines() {
        assert!(line.starts_with("::error file=") || line.starts_with("::warning file="), "{line}");
    }
    assert!(!text.contains('\r'));
}
