//! The page of a machine in the book.
//!
//! Invariant: the page is made of the table alone, so it cannot disagree with what is executed.
//! Cost: linear in the rows.

use super::mermaid;
use crate::lifecycle::Drawing;
use std::fmt::Write;

/// The page of a machine, in Markdown: the drawing, then every row with its reason and its facts.
pub fn page(drawing: &Drawing) -> String {
    let mut out = format!("# The machine `{}`\n\n", drawing.name);
    let _ = writeln!(
        out,
        "{} states, {} transitions; it begins in **{}**. What the table does not list is not a transition: the cmdlet that asks for it reports an error.\n",
        drawing.states.len(),
        drawing.rows.len(),
        drawing.initial
    );
    let _ = writeln!(out, "![The state machine {0}]({0}.svg)\n", drawing.name);
    let _ = writeln!(
        out,
        "<details>\n<summary>As Mermaid</summary>\n\n```mermaid\n{}```\n\n</details>\n",
        mermaid(drawing)
    );
    out.push_str("| from | event | to | why | facts |\n|---|---|---|---|---|\n");
    for row in &drawing.rows {
        let facts = row.facts.join(", ");
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {facts} |",
            cell(row.from),
            cell(row.event),
            cell(row.to),
            cell(row.why)
        );
    }
    out.push_str("\n<!-- Generated from src/lifecycle by tests/diagrams.rs; UPDATE_DOCS=1 rewrites it. -->\n");
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
