//! Does every rule of the model matter? Each rule is broken in turn, and something has to notice.
//!
//! `cargo run -p poolproof-mutants -- update` looks for a killer of every mutant, and writes the list and
//! `docs/mutants.md`; with words behind it only of those whose line in the list has one of them (`update survives`), all of
//! those in one word with a plus between them (`update fabric.rs+survives`), or,
//! with `update new`, that the list does not have. `check` fails if the list is not that of the source, or if a mutant outlives
//! the killer that the list names; `check 30` runs as many mutants as half a minute allows, others for each commit.

mod copy;
mod expressions;
mod kill;
mod list;
mod page;
mod rewrite;
mod tables;

use kill::{End, Killer, Tests};
use list::{Equivalents, Fate, List};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Whatever goes wrong is told to a developer in a sentence.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One change of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The file, below `src`.
    pub file: String,
    /// The function or the table, with what it belongs to.
    pub function: String,
    /// What sort of change it is.
    pub kind: &'static str,
    /// The change.
    pub change: String,
}

/// Seconds after which `check` takes a mutant for one that does not come to an end.
const LIMIT: Duration = Duration::from_secs(120);
/// Seconds that a killer may take.
const PATIENCE: f64 = 12.0;
/// Seconds after which nobody looks for a killer of a mutant any longer.
const BUDGET: f64 = 600.0;

fn seconds(variable: &str, default: f64) -> Duration {
    let asked = std::env::var(variable).ok().and_then(|it| it.parse().ok());
    Duration::from_secs_f64(asked.unwrap_or(default))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["update", filter @ ..] => update(filter),
        ["check"] => check(None),
        ["check", seconds] if seconds.parse::<u64>().is_ok() => check(seconds.parse().ok().map(Duration::from_secs)),
        ["page"] => page(),
        _ => Err("usage: poolproof-mutants check [SECONDS] | page | update [PART OF A LINE]...".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

struct Prepared {
    root: PathBuf,
    scratch: PathBuf,
    mutants: Vec<Mutant>,
    tests: Tests,
}

fn root() -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?)
}

fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

fn prepare(optimised: bool) -> Result<Prepared> {
    let root = root()?;
    let target = target(&root);
    let scratch = target.join("mutants");
    let copy = scratch.join("copy");
    let mutants = copy::write(&root, &copy)?;
    let start = Instant::now();
    let program = copy::build(&copy, &target, optimised)?;
    eprintln!("{} mutants, built in {} s", mutants.len(), start.elapsed().as_secs());
    let tests = Tests { program, copy, root: root.clone() };
    Ok(Prepared { root, scratch, mutants, tests })
}

