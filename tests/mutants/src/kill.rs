//! What can kill a mutant: a shipped scenario whose row of the matrix changes, or a unit test that fails.

use crate::Result;
use crate::copy::ROOMS;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What can kill a mutant.
#[derive(Debug, Clone)]
pub struct Killer {
    /// `scenario rolling-restart`, or `test fabric::votes::tests::...`.
    pub name: String,
    /// How long it takes where no mutant is.
    pub time: Duration,
    /// The mutation points that it comes by.
    pub passes: HashSet<u32>,
}

/// How a killer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It found nothing.
    Passed,
    /// The mutant is dead.
    Failed,
    /// The mutant does not come to an end.
    TimedOut,
}

/// The unit tests of the copy.
pub struct Tests {
    /// The program.
    pub program: PathBuf,
    /// The package.
    pub copy: PathBuf,
    /// What it is a copy of, in which the tests run as they always do.
    pub root: PathBuf,
}

/// Bytes of address space in kilobytes that a mutant may take, which may have an endless number of states.
const MEMORY: &str = "8000000";

impl Tests {
    /// Runs a killer on a mutant, or on none.
    pub fn run(&self, killer: &str, mutant: Option<usize>, limit: Duration, passed: Option<&Path>) -> Result<End> {
        let (kind, name) = killer.split_once(' ').ok_or("a killer has a kind and a name")?;
        let test = if kind == "scenario" { "killer::a_scenario" } else { name };
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"")])
            .arg(&self.program)
            .args(["--exact", test, "--test-threads=1", "--quiet"])
            .current_dir(&self.root)
            .env("INSTA_UPDATE", "no")
            .env("INSTA_WORKSPACE_ROOT", &self.copy)
            // A test with random input kills the same mutants every time.
            .env("PROPTEST_RNG_SEED", "1")
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if kind == "scenario" {
            command.env("POOLPROOF_SCENARIO", name);
        }
        if let Some(mutant) = mutant {
            command.env("POOLPROOF_MUTANT", mutant.to_string());
        }
        if let Some(passed) = passed {
            command.env("POOLPROOF_PASSED", passed);
        }
        let start = Instant::now();
        let mut child = command.spawn()?;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(if status.success() { End::Passed } else { End::Failed });
            }
            if start.elapsed() > limit {
                child.kill()?;
                child.wait()?;
                return Ok(End::TimedOut);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The names of everything that can kill.
    pub fn killers(&self, root: &Path) -> Result<Vec<String>> {
        let matrix = fs::read_to_string(root.join("tests/snapshots/verdicts__matrix.snap"))?;
        let scenario = |line: &str| {
            Some(format!("scenario {}", line.split_once(": ").filter(|(_, it)| it.contains(" states, "))?.0))
        };
        let mut names: Vec<String> = matrix.lines().filter_map(scenario).collect();
        let list = Command::new(&self.program).args(["--list", "--format=terse"]).output()?;
        for line in String::from_utf8(list.stdout)?.lines() {
            let Some(test) = line.strip_suffix(": test") else { continue };
            if ROOMS.iter().any(|room| test.starts_with(&format!("{room}::"))) {
                names.push(format!("test {test}"));
            }
        }
        Ok(names)
    }

    /// Measures what can kill, the quickest first; without what takes longer than the limit.
    pub fn measure(&self, names: &[String], limit: Duration, scratch: &Path) -> Result<Vec<Killer>> {
        let mut killers = Vec::new();
        for name in names {
            let passed = scratch.join("passed");
            let _ = fs::remove_file(&passed);
            let start = Instant::now();
            match self.run(name, None, limit, Some(&passed))? {
                End::Passed => {}
                End::Failed => return Err(format!("{name} fails without any mutant").into()),
                End::TimedOut => {
                    eprintln!("left out, takes too long: {name}");
                    continue;
                }
            }
            let time = start.elapsed();
            let bytes = fs::read(&passed).unwrap_or_default();
            let numbers = bytes.chunks_exact(4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]));
            killers.push(Killer { name: name.clone(), time, passes: numbers.collect() });
        }
        killers.sort_by_key(|killer| killer.time);
        Ok(killers)
    }
}
