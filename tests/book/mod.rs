//! The pages of the book, the facts in it, and where a text cites them.
#![allow(dead_code, reason = "each test that reads the book uses a part of this")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    text.replace("\r\n", "\n")
}

/// Every file below a folder, or the file itself, with one of these endings.
pub fn files(below: &str, endings: &[&str]) -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(root().join(below)).sort_by_file_name();
    let found = found.into_iter().map(|entry| entry.expect("the folder can be read").into_path());
    let found = found.filter(|path| endings.iter().any(|ending| path.extension().is_some_and(|it| it == *ending)));
    found.filter(|path| path.is_file()).collect()
}

pub fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string().replace('\\', "/")
}

/// Compares a page of the book with what it should be, or writes it if `UPDATE_DOCS` is set.
#[track_caller]
pub fn check(page: &str, expected: &str) {
    let path = root().join("docs").join(page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let again = "UPDATE_DOCS=1 cargo test --test docs --test verdicts";
    assert!(found == expected, "{} is out of date: run {again}", path.display());
}

/// A row of docs/facts.md.
pub struct Fact {
    /// Its number, as in `F3.8`.
    pub number: String,
    /// What it says.
    pub sentence: String,
    /// The last column: how sure it is, or what is done about it.
    pub last: String,
}

/// The rows of docs/facts.md.
pub fn facts() -> Vec<Fact> {
    let mut known: Vec<Fact> = Vec::new();
    for row in read(&root().join("docs/facts.md")).lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        if citations(cells[0]).first().is_some_and(|only| only == cells[0]) {
            let number = cells[0].to_string();
            assert!(known.iter().all(|fact| fact.number != number), "docs/facts.md has two rows for {number}");
            let last = cells.last().map(|cell| cell.to_string()).unwrap_or_default();
            known.push(Fact { number, sentence: cells[1].into(), last });
        }
    }
    known
}

/// The fact numbers in a text: `F3.8`, `A13`. A range `F1.9-F1.12` cites its ends.
pub fn citations(text: &str) -> Vec<String> {
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

/// The numbers that a text cites, those between the ends of a range included: `F5.16-F5.19`, `F5.16 to F5.19`.
pub fn cited_with_ranges(text: &str) -> BTreeSet<String> {
    let mut cited: BTreeSet<String> = citations(text).into_iter().collect();
    let words: Vec<&str> = text.split([' ', '\n', ',', '|', '(', ')', '"', ';']).collect();
    let ends = |word: &str| word.split_once('-').map(|(from, to)| (from.to_string(), to.to_string()));
    let mut ranges: Vec<(String, String)> = words.iter().filter_map(|word| ends(word)).collect();
    ranges.extend(words.windows(3).filter(|three| three[1] == "to").map(|three| (three[0].into(), three[2].into())));
    for (from, to) in ranges {
        let number = |fact: &str| {
            fact.rsplit_once('.').and_then(|(section, row)| Some((section.to_string(), row.parse::<u32>().ok()?)))
        };
        if let (Some((section, first)), Some((other, last))) = (number(&from), number(&to))
            && section == other
            && section.starts_with('F')
        {
            cited.extend((first..=last).map(|row| format!("{section}.{row}")));
        }
    }
    cited
}
