//! `poolproof diff`: what a change of a scenario or of a runbook changes.

use super::error::{CliError, LoadError};
use super::exit::Exit;
use super::limits::Limits;
use super::{engine, names, output, terminal};
use poolproof::report::json;
use poolproof::report::sources::Sources;
use poolproof::report::text::difference as text;
use poolproof::scenario::file::File;
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::{self, Directory, Loader, Scenario};
use poolproof::verdict::difference::difference;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  poolproof diff old/scenario.toml new/scenario.toml
  poolproof diff old.ps1 new.ps1 --scenario scenario.toml
  poolproof diff old.ps1 new.ps1 --scenario scenario.toml --format json

With --scenario both runbooks take in turn the place of the runbook of that scenario. If it has several, of the one that
is OLD or NEW.

Exit codes: 0 nothing is lost, 1 a property is violated where it was not, 3 something is not proved or no longer
asked.";

/// Says which properties a change gains, loses and leaves, and tells the new stories
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The scenario as it was, or with --scenario the runbook
    #[arg(value_name = "OLD", value_hint = clap::ValueHint::FilePath)]
    old: PathBuf,
    /// The scenario as it is to be, or with --scenario the runbook
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    new: PathBuf,
    /// The scenario that both runbooks are put into
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    scenario: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Form,
    /// Compares this property in place of those that the scenarios name; may be repeated
    #[arg(long = "property", short, value_name = "NAME", value_parser = names::property(), hide_possible_values = true)]
    properties: Vec<PropertyName>,
    #[command(flatten)]
    limits: Limits,
}

/// The form of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For a person at a terminal
    Text,
    /// Both outcomes of every property; its schema is that of `poolproof schema difference`
    Json,
}

/// Checks both sides and compares.
pub fn run(args: Args) -> miette::Result<Exit> {
    let (old, new) = match &args.scenario {
        None => (engine::load(&args.old)?, engine::load(&args.new)?),
        Some(file) => {
            let place = replaced(file, &[&args.old, &args.new])?;
            (with_runbook(file, &place, &args.old)?, with_runbook(file, &place, &args.new)?)
        }
    };
    let (was, is) = (engine::name(&args.old), engine::name(&args.new));
    let mut sources = Sources::none();
    sources.add(&new);
    let check = |scenario: &Scenario, name: &str| {
        let file = args.scenario.as_deref().map_or_else(|| name.to_owned(), engine::name);
        engine::check(scenario, &args.limits.options(&file, &args.properties)?).map(|(verdict, _)| verdict)
    };
    let (old, new) = (check(&old, &was)?, check(&new, &is)?);
    let difference = difference(&old, &new, (&was, &is));
    output::print(&match args.format {
        Form::Text => text::render(&difference, (&old, &new), &sources, &terminal::look(false)),
        Form::Json => json::difference(&difference),
    })?;
    Ok(match difference.exit_code() {
        0 => Exit::Fine,
        1 => Exit::Violated,
        _ => Exit::NotProved,
    })
}

/// The files that a scenario names, but for one runbook in the place of another.
struct Instead<'a> {
    directory: Directory,
    place: &'a str,
    runbook: &'a Path,
}

impl Loader for Instead<'_> {
    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == self.place { scenario::read_file(self.runbook) } else { self.directory.load(path) }
    }

    fn name(&self, path: &str) -> String {
        if path == self.place { engine::name(self.runbook) } else { self.directory.name(path) }
    }
}

fn with_runbook(file: &Path, place: &str, runbook: &Path) -> Result<Scenario, LoadError> {
    let instead = Instead { directory: Directory::of(file), place, runbook };
    scenario::parse(&engine::name(file), &scenario::text_of(file)?, &instead)
}

/// The runbook of a scenario whose place others take, as the scenario writes it: its only one, or the one that is
/// among them.
fn replaced(file: &Path, runbooks: &[&Path]) -> miette::Result<String> {
    let text = scenario::text_of(file)?;
    let Ok(tables) = toml::from_str::<File>(&text) else {
        // What is wrong with it is said as for any scenario.
        scenario::parse(&engine::name(file), &text, &Directory::of(file))?;
        return Err(CliError::WhichRunbook { file: file.to_owned(), runbooks: String::new() }.into());
    };
    let named: BTreeSet<String> = tables
        .operator
        .iter()
        .filter_map(|operator| operator.value.runbook.as_ref())
        .map(|it| it.value.clone())
        .collect();
    let same = |named: &&String| {
        let path = file.parent().unwrap_or(Path::new("")).join(named).canonicalize().ok();
        path.is_some() && runbooks.iter().any(|runbook| runbook.canonicalize().ok() == path)
    };
    let mut candidates: Vec<&String> = named.iter().collect();
    if candidates.len() > 1 {
        candidates.retain(same);
    }
    match candidates[..] {
        [only] => Ok(only.clone()),
        _ => {
            let runbooks = named.into_iter().collect::<Vec<_>>().join(", ");
            Err(CliError::WhichRunbook { file: file.to_owned(), runbooks }.into())
        }
    }
}
