//! `poolproof man`: the manual page, from the definition of the command.

use super::exit::Exit;
use super::{Cli, output};
use clap::CommandFactory;

const EXAMPLES: &str = "\
Examples:
  poolproof man | man -l -
  poolproof man check > /usr/local/share/man/man1/poolproof-check.1";

/// Prints the manual page of the command or of a subcommand, for `man -l -`
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The subcommand [default: the command itself]
    #[arg(value_name = "SUBCOMMAND")]
    subcommand: Option<String>,
}

/// Prints the page.
pub fn run(args: Args) -> miette::Result<Exit> {
    let mut command = Cli::command();
    command.build();
    let shown = match &args.subcommand {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| miette::miette!(help = "`poolproof help` lists them", "no subcommand is called {name}"))?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(shown).render(&mut page).map_err(|error| miette::miette!("{error}"))?;
    output::print(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Fine)
}
