//! How far a check has come: a line on the terminal, JSON lines for a program, or nothing.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use poolproof::report::wording::number;
use poolproof::verdict::options::{OnProgress, Progress};
use serde::Serialize;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shown {
    /// A line that moves where stderr is a terminal, nothing elsewhere
    Auto,
    /// A JSON object a line on stderr, some times a second
    Json,
    /// Nothing
    None,
}

/// The bar of the check that runs now.
static CURRENT: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// What is to be told how far the check of this file has come; `None` if nobody listens.
pub fn on_progress(shown: Shown, file: &str) -> Option<OnProgress> {
    match shown {
        Shown::Auto if std::io::stderr().is_terminal() => Some(bar(file)),
        Shown::Json => {
            let file = file.to_owned();
            Some(Arc::new(move |progress| super::terminal::say(&line(&file, progress))))
        }
        Shown::Auto | Shown::None => None,
    }
}

fn bar(file: &str) -> OnProgress {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})") {
        bar.set_style(style.tick_chars("-\\|/ "));
    }
    bar.set_prefix(file.to_owned());
    bar.set_message("begins");
    bar.enable_steady_tick(Duration::from_millis(200));
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
    Arc::new(move |progress| bar.set_message(words(progress)))
}

/// Takes the bar off the terminal.
pub fn done() {
    if let Some(bar) = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

fn words(progress: Progress) -> String {
    let Progress { phase, states, transitions, depth, waiting, rate, memory, .. } = progress;
    let size = format!("{} states, {} transitions", number(states), number(transitions));
    let memory = bytesize::ByteSize(memory);
    match phase {
        "search" => format!(
            "{size}, depth {}, {} waiting, {} a second, {memory}",
            number(depth),
            number(waiting),
            number(rate as u64)
        ),
        phase => format!("{phase}: {size}, {memory}"),
    }
}

/// The shape that `docs/checker.md` promises.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    phase: &'static str,
    states: u64,
    transitions: u64,
    rate: u64,
    frontier: u64,
    depth: u64,
    memory: u64,
    seconds: f64,
}

fn line(file: &str, progress: Progress) -> String {
    let line = Line {
        file,
        phase: progress.phase,
        states: progress.states,
        transitions: progress.transitions,
        rate: progress.rate as u64,
        frontier: progress.waiting,
        depth: progress.depth,
        memory: progress.memory,
        seconds: (progress.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
