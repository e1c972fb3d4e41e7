//! TLC on scenarios that nobody has thought of.

use crate::agreed::{SHAPES, Tally, count_misses, lines, scenario, tally};
use crate::exported;
use crate::random::Small;
use crate::tlc::{Steps, Tlc};
use poolproof::reference::Explored;
use poolproof::scenario::Scenario;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Scenarios that a run of the tests asks TLC about again, of those of `agreed.txt`.
const AGAIN: usize = 12;
/// States of a scenario, so that TLC is done with it in a second or two.
const STATES: std::ops::RangeInclusive<usize> = 25..=500;

/// What TLC finds of a scenario.
fn theirs(scenario: &Scenario, tlc: &Tlc) -> Result<Tally, String> {
    let folder = exported(scenario, &Explored::new())?;
    let mut tally = Tally::default();
    let survey = tlc.survey(folder.path(), Steps::Promises)?;
    count_misses(&mut tally, &survey.reach("ended"), &survey.reach("serving"), &survey.kept());
    for state in survey.states {
        tally.count(format!("after {}", state.level));
        [state.broken, state.reached, state.events].into_iter().flatten().for_each(|word| tally.count(word));
    }
    Ok(tally)
}

/// Whether both find the same; what they find.
fn compare(name: &str, number: u32, scenario: &Scenario, tlc: &Tlc) -> Result<String, String> {
    let ours = tally(scenario, usize::MAX).expect("no limit").1.to_string();
    let theirs = theirs(scenario, tlc).map_err(|why| format!("{name} {number}: {why}"))?.to_string();
    if ours == theirs { Ok(ours) } else { Err(format!("{name} {number}:\n  here {ours}\n  TLC  {theirs}")) }
}

/// On two threads: TLC does what can be done at once in one.
fn twice(work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(&work)));
    });
}

/// What comes next of a list, and its place.
fn next_of<'a, T>(all: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, all.get(place)?))
}

/// Some of the scenarios of `agreed.txt`, from another place in it whenever it has changed.
#[test]
#[ignore = "needs Java and tla2tools"]
fn tlc_agrees_on_random_scenarios() {
    let (tlc, all) = (Tlc::find(), lines().collect::<Vec<_>>());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    twice(|| {
        while let Some(index) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < AGAIN) {
            let (name, number, agreed) = all[index * all.len() / AGAIN];
            let (_, shape) = SHAPES.iter().find(|(shape, _)| *shape == name).unwrap();
            let said = compare(name, number, &scenario(shape, number), &tlc);
            let said =
                said.and_then(|it| if it == agreed { Ok(()) } else { Err(format!("{name} {number}: now {it}")) });
            said.unwrap_or_else(|what| writeln!(wrong.lock().unwrap(), "{what}").unwrap());
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What became of a scenario: its line in `agreed.txt`, or how they differ.
fn line(name: &str, number: u32, scenario: Scenario, tlc: &Tlc) -> Result<String, String> {
    let agreed = compare(name, number, &scenario, tlc).map_err(|what| format!("{what}\n{:?}", Small(scenario)))?;
    Ok(format!("{name} {number} {agreed}\n"))
}

/// Writes the lines in the order of their places and numbers; says which scenarios have none.
fn write(found: Mutex<Vec<(usize, u32, String)>>, wrong: Mutex<String>) {
    let mut found = found.into_inner().unwrap();
    found.sort();
    let text: String = found.into_iter().map(|(_, _, line)| line).collect();
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/model/tests/agreed.txt"), text).unwrap();
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "left out, for they differ:\n{wrong}");
}

/// Asks TLC about the lines of `agreed.txt` that the model finds otherwise now, if `AGREED` is `changed`.
#[test]
#[ignore = "needs Java and tla2tools"]
fn record_changed() {
    if std::env::var("AGREED").as_deref() != Ok("changed") {
        return;
    }
    let (tlc, all) = (Tlc::find(), lines().collect::<Vec<_>>());
    let (next, found, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(String::new()));
    twice(|| {
        while let Some((place, (name, number, agreed))) = next_of(&all, &next) {
            let (_, shape) = SHAPES.iter().find(|(shape, _)| shape == name).unwrap();
            let scenario = scenario(shape, *number);
            let as_before = tally(&scenario, usize::MAX).expect("no limit").1.to_string() == *agreed;
            let line =
                if as_before { Ok(format!("{name} {number} {agreed}\n")) } else { line(name, *number, scenario, &tlc) };
            match line {
                Ok(line) => found.lock().unwrap().push((place, *number, line)),
                Err(what) => *wrong.lock().unwrap() += &what,
            }
        }
    });
    write(found, wrong);
}

/// Draws scenarios, so many of each shape as `AGREED` says, and asks TLC about each; writes what both find. Without it nothing is
/// drawn.
#[test]
#[ignore = "needs Java and tla2tools"]
fn record() {
    let Some(wanted) = std::env::var("AGREED").ok().and_then(|it| it.parse::<usize>().ok()) else { return };
    let (tlc, found, wrong) = (Tlc::find(), Mutex::new(Vec::new()), Mutex::new(String::new()));
    for (place, (name, shape)) in SHAPES.iter().enumerate() {
        let (next, kept) = (AtomicU32::new(1), AtomicUsize::new(0));
        twice(|| {
            while kept.load(Ordering::Relaxed) < wanted {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let scenario = scenario(shape, number);
                let states = tally(&scenario, *STATES.end()).map_or(0, |(states, _)| states);
                if !STATES.contains(&states) || kept.fetch_add(1, Ordering::Relaxed) >= wanted {
                    continue;
                }
                match line(name, number, scenario, &tlc) {
                    Ok(line) => found.lock().unwrap().push((place, number, line)),
                    Err(what) => *wrong.lock().unwrap() += &what,
                }
            }
        });
    }
    write(found, wrong);
}
