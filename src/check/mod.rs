//! The checker, for any [`stateright::Model`] whose state packs into words.
//!
//! Invariant: no name of the maintenance domain occurs in this room.

pub mod model;
