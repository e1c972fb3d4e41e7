//! The committed list of mutants and their fates, and the arguments for those that no test can kill.

use crate::{Mutant, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const LIST: &str = "tests/mutants/list.tsv";
const EQUIVALENT: &str = "tests/mutants/equivalent.toml";
/// Stands behind a killer that did not come to an end.
const ENDLESS: &str = ", without end";

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// This killed it, perhaps because it did not come to an end.
    Killed {
        /// What did so.
        killer: String,
        /// Whether it was still running when nobody waited any longer.
        endless: bool,
    },
    /// Nothing can, and an argument says why.
    Equivalent,
    /// Nothing did.
    Survives,
}

/// The committed fates.
#[derive(Debug, Default)]
pub struct List(BTreeMap<String, Fate>);

fn key(mutant: &Mutant) -> String {
    [&mutant.file, &mutant.function, mutant.kind, &mutant.change].join("\t")
}

/// The line of a mutant.
pub fn line(mutant: &Mutant, fate: &Fate) -> String {
    let (fate, end) = match fate {
        Fate::Killed { killer, endless } => (killer.as_str(), if *endless { ENDLESS } else { "" }),
        Fate::Equivalent => ("equivalent", ""),
        Fate::Survives => ("survives", ""),
    };
    format!("{}\t{fate}{end}", key(mutant))
}

impl List {
    /// Reads the list.
    pub fn read(root: &Path) -> Result<List> {
        let text = fs::read_to_string(root.join(LIST)).map_err(|why| format!("{LIST}: {why}"))?;
        let line = |line: &str| {
            let (key, fate) = line.rsplit_once('\t')?;
            let fate = match fate {
                "equivalent" => Fate::Equivalent,
                "survives" => Fate::Survives,
                killer => {
                    let ends = killer.strip_suffix(ENDLESS);
                    Fate::Killed { killer: ends.unwrap_or(killer).to_owned(), endless: ends.is_some() }
                }
            };
            Some((key.to_owned(), fate))
        };
        Ok(List(text.lines().filter_map(line).collect()))
    }

    /// What the list says of a mutant.
    pub fn fate(&self, mutant: &Mutant) -> Fate {
        self.0.get(&key(mutant)).cloned().unwrap_or(Fate::Survives)
    }

    /// Whether the list has a mutant.
    pub fn has(&self, mutant: &Mutant) -> bool {
        self.0.contains_key(&key(mutant))
    }

    /// Mutants that are new and mutants that are gone.
    pub fn differences(&self, mutants: &[Mutant]) -> Vec<String> {
        let there: BTreeSet<String> = mutants.iter().map(key).collect();
        let new = there.iter().filter(|it| !self.0.contains_key(*it)).map(|it| format!("new, not in the list: {it}"));
        let gone = self.0.keys().filter(|it| !there.contains(*it)).map(|it| format!("gone, still in the list: {it}"));
        new.chain(gone).collect()
    }
}

/// Writes the list.
pub fn write(root: &Path, mutants: &[Mutant], fates: &[Fate]) -> Result<()> {
    let lines: String = mutants.iter().zip(fates).map(|(mutant, fate)| line(mutant, fate) + "\n").collect();
    Ok(fs::write(root.join(LIST), lines)?)
}

/// Mutants that change nothing which anybody could see, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// The file, below `src`.
    pub file: String,
    /// The function.
    pub function: String,
    /// The changes.
    pub changes: Vec<String>,
    /// Why nothing follows from them.
    pub why: String,
}

/// All arguments.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalents {
    /// The arguments.
    #[serde(default)]
    pub equivalent: Vec<Argument>,
}

impl Argument {
    fn is_about(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file && self.function == mutant.function && self.changes.contains(&mutant.change)
    }
}

impl Equivalents {
    /// Reads the arguments.
    pub fn read(root: &Path) -> Result<Equivalents> {
        let text = fs::read_to_string(root.join(EQUIVALENT)).map_err(|why| format!("{EQUIVALENT}: {why}"))?;
        Ok(toml::from_str(&text).map_err(|why| format!("{EQUIVALENT}: {why}"))?)
    }

    /// Why a mutant is equivalent, if somebody says so.
    pub fn why(&self, mutant: &Mutant) -> Option<&str> {
        self.equivalent.iter().find(|argument| argument.is_about(mutant)).map(|argument| argument.why.as_str())
    }

    /// Changes that an argument speaks of and that no mutant makes.
    pub fn unused(&self, mutants: &[Mutant]) -> Vec<String> {
        let mut unused = Vec::new();
        for argument in &self.equivalent {
            for change in &argument.changes {
                let made = |mutant: &&Mutant| argument.is_about(mutant) && mutant.change == *change;
                if !mutants.iter().any(|mutant| made(&mutant)) {
                    unused.push(format!("{} {}: {change}", argument.file, argument.function));
                }
            }
        }
        unused
    }
}
