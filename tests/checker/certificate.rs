//! Certificates of random systems: the auditor believes what is true, and nothing else.
//!
//! What is true is said by the naive reference. A certificate that was tampered with, or that is held against another
//! system, may be accepted only if all that it claims is true of that system.

use super::random::{edge, system};
use super::reference::{Plain, valuations};
use super::system::{Edge, Place, System};
use poolproof::certificate::format::{Cube, Head, Packed as Words, Record, Run};
use poolproof::certificate::{Confirmed, Opened, Refusal, WriteError, Writer, audit, audit_in_chunks, write};
use poolproof::check::{self, Assignment, Claim, Label, Options, Property};
use proptest::prelude::*;
use proptest::sample::Index;

fn certificate(system: &System) -> Result<Vec<u8>, WriteError> {
    certificate_to(system, None)
}

/// A certificate of what is found if nobody looks further than so many steps.
fn certificate_to(system: &System, max_depth: Option<usize>) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::new();
    let options = Options { threads: Some(1), max_depth, ..Options::default() };
    let look = |evidence: &check::Evidence<'_, System>| write(system, evidence, serde_json::Value::Null, &mut bytes);
    let (_, written) = check::run_and_show(system, &options, &(), look).expect("a model in order");
    let written = written?;
    assert_eq!(written.bytes, bytes.len() as u64);
    Ok(bytes)
}

fn audited(system: &System, bytes: &[u8]) -> Result<Confirmed, Refusal> {
    audit(system, &Opened::new(&bytes)?)
}

/// A certificate, taken apart.
#[derive(Debug, Clone)]
struct Parts {
    head: Head,
    states: Vec<Record>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Parts {
        let opened = Opened::new(&bytes).expect("a certificate");
        let rankings = opened.head.claims.iter().filter(|claimed| claimed.ranking.is_some()).count();
        let mut records = opened.records(1 + rankings).expect("states");
        let mut states = Vec::new();
        while let Some(record) = records.read().expect("a state") {
            states.push(record.clone());
        }
        Parts { head: opened.head, states }
    }

    /// Put together again, with a digest that is right.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, &self.head).expect("written to memory");
        self.states.iter().for_each(|state| writer.state(&state.words, &state.numbers).expect("written to memory"));
        writer.finish().expect("written to memory");
        bytes
    }

    /// The same, with as many states as there are.
    fn counted(mut self) -> Vec<u8> {
        self.head.states = self.head.states.map(|_| self.states.len() as u64);
        self.bytes()
    }
}

/// Whether all that was confirmed is true of a system.
fn is_true(system: &System, confirmed: &Confirmed) -> Result<(), TestCaseError> {
    for valuation in valuations(system) {
        let plain = Plain::new(system, valuation);
        for truth in &confirmed.properties {
            let property = system.properties.iter().find(|property| property.name == truth.property).unwrap();
            let violated = plain.violation(property.claim).is_some();
            if truth.violated.iter().any(|cube| cube.subsumes(valuation)) {
                prop_assert!(violated, "{} is not violated for {valuation:?}", truth.property);
            } else if truth.holds_elsewhere {
                prop_assert!(!violated, "{} does not hold for {valuation:?}", truth.property);
            }
        }
    }
    Ok(())
}

/// What somebody may do to a certificate and put the digest right again.
#[derive(Debug, Clone)]
enum Tampering {
    DropState(Index),
    RepeatState(Index),
    AddState(u8),
    Number(Index, Index, u32),
    Word(Index, u8),
    Set(Index, Vec<Cube>),
    Violated(Index, Vec<Cube>),
    Elsewhere(Index),
    DropRun(Index),
    ForeignRun(Index, Index),
    RunState(Index, Index, u8),
    RunLoop(Index, Option<usize>, usize),
    Rank(Index, Index, u32),
    Constraint(Index, Index, u16),
    Parameters(Vec<usize>),
    DropClaim(Index),
}

fn cubes(parameters: usize) -> impl Strategy<Value = Vec<Cube>> {
    let cube = prop::collection::vec((0..parameters.max(1), 0..3u8), 0..=parameters.min(2)).prop_map(|values| {
        Cube(values.into_iter().fold(Assignment::default(), |cube, (parameter, value)| cube.with(parameter, value)))
    });
    prop::collection::vec(cube, 0..3)
}

