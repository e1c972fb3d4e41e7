//! The book agrees with the code: its generated pages are up to date, every fact that is cited exists, every
//! link leads somewhere.

#[path = "book/mod.rs"]
mod book;

use book::{check, citations, cited_with_ranges, files, name, read, root};
use poolproof::report::catalogue;
use std::collections::{BTreeMap, BTreeSet};

/// The numbers that have a row in docs/facts.md.
fn known() -> BTreeSet<String> {
    book::facts().into_iter().map(|fact| fact.number).collect()
}

#[test]
fn the_book_lists_the_readings() {
    check("readings.md", &catalogue::readings_page());
}

#[test]
fn the_book_lists_the_properties() {
    check("properties.md", &catalogue::properties_page());
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
    let known = known();
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

/// Facts about the whole deployment: what the witness, a change of members, pairs of pools, fabric, the surroundings
/// of a pool and versions add to a server. Each is the reason of a rule, or stands where the book says what is
/// left out; a story of a failure may be examined by a shipped scenario instead.
#[test]
fn every_fact_about_the_whole_deployment_is_a_rule_or_is_left_out_in_so_many_words() {
    let of_interest = |fact: &str| {
        let in_section = ["F6.", "F8.", "F9.", "F10."].iter().any(|section| fact.starts_with(section));
        let row = |section: &str| fact.strip_prefix(section).and_then(|row| row.parse::<u32>().ok());
        let stories = [2, 3, 6, 7, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24, 29, 34, 35];
        in_section
            || row("F3.").is_some_and(|row| (9..=14).contains(&row) || row >= 24)
            || row("F5.").is_some_and(|row| (13..=20).contains(&row))
            || row("R").is_some_and(|row| stories.contains(&row))
    };
    let mut rules = BTreeSet::new();
    for path in files("src", &["rs"]).iter().filter(|path| !name(path).contains("/tests/")) {
        rules.extend(cited_with_ranges(&read(path)));
    }
    let left_out = cited_with_ranges(&read(&root().join("docs/abstractions.md")));
    let mut examined = BTreeSet::new();
    for path in files("models", &["toml"]) {
        examined.extend(citations(&read(&path)).into_iter().filter(|fact| fact.starts_with('R')));
    }
    let known: Vec<String> = known().into_iter().filter(|fact| of_interest(fact)).collect();
    assert!(known.len() > 70, "only {} facts were found", known.len());
    let missing: Vec<&String> = known
        .iter()
        .filter(|fact| !(rules.contains(*fact) || left_out.contains(*fact) || examined.contains(*fact)))
        .collect();
    assert!(missing.is_empty(), "neither a rule nor left out in docs/abstractions.md: {missing:?}");
}

#[test]
fn ranges_of_facts_cite_what_lies_between() {
    let cited = |text: &str| cited_with_ranges(text).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(cited("| F5.16-F5.18, A15 |"), "A15 F5.16 F5.17 F5.18");
    assert_eq!(cited("(F6.1 to F6.3) and F7.1"), "F6.1 F6.2 F6.3 F7.1");
    assert_eq!(cited("a-b F1.2-G1.9 F1.9-F2.1"), "F1.2 F1.9 F2.1");
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

/// The blocks of a page that show a command and what it prints.
fn sessions(text: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let session = |block: &str| {
        let (command, output) = block.split_once('\n').unwrap_or((block, ""));
        let words = command.trim_start_matches("$ ").split(' ').map(String::from).collect();
        (words, output.lines().map(String::from).collect())
    };
    blocks.map(session).collect()
}

/// Whether a shown output is the real one; a line `...` stands for any lines.
fn shows(shown: &[String], real: &[&str]) -> Result<(), String> {
    let mut rest = real;
    let mut free = false;
    for part in shown.split(|line| line == "...") {
        let fits = |window: &[&str]| window == part;
        let at = match part.len() {
            0 => Some(0),
            length if free => rest.windows(length).position(fits),
            length => rest.get(..length).is_some_and(fits).then_some(0),
        };
        let at = at.ok_or_else(|| part.join("\n"))?;
        rest = &rest[at + part.len()..];
        free = true;
    }
    let closed = shown.last().is_none_or(|line| line != "...");
    if closed && !rest.is_empty() { Err(format!("(the end, before {})", rest[0])) } else { Ok(()) }
}

#[test]
fn a_shown_output_may_leave_lines_out_and_nothing_else() {
    let shown = |lines: &str, real: &str| {
        let lines: Vec<String> = lines.lines().map(String::from).collect();
        shows(&lines, &real.lines().collect::<Vec<_>>()).is_ok()
    };
    assert!(shown("a\n...\nc\nd", "a\nb\nc\nd") && shown("...\nb\n...", "a\nb\nc") && shown("a", "a"));
    assert!(!shown("b\n...", "a\nb") && !shown("a\n...\nb\n...\na", "a\nb\nc") && !shown("a", "a\nb"));
    assert!(!shown("...\na\nc\n...", "a\nb\nc"));
}

#[test]
fn the_tutorial_shows_what_the_command_prints() {
    let sessions = sessions(&read(&root().join("docs/tutorial.md")));
    assert!(sessions.len() > 5, "only {} commands were found", sessions.len());
    for (command, shown) in sessions {
        assert_eq!(command[0], "poolproof");
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_poolproof"))
            .args(&command[1..])
            .current_dir(root())
            .output()
            .expect("the command runs");
        let real = String::from_utf8(run.stdout).expect("the output is text").replace("\r\n", "\n");
        if let Err(missing) = shows(&shown, &real.lines().collect::<Vec<_>>()) {
            panic!("{}: the tutorial shows\n{missing}\nbut the output is\n{real}", command.join(" "));
        }
    }
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
