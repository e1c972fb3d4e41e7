//! Texts that nest, repeat or stretch beyond all measure.

use crate::{Folder, ends, poolproof, scenario};

const DEEP: usize = 100_000;

#[track_caller]
fn refused(scenario: &str, expected: &str) {
    let folder = Folder::new();
    let file = folder.file("s.toml", scenario);
    let said = ends(poolproof().arg("check").arg(&file), 2);
    assert!(said.contains(expected), "{}", &said[..said.len().min(2000)]);
}

/// Reads a runbook as `check` does and as `read` does, whatever comes of it.
#[track_caller]
fn read(name: &str, runbook: &str) -> String {
    let folder = Folder::new();
    let script = folder.file(name, runbook);
    let file = folder.file("s.toml", scenario(&format!("runbook = \"{name}\"")));
    let mut all = String::new();
    for arguments in [["check"], ["read"]] {
        let path = if arguments == ["read"] { &script } else { &file };
        let output = poolproof().args(arguments).arg(path).output().expect("runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{:?} {arguments:?} {said}", output.status);
        assert!(!said.contains("panicked"), "{said}");
        assert!(output.stdout.len() + output.stderr.len() < 20_000_000, "{arguments:?} {}", output.stdout.len());
        all += &said;
        all += &String::from_utf8_lossy(&output.stdout);
    }
    all
}

#[test]
fn nested_toml_is_refused() {
    refused(&format!("x = {}{}", "[".repeat(DEEP), "]".repeat(DEEP)), "recursion");
    refused(&format!("x = {}", "[".repeat(DEEP)), "recursion");
    refused(&format!("x = {}1{}", "{a=".repeat(DEEP), "}".repeat(DEEP)), "recursion");
    refused(&format!("{}a = 1", "a.".repeat(DEEP)), "recursion");
    refused(&format!("[{}a]", "a.".repeat(DEEP)), "recursion");
}

#[test]
fn a_hundred_thousand_mistakes_are_counted_and_the_first_are_shown() {
    let keys: String = (0..DEEP).map(|index| format!("k{index} = 1\n")).collect();
    refused(&keys, "only the first 100 are shown");
    refused(&keys, "has 100001 mistakes");
}

#[test]
fn ten_thousand_operators_are_refused() {
    let more: String =
        (0..10_000).map(|at| format!("[[operator]]\nname = \"o{at}\"\nsteps = [\"hostname\"]\n")).collect();
    refused(&(scenario("steps = [\"hostname\"]") + &more), "expected at most 254");
}

#[test]
fn a_hundred_thousand_steps_are_refused_at_their_place() {
    let step = "Stop-CsWindowsService -ComputerName fe1";
    let steps = format!("steps = [{}]", format!("\"{step}\",").repeat(DEEP - 10_000));
    refused(&scenario(&steps), "the procedure is too large and is not analysed from here on");
    let said = read("steps.ps1", &format!("{step}\n").repeat(DEEP));
    assert!(said.contains("steps.ps1:30001:1"), "{}", &said[..said.len().min(2000)]);
}

#[test]
fn nested_powershell_is_refused_or_read() {
    for (open, close) in [
        ("(", ")"),
        ("{", "}"),
        ("if ($true) {", "}"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("-not ", ""),
        ("@{a=", "}"),
        ("try {", "} catch {}"),
        ("(", ""),
        ("{", ""),
        ("[int]", "1"),
    ] {
        // What takes long on this is the grammar; that it does not overflow shows at this depth too.
        let depth = if open.len() > 4 { DEEP / 5 } else { DEEP };
        read("deep.ps1", &format!("{}1{}", open.repeat(depth), close.repeat(depth)));
    }
}

#[test]
fn lines_of_any_length_are_shown_in_part() {
    for text in [
        format!("1{}", " + 1".repeat(DEEP)),
        format!("$a{}", ".b".repeat(DEEP)),
        format!("$a{}", "[0]".repeat(DEEP)),
        format!("Invoke-{}", "x".repeat(DEEP)),
        format!("Stop-CsWindowsService -ComputerName {}", "é".repeat(DEEP)),
        format!("Stop-CsWindowsService -ComputerName fe1 # {}", "é".repeat(DEEP)),
    ] {
        read("long.ps1", &text);
        read("long.md", &format!("```powershell\n{text}\n```\n"));
    }
    let said = read("long.ps1", &format!("{} # {}", "Invoke-Nothing", "x".repeat(DEEP)));
    assert!(said.contains("long.ps1:1:1") && !said.contains(&"x".repeat(5000)), "{said}");
}

#[test]
fn documents_of_nothing_but_structure_are_read() {
    read("quotes.md", &format!("{}x\n", "> ".repeat(DEEP)));
    read("list.md", &(0..2000).map(|depth| format!("{}- a\n", " ".repeat(depth))).collect::<String>());
    read("fences.md", &"```powershell\n".repeat(2000));
}
