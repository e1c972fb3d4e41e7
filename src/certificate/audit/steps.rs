//! What the model says of a state: what holds in it, and where its steps lead.

use super::super::refusal::{Refusal, hexadecimal};
use super::valuations::{NONE, Set, Valuations};
use crate::check::model::{Assignment, Label, Packed, Successors};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What holds in a state for some valuations, and the steps that it has for them.
#[derive(Debug, Clone)]
pub struct Case {
    /// The valuations.
    pub when: Set,
    /// The predicates that hold.
    pub predicates: u64,
    /// The steps, by number.
    pub steps: Range<usize>,
}

/// A state as the model tells it.
pub struct Steps<'m, M> {
    model: &'m M,
    buffer: Successors,
    cases: Vec<Case>,
}

impl<'m, M: Packed> Steps<'m, M> {
    /// No state yet.
    pub fn new(model: &'m M) -> Steps<'m, M> {
        Steps { model, buffer: Successors::new(!model.parameters().is_empty(), 0), cases: Vec::new() }
    }

    /// Asks the model for a state, for all valuations.
    ///
    /// # Errors
    /// It depends on a parameter that is said not to matter, or the words are no state of the model.
    pub fn look(&mut self, words: &[u64], valuations: &mut Valuations) -> Result<(), Refusal> {
        let (model, buffer) = (self.model, &mut self.buffer);
        // Words that somebody made up may be no state, and a model need not know what to do with such.
        let asked = catch_unwind(AssertUnwindSafe(|| {
            buffer.begin(Assignment::default(), &[]);
            model.successors(words, Assignment::default(), buffer);
            model.predicates(words)
        }));
        let predicates = asked.map_err(|_| Refusal::Model(format!("{} is no state of it", hexadecimal(words))))?;
        let told = self.buffer.cases(|| predicates);
        self.cases.clear();
        for (number, case) in told.iter().enumerate() {
            let end = told.get(number + 1).map_or(self.buffer.len(), |next| next.begin);
            let when = valuations.cube(case.when)?;
            self.cases.push(Case { when, predicates: case.predicates, steps: case.begin..end });
        }
        Ok(())
    }

    /// The cases of the state.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// A step of the state: where it leads, its label, and the valuations for which it exists.
    pub fn step(&self, number: usize, valuations: &mut Valuations) -> Result<(&[u64], Label, Set), Refusal> {
        let (to, label, when) = self.buffer.get(number, self.model.words());
        Ok((to, label, valuations.cube(when)?))
    }

    /// The labels of its steps.
    pub fn labels(&self) -> impl Iterator<Item = Label> + '_ {
        (0..self.buffer.len()).map(|number| self.buffer.get(number, self.model.words()).1)
    }

    /// The valuations for which a predicate holds in the state.
    pub fn holds(&self, predicate: u8, valuations: &mut Valuations) -> Result<Set, Refusal> {
        let cases = self.cases.iter().filter(|case| case.predicates >> predicate & 1 == 1);
        cases.map(|case| case.when).try_fold(NONE, |union, when| valuations.or(union, when))
    }

    /// The valuations for which the state has a step that is wanted.
    pub fn moves(&self, valuations: &mut Valuations, wanted: impl Fn(&[u64], Label) -> bool) -> Result<Set, Refusal> {
        let mut union = NONE;
        for number in 0..self.buffer.len() {
            let (to, label, when) = self.buffer.get(number, self.model.words());
            if wanted(to, label) {
                let when = valuations.cube(when)?;
                union = valuations.or(union, when)?;
            }
        }
        Ok(union)
    }
}
