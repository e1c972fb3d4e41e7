//! A counterexample as a picture: a lane an actor, a lane a server, a lane a pool's votes.
//!
//! Invariant: the picture says nothing that the steps in words do not say; what a colour says, a word in
//! the bar says too, or its title.

use crate::report::story::{self, Story};
use crate::report::wording;
use crate::verdict::{Actor, Counterexample, Moment, ScenarioVerdict, ServerMoment};
use std::fmt::Write;

const NAMES: usize = 150;
const COLUMN: usize = 92;
const LANE: usize = 34;
const TOP: usize = 30;

/// The picture, as an element of a page.
pub fn timeline(id: &str, scenario: &ScenarioVerdict, told: &Story<'_>) -> String {
    let counterexample = told.counterexample;
    let needless = told.needless();
    let actors = actors(counterexample);
    let columns = counterexample.steps.len() + 1;
    let lanes = actors.len() + scenario.servers.len() + counterexample.before.pools.len();
    let (width, height) = (NAMES + columns * COLUMN + 10, TOP + lanes * LANE + 26);
    let mut out = format!(
        "<svg class=\"timeline\" role=\"img\" aria-labelledby=\"{id}-tt {id}-td\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\"><title id=\"{id}-tt\">Timeline</title>\
         <desc id=\"{id}-td\">Lanes for who acts, for every server and for the votes; the steps below say the same.</desc>"
    );
    columns_of(&mut out, counterexample, height);
    for (lane, actor) in actors.iter().enumerate() {
        name(&mut out, lane, actor);
        for (index, step) in counterexample.steps.iter().enumerate().filter(|(_, step)| step.actor == *actor) {
            let class = match step.by {
                Actor::Operator => "operator",
                Actor::System => "system",
                Actor::Fault => "fault",
            };
            let (x, y) = (middle(index + 1), TOP + lane * LANE + LANE / 2);
            let title = escaped(&wording::sentence(step));
            let number = index + 1;
            let (idle, part) = if needless.contains(&index) { (" needless", " (takes no part)") } else { ("", "") };
            let _ = write!(
                out,
                "<g class=\"act {class}{idle}\"><title>{number}. {title}{part}</title><circle cx=\"{x}\" cy=\"{y}\" r=\"12\"/>\
                 <text x=\"{x}\" y=\"{}\">{number}</text></g>",
                y + 4
            );
        }
    }
    let moments: Vec<&Moment> =
        std::iter::once(&counterexample.before).chain(counterexample.steps.iter().map(|step| &step.after)).collect();
    for (server, server_name) in scenario.servers.iter().enumerate() {
        let lane = actors.len() + server;
        name(&mut out, lane, server_name);
        let shown: Vec<Shown> = moments.iter().filter_map(|moment| moment.servers.get(server)).map(Shown::of).collect();
        bars(&mut out, lane, &shown);
    }
    for (pool, first) in counterexample.before.pools.iter().enumerate() {
        let lane = actors.len() + scenario.servers.len() + pool;
        name(&mut out, lane, &format!("votes of {}", first.name));
        let shown: Vec<Shown> = moments
            .iter()
            .filter_map(|moment| moment.pools.get(pool))
            .map(|pool| {
                let lost = pool.votes_up < pool.quorum;
                let class = if lost { "lost" } else { "votes" };
                let short = format!("{}/{}", pool.votes_up, pool.quorum);
                let text = format!("{} up, {} needed", pool.votes_up, pool.quorum);
                Shown { class, text, short, title: wording::votes(pool) }
            })
            .collect();
        bars(&mut out, lane, &shown);
    }
    end(&mut out, counterexample, height);
    out.push_str("</svg>");
    out
}

/// Who acts, in the order in which they first do.
fn actors(counterexample: &Counterexample) -> Vec<&str> {
    let mut actors: Vec<&str> = Vec::new();
    for step in &counterexample.steps {
        if !actors.contains(&step.actor.as_str()) {
            actors.push(&step.actor);
        }
    }
    actors
}

fn left(column: usize) -> usize {
    NAMES + column * COLUMN
}

fn middle(column: usize) -> usize {
    left(column) + COLUMN / 2
}

