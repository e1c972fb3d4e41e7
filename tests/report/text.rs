//! The report at a terminal.

use crate::fixtures;
use poolproof::report::sources::Sources;
use poolproof::report::text::{self, Look};
use poolproof::runbook::Source;
use poolproof::verdict::Report;
use poolproof::verdict::ScenarioVerdict;
use proptest::prelude::*;
use std::sync::Arc;

fn render(report: &Report, look: &Look) -> String {
    text::render(report, &Sources::none(), look)
}

fn plain(scenario: ScenarioVerdict) -> String {
    render(&fixtures::report(vec![scenario]), &Look::default())
}

#[test]
fn everything_holds() {
    insta::assert_snapshot!(plain(fixtures::official_procedure()));
}

#[test]
fn failures_with_stories_loops_and_readings() {
    insta::assert_snapshot!(plain(fixtures::forgotten_fail_back()));
}

#[test]
fn a_limit_was_hit() {
    insta::assert_snapshot!(plain(fixtures::too_large()));
}

#[test]
fn a_violation_beside_a_limit() {
    insta::assert_snapshot!(plain(fixtures::incomplete_violation()));
}

#[test]
fn several_scenarios() {
    insta::assert_snapshot!(render(
        &fixtures::report(vec![fixtures::official_procedure(), fixtures::too_large()]),
        &Look::default()
    ));
}

#[test]
fn verbose_on_a_narrow_terminal() {
    let look = Look { width: 60, verbose: true, ..Look::default() };
    insta::assert_snapshot!(render(&fixtures::report(vec![fixtures::forgotten_fail_back()]), &look));
}

#[test]
fn guilty_lines_are_labelled_in_their_source() {
    let mut report = fixtures::report(vec![fixtures::forgotten_fail_back()]);
    let sources = fixtures::runbook(&mut report);
    let text = text::render(&report, &sources, &Look::default());
    insta::assert_snapshot!(
        text.lines().skip_while(|line| !line.starts_with("Story 1")).take(20).collect::<Vec<_>>().join("\n")
    );
    assert!(text.is_ascii());
}

#[test]
fn places_that_do_not_lie_in_their_source_are_left_out() {
    let report = fixtures::report(vec![fixtures::forgotten_fail_back()]);
    let mut sources = Sources::none();
    for text in ["", "short", &"\u{e9}".repeat(200)] {
        sources.insert(&Arc::new(Source::new("models/forgotten-fail-back/patch.ps1", text)));
        assert!(text::render(&report, &sources, &Look::default()).contains("Story 1"));
    }
}

#[test]
fn a_timeline_where_there_is_room() {
    let look = Look { verbose: true, width: 120, colour: false };
    let text = render(&fixtures::report(vec![fixtures::forgotten_fail_back()]), &look);
    let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|') || line.starts_with('+')).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_story_that_two_properties_share_is_told_once() {
    let text = plain(fixtures::forgotten_fail_back());
    assert_eq!(text.matches("fails over fe3").count(), 1, "{text}");
    assert!(text.contains("pool-quorum and routing-group-quorum"), "{text}");
}

#[test]
fn the_beginning_of_a_story_is_told_there() {
    let mut scenario = fixtures::forgotten_fail_back();
    let mut first = fixtures::accumulation();
    first.steps.truncate(4);
    let outcome = fixtures::violated(vec![Vec::new()], "Out at the same time: fe1, fe2.", Some(first));
    scenario.properties.insert(1, fixtures::property("one-out-at-a-time", outcome));
    let text = plain(scenario);
    assert!(text.contains("It is how story 1 begins: steps 1-4 there."), "{text}");
    assert_eq!(text.matches("alice fails over fe2").count(), 1, "{text}");
    assert!(text.contains("one-out-at-a-time        FAILS      story 2; under every reading"), "{text}");
}

#[test]
fn colours_add_nothing_but_colours() {
    let report = fixtures::everything();
    let coloured = render(&report, &Look { colour: true, ..Look::default() });
    let plain = render(&report, &Look::default());
    assert!(coloured.contains('\u{1b}') && !plain.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    assert!(plain.is_ascii(), "symbols are readable in ASCII");
}

proptest! {
    #[test]
    fn no_line_with_short_words_is_wider_than_the_terminal(width in 70_usize..200, verbose: bool) {
        let text = render(&fixtures::everything(), &Look { width, verbose, colour: false });
        for line in text.lines() {
            prop_assert!(line.len() <= width, "{} > {width}: {line}", line.len());
        }
    }
}
