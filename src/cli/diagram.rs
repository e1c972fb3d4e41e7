//! `poolproof diagram`: the state machines, drawn from the tables that the checker executes.

use super::exit::Exit;

/// Draws a state machine, or all of them
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The machine [default: all]
    #[arg(value_name = "MACHINE")]
    machine: Option<String>,
}

/// Prints the drawing.
pub fn run(args: Args) -> miette::Result<Exit> {
    Err(miette::miette!("{:?}: drawings are not wired", args.machine))
}
