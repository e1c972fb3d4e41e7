//! Too little memory: the verdict is "not proved", or it is said what is missing.

use crate::{Folder, LONG, PATIENCE, POOLPROOF, ends, poolproof, small};
use assert_cmd::Command;

#[test]
fn a_small_limit_is_not_proved() {
    for memory in ["1KB", "1MB", "20MB"] {
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

/// The size of the program itself counts too; without optimisation it is large.
#[cfg(target_os = "linux")]
#[test]
fn what_the_system_allows_is_a_limit_by_itself() {
    let (code, told, said) = under(1_200_000, &["check", LONG, "--property", "recoverable", "--threads", "2"]);
    assert_eq!(code, Some(3), "{told}{said}");
    assert!(told.contains("the limit on memory was reached"), "{told}{said}");
}

/// Where not even the program finds room, nothing is silent and nothing half written.
#[cfg(target_os = "linux")]
#[test]
fn without_any_room_there_is_a_message_and_no_file() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    let report = folder.file("report.json", "as it was");
    let (file, path) = (crate::text(&file), crate::text(&report));
    for limit in [30_000, 60_000, 100_000, 200_000, 400_000] {
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
