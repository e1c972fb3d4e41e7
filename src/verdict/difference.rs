//! What a change of a scenario or of a runbook changes in the verdict.
//!
//! Invariant: "lost" and "gained" are said of proofs alone: of what holds on one side and is violated on the other.
//! Where one side is not proved, nothing is said but that. Cost: for a property that fails on both sides, one look at
//! every combination of the readings that are named.

use super::{Outcome, PropertyVerdict, ReadingValue, ScenarioVerdict};
use crate::scenario::readings::Reading;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the shape of [`Difference`]; raised when a consumer would have to change.
pub const SCHEMA_VERSION: u32 = 1;

/// Combinations of readings beyond which two failures are not compared.
const MOST: usize = 1 << 16;

/// Two verdicts beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// The version of this shape.
    pub schema_version: u32,
    /// The version of poolproof that wrote it.
    pub poolproof: String,
    /// What the old side is called: a scenario, or a runbook that was put into one.
    pub old: String,
    /// What the new side is called.
    pub new: String,
    /// The properties of both sides, in the order of the list of properties.
    pub properties: Vec<PropertyDifference>,
}

/// A property on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PropertyDifference {
    /// The name of the property.
    pub name: String,
    /// What became of it.
    pub change: Change,
    /// What became of its counterexample.
    pub story: StoryChange,
    /// What came out before; `None` if it was not asked.
    pub old: Option<Outcome>,
    /// What comes out now; `None` if it is not asked.
    pub new: Option<Outcome>,
}

/// What became of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It held, or nothing spoke of it, and now it is violated.
    Lost,
    /// It is violated under readings under which it was not.
    Worse,
    /// On one side it is not proved, or it cannot be said under which readings it fails.
    Unknown,
    /// It was not asked before.
    Added,
    /// It is not asked any more.
    Removed,
    /// It did not apply and does, or did and does not; on neither side it is violated, or only the old one was.
    Applies,
    /// It is violated under fewer readings.
    Better,
    /// It was violated and holds.
    Gained,
    /// The same as before.
    Unchanged,
}

/// What became of a counterexample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoryChange {
    /// There is none on either side.
    None,
    /// Both sides tell the same story: the same actors do the same in the same order.
    Same,
    /// Only the new side has one.
    New,
    /// Only the old side had one.
    Gone,
    /// Both have one, and they differ.
    Other,
}

/// Compares two verdicts.
pub fn difference(old: &ScenarioVerdict, new: &ScenarioVerdict, (was, is): (&str, &str)) -> Difference {
    let find = |verdict: &ScenarioVerdict, name: &str| -> Option<PropertyVerdict> {
        verdict.properties.iter().find(|property| property.name == name).cloned()
    };
    let all = crate::scenario::property::PropertyName::ALL.iter().map(|property| property.describe().name);
    let properties = all.filter_map(|name| {
        let (old, new) = (find(old, name), find(new, name));
        (old.is_some() || new.is_some()).then(|| {
            let (old, new) = (old.map(|property| property.outcome), new.map(|property| property.outcome));
            let (change, story) = (change(old.as_ref(), new.as_ref()), story(old.as_ref(), new.as_ref()));
            PropertyDifference { name: name.to_owned(), change, story, old, new }
        })
    });
    Difference {
        schema_version: SCHEMA_VERSION,
        poolproof: env!("CARGO_PKG_VERSION").to_owned(),
        old: was.to_owned(),
        new: is.to_owned(),
        properties: properties.collect(),
    }
}

impl Difference {
    /// The exit code: 1 if something is lost or fails that was not asked before, else 3 if something is not proved or not asked
    /// any more that held, else 0.
    pub fn exit_code(&self) -> u8 {
        let severity = |property: &PropertyDifference| match (property.change, &property.old, &property.new) {
            (Change::Lost | Change::Worse, _, _) | (Change::Added, _, Some(Outcome::Violated { .. })) => 1,
            (Change::Unknown, _, _)
            | (Change::Added, _, Some(Outcome::NotProved { .. }))
            | (Change::Removed, Some(Outcome::Holds), _) => 3,
            _ => 0,
        };
        let codes = || self.properties.iter().map(severity);
        [1, 3].into_iter().find(|code| codes().any(|other| other == *code)).unwrap_or(0)
    }
}

fn change(old: Option<&Outcome>, new: Option<&Outcome>) -> Change {
    use Outcome::{Holds, NotApplicable, NotProved, Violated};
    let (Some(old), Some(new)) = (old, new) else {
        return if old.is_some() { Change::Removed } else { Change::Added };
    };
    match (old, new) {
        (NotProved { .. }, _) | (_, NotProved { .. }) => Change::Unknown,
        (Holds, Holds) | (NotApplicable { .. }, NotApplicable { .. }) => Change::Unchanged,
        (Holds, NotApplicable { .. }) | (NotApplicable { .. }, Holds) => Change::Applies,
        (Violated { .. }, NotApplicable { .. }) => Change::Applies,
        (Violated { .. }, Holds) => Change::Gained,
        (Holds | NotApplicable { .. }, Violated { .. }) => Change::Lost,
        (Violated { when: was, complete: true, .. }, Violated { when: is, complete: true, .. }) => {
            match (beyond(was, is), beyond(is, was)) {
                (Some(true), _) => Change::Worse,
                (Some(false), Some(true)) => Change::Better,
                (Some(false), Some(false)) => Change::Unchanged,
                (None, _) | (_, None) => Change::Unknown,
            }
        }
        (Violated { .. }, Violated { .. }) => Change::Unknown,
    }
}

