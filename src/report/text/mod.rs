//! The report for a person at a terminal: the verdict first, then why, then what it rests on.
//!
//! Invariant: without colour the text is ASCII but for names that are not; no line that can be broken at a
//! space is wider than [`Look::width`]; nothing is said by colour alone.

pub mod difference;
pub mod expectations;
mod guilty;
mod layout;
mod remarked;
mod rests;
pub mod statistics;
mod steps;
mod timeline;

use super::sources::Sources;
use super::story::{self, Story};
use super::wording;
use crate::verdict::{Outcome, Overall, Report, ScenarioVerdict};
use layout::OPEN;
pub(super) use layout::{BAD, EMPHASIS, FAINT, GOOD, Sheet};
pub(super) use remarked::Remarked;

/// How the text is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether colours are wanted.
    pub colour: bool,
    /// Whether everything is told, such as rows of tables that no run took.
    pub verbose: bool,
}

impl Look {
    /// The width of a report that is not shown on a terminal.
    pub const PLAIN_WIDTH: usize = 100;
    /// Below this nothing is squeezed further; lines become longer than the terminal instead.
    pub const LEAST_WIDTH: usize = 40;
}

impl Default for Look {
    fn default() -> Look {
        Look { width: Look::PLAIN_WIDTH, colour: false, verbose: false }
    }
}

/// The report, with a newline at its end. With the sources, the lines that a story turns on are shown in theirs.
pub fn render(report: &Report, sources: &Sources, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    if report.scenarios.len() > 1 {
        headline(&mut sheet, report.overall(), &wording::summary_of_all(report));
        for scenario in &report.scenarios {
            let overall = Overall::of(&scenario.properties);
            let word = sheet.paint(style(overall), &format!("{:<10}", wording::overall(overall)));
            sheet.hanging(2, 13, &format!("{word} {}", scenario.file));
        }
    }
    for (index, scenario) in report.scenarios.iter().enumerate() {
        if index > 0 || report.scenarios.len() > 1 {
            sheet.blank();
            sheet.rule();
        }
        one(&mut sheet, scenario, sources);
    }
    sheet.finish()
}

/// The report on one scenario.
fn one(sheet: &mut Sheet, scenario: &ScenarioVerdict, sources: &Sources) {
    headline(sheet, Overall::of(&scenario.properties), &wording::summary(scenario));
    let title = sheet.paint(EMPHASIS, &scenario.title);
    sheet.hanging(0, 2, &format!("{title} ({})", scenario.file));
    if sheet.verbose() && !scenario.description.trim().is_empty() {
        for paragraph in scenario.description.trim().split("\n\n") {
            sheet.hanging(2, 2, &paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    let stories = story::stories(scenario);
    sheet.blank();
    properties(sheet, scenario, &stories);
    for (index, story) in stories.iter().enumerate() {
        sheet.blank();
        steps::story(sheet, scenario, story, sources, (stories.len() > 1).then_some(index + 1));
    }
    rests::rest(sheet, scenario);
}

fn headline(sheet: &mut Sheet, overall: Overall, summary: &str) {
    let word = wording::overall(overall);
    let painted = sheet.paint(style(overall), word);
    sheet.hanging(0, word.len() + 2, &format!("{painted}: {summary}"));
}

fn style(overall: Overall) -> anstyle::Style {
    match overall {
        Overall::Fails => BAD,
        Overall::NotProved | Overall::NotApplicable => OPEN,
        Overall::Holds => GOOD,
    }
}

/// One line a property: name, outcome, under which readings or why, and which story tells of it.
fn properties(sheet: &mut Sheet, scenario: &ScenarioVerdict, stories: &[Story<'_>]) {
    let names = scenario.properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    for property in &scenario.properties {
        let outcome = &property.outcome;
        let style = match outcome {
            Outcome::Holds => GOOD,
            Outcome::Violated { .. } => BAD,
            Outcome::NotProved { .. } => OPEN,
            Outcome::NotApplicable { .. } => FAINT,
        };
        let word = wording::outcome(outcome);
        let mut qualification = wording::qualification(scenario, outcome);
        if let Outcome::Violated { failure, .. } = outcome {
            match stories.iter().position(|story| story.tells_of(property)) {
                Some(index) if stories.len() > 1 => qualification = format!("story {}; {qualification}", index + 1),
                Some(_) => {}
                None => qualification = format!("{qualification}: {failure}"),
            }
        }
        let gap = if qualification.is_empty() { 0 } else { 11 - word.len() };
        let line = format!("{:<names$}  {}{:gap$}{qualification}", property.name, sheet.paint(style, word), "");
        let hang = if sheet.width() >= names + 50 { 2 + names + 2 + 11 } else { 6 };
        sheet.hanging(2, hang, &line);
    }
}
