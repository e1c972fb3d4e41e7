//! From what a search knows to a certificate.
//!
//! Invariant: a certificate is written only of what the check concluded; whether it is right is for the auditor to say.
//! Runs are added until they cover all valuations for which something is violated, as the auditor counts them.
//! Cost: beside the evidence, tables; states are written one after the other.

use super::audit::{ALL, NONE, Valuations, beginnings, shown};
use super::container::Writer;
use super::format::{Claimed, Cube, Head, Packed as Words, Ranking, Run, Step};
use super::refusal::Refusal;
use crate::check::model::{Assignment, Claim, Packed};
use crate::check::{self, Conclusion, Evidence, Path, Reason};
use std::collections::HashMap;
use std::io::{self, Write};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes in all.
    pub bytes: u64,
    /// The states in it; `None` if nothing in it rests on all of them.
    pub states: Option<u64>,
    /// Properties that something is claimed of.
    pub claims: usize,
}

/// Why no certificate was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Nothing was decided.
    #[error("nothing was decided that it could show")]
    Nothing,
    /// It cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A limit was hit on the way.
    #[error("the ranks were not worked out in time")]
    Limit,
    /// There are more combinations of values than an auditor looks at.
    #[error("{0} (fix some readings in the scenario)")]
    TooLarge(Refusal),
    /// A mistake in the model or in the checker.
    #[error("internal error, please report it with the scenario: {0}")]
    Internal(String),
}

impl From<Reason> for WriteError {
    fn from(reason: Reason) -> WriteError {
        match reason {
            Reason::Limit(_) => WriteError::Limit,
            other => WriteError::Internal(format!("{other:?}")),
        }
    }
}

impl From<Refusal> for WriteError {
    fn from(refusal: Refusal) -> WriteError {
        match refusal {
            Refusal::TooLarge(_) => WriteError::TooLarge(refusal),
            other => WriteError::Internal(other.to_string()),
        }
    }
}

/// Sets of valuations with their numbers.
#[derive(Default)]
struct Table {
    sets: Vec<Vec<Cube>>,
    numbers: HashMap<Vec<Assignment>, u32>,
}

impl Table {
    fn number(&mut self, cubes: Vec<Assignment>) -> u32 {
        let Table { sets, numbers } = self;
        *numbers.entry(cubes).or_insert_with_key(|cubes| {
            sets.push(cubes.iter().copied().map(Cube).collect());
            sets.len() as u32 - 1
        })
    }
}

/// Writes a certificate of what a search found; `subject` is what the model can be made of again.
///
/// # Errors
/// Nothing was decided, a limit was hit, or it cannot be written.
pub fn write<M: Packed>(
    model: &M,
    evidence: &Evidence<'_, M>,
    subject: serde_json::Value,
    out: &mut dyn Write,
) -> Result<Written, WriteError> {
    let touched = evidence.touched();
    let mut all = Valuations::new(&model.parameters(), &touched)?;
    let starts = beginnings(model, &mut all)?;
    if starts.is_empty() {
        return Err(WriteError::Nothing);
    }
    let (mut claims, mut rankings) = (Vec::new(), Vec::new());
    let mut of_all_states = false;
    for (number, result) in evidence.results().iter().enumerate() {
        let claim = result.property.claim;
        let violated: Vec<Cube> =
            check::cover(&result.violated_when(), &model.parameters()).into_iter().map(Cube).collect();
        let set = all.union(&violated)?;
        let all_violated = all.minus(ALL, set)? == NONE;
        let conclusive = result.conclusion == Conclusion::Conclusive;
        let holds_elsewhere = conclusive && (evidence.is_complete() || all_violated);
        if !holds_elsewhere && set == NONE {
            continue;
        }
        let holds_somewhere = holds_elsewhere && !all_violated;
        let (to_show, states, ranks) = match claim {
            Claim::Sometimes(_) if holds_elsewhere => (all.minus(ALL, set)?, set != NONE, false),
            Claim::Sometimes(_) => (NONE, true, false),
            Claim::AlwaysPossibly { .. } => (set, true, true),
            Claim::Eventually(_) | Claim::LeadsTo { .. } => (set, holds_somewhere, holds_somewhere),
            Claim::Always(_) | Claim::Never(_) | Claim::NoDeadlock(_) => (set, holds_somewhere, false),
        };
        let (mut runs, mut rest) = (Vec::new(), to_show);
        while let Some(valuation) = all.first(rest) {
            let name = &result.property.name;
            let path = evidence.path(number, valuation)?;
            let path = path.ok_or_else(|| WriteError::Internal(format!("{name}: a run is missing")))?;
            let run = run_of(&path);
            let found = shown(model, &mut all, &starts, &result.property, (runs.len(), &run))?;
            let when: Vec<Cube> = path.when.into_iter().map(Cube).collect();
            let when = all.union(&when)?;
            let found = all.and(found, when)?;
            let left = all.minus(rest, found)?;
            if left == rest {
                return Err(WriteError::Internal(format!("{name}: a run does not show what it was found for")));
            }
            rest = left;
            runs.push(run);
        }
        if ranks {
            let ranking = evidence.ranking(number)?;
            rankings.push(ranking.ok_or_else(|| WriteError::Internal("ranks are missing".to_owned()))?);
        }
        of_all_states |= states;
        let property = result.property.name.clone();
        claims.push((Claimed { property, violated, holds_elsewhere, runs, ranking: None }, ranks));
    }
    if claims.is_empty() {
        return Err(WriteError::Nothing);
    }
    let listing = of_all_states.then(|| evidence.states());
    let mut table = Table::default();
    let numbers: Vec<u32> =
        listing.iter().flat_map(|listing| &listing.sets).map(|cubes| table.number(cubes.clone())).collect();
    let mut ranked = rankings.iter();
    for (claimed, _) in claims.iter_mut().filter(|(_, ranks)| *ranks) {
        claimed.ranking = ranked.next().map(|ranking| {
            let maps = ranking
                .maps
                .iter()
                .map(|map| map.iter().map(|(rank, set)| (*rank, table.number(set.clone()))).collect());
            Ranking { maps: maps.collect(), constraints: ranking.constraints.clone() }
        });
    }
    let head = Head {
        poolproof: env!("CARGO_PKG_VERSION").to_owned(),
        subject,
        words: model.words(),
        parameters: touched,
        states: listing.as_ref().map(|listing| listing.len() as u64),
        sets: table.sets,
        claims: claims.into_iter().map(|(claimed, _)| claimed).collect(),
    };
    let mut writer = Writer::new(out, &head)?;
    if let Some(listing) = &listing {
        let rankings: Vec<&check::Ranking> = rankings.iter().collect();
        let mut said = vec![0; 1 + rankings.len()];
        listing.each(&rankings, |words, set, maps| {
            said[0] = numbers[set as usize];
            said[1..].copy_from_slice(maps);
            writer.state(words, &said)
        })?;
    }
    Ok(Written { bytes: writer.finish()?, states: head.states, claims: head.claims.len() })
}

fn run_of(path: &Path) -> Run {
    let steps = path.states[1..].iter().zip(&path.labels);
    Run {
        initial: Words(path.states[0].clone()),
        steps: steps
            .map(|(to, label)| Step { to: Words(to.clone()), fairness: label.fairness, events: label.events })
            .collect(),
        loop_from: path.loop_start,
        open_from: path.open_from,
    }
}
