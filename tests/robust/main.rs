//! What the command does where everything goes wrong: hostile inputs, full disks, signals, no memory, two at a time.
//!
//! Of every case the same is asked: it ends in time, with an exit code of the contract and a message that says what is
//! wrong; it does not panic; and a file that was to be written is whole, or as it was.

mod disk;
#[path = "../folder/mod.rs"]
mod folder;
mod input;
mod memory;
mod nesting;
mod paths;
mod signals;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use folder::Folder;
use std::path::Path;
use std::time::Duration;

/// Long after every run has ended, on a busy machine and without optimisation too.
const PATIENCE: Duration = Duration::from_secs(240);

/// The program.
const POOLPROOF: &str = env!("CARGO_BIN_EXE_poolproof");

/// The command, in a clean environment, in the folder of the package, and never for ever.
fn poolproof() -> Command {
    let mut command = Command::new(POOLPROOF);
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("RUST_BACKTRACE", "0");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).timeout(PATIENCE);
    command
}

/// Runs it and gives back what it says on stderr, which is no panic and not endless.
#[track_caller]
fn ends(command: &mut Command, code: i32) -> String {
    said(command.assert().code(code))
}

#[track_caller]
fn said(assert: Assert) -> String {
    let output = assert.get_output();
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(!said.contains("panicked"), "{said}");
    let length = output.stderr.len() + output.stdout.len();
    assert!(length < 20_000_000, "{length} bytes are nothing that anybody reads");
    // What is wrapped is one sentence all the same.
    said.replace("\n  | ", " ")
}

/// Three front ends and an operator; `acts` says what the operator does.
fn scenario(acts: &str) -> String {
    format!(
        "title = \"A case\"\nproperties = [\"can-complete\"]\n\n[deployment]\nversion = \"2015\"\n\n\
         [[deployment.pool]]\nname = \"pool1\"\nfront-ends = 3\n\n[[operator]]\nname = \"alice\"\n{acts}\n"
    )
}

/// A scenario that is decided in an instant, and holds.
fn small() -> String {
    scenario("steps = [\"Invoke-CsComputerFailOver fe1\", \"Invoke-CsComputerFailBack fe1\"]")
}

/// A shipped scenario that takes much longer than anybody here waits.
const LONG: &str = "models/stress-operators/scenario.toml";

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().expect("the folders of tests have plain names")
}
