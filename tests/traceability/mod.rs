//! docs/traceability.md: what rests on each fact, and which shipped scenarios exercise it.

use crate::book::{self, Fact, cited_with_ranges, files, name, read, root};
use poolproof::lifecycle::{self, DrawnRow};
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::readings::Reading;
use poolproof::verdict::{Outcome, ScenarioVerdict, Treatment};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Rows that no shipped scenario takes, each with the reason why none has to.
const REMOVED: &str = "no shipped scenario removes a server; the rule is tested with F4.14";
const PAUSED: &str = "no shipped scenario does this to a service that drains or is paused; random scenarios do (D2)";
const PAIRED: &str = "a pool is reset, loses its votes, or is failed over once more in the middle of its fail-over: random scenarios of pairs do (D1)";
const NOT_TAKEN: &[(&str, &str)] = &[
    ("pool: Draining: failing over, pool fail-over -> Draining: failing over", PAIRED),
    ("pool: Draining: failing over, pool fail-over in disaster mode -> Failed over, services up", PAIRED),
    ("pool: Draining: failing over, reset -> Stopped", PAIRED),
    ("pool: Draining: failing over, votes lost -> Quorum lost", PAIRED),
    ("pool: Failed back: synchronising, pool fail-back -> Failed back: synchronising", PAIRED),
    ("pool: Failed back: synchronising, reset -> Failed over", PAIRED),
    ("pool: Failed back: synchronising, votes lost -> Failed over, quorum lost", PAIRED),
    ("pool: Failed over, quorum lost, reset -> Failed over", PAIRED),
    ("pool: Failed over, quorum lost, services stop -> Failed over", PAIRED),
    ("pool: Failed over, quorum lost, votes regained -> Failed over, services up", PAIRED),
    ("pool: Failed over, recovered from quorum loss -> Failed over, services up", PAIRED),
    ("pool: Failed over, reset -> Failed over", PAIRED),
    ("pool: Failed over, services up, reset -> Failed over", PAIRED),
    ("pool: Failed over, services up, votes lost -> Failed over, quorum lost", PAIRED),
    ("pool: Quorum lost, pool fail-over in disaster mode -> Failed over, quorum lost", PAIRED),
    ("pool: Quorum lost, reset -> Stopped", PAIRED),
    ("pool: Running, pool fail-over in disaster mode -> Failed over, services up", PAIRED),
    ("pool: Stopped, reset -> Stopped", PAIRED),
    ("routing-group: Building, moved to another pool -> No replica", PAIRED),
    ("server: Failed back, machine state removed -> Removed", REMOVED),
    ("server: Failed over, machine state removed -> Removed", REMOVED),
    ("server: Running, machine state removed -> Removed", REMOVED),
    ("server: Stopped, machine state removed -> Removed", REMOVED),
    ("service: Draining, drain -> Draining", PAUSED),
    ("service: Draining, pause -> Draining", PAUSED),
    ("service: Paused, empty, drain -> Stopped", PAUSED),
    ("service: Paused, empty, pause -> Paused, empty", PAUSED),
    ("service: Paused, empty, resume -> Running", PAUSED),
    ("service: Paused, empty, start -> Running", PAUSED),
    ("service: Paused, pause -> Paused", PAUSED),
    ("service: Paused, resume -> Running", PAUSED),
    ("service: Running, pause -> Paused", PAUSED),
];

const INTRODUCTION: &str = "\
# Traceability

Rule, table row, fact, scenario: what rests on what, and what exercises it. This page is made by `tests/verdicts.rs` from the
tables, the lists of readings and properties, the citations in `src` and `docs`, and one exploration of every shipped scenario but
those that are there to be timed; a test fails when it is out of date. What the facts say is in [facts.md](facts.md).

";

