//! What is to be seen, as plain data: it is what the page is drawn from, and what programs get.

use crate::verdict::{Actor, Moment, Place, ReadingValue};
use serde::Serialize;

/// What is the same at every position.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Overview {
    /// The title of the scenario.
    pub title: String,
    /// Its file as the user named it.
    pub file: String,
    /// The servers, in the order of [`Moment::servers`].
    pub servers: Vec<Server>,
    /// The operators, in the order of [`Moment::operators`].
    pub operators: Vec<String>,
    /// The ways in which a run can begin.
    pub beginnings: Vec<Beginning>,
}

/// A server and where it belongs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Server {
    /// Its short name.
    pub name: String,
    /// The name of its pool.
    pub pool: String,
}

/// One way in which a run can begin.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Beginning {
    /// Its position.
    pub link: String,
    /// What is particular about it: where the replicas are, which readings it assumes.
    pub words: String,
}

/// What is to be seen at one position.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct View {
    /// The position, with the mark of its state.
    pub link: String,
    /// The position at which the way begins.
    pub beginning: String,
    /// The steps that led here.
    pub way: Vec<StepView>,
    /// How everything stands.
    pub moment: Moment,
    /// The votes of each pool that has a quorum.
    pub votes: Vec<VotesView>,
    /// The readings that the run has assumed so far.
    pub assumed: Vec<ReadingValue>,
    /// What else the state remembers: locks that are held, what is left of the budgets of faults.
    pub notes: Vec<String>,
    /// How the properties stand.
    pub properties: Vec<PropertyView>,
    /// The steps that are possible here, in the order of the model.
    pub steps: Vec<StepView>,
}

/// A step, taken or possible.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepView {
    /// The position after it.
    pub link: String,
    /// What happens: `alice fails over fe1`.
    pub sentence: String,
    /// Who does it.
    pub by: Actor,
    /// Where it is written.
    pub place: Option<Place>,
    /// The readings that it assumes.
    pub assuming: Vec<ReadingValue>,
    /// What it changes.
    pub changes: Vec<String>,
    /// The properties that it breaks.
    pub breaks: Vec<String>,
}

/// The votes of a pool against its quorum.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VotesView {
    /// The name of the pool.
    pub pool: String,
    /// Votes that exist: front-end voters, and SQL's vote if it has one.
    pub all: usize,
    /// Votes that are up.
    pub up: usize,
    /// Votes that have to be up; 0 while the users are on the paired pool.
    pub needed: usize,
}

/// How a property stands at a position.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PropertyView {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// Whether this run has broken it.
    pub standing: Standing,
    /// How it stands, in a sentence.
    pub words: String,
}

/// How far one run speaks about a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing is wrong here.
    Fine,
    /// This run has broken it.
    Broken,
    /// Something is still owed, or one run cannot tell.
    Open,
}

/// What the check found for a property.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Found {
    /// The name of the property.
    pub property: String,
    /// The outcome in a word or two.
    pub outcome: String,
    /// Whether it is violated.
    pub violated: bool,
    /// The readings under which it fails, or why it is not proved.
    pub detail: String,
    /// What goes wrong.
    pub failure: String,
    /// The counterexample.
    pub story: Option<Story>,
}

/// A counterexample as a way through the states.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Story {
    /// The positions from the beginning to the end.
    pub links: Vec<String>,
    /// The position in `links` with which a loop begins that goes on for ever.
    pub loop_from: Option<usize>,
}
