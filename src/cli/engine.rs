//! From files to scenarios to verdicts.

use super::error::{CliError, LoadError};
use super::limits::Limits;
use super::progress;
use poolproof::report::sources::Sources;
use poolproof::scenario::Scenario;
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::statistics::Statistics;
use poolproof::verdict::{Report, SCHEMA_VERSION, ScenarioVerdict, measure};
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

/// Decides the properties of a scenario, and shows how far it has come meanwhile.
pub fn check(scenario: &Scenario, options: &CheckOptions) -> miette::Result<(ScenarioVerdict, Statistics)> {
    let measured = measure(scenario, options);
    progress::done();
    measured.map_err(|error| CliError::Check { file: options.file.clone(), error }.into())
}

/// Checks every scenario; `tell` is told of each what it cost. All were read before the first is checked, so that
/// a misprint is not found after an hour.
pub fn check_all(
    loaded: &[(String, Scenario)],
    limits: &Limits,
    properties: &[PropertyName],
    tell: impl Fn(&str, &Statistics),
) -> miette::Result<(Report, Sources)> {
    report(loaded, tell, |file, scenario| check(scenario, &limits.options(file, properties)?))
}

/// The report on scenarios, each of which is checked by `check`.
pub fn report(
    loaded: &[(String, Scenario)],
    tell: impl Fn(&str, &Statistics),
    check: impl Fn(&str, &Scenario) -> miette::Result<(ScenarioVerdict, Statistics)>,
) -> miette::Result<(Report, Sources)> {
    let mut sources = Sources::none();
    let mut scenarios = Vec::new();
    for (file, scenario) in loaded {
        sources.add(scenario);
        let (verdict, statistics) = check(file, scenario)?;
        tell(file, &statistics);
        scenarios.push(verdict);
    }
    let poolproof = env!("CARGO_PKG_VERSION").to_owned();
    Ok((Report { schema_version: SCHEMA_VERSION, poolproof, scenarios }, sources))
}
