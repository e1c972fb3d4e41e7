//! `docs/mutants.md`: the score.

use crate::list::{Equivalents, Fate};
use crate::{Mutant, Result};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = include_str!("page.md");
/// Where the page is.
pub const PAGE: &str = "docs/mutants.md";

#[derive(Default)]
struct Score {
    scenario: usize,
    test: usize,
    equivalent: usize,
    survives: usize,
}

impl Score {
    fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Killed { killer, .. } if killer.starts_with("scenario ") => self.scenario += 1,
            Fate::Killed { .. } => self.test += 1,
            Fate::Equivalent => self.equivalent += 1,
            Fate::Survives => self.survives += 1,
        }
    }

    fn row(&self, name: &str) -> String {
        let Score { scenario, test, equivalent, survives } = self;
        let all = scenario + test + equivalent + survives;
        format!("| {name} | {all} | {scenario} | {test} | {equivalent} | {survives} |\n")
    }
}

fn table<'a>(what: &str, scored: impl Iterator<Item = (&'a str, &'a Fate)>) -> String {
    let (mut scores, mut total): (BTreeMap<&str, Score>, _) = Default::default();
    let total: &mut Score = &mut total;
    for (name, fate) in scored {
        scores.entry(name).or_default().count(fate);
        total.count(fate);
    }
    let mut table = format!(
        "| {what} | mutants | killed by a scenario | by a test | equivalent | survive |\n{}\n",
        "|---".repeat(6) + "|"
    );
    for (name, score) in &scores {
        table += &score.row(name);
    }
    table + &total.row("all")
}

/// Writes the page.
pub fn write(root: &Path, mutants: &[Mutant], fates: &[Fate], equivalents: &Equivalents) -> Result<()> {
    Ok(fs::write(root.join(PAGE), text(mutants, fates, equivalents)?)?)
}

/// Whether the page says what the list does.
pub fn is_up_to_date(root: &Path, mutants: &[Mutant], fates: &[Fate], equivalents: &Equivalents) -> Result<bool> {
    Ok(fs::read_to_string(root.join(PAGE))? == text(mutants, fates, equivalents)?)
}

fn text(mutants: &[Mutant], fates: &[Fate], equivalents: &Equivalents) -> Result<String> {
    let scored = || mutants.iter().zip(fates);
    let by_room = table("room", scored().map(|(mutant, fate)| (mutant.file.split('/').next().unwrap_or(""), fate)));
    let by_file = table("file", scored().map(|(mutant, fate)| (mutant.file.as_str(), fate)));
    let by_kind = table("change", scored().map(|(mutant, fate)| (mutant.kind, fate)));
    let mut arguments = String::new();
    for argument in &equivalents.equivalent {
        writeln!(arguments, "### `{}`, `{}`\n\n{}\n", argument.file, argument.function, argument.why.trim())?;
        for change in &argument.changes {
            writeln!(arguments, "- `{change}`")?;
        }
        arguments += "\n";
    }
    let endless = fates.iter().filter(|fate| matches!(fate, Fate::Killed { endless: true, .. })).count();
    Ok(HEAD
        .replace("{endless}", &endless.to_string())
        .replace("{by_room}", by_room.trim_end())
        .replace("{by_file}", by_file.trim_end())
        .replace("{by_kind}", by_kind.trim_end())
        .replace("{arguments}", arguments.trim_end()))
}
