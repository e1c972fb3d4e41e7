//! What reports look like, on verdicts that are made by hand.

mod consumers;
mod fixtures;
mod github;
mod json;
mod junit;
mod listing;
mod page;
mod sarif;
mod statistics;
mod text;
