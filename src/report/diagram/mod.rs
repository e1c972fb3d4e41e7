//! Drawings of the state machines, from the very tables that the checker executes.
//!
//! Three forms: [`mermaid`] for pages that render it, [`dot`] for Graphviz, [`svg`] with a layout of its
//! own. [`page`] is the page of a machine in the book: drawing, then the table with its reasons.
//!
//! Invariant: every row of a table is in every drawing of it. Rows between the same two states share an
//! arrow, and each keeps its label.
//! Cost: milliseconds; a machine has a handful of states.

mod arrows;
mod dot;
mod layout;
mod mermaid;
mod page;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use page::page;
pub use svg::svg;
