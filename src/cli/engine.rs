//! From files to scenarios to verdicts.

use super::error::{CliError, LoadError};
use super::limits::Limits;
use super::{progress, terminal};
use poolproof::report::sources::Sources;
use poolproof::scenario::Scenario;
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Explored, Report, SCHEMA_VERSION, ScenarioVerdict, check_scenario};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a scenario is called in a report: the path as the user named it.
pub fn name(file: &Path) -> String {
    file.display().to_string()
}

/// Reads a scenario.
pub fn load(file: &Path) -> Result<Scenario, LoadError> {
    poolproof::scenario::load(file)
}

/// Reads all scenarios, or says what is wrong with every one that cannot be read.
pub fn load_all(files: &[PathBuf]) -> miette::Result<Vec<(String, Scenario)>> {
    let (mut loaded, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        match load(file) {
            Ok(scenario) => loaded.push((name(file), scenario)),
            Err(error) => errors.push(error),
        }
    }
    match errors.len() {
        0 => Ok(loaded),
        1 => Err(errors.remove(0).into()),
        count => Err(CliError::Several { count, errors }.into()),
    }
}

/// Decides the properties of a scenario, with a progress line where there is a terminal.
pub fn check(scenario: &Scenario, options: &CheckOptions) -> miette::Result<ScenarioVerdict> {
    let verdict = check_scenario(scenario, options);
    progress::done();
    verdict.map_err(|error| CliError::Check { file: options.file.clone(), error }.into())
}

/// Says something about a scenario that was checked: its file, what was explored, the time it took.
pub type Tell = fn(&str, &Explored, Duration) -> String;

/// Checks every file. All are read before the first is checked, so that a misprint is not found after an hour.
pub fn check_all(
    files: &[PathBuf],
    limits: &Limits,
    properties: &[PropertyName],
    tell: Option<Tell>,
) -> miette::Result<(Report, Sources)> {
    let loaded = load_all(files)?;
    let mut sources = Sources::none();
    let mut scenarios = Vec::new();
    for (file, scenario) in &loaded {
        sources.add(scenario);
        let begin = Instant::now();
        let verdict = check(scenario, &limits.options(file, properties))?;
        if let Some(tell) = tell {
            terminal::say(&tell(file, &verdict.explored, begin.elapsed()));
        }
        scenarios.push(verdict);
    }
    let poolproof = env!("CARGO_PKG_VERSION").to_owned();
    Ok((Report { schema_version: SCHEMA_VERSION, poolproof, scenarios }, sources))
}
