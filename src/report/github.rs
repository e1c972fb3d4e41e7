//! Workflow commands of GitHub Actions: an annotation at the line of the runbook that a violation turns on.
//!
//! Invariant: a command is one line, whatever the verdict contains; every value is escaped as the runner
//! unescapes it.

use super::{story, wording};
use crate::verdict::{Outcome, Overall, Place, PropertyVerdict, Report, ScenarioVerdict};
use std::fmt::Write;

/// One `::error` a violated property, one `::warning` a property that is not proved and a remark of a reader,
/// one `::notice` a scenario without either.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for scenario in &report.scenarios {
        for property in &scenario.properties {
            annotate(&mut out, scenario, property);
        }
        for remark in scenario.remarks.iter().filter(|remark| remark.kind != "ignored") {
            let help = remark.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
            let message = format!("{}{help}", remark.message);
            command(
                &mut out,
                "warning",
                Some(&remark.place),
                &scenario.file,
                &format!("runbook: {}", remark.kind),
                &message,
            );
        }
        let summary = wording::summary(scenario);
        match Overall::of(&scenario.properties) {
            Overall::Holds => {
                let message = format!("{}: holds: {summary}", scenario.title);
                command(&mut out, "notice", None, &scenario.file, "poolproof", &message);
            }
            Overall::NotApplicable => {
                let message = format!("{}: {summary}", scenario.title);
                command(&mut out, "warning", None, &scenario.file, "poolproof", &message);
            }
            // Each property has an annotation of its own.
            Overall::Fails | Overall::NotProved => {}
        }
    }
    out
}

fn annotate(out: &mut String, scenario: &ScenarioVerdict, property: &PropertyVerdict) {
    match &property.outcome {
        Outcome::Violated { counterexample, .. } => {
            let mut message = wording::violation(scenario, &property.outcome).join("\n");
            let decisive = counterexample.as_deref().and_then(story::decisive).map(|(_, _, place)| place);
            if let Some(counterexample) = counterexample {
                message.push_str(&format!("\n\n{}", story::plain(counterexample)));
            }
            command(out, "error", decisive, &scenario.file, &format!("{} fails", property.name), &message);
        }
        Outcome::NotProved { reason } => {
            command(out, "warning", None, &scenario.file, &format!("{} not proved", property.name), reason);
        }
        Outcome::Holds | Outcome::NotApplicable { .. } => {}
    }
}

fn command(out: &mut String, kind: &str, place: Option<&Place>, file: &str, title: &str, message: &str) {
    let at = match place {
        Some(place) => format!("file={},line={},col={}", property(&place.file), place.line, place.column),
        None => format!("file={}", property(file)),
    };
    let _ = writeln!(out, "::{kind} {at},title={}::{}", property(title), data(message));
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_their_command() {
        assert_eq!(data("50% of\r\nall: a, b"), "50%25 of%0D%0Aall: a, b");
        assert_eq!(property("C:\\a,b.ps1"), "C%3A\\a%2Cb.ps1");
        let mut out = String::new();
        command(&mut out, "error", None, "x\n::set-output name=a::b", "t", "m\n::error::b");
        assert_eq!(out.lines().count(), 1);
    }
}
