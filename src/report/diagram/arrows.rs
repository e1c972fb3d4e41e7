//! The arrows of a drawing: rows between the same two states are one arrow with several labels.
//!
//! Invariant: arrows are in the order of their first rows, labels in the order of theirs.
//! Cost: the square of the number of rows, which is a few dozen.

use crate::lifecycle::Drawing;

/// An arrow between two states, given as indices into [`Drawing::states`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    pub labels: Vec<&'static str>,
}

impl Arrow {
    /// Whether the state stays as it is.
    pub fn is_loop(&self) -> bool {
        self.from == self.to
    }
}

/// The arrows of a drawing. A row with a state that the drawing does not list has none.
pub(super) fn arrows(drawing: &Drawing) -> Vec<Arrow> {
    let index = |name: &str| drawing.states.iter().position(|state| *state == name);
    let mut arrows: Vec<Arrow> = Vec::new();
    for row in &drawing.rows {
        let (Some(from), Some(to)) = (index(row.from), index(row.to)) else { continue };
        match arrows.iter_mut().find(|arrow| (arrow.from, arrow.to) == (from, to)) {
            Some(arrow) => arrow.labels.push(row.event),
            None => arrows.push(Arrow { from, to, labels: vec![row.event] }),
        }
    }
    arrows
}

/// The index of the state in which the drawing begins.
pub(super) fn initial(drawing: &Drawing) -> Option<usize> {
    drawing.states.iter().position(|state| *state == drawing.initial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle;

    #[test]
    fn every_row_is_a_label_of_its_arrow() {
        for drawing in lifecycle::drawings() {
            let arrows = arrows(&drawing);
            assert_eq!(arrows.iter().map(|arrow| arrow.labels.len()).sum::<usize>(), drawing.rows.len());
            for row in &drawing.rows {
                let carries = |arrow: &&Arrow| {
                    drawing.states[arrow.from] == row.from
                        && drawing.states[arrow.to] == row.to
                        && arrow.labels.contains(&row.event)
                };
                assert_eq!(arrows.iter().filter(carries).count(), 1, "{row:?}");
            }
        }
    }
}
