//! Signals: what a check says when it is asked to stop, and what it leaves when it is killed.
#![cfg(unix)]

use crate::{Folder, LONG, PATIENCE, POOLPROOF, ends, poolproof, small, text};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Instant;

/// A check of the long scenario that has begun to explore.
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    fn new(arguments: &[&str]) -> Running {
        let mut child = Command::new(POOLPROOF)
            .args(["check", LONG, "--property", "recoverable", "--threads", "1", "--progress", "json"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut line = String::new();
        while !line.contains("\"phase\":\"search\"") {
            line.clear();
            assert!(stderr.read_line(&mut line).expect("UTF-8") > 0, "it ended before it began");
        }
        Running { child, stderr }
    }

    /// Sends a signal, and gives back how it ended and the rest of what it said.
    fn send(mut self, signal: &str) -> (ExitStatus, String) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let patience = Instant::now() + PATIENCE;
        let reader = std::thread::spawn(move || {
            let mut said = String::new();
            self.stderr.read_to_string(&mut said).map(|_| said)
        });
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return (status, reader.join().expect("no panic").expect("UTF-8"));
            }
            if Instant::now() > patience {
                let _ = self.child.kill();
                panic!("{signal} does not end it");
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn asked_to_stop_it_writes_what_it_knows() {
    for signal in ["-INT", "-TERM"] {
        let folder = Folder::new();
        let report = folder.file("report.json", "as it was");
        let (status, said) = Running::new(&["--format", "json", "--output", text(&report)]).send(signal);
        assert_eq!(status.code(), Some(3), "{signal} {said}");
        assert!(said.contains("NOT PROVED; the report is in "), "{signal} {said}");
        let written = std::fs::read_to_string(&report).expect("it is there");
        assert!(written.contains("\"verdict\": \"not-proved\"") && written.contains("interrupted"), "{written}");
        serde_json::from_str::<serde_json::Value>(&written).expect("a whole report");
        assert_eq!(folder.names(), ["report.json"]);
    }
}

#[test]
fn killed_it_leaves_the_files_as_they_were() {
    use std::os::unix::process::ExitStatusExt;
    let folder = Folder::new();
    let report = folder.file("report.json", "as it was");
    let (status, _) = Running::new(&["--format", "json", "--output", text(&report)]).send("-KILL");
    assert_eq!(status.signal(), Some(9));
    assert_eq!(folder.names(), ["report.json"]);
    // A graph is written while it is explored, into a file of another name.
    let graph = folder.file("graph.jsonl", "as it was");
    let (status, _) = Running::new(&["--graph", text(&graph)]).send("-KILL");
    assert_eq!(status.signal(), Some(9));
    for file in [&report, &graph] {
        assert_eq!(std::fs::read_to_string(file).expect("it is there"), "as it was");
    }
    let left: Vec<String> = folder.names().into_iter().filter(|name| !name.starts_with(".poolproof-")).collect();
    assert_eq!(left, ["graph.jsonl", "report.json"]);
    // And what is left does not confuse the next run.
    let file = folder.file("scenario.toml", small() + "\n[expect]\ncan-complete = \"holds\"\n");
    ends(poolproof().arg("check").arg(&file).arg("--output").arg(&report).arg("--graph").arg(&graph), 0);
    assert!(std::fs::read_to_string(&report).expect("it is there").starts_with("HOLDS"));
    assert!(std::fs::read_to_string(&graph).expect("it is there").starts_with('{'));
    ends(poolproof().arg("test").arg(folder.root()), 0);
}

#[test]
fn nobody_who_reads_is_no_failure() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small() + "\n[expect]\ncan-complete = \"holds\"\n");
    let script = folder.file("r.ps1", "Invoke-CsComputerFailOver fe1\n".repeat(3000));
    for arguments in [
        &["check", text(&file)][..],
        &["check", text(&file), "--format", "json"],
        &["test", text(&file)],
        &["read", text(&script)],
        &["diff", text(&file), text(&file)],
        &["readings"],
        &["properties"],
        &["schema"],
        &["diagram"],
        &["man"],
        &["help"],
    ] {
        let mut child = Command::new(POOLPROOF)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
    let one = Command::new("sh")
        .args(["-c", "\"$0\" read \"$1\" | head -1; \"$0\" schema | head -c 1", POOLPROOF, text(&script)])
        .output()
        .expect("sh runs");
    assert_eq!(String::from_utf8_lossy(&one.stderr), "");
}
