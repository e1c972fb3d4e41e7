//! The auditor: believes a certificate only as far as the model confirms it.
//!
//! It asks the model where runs begin, what holds in a state and where its steps lead, and looks at one state after the
//! other. There is no search in it, and nothing of the search is used here: of `check` this room knows the model's
//! interface alone (`tests/architecture.rs`).
//!
//! Invariant: what it says of a property follows from what it looked at: every counterexample was replayed, and for "holds"
//! the states were found to contain where runs begin, to be closed under all steps, and to be good, each for every valuation.
//! Cost: every step of every state is asked for once; a pass over the certificate for each [`CHUNK`] of steps.

mod closed;
mod judge;
mod runs;
mod steps;
mod valuations;

use super::container::Opened;
use super::format::Claimed;
use super::refusal::{Refusal, hexadecimal};
use crate::check::model::{Assignment, Claim, Packed, Property, stored_form};
use closed::States;
use judge::{Judge, Ranks};
use runs::Mistake;
use std::collections::BTreeMap;
pub(super) use valuations::{ALL, NONE, Set, Valuations};

/// What an audit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// What is true of each property that something is claimed of, in the order of the specification.
    pub properties: Vec<Truth>,
    /// The states that were looked at, if all were.
    pub states: Option<u64>,
    /// Their steps.
    pub transitions: u64,
}

/// What is true of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Its name.
    pub property: String,
    /// The partial assignments for which it is violated.
    pub violated: Vec<Assignment>,
    /// Whether it holds for all others.
    pub holds_elsewhere: bool,
    /// The steps of each run that was replayed.
    pub runs: Vec<usize>,
}

/// Where runs begin: the states, each with the valuations for which they do, in ascending order.
pub(super) fn beginnings<M: Packed>(model: &M, all: &mut Valuations) -> Result<Vec<(Vec<u64>, Set)>, Refusal> {
    let mut starts: BTreeMap<Vec<u64>, Set> = BTreeMap::new();
    for state in model.init_states().into_iter().filter(|state| model.within_boundary(state)) {
        let when = all.cube(model.assignment(&state))?;
        let known = starts.entry(stored_form(model, &state)).or_insert(NONE);
        *known = all.or(*known, when)?;
    }
    Ok(starts.into_iter().collect())
}

/// The valuations for which a run shows what is claimed of a property, as far as runs can.
pub(super) fn shown<M: Packed>(
    model: &M,
    all: &mut Valuations,
    starts: &[(Vec<u64>, Set)],
    property: &Property,
    (number, run): (usize, &super::format::Run),
) -> Result<Set, Refusal> {
    let (property, claim) = (property.name.clone(), property.claim);
    runs::shows(model, all, starts, claim, run).map_err(|mistake| match mistake {
        Mistake::Step(step, what) => Refusal::Replay { property, run: number + 1, step, what },
        Mistake::Nothing(what) => Refusal::ShowsNothing { property, run: number + 1, what },
        Mistake::Refused(refusal) => refusal,
    })
}

/// A claim that is looked at.
struct Open<'c> {
    property: Property,
    claimed: &'c Claimed,
    violated: Set,
    /// The valuations that its runs show.
    shown: Set,
    /// Whoever looks at all states for it, if that is needed.
    judge: Option<Judge>,
}

/// The bytes that the steps of a chunk have, about.
const CHUNK: usize = 1 << 25;

/// Audits a certificate about a model.
///
/// # Errors
/// Why it is refused.
pub fn audit<M: Packed>(model: &M, opened: &Opened<'_>) -> Result<Confirmed, Refusal> {
    audit_in_chunks(model, opened, CHUNK)
}

/// The same with about so many bytes of steps at a time: fewer bytes take more passes over the certificate.
///
/// # Errors
/// Why it is refused.
pub fn audit_in_chunks<M: Packed>(model: &M, opened: &Opened<'_>, bytes: usize) -> Result<Confirmed, Refusal> {
    let head = &opened.head;
    if head.words != model.words() {
        return Err(Refusal::Model(format!(
            "its states have {} words, and those of the model {}",
            head.words,
            model.words()
        )));
    }
    let mut all = Valuations::new(&model.parameters(), &head.parameters)?;
    let sets = head.sets.iter().map(|cubes| all.union(cubes)).collect::<Result<Vec<Set>, Refusal>>()?;
    let starts = beginnings(model, &mut all)?;
    if starts.is_empty() {
        return Err(Refusal::NoBeginning);
    }
    let mut claims = claims(model, opened, &sets, &mut all)?;
    let ranked = head.claims.iter().filter_map(|claimed| claimed.ranking.as_ref());
    let states = States { opened, maps: ranked.map(|ranking| ranking.maps.len()).collect(), sets };
    if head.states.is_some() {
        begin(&states, &starts, &mut claims, &mut all)?;
    }
    for open in &mut claims {
        for run in open.claimed.runs.iter().enumerate() {
            let shown = shown(model, &mut all, &starts, &open.property, run)?;
            let shown = lost(open, &states, shown, run, &mut all)?;
            open.shown = all.or(open.shown, shown)?;
        }
        let by_runs = match open.property.claim {
            Claim::Sometimes(_) if !open.claimed.holds_elsewhere => NONE,
            Claim::Sometimes(_) => all.minus(ALL, open.violated)?,
            _ => open.violated,
        };
        if !all.within(by_runs, open.shown)? {
            return Err(Refusal::NotShown { property: open.property.name.clone() });
        }
    }
    let mut transitions = 0;
    if head.states.is_some() {
        transitions = states.each(model, &mut all, bytes, |all, here| {
            claims.iter_mut().filter_map(|open| open.judge.as_mut()).try_for_each(|judge| judge.look(here, all))
        })?;
    } else {
        // Nothing may stand where states would.
        opened.records(0)?.read()?;
    }
    let properties = claims.into_iter().map(|open| Truth {
        property: open.property.name,
        violated: open.claimed.violated.iter().map(|cube| cube.0).collect(),
        holds_elsewhere: open.claimed.holds_elsewhere,
        runs: open.claimed.runs.iter().map(|run| run.steps.len()).collect(),
    });
    Ok(Confirmed { properties: properties.collect(), states: head.states, transitions })
}

