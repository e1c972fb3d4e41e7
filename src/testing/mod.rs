//! Runbooks checked by a team's own `cargo test`.
//!
//! ```
//! poolproof::assert_as_expected!("models/rolling-restart/scenario.toml");
//! poolproof::assert_holds!("models/rolling-restart/scenario.toml", "can-complete", "runbook-completes");
//! ```
//!
//! Paths are relative to the root of the package, where `cargo test` runs. A failing assertion shows the whole report,
//! with the story of what goes wrong.
//!
//! Invariant: an assertion succeeds on proofs alone. "Not proved" satisfies none of them.

#[cfg(feature = "proptest")]
pub mod strategies;

use crate::report::sources::Sources;
use crate::report::text::{self, Look};
use crate::scenario::{self, Scenario};
use crate::verdict::expect::{Agreement, compare};
use crate::verdict::options::CheckOptions;
use crate::verdict::{Outcome, PropertyVerdict, Report, SCHEMA_VERSION, ScenarioVerdict, check_scenario};
use std::path::Path;

/// Asserts that properties of a scenario hold, in every order and under every reading that it does not fix; without names,
/// that all hold that apply, and that one does.
///
/// ```
/// poolproof::assert_holds!("models/rolling-restart/scenario.toml", "can-complete");
/// ```
#[macro_export]
macro_rules! assert_holds {
    ($file:expr $(, $property:expr)* $(,)?) => {
        $crate::testing::require($crate::testing::holds($file.as_ref(), &[$($property),*]))
    };
}

/// Asserts that properties of a scenario are violated, each under some reading: a test that a known danger is still seen.
///
/// ```
/// poolproof::assert_violated!("models/skipped-fail-back/scenario.toml", "pool-quorum", "recoverable");
/// ```
#[macro_export]
macro_rules! assert_violated {
    ($file:expr, $($property:expr),+ $(,)?) => {
        $crate::testing::require($crate::testing::violated($file.as_ref(), &[$($property),+]))
    };
}

/// Asserts that every row of the `[expect]` table of a scenario is met.
///
/// ```
/// poolproof::assert_as_expected!("models/skipped-fail-back/scenario.toml");
/// ```
#[macro_export]
macro_rules! assert_as_expected {
    ($file:expr $(,)?) => {
        $crate::testing::require($crate::testing::as_expected($file.as_ref()))
    };
}

/// A scenario that was checked.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The scenario.
    pub scenario: Scenario,
    /// Its verdict.
    pub verdict: ScenarioVerdict,
}

impl Checked {
    /// The report as `poolproof check` prints it into a file: the same for the same scenario on every machine, without times, and so
    /// fit for a snapshot.
    ///
    /// ```
    /// let checked = poolproof::testing::check("models/rolling-restart/scenario.toml".as_ref()).unwrap();
    /// assert_eq!(checked.report(), poolproof::testing::check("models/rolling-restart/scenario.toml".as_ref()).unwrap().report());
    /// // insta::assert_snapshot!(checked.report());
    /// ```
    pub fn report(&self) -> String {
        let mut sources = Sources::none();
        sources.add(&self.scenario);
        let poolproof = env!("CARGO_PKG_VERSION").to_owned();
        let report = Report { schema_version: SCHEMA_VERSION, poolproof, scenarios: vec![self.verdict.clone()] };
        text::render(&report, &sources, &Look::default())
    }

    /// What came out in a line a property: for a snapshot that moves only when a verdict does.
    ///
    /// ```
    /// let checked = poolproof::testing::check("models/rolling-restart/scenario.toml".as_ref()).unwrap();
    /// assert!(checked.verdicts().contains("can-complete: holds\n"));
    /// ```
    pub fn verdicts(&self) -> String {
        let line = |property: &PropertyVerdict| {
            format!("{}: {}\n", property.name, crate::verdict::expect::found_words(&property.outcome))
        };
        self.verdict.properties.iter().map(line).collect()
    }

    /// The outcome of a property, or who asks for one that was not decided.
    fn outcome(&self, property: &str) -> Result<&Outcome, String> {
        let found = self.verdict.properties.iter().find(|found| found.name == property);
        found.map(|found| &found.outcome).ok_or_else(|| format!("{} does not decide {property}", self.verdict.file))
    }
}

/// Reads and checks a scenario.
///
/// # Errors
/// What is wrong with the scenario, as `poolproof check` says it.
pub fn check(file: &Path) -> Result<Checked, String> {
    let scenario = scenario::load(file).map_err(|error| format!("{:?}", miette::Report::new(error)))?;
    let options = CheckOptions { file: file.display().to_string(), ..CheckOptions::default() };
    let verdict = check_scenario(&scenario, &options).map_err(|error| format!("{}: {error}", options.file))?;
    Ok(Checked { scenario, verdict })
}

/// Whether these properties of a scenario hold; without names, whether all hold that apply, and one does.
///
/// # Errors
/// What does not hold, and the report.
pub fn holds(file: &Path, properties: &[&str]) -> Result<(), String> {
    let checked = check(file)?;
    let mut wrong = Vec::new();
    for property in properties {
        if !checked.outcome(property)?.holds() {
            wrong.push((*property).to_owned());
        }
    }
    if properties.is_empty() {
        let all = &checked.verdict.properties;
        let fine =
            |property: &&PropertyVerdict| matches!(property.outcome, Outcome::Holds | Outcome::NotApplicable { .. });
        wrong.extend(all.iter().filter(|property| !fine(property)).map(|property| property.name.clone()));
        if !all.iter().any(|property| property.outcome.holds()) && wrong.is_empty() {
            return Err(format!("no property applies to {}", checked.verdict.file));
        }
    }
    judge(&checked, "does not hold, or is not proved", wrong)
}

/// Whether these properties of a scenario are violated.
///
/// # Errors
/// What is not violated, and the report.
pub fn violated(file: &Path, properties: &[&str]) -> Result<(), String> {
    let checked = check(file)?;
    let mut wrong = Vec::new();
    for property in properties {
        if !checked.outcome(property)?.violated() {
            wrong.push((*property).to_owned());
        }
    }
    judge(&checked, "is not violated, or not proved to be", wrong)
}

/// Whether every row of the `[expect]` table of a scenario is met.
///
/// # Errors
/// What is different, and the report; or that nothing is expected.
pub fn as_expected(file: &Path) -> Result<(), String> {
    let checked = check(file)?;
    if checked.scenario.expectations.is_empty() {
        return Err(format!("{} expects nothing: it has no [expect]", checked.verdict.file));
    }
    let comparisons = compare(&checked.scenario.expectations, &checked.verdict);
    let unmet = comparisons.iter().filter(|comparison| comparison.agreement != Agreement::Met);
    let wrong = unmet.map(|it| format!("{} (expected: {}; found: {})", it.property, it.expected, it.found)).collect();
    judge(&checked, "is not as expected", wrong)
}

fn judge(checked: &Checked, what: &str, wrong: Vec<String>) -> Result<(), String> {
    if wrong.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = wrong.iter().map(|property| format!("{property} {what}")).collect();
    Err(format!("{}: {}\n\n{}", checked.verdict.file, lines.join("; "), checked.report()))
}

/// Ends the test if there is something to say.
///
/// # Panics
/// With what is wrong.
#[track_caller]
pub fn require(outcome: Result<(), String>) {
    if let Err(why) = outcome {
        panic!("{why}");
    }
}
