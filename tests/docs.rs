//! The book agrees with the code: its generated pages are up to date, every fact that is cited exists, every
//! link leads somewhere.

use poolproof::report::catalogue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    text.replace("\r\n", "\n")
}

/// Every file below a folder, or the file itself, with one of these endings.
fn files(below: &str, endings: &[&str]) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(root().join(below)).sort_by_file_name();
    let found = found.into_iter().map(|entry| entry.expect("the folder can be read").into_path());
    let found = found.filter(|path| endings.iter().any(|ending| path.extension().is_some_and(|it| it == *ending)));
    found.filter(|path| path.is_file()).collect()
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// Compares a page of the book with what it should be, or writes it if `UPDATE_DOCS` is set.
#[track_caller]
fn check(page: &str, expected: &str) {
    let path = root().join("docs").join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{} is out of date: run UPDATE_DOCS=1 cargo test --test docs", path.display());
}

#[test]
fn the_book_lists_the_readings() {
    check("readings.md", &catalogue::readings_page());
}

#[test]
fn the_book_lists_the_properties() {
    check("properties.md", &catalogue::properties_page());
}

/// The numbers that have a row in docs/facts.md.
fn facts() -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for row in read(&root().join("docs/facts.md")).lines().filter(|line| line.starts_with("| ")) {
        let number = row[2..].split(" |").next().unwrap_or("");
        if citations(number).first().is_some_and(|only| only == number) {
            assert!(known.insert(number.to_string()), "docs/facts.md has two rows for {number}");
        }
    }
    known
}

/// The fact numbers in a text: `F3.8`, `A13`. A range `F1.9-F1.12` cites its ends.
fn citations(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    for at in 0..bytes.len() {
        let begins = at == 0 || !word(bytes[at - 1]);
        // A column of the alphabet in a script or a hexadecimal colour is not a citation.
        let quoted = at > 0 && matches!(bytes[at - 1], b'#' | b'$' | b'/' | b'-' | b'.') && !after_fact(bytes, at);
        if !begins || quoted || !b"FCARSD".contains(&bytes[at]) {
            continue;
        }
        let whole = digits(at + 1);
        let mut end = at + 1 + whole;
        if whole == 0 || whole > 2 {
            continue;
        }
        if bytes[at] == b'F' {
            let part = if bytes.get(end) == Some(&b'.') { digits(end + 1) } else { 0 };
            if part == 0 {
                continue;
            }
            end += 1 + part;
        }
        if bytes.get(end).is_none_or(|byte| !word(*byte)) {
            found.push(text[at..end].to_string());
        }
    }
    found
}

/// Whether what stands before a hyphen is a number, so that this is the end of a range.
fn after_fact(bytes: &[u8], at: usize) -> bool {
    at >= 2 && bytes[at - 1] == b'-' && bytes[at - 2].is_ascii_digit()
}

#[test]
fn citations_are_found_where_they_stand_and_nowhere_else() {
    let cited = |text: &str| citations(text).join(" ");
    assert_eq!(cited("as long as it lasts (F1.48, A13); see C7."), "F1.48 A13 C7");
    assert_eq!(cited("the inventory (F1.9-F1.32), R19 b"), "F1.9 F1.32 R19");
    assert_eq!(cited("#A1 $C1 RTCF1.2 F12 FA3 A1234 fe1 D2x"), "");
}

#[test]
fn every_fact_that_is_cited_is_in_the_book() {
    let known = facts();
    assert!(known.len() > 300, "docs/facts.md has {} rows only", known.len());
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut cited = 0;
    let texts = [
        files("src", &["rs"]),
        files("tests", &["rs"]),
        files("models", &["toml", "ps1", "md", "tla"]),
        files("docs", &["md"]),
        files("README.md", &["md"]),
    ];
    for path in texts.concat() {
        if name(&path) == "tests/docs.rs" {
            continue;
        }
        for fact in citations(&read(&path)) {
            cited += 1;
            if !known.contains(&fact) {
                missing.entry(fact).or_default().insert(name(&path));
            }
        }
    }
    assert!(cited > 500, "only {cited} citations were found: the search is broken");
    let lines = missing.iter().map(|(fact, paths)| {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        format!("{fact} in {}", paths.join(", "))
    });
    assert!(missing.is_empty(), "docs/facts.md has no row for:\n{}", lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_fact_is_one_sentence() {
    let mut wrong = Vec::new();
    for line in read(&root().join("docs/facts.md")).lines().filter(|line| line.starts_with("| F")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        // "30 s, and" and "Ready." end in no new sentence; a full stop before a capital letter begins one.
        let sentences = cells[1].matches(". ").count() + usize::from(cells[1].ends_with('.'));
        if cells.len() != 4 || sentences != 1 {
            wrong.push(line.to_string());
        }
    }
    assert!(wrong.is_empty(), "not one sentence, a source and a confidence:\n{}", wrong.join("\n"));
}

/// The links of a Markdown text, without those in code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second part stands between backticks.
        let plain: String =
            line.split('`').enumerate().map(|(part, it)| if part % 2 == 0 { it } else { "code" }).collect();
        for rest in plain.split("](").skip(1) {
            found.extend(rest.split(')').next().map(String::from));
        }
    }
    found
}

/// The anchors of a Markdown text, as they are made of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let letter = |letter: char| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then(|| letter.to_ascii_lowercase()),
    };
    headings.map(|heading| heading.chars().filter_map(letter).collect()).collect()
}

#[test]
fn links_and_anchors_are_read_as_a_viewer_reads_them() {
    assert_eq!(links("see [a](x.md#y) and `[b](z)`\n```\n[c](d)\n```\n[![e](f.svg)](g)"), ["x.md#y", "f.svg", "g"]);
    assert!(anchors("## Time, and `waits`").contains("time-and-waits"));
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let texts =
        [files("README.md", &["md"]), files("CHANGELOG.md", &["md"]), files("docs", &["md"]), files("models", &["md"])];
    for path in texts.concat() {
        for link in links(&read(&path)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap_or(root()).join(file) };
            if !target.exists() {
                broken.push(format!("{}: {link}", name(&path)));
            } else if !anchor.is_empty() && !anchors(&read(&target)).contains(anchor) {
                broken.push(format!("{}: {link}: no such heading", name(&path)));
            }
        }
    }
    assert!(broken.is_empty(), "these links lead nowhere:\n{}", broken.join("\n"));
}
