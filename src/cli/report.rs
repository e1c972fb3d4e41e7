//! `poolproof report`: a page for a change request.

use super::exit::Exit;
use super::limits::Limits;
use super::{engine, names, output, terminal};
use poolproof::report::page;
use poolproof::report::wording;
use poolproof::scenario::property::PropertyName;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof report scenario.toml --output review.html
  poolproof report models/*/scenario.toml --output review.html

The page is one file that opens offline and asks no other address for anything.";

/// Writes one self-contained page: verdicts, drawn timelines, runbooks, what the verdicts rest on
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Scenario files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The page, written whole or not at all
    #[arg(long, short, value_name = "FILE", default_value = "review.html", value_hint = clap::ValueHint::FilePath)]
    output: PathBuf,
    /// Decides this property in place of those that the scenario names; may be repeated
    #[arg(long = "property", short, value_name = "NAME", value_parser = names::property(), hide_possible_values = true)]
    properties: Vec<PropertyName>,
    #[command(flatten)]
    limits: Limits,
}

/// Checks every file and writes the page. The exit code is that of the verdict.
pub fn run(args: Args) -> miette::Result<Exit> {
    let (report, sources) =
        engine::check_all(&engine::load_all(&args.files)?, &args.limits, &args.properties, |_, _| {})?;
    output::write_file(&args.output, &page::render(&report, &sources))?;
    let word = wording::overall(report.overall());
    terminal::say(&format!("{word}; the page is {}", args.output.display()));
    Ok(Exit::of(&report))
}
