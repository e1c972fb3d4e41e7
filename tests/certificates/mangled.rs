//! Certificates of shipped scenarios that somebody has changed, with a compression and a digest that are right: the auditor
//! answers, in time, and confirms nothing that the check does not say.

use super::fuzzed::audited;
use super::shipped;
use poolproof::certificate::{AuditedOutcome, AuditedProperty, certify};
use poolproof::scenario::readings::Reading;
use poolproof::scenario::{self, Recorded};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Outcome, PropertyVerdict, ReadingValue};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

/// Scenarios with more states than this take long to audit, over and over.
const MOST: u64 = 150;

/// No audit of so little takes longer, on whatever machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A scenario, what the check says of it, and what is inside of its certificate.
struct Original {
    recorded: Recorded,
    properties: Vec<PropertyVerdict>,
    inside: Inside,
}

fn originals() -> Vec<Original> {
    let mut originals = Vec::new();
    for path in shipped() {
        let (scenario, recorded) = scenario::load_recorded(&path).expect("a shipped scenario");
        let options = CheckOptions { max_states: Some(MOST), ..CheckOptions::default() };
        let mut bytes = Vec::new();
        let certified = certify((&scenario, &recorded), &options, &mut bytes).expect("it can be checked");
        if certified.verdict.explored.complete {
            certified.written.expect("a certificate");
            originals.push(Original { recorded, properties: certified.verdict.properties, inside: Inside::of(&bytes) });
        }
    }
    originals
}

/// What is inside of a certificate: what it is about, its tables, its states.
#[derive(Debug, Clone)]
struct Inside([Vec<u8>; 3]);

impl Inside {
    fn of(certificate: &[u8]) -> Inside {
        let begin = certificate.iter().position(|byte| *byte == b'\n').expect("a first line") + 1;
        let stream = zstd::stream::read::Decoder::new(&certificate[begin..]).expect("a stream").single_frame();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut { stream }, &mut bytes).expect("a stream");
        let (length, rest) = bytes.split_at(8);
        let (head, states) = rest.split_at(u64::from_le_bytes(length.try_into().expect("8 bytes")) as usize);
        let tables = head.windows(9).rposition(|key| key == b",\"words\":").expect("the key after the subject");
        Inside([head[..tables].to_vec(), head[tables..].to_vec(), states.to_vec()])
    }

    fn bytes(&self) -> Vec<u8> {
        let [subject, tables, states] = &self.0;
        let length = (subject.len() + tables.len()) as u64;
        [&length.to_le_bytes(), &subject[..], tables, states].concat()
    }
}

/// What somebody may do to a part of it.
#[derive(Debug, Clone)]
enum Change {
    /// Other bits of a byte.
    Bits(u8),
    /// Another digit: what is JSON stays it.
    Digit(u8),
    /// Another word between quotes, one of its own.
    Word(Index),
    /// So many bytes are left out.
    Cut(usize),
    /// So many bytes come twice.
    Repeat(usize),
}

fn change() -> impl Strategy<Value = (usize, Index, Change)> {
    let change = prop_oneof![
        1 => (1..=255u8).prop_map(Change::Bits),
        6 => (b'0'..=b'9').prop_map(Change::Digit),
        2 => any::<Index>().prop_map(Change::Word),
        1 => (1..40usize).prop_map(Change::Cut),
        1 => (1..40usize).prop_map(Change::Repeat),
    ];
    (0..3usize, any::<Index>(), change)
}

impl Change {
    fn apply(&self, part: &mut Vec<u8>, at: &Index) {
        let anywhere = at.index(part.len().max(1));
        let of = |wanted: &dyn Fn(u8) -> bool| -> Vec<usize> {
            (0..part.len()).filter(|place| wanted(part[*place])).collect()
        };
        match *self {
            Change::Bits(bits) => part.iter_mut().skip(anywhere).take(1).for_each(|byte| *byte ^= bits),
            Change::Digit(digit) => {
                let digits = of(&|byte| byte.is_ascii_digit());
                if !digits.is_empty() {
                    part[*at.get(&digits)] = digit;
                }
            }
            Change::Word(other) => {
                let quotes = of(&|byte| byte == b'"');
                let words: Vec<_> = quotes.windows(2).map(|pair| pair[0]..pair[1]).collect();
                if !words.is_empty() {
                    let word = part[other.get(&words).clone()].to_vec();
                    part.splice(at.get(&words).clone(), word);
                }
            }
            Change::Cut(length) => drop(part.drain(anywhere..part.len().min(anywhere + length))),
            Change::Repeat(length) => {
                let again = part[anywhere..part.len().min(anywhere + length)].to_vec();
                part.splice(anywhere..anywhere, again);
            }
        }
    }
}

