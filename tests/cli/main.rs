//! The command as a user meets it.

use assert_cmd::Command;
use folder::Folder;
use predicates::prelude::*;

mod certificate;
mod check;
mod diff;
mod explore;
#[path = "../folder/mod.rs"]
mod folder;
mod init;
mod output;
mod read;
mod test;
mod usage;

/// The command, in a clean environment.
fn poolproof() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poolproof"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
    command
}

/// Text that was written to a terminal has escapes, text in a pipe has none.
fn without_colour() -> impl Predicate<str> {
    predicate::str::contains("\u{1b}").not()
}

/// One operator on four front ends: fails over, and fails back or not; `rest` is appended.
fn scenario(steps: &str, properties: &str, rest: &str) -> String {
    format!(
        "title = \"One server\"\nproperties = [{properties}]\n\n[deployment]\nversion = \"2015\"\n\n\
         [[deployment.pool]]\nname = \"pool1\"\nfront-ends = 4\n\n\
         [[operator]]\nname = \"alice\"\nsteps = [{steps}]\n\n{rest}"
    )
}

/// Fails over and back: its runbook ends.
fn good(rest: &str) -> String {
    scenario(
        "\"Invoke-CsComputerFailOver fe1\", \"Invoke-CsComputerFailBack fe1\"",
        "\"can-complete\", \"runbook-completes\"",
        rest,
    )
}

/// Never fails back.
fn bad(rest: &str) -> String {
    scenario("\"Invoke-CsComputerFailOver fe1\"", "\"returns-to-service\", \"can-complete\"", rest)
}