fn tampering(parameters: usize) -> impl Strategy<Value = Tampering> {
    let index = any::<Index>;
    prop_oneof![
        index().prop_map(Tampering::DropState),
        index().prop_map(Tampering::RepeatState),
        (0..7u8).prop_map(Tampering::AddState),
        (index(), index(), 0..6u32).prop_map(|(a, b, c)| Tampering::Number(a, b, c)),
        (index(), 0..7u8).prop_map(|(a, b)| Tampering::Word(a, b)),
        (index(), cubes(parameters)).prop_map(|(a, b)| Tampering::Set(a, b)),
        (index(), cubes(parameters)).prop_map(|(a, b)| Tampering::Violated(a, b)),
        index().prop_map(Tampering::Elsewhere),
        index().prop_map(Tampering::DropRun),
        (index(), index()).prop_map(|(a, b)| Tampering::ForeignRun(a, b)),
        (index(), index(), 0..6u8).prop_map(|(a, b, c)| Tampering::RunState(a, b, c)),
        (index(), prop::option::of(0..4usize), 0..4usize).prop_map(|(a, b, c)| Tampering::RunLoop(a, b, c)),
        (index(), index(), 0..5u32).prop_map(|(a, b, c)| Tampering::Rank(a, b, c)),
        (index(), index(), 0..3u16).prop_map(|(a, b, c)| Tampering::Constraint(a, b, c)),
        prop::collection::vec(0..3usize, 0..3).prop_map(Tampering::Parameters),
        index().prop_map(Tampering::DropClaim),
    ]
}

fn some<'l, T>(list: &'l mut [T], index: &Index) -> Option<&'l mut T> {
    if list.is_empty() { None } else { Some(index.get_mut(list)) }
}

impl Tampering {
    /// Does it; `None` if there is nothing to do it to.
    fn apply(&self, parts: &mut Parts) -> Option<()> {
        let Parts { head, states } = parts;
        let all_runs: Vec<Run> = head.claims.iter().flat_map(|claimed| claimed.runs.clone()).collect();
        match self {
            Tampering::DropState(index) => {
                some(states, index)?;
                states.remove(index.index(states.len()));
            }
            Tampering::RepeatState(index) => {
                let state = some(states, index)?.clone();
                states.push(state);
                states.sort();
            }
            Tampering::AddState(location) => {
                let mut state = states.first()?.clone();
                *state.words.last_mut()? = u64::from(*location);
                states.push(state);
                states.sort();
            }
            Tampering::Number(state, place, number) => {
                *some(&mut some(states, state)?.numbers, place)? = *number;
            }
            Tampering::Word(state, location) => {
                *some(states, state)?.words.last_mut()? = u64::from(*location);
                states.sort();
            }
            Tampering::Set(index, cubes) => *some(&mut head.sets, index)? = cubes.clone(),
            Tampering::Violated(index, cubes) => some(&mut head.claims, index)?.violated = cubes.clone(),
            Tampering::Elsewhere(index) => {
                let claimed = some(&mut head.claims, index)?;
                claimed.holds_elsewhere = !claimed.holds_elsewhere;
            }
            Tampering::DropRun(index) => {
                some(&mut head.claims, index)?.runs.pop()?;
            }
            Tampering::ForeignRun(index, other) => {
                let run = if all_runs.is_empty() { None } else { Some(other.get(&all_runs).clone()) };
                some(&mut head.claims, index)?.runs.push(run?);
            }
            Tampering::RunState(index, step, location) => {
                let run = some(&mut head.claims, index)?.runs.first_mut()?;
                let mut words: Vec<&mut Words> = vec![&mut run.initial];
                words.extend(run.steps.iter_mut().map(|step| &mut step.to));
                *some(&mut words, step)?.0.last_mut()? = u64::from(*location);
            }
            Tampering::RunLoop(index, loop_from, open_from) => {
                let run = some(&mut head.claims, index)?.runs.first_mut()?;
                (run.loop_from, run.open_from) = (*loop_from, *open_from);
            }
            Tampering::Rank(index, map, rank) => {
                let ranking = some(&mut head.claims, index)?.ranking.as_mut()?;
                some(&mut ranking.maps, map)?.first_mut()?.0 = *rank;
            }
            Tampering::Constraint(index, rank, constraint) => {
                let ranking = some(&mut head.claims, index)?.ranking.as_mut()?;
                *some(&mut ranking.constraints, rank)? = *constraint;
            }
            Tampering::Parameters(parameters) => head.parameters = parameters.clone(),
            Tampering::DropClaim(index) => {
                some(&mut head.claims, index)?;
                head.claims.remove(index.index(head.claims.len()));
            }
        }
        Some(())
    }
}

