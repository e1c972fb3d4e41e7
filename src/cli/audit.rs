//! `poolproof audit`: a certificate, checked again without a search.

use super::error::CliError;
use super::exit::Exit;
use super::{output, terminal};
use clap::ValueEnum;
use poolproof::certificate::{Audit, Refusal, audit_scenario};
use poolproof::report::audit;
use poolproof::scenario;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  poolproof check scenario.toml --certificate scenario.proof
  poolproof audit scenario.proof
  poolproof audit scenario.proof --scenario scenario.toml     and it is about this scenario, as it stands there

Exit codes:
  0  what the certificate claims is true
  1  it is refused: cut, changed, about something else, or not true
  2  wrong usage, or a file that cannot be read";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person
    Text,
    /// For a program; `poolproof schema audit` describes it
    Json,
}

/// Checks a certificate again: its scenario is read anew, and every state, step and counterexample in it is looked at
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What `check --certificate` wrote
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Refuses a certificate that is not about this scenario and the files that it names, as they are now
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    scenario: Option<PathBuf>,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
    /// Writes the answer to a file, whole or not at all, in place of stdout
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Audits the certificate and says what is true.
pub fn run(args: Args) -> miette::Result<Exit> {
    let expected = args.scenario.as_deref().map(scenario::load_recorded).transpose()?.map(|(_, recorded)| recorded);
    let certificate = args.file.display().to_string();
    let (answer, exit) = match audit_scenario(&certificate, &args.file, expected.as_ref()) {
        Ok(audited) => (Audit::Valid(audited), Exit::Fine),
        Err(Refusal::Unreadable(error)) => return Err(CliError::Read { path: args.file, error }.into()),
        Err(refusal) => (Audit::Refused { certificate, reason: refusal.to_string() }, Exit::Violated),
    };
    let render = |look| match args.format {
        Form::Text => audit::render(&answer, &look),
        Form::Json => audit::json(&answer),
    };
    match &args.output {
        None => output::print(&render(terminal::look(false)))?,
        Some(path) => output::write_file(path, &render(terminal::plain(false)))?,
    }
    Ok(exit)
}
