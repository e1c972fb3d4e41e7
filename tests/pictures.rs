//! The pictures in the book show what the tool shows today; `docs/pictures.sh` makes them.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the terminal shows after a command, as a picture.
fn terminal(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poolproof"));
    command.current_dir(root()).env_remove("NO_COLOR").args(["--color", "always"]).args(arguments);
    let output = command.output().expect("the command runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains('\u{1b}'), "the terminal shows colours: {text}");
    let shown = format!("$ poolproof {}\n{text}", arguments.join(" "));
    format!("{}\n", anstyle_svg::Term::new().render_svg(&shown).trim_end())
}

#[track_caller]
fn check(name: &str, expected: &str) {
    let path = root().join("docs/pictures").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{} is out of date: run docs/pictures.sh", path.display());
}

#[test]
fn a_verdict_on_the_terminal() {
    check(
        "check.svg",
        &terminal(&["check", "models/two-shells-three-front-ends/scenario.toml", "--property", "pool-quorum"]),
    );
}

fn pictures() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("docs/pictures")).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_picture_is_small_shown_and_made_by_the_script() {
    let shown: String = ["README.md", "docs/explorer.md", "docs/tutorial.md"]
        .map(|page| std::fs::read_to_string(root().join(page)).expect("a page"))
        .concat();
    let made = std::fs::read_to_string(root().join("docs/pictures.sh")).expect("the script");
    let tested = std::fs::read_to_string(root().join("tests/pictures.rs")).expect("this file");
    let pictures = pictures();
    assert!(pictures.len() >= 3, "{pictures:?}");
    for path in pictures {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let size = path.metadata().expect("it is there").len();
        assert!(size < 300_000, "{name} has {size} bytes");
        assert!(shown.contains(&format!("pictures/{name}")), "no page shows {name}");
        let stem = name.split('.').next().unwrap_or_default();
        let makes = if name.ends_with(".svg") {
            tested.contains(&format!("\"{name}\""))
        } else {
            made.contains(&format!("picture {stem} "))
        };
        assert!(makes, "nothing makes {name}");
    }
}