/// Whether a combination of readings meets one of `these` and none of `those`; `None` if nobody can tell.
fn beyond(those: &[Vec<ReadingValue>], these: &[Vec<ReadingValue>]) -> Option<bool> {
    if those.is_empty() || these.is_empty() {
        return None;
    }
    let mut readings: Vec<Reading> = Vec::new();
    for value in those.iter().chain(these).flatten() {
        let reading = Reading::named(&value.reading)?;
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    let sizes: Vec<usize> = readings.iter().map(|reading| reading.describe().values.len()).collect();
    let all = sizes.iter().try_fold(1_usize, |all, size| all.checked_mul(*size)).filter(|all| *all <= MOST)?;
    let value = |number: usize, reading: &str| {
        let at = readings.iter().position(|other| other.describe().name == reading).unwrap_or(0);
        let below: usize = sizes[..at].iter().product();
        readings[at].value_name((number / below % sizes[at]) as u8)
    };
    let meets = |number: usize, combinations: &[Vec<ReadingValue>]| {
        let applies = |combination: &Vec<ReadingValue>| {
            combination.iter().all(|wanted| value(number, &wanted.reading) == wanted.value)
        };
        combinations.iter().any(applies)
    };
    Some((0..all).any(|number| meets(number, these) && !meets(number, those)))
}

fn story(old: Option<&Outcome>, new: Option<&Outcome>) -> StoryChange {
    let told = |outcome: Option<&Outcome>| match outcome {
        Some(Outcome::Violated { counterexample: Some(told), .. }) => {
            let step = |step: &super::Step| {
                (step.actor.clone(), step.text.clone(), step.place.as_ref().map(|place| place.text.clone()))
            };
            Some((told.steps.iter().map(step).collect::<Vec<_>>(), told.loop_from))
        }
        _ => None,
    };
    match (told(old), told(new)) {
        (None, None) => StoryChange::None,
        (None, Some(_)) => StoryChange::New,
        (Some(_), None) => StoryChange::Gone,
        (old, new) if old == new => StoryChange::Same,
        _ => StoryChange::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violated(when: &[&[(&str, &str)]]) -> Outcome {
        let value =
            |(reading, value): &(&str, &str)| ReadingValue { reading: (*reading).into(), value: (*value).into() };
        Outcome::Violated {
            when: when.iter().map(|combination| combination.iter().map(value).collect()).collect(),
            complete: true,
            failure: String::new(),
            unavoidable: None,
            why: Vec::new(),
            needless: None,
            counterexample: None,
        }
    }

    #[test]
    fn a_change_is_what_the_two_proofs_say() {
        let always = violated(&[&[]]);
        let restart = violated(&[&[("failover-intent", "restart")]]);
        let both = violated(&[&[("failover-intent", "restart")], &[("failover-intent", "remove-data")]]);
        let guard = violated(&[&[("fabric-guard", "permits")]]);
        let elsewhere = violated(&[]);
        let not_proved = Outcome::NotProved { reason: String::new() };
        let not_applicable = Outcome::NotApplicable { reason: String::new() };
        let holds = Outcome::Holds;
        let rows = [
            (&holds, &holds, Change::Unchanged),
            (&holds, &restart, Change::Lost),
            (&not_applicable, &restart, Change::Lost),
            (&restart, &holds, Change::Gained),
            (&restart, &not_applicable, Change::Applies),
            (&restart, &always, Change::Worse),
            (&always, &restart, Change::Better),
            (&both, &always, Change::Unchanged),
            (&always, &both, Change::Unchanged),
            (&restart, &guard, Change::Worse),
            (&elsewhere, &restart, Change::Unknown),
            (&not_proved, &holds, Change::Unknown),
            (&restart, &not_proved, Change::Unknown),
        ];
        for (old, new, wanted) in rows {
            assert_eq!(change(Some(old), Some(new)), wanted, "{old:?} {new:?}");
        }
        assert_eq!(change(None, Some(&holds)), Change::Added);
        assert_eq!(change(Some(&holds), None), Change::Removed);
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst_change() {
        let of = |changes: &[(Change, Option<Outcome>, Option<Outcome>)]| {
            let property = |(change, old, new): &(Change, Option<Outcome>, Option<Outcome>)| PropertyDifference {
                name: String::new(),
                change: *change,
                story: StoryChange::None,
                old: old.clone(),
                new: new.clone(),
            };
            let properties = changes.iter().map(property).collect();
            let (poolproof, old, new) = (String::new(), String::new(), String::new());
            Difference { schema_version: SCHEMA_VERSION, poolproof, old, new, properties }.exit_code()
        };
        let holds = || Some(Outcome::Holds);
        assert_eq!(of(&[]), 0);
        assert_eq!(
            of(&[(Change::Gained, None, None), (Change::Better, None, None), (Change::Unchanged, None, None)]),
            0
        );
        assert_eq!(of(&[(Change::Unknown, None, None), (Change::Gained, None, None)]), 3);
        assert_eq!(of(&[(Change::Unknown, None, None), (Change::Worse, None, None)]), 1);
        assert_eq!(of(&[(Change::Removed, holds(), None)]), 3);
        assert_eq!(of(&[(Change::Removed, Some(violated(&[&[]])), None), (Change::Added, None, holds())]), 0);
        assert_eq!(of(&[(Change::Added, None, Some(violated(&[&[]])))]), 1);
    }
}
