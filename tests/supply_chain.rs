//! What the program is made of, as docs/supply-chain.md promises it: licences, sources, the oldest Rust that builds it,
//! how many crates it needs, and what a package of it contains.
//!
//! The lists are those of deny.toml, so that `cargo deny` and this agree. Everything is asked of cargo, offline.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// The crates that the command is built from, on the machine of this test. It grows on purpose or not at all.
const MOST_CRATES: usize = 200;

/// The largest file of the package, in bytes, and all of it.
const LARGEST_FILE: u64 = 512 << 10;
const LARGEST_PACKAGE: u64 = 8 << 20;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What cargo knows of the package and of all that it depends on here.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).expect("UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc knows its host");
    let told = cargo(&["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", host]);
    serde_json::from_str(&told).expect("JSON")
});

fn packages() -> impl Iterator<Item = &'static Value> {
    let packages = METADATA["packages"].as_array().expect("packages").iter();
    packages.filter(|package| resolved().any(|node| node["id"] == package["id"]))
}

fn resolved() -> impl Iterator<Item = &'static Value> {
    METADATA["resolve"]["nodes"].as_array().expect("a resolution").iter()
}

/// Those that come from elsewhere.
fn foreign() -> impl Iterator<Item = &'static Value> {
    packages().filter(|package| !package["source"].is_null())
}

fn named(package: &'static Value) -> &'static str {
    package["name"].as_str().expect("a name")
}

static DENY: LazyLock<toml::Table> =
    LazyLock::new(|| std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml").parse().expect("TOML"));

fn strings(value: &toml::Value) -> BTreeSet<&str> {
    value.as_array().expect("a list").iter().map(|item| item.as_str().expect("a string")).collect()
}

/// Whether a licence expression is met by licences of a list: `OR` needs one side, `AND` both, and `AND` binds tighter.
fn permitted(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = expression.trim();
    let mut depth = 0;
    let bytes = expression.as_bytes();
    let mut cuts: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ if depth > 0 => {}
            _ => {
                for operator in [" OR ", "/", " AND "] {
                    if expression[at..].starts_with(operator) {
                        cuts.entry(operator).or_insert(at);
                    }
                }
            }
        }
    }
    let cut = |operator: &str| {
        let at = *cuts.get(operator)?;
        Some((&expression[..at], &expression[at + operator.len()..]))
    };
    if let Some((one, other)) = cut(" OR ").or_else(|| cut("/")) {
        return permitted(one, allowed) || permitted(other, allowed);
    }
    if let Some((one, other)) = cut(" AND ") {
        return permitted(one, allowed) && permitted(other, allowed);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => permitted(inner, allowed),
        None => allowed.contains(expression),
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]);
    let rows = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT / Apache-2.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND Zlib", false),
        ("GPL-3.0 OR MIT AND Zlib", false),
        ("Zlib AND MIT OR ISC", true),
        ("(MIT)", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("", false),
    ];
    for (expression, expected) in rows {
        assert_eq!(permitted(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn every_licence_is_on_the_list_and_every_row_of_the_list_is_used() {
    let licences = &DENY["licenses"];
    let allowed = strings(&licences["allow"]);
    let mut exceptions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in licences["exceptions"].as_array().expect("a list") {
        exceptions.insert(row["crate"].as_str().expect("a name"), strings(&row["allow"]));
    }
    let mut seen = 0;
    for package in foreign() {
        seen += 1;
        let licence = package["license"].as_str().unwrap_or("");
        let more = exceptions.get(named(package)).into_iter().flatten().copied();
        let allowed = allowed.iter().copied().chain(more).collect();
        assert!(permitted(licence, &allowed), "{}: {licence:?} is not allowed by deny.toml", named(package));
    }
    assert!(seen > 100, "only {seen} crates were looked at");
    for row in allowed.iter().chain(exceptions.values().flatten()) {
        let known = |package: &Value| package["license"].as_str().is_some_and(|licence| licence.contains(row));
        assert!(foreign().any(known), "nothing has the licence {row}");
    }
    for name in exceptions.keys() {
        assert!(foreign().any(|package| named(package) == *name), "there is no {name} any more");
    }
}

#[test]
fn every_crate_is_from_the_registry_and_none_is_banned() {
    let registries = strings(&DENY["sources"]["allow-registry"]);
    let banned: BTreeSet<&str> = DENY["bans"]["deny"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["crate"].as_str().expect("a name"))
        .collect();
    for package in foreign() {
        let source = package["source"].as_str().and_then(|source| source.strip_prefix("registry+")).unwrap_or("");
        assert!(registries.contains(source), "{} is from {}", named(package), package["source"]);
        assert!(!banned.contains(named(package)), "{} is banned by deny.toml", named(package));
    }
}

fn release(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.split('.').map(|part| part.parse().expect("a number")).collect();
    parts.resize(3, 0);
    parts
}

/// That our own code needs no later Rust is what the lint `incompatible_msrv` says, which is among clippy's and an error.
#[test]
fn no_dependency_needs_a_later_rust_than_we_promise() {
    let manifest: toml::Table =
        std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml").parse().expect("TOML");
    let ours = manifest["package"]["rust-version"].as_str().expect("a version").to_owned();
    for package in foreign() {
        if let Some(theirs) = package["rust_version"].as_str() {
            assert!(release(theirs) <= release(&ours), "{} needs Rust {theirs}, and we promise {ours}", named(package));
        }
    }
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    assert!(readme.contains(&format!("Rust {ours} or later")), "the README promises another version");
}

/// Cargo's metadata would count what the tests ask of a crate besides; its tree is what the command is built from.
#[test]
fn the_command_needs_no_more_crates_than_before() {
    let told =
        cargo(&["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let crates: BTreeSet<&str> = told.lines().filter_map(|line| line.split(" (").next()).collect();
    // One of them is our own.
    let count = crates.len() - 1;
    println!("{count} crates");
    assert!(count > 100 && crates.iter().any(|name| name.starts_with("poolproof ")), "{told}");
    assert!(count <= MOST_CRATES, "{count} crates; docs/supply-chain.md says what each kind is for");
}

#[test]
fn a_package_has_what_it_needs_and_nothing_else() {
    let told = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
    let files: Vec<&str> = told.lines().collect();
    for needed in ["Cargo.toml", "Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/main.rs", "deny.toml"]
    {
        assert!(files.contains(&needed), "{needed} is missing");
    }
    let mut all = 0;
    for file in &files {
        let foreign = ["target/", "fuzz/", ".ci/", "..", "/"].iter().find(|start| file.starts_with(**start));
        assert!(foreign.is_none() && !file.contains("shared/"), "{file} has no business in a package");
        let pending = [".snap.new", ".pending-snap", ".tmp", ".orig"].iter().any(|end| file.ends_with(end));
        assert!(!pending || *file == "Cargo.toml.orig", "{file}");
        // Some are made by cargo.
        if let Ok(known) = std::fs::metadata(root().join(file)) {
            assert!(known.len() <= LARGEST_FILE, "{file} has {} bytes", known.len());
            all += known.len();
        }
    }
    assert!(files.len() > 300 && all <= LARGEST_PACKAGE, "{} files with {all} bytes", files.len());
}

#[test]
fn a_package_can_be_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().to_str().expect("a plain name");
    cargo(&["package", "--package", "poolproof", "--no-verify", "--allow-dirty", "--offline", "--target-dir", target]);
    let made = folder.path().join(format!("package/poolproof-{}.crate", env!("CARGO_PKG_VERSION")));
    assert!(std::fs::metadata(&made).is_ok_and(|made| made.len() > 100_000), "{}", made.display());
}
