//! What a check cost, for `check --stats`.
//!
//! Invariant: the last line is the one that benchmarks read, the same as that of `examples/two_phase_commit.rs`.

use super::Look;
use super::layout::Sheet;
use crate::report::wording::{count, number};
use crate::verdict::statistics::{Detail, Statistics};
use std::time::Duration;

/// The statistics of a scenario.
pub fn render(file: &str, statistics: &Statistics, look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let Statistics { states, transitions, depth, time, state_bytes, detail } = statistics;
    let explored = match states {
        Some(states) => {
            let rate = *states as f64 / time.as_secs_f64().max(1e-9);
            format!(
                "{} in {}, {} states a second, {} of packed states",
                count(*states, "state", "states"),
                duration(*time),
                number(rate as u64),
                bytesize::ByteSize(states * state_bytes)
            )
        }
        None => format!("{}, and this engine does not say how many states", duration(*time)),
    };
    sheet.hanging(0, 2, &format!("{file}: {explored}"));
    if let Some(detail) = detail {
        details(&mut sheet, detail, *state_bytes);
    }
    let known = |value: &Option<u64>| value.map_or("?".to_owned(), |value| value.to_string());
    sheet.verbatim(&format!(
        "states={} transitions={} depth={} seconds={:.3} bytes_per_state={}",
        known(states),
        known(transitions),
        known(depth),
        time.as_secs_f64(),
        detail.as_ref().map_or("?".to_owned(), |detail| format!("{:.1}", detail.bytes_per_state()))
    ));
    sheet.finish()
}

fn details(sheet: &mut Sheet, detail: &Detail, state_bytes: u64) {
    let mut row = |label: &str, text: String| sheet.hanging(2, 12, &format!("{label:<8}  {text}"));
    row(
        "degree",
        format!(
            "{:.1} transitions a state, at most {}; {} without any",
            detail.mean_degree,
            number(detail.max_degree),
            count(detail.deadlocks, "state", "states")
        ),
    );
    let layers: Vec<String> = detail.layers.iter().map(|layer| number(*layer)).collect();
    row("layers", layers.join(" "));
    row(
        "store",
        format!(
            "{:.1} bytes a state: {} of a packed state, the rest for its parent and the table; load {:.2}",
            detail.bytes_per_state(),
            count(state_bytes, "byte", "bytes"),
            detail.table_load
        ),
    );
    row("memory", format!("{} at most", bytesize::ByteSize(detail.peak_bytes)));
    let phases: Vec<String> = detail.phases.iter().map(|(name, time)| format!("{name} {}", duration(*time))).collect();
    row("time", phases.join(", "));
}

fn duration(time: Duration) -> String {
    humantime::format_duration(Duration::from_millis(time.as_millis() as u64)).to_string()
}
