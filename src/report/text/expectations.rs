//! What `poolproof test` says: a line a scenario, more only where an expectation is not met.

use super::Look;
use super::layout::{BAD, EMPHASIS, FAINT, GOOD, OPEN, Sheet};
use crate::report::wording;
use crate::verdict::Explored;
use crate::verdict::expect::{Agreement, Comparison};

/// How many scenarios came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// As expected.
    pub met: u64,
    /// Different.
    pub unmet: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Not read or not checked at all.
    pub errors: u64,
    /// Without expectations, and so not checked.
    pub passed_over: u64,
}

impl Tally {
    /// Counts a scenario.
    pub fn count(&mut self, agreement: Agreement) {
        match agreement {
            Agreement::Met => self.met += 1,
            Agreement::Unmet => self.unmet += 1,
            Agreement::Unknown => self.unknown += 1,
        }
    }

    /// How many there are.
    pub fn all(&self) -> u64 {
        self.met + self.unmet + self.unknown + self.errors + self.passed_over
    }
}

/// What the comparisons of a scenario amount to.
pub fn overall(comparisons: &[Comparison]) -> Agreement {
    let any = |wanted| comparisons.iter().any(|comparison| comparison.agreement == wanted);
    if any(Agreement::Unmet) {
        Agreement::Unmet
    } else if any(Agreement::Unknown) {
        Agreement::Unknown
    } else {
        Agreement::Met
    }
}

/// A scenario: one line, and a line for each expectation that is not met.
pub fn scenario(file: &str, comparisons: &[Comparison], explored: &Explored, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let all = comparisons.len() as u64;
    let met = comparisons.iter().filter(|comparison| comparison.agreement == Agreement::Met).count() as u64;
    let share = if met == all {
        wording::count(all, "expectation", "expectations")
    } else {
        format!("{met} of {} met", wording::count(all, "expectation", "expectations"))
    };
    let detail = format!("{share}, {}", wording::count(explored.states, "state", "states"));
    headline(&mut sheet, overall(comparisons), file, &detail);
    let width = comparisons.iter().map(|comparison| comparison.property.len()).max().unwrap_or(0);
    for comparison in comparisons.iter().filter(|comparison| look.verbose || comparison.agreement != Agreement::Met) {
        let Comparison { property, expected, found, agreement } = comparison;
        let text = match agreement {
            Agreement::Met => format!("{property:<width$}  {expected}"),
            _ => {
                let found = sheet.paint(style(*agreement), found);
                format!("{property:<width$}  expected: {expected}\n{:<width$}  found:    {found}", "")
            }
        };
        for (index, line) in text.lines().enumerate() {
            let indent = if index == 0 { 4 } else { 0 };
            let line = if index == 0 { line.to_owned() } else { format!("    {line}") };
            sheet.hanging(indent, width + 18, &line);
        }
    }
    sheet.finish()
}

/// A scenario that expects nothing.
pub fn passed_over(file: &str, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let word = sheet.paint(FAINT, "PASSED OVER");
    sheet.hanging(0, 2, &format!("{word} {file} (no [expect]: nothing to compare)"));
    sheet.finish()
}

/// A scenario that could not be read or not be checked.
pub fn error(file: &str, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let word = sheet.paint(BAD, "ERROR     ");
    sheet.hanging(0, 2, &format!("{word} {file}"));
    sheet.finish()
}

fn headline(sheet: &mut Sheet, agreement: Agreement, file: &str, detail: &str) {
    let word = sheet.paint(style(agreement), &format!("{:<10}", word(agreement)));
    let detail = sheet.paint(FAINT, &format!("({detail})"));
    sheet.hanging(0, 2, &format!("{word} {file} {detail}"));
}

/// The last line.
pub fn summary(tally: &Tally, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let mut words = format!("{}: {} as expected", wording::count(tally.all(), "scenario", "scenarios"), tally.met);
    for (count, what) in [
        (tally.unmet, "not as expected"),
        (tally.unknown, "not proved"),
        (tally.errors, "with errors"),
        (tally.passed_over, "passed over"),
    ] {
        if count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    let words = sheet.paint(EMPHASIS, &words);
    sheet.hanging(0, 2, &words);
    sheet.finish()
}

fn word(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Met => "ok",
        Agreement::Unmet => "DIFFERENT",
        Agreement::Unknown => "NOT PROVED",
    }
}

fn style(agreement: Agreement) -> anstyle::Style {
    match agreement {
        Agreement::Met => GOOD,
        Agreement::Unmet => BAD,
        Agreement::Unknown => OPEN,
    }
}
