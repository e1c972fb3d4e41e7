//! What a certificate says, as plain data.
//!
//! Invariant: everything that is read was written by somebody: numbers that lead into a list are tried, and nothing is
//! set aside for a length before it is there. `docs/certificates.md` says the same for a reader.

use crate::check::model::Assignment;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// The version of the format; raised when a certificate would be read in another way.
pub const FORMAT: u32 = 1;

/// The first part of a certificate: all but the states.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Head {
    /// The version of poolproof that wrote it.
    pub poolproof: String,
    /// What it is about: what a model can be made of again.
    pub subject: serde_json::Value,
    /// The width of a packed state in words.
    pub words: usize,
    /// The parameters that something depends on, by number, in ascending order.
    pub parameters: Vec<usize>,
    /// The number of states that follow; `None` if nothing is claimed of all states.
    pub states: Option<u64>,
    /// Sets of valuations of the parameters: the valuations that extend one of the cubes.
    pub sets: Vec<Vec<Cube>>,
    /// What is claimed.
    pub claims: Vec<Claimed>,
}

/// What is claimed of a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Claimed {
    /// Its name.
    pub property: String,
    /// The valuations for which it is violated.
    pub violated: Vec<Cube>,
    /// Whether it holds for all others.
    pub holds_elsewhere: bool,
    /// Runs that violate it; of a property that is satisfied by some run, runs that satisfy it.
    pub runs: Vec<Run>,
    /// Why it holds where that has to do with all that may follow.
    pub ranking: Option<Ranking>,
}

/// Ranks for a property. Each state says by number which map it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ranking {
    /// Ways to give valuations a rank: rank, and number of the set of valuations that have it.
    pub maps: Vec<Vec<(u32, u32)>>,
    /// The fairness constraint of each rank, from rank 1 on.
    pub constraints: Vec<u16>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// Where it begins.
    pub initial: Packed,
    /// The steps.
    pub steps: Vec<Step>,
    /// If it goes on for ever: after how many steps the loop begins.
    pub loop_from: Option<usize>,
    /// After how many steps the obligation begins that it leaves open.
    pub open_from: usize,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Where it leads.
    pub to: Packed,
    /// The fairness constraint that it serves.
    pub fairness: Option<u16>,
    /// The events that it carries.
    pub events: u32,
}

/// A packed state, in hexadecimal: 16 digits a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed(pub Vec<u64>);

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.iter().map(|word| format!("{word:016x}")).collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.len().is_multiple_of(16) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let words = (0..text.len() / 16).map(|word| text.get(16 * word..16 * word + 16));
        let words = words.map(|word| u64::from_str_radix(word.filter(|_| digits)?, 16).ok());
        let words: Option<Vec<u64>> = words.collect();
        words.filter(|_| digits).map(Packed).ok_or_else(|| D::Error::custom("a state is no words of 16 digits"))
    }
}

/// Values of some parameters: number of the parameter, and value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cube(pub Assignment);

impl Serialize for Cube {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let set = (0..Assignment::CAPACITY).filter_map(|parameter| Some((parameter, self.0.get(parameter)?)));
        set.collect::<Vec<(usize, u8)>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cube {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut cube = Assignment::default();
        for (parameter, value) in Vec::<(usize, u8)>::deserialize(deserializer)? {
            if parameter >= Assignment::CAPACITY || value > 14 || cube.get(parameter).is_some() {
                return Err(D::Error::custom("a parameter or a value is out of range"));
            }
            cube = cube.with(parameter, value);
        }
        Ok(Cube(cube))
    }
}

/// A state with what a certificate says of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Record {
    /// The packed state.
    pub words: Vec<u64>,
    /// The number of its set of valuations, then the number of its map in each ranking, in the order of the claims.
    pub numbers: Vec<u32>,
}
