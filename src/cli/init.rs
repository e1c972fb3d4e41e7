//! `poolproof init`: a scenario to start from.

use super::exit::Exit;
use std::path::PathBuf;

/// Writes a commented scenario and its runbook, which check as they are
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder; made if it does not exist
    #[arg(value_name = "PATH", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    path: PathBuf,
}

/// Writes the files and says what to do next.
pub fn run(args: Args) -> miette::Result<Exit> {
    Err(miette::miette!("{}: the template is not wired", args.path.display()))
}