/// All values of all readings that something of this speaks of.
fn valuations(cubes: &[&Vec<ReadingValue>]) -> Vec<Vec<ReadingValue>> {
    let readings: BTreeSet<&str> = cubes.iter().copied().flatten().map(|value| value.reading.as_str()).collect();
    readings.into_iter().fold(vec![Vec::new()], |all, reading| {
        let values = Reading::named(reading).expect("a reading").describe().values;
        let one = |value: &str| ReadingValue { reading: reading.into(), value: value.into() };
        all.iter().flat_map(|known| values.iter().map(|value| [&known[..], &[one(value.name)]].concat())).collect()
    })
}

/// Whether what was confirmed is true, if the check is right.
fn is_true(checked: &PropertyVerdict, confirmed: &AuditedProperty) -> bool {
    match (&checked.outcome, &confirmed.outcome) {
        (_, AuditedOutcome::NotClaimed) => true,
        (Outcome::Holds, AuditedOutcome::Holds) | (Outcome::NotApplicable { .. }, AuditedOutcome::NotApplicable) => {
            true
        }
        (Outcome::Violated { when, .. }, AuditedOutcome::Violated { when: said, complete, .. }) => {
            let all = valuations(&when.iter().chain(said).collect::<Vec<_>>());
            let among = |cubes: &[Vec<ReadingValue>], valuation: &[ReadingValue]| {
                cubes.iter().any(|cube| cube.iter().all(|value| valuation.contains(value)))
            };
            all.iter().all(|valuation| match (among(when, valuation), among(said, valuation)) {
                (violated, true) => violated,
                (violated, false) => !violated || !complete,
            })
        }
        _ => false,
    }
}

#[test]
fn nothing_is_confirmed_that_a_check_does_not_say() {
    let originals = originals();
    assert!(originals.len() > 10, "only {} scenarios are small enough", originals.len());
    let mangled = (any::<Index>(), prop::collection::vec(change(), 1..4));
    let config = ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() };
    // The same every time, so that what is asked of them can be asked for exactly.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let answers = RefCell::new(BTreeMap::<String, usize>::new());
    let result = runner.run(&mangled, |(original, changes)| {
        let original = original.get(&originals);
        let mut inside = original.inside.clone();
        changes.iter().for_each(|(part, at, change)| change.apply(&mut inside.0[*part], at));
        for expected in [None, Some(&original.recorded)] {
            let begun = Instant::now();
            let answer = audited(&inside.bytes(), expected);
            prop_assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
            let kind = match &answer {
                Ok(_) if inside.0 == original.inside.0 => "unchanged".to_owned(),
                Ok(_) => "confirmed".to_owned(),
                Err(refusal) => format!("{refusal:?}").chars().take_while(|char| char.is_alphanumeric()).collect(),
            };
            *answers.borrow_mut().entry(kind).or_default() += 1;
            // Another scenario may have other verdicts; of this one they are known.
            if let (Ok(answer), Some(_)) = (answer, expected) {
                prop_assert_eq!(original.properties.len(), answer.properties.len());
                for (checked, confirmed) in original.properties.iter().zip(&answer.properties) {
                    let same = checked.name == confirmed.name && is_true(checked, confirmed);
                    prop_assert!(same, "{}: {:?} and {confirmed:?}", original.recorded.file, checked.outcome);
                }
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|why| panic!("{why}"));
    println!("{answers:?}");
    // The changes reach all that an auditor looks at, and are not all noticed at the door.
    let answers = answers.into_inner();
    for kind in
        ["confirmed", "Begins", "Broken", "Damaged", "Leaves", "Model", "Order", "OtherScenario", "Replay", "Scenario"]
    {
        assert!(answers.contains_key(kind), "none is {kind}: {answers:?}");
    }
}

/// What fuzzing began with and what it found: `fuzz/README.md` says how it is run.
#[test]
fn what_fuzzing_found_is_answered_in_time() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/certificate");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).expect("the corpus can be read") {
        let path = entry.expect("an entry").path();
        let begun = Instant::now();
        let answer = audited(&std::fs::read(&path).expect("a file"), None);
        assert!(begun.elapsed() < PATIENCE, "{}: {:?}", path.display(), begun.elapsed());
        println!("{}: {:?}", path.display(), answer.map(|audited| audited.title));
        count += 1;
    }
    assert!(count > 3, "only {count} files");
}
