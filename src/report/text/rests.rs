//! What a verdict rests on: what was explored, readings, assumptions, what never happened, remarks.
//!
//! Invariant: nothing that weakens a verdict is left out of the short form; the short form only counts
//! where the long form lists.

use super::layout::{FAINT, OPEN, Sheet};
use crate::report::wording;
use crate::verdict::{Never, ReadingUse, Remark, ScenarioVerdict, Treatment};

/// Everything below the stories.
pub fn rest(sheet: &mut Sheet, scenario: &ScenarioVerdict) {
    sheet.heading("Explored");
    let explored = wording::explored(&scenario.explored);
    let explored = if scenario.explored.complete { explored } else { sheet.paint(OPEN, &explored) };
    sheet.hanging(2, 4, &explored);
    readings(sheet, &scenario.readings);
    if !scenario.assumptions.is_empty() {
        sheet.heading("Assumed");
        for assumption in &scenario.assumptions {
            sheet.hanging(2, 4, &format!("- {assumption}"));
        }
    }
    never(sheet, &scenario.never);
    remarks(sheet, &scenario.remarks);
}

fn readings(sheet: &mut Sheet, readings: &[ReadingUse]) {
    if readings.is_empty() {
        return;
    }
    sheet.heading("Readings of what the documents leave open");
    let untouched = |used: &&ReadingUse| used.treatment == Treatment::Irrelevant;
    let width = readings.iter().filter(|used| !untouched(used)).map(|used| used.reading.len()).max().unwrap_or(0);
    for used in readings {
        let treatment = match &used.treatment {
            Treatment::Fixed { value } => format!("fixed by the scenario: {value}"),
            Treatment::Explored { values } => format!("every value explored: {}", values.join(", ")),
            Treatment::Irrelevant => continue,
        };
        let facts = sheet.paint(FAINT, &format!("({})", used.facts.join(", ")));
        sheet.hanging(2, width + 4, &format!("{:<width$}  {treatment} {facts}", used.reading));
        if sheet.verbose() {
            sheet.hanging(width + 4, width + 4, &used.question);
        }
    }
    let irrelevant: Vec<&str> = readings.iter().filter(untouched).map(|used| used.reading.as_str()).collect();
    if !irrelevant.is_empty() {
        sheet.hanging(2, 4, &format!("No run depends on {}.", wording::list(&irrelevant)));
    }
}

fn never(sheet: &mut Sheet, never: &Never) {
    if never.steps.is_empty() && never.actions.is_empty() && never.rows.is_empty() {
        return;
    }
    sheet.heading("Never happened in any run");
    for place in &never.steps {
        let at = sheet.paint(FAINT, &wording::place(place));
        sheet.hanging(2, 4, &format!("- the step at {at}  {}", wording::line_with_bindings(place)));
    }
    for action in &never.actions {
        sheet.hanging(2, 4, &format!("- {action}"));
    }
    if sheet.verbose() {
        for row in &never.rows {
            sheet.hanging(2, 4, &format!("- {row}"));
        }
    } else if !never.rows.is_empty() {
        let rows = wording::count(never.rows.len() as u64, "row", "rows");
        sheet.hanging(2, 4, &format!("- {rows} of the state machines (--verbose lists them)"));
    }
}

fn remarks(sheet: &mut Sheet, remarks: &[Remark]) {
    let ignored = remarks.iter().filter(|remark| remark.kind == "ignored").count();
    if remarks.is_empty() {
        return;
    }
    sheet.heading("Remarks on the runbooks");
    let all = sheet.verbose();
    for remark in remarks.iter().filter(|remark| all || remark.kind != "ignored") {
        let at = sheet.paint(FAINT, &wording::place(&remark.place));
        sheet.hanging(2, 4, &format!("- {} at {at}: {}", remark.kind.replace('-', " "), remark.message));
        sheet.hanging(4, 4, &remark.place.text);
        if let Some(help) = &remark.help {
            sheet.hanging(4, 4, &format!("help: {help}"));
        }
    }
    if ignored > 0 && !all {
        let lines = wording::count(ignored as u64, "line has", "lines have");
        sheet.hanging(2, 4, &format!("- {lines} no effect on a pool (--verbose lists them)"));
    }
}
