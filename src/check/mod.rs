//! The checker, for any [`stateright::Model`] whose state packs into words.
//!
//! It explores every reachable state, exactly (no fingerprints), layer by layer on all cores, and decides all
//! properties of the model in that one run: invariants, events that must not happen, possibilities, possibilities
//! from everywhere, liveness under weak fairness, deadlock. What it finds is replayed through the model before it
//! is returned. A limit that was hit makes a result inconclusive, never "holds".
//!
//! A model of one's own takes a [`stateright::Model`] and three short functions. This one counts up by one or
//! two, modulo ten, and is claimed never to show nine:
//!
//! ```
//! use poolproof::check::{self, Claim, Options, Packed, Property};
//! use stateright::Model;
//!
//! struct Counter;
//!
//! impl Model for Counter {
//!     type State = u8;
//!     type Action = u8;
//!     fn init_states(&self) -> Vec<u8> { vec![0] }
//!     fn actions(&self, _: &u8, actions: &mut Vec<u8>) { actions.extend([1, 2]) }
//!     fn next_state(&self, state: &u8, action: u8) -> Option<u8> { Some((state + action) % 10) }
//! }
//!
//! impl Packed for Counter {
//!     fn words(&self) -> usize { 1 }
//!     fn pack(&self, state: &u8, words: &mut [u64]) { words[0] = u64::from(*state) }
//!     fn unpack(&self, words: &[u64]) -> u8 { words[0] as u8 }
//!     fn predicates(&self, words: &[u64]) -> u64 { u64::from(words[0] != 9) | u64::from(words[0] == 0) << 1 }
//!     fn specification(&self) -> Vec<Property> {
//!         vec![
//!             Property { name: "never-nine".into(), claim: Claim::Always(0) },
//!             Property { name: "back-to-zero".into(), claim: Claim::AlwaysPossibly { goal: 1, through: u32::MAX } },
//!         ]
//!     }
//! }
//!
//! let outcome = check::run(&Counter, &Options::default(), &())?;
//! assert_eq!(outcome.statistics.states, 10);
//! let nine = outcome.property("never-nine").unwrap();
//! let witness = nine.violations[0].witness.as_ref().unwrap();
//! assert_eq!((witness.len(), *witness.last()), (5, 9));
//! assert!(outcome.property("back-to-zero").unwrap().holds());
//! # Ok::<(), check::Error>(())
//! ```
//!
//! # Parameters
//! A model can have constants whose value is open ([`Parameter`]), and tell of each transition for which of their values
//! it exists. All values are explored at once: a state is stored once, with the set of valuations for which it is
//! reachable. The result of a property then says for which values it is violated ([`Violation::when`]).
//!
//! # How it fits together
//! `search` explores and `monitor` looks at each state and transition; `store` keeps the states, `sets` the sets of
//! valuations, and `record` the transitions, if a property needs them. `graph` puts these in order and decides those
//! properties. `witness` replays. `run` calls one after the other, and `outcome` is what it returns. `evidence` is for those
//! who want to show others why a result is right ([`run_and_show`]).
//!
//! Invariant: no name of the maintenance domain occurs in this room. Verdicts, counts and witnesses are the same
//! for any number of threads.

mod after;
mod cube;
mod error;
mod evidence;
mod export;
mod graph;
mod limits;
pub mod model;
mod monitor;
mod observe;
mod options;
mod outcome;
mod parallel;
mod record;
mod run;
mod search;
mod second_opinion;
mod sets;
mod store;
mod witness;

pub use cube::cover;
pub use error::{Error, Fault};
pub use evidence::{Evidence, Listing, Path, Ranking};
pub use export::{Captions, ExportError, Exported, Format, export};
pub use model::{Assignment, Claim, Label, Packed, Parameter, Property, Successors};
pub use observe::{Observer, Phase, Progress};
pub use options::{Options, Selection, SelfCheck};
pub use outcome::{
    Completeness, Conclusion, Constant, Coverage, Forecast, Limit, Outcome, PropertyResult, Reason, Statistics,
    Violation, Witness,
};
pub use run::{OutcomeOf, run, run_and_show};
pub use second_opinion::{Opinion, second_opinion};
