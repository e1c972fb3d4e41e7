//! Files that are no text, no end, no file, or a bomb.

use crate::{Folder, ends, joined, poolproof, scenario};
use std::fs::File;
use std::path::Path;

/// Checks a scenario with this `[[operator]]` and this `[deployment]`.
#[track_caller]
fn check(folder: &Folder, scenario: impl AsRef<[u8]>) -> String {
    let file = folder.file("s.toml", scenario);
    ends(poolproof().arg("check").arg(&file), 2)
}

fn with_topology(file: &str) -> String {
    format!("[deployment]\ntopology = \"{file}\"\n")
}

/// A file of this size that takes no room on the disk.
fn hollow(folder: &Folder, name: &str, megabytes: u64) {
    let file = File::create(folder.path(name)).expect("a file");
    file.set_len(megabytes << 20).expect("a file can be long");
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let folder = Folder::new();
    for (content, expected) in [
        (&b"title = \"\xff\""[..], "the file is not UTF-8"),
        (b"\xff\xfet\0i\0", "the file is UTF-16, and TOML is UTF-8"),
        (b"title = \"a\0b\"", "the control character U+0000"),
        (b"title = \"\x1b[2J\"", "the control character U+001B"),
        (&[0; 1000], "the control character U+0000"),
    ] {
        let said = check(&folder, content);
        assert!(said.contains(expected) && said.contains("s.toml:1:"), "{said}");
        assert!(!said.contains(['\0', '\u{1b}']), "{said:?}");
    }
    for (content, expected) in [
        (&b"# caf\xe9"[..], "is not valid UTF-8"),
        (b"hostname\nWrite-Host '\x1b[2J'", "line 2 has the control character U+001B"),
        (&[0; 1000], "line 1 has the control character U+0000"),
    ] {
        folder.file("r.ps1", content);
        let said = check(&folder, scenario("runbook = \"r.ps1\""));
        assert!(said.contains(expected), "{said}");
        let said = ends(poolproof().arg("read").arg(folder.path("r.ps1")), 2);
        assert!(said.contains(expected), "{said}");
    }
    folder.file("t.xml", b"<Topology>\x1b[2J\0</Topology>");
    let said = check(&folder, with_topology("t.xml"));
    assert!(said.contains("t.xml:1:") && !said.contains(['\0', '\u{1b}']), "{said:?}");
}

