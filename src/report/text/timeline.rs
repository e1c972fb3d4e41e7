//! A counterexample as a table: a row a step, a column an actor, then every server and the votes.
//!
//! Invariant: what a cell says in short is explained below the table. A terminal that is too narrow for
//! the table gets none; the steps in words say the same.

use super::layout::Sheet;
use crate::report::story;
use crate::verdict::{Counterexample, Moment, PoolMoment, ScenarioVerdict, ServerMoment};
use comfy_table::{ContentArrangement, Table, presets};

/// The fewest columns that an actor needs for words.
const ACTOR: usize = 14;

/// Draws the timeline if it fits.
pub fn timeline(sheet: &mut Sheet, scenario: &ScenarioVerdict, counterexample: &Counterexample) {
    let actors = actors(counterexample);
    let cells: usize = scenario.servers.iter().map(|name| name.chars().count().max(9) + 3).sum();
    let pools: usize = counterexample.before.pools.len() * 14;
    if 6 + actors.len() * (ACTOR + 3) + cells + pools > sheet.width() {
        sheet.hanging(2, 2, "(The terminal is too narrow for the timeline; the steps above say the same.)");
        return;
    }
    let mut table = Table::new();
    table.load_style(presets::ASCII_FULL);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(sheet.width()).unwrap_or(u16::MAX));
    let pool_names = counterexample.before.pools.iter().map(|pool| format!("votes of {}", pool.name));
    let header = std::iter::once(String::new()).chain(actors.iter().map(|actor| (*actor).to_owned()));
    table.set_header(header.chain(scenario.servers.iter().cloned()).chain(pool_names));
    table.add_row(row("", vec![String::new(); actors.len()], &counterexample.before));
    for (index, step) in counterexample.steps.iter().enumerate() {
        let acts = actors.iter().map(|actor| if *actor == step.actor { step.text.clone() } else { String::new() });
        let begins = if counterexample.loop_from == Some(index) { ">" } else { "" };
        table.add_row(row(&format!("{begins}{}", index + 1), acts.collect(), &step.after));
    }
    for line in table.to_string().lines() {
        sheet.verbatim(line.trim_end());
    }
    if let Some(looping) = story::loop_steps(counterexample) {
        sheet.hanging(2, 2, &format!("> here begins the loop: {looping}, for ever."));
    }
    let legend =
        "P primary, S secondary, b building, - down: the replica of the tracked routing group. Votes: up/needed.";
    sheet.hanging(2, 2, legend);
}

/// Who acts in the story, in the order in which they first do.
fn actors(counterexample: &Counterexample) -> Vec<&str> {
    let mut actors: Vec<&str> = Vec::new();
    for step in &counterexample.steps {
        if !actors.contains(&step.actor.as_str()) {
            actors.push(&step.actor);
        }
    }
    actors
}

fn row(number: &str, acts: Vec<String>, moment: &Moment) -> Vec<String> {
    let mut row = vec![number.to_owned()];
    row.extend(acts);
    row.extend(moment.servers.iter().map(server));
    row.extend(moment.pools.iter().map(votes));
    row
}

/// A server in short: `serves P`, `out S`, `crashed`.
fn server(moment: &ServerMoment) -> String {
    let state = if moment.serving {
        "serves".to_owned()
    } else if moment.power != "Up" {
        moment.power.to_lowercase()
    } else if moment.state == "Running" {
        "stopped".to_owned()
    } else {
        moment.state.split(':').next().unwrap_or_default().to_lowercase()
    };
    match replica(&moment.replica) {
        "" => state,
        replica => format!("{state} {replica}"),
    }
}

/// A replica in one letter.
pub fn replica(words: &str) -> &'static str {
    match words {
        "" => "",
        "Primary" => "P",
        "Secondary" => "S",
        "Building" => "b",
        _ => "-",
    }
}

fn votes(pool: &PoolMoment) -> String {
    let lost = if pool.votes_up < pool.quorum { " LOST" } else { "" };
    format!("{}/{}{lost}", pool.votes_up, pool.quorum)
}
