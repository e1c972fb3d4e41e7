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
    /// served again; so it may rest in a state for ever if all transitions of the state serve none.
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
    /// Every fair run reaches a state that satisfies the predicate (AF under weak fairness).
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

/// A parameter of a model: a constant whose value is open, and that no run changes.
///
/// A transition that depends on a parameter exists once for each value, with a partial assignment that says so
/// ([`Successors::push_when`]); what does not depend on any is explored once for all of them. A state is stored once,
/// with the set of valuations for which it is reachable, so a verdict is given per value without a product of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// How many values it has; at least 1, at most 15.
    pub values: u8,
}

/// Values of some parameters: four bits each, 0 for "any", `value + 1` otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Assignment(pub u64);

impl Assignment {
    /// The most parameters that fit.
    pub const CAPACITY: usize = 16;

    /// The value of a parameter, if it is set.
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
        (self.0 ^ other.0) & self.support() == 0
    }

    /// Whether some valuation extends both.
    #[inline]
    pub fn agrees(self, other: Assignment) -> bool {
        (self.0 ^ other.0) & self.support() & other.support() == 0
    }

    /// All four bits of each parameter that is set.
    #[inline]
    pub(crate) fn support(self) -> u64 {
        ((self.0 | self.0 >> 1 | self.0 >> 2 | self.0 >> 3) & 0x1111_1111_1111_1111) * 15
    }
}

/// What holds in a state for the valuations that extend a partial assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    /// The valuations.
    pub(crate) when: Assignment,
    /// The predicates that hold.
    pub(crate) predicates: u64,
    /// Where its successors begin.
    pub(crate) begin: usize,
}

/// Successor states, written into a buffer that is reused from state to state.
#[derive(Debug, Default)]
pub struct Successors {
    words: Vec<u64>,
    labels: Vec<Label>,
    /// The valuations of each successor; empty if the model has no parameters.
    whens: Vec<Assignment>,
    cases: Vec<Case>,
    parametric: bool,
    /// The valuations that are asked for, and what they have in common.
    wanted: Vec<Assignment>,
    common: Assignment,
    /// Coverage points that were touched, one bit each; empty if nobody counts them.
    touched: Vec<u64>,
}

/// Buffers are equal if they hold the same successors under the same conditions.
impl PartialEq for Successors {
    fn eq(&self, other: &Self) -> bool {
        (&self.words, &self.labels, &self.whens, &self.cases)
            == (&other.words, &other.labels, &other.whens, &other.cases)
    }
}

impl Successors {
    /// A buffer for a model with or without parameters, that notes touches of so many coverage points.
    pub(crate) fn new(parametric: bool, coverage_points: usize) -> Successors {
        Successors { parametric, touched: vec![0; coverage_points.div_ceil(64)], ..Successors::default() }
    }

    /// Forgets what is in the buffer and keeps its memory. From now on only the valuations that extend a cube of
    /// `wanted` are asked for (all if there is none), which have `common` in common.
    #[inline]
    pub fn begin(&mut self, common: Assignment, wanted: &[Assignment]) {
        self.words.clear();
        self.labels.clear();
        self.cases.clear();
        if self.parametric {
            self.whens.clear();
            self.common = common;
            self.wanted.clear();
            self.wanted.extend_from_slice(wanted);
        }
    }

    /// Adds a successor; `words` has the width of the model's states.
    #[inline]
    pub fn push(&mut self, words: &[u64], label: Label) {
        let when = self.cases.last().map_or(self.common, |case| case.when);
        self.push_when(words, label, when);
    }

    /// Adds a successor that exists for the valuations that extend `when`, which says all that the last
    /// [`Successors::case`] says and all that [`Packed::successors`] was told.
    #[inline]
    pub fn push_when(&mut self, words: &[u64], label: Label, when: Assignment) {
        self.words.extend_from_slice(words);
        self.labels.push(label);
        if self.parametric {
            self.whens.push(when);
        }
    }

    /// Begins a case: what is pushed from now on exists for valuations that extend `when`, and for them these
    /// predicates hold in the state. The cases of a state exclude one another. A model whose predicates and transitions
    /// do not depend on a parameter that the state does not tell needs none.
    #[inline]
    pub fn case(&mut self, when: Assignment, predicates: u64) {
        self.cases.push(Case { when, predicates, begin: self.labels.len() });
    }

