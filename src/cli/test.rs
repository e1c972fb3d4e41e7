//! `poolproof test`: whether every verdict is what its scenario expects.

use super::error::CliError;
use super::exit::Exit;
use super::limits::Limits;
use super::{engine, output, terminal};
use poolproof::report::text::expectations::{self, Tally};
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::{Expectation, Expected, Scenario};
use poolproof::verdict::ScenarioVerdict;
use poolproof::verdict::expect::{Agreement, compare};
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

const EXAMPLES: &str = "\
Examples:
  poolproof test models
  poolproof test models/forgotten-fail-back/scenario.toml --verbose

A folder is searched for files named scenario.toml or *.scenario.toml. A property without a row in [expect] is not
compared. A scenario without [expect] is passed over in a folder, and the report says so; named itself, it is
expected to hold throughout.";

/// Compares verdicts with the [expect] tables of scenarios
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Scenario files, or folders that are searched for them
    #[arg(required = true, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// Lists every expectation, not only those that are not met
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    limits: Limits,
}

/// Tests every scenario, a line each as soon as it is known. One that cannot be read or checked does not
/// keep the others from being tested.
pub fn run(args: Args) -> miette::Result<Exit> {
    let mut files = Vec::new();
    for path in &args.paths {
        let searched = path.is_dir();
        files.extend(find(path)?.into_iter().map(|file| (file, searched)));
    }
    let look = terminal::look(args.verbose);
    let (mut tally, mut exit) = (Tally::default(), Exit::Fine);
    for (file, searched) in &files {
        let name = engine::name(file);
        let (scenario, verdict) = match judge(file, &name, *searched, &args.limits) {
            Ok(Some(judged)) => judged,
            Ok(None) => {
                output::print(&expectations::passed_over(&name, &look))?;
                tally.passed_over += 1;
                continue;
            }
            Err(error) => {
                output::print(&expectations::error(&name, &look))?;
                terminal::show_error(&error);
                tally.errors += 1;
                exit = exit.and(Exit::Usage);
                continue;
            }
        };
        let comparisons = compare(&expectations_of(&scenario), &verdict);
        let agreement = expectations::overall(&comparisons);
        tally.count(agreement);
        exit = exit.and(match agreement {
            Agreement::Met => Exit::Fine,
            Agreement::Unmet => Exit::Violated,
            Agreement::Unknown => Exit::NotProved,
        });
        output::print(&expectations::scenario(&name, &comparisons, &verdict.explored, &look))?;
    }
    output::print(&expectations::summary(&tally, &look))?;
    // A green light for nothing at all would mislead.
    Ok(if tally.all() == tally.passed_over { exit.and(Exit::Usage) } else { exit })
}

/// Reads a scenario and decides its properties; `None` for one that was found by a search and expects nothing.
fn judge(
    file: &Path,
    name: &str,
    searched: bool,
    limits: &Limits,
) -> miette::Result<Option<(Scenario, ScenarioVerdict)>> {
    let scenario = engine::load(file)?;
    if searched && scenario.expectations.is_empty() {
        return Ok(None);
    }
    let (verdict, _) = engine::check(&scenario, &limits.options(name, &[])?)?;
    Ok(Some((scenario, verdict)))
}

/// What the scenario expects; without a table, that every property holds.
fn expectations_of(scenario: &Scenario) -> Vec<Expectation> {
    if !scenario.expectations.is_empty() {
        return scenario.expectations.clone();
    }
    let holds = |property: &PropertyName| Expectation { property: *property, expected: Expected::Holds };
    scenario.properties.iter().map(holds).collect()
}

/// The scenarios that a path names, in the order of their names.
fn find(path: &Path) -> Result<Vec<PathBuf>, CliError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let visible = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    let mut files = Vec::new();
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible) {
        let entry = match entry {
            Ok(entry) => entry,
            // What a link back to a folder above leads to is found without it.
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => return Err(CliError::Search { path: path.to_owned(), error }),
        };
        let name = entry.file_name().to_string_lossy();
        if entry.file_type().is_file() && (name == "scenario.toml" || name.ends_with(".scenario.toml")) {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() { Err(CliError::NothingFound { path: path.to_owned() }) } else { Ok(files) }
}
