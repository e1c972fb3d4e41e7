//! What a check cost, as `check --stats` says it.

use poolproof::report::text::Look;
use poolproof::report::text::statistics::render;
use poolproof::verdict::statistics::{Detail, Statistics};
use std::time::Duration;

fn exact() -> Statistics {
    let phases = [("search", 612), ("coverage", 40), ("graph", 75), ("decide", 13)];
    Statistics {
        states: Some(50_602),
        transitions: Some(255_051),
        depth: Some(34),
        time: Duration::from_millis(741),
        state_bytes: 16,
        detail: Some(Detail {
            layers: (0..35).map(|layer| 1 + layer * 85).collect(),
            deadlocks: 1,
            mean_degree: 5.04,
            max_degree: 14,
            store_bytes: 1_580_000,
            table_load: 0.614,
            peak_bytes: 9_437_184,
            phases: phases.map(|(name, time)| (name.to_owned(), Duration::from_millis(time))).to_vec(),
        }),
    }
}

#[test]
fn the_exact_engine_knows_everything() {
    insta::assert_snapshot!(render("models/patch/scenario.toml", &exact(), &Look::default()));
}

#[test]
fn an_engine_says_what_it_does_not_know() {
    let time = Duration::from_millis(4812);
    let finished = Statistics {
        states: Some(425_237),
        transitions: Some(3_188_324),
        time,
        state_bytes: 16,
        ..Statistics::default()
    };
    let stopped = Statistics { time, state_bytes: 16, ..Statistics::default() };
    let text: String = [finished, stopped].iter().map(|cost| render("x.toml", cost, &Look::default())).collect();
    insta::assert_snapshot!(text, @r"
    x.toml: 425,237 states in 4s 812ms, 88,370 states a second, 6.5 MiB of packed states
    states=425237 transitions=3188324 depth=? seconds=4.812 bytes_per_state=?
    x.toml: 4s 812ms, and this engine does not say how many states
    states=? transitions=? depth=? seconds=4.812 bytes_per_state=?
    ");
}