#[test]
fn what_a_scenario_spells_with_escapes_does_nothing_to_a_terminal() {
    let folder = Folder::new();
    let said = check(&folder, scenario("steps = [\"hostname\"]").replace("A case", "\\u001b[2J"));
    assert!(said.contains("the title is not one line") && !said.contains('\u{1b}'), "{said:?}");
    let said = check(&folder, scenario("steps = [\"Invoke-\\u001b[2JNothing\", \"Get-\\u0000\"]"));
    assert!(!said.contains(['\0', '\u{1b}']), "{said:?}");
    let file =
        folder.file("s.toml", scenario("steps = [\"hostname\"]").replacen('\n', "\ndescription = \"\\u001b[2J\"\n", 1));
    let output = poolproof().arg("check").arg(&file).output().expect("runs");
    assert!(!output.stdout.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn numbers_of_any_size_are_out_of_range() {
    let folder = Folder::new();
    for number in ["99999999999999999999999", &"9".repeat(10_000), "-1", "1e400", "0x7fffffffffffffff"] {
        let text = scenario("steps = [\"hostname\"]").replace("front-ends = 3", &format!("front-ends = {number}"));
        check(&folder, text);
        let text = scenario("steps = [\"hostname\"]") + &format!("[faults]\ncrash = {number}\n");
        check(&folder, text);
    }
}

#[test]
fn a_hundred_megabytes_are_refused() {
    let folder = Folder::new();
    for name in ["large.toml", "large.ps1", "large.md"] {
        hollow(&folder, name, 100);
    }
    let said = ends(poolproof().arg("check").arg(folder.path("large.toml")), 2);
    assert!(said.contains("it has 104857600 bytes, and a scenario has at most 4194304"), "{said}");
    for name in ["large.ps1", "large.md"] {
        let said = joined(&check(&folder, scenario(&format!("runbook = \"{name}\""))));
        assert!(said.contains("the file has 104857600 bytes, and at most 4194304 are read"), "{said}");
        ends(poolproof().arg("read").arg(folder.path(name)), 2);
    }
    hollow(&folder, "large.xml", 300);
    let said = check(&folder, with_topology("large.xml"));
    assert!(said.contains("it has more than 256 MiB"), "{said}");
}

#[test]
fn entities_and_document_types_are_refused() {
    let folder = Folder::new();
    let secret = folder.file("secret.txt", "correct horse battery staple");
    let mut bomb = String::from("<!DOCTYPE t [<!ENTITY a0 \"ha\">");
    for level in 1..40 {
        bomb += &format!("<!ENTITY a{level} \"&a{0};&a{0};\">", level - 1);
    }
    bomb += "]><Topology>&a39;</Topology>";
    let outside = format!("<!DOCTYPE t [<!ENTITY s SYSTEM \"{}\">]><Topology>&s;</Topology>", secret.display());
    for document in [bomb, outside] {
        folder.file("t.xml", document);
        let said = check(&folder, with_topology("t.xml"));
        assert!(said.contains("t.xml:1:") && !said.contains("battery"), "{said}");
    }
    folder.file("t.xml", format!("<Topology>{}{}</Topology>", "<a>".repeat(100_000), "</a>".repeat(100_000)));
    check(&folder, with_topology("t.xml"));
}

#[test]
fn a_million_servers_are_counted_and_refused() {
    let folder = Folder::new();
    let machines: String = (0..1_000_000).map(|at| format!("<Machine Fqdn=\"e{at}.x\"/>")).collect();
    let document = format!(
        "<Topology xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008\"><Clusters>\
         <Cluster Fqdn=\"edge.x\"><ClusterId SiteId=\"1\" Number=\"1\"/>{machines}</Cluster></Clusters>\
         <Services><Service ServiceVersion=\"7\"><ServiceId SiteId=\"1\" RoleName=\"EdgeServer\" Instance=\"1\"/>\
         <InstalledOn><ClusterId SiteId=\"1\" Number=\"1\"/></InstalledOn></Service></Services></Topology>"
    );
    folder.file("t.xml", document);
    let acts = "[[operator]]\nname = \"alice\"\nsteps = [\"Stop-CsWindowsService -ComputerName e1.x\"]\n";
    let said = check(&folder, with_topology("t.xml") + acts);
    assert!(said.contains("1000000 servers"), "{said}");
}

#[test]
fn a_folder_is_no_file() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("d.ps1")).expect("a folder");
    assert!(ends(poolproof().arg("check").arg(folder.path("d.ps1")), 2).contains("it is a directory"));
    assert!(ends(poolproof().arg("read").arg(folder.path("d.ps1")), 2).contains("it is a directory"));
    assert!(check(&folder, scenario("runbook = \"d.ps1\"")).contains("it is a directory"));
    assert!(check(&folder, with_topology("d.ps1")).contains("it is a directory"));
}

#[cfg(unix)]
#[test]
fn endless_files_and_pipes_that_a_scenario_names_are_refused() {
    let folder = Folder::new();
    let made = std::process::Command::new("mkfifo").arg(folder.path("pipe.ps1")).status().expect("mkfifo runs");
    assert!(made.success());
    let said = check(&folder, scenario("runbook = \"pipe.ps1\""));
    assert!(said.contains("it is no regular file"), "{said}");
    assert!(check(&folder, with_topology("pipe.ps1")).contains("it is no regular file"));
    folder.file("main.ps1", ". ./pipe.ps1\n");
    assert!(check(&folder, scenario("runbook = \"main.ps1\"")).contains("cannot be read"));
    let zero = Path::new("/dev/zero");
    for command in ["check", "read", "test"] {
        let output = poolproof().arg(command).arg(zero).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("it has more than 256 MiB"), "{said}");
    }
}

/// `poolproof check <(generate)`: a pipe that the user names himself has a writer.
#[cfg(unix)]
#[test]
fn a_pipe_that_the_user_names_is_read() {
    let output = poolproof().args(["check", "/dev/stdin"]).write_stdin(crate::small()).output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
