//! `poolproof check`: the verdict on scenarios.

use super::error::CliError;
use super::exit::Exit;
use super::graph::{self, GraphFile};
use super::limits::Limits;
use super::{certificate, engine, names, output, terminal};
use poolproof::report::text::statistics;
use poolproof::report::wording;
use poolproof::report::{Format, render};
use poolproof::scenario::load_recorded;
use poolproof::scenario::property::PropertyName;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof check scenario.toml
  poolproof check scenario.toml --property pool-quorum --property returns-to-service
  poolproof check scenario.toml --timeout 10m --memory 8GiB
  poolproof check scenario.toml --stats --graph states.jsonl
  poolproof check scenario.toml --certificate scenario.proof
  poolproof check scenario.toml --format json | jq '.scenarios[].properties[].outcome.verdict'
  poolproof check */scenario.toml --format junit --output poolproof.xml";

/// Decides every property of scenarios, and tells the shortest story of each violation
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Scenario files
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = names::format())]
    format: Format,
    /// Writes the report to a file, whole or not at all, in place of stdout
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Decides this property in place of those that the scenario names; may be repeated
    #[arg(long = "property", short, value_name = "NAME", value_parser = names::property(), hide_possible_values = true)]
    properties: Vec<PropertyName>,
    /// Lists also what is otherwise only counted, such as rows of the state machines that no run took
    #[arg(long, short)]
    verbose: bool,
    /// Says on stderr what it cost: time, memory, the size and the shape of the state graph
    #[arg(long)]
    stats: bool,
    /// Writes all states and transitions of one scenario to a file, whole or not at all: .dot or .gv for Graphviz (up
    /// to 1000 states), .jsonl for JSON lines
    #[arg(long, value_name = "FILE", value_parser = graph::file, value_hint = clap::ValueHint::FilePath)]
    graph: Option<GraphFile>,
    /// Writes a certificate of what was found in one scenario to a file, whole or not at all; `poolproof audit` checks it
    /// without a search
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

/// Checks every file and prints the report.
pub fn run(args: Args) -> miette::Result<Exit> {
    let loaded = engine::load_all(&args.files)?;
    if args.certificate.is_some() && loaded.len() != 1 {
        return Err(CliError::OneCertificate { count: loaded.len() }.into());
    }
    if let Some(file) = &args.graph {
        let [(name, scenario)] = &loaded[..] else { return Err(CliError::OneGraph { count: loaded.len() }.into()) };
        graph::write(file, scenario, &args.limits.options(name, &args.properties)?)?;
    }
    let tell = |file: &str, cost: &_| {
        if args.stats {
            terminal::say(statistics::render(file, cost, &terminal::plain(false)).trim_end());
        }
    };
    let (report, sources) = match &args.certificate {
        None => engine::check_all(&loaded, &args.limits, &args.properties, tell)?,
        Some(path) => engine::report(&loaded, tell, |file, _| {
            // Read again: what is certified is what was recorded.
            let options = args.limits.exact_options(file, &args.properties)?;
            certificate::check(path, &load_recorded(&args.files[0])?, &options)
        })?,
    };
    match &args.output {
        None => output::print(&render(&report, &sources, args.format, &terminal::look(args.verbose)))?,
        Some(path) => {
            output::write_file(path, &render(&report, &sources, args.format, &terminal::plain(args.verbose)))?;
            let word = wording::overall(report.overall());
            terminal::say(&format!("{word}; the report is in {}", path.display()));
        }
    }
    Ok(Exit::of(&report))
}
