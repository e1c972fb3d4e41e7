//! `poolproof read`: what a runbook was understood to do.

use super::error::CliError;
use super::exit::Exit;
use super::{output, terminal};
use clap::ValueEnum;
use poolproof::report::listing::{self, ListedKind, Listing};
use poolproof::report::sources::Sources;
use poolproof::runbook::{Procedure, Source, powershell};
use poolproof::scenario::{self, Acts, Directory, Loader, Runbooks};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  poolproof read patch.ps1                             servers and pools are made up
  poolproof read patch.ps1 --scenario scenario.toml    as its operators run it
  poolproof read vendor.md --format json | jq '.procedures[].remarks[].code'

Exit codes:
  0  read; there may be suspicious lines
  1  with --strict: something is suspicious
  2  something is not understood, or the input cannot be read";

/// The form of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListingFormat {
    /// For a person
    Text,
    /// For a program; `poolproof schema runbook` describes it
    Json,
}

/// Shows what a runbook does: steps, gates, branches, what is ignored and why, what is suspicious, what is not understood
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A PowerShell script or module, or a document in Markdown
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The scenario that says what is deployed and how the runbook is run [default: made up]
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    scenario: Option<PathBuf>,
    /// The form of the listing
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListingFormat,
    /// Writes the listing to a file, whole or not at all, in place of stdout
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Ends with exit code 1 if anything is suspicious
    #[arg(long)]
    strict: bool,
}

/// Reads the runbook and prints the listing.
pub fn run(args: Args) -> miette::Result<Exit> {
    let file = args.file.display().to_string();
    let mut listing = Listing::new(&file, args.scenario.as_ref().map(|path| path.display().to_string()).as_deref());
    let mut sources = Sources::none();
    match &args.scenario {
        Some(path) => for_operators(&args.file, path, &mut listing, &mut sources)?,
        None => alone(&args.file, &mut listing, &mut sources)?,
    }
    let render = |look| match args.format {
        ListingFormat::Text => listing::render(&listing, &sources, &look),
        ListingFormat::Json => listing::to_json(&listing),
    };
    match &args.output {
        None => output::print(&render(terminal::look(false)))?,
        Some(path) => output::write_file(path, &render(terminal::plain(false)))?,
    }
    Ok(match listing.worst() {
        Some(ListedKind::NotUnderstood) => Exit::Usage,
        Some(ListedKind::Suspicious) if args.strict => Exit::Violated,
        _ => Exit::Fine,
    })
}

/// As the operators of a scenario run it.
fn for_operators(file: &Path, path: &Path, listing: &mut Listing, sources: &mut Sources) -> miette::Result<()> {
    // A runbook that cannot be opened is told before one that nobody runs.
    std::fs::metadata(file).map_err(|error| CliError::Read { path: file.to_owned(), error })?;
    let runbooks = scenario::read_runbooks(path)?;
    let same = |name: &str| match (Path::new(name).canonicalize(), file.canonicalize()) {
        (Ok(name), Ok(file)) => name == file,
        _ => Path::new(name) == file,
    };
    let from = |procedure: &Procedure| procedure.sources().iter().any(|source| same(&source.name));
    listing.add(&runbooks, from);
    if listing.procedures.is_empty() {
        let runbooks = names(&runbooks);
        return Err(CliError::NobodyRuns { file: file.to_owned(), scenario: path.to_owned(), runbooks }.into());
    }
    for operator in &runbooks.operators {
        if let Acts::Scripted { procedure, .. } = &operator.acts {
            procedure.sources().iter().for_each(|source| sources.insert(source));
        }
    }
    Ok(())
}

fn names(runbooks: &Runbooks) -> String {
    let mut names: Vec<String> = Vec::new();
    for operator in &runbooks.operators {
        if let Acts::Scripted { procedure, .. } = &operator.acts {
            for source in procedure.sources() {
                if !names.contains(&source.name) {
                    names.push(source.name.clone());
                }
            }
        }
    }
    names.join(", ")
}

/// Without a scenario.
fn alone(file: &Path, listing: &mut Listing, sources: &mut Sources) -> miette::Result<()> {
    let bytes = scenario::read_file(file).map_err(|error| CliError::Read { path: file.to_owned(), error })?;
    let text = powershell::decode(&bytes).map_err(|error| CliError::NoText { path: file.to_owned(), error })?;
    let source = Arc::new(Source::new(file.display().to_string(), text));
    let folder = Directory::of(file);
    let beside = |path: &str| {
        let text = powershell::decode(&folder.load(path).ok()?).ok()?;
        Some(Arc::new(Source::new(folder.name(path), text)))
    };
    let alone = powershell::read_alone(&source, scenario::is_document(&source.name), &beside);
    listing.add_alone(&alone);
    for source in alone.procedure.sources() {
        sources.insert(source);
    }
    Ok(())
}
