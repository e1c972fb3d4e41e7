//! The state machines as far as some run goes through them.
//!
//! Invariant: a drawing shows exactly the rows that the verdict does not name as never taken.

use crate::lifecycle::{self, Drawing, DrawnRow};
use crate::report::diagram;
use crate::verdict::ScenarioVerdict;
use serde::Serialize;

/// A machine with the transitions that were taken.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The name of the machine.
    name: &'static str,
    /// The picture.
    svg: String,
    /// How many rows were taken.
    taken: usize,
    /// The rows that no run takes.
    never: Vec<String>,
}

/// The machines of which some row was taken; none if the verdict does not say, because it is not complete.
pub fn drawings(id: &str, scenario: &ScenarioVerdict) -> Vec<Shown> {
    if !scenario.explored.complete || scenario.never.rows.is_empty() {
        return Vec::new();
    }
    lifecycle::drawings().into_iter().filter_map(|drawing| shown(id, scenario, drawing)).collect()
}

fn shown(id: &str, scenario: &ScenarioVerdict, mut drawing: Drawing) -> Option<Shown> {
    let name = drawing.name;
    let words = |row: &DrawnRow| format!("{name}: {}, {} -> {}", row.from, row.event, row.to);
    let never = |row: &DrawnRow| scenario.never.rows.contains(&words(row));
    let never_taken = drawing.rows.iter().filter(|row| never(row)).map(words).collect();
    drawing.rows.retain(|row| !never(row));
    if drawing.rows.is_empty() {
        return None;
    }
    let rows = &drawing.rows;
    let initial = drawing.initial;
    drawing.states.retain(|state| *state == initial || rows.iter().any(|row| row.from == *state || row.to == *state));
    let mut svg = diagram::svg(&drawing);
    // Names are unique within a document, and every scenario of a page draws the same machines.
    for part in ["title", "desc", "head"] {
        svg = svg.replace(&format!("{name}-{part}"), &format!("{id}-{name}-{part}"));
    }
    Some(Shown { name, svg, taken: drawing.rows.len(), never: never_taken })
}
