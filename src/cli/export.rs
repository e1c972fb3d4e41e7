//! `poolproof export`: a scenario for a checker that shares nothing with this one.

use super::error::CliError;
use super::exit::Exit;
use super::{engine, output, terminal};
use poolproof::model::instance::Instance;
use poolproof::reference;
use poolproof::report::wording::count;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof export --tla scenario.toml --output reference
  cd reference && java -jar tla2tools.jar -deadlock -config Survey.cfg MC";

/// Writes a scenario beside the reference in TLA+, for TLC to check
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The scenario to write in TLA+
    #[arg(long, value_name = "SCENARIO", value_hint = clap::ValueHint::FilePath)]
    tla: PathBuf,
    /// The folder; made if it does not exist
    #[arg(long, short, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    output: PathBuf,
}

/// Writes the files.
pub fn run(args: Args) -> miette::Result<Exit> {
    let scenario = engine::load(&args.tla)?;
    let explored = reference::explored(&scenario);
    let files = reference::export(&Instance::new(&scenario), &explored)
        .map_err(|error| CliError::Unsupported { file: engine::name(&args.tla), feature: error.feature })?;
    std::fs::create_dir_all(&args.output).map_err(|error| CliError::Write { path: args.output.clone(), error })?;
    for file in &files {
        output::write_file(&args.output.join(file.name), &file.text)?;
    }
    terminal::say(&format!("{} in {}", count(files.len() as u64, "file", "files"), args.output.display()));
    Ok(Exit::Fine)
}
