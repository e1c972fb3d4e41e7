//! The command as a user meets it.

use assert_cmd::Command;
use predicates::prelude::*;

mod output;
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
