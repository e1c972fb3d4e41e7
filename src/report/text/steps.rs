//! A counterexample as numbered steps in words.
//!
//! Invariant: every step says who acts and where that is written, and if it takes part what changed and what is out of
//! service then. A change of votes is among what changed; a quorum that is lost is said at every step.

use super::layout::{BAD, EMPHASIS, FAINT, Sheet};
use super::{guilty, timeline};
use crate::report::sources::Sources;
use crate::report::story::{self, Story};
use crate::report::wording;
use crate::verdict::{Moment, Outcome, ScenarioVerdict, Step};

const INDENT: usize = 6;

/// A story, with its number if there are several. The beginning of another story is told there.
pub fn story(
    sheet: &mut Sheet,
    scenario: &ScenarioVerdict,
    told: &Story<'_>,
    sources: &Sources,
    number: Option<usize>,
) {
    let name = number.map_or_else(|| "How it happens".to_owned(), |number| format!("Story {number}"));
    let heading = sheet.paint(EMPHASIS, &format!("{name}: {}", told.names()));
    sheet.hanging(0, 2, &format!("{heading}, {}", told.length()));
    claims(sheet, told);
    if let Some(longer) = told.beginning_of {
        let range = match told.counterexample.steps.len() {
            0 => "before any step",
            1 => "step 1 there",
            steps => &format!("steps 1-{steps} there"),
        };
        sheet.hanging(2, 4, &format!("It is how story {} begins: {range}.", longer + 1));
        why(sheet, told);
        return;
    }
    guilty::lines(sheet, told, sources);
    sheet.blank();
    let counterexample = told.counterexample;
    before(sheet, &counterexample.before);
    let needless = told.needless();
    for (index, step) in counterexample.steps.iter().enumerate() {
        if counterexample.loop_from == Some(index) {
            let mark = sheet.paint(BAD, &format!("From here {} for ever:", story::repeats(counterexample)));
            sheet.hanging(2, 2, &mark);
        }
        one(sheet, index + 1, step, needless.contains(&index));
    }
    if let Some(afterwards) = told.afterwards() {
        let painted = sheet.paint(BAD, &afterwards);
        sheet.hanging(2, 2, &painted);
    }
    why(sheet, told);
    if sheet.verbose() {
        sheet.blank();
        timeline::timeline(sheet, scenario, counterexample);
    }
}

/// What is broken, and whether any order of steps could have avoided it.
fn claims(sheet: &mut Sheet, told: &Story<'_>) {
    for property in &told.properties {
        let Outcome::Violated { when, complete, failure, unavoidable, .. } = &property.outcome else { continue };
        let failure = sheet.paint(BAD, failure);
        sheet.hanging(2, 4, &format!("{failure} Fails {}.", wording::short_condition(when, *complete)));
        if let Some(unavoidable) = unavoidable {
            sheet.hanging(2, 4, &wording::unavoidable(unavoidable));
        }
    }
}

/// The clauses that are false in the end, with what they read, and which steps it took.
fn why(sheet: &mut Sheet, told: &Story<'_>) {
    for (index, clause) in told.why().into_iter().enumerate() {
        sheet.labelled(2, if index == 0 { "why" } else { "" }, &wording::clause(clause));
    }
    for sentence in told.participation() {
        sheet.labelled(2, "steps", &sentence);
    }
}

fn before(sheet: &mut Sheet, moment: &Moment) {
    sheet.labelled(2, "before", &format!("out of service: {}", wording::out_of_service(&moment.out_of_service)));
    for pool in &moment.pools {
        sheet.labelled(2, "", &wording::votes(pool));
    }
}

/// A step; of one that takes no part only who does what and where, unless everything is wanted.
fn one(sheet: &mut Sheet, number: usize, step: &Step, needless: bool) {
    let sentence = sheet.paint(if needless { FAINT } else { EMPHASIS }, &wording::sentence(step));
    let mark = if needless { " (takes no part)" } else { "" };
    sheet.hanging(0, INDENT, &format!("{number:>4}. {sentence}{mark}"));
    if let Some(place) = &step.place {
        let at = sheet.paint(FAINT, &wording::place(place));
        sheet.labelled(INDENT, "line", &format!("{at}  {}", wording::line_with_bindings(place)));
    }
    if !step.assuming.is_empty() {
        sheet.labelled(INDENT, "assuming", &wording::reading_values(&step.assuming));
    }
    if needless && !sheet.verbose() {
        return;
    }
    if !step.changes.is_empty() {
        sheet.labelled(INDENT, "changes", &step.changes.join("; "));
    }
    for pool in step.after.pools.iter().filter(|pool| pool.votes_up < pool.quorum) {
        let lost = sheet.paint(BAD, &format!("{}: QUORUM LOST", wording::votes(pool)));
        sheet.labelled(INDENT, "votes", &lost);
    }
    sheet.labelled(INDENT, "out", &wording::out_of_service(&step.after.out_of_service));
}