/// What cites a fact.
#[derive(Default)]
struct Uses {
    /// Rows of tables, readings, properties, by name.
    rules: Vec<String>,
    /// Files of the source.
    code: BTreeSet<String>,
    /// Pages of the book.
    pages: BTreeSet<String>,
    /// Shipped scenarios that take such a row, explore such a reading, or decide such a property.
    exercised: BTreeSet<String>,
    /// Shipped scenarios that name it in their text.
    named: BTreeSet<String>,
}

/// A row of a table as `Never::rows` writes it.
fn words(machine: &str, row: &DrawnRow) -> String {
    format!("{machine}: {}, {} -> {}", row.from, row.event, row.to)
}

/// The scenarios that take each row of each table, in the order of the tables.
fn takers(verdicts: &[ScenarioVerdict]) -> Vec<(String, &'static [&'static str], BTreeSet<String>)> {
    let drawings = lifecycle::drawings();
    let rows = drawings.iter().flat_map(|drawing| drawing.rows.iter().map(|row| (words(drawing.name, row), row.facts)));
    rows.map(|(words, facts)| {
        let takes = |verdict: &&ScenarioVerdict| !verdict.never.rows.contains(&words);
        let takers = verdicts.iter().filter(takes).map(|verdict| verdict.file.clone()).collect();
        (words, facts, takers)
    })
    .collect()
}

fn uses(verdicts: &[ScenarioVerdict]) -> BTreeMap<String, Uses> {
    let mut uses: BTreeMap<String, Uses> = BTreeMap::new();
    let mut rule = |facts: &[&str], what: String, by: BTreeSet<String>| {
        for fact in facts {
            let entry = uses.entry(fact.to_string()).or_default();
            entry.rules.push(what.clone());
            entry.exercised.extend(by.iter().cloned());
        }
    };
    for (row, facts, takers) in takers(verdicts) {
        rule(facts, format!("row `{row}`"), takers);
    }
    for reading in Reading::ALL {
        let described = reading.describe();
        let explored = |verdict: &&ScenarioVerdict| {
            let explores = |it: &Treatment| matches!(it, Treatment::Explored { .. });
            verdict.readings.iter().any(|it| it.reading == described.name && explores(&it.treatment))
        };
        let by = verdicts.iter().filter(explored).map(|verdict| verdict.file.clone()).collect();
        rule(described.facts, format!("reading `{}`", described.name), by);
    }
    for property in PropertyName::ALL {
        let described = property.describe();
        let decided = |verdict: &&ScenarioVerdict| {
            let applies = |it: &Outcome| !matches!(it, Outcome::NotApplicable { .. });
            verdict.properties.iter().any(|it| it.name == described.name && applies(&it.outcome))
        };
        let by = verdicts.iter().filter(decided).map(|verdict| verdict.file.clone()).collect();
        rule(described.facts, format!("property `{}`", described.name), by);
    }
    let tests = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
    for path in files("src", &["rs"]).into_iter().filter(|path| !tests(&name(path))) {
        for fact in cited_with_ranges(&read(&path)) {
            uses.entry(fact).or_default().code.insert(name(&path).trim_start_matches("src/").into());
        }
    }
    // The pages that are made from tables and lists would only say again what these say.
    let made = ["facts.md", "traceability.md", "readings.md", "properties.md"];
    for path in files("docs", &["md"]) {
        let page = name(&path).trim_start_matches("docs/").to_string();
        if !made.contains(&page.as_str()) && !page.starts_with("machines/") {
            for fact in cited_with_ranges(&read(&path)) {
                uses.entry(fact).or_default().pages.insert(page.trim_end_matches(".md").into());
            }
        }
    }
    for path in files("models", &["toml", "ps1", "md"]) {
        let folder = name(path.parent().unwrap_or(root()));
        if let Some(scenario) = folder.strip_prefix("models/") {
            for fact in cited_with_ranges(&read(&path)) {
                uses.entry(fact).or_default().named.insert(scenario.into());
            }
        }
    }
    uses
}

fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

