//! `poolproof init`: a scenario to start from.

use super::error::CliError;
use super::exit::Exit;
use super::output;
use poolproof::scenario;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof init patching
  poolproof check patching/scenario.toml";

/// Writes a commented scenario and its runbook, which check as they are
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The folder; made if it does not exist
    #[arg(value_name = "PATH", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    path: PathBuf,
}

/// Writes the files and says what to do next.
pub fn run(args: Args) -> miette::Result<Exit> {
    let files =
        [("scenario.toml", scenario::template()), (scenario::TEMPLATE_RUNBOOK_NAME, scenario::template_runbook())];
    for (name, _) in &files {
        let path = args.path.join(name);
        if path.exists() {
            return Err(CliError::Exists { path }.into());
        }
    }
    std::fs::create_dir_all(&args.path).map_err(|error| CliError::Write { path: args.path.clone(), error })?;
    for (name, text) in &files {
        output::write_file(&args.path.join(name), text)?;
    }
    let path = args.path.join("scenario.toml");
    output::print(&format!("wrote {}\nnext: poolproof check {}\n", path.display(), path.display()))?;
    Ok(Exit::Fine)
}
