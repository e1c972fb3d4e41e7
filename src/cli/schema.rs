//! `poolproof schema`: the JSON Schemas, for editors and for consumers.

use super::exit::Exit;
use super::output;
use clap::ValueEnum;
use poolproof::report::json;

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Scenario files, for editors that complete and check TOML
    Scenario,
    /// What `check --format json` prints
    Verdict,
    /// What `diff --format json` prints
    Difference,
}

/// Prints the JSON Schema of scenario files, of verdicts or of differences
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
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
