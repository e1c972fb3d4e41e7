//! The common benchmark: two-phase commit with N resource managers, explored exhaustively.
//!
//! ```text
//! two_phase_commit N [--threads T] [--engine exact|stateright] [--property NAME]...
//! ```
//! The last line is `states=... transitions=... depth=... seconds=... bytes_per_state=...`. Without `--property`
//! the invariant `consistent` alone is decided, as in the peers' models.

#[path = "two_phase_commit/model.rs"]
mod model;

use model::{MOST, TwoPhaseCommit};
use poolproof::check::{self, Options, Selection};
use stateright::{Checker, Model};
use std::time::Instant;

struct Arguments {
    resource_managers: u32,
    threads: usize,
    stateright: bool,
    properties: Vec<String>,
}

fn arguments() -> Result<Arguments, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut found = Arguments { resource_managers: 0, threads, stateright: false, properties: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--threads" => found.threads = value()?.parse().map_err(|_| "--threads needs a number".to_string())?,
            "--engine" => found.stateright = value()? == "stateright",
            "--property" => found.properties.push(value()?),
            number => found.resource_managers = number.parse().map_err(|_| format!("'{number}' is no number"))?,
        }
    }
    if !(1..=MOST).contains(&found.resource_managers) {
        return Err(format!("usage: two_phase_commit N (1 to {MOST}) [--threads T] [--engine exact|stateright]"));
    }
    if found.properties.is_empty() {
        found.properties.push("consistent".into());
    }
    Ok(found)
}

fn main() -> Result<(), String> {
    let arguments = arguments()?;
    let model = TwoPhaseCommit::new(arguments.resource_managers);
    let start = Instant::now();
    if arguments.stateright {
        let checker = model.checker().threads(arguments.threads).spawn_bfs().join();
        checker.assert_properties();
        let seconds = start.elapsed().as_secs_f64();
        // Its depth counts states, its state count the initial one.
        let (states, transitions) = (checker.unique_state_count(), checker.state_count() - 1);
        println!(
            "states={states} transitions={transitions} depth={} seconds={seconds:.3} bytes_per_state=?",
            checker.max_depth() - 1
        );
        return Ok(());
    }
    let options = Options {
        threads: Some(arguments.threads),
        properties: Selection::Named(arguments.properties),
        ..Options::default()
    };
    let outcome = check::run(&model, &options, &()).map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    for result in &outcome.properties {
        let verdict = if result.holds() {
            "holds"
        } else if result.violated() {
            "violated"
        } else {
            "not proved"
        };
        println!("{}: {verdict}", result.property.name);
    }
    for (phase, time) in &outcome.statistics.phases {
        println!("{}: {:.3} s", phase.name(), time.as_secs_f64());
    }
    let statistics = &outcome.statistics;
    println!("table load {:.2}, peak {} MB", statistics.table_load, statistics.peak_bytes / 1_000_000);
    println!(
        "states={} transitions={} depth={} seconds={seconds:.3} bytes_per_state={:.1}",
        statistics.states,
        statistics.transitions,
        statistics.depth,
        statistics.bytes_per_state()
    );
    Ok(())
}
