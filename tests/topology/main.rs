//! What a user can see of the topology readers: both dialects, every encoding, refusals, hostile input.

mod dialects;
mod generator;
mod hostile;
mod real;
mod refusals;
mod roles;
