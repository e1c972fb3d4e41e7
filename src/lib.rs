//! poolproof proves a maintenance procedure for Skype for Business Server safe in every order in which
//! all of it can happen, or tells the shortest story of how it goes wrong.
//!
//! The way of the data:
//! topology + runbooks + readings -> scenario -> model -> check -> verdict -> report.

// The strategies are read by tests too, which know the crate by its name.
#[cfg(feature = "proptest")]
extern crate self as poolproof;

pub mod certificate;
pub mod check;
pub mod explore;
pub mod fabric;
pub mod lifecycle;
pub mod model;
pub mod reference;
pub mod report;
pub mod runbook;
pub mod scenario;
pub mod testing;
pub mod topology;
pub mod verdict;
