//! A line on the terminal that says how far a check has come; nothing where there is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use poolproof::report::wording::number;
use poolproof::verdict::options::{OnProgress, Progress};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The bar of the check that runs now.
static CURRENT: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Shows a bar for this file and gives back what updates it; `None` where stderr is no terminal.
pub fn on_progress(file: &str) -> Option<OnProgress> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})") {
        bar.set_style(style.tick_chars("-\\|/ "));
    }
    bar.set_prefix(file.to_owned());
    bar.set_message("begins");
    bar.enable_steady_tick(Duration::from_millis(200));
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
    Some(Arc::new(move |progress| bar.set_message(words(progress))))
}

/// Takes the bar off the terminal.
pub fn done() {
    if let Some(bar) = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

fn words(progress: Progress) -> String {
    format!(
        "{} states, {} transitions, depth {}, {} waiting",
        number(progress.states),
        number(progress.transitions),
        number(progress.depth),
        number(progress.waiting)
    )
}
