//! What an audit came to: for a person, and as JSON.

use super::json::pretty;
use super::text::{BAD, EMPHASIS, FAINT, GOOD, Look, Sheet};
use super::wording::{count, list, number, short_condition};
use crate::certificate::{Audit, Audited, AuditedOutcome};

/// The answer in text, with a newline at its end.
pub fn render(audit: &Audit, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    match audit {
        Audit::Valid(audited) => valid(&mut sheet, audited),
        Audit::Refused { certificate, reason } => {
            let word = sheet.paint(BAD, "REFUSED");
            sheet.hanging(0, 9, &format!("{word}: {certificate}: {reason}"));
        }
    }
    sheet.finish()
}

/// The answer as JSON, indented, with a newline at its end.
pub fn json(audit: &Audit) -> String {
    pretty(audit)
}

/// The JSON Schema of [`json`], indented, with a newline at its end.
pub fn schema() -> String {
    pretty(&schemars::schema_for!(Audit))
}

fn valid(sheet: &mut Sheet, audited: &Audited) {
    let word = sheet.paint(GOOD, "VALID");
    sheet.hanging(0, 7, &format!("{word}: what {} claims is true", audited.certificate));
    sheet.blank();
    sheet.hanging(0, 2, &sheet.paint(EMPHASIS, &audited.title));
    let names = audited.properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    for property in &audited.properties {
        let (style, word, rest) = match &property.outcome {
            AuditedOutcome::Holds => (GOOD, "holds", String::new()),
            AuditedOutcome::Violated { when, complete, counterexamples } => {
                (BAD, "FAILS", format!("{}; {}", short_condition(when, *complete), replayed(counterexamples)))
            }
            AuditedOutcome::NotApplicable => (FAINT, "not applicable", String::new()),
            AuditedOutcome::NotClaimed => (FAINT, "unclaimed", "nothing is said of it".to_owned()),
        };
        let word = sheet.paint(style, &format!("{word:<9}"));
        sheet.hanging(2, 4 + names + 11, format!("{:<names$}  {word}  {rest}", property.name).trim_end());
    }
    sheet.blank();
    let looked = match audited.states {
        Some(states) => format!(
            "{} and {} were looked at",
            count(states, "state", "states"),
            count(audited.transitions, "step", "steps")
        ),
        None => "nothing is claimed of all states, so none were looked at".to_owned(),
    };
    let readings = match audited.open_readings.len() {
        0 => "no reading matters".to_owned(),
        readings => format!(
            "for every value of {}: {}",
            if readings == 1 { "one reading".to_owned() } else { format!("{} readings", number(readings as u64)) },
            list(&audited.open_readings)
        ),
    };
    sheet.hanging(2, 4, &format!("{looked}; {readings}"));
    sheet.hanging(2, 4, "It is about these files, by their SHA-256:");
    for file in &audited.files {
        sheet.verbatim(&format!("    {}  {}", file.sha256, file.path));
    }
}

/// What was replayed, each with its length.
fn replayed(counterexamples: &[u64]) -> String {
    match (counterexamples.iter().min(), counterexamples.iter().max()) {
        (Some(least), Some(most)) if counterexamples.len() == 1 || least == most => {
            let runs = count(counterexamples.len() as u64, "counterexample", "counterexamples");
            format!("replayed {runs} of {}", count(*most, "step", "steps"))
        }
        (Some(least), Some(most)) => {
            format!("replayed {} counterexamples of {least} to {most} steps", number(counterexamples.len() as u64))
        }
        _ => "no run does it".to_owned(),
    }
}
