//! A state machine in the language of Graphviz.
//!
//! Invariant: every name is a quoted string, so no name can break the text.
//! Cost: linear in the rows.

use super::arrows::{arrows, initial};
use crate::lifecycle::Drawing;
use std::fmt::Write;

/// The drawing in the language of Graphviz, for `dot -Tsvg` and its kin.
///
/// ```
/// use poolproof::{lifecycle, report::diagram};
/// let text = diagram::dot(&lifecycle::drawing::<lifecycle::pool::Pool>());
/// assert!(text.starts_with("digraph \"pool\" {\n"));
/// ```
pub fn dot(drawing: &Drawing) -> String {
    let mut out = format!("digraph {} {{\n", quoted(drawing.name));
    out.push_str(
        "    graph [rankdir=TB, nodesep=0.5, ranksep=0.7, fontname=\"Helvetica\"];
    node [shape=box, style=\"rounded,filled\", fillcolor=\"#eef3fb\", color=\"#3b6fb6\", penwidth=1.4, \
         fontname=\"Helvetica\", fontsize=13, margin=\"0.2,0.1\"];
    edge [color=\"#5b6675\", fontcolor=\"#2b3440\", fontname=\"Helvetica\", fontsize=10, arrowsize=0.8];\n",
    );
    for (index, state) in drawing.states.iter().enumerate() {
        let _ = writeln!(out, "    s{index} [label={}];", quoted(state));
    }
    if let Some(first) = initial(drawing) {
        let _ =
            writeln!(out, "    start [shape=point, width=0.14, color=\"#3b6fb6\", fillcolor=\"#3b6fb6\", label=\"\"];");
        let _ = writeln!(out, "    start -> s{first};");
    }
    for arrow in arrows(drawing) {
        let label = quoted(&arrow.labels.join("\n"));
        let _ = writeln!(out, "    s{} -> s{} [label={label}];", arrow.from, arrow.to);
    }
    out.push_str("}\n");
    out
}

/// A quoted string; Graphviz reads backslashes, so a name's own are doubled.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(quoted("a \"b\" \\ c\nd"), r#""a \"b\" \\ c\nd""#);
    }
}
