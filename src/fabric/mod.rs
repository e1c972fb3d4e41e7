//! What Windows Fabric needs to keep a pool alive: votes and quorum, the vendor's own tables, and the
//! replicas of a routing group.
//!
//! The vendor publishes two tables of numbers ([`tables`]) and names no mechanism. [`votes`] is a
//! mechanism of a few lines that reproduces both; only with a mechanism can a checker tell what happens
//! when the SQL principal is down, which the tables leave out (F3.5). [`replicas`] is the same for one
//! routing group.
//!
//! Invariant: this room knows nothing of runbooks, checking and files.
//! Cost: constant tables and integer arithmetic; nothing allocates.

pub mod replicas;
pub mod tables;
pub mod votes;

pub use replicas::{Health, Replicas};
pub use tables::{ColdStart, first_start};
pub use votes::{SqlVote, TwelveVoters, Votes};
