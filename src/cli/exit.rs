//! The exit codes, as `docs/exit-codes.md` promises them.

use poolproof::verdict::Report;
use std::process::ExitCode;

/// How a run of the command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Every property holds, every expectation is met, or there was nothing to decide.
    Fine = 0,
    /// A property is violated, or an expectation is not met.
    Violated = 1,
    /// The usage or the input is wrong.
    Usage = 2,
    /// Nothing is violated, and something is not proved.
    NotProved = 3,
}

impl Exit {
    /// The exit code of a check.
    pub fn of(report: &Report) -> Exit {
        match report.exit_code() {
            0 => Exit::Fine,
            1 => Exit::Violated,
            _ => Exit::NotProved,
        }
    }

    /// The worse of two: wrong input before a violation before "not proved".
    pub fn and(self, other: Exit) -> Exit {
        let rank = |exit: Exit| match exit {
            Exit::Fine => 0,
            Exit::NotProved => 1,
            Exit::Violated => 2,
            Exit::Usage => 3,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
