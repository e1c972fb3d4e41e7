//! Tests of the maintenance model.
//!
//! `rules` holds each rule against its facts. `procedures` has verdicts that must come out. `sanity` checks on
//! random scenarios what the model promises to the checker; `groups`, `connections`, `slicing` and `symmetry` that what the
//! model leaves out of a state (D1, D2, D6) or takes for the same (D7) changes no verdict. `layout` has how a state packs,
//! `compiled` and `program` what a scenario and its shells are compiled to, `promises` what the model writes for the checker.
//! `tally` counts what the random scenarios do. `agreed` has what TLC found of some from the reference specification, `fair` says which
//! goals a fair run can avoid.

mod agreed;
mod bench;
mod build;
mod compiled;
mod connections;
mod fair;
mod groups;
mod invariants;
mod layout;
mod procedures;
mod program;
mod promises;
mod random;
mod rules;
mod sanity;
mod slicing;
mod symmetry;
mod tally;
mod walk;
