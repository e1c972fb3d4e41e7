//! What a model offers to the checker: packed states, successors, and a specification.

use stateright::Model;

/// What the checker has to know about a transition beside the state it leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Label {
    /// The classes of actions that this transition belongs to, as a bit set of the model's own making.
    /// A possibility can be restricted to transitions of some classes ([`Claim::AlwaysPossibly`]).
    pub classes: u32,
    /// The weak-fairness constraint that this transition serves, or `None` if nobody promises that it
    /// ever happens. A run is fair if no constraint is enabled for ever from some point on without being
    /// served again.
    pub fairness: Option<u16>,
    /// What happens on this transition, as a bit set of the model's own making ([`Claim::Never`]).
    pub events: u32,
}

/// A property that the checker decides. Predicates are numbers of bits in [`Packed::predicates`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// A stable name.
    pub name: String,
    /// What is claimed.
    pub claim: Claim,
}

/// What a [`Property`] claims about all runs of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// In every reachable state the predicate holds.
    Always(u8),
    /// No transition that can be taken carries one of these events.
    Never(u32),
    /// Some reachable state satisfies the predicate (EF).
    Sometimes(u8),
    /// From every reachable state, some state that satisfies the predicate can be reached by transitions
    /// of one of the classes alone (AG EF, `u32::MAX` for all transitions).
    AlwaysPossibly {
        /// The predicate.
        goal: u8,
        /// The classes.
        through: u32,
    },
    /// Every fair run reaches a state that satisfies the predicate (AF under weak fairness). A run that
    /// ends (no transition is enabled) is fair.
    Eventually(u8),
    /// Whenever a state satisfies `trigger`, every fair run from there satisfies `goal` then or later.
    LeadsTo {
        /// What begins the obligation.
        trigger: u8,
        /// What ends it.
        goal: u8,
    },
    /// A state without transitions satisfies the predicate ("done").
    NoDeadlock(u8),
}

/// A parameter of a model: a constant whose value is open, and that no run changes once it has been read.
///
/// A model resolves a parameter on the first transition that depends on it, one successor per value.
/// A state therefore stands for all values of the parameters that its runs have not read yet, and a
/// verdict is given per value, without a product of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// How many values it has; at least 1, at most 15.
    pub values: u8,
}

/// Values of some parameters: four bits each, 0 for "not read yet", `value + 1` otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Assignment(pub u64);

impl Assignment {
    /// The most parameters that fit.
    pub const CAPACITY: usize = 16;

    /// The value of a parameter, if it has been read.
    #[inline]
    pub fn get(self, parameter: usize) -> Option<u8> {
        let code = (self.0 >> (4 * parameter)) & 15;
        (code != 0).then(|| code as u8 - 1)
    }

    /// This assignment with the parameter set.
    #[inline]
    pub fn with(self, parameter: usize, value: u8) -> Assignment {
        let shift = 4 * parameter;
        Assignment(self.0 & !(15 << shift) | (u64::from(value) + 1) << shift)
    }

    /// Whether everything that this assignment says, the other says too.
    #[inline]
    pub fn subsumes(self, other: Assignment) -> bool {
        // All four bits of each parameter that is set here.
        let set = (self.0 | self.0 >> 1 | self.0 >> 2 | self.0 >> 3) & 0x1111_1111_1111_1111;
        (self.0 ^ other.0) & (set * 15) == 0
    }
}

/// Successor states, written into a buffer that is reused from state to state.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Successors {
    words: Vec<u64>,
    labels: Vec<Label>,
}

impl Successors {
    /// Forgets what is in the buffer and keeps its memory.
    #[inline]
    pub fn clear(&mut self) {
        self.words.clear();
        self.labels.clear();
    }

    /// Adds a successor; `words` has the width of the model's states.
    #[inline]
    pub fn push(&mut self, words: &[u64], label: Label) {
        self.words.extend_from_slice(words);
        self.labels.push(label);
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The successors in the order in which they were pushed; `width` is the width of a state in words.
    #[inline]
    pub fn iter(&self, width: usize) -> impl Iterator<Item = (&[u64], Label)> {
        self.words.chunks_exact(width).zip(self.labels.iter().copied())
    }
}

/// A [`Model`] whose states pack into words, with a specification.
///
/// Everything but `words`, `pack` and `unpack` has a default, so that a model of a few lines can be checked.
pub trait Packed: Model + Sync {
    /// The width of a packed state, from 1 to 16 words.
    fn words(&self) -> usize;

    /// Packs a state. Equal states pack equally, different states differently.
    fn pack(&self, state: &Self::State, words: &mut [u64]);

    /// The state that was packed.
    fn unpack(&self, words: &[u64]) -> Self::State;

    /// What the checker has to know about a transition.
    fn label(&self, _from: &Self::State, _action: &Self::Action, _to: &Self::State) -> Label {
        Label::default()
    }

    /// Writes all successors of a state, in a fixed order: one for each action of
    /// [`Model::actions`] whose [`Model::next_state`] exists and lies within [`Model::within_boundary`],
    /// in that order. A model that can do so without allocation overrides this.
    fn successors(&self, words: &[u64], out: &mut Successors) {
        let state = self.unpack(words);
        let mut packed = vec![0; self.words()];
        for (action, next) in self.next_steps(&state) {
            if !self.within_boundary(&next) {
                continue;
            }
            packed.fill(0);
            self.pack(&next, &mut packed);
            self.canonical(&mut packed);
            out.push(&packed, self.label(&state, &action, &next));
        }
    }

    /// Replaces a packed state by the representative of those that differ from it by a symmetry only.
    ///
    /// All of them must have the same future up to that symmetry, and the same predicates, assignment, and
    /// classes and events on their transitions. [`Packed::successors`] pushes representatives. A model with
    /// a claim about fair runs must leave states as they are: fairness is promised to each by name.
    fn canonical(&self, _words: &mut [u64]) {}

    /// The predicates that hold in a state, one bit each.
    fn predicates(&self, _words: &[u64]) -> u64 {
        0
    }

    /// What is to be decided.
    fn specification(&self) -> Vec<Property> {
        Vec::new()
    }

    /// The parameters; at most [`Assignment::CAPACITY`].
    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    /// The parameters that the runs to this state have read. Never changes back along a transition.
    fn assignment(&self, _words: &[u64]) -> Assignment {
        Assignment::default()
    }

    /// The number of coverage points: actions, steps, table rows, whatever the model counts.
    fn coverage_points(&self) -> usize {
        0
    }

    /// Reports the coverage points that the transitions of a state touch. Called after the search, off the hot path.
    fn cover(&self, _words: &[u64], _touched: &mut dyn FnMut(usize)) {}
}
