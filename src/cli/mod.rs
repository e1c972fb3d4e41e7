//! The command line: one thin file a subcommand.
//!
//! Invariant: what can be tested without a process lives in the library; here are only arguments, files,
//! the terminal and exit codes. A subcommand gives back its [`Exit`] and never ends the process itself.

mod audit;
mod certificate;
mod check;
mod completions;
mod diagram;
mod diff;
mod engine;
mod error;
mod exit;
mod explore;
mod export;
mod graph;
mod init;
mod interrupt;
mod limits;
mod listing;
mod man;
mod memory;
mod names;
mod output;
mod progress;
mod read;
mod report;
mod schema;
mod server;
mod terminal;
mod test;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  poolproof init patching                        a scenario to start from
  poolproof check patching/scenario.toml         is this procedure safe?
  poolproof read patch.ps1                       what is understood of this runbook?
  poolproof check *.toml --format sarif --output poolproof.sarif
  poolproof test models                          is every verdict as expected?
  poolproof diff old.ps1 new.ps1 --scenario s.toml   what does a change lose?
  poolproof audit scenario.proof                 is what this certificate claims true?

Exit codes:
  0  every property holds, or every expectation is met
  1  a property is violated, an expectation is not met, or a certificate is refused
  2  wrong usage or input
  3  not proved: a limit was hit, the check was interrupted, or no property applies";

/// Proves a maintenance procedure for a Skype for Business Server pool safe in every order in which all of
/// it can happen, or tells the shortest story of how it goes wrong.
#[derive(Debug, Parser)]
#[command(name = "poolproof", version, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    color: colorchoice_clap::Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Audit(audit::Args),
    Test(test::Args),
    Read(read::Args),
    Report(report::Args),
    Explore(explore::Args),
    Export(export::Args),
    Diff(diff::Args),
    Diagram(diagram::Args),
    Readings(listing::ReadingsArgs),
    Properties(listing::PropertiesArgs),
    Schema(schema::Args),
    Init(init::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Parses the arguments and runs the subcommand. Wrong usage ends with [`Exit::Usage`].
pub fn main() -> ExitCode {
    terminal::set_error_style();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Fine };
            // A closed pipe is no failure of ours.
            let _ = error.print();
            return exit.into();
        }
    };
    cli.color.write_global();
    match run(cli.command) {
        Ok(exit) => exit.into(),
        Err(report) => {
            terminal::show_error(&report);
            Exit::Usage.into()
        }
    }
}

fn run(command: Command) -> miette::Result<Exit> {
    match command {
        Command::Check(args) => check::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Test(args) => test::run(args),
        Command::Read(args) => read::run(args),
        Command::Report(args) => report::run(args),
        Command::Explore(args) => explore::run(args),
        Command::Export(args) => export::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Diagram(args) => diagram::run(args),
        Command::Readings(args) => listing::readings(args),
        Command::Properties(args) => listing::properties(args),
        Command::Schema(args) => schema::run(args),
        Command::Init(args) => init::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
    }
}
