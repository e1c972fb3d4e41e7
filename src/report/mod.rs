//! Consumers of what was found: they show it and know nothing of how it was found.

pub mod diagram;
