//! The copy of the crate that holds every mutant, and its build.

use crate::rewrite::Rewriter;
use crate::tables::Lists;
use crate::{Mutant, Result};
use quote::{ToTokens, quote};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use syn::visit_mut::VisitMut;

/// The rooms that say what Skype for Business Server does.
pub const ROOMS: &[&str] = &["lifecycle", "fabric", "model"];
/// The rooms that no killer needs.
const LEFT_OUT: &[&str] = &["certificate", "cli", "explore", "reference", "report", "testing", "main.rs", "lib.rs"];

/// Writes the copy; the mutants in it, numbered by their position.
pub fn write(root: &Path, to: &Path) -> Result<Vec<Mutant>> {
    let (mut mutants, mut machines) = (Vec::new(), Vec::new());
    let source = root.join("src");
    remove_what_is_gone(&source, &to.join("src"))?;
    let mut rooms = Vec::new();
    for entry in walkdir::WalkDir::new(&source).sort_by_file_name() {
        let entry = entry?;
        let below = entry.path().strip_prefix(&source)?;
        let Some(room) = below.iter().next().and_then(|it| it.to_str()) else { continue };
        if LEFT_OUT.contains(&room) {
            continue;
        }
        if entry.file_type().is_dir() {
            if entry.depth() == 1 {
                rooms.push(room.to_owned());
            }
            fs::create_dir_all(to.join("src").join(below))?;
            continue;
        }
        let is_rust = below.extension().is_some_and(|it| it == "rs");
        if !is_rust {
            write_if_new(&to.join("src").join(below), &fs::read_to_string(entry.path())?)?;
            continue;
        }
        let text = fs::read_to_string(entry.path())?;
        let name = below.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/");
        let text = if !ROOMS.contains(&room) {
            // Their own tests say nothing of the rooms that are mutated.
            text.replace("#[cfg(test)]", "#[cfg(any())]")
        } else if name.contains("/tests/") {
            text
        } else {
            let mut file = syn::parse_file(&text).map_err(|why| format!("{name}: {why}"))?;
            let (path, lists) = (Vec::new(), Lists::default());
            let mut rewriter = Rewriter { file: &name, path, mutants: &mut mutants, machines: &mut machines, lists };
            rewriter.visit_file_mut(&mut file);
            file.into_token_stream().to_string()
        };
        write_if_new(&to.join("src").join(below), &text)?;
    }
    let runtime = root.join("tests/mutants/runtime");
    let rows = quote!(const MACHINES: &[(&str, &[(u32, usize)])] = &[#(#machines),*];);
    let mutant = fs::read_to_string(runtime.join("mutant.rs"))? + &rows.to_string();
    write_if_new(&to.join("src/mutant.rs"), &mutant)?;
    write_if_new(&to.join("src/killer.rs"), &fs::read_to_string(runtime.join("killer.rs"))?)?;
    let rooms: String = rooms.iter().map(|room| format!("pub mod {room};\n")).collect();
    let library = format!(
        "#![allow(warnings)]\nextern crate self as poolproof;\npub mod mutant;\n#[cfg(test)]\nmod killer;\n{rooms}"
    );
    write_if_new(&to.join("src/lib.rs"), &library)?;
    write_if_new(&to.join("Cargo.toml"), &manifest(root)?)?;
    fs::copy(root.join("Cargo.lock"), to.join("Cargo.lock"))?;
    for folder in ["models", "tests"] {
        let (from, link) = (root.join(folder), to.join(folder));
        if !link.exists() {
            std::os::unix::fs::symlink(from, link)?;
        }
    }
    number_equals(&mut mutants);
    Ok(mutants)
}

/// Removes the files of rooms that an earlier copy had and the source has no more.
fn remove_what_is_gone(source: &Path, copy: &Path) -> Result<()> {
    for entry in walkdir::WalkDir::new(copy).min_depth(2).into_iter().filter_map(std::result::Result::ok) {
        if entry.file_type().is_file() && !source.join(entry.path().strip_prefix(copy)?).exists() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A file that has not changed keeps its time, and cargo need not build it again.
fn write_if_new(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}

/// The manifest of the crate as far as its library and its unit tests need it. The dependencies are the same, so that
/// they are built once.
fn manifest(root: &Path) -> Result<String> {
    let text = fs::read_to_string(root.join("Cargo.toml"))?;
    let mut manifest: toml::Table = text.parse()?;
    for section in ["workspace", "lints", "example", "bench"] {
        manifest.remove(section);
    }
    manifest.insert("workspace".into(), toml::Table::new().into());
    for automatic in ["autobins", "autoexamples", "autotests", "autobenches"] {
        let package = manifest["package"].as_table_mut().ok_or("no package")?;
        package.insert(automatic.into(), false.into());
    }
    let own: toml::Table = "debug = false".parse()?;
    manifest["profile"]["dev"]["package"]
        .as_table_mut()
        .ok_or("no packages in the profile")?
        .insert("poolproof".into(), own.into());
    Ok(manifest.to_string())
}

fn number_equals(mutants: &mut [Mutant]) {
    let mut seen = std::collections::HashMap::new();
    for mutant in mutants {
        let key = (mutant.file.clone(), mutant.function.clone(), mutant.change.clone());
        let count = seen.entry(key).or_insert(0);
        *count += 1;
        if *count > 1 {
            mutant.change = format!("{} (no. {count})", mutant.change);
        }
    }
}

/// Builds the unit tests of the copy; where they are. Optimised they take three times as long to build and a fifth to run.
pub fn build(copy: &Path, target: &Path, optimised: bool) -> Result<PathBuf> {
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(["test", "--quiet", "--lib", "--no-run", "--offline", "--message-format=json-render-diagnostics"])
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", if optimised { "1" } else { "0" })
        .current_dir(copy)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the copy with the mutants cannot be built".into());
    }
    let text = String::from_utf8(output.stdout)?;
    let found = text.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("\"executable\":\"")?;
        Some(PathBuf::from(rest.split('"').next()?))
    });
    found.ok_or_else(|| "cargo names no executable".into())
}
