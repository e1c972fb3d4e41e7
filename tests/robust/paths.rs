//! Where a scenario and a script may reach, and searches that go in circles.

use crate::{Folder, ends, poolproof, scenario, small, text};
use std::fs::canonicalize;

#[test]
fn a_scenario_reads_nothing_outside_of_its_folder() {
    let folder = Folder::new();
    let secret = folder.file("secret.ps1", "battery-staple\n");
    let own = |acts: &str| folder.file("own/s.toml", scenario(acts));
    let outside = "it lies outside of the folder of the scenario and of the one in which poolproof runs";
    let whole = canonicalize(&secret).expect("it is there");
    #[cfg(unix)]
    {
        folder.file("own/x.txt", "");
        std::os::unix::fs::symlink(&secret, folder.path("own/link.ps1")).expect("a link");
        std::os::unix::fs::symlink(folder.root(), folder.path("own/up")).expect("a link");
    }
    for path in
        ["../secret.ps1", "x/../../secret.ps1", "../../../../../../../../../etc/passwd", "/etc/passwd", text(&whole)]
    {
        let file = own(&format!("runbook = '{path}'"));
        let said = ends(poolproof().arg("check").arg(&file), 2);
        assert!(!said.contains("battery") && !said.contains("root:"), "{said}");
        assert!(said.contains(outside) || said.contains("there is no such file"), "{path}: {said}");
        let file = folder.file("own/t.toml", format!("[deployment]\ntopology = '{path}'\n"));
        let said = ends(poolproof().arg("check").arg(&file), 2);
        assert!(!said.contains("battery") && !said.contains("root:"), "{said}");
    }
    #[cfg(unix)]
    for path in ["../secret.ps1", "link.ps1", "up/secret.ps1"] {
        let said = ends(poolproof().arg("check").arg(own(&format!("runbook = '{path}'"))), 2);
        assert!(said.contains(outside) && !said.contains("battery"), "{path}: {said}");
    }
    // Somebody who stands above both means both.
    let file = own("runbook = '../secret.ps1'");
    let said = ends(poolproof().current_dir(folder.root()).arg("check").arg(&file), 2);
    assert!(said.contains("battery"), "{said}");
}

#[test]
fn a_script_sources_nothing_outside_of_its_folder() {
    let folder = Folder::new();
    folder.file("secret.ps1", "battery-staple\n");
    let mut paths = vec!["../secret.ps1", "..\\secret.ps1", "/etc/passwd"];
    folder.file("own/x/y.ps1", "");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path("secret.ps1"), folder.path("own/link.ps1")).expect("a link");
        paths.push("./link.ps1");
    }
    for path in paths {
        let script = folder.file("own/r.ps1", format!(". {path}\n"));
        let file = folder.file("own/s.toml", scenario("runbook = 'r.ps1'"));
        for (command, file) in [("check", file), ("read", script)] {
            let output = poolproof().arg(command).arg(&file).output().expect("runs");
            let all = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(2), "{command} {path}: {all}");
            assert!(!all.contains("battery") && !all.contains("root:"), "{command} {path}: {all}");
        }
    }
}

#[test]
fn scripts_that_source_each_other_are_refused() {
    let folder = Folder::new();
    folder.file("a.ps1", ". ./b.ps1\n");
    folder.file("b.ps1", ". ./c.ps1\n");
    folder.file("c.ps1", ". ./a.ps1\n");
    let file = folder.file("s.toml", scenario("runbook = 'a.ps1'"));
    assert!(ends(poolproof().arg("check").arg(&file), 2).contains("runs itself again"));
    ends(poolproof().arg("read").arg(folder.path("a.ps1")), 2);
    // Without a circle, and ever deeper.
    for at in 0..100 {
        folder.file(&format!("d{at}.ps1"), format!(". ./d{0}.ps1\n. ./d{0}.ps1\n", at + 1));
    }
    folder.file("d100.ps1", "hostname\n");
    let file = folder.file("s.toml", scenario("runbook = 'd0.ps1'"));
    ends(poolproof().arg("check").arg(&file), 2);
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_are_searched_once() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.file("one/scenario.toml", small() + "\n[expect]\ncan-complete = \"holds\"\n");
    symlink(folder.root(), folder.path("one/above")).expect("a link");
    symlink(folder.path("one/here"), folder.path("one/here")).expect("a link");
    let output = poolproof().arg("test").arg(folder.root()).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 2)), "{said}");
    std::fs::remove_file(folder.path("one/here")).expect("it can be removed");
    let output = poolproof().arg("test").arg(folder.root()).output().expect("runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told.matches("scenario.toml").count(), 1, "{told}");
}