/// A field for each step, which the script marks, and the number above it.
fn columns_of(out: &mut String, counterexample: &Counterexample, height: usize) {
    for column in 0..=counterexample.steps.len() {
        let head = if column == 0 { "before".to_owned() } else { column.to_string() };
        let _ = write!(
            out,
            "<g class=\"column\" data-step=\"{column}\"><rect x=\"{}\" y=\"4\" width=\"{COLUMN}\" height=\"{}\"/>\
             <text class=\"head\" x=\"{}\" y=\"20\">{head}</text></g>",
            left(column),
            height - 26,
            middle(column)
        );
    }
}

fn name(out: &mut String, lane: usize, text: &str) {
    let y = TOP + lane * LANE + LANE / 2 + 4;
    let short: String = if text.chars().count() > 20 {
        text.chars().take(19).chain(std::iter::once('\u{2026}')).collect()
    } else {
        text.to_owned()
    };
    let _ = write!(
        out,
        "<text class=\"name\" x=\"{}\" y=\"{y}\"><title>{}</title>{}</text>",
        NAMES - 10,
        escaped(text),
        escaped(&short)
    );
}

/// What a lane shows at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    class: &'static str,
    text: String,
    /// Said where `text` does not fit.
    short: String,
    title: String,
}

impl Shown {
    fn of(server: &ServerMoment) -> Shown {
        let state = server.state.split(':').next().unwrap_or_default();
        let (class, words) = match (server.power.as_str(), state) {
            ("Up", "Draining") => ("draining", state.to_owned()),
            ("Up", "Failed back") => ("returning", state.to_owned()),
            ("Up", "Running") if server.serving => ("serving", "serves".to_owned()),
            ("Up", "Running") => ("stopped", "stopped".to_owned()),
            ("Up", _) => ("out", state.to_owned()),
            (power, _) => ("down", power.to_owned()),
        };
        let replica = match server.replica.as_str() {
            "" => String::new(),
            "Primary" => " (P)".to_owned(),
            "Secondary" => " (S)".to_owned(),
            "Building" => " (b)".to_owned(),
            _ => " (-)".to_owned(),
        };
        let replica_words = if server.replica.is_empty() {
            String::new()
        } else {
            format!(", replica: {}", server.replica.to_lowercase())
        };
        let title = format!("{}, {}, services: {}{replica_words}", server.state, server.power, server.services);
        let short = words.to_lowercase();
        Shown { class, text: format!("{short}{replica}"), short, title }
    }
}

/// Bars over the columns in which nothing changes.
fn bars(out: &mut String, lane: usize, shown: &[Shown]) {
    let mut begin = 0;
    while begin < shown.len() {
        let same = shown[begin..].iter().take_while(|other| **other == shown[begin]).count();
        let Shown { class, text, short, title } = &shown[begin];
        let (x, y, width) = (left(begin) + 1, TOP + lane * LANE + 5, same * COLUMN - 2);
        let fits = width / 7;
        let text = if text.chars().count() > fits { short } else { text };
        let text: String = if text.chars().count() > fits {
            text.chars().take(fits.saturating_sub(1)).collect()
        } else {
            text.clone()
        };
        let _ = write!(
            out,
            "<g class=\"bar {class}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" rx=\"3\"/>\
             <text x=\"{}\" y=\"{}\">{}</text></g>",
            escaped(title),
            LANE - 10,
            x + width / 2,
            y + LANE / 2,
            escaped(&text)
        );
        begin += same;
    }
}

/// How it ends: the moment of the loss, or the loop.
fn end(out: &mut String, counterexample: &Counterexample, height: usize) {
    let last = counterexample.steps.len();
    let y = height - 16;
    match (counterexample.loop_from, story::loop_steps(counterexample)) {
        (Some(from), Some(_)) => {
            let (begin, end) = (left(from + 1) + 4, left(last + 1) - 4);
            let _ = write!(
                out,
                "<g class=\"loop\"><path d=\"M{end} {y} V{0} H{begin} V{y} M{1} {2} L{begin} {y} L{3} {2}\"/>\
                 <text x=\"{4}\" y=\"{5}\">for ever</text></g>",
                y + 6,
                begin - 4,
                y + 5,
                begin + 4,
                (begin + end) / 2,
                y + 2
            );
        }
        _ => {
            let x = left(last + 1);
            let _ = write!(
                out,
                "<g class=\"loss\"><path d=\"M{x} 4 V{}\"/><text x=\"{}\" y=\"{}\">here it fails</text></g>",
                height - 22,
                x,
                y + 8
            );
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