/// The claims, in the order of the specification, each with whoever has to look at all states.
fn claims<'c, M: Packed>(
    model: &M,
    opened: &'c Opened<'_>,
    sets: &[Set],
    all: &mut Valuations,
) -> Result<Vec<Open<'c>>, Refusal> {
    let head = &opened.head;
    let mut specified: Vec<Option<Property>> = model.specification().into_iter().map(Some).collect();
    let mut claims = Vec::new();
    let mut place = 0;
    for claimed in &head.claims {
        let name = &claimed.property;
        let unasked = || Refusal::Property { property: name.clone() };
        let order =
            specified.iter().position(|it| it.as_ref().is_some_and(|it| it.name == *name)).ok_or_else(unasked)?;
        let property = specified[order].take().ok_or_else(unasked)?;
        let violated = all.union(&claimed.violated)?;
        let holds_somewhere = claimed.holds_elsewhere && violated != ALL;
        let (of_all_states, ranked) = match property.claim {
            Claim::Always(_) | Claim::Never(_) | Claim::NoDeadlock(_) => (holds_somewhere, false),
            Claim::Sometimes(_) => (violated != NONE, false),
            Claim::AlwaysPossibly { .. } => (true, true),
            Claim::Eventually(_) | Claim::LeadsTo { .. } => (holds_somewhere, holds_somewhere),
        };
        if of_all_states && head.states.is_none() {
            return Err(Refusal::NoStates { property: name.clone() });
        }
        if ranked != claimed.ranking.is_some() {
            return Err(Refusal::Damaged(format!("{name}: there have to be ranks where a claim rests on them")));
        }
        if !claimed.holds_elsewhere && (ranked || violated == NONE) {
            return Err(Refusal::Damaged(format!("{name}: nothing is claimed of it, or too little")));
        }
        let ranks = claimed.ranking.as_ref().map(|ranking| {
            place += 1;
            Ranks::new(place - 1, ranking, sets, all)
        });
        let judge = Judge::new(name, property.claim, violated, ranks.transpose()?);
        let judge = of_all_states.then_some(judge);
        claims.push((order, Open { property, claimed, violated, shown: NONE, judge }));
    }
    if claims.is_empty() {
        return Err(Refusal::Nothing);
    }
    claims.sort_by_key(|(order, _)| *order);
    Ok(claims.into_iter().map(|(_, open)| open).collect())
}

/// Of the valuations for which a run was taken, those for which it ends where the goal cannot be reached any more, if the
/// claim is about that.
fn lost(
    open: &mut Open<'_>,
    states: &States<'_>,
    shown: Set,
    (number, run): (usize, &super::format::Run),
    all: &mut Valuations,
) -> Result<Set, Refusal> {
    let (Claim::AlwaysPossibly { .. }, Some(judge)) = (open.property.claim, &mut open.judge) else { return Ok(shown) };
    let last = run.steps.last().map_or(&run.initial, |step| &step.to);
    let answers = states.look_up(&last.0)?;
    let lost = answers.of(0).map_or(Ok(NONE), |said| judge.lost(said, shown, all))?;
    if lost == NONE {
        let what = "the goal can still be reached from its end";
        return Err(Refusal::ShowsNothing { property: open.property.name.clone(), run: number + 1, what });
    }
    Ok(lost)
}

/// Looks at where runs begin.
fn begin(
    states: &States<'_>,
    starts: &[(Vec<u64>, Set)],
    claims: &mut [Open<'_>],
    all: &mut Valuations,
) -> Result<(), Refusal> {
    let wanted: Vec<u64> = starts.iter().flat_map(|(words, _)| words).copied().collect();
    let answers = states.look_up(&wanted)?;
    for (place, (words, when)) in starts.iter().enumerate() {
        let missing = || Refusal::Begins { state: hexadecimal(words) };
        let said = answers.of(place).ok_or_else(missing)?;
        if !all.within(*when, said.set)? {
            return Err(missing());
        }
        for judge in claims.iter_mut().filter_map(|open| open.judge.as_mut()) {
            judge.begins(words, *when, said, all)?;
        }
    }
    Ok(())
}