/// A few names, and how many there are beside them.
fn some(names: &BTreeSet<String>) -> String {
    const SHOWN: usize = 3;
    let shown = list(names.iter().take(SHOWN));
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

/// The page, and the rows that no scenario takes.
pub fn page(verdicts: &[ScenarioVerdict]) -> (String, BTreeSet<String>) {
    let uses = uses(verdicts);
    let facts = book::facts();
    let nothing = Uses::default();
    let used = |fact: &Fact| uses.get(&fact.number).unwrap_or(&nothing);
    let is_rule = |uses: &Uses| !uses.rules.is_empty() || !uses.code.is_empty();
    let rows = takers(verdicts);
    let missing: BTreeSet<String> = rows.iter().filter(|row| row.2.is_empty()).map(|row| row.0.clone()).collect();

    let mut out = String::from(INTRODUCTION);
    let cited = facts.iter().filter(|fact| is_rule(used(fact))).count();
    let exercised = facts.iter().filter(|fact| !used(fact).exercised.is_empty()).count();
    let explored = verdicts.len();
    writeln!(
        out,
        "{} of {} facts, conflicts, assumptions, stories, claims and decisions are the reason of something in `src`; \
         {exercised} of them stand behind a row that is taken, a reading that is explored or a property that is decided in one \
         of {explored} scenarios. {} of {} rows are taken.\n",
        cited,
        facts.len(),
        rows.len() - missing.len(),
        rows.len(),
    )
    .unwrap();

    out += "## Rows of the tables\n\n| row | facts | scenarios | for example |\n|---|---|---|---|\n";
    for (row, facts, takers) in &rows {
        let example = match NOT_TAKEN.iter().find(|(other, _)| other == row) {
            Some((_, why)) if takers.is_empty() => (*why).into(),
            _ => takers.first().cloned().unwrap_or_default(),
        };
        writeln!(out, "| {row} | {} | {} | {example} |", facts.join(", "), takers.len()).unwrap();
    }

    out += "\n## Facts\n\nWhere a fact is cited: as the reason of a row, a reading or a property; in a file of `src`; on a page of this \
        book. *Exercised* counts the scenarios that take such a row, explore such a reading or decide such a property; *named* are \
        those that speak of it in their own text.\n\n\
        | fact | confidence or handling | rows, readings, properties | files of `src` | pages | exercised by | named by |\n\
        |---|---|---|---|---|---|---|\n";
    for fact in &facts {
        let uses = used(fact);
        let (number, last) = (&fact.number, &fact.last);
        // Links on the page of facts are relative to it, as on this one.
        writeln!(
            out,
            "| {number} | {last} | {} | {} | {} | {} | {} |",
            list(&uses.rules),
            list(&uses.code),
            list(&uses.pages),
            some(&uses.exercised),
            some(&uses.named),
        )
        .unwrap();
    }

    out += "\n## Facts of high confidence that are no rule\n\nNothing in `src` cites them. Those with a page are left out in so many words, \
        or explained there; the others say nothing that a property could see.\n\n| fact | what it says | pages |\n|---|---|---|\n";
    for fact in facts.iter().filter(|fact| fact.number.starts_with('F') && fact.last.starts_with("high")) {
        let uses = used(fact);
        if !is_rule(uses) {
            writeln!(out, "| {} | {} | {} |", fact.number, fact.sentence, list(&uses.pages)).unwrap();
        }
    }
    (out, missing)
}

/// The page is up to date, and every row that nobody takes has its reason.
pub fn check(verdicts: &[ScenarioVerdict]) {
    let (page, missing) = page(verdicts);
    book::check("traceability.md", &page);
    let known: BTreeSet<String> = NOT_TAKEN.iter().map(|(row, _)| row.to_string()).collect();
    let new: Vec<&String> = missing.difference(&known).collect();
    assert!(new.is_empty(), "no shipped scenario takes these rows: add one, or say here why not: {new:#?}");
    let stale: Vec<&String> = known.difference(&missing).collect();
    assert!(stale.is_empty(), "these rows are taken after all: {stale:#?}");
}
