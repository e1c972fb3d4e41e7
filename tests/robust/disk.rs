//! Files that cannot be written, or are written by several at a time.

use crate::{Folder, ends, poolproof, small, text};

const OLD: &str = "as it was";

#[test]
fn a_folder_is_no_place_for_a_report_and_a_missing_one_is_named() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    std::fs::create_dir(folder.path("d.jsonl")).expect("a folder");
    for (option, path, expected) in [
        ("--output", "d.jsonl", "it is a folder"),
        ("--graph", "d.jsonl", "it is a folder"),
        ("--output", "nowhere/report.txt", "No such file or directory"),
        ("--graph", "nowhere/graph.jsonl", "No such file or directory"),
        ("--output", "s.toml/report.txt", "cannot write"),
    ] {
        let said = ends(poolproof().arg("check").arg(&file).arg(option).arg(folder.path(path)), 2);
        assert!(said.contains(expected), "{option} {path}: {said}");
    }
    let said = ends(poolproof().arg("report").arg(&file).arg("--output").arg(folder.path("nowhere/x.html")), 2);
    assert!(said.contains("cannot write"), "{said}");
    ends(poolproof().arg("init").arg(folder.path("s.toml")), 2);
    assert_eq!(folder.names(), ["d.jsonl", "s.toml"]);
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), small());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_told() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    for arguments in [
        &["check", text(&file), "--output", "/dev/full"][..],
        &["report", text(&file), "--output", "/dev/full"],
        &["read", "models/official-patch/patch.ps1", "--output", "/dev/full"],
        &["diagram", "--output", "/dev/full"],
    ] {
        let said = ends(poolproof().args(arguments), 2);
        assert!(said.contains("cannot write /dev/full") && said.contains("No space left"), "{arguments:?}: {said}");
    }
    for command in
        ["check FILE", "check FILE --format json", "test FILE", "schema", "readings", "man", "completions bash"]
    {
        let script = format!("\"$0\" {} > /dev/full", command.replace("FILE", "\"$1\""));
        let output = std::process::Command::new("sh")
            .args(["-c", &script, crate::POOLPROOF, text(&file)])
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("cannot write standard output") && !said.contains("panicked"), "{command}: {said}");
    }
    // Nobody is left to be told, and the exit code still is what it is.
    let output = std::process::Command::new("sh")
        .args(["-c", "\"$0\" check \"$1\" --stats > /dev/full 2> /dev/full", crate::POOLPROOF, text(&file)])
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
}

/// Runs a script with `$1` the command, `$2` a scenario and `$3` a folder, on a file system of its own that is mounted on
/// that folder and gone afterwards; `None` where that is not permitted.
#[cfg(target_os = "linux")]
fn on_its_own_disk(size: &str, script: &str) -> Option<String> {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    std::fs::create_dir(folder.path("disk")).expect("a folder");
    let script = format!("mount -t tmpfs -o size={size} none \"$3\" || exit 77\nset -e\n{script}");
    let output = assert_cmd::Command::new("unshare")
        .args(["--mount", "sh", "-c", &script, "sh", crate::POOLPROOF, text(&file), text(&folder.path("disk"))])
        .timeout(crate::PATIENCE)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(77) || said.contains("unshare failed") {
        println!("not tested: no file system may be mounted here: {said}");
        return None;
    }
    assert!(output.status.success() && !said.contains("panicked"), "{said}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned() + &said)
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_old_file_stays() {
    let script = r#"
        printf 'as it was' > "$3/review.html"; cp "$3/review.html" "$3/graph.jsonl"
        code=0; "$1" report "$2" --output "$3/review.html" || code=$?; test $code -eq 2
        code=0; "$1" check models/official-patch/scenario.toml --graph "$3/graph.jsonl" || code=$?; test $code -eq 2
        ls -A "$3"; cat "$3/review.html" "$3/graph.jsonl""#;
    if let Some(told) = on_its_own_disk("16k", script) {
        assert!(told.starts_with(&format!("graph.jsonl\nreview.html\n{OLD}{OLD}")), "{told}");
        assert_eq!(told.matches("No space left").count(), 2, "{told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn in_a_folder_that_is_read_only_the_old_file_stays() {
    let script = r#"
        printf 'as it was' > "$3/report.txt"; mount -o remount,ro "$3"
        for name in report.txt new.txt; do
            code=0; "$1" check "$2" --output "$3/$name" || code=$?; test $code -eq 2
        done
        code=0; "$1" init "$3/new" || code=$?; test $code -eq 2
        ls -A "$3"; cat "$3/report.txt""#;
    if let Some(told) = on_its_own_disk("1m", script) {
        assert!(told.starts_with(&format!("report.txt\n{OLD}")), "{told}");
        assert_eq!(told.matches("cannot write").count(), 3, "{told}");
    }
}

#[test]
fn of_two_at_a_time_each_is_whole() {
    let folder = Folder::new();
    let file = folder.file("s.toml", small());
    let (report, graph) = (folder.path("report.json"), folder.path("graph.jsonl"));
    let check = |property: &str| {
        let arguments =
            ["--format", "json", "--output", text(&report), "--graph", text(&graph), "--property", property];
        ends(poolproof().arg("check").arg(&file).args(arguments), 0)
    };
    let properties = ["can-complete", "runbook-completes"];
    std::thread::scope(|scope| {
        for round in 0..8 {
            scope.spawn(move || check(properties[round % 2]));
        }
    });
    let written = std::fs::read_to_string(&report).expect("it is there");
    let verdict: serde_json::Value = serde_json::from_str(&written).expect("a whole report");
    assert!(properties.iter().any(|name| verdict["scenarios"][0]["properties"][0]["name"] == *name), "{written}");
    let lines = std::fs::read_to_string(&graph).expect("it is there");
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
    assert_eq!(folder.names(), ["graph.jsonl", "report.json", "s.toml"]);
}