/// Does something for each of these mutants, on as many threads as the machine has or as `MUTANTS_JOBS` says.
fn for_each(mutants: &[usize], each: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = std::env::var("MUTANTS_JOBS").ok().and_then(|it| it.parse().ok()).unwrap_or(available);
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = each(*mutant) {
                        *failed.lock().expect("nobody panics") = Some(why);
                        next.store(mutants.len(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    failed.into_inner()?.map_or(Ok(()), Err)
}

fn update(filter: &[&str]) -> Result<bool> {
    let Prepared { root, scratch, mutants, tests } = prepare(true)?;
    let start = Instant::now();
    // How long a killer may take; a first look at many new mutants need not wait for the slow ones.
    let killers = tests.measure(&tests.killers(&root)?, seconds("MUTANTS_PATIENCE", PATIENCE), &scratch)?;
    eprintln!("{} killers, measured in {} s", killers.len(), start.elapsed().as_secs());
    for killer in killers.iter().rev().take(12) {
        eprintln!("    {:>6.2} s  {}", killer.time.as_secs_f64(), killer.name);
    }
    let known = List::read(&root).unwrap_or_default();
    let equivalents = Equivalents::read(&root)?;
    let fates: Vec<Mutex<Fate>> = mutants
        .iter()
        .map(|mutant| match known.fate(mutant) {
            _ if equivalents.why(mutant).is_some() => Fate::Equivalent,
            Fate::Equivalent => Fate::Survives,
            fate => fate,
        })
        .map(Mutex::new)
        .collect();
    let wanted: Vec<usize> = (0..mutants.len())
        .filter(|number| {
            let mutant = &mutants[*number];
            let line = list::line(mutant, &known.fate(mutant));
            let fits = |part: &&str| {
                if *part == "new" { !known.has(mutant) } else { part.split('+').all(|it| line.contains(it)) }
            };
            filter.is_empty() || filter.iter().any(fits)
        })
        .collect();
    let records: Vec<Record> = killers.iter().map(|_| Record::default()).collect();
    let done = AtomicUsize::new(0);
    for_each(&wanted, |number| {
        let mutant = &mutants[number];
        let mut fate = fates[number].lock().expect("nobody panics");
        if *fate != Fate::Equivalent {
            *fate = find(&tests, &killers, &records, number, &fate)?;
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if *fate == Fate::Survives {
            eprintln!("survives: {}", list::line(mutant, &fate));
        }
        drop(fate);
        if done.is_multiple_of(200) {
            // What is known so far is kept, whatever happens.
            let so_far: Vec<Fate> = fates.iter().map(|fate| fate.lock().expect("nobody panics").clone()).collect();
            list::write(&root, &mutants, &so_far)?;
            eprintln!("{done} of {} after {} s", wanted.len(), start.elapsed().as_secs());
        }
        Ok(())
    })?;
    let fates: Vec<Fate> = fates.into_iter().map(|fate| fate.into_inner().expect("nobody panics")).collect();
    list::write(&root, &mutants, &fates)?;
    page::write(&root, &mutants, &fates, &equivalents)?;
    let unused = equivalents.unused(&mutants);
    unused.iter().for_each(|it| eprintln!("argued equivalent, and there is no such mutant: {it}"));
    let survivors = fates.iter().filter(|fate| **fate == Fate::Survives).count();
    eprintln!("{survivors} of {} mutants survive, after {} s", mutants.len(), start.elapsed().as_secs());
    Ok(survivors == 0 && unused.is_empty())
}

/// How often a killer was tried, and how often it killed.
#[derive(Default)]
struct Record {
    tried: AtomicUsize,
    killed: AtomicUsize,
}

/// What kills a mutant: what did so the last time, or what promises to do so in the shortest time.
fn find(tests: &Tests, killers: &[Killer], records: &[Record], number: usize, known: &Fate) -> Result<Fate> {
    let promise = |index: usize| {
        let [tried, killed] =
            [&records[index].tried, &records[index].killed].map(|it| it.load(Ordering::Relaxed) as f64);
        (killed + 1.0) / (tried + 2.0) / killers[index].time.as_secs_f64().max(0.01)
    };
    let is_last = |index: usize| matches!(known, Fate::Killed { killer, .. } if *killer == killers[index].name);
    let passes = |index: &usize| killers[*index].passes.contains(&(number as u32));
    let mut order: Vec<(bool, f64, usize)> =
        (0..killers.len()).filter(passes).map(|index| (!is_last(index), -promise(index), index)).collect();
    order.sort_by(|one, other| one.partial_cmp(other).expect("a promise is a number"));
    let (start, budget) = (Instant::now(), seconds("MUTANTS_BUDGET", BUDGET));
    for (_, _, index) in order {
        if start.elapsed() > budget {
            break;
        }
        let limit = killers[index].time * 20 + Duration::from_secs(10);
        records[index].tried.fetch_add(1, Ordering::Relaxed);
        let end = tests.run(&killers[index].name, Some(number), limit, None)?;
        if end != End::Passed {
            records[index].killed.fetch_add(1, Ordering::Relaxed);
            return Ok(Fate::Killed { killer: killers[index].name.clone(), endless: end == End::TimedOut });
        }
    }
    Ok(Fate::Survives)
}

/// Writes the page from the list alone.
fn page() -> Result<bool> {
    let root = root()?;
    let mutants = copy::write(&root, &target(&root).join("mutants/copy"))?;
    let (known, equivalents) = (List::read(&root)?, Equivalents::read(&root)?);
    let fates: Vec<Fate> = mutants.iter().map(|mutant| known.fate(mutant)).collect();
    page::write(&root, &mutants, &fates, &equivalents)?;
    Ok(true)
}

/// A number for each mutant and each commit, which puts the mutants into another order for every commit.
fn lot(mutant: usize, commits: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (mutant, commits).hash(&mut hasher);
    hasher.finish()
}

/// Holds the list against the source, and each mutant against the killer that the list names, for so long.
fn check(time: Option<Duration>) -> Result<bool> {
    let Prepared { root, mutants, tests, .. } = prepare(false)?;
    let start = Instant::now();
    let known = List::read(&root)?;
    let equivalents = Equivalents::read(&root)?;
    let mut problems = known.differences(&mutants);
    problems.extend(equivalents.unused(&mutants).iter().map(|it| format!("argued equivalent, but gone: {it}")));
    let unargued = |mutant: &&Mutant| known.fate(mutant) == Fate::Equivalent && equivalents.why(mutant).is_none();
    let line = |mutant: &Mutant| list::line(mutant, &known.fate(mutant));
    let fates: Vec<Fate> = mutants.iter().map(|mutant| known.fate(mutant)).collect();
    if !page::is_up_to_date(&root, &mutants, &fates, &equivalents)? {
        problems.push(format!("{} is not that of the list: `cargo run -p poolproof-mutants -- page`", page::PAGE));
    }
    problems.extend(mutants.iter().filter(unargued).map(|it| format!("nobody argues for it: {}", line(it))));
    problems.sort();
    let problems = Mutex::new(problems);
    // What does not come to an end takes all the time there is, and is left to a check of everything.
    let runs = |number: &usize| match known.fate(&mutants[*number]) {
        Fate::Killed { endless, .. } => time.is_none() || !endless,
        // What survives stands on the page for everybody to see, and in the list for whoever writes the next test.
        Fate::Equivalent | Fate::Survives => false,
    };
    let commits = Command::new("git").args(["rev-list", "--count", "HEAD"]).current_dir(&root).output();
    let commits = commits.ok().and_then(|it| String::from_utf8(it.stdout).ok()?.trim().parse().ok()).unwrap_or(0);
    let mut order: Vec<usize> = (0..mutants.len()).filter(runs).collect();
    order.sort_by_key(|number| lot(*number, commits));
    let run = AtomicUsize::new(0);
    for_each(&order, |number| {
        let Fate::Killed { killer, .. } = known.fate(&mutants[number]) else { return Ok(()) };
        if time.is_some_and(|time| start.elapsed() > time) {
            return Ok(());
        }
        run.fetch_add(1, Ordering::Relaxed);
        if tests.run(&killer, Some(number), LIMIT, None)? == End::Passed {
            let outlived = list::line(&mutants[number], &Fate::Survives);
            problems.lock().expect("nobody panics").push(format!("outlives {killer}: {outlived}"));
        }
        Ok(())
    })?;
    let problems = problems.into_inner()?;
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    let run = run.into_inner();
    eprintln!("{run} of {} mutants run in {} s", mutants.len(), start.elapsed().as_secs());
    if !problems.is_empty() {
        eprintln!("{} problems; `cargo run -p poolproof-mutants -- update` looks for killers", problems.len());
    }
    Ok(problems.is_empty())
}
