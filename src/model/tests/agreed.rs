//! What TLC has found of random scenarios, from the reference specification: `agreed.txt` has a line for each. `tests/reference`
//! writes it, and asks TLC again about some of them; here the model has to find the same, without Java and in no time.

use super::fair;
use super::random::{Shape, Small, scenarios};
use crate::check::model::Claim;
use crate::model::claims::claim;
use crate::model::oracle::Oracle;
use crate::model::state::State;
use crate::model::{Maintenance, TellApart};
use crate::scenario::Scenario;
use crate::scenario::property::PropertyName;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, HashMap};

/// The shapes of the scenarios. All readings are fixed, each to a random value.
pub const SHAPES: [(&str, Shape); 5] = [
    ("one-pool", Shape { front_ends: 2..=3, items: 3, open: 0.0, ..Shape::FULL }),
    ("large-pool", Shape { front_ends: 4..=5, items: 2, open: 0.0, ..Shape::FULL }),
    ("pair", Shape { front_ends: 1..=2, items: 3, open: 0.0, ..Shape::PAIRS }),
    ("scripts", Shape { front_ends: 2..=2, items: 5, open: 0.0, structured: true, ..Shape::FULL }),
    ("conversations", Shape { front_ends: 2..=3, items: 3, gates: true, ..Shape::CONVERSATIONS }),
];

/// The scenario of a shape and a number: the same on every machine.
pub fn scenario(shape: &Shape, number: u32) -> Scenario {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number.to_le_bytes());
    seed[4] = shape.items as u8 * 16 + *shape.front_ends.end() as u8 * 2 + u8::from(shape.conversations > 0);
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let Small(mut scenario) = scenarios(shape.clone()).new_tree(&mut runner).expect("nothing is rejected").current();
    // A reader of scenario files accepts no name twice, and the reference relies on it.
    for (number, operator) in scenario.operators.iter_mut().enumerate() {
        operator.name = format!("{} {number}", operator.name);
    }
    scenario
}

/// What is counted of all reachable states: how far they are from the beginning, which properties they break, which goals
/// they reach, which events a step out of them can have, and what a fair run from them need not come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<String, usize>);

impl Tally {
    /// One more of something.
    pub fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted: Vec<String> = self.0.iter().map(|(what, count)| format!("{what} {count}")).collect();
        f.write_str(&counted.join(", "))
    }
}

/// Counts the states from which a fair run need not end, and those where all have ended from which it need not serve again.
pub fn count_misses<P: Ord>(tally: &mut Tally, ended: &[bool], serving: &[bool], steps: &[fair::Step<P>]) {
    let (never_ends, never_serves) = (fair::can_avoid(ended, steps), fair::can_avoid(serving, steps));
    for (state, ended) in ended.iter().enumerate() {
        if never_ends[state] {
            tally.count("need not end");
        }
        if *ended && never_serves[state] {
            tally.count("need not serve");
        }
    }
}

/// The states of the model, and their tally; `None` if there are more than that.
pub fn tally(scenario: &Scenario, at_most: usize) -> Option<(usize, Tally)> {
    let model = Maintenance::telling_apart(scenario, TellApart { servers: true, ..TellApart::default() });
    let mut tally = Tally::default();
    let mut seen: HashMap<State, usize> = HashMap::new();
    let (mut ended, mut serving, mut steps) = (Vec::new(), Vec::new(), Vec::new());
    let mut level: Vec<State> = stateright::Model::init_states(&model);
    level.retain(|state| number(&mut seen, state).1);
    for distance in 0.. {
        let mut next = Vec::new();
        for state in &level {
            tally.count(format!("after {distance}"));
            let (from, mut events) = (seen[state], 0);
            for step in model.steps(state) {
                let mut oracle = Oracle::default();
                loop {
                    let outcome = model.run(state, step, &mut oracle);
                    events |= outcome.events;
                    let (to, is_new) = number(&mut seen, &outcome.state);
                    steps.push((from, to, step.fairness().into_iter().collect()));
                    if is_new {
                        next.push(outcome.state);
                    }
                    if !oracle.advance() {
                        break;
                    }
                }
            }
            let words = words(model.holding(state), events);
            ended.push(words.iter().any(|word| word == "ended"));
            serving.push(words.iter().any(|word| word == "serving"));
            words.into_iter().for_each(|word| tally.count(word));
        }
        if seen.len() > at_most {
            return None;
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    count_misses(&mut tally, &ended, &serving, &steps);
    Some((seen.len(), tally))
}

/// The number of a state, in the order in which they were found, and whether it is new.
fn number(seen: &mut HashMap<State, usize>, state: &State) -> (usize, bool) {
    let next = seen.len();
    let number = *seen.entry(state.clone()).or_insert(next);
    (number, number == next)
}

/// What is so of a state, in the words of the reference.
fn words(holding: u64, events: u32) -> Vec<String> {
    let holds = |bit: u8| holding >> bit & 1 == 1;
    let goals = PropertyName::ALL.iter().filter_map(|&property| {
        let (is_so, word) = match claim(property) {
            Claim::Always(bit) => (!holds(bit), property.describe().name),
            Claim::Never(event) => (events & event != 0, event_word(property)?),
            Claim::AlwaysPossibly { goal, .. } if property == PropertyName::Recoverable => (holds(goal), "normal"),
            Claim::AlwaysPossibly { goal, .. } => (holds(goal), "group served"),
            Claim::Eventually(goal) => (holds(goal), "ended"),
            Claim::LeadsTo { goal, .. } => (holds(goal), "serving"),
            Claim::Sometimes(goal) => (holds(goal), "completed"),
            Claim::NoDeadlock(_) => return None,
        };
        is_so.then(|| word.to_owned())
    });
    goals.collect()
}

/// The event that a claim about steps speaks of, in the words of the reference.
fn event_word(property: PropertyName) -> Option<&'static str> {
    Some(match property {
        PropertyName::NoCutCalls => "call cut",
        PropertyName::NoFailedStep => "error ignored",
        PropertyName::NoLostData => "data lost",
        _ => return None,
    })
}

/// The lines of `agreed.txt`: a shape, a number, and the tally.
pub fn lines() -> impl Iterator<Item = (&'static str, u32, &'static str)> {
    include_str!("agreed.txt").lines().map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().expect("a line has a shape, a number and a tally");
        (part(), part().parse().expect("a number"), part())
    })
}

/// The number of tests among which the lines are divided.
#[cfg(test)]
const PARTS: usize = 16;

#[cfg(test)]
fn agrees(part: usize) {
    for (name, number, agreed) in lines().skip(part).step_by(PARTS) {
        let (_, shape) = SHAPES.iter().find(|(shape, _)| *shape == name).expect("a known shape");
        let found = tally(&scenario(shape, number), 10_000).map(|(_, tally)| tally.to_string());
        assert_eq!(found.as_deref(), Some(agreed), "{name} {number}");
    }
}

macro_rules! parts {
    ($($name:ident: $part:literal;)+) => { $(#[test] fn $name() { agrees($part); })+ };
}

parts! {
    part_1: 0; part_2: 1; part_3: 2; part_4: 3; part_5: 4; part_6: 5; part_7: 6; part_8: 7;
    part_9: 8; part_10: 9; part_11: 10; part_12: 11; part_13: 12; part_14: 13; part_15: 14; part_16: 15;
}
