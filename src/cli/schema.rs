//! `poolproof schema`: the JSON Schemas, for editors and for consumers.

use super::exit::Exit;
use super::output;
use clap::ValueEnum;
use poolproof::report::{json, listing};

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Scenario files, for editors that complete and check TOML
    Scenario,
    /// What `check --format json` prints
    Verdict,
    /// What `diff --format json` prints
    Difference,
    /// What `read --format json` prints
    Runbook,
}

/// Prints the JSON Schema of scenario files, of verdicts, of differences, or of what was read of a runbook
#[derive(Debug, clap::Args)]
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
        Of::Difference => json::difference_schema(),
        Of::Runbook => listing::schema(),
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
