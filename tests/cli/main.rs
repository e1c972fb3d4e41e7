//! The command as a user meets it.

use assert_cmd::Command;
use predicates::prelude::*;
use std::path::PathBuf;
use tempfile::TempDir;

mod certificate;
mod check;
mod diff;
mod explore;
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

/// A folder with scenarios that are decided in an instant.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(TempDir::new().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    /// What is in the folder, hidden files included.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
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
