//! From files to scenarios to verdicts.

use super::error::{CliError, LoadError};
use super::progress;
use poolproof::scenario::Scenario;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{ScenarioVerdict, check_scenario};
use std::path::{Path, PathBuf};

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