fn tampered() -> impl Strategy<Value = (System, Vec<Tampering>)> {
    system().prop_flat_map(|system| {
        let parameters = system.parameters.len();
        (Just(system), prop::collection::vec(tampering(parameters), 1..3))
    })
}

/// A system, and the same with one of its edges changed.
fn changed() -> impl Strategy<Value = (System, System)> {
    system().prop_flat_map(|system| {
        let edge = edge(system.predicates.len() as u8, system.parameters.clone());
        (Just(system), edge, any::<Index>(), any::<bool>()).prop_map(|(system, edge, at, initial)| {
            let mut other = system.clone();
            match some(&mut other.edges, &at) {
                Some(old) => *old = edge,
                None => other.edges.push(edge),
            }
            if initial {
                other.initial.push(at.index(other.predicates.len()) as u8);
            }
            (system, other)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_a_check_found_is_confirmed(system in system()) {
        match certificate(&system) {
            Ok(bytes) => {
                let confirmed = audited(&system, &bytes);
                let confirmed = confirmed.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                // A chunk for each state.
                let again = audit_in_chunks(&system, &Opened::new(&&bytes[..]).expect("a certificate"), 1);
                prop_assert_eq!(again.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?, confirmed.clone());
                prop_assert_eq!(confirmed.properties.len(), system.properties.len());
                prop_assert!(confirmed.properties.iter().all(|truth| truth.holds_elsewhere));
                is_true(&system, &confirmed)?;
                prop_assert_eq!(Parts::of(&bytes).bytes(), bytes);
            }
            Err(WriteError::Nothing) => prop_assert!(system.initial.is_empty()),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn what_was_found_before_a_limit_is_confirmed(system in system(), depth in 0..3usize) {
        match certificate_to(&system, Some(depth)) {
            Ok(bytes) => {
                let confirmed = audited(&system, &bytes);
                let confirmed = confirmed.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
                is_true(&system, &confirmed)?;
            }
            Err(WriteError::Nothing) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn nothing_is_believed_that_is_not_true((system, tampering) in tampered()) {
        let Ok(bytes) = certificate(&system) else { return Ok(()) };
        let mut parts = Parts::of(&bytes);
        let done = tampering.iter().filter(|tampering| tampering.apply(&mut parts).is_some()).count();
        prop_assume!(done > 0);
        if let Ok(confirmed) = audited(&system, &parts.counted()) {
            is_true(&system, &confirmed)?;
        }
    }

    #[test]
    fn nothing_is_believed_of_another_system((system, other) in changed()) {
        let Ok(bytes) = certificate(&system) else { return Ok(()) };
        if let Ok(confirmed) = audited(&other, &bytes) {
            is_true(&other, &confirmed)?;
        }
    }
}

/// A line of four locations to a goal, with a parameter that decides whether the last step exists, and a loop that a fairness
/// constraint leads out of.
fn line() -> System {
    let edge = |from, to, fairness| Edge {
        from,
        label: Label { fairness, classes: 1, events: 0 },
        reads: None,
        to: vec![Some(to)],
    };
    let last = Edge {
        from: 2,
        label: Label { fairness: Some(1), classes: 1, events: 2 },
        reads: Some(0),
        to: vec![Some(3), None],
    };
    let claims = [
        ("never-bad", Claim::Always(0)),
        ("can-end", Claim::AlwaysPossibly { goal: 1, through: 1 }),
        ("ends", Claim::Eventually(1)),
        ("some-end", Claim::Sometimes(1)),
        ("moves-on", Claim::Eventually(2)),
        ("no-event", Claim::Never(1)),
        ("ended", Claim::Always(1)),
        ("no-bell", Claim::Never(2)),
        ("no-rest", Claim::NoDeadlock(1)),
    ];
    System {
        width: 1,
        initial: vec![0],
        edges: vec![edge(0, 1, Some(0)), edge(1, 1, None), edge(1, 2, Some(1)), last],
        predicates: vec![1, 1, 5, 7],
        told_by: Vec::new(),
        parameters: vec![2],
        properties: claims.map(|(name, claim)| Property { name: name.into(), claim }).into(),
    }
}

/// A certificate of [`line`] that somebody changed.
fn refused(change: impl FnOnce(&mut Parts)) -> String {
    let system = line();
    let mut parts = Parts::of(&certificate(&system).unwrap());
    change(&mut parts);
    audited(&system, &parts.counted()).unwrap_err().to_string()
}

fn claimed<'p>(parts: &'p mut Parts, property: &str) -> &'p mut poolproof::certificate::format::Claimed {
    parts.head.claims.iter_mut().find(|claimed| claimed.property == property).unwrap()
}

#[test]
fn every_kind_of_lie_has_its_own_reason() {
    let said = |cubes: &[&[(usize, u8)]]| -> Vec<Cube> {
        let cube = |values: &&[(usize, u8)]| {
            Cube(values.iter().fold(Assignment::default(), |cube, (parameter, value)| cube.with(*parameter, *value)))
        };
        cubes.iter().map(cube).collect()
    };
    let mut lies: Vec<(&str, String)> = vec![
        ("a state is dropped", refused(|parts| drop(parts.states.remove(1)))),
        ("the initial state is dropped", refused(|parts| drop(parts.states.remove(0)))),
        ("a state is there twice", refused(|parts| parts.states.insert(1, parts.states[1].clone()))),
        (
            "a state is there for fewer readings",
            refused(|parts| {
                parts.head.sets.push(said(&[&[(0, 1)]]));
                parts.states[1].numbers[0] = parts.head.sets.len() as u32 - 1;
            }),
        ),
        (
            "a rank is lower",
            refused(|parts| {
                let maps = &mut claimed(parts, "can-end").ranking.as_mut().unwrap().maps;
                maps.iter_mut()
                    .filter(|map| map.first().is_some_and(|(rank, _)| *rank == 2))
                    .for_each(|map| map[0].0 = 1);
            }),
        ),
        (
            "a goal is made up",
            refused(|parts| {
                let maps = &mut claimed(parts, "can-end").ranking.as_mut().unwrap().maps;
                maps.iter_mut()
                    .filter(|map| map.first().is_some_and(|(rank, _)| *rank == 1))
                    .for_each(|map| map[0].0 = 0);
            }),
        ),
        (
            "ranks of an obligation are all the same",
            refused(|parts| {
                let maps = &mut claimed(parts, "ends").ranking.as_mut().unwrap().maps;
                maps.iter_mut().flatten().filter(|(rank, _)| *rank > 0).for_each(|(rank, _)| *rank = 1);
            }),
        ),
        (
            "the constraint of a rank is another one",
            refused(|parts| {
                claimed(parts, "moves-on").ranking.as_mut().unwrap().constraints.fill(7);
            }),
        ),
        (
            "an obligation has no rank",
            refused(|parts| {
                claimed(parts, "moves-on").ranking.as_mut().unwrap().maps.iter_mut().for_each(Vec::clear);
            }),
        ),
        (
            "a verdict is turned to holds",
            refused(|parts| {
                let claimed = claimed(parts, "can-end");
                claimed.violated.clear();
                claimed.runs.clear();
            }),
        ),
        ("a verdict is turned to violated", refused(|parts| claimed(parts, "never-bad").violated = said(&[&[]]))),
        (
            "fewer readings are said to fail",
            refused(|parts| {
                claimed(parts, "some-end").violated = Vec::new();
            }),
        ),
        ("the counterexample is missing", refused(|parts| claimed(parts, "can-end").runs.clear())),
        (
            "the counterexample jumps",
            refused(|parts| {
                drop(claimed(parts, "ends").runs[0].steps.remove(0));
            }),
        ),
        (
            "the counterexample stops too early",
            refused(|parts| {
                claimed(parts, "ends").runs[0].steps.pop();
            }),
        ),
        (
            "the counterexample begins elsewhere",
            refused(|parts| {
                claimed(parts, "can-end").runs[0].initial = Words(vec![1]);
            }),
        ),
        ("more readings are said to fail", refused(|parts| claimed(parts, "can-end").violated = said(&[&[]]))),
        (
            "a rank is higher",
            refused(|parts| {
                let map = parts.states[2].numbers[2] as usize;
                let ranking = claimed(parts, "ends").ranking.as_mut().unwrap();
                ranking.maps[map][0].0 = 9;
                ranking.constraints.resize(9, 1);
            }),
        ),
        ("a step has another label", refused(|parts| claimed(parts, "ends").runs[0].steps[0].events = 4)),
        (
            "a reading is said not to matter",
            refused(|parts| {
                parts.head.parameters.clear();
                parts.head.sets.iter_mut().for_each(|set| *set = said(&[&[]]));
                parts.head.claims.retain(|claimed| claimed.property == "no-event");
                parts.states.iter_mut().for_each(|state| state.numbers.truncate(1));
            }),
        ),
        (
            "a property is claimed twice",
            refused(|parts| {
                let again = parts.head.claims[0].clone();
                parts.head.claims.push(again);
            }),
        ),
        ("nobody asked for a property", refused(|parts| parts.head.claims[0].property = "peace".into())),
        (
            "nothing is claimed",
            refused(|parts| {
                parts.head.claims.clear();
                parts.states.clear();
                parts.head.states = None;
            }),
        ),
        (
            "a state is of another model",
            refused(|parts| {
                parts.states.push(Record { words: vec![200], numbers: parts.states[0].numbers.clone() });
            }),
        ),
        ("a state names no set", refused(|parts| parts.states[0].numbers[0] = 1000)),
    ];
    for property in ["ended", "no-bell", "no-rest"] {
        let reason = refused(|parts| {
            let claimed = claimed(parts, property);
            (claimed.violated, claimed.runs) = (Vec::new(), Vec::new());
        });
        lies.push(("a verdict of states and steps is turned to holds", reason));
    }
    let nowhere = refused(|parts| {
        let claimed = claimed(parts, "some-end");
        (claimed.violated, claimed.runs) = (said(&[&[]]), Vec::new());
    });
    lies.push(("what happens is said never to happen", nowhere));
    let fewer = |change: &dyn Fn(&mut Parts)| {
        let system = line();
        let mut parts = Parts::of(&certificate(&system).unwrap());
        change(&mut parts);
        audited(&system, &parts.bytes()).unwrap_err().to_string()
    };
    lies.push(("fewer states than it says", fewer(&|parts| drop(parts.states.pop()))));
    lies.push(("more states than it says", fewer(&|parts| parts.states.push(parts.states[0].clone()))));
    lies.push(("states without a number", fewer(&|parts| parts.head.states = None)));
    let lies: Vec<String> = lies.into_iter().map(|(lie, reason)| format!("{lie}\n    {reason}")).collect();
    insta::assert_snapshot!(lies.join("\n"));
}

#[test]
fn any_byte_that_is_changed_is_noticed() {
    let system = line();
    let bytes = certificate(&system).unwrap();
    assert!(audited(&system, &bytes).is_ok());
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            assert!(audited(&system, &changed).is_err(), "byte {at}");
        }
        assert!(audited(&system, &bytes[..at]).is_err(), "cut after {at} bytes");
    }
    let longer = [&bytes[..], b"\n"].concat();
    assert!(matches!(audited(&system, &longer), Err(Refusal::Cut)));
    assert!(matches!(audited(&system, b"MZ"), Err(Refusal::Foreign)));
    let newer = [b"poolproof certificate 2\n", &bytes[24..]].concat();
    assert!(matches!(audited(&system, &newer), Err(Refusal::Format { .. })));
}

proptest! {
    #[test]
    fn whatever_the_stream_holds_is_answered(content in prop::collection::vec(any::<u8>(), 0..300), at in any::<Index>(), flip in 1..=255u8) {
        // A right digest around a stream that is damaged, or that is none.
        let bytes = certificate(&line()).unwrap();
        let inside = &bytes[24..bytes.len() - 73];
        let mut damaged = inside.to_vec();
        damaged[at.index(inside.len())] ^= flip;
        for stream in [content, damaged] {
            let whole = poolproof::certificate::enclosed(&stream);
            let _ = audited(&line(), &whole);
        }
        prop_assert_eq!(poolproof::certificate::enclosed(inside), bytes);
    }
}

#[test]
fn a_place_is_a_word() {
    // What the tests above tamper with is where they believe it is.
    let parts = Parts::of(&certificate(&line()).unwrap());
    let locations: Vec<u64> = parts.states.iter().map(|state| state.words[0]).collect();
    assert_eq!(locations, [0, 1, 2, 3]);
    let place = Place { location: 3, known: Assignment::default() };
    assert_eq!(check::Packed::unpack(&line(), &[3]), place);
}
