//! The rules of the model one by one, each against the facts that its name gives.

mod around;
mod between;
mod errors;
mod fail_over;
mod faults;
mod pairs;
mod pool;
mod queries;
mod services;
mod shells;
mod stages;
mod untouched;
