//! Too little memory: the verdict is "not proved", or it is said what is missing.

use crate::{Folder, LONG, PATIENCE, POOLPROOF, ends, poolproof, small};
use assert_cmd::Command;

#[test]
fn a_small_limit_is_not_proved() {
    for memory in ["1KB", "20KB"] {
        let arguments = ["check", LONG, "--property", "recoverable", "--memory", memory];
        let output = poolproof().args(arguments).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("the limit on memory was reached"), "{said}");
    }
}

/// Runs a check under `ulimit -v`, in kilobytes.
fn under(limit: u64, arguments: &[&str]) -> (Option<i32>, String, String) {
    let script = format!("ulimit -v {limit} && exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, POOLPROOF]).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.timeout(PATIENCE).env("RUST_BACKTRACE", "0").output().expect("sh runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Where not even the program finds room, nothing is silent and nothing half written.
#[cfg(target_os = "linux")]
#[test]
fn without_any_room_there_is_a_message_and_no_file() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    let report = folder.file("report.json", "as it was");
    let (file, path) = (crate::text(&file), crate::text(&report));
    for step in 0..40 {
        // Where the system cannot even load the program, nothing of it is there to say so.
        let limit = 10_000 * (step + 1);
        if under(limit, &["--version"]).0 != Some(0) {
            continue;
        }
        let (code, told, said) = under(limit, &["check", file, "--format", "json", "--output", path]);
        let written = std::fs::read_to_string(&report).expect("it is there");
        match code {
            Some(0 | 3) => drop(serde_json::from_str::<serde_json::Value>(&written).expect("a whole report")),
            _ => {
                assert!(!said.trim().is_empty(), "{limit}: {code:?} {told}");
                assert!(written == "as it was" || written.starts_with('{'), "{limit}: {written}");
            }
        }
        let left: Vec<String> = folder.names().into_iter().filter(|name| name.starts_with(".poolproof-")).collect();
        assert!(left.is_empty() || code.is_none(), "{limit}: {left:?}");
    }
    assert!(ends(poolproof().args(["check", file, "--output", path]), 0).starts_with("HOLDS"));
}
