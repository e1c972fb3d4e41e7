//! `poolproof schema`: the JSON Schemas, for editors and for consumers.

use super::exit::Exit;
use super::output;
use clap::ValueEnum;
use poolproof::report::{audit, json, listing};

const EXAMPLES: &str = "\
Examples:
  poolproof schema > scenario.schema.json
  poolproof schema verdict > verdict.schema.json

An editor that knows TOML by Taplo completes a scenario that begins with: #:schema scenario.schema.json";

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Scenario files, for editors that complete and check TOML
    Scenario,
    /// What `check --format json` prints
    Verdict,
    /// What `read --format json` prints
    Runbook,
    /// What `diff --format json` prints
    Difference,
    /// What `audit --format json` prints
    Audit,
}

/// Prints the JSON Schema of scenario files, of verdicts, of what was read of a runbook, of differences or of audits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Of what
    #[arg(value_name = "OF", default_value = "scenario")]
    of: Of,
}

/// Prints the schema.
pub fn run(args: Args) -> miette::Result<Exit> {
    let text = match args.of {
        Of::Scenario => format!("{:#}\n", poolproof::scenario::schema()),
        Of::Verdict => json::schema(),
        Of::Runbook => listing::schema(),
        Of::Difference => json::difference_schema(),
        Of::Audit => audit::schema(),
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