    /// Whether anybody asks for valuations that extend `when`; what is pushed for others is passed over.
    #[inline]
    pub fn wants(&self, when: Assignment) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|cube| cube.agrees(when))
    }

    /// Notes that a transition of the state touches a coverage point.
    #[inline]
    pub fn touch(&mut self, point: usize) {
        if let Some(word) = self.touched.get_mut(point / 64) {
            *word |= 1 << (point % 64);
        }
    }

    /// Whether touches are noted.
    #[inline]
    pub fn covers(&self) -> bool {
        !self.touched.is_empty()
    }

    /// The coverage points that were touched since the buffer was made, one bit each.
    pub(crate) fn touched(&self) -> &[u64] {
        &self.touched
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

    /// The successor with an index, and the valuations for which it exists.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize, width: usize) -> (&[u64], Label, Assignment) {
        (&self.words[index * width..][..width], self.labels[index], self.when(index))
    }

    /// The valuations for which the successor with an index exists.
    #[inline(always)]
    pub(crate) fn when(&self, index: usize) -> Assignment {
        self.whens.get(index).copied().unwrap_or_default()
    }

    /// The successors with these indices.
    #[inline(always)]
    pub(crate) fn among(&self, range: std::ops::Range<usize>, width: usize) -> impl Iterator<Item = (&[u64], Label)> {
        let words = &self.words[range.start * width..range.end * width];
        words.chunks_exact(width).zip(self.labels[range].iter().copied())
    }

    /// What all valuations that are asked for have in common.
    #[inline(always)]
    pub(crate) fn common(&self) -> Assignment {
        self.common
    }

    /// The valuations that are asked for; none stands for all.
    pub(crate) fn wanted(&self) -> &[Assignment] {
        &self.wanted
    }

    /// The cases of the state; `predicates` are those that hold if the model told none.
    #[inline]
    pub(crate) fn cases(&self, predicates: impl Fn() -> u64) -> CaseList<'_> {
        match self.cases.is_empty() {
            true => CaseList::One([Case { when: self.common, predicates: predicates(), begin: 0 }]),
            false => CaseList::Several(&self.cases),
        }
    }
}

/// The cases of a state.
pub(crate) enum CaseList<'a> {
    /// The model told none.
    One([Case; 1]),
    /// Those that it told.
    Several(&'a [Case]),
}

impl std::ops::Deref for CaseList<'_> {
    type Target = [Case];

    #[inline]
    fn deref(&self) -> &[Case] {
        match self {
            CaseList::One(case) => case,
            CaseList::Several(cases) => cases,
        }
    }
}

/// A [`Model`] whose states pack into words, with a specification.
///
/// Everything but `words`, `pack` and `unpack` has a default, so that a model of a few lines can be checked.
pub trait Packed: Model + Sync {
    /// The width of a packed state, from 1 to 16 words.
    fn words(&self) -> usize;

    /// Packs a state, without what its run has read of parameters. States that differ otherwise pack differently.
    fn pack(&self, state: &Self::State, words: &mut [u64]);

    /// The state that was packed, of a run that has read no parameter.
    fn unpack(&self, words: &[u64]) -> Self::State;

    /// What the checker has to know about a transition.
    fn label(&self, _from: &Self::State, _action: &Self::Action, _to: &Self::State) -> Label {
        Label::default()
    }

    /// Writes all successors of a state in a fixed order, those for valuations that extend `when`: one for each
    /// action of [`Model::actions`] whose [`Model::next_state`] exists and lies within [`Model::within_boundary`],
    /// in that order. A model that can do so without allocation overrides this.
    fn successors(&self, words: &[u64], when: Assignment, out: &mut Successors) {
        let mut state = self.unpack(words);
        self.assume(&mut state, when);
        let mut packed = vec![0; self.words()];
        for (action, next) in self.next_steps(&state) {
            if !self.within_boundary(&next) {
                continue;
            }
            packed.fill(0);
            self.pack(&next, &mut packed);
            self.canonical(&mut packed);
            out.push_when(&packed, self.label(&state, &action, &next), self.assignment(&next));
        }
    }

    /// Replaces a packed state by the representative of those that differ from it by a symmetry only.
    ///
    /// All of them must have the same future up to that symmetry, and the same predicates, and classes and events
    /// on their transitions. [`Packed::successors`] pushes representatives. A model with a claim about fair runs must
    /// leave states as they are: fairness is promised to each by name.
    fn canonical(&self, _words: &mut [u64]) {}

    /// The predicates that hold in a state, one bit each. A model in which that depends on a parameter tells them in
    /// [`Successors::case`] instead.
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

    /// The parameters that the run to this state of [`Model`] has read. Never changes back along a transition, and
    /// includes those on which the state's predicates and the existence of its actions depend.
    fn assignment(&self, _state: &Self::State) -> Assignment {
        Assignment::default()
    }

    /// Makes a state one whose run has read these parameters.
    fn assume(&self, _state: &mut Self::State, _when: Assignment) {}

    /// The number of coverage points: actions, steps, table rows, whatever the model counts.
    /// [`Packed::successors`] tells those that it touches ([`Successors::touch`]).
    fn coverage_points(&self) -> usize {
        0
    }
}

/// A state as it is stored: packed, and the representative of those that a symmetry maps to it.
pub(crate) fn stored_form<M: Packed>(model: &M, state: &M::State) -> Vec<u64> {
    let mut words = vec![0; model.words()];
    model.pack(state, &mut words);
    model.canonical(&mut words);
    words
}

/// The successors of a state for the valuations that extend `when`, with its cases, in a buffer of their own.
pub(crate) fn successors_of<M: Packed>(model: &M, words: &[u64], when: Assignment) -> Successors {
    let mut successors = Successors::new(true, 0);
    successors.begin(when, &[]);
    model.successors(words, when, &mut successors);
    successors
}

/// The predicates that hold in a state for the valuations that extend `when`, if they are the same for all.
pub(crate) fn predicates_of<M: Packed>(model: &M, words: &[u64], when: Assignment) -> u64 {
    let successors = successors_of(model, words, when);
    let cases = successors.cases(|| model.predicates(words));
    cases.iter().find(|case| case.when.agrees(when)).map_or(0, |case| case.predicates)
}
