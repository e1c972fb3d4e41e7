//! `poolproof check`: the verdict on scenarios.

use super::engine::{self, Tell};
use super::exit::Exit;
use super::limits::Limits;
use super::{names, output, terminal};
use poolproof::report::wording::{self, Overall};
use poolproof::report::{Format, render};
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::Explored;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  poolproof check scenario.toml
  poolproof check scenario.toml --property pool-quorum --property returns-to-service
  poolproof check scenario.toml --timeout 10m --memory 8GiB
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
    /// Says on stderr how long it took and how many states a second were explored
    #[arg(long)]
    stats: bool,
    #[command(flatten)]
    limits: Limits,
}

/// Checks every file and prints the report.
pub fn run(args: Args) -> miette::Result<Exit> {
    let stats = args.stats.then_some(stats as Tell);
    let (report, sources) = engine::check_all(&args.files, &args.limits, &args.properties, stats)?;
    match &args.output {
        None => output::print(&render(&report, &sources, args.format, &terminal::look(args.verbose)))?,
        Some(path) => {
            output::write_file(path, &render(&report, &sources, args.format, &terminal::plain(args.verbose)))?;
            let overall = Overall::of(report.scenarios.iter().flat_map(|scenario| &scenario.properties));
            terminal::say(&format!("{}; the report is in {}", overall.word(), path.display()));
        }
    }
    Ok(Exit::of(&report))
}

fn stats(file: &str, explored: &Explored, time: Duration) -> String {
    let Explored { states, state_bytes, .. } = *explored;
    let rate = states as f64 / time.as_secs_f64().max(1e-9);
    format!(
        "{file}: {} in {}, {} states a second, {} of packed states",
        wording::count(states, "state", "states"),
        humantime::format_duration(Duration::from_millis(time.as_millis() as u64)),
        wording::number(rate as u64),
        bytesize::ByteSize(states * state_bytes),
    )
}
