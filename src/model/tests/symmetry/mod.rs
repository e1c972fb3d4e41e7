//! D7 tested: one state for all that differ by interchangeable servers and operators.
//!
//! `classes` has what tells servers and operators apart, rule by rule; `action` that what is interchangeable has the same
//! future, and one representative; `verdicts` that merging changes none.

mod action;
mod classes;
mod verdicts;
