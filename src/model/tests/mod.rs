//! Tests of the maintenance model.
//!
//! `procedures` has verdicts that must come out; `sanity` checks on random scenarios what the model promises
//! to the checker.

mod build;
mod invariants;
mod procedures;
mod random;
mod sanity;
mod walk;
