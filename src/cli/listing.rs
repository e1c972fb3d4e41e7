//! `poolproof readings` and `poolproof properties`: what there is to choose from.

use super::exit::Exit;
use super::{output, terminal};
use clap::ValueEnum;
use poolproof::report::catalogue;

const READINGS: &str = "\
Examples:
  poolproof readings
  poolproof readings --format json | jq '.[].name'";

const PROPERTIES: &str = "\
Examples:
  poolproof properties
  poolproof properties --format json | jq '.[].name'";

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For a person
    Text,
    /// For a program
    Json,
}

/// Lists the readings: what the vendor's documents leave open, what hangs on it, and the values explored
#[derive(Debug, clap::Args)]
#[command(after_help = READINGS)]
pub struct ReadingsArgs {
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Lists the properties: what each means, and the facts it stands on
#[derive(Debug, clap::Args)]
#[command(after_help = PROPERTIES)]
pub struct PropertiesArgs {
    /// The form of the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Prints the readings.
pub fn readings(args: ReadingsArgs) -> miette::Result<Exit> {
    let text = match args.format {
        ListFormat::Text => catalogue::readings(&terminal::look(false)),
        ListFormat::Json => catalogue::readings_as_json(),
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}

/// Prints the properties.
pub fn properties(args: PropertiesArgs) -> miette::Result<Exit> {
    let text = match args.format {
        ListFormat::Text => catalogue::properties(&terminal::look(false)),
        ListFormat::Json => catalogue::properties_as_json(),
    };
    output::print(&text)?;
    Ok(Exit::Fine)
}
