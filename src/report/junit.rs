//! JUnit XML: a test suite a scenario, a test case a property.
//!
//! Invariant: violated is a failure with the story as its text, not proved is an error, not applicable is
//! skipped. A consumer that counts failures and errors therefore never counts an unproved property as passed.

use super::{story, wording};
use crate::verdict::{Outcome, PropertyVerdict, Report, ScenarioVerdict};
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

/// The verdict for a CI server.
pub fn render(report: &Report) -> String {
    let mut junit = Junit::new("poolproof");
    junit.add_test_suites(report.scenarios.iter().map(suite));
    junit.to_string().unwrap_or_else(|error| format!("<!-- {error} -->\n"))
}

fn suite(scenario: &ScenarioVerdict) -> TestSuite {
    let mut suite = TestSuite::new(scenario.file.as_str());
    suite.add_property(("title", scenario.title.as_str()));
    suite.add_property(("explored", wording::explored(&scenario.explored).as_str()));
    for property in &scenario.properties {
        suite.add_test_case(case(scenario, property));
    }
    suite
}

fn case(scenario: &ScenarioVerdict, property: &PropertyVerdict) -> TestCase {
    let status = match &property.outcome {
        Outcome::Holds => TestCaseStatus::success(),
        Outcome::Violated { counterexample, .. } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let sentences = wording::violation(scenario, &property.outcome);
            status
                .set_type("violated")
                .set_message(sentences.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" "));
            let mut description = format!("{}: {}\n{}\n", property.name, property.meaning, sentences.join("\n"));
            if let Some(counterexample) = counterexample {
                description.push_str(&format!("\n{}\n", story::plain(counterexample)));
            }
            status.set_description(description);
            status
        }
        Outcome::NotProved { reason } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("not-proved").set_message(format!("Not proved: {reason}"));
            status
        }
        Outcome::NotApplicable { reason } => {
            let mut status = TestCaseStatus::skipped();
            status.set_type("not-applicable").set_message(format!("Not applicable: {reason}"));
            status
        }
    };
    let mut case = TestCase::new(property.name.as_str(), status);
    case.set_classname(scenario.file.as_str());
    case
}
