//! A state machine as a Mermaid `stateDiagram-v2`, which many pages render as they stand.
//!
//! Invariant: the text is accepted by Mermaid whatever the names contain: states get aliases, and the
//! characters that would end a label are replaced.
//! Cost: linear in the rows.

use super::arrows::{arrows, initial};
use crate::lifecycle::Drawing;
use std::fmt::Write;

/// The drawing as a Mermaid `stateDiagram-v2`.
///
/// ```
/// use poolproof::{lifecycle, report::diagram};
/// let text = diagram::mermaid(&lifecycle::drawing::<lifecycle::pool::Pool>());
/// assert!(text.starts_with("stateDiagram-v2\n"));
/// ```
pub fn mermaid(drawing: &Drawing) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    for (index, state) in drawing.states.iter().enumerate() {
        let _ = writeln!(out, "    state \"{}\" as {}", state.replace('"', "'"), alias(drawing, index));
    }
    if let Some(first) = initial(drawing) {
        let _ = writeln!(out, "    [*] --> {}", alias(drawing, first));
    }
    for arrow in arrows(drawing) {
        let (from, to) = (alias(drawing, arrow.from), alias(drawing, arrow.to));
        let labels: Vec<_> = arrow.labels.iter().map(|label| label.replace([':', ';', '\n', '"'], " ")).collect();
        let _ = writeln!(out, "    {from} --> {to} : {}", labels.join("<br/>"));
    }
    out
}

/// A name for a state that is one word, no keyword, and no other state's.
fn alias(drawing: &Drawing, index: usize) -> String {
    let plain = |state: &str| -> String {
        let letters = state.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
        format!("s_{}", letters.collect::<String>())
    };
    let name = plain(drawing.states[index]);
    let earlier = drawing.states[..index].iter().filter(|state| plain(state) == name).count();
    if earlier == 0 { name } else { format!("{name}_{index}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::DrawnRow;

    #[test]
    fn names_cannot_break_the_text() {
        let row = |from, event, to| DrawnRow { from, event, to, facts: &["F1.1"], why: "So." };
        let drawing = Drawing {
            name: "odd",
            initial: "A: \"b\"",
            states: vec!["A: \"b\"", "a  'b'", "end"],
            rows: vec![row("A: \"b\"", "x: y; z", "a  'b'"), row("a  'b'", "w", "end"), row("A: \"b\"", "v", "a  'b'")],
        };
        insta::assert_snapshot!(mermaid(&drawing), @r#"
        stateDiagram-v2
            state "A: 'b'" as s_a___b_
            state "a  'b'" as s_a___b__1
            state "end" as s_end
            [*] --> s_a___b_
            s_a___b_ --> s_a___b__1 : x  y  z<br/>v
            s_a___b__1 --> s_end : w
        "#);
    }
}
