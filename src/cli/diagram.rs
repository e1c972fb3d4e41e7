//! `poolproof diagram`: the state machines, drawn from the tables that the checker executes.

use super::exit::Exit;
use super::{names, output};
use clap::ValueEnum;
use poolproof::lifecycle::{self, Drawing};
use poolproof::report::diagram;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof diagram server
  poolproof diagram pool --format svg --output pool.svg
  poolproof diagram --format dot | dot -Tpdf -O";

/// A language of drawings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// For pages that render Mermaid
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture; one machine at a time
    Svg,
}

/// Draws a state machine, or all of them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The machine [default: all, one after another]
    #[arg(value_name = "MACHINE", value_parser = names::machine(), required_if_eq("format", "svg"))]
    machine: Option<Drawing>,
    /// The language of the drawing
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    format: Language,
    /// Writes the drawing to a file, whole or not at all, in place of stdout
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Prints the drawing.
pub fn run(args: Args) -> miette::Result<Exit> {
    let draw = match args.format {
        Language::Mermaid => diagram::mermaid,
        Language::Dot => diagram::dot,
        Language::Svg => diagram::svg,
    };
    let drawings = args.machine.map_or_else(lifecycle::drawings, |machine| vec![machine]);
    let text: String = drawings.iter().map(draw).map(|text| format!("{}\n", text.trim_end())).collect();
    match &args.output {
        None => output::print(&text)?,
        Some(path) => output::write_file(path, &text)?,
    }
    Ok(Exit::Fine)
}
