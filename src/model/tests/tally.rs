//! What random scenarios came to: how often each property was violated and held, how often each kind of step and each
//! row of a table was taken.
//!
//! A comparison proves nothing about what its scenarios never do, so the tests ask for a minimum of each.

use super::random::cases;
use crate::check::{Outcome, PropertyResult};
use crate::lifecycle;
use crate::model::Maintenance;
use crate::model::step::KINDS;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// What the scenarios of one test came to.
#[derive(Debug, Default)]
pub struct Tally {
    drawn: u32,
    /// How many were small enough to be compared.
    pub compared: u32,
    states: usize,
    /// For each property, how often it was violated and how often it held.
    verdicts: BTreeMap<String, [u32; 2]>,
    /// For each kind of step, in how many scenarios it was taken.
    kinds: Vec<u32>,
    /// For each row of each table, in how many scenarios it was taken.
    rows: Vec<Vec<u32>>,
}

/// What a test asks of its scenarios. Every property is violated by some of them and holds in others.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// So many of a hundred scenarios are small enough to be compared.
    pub compared: u32,
    /// Every kind of step but these is taken, see [`Step::kind`](crate::model::step::Step::kind).
    pub but_kinds: &'static [usize],
    /// So many rows of the tables, of all machines, are taken.
    pub rows: usize,
}

impl Tally {
    /// Notes a scenario that was compared, by an exploration with coverage.
    pub fn note<S, A>(&mut self, model: &Maintenance, outcome: &Outcome<S, A>) {
        self.compared += 1;
        self.states += outcome.statistics.states;
        for result in &outcome.properties {
            let [violated, held] = self.verdicts.entry(result.property.name.clone()).or_default();
            *violated += u32::from(PropertyResult::violated(result));
            *held += u32::from(result.holds());
        }
        let coverage = outcome.coverage.as_ref().expect("the exploration looked for it");
        let points = model.coverage();
        self.kinds.resize(KINDS, 0);
        for (kind, times) in self.kinds.iter_mut().enumerate() {
            *times += u32::from(coverage.touches(points.kind(kind)));
        }
        let drawings = lifecycle::drawings();
        self.rows.resize(drawings.len(), Vec::new());
        for (machine, drawing) in drawings.iter().enumerate() {
            self.rows[machine].resize(drawing.rows.len(), 0);
            for (row, times) in self.rows[machine].iter_mut().enumerate() {
                *times += u32::from(coverage.touches(points.row((machine, row))));
            }
        }
    }

    fn check(&self, demand: Demand) {
        assert!(self.compared * 100 >= self.drawn * demand.compared, "too few scenarios are small enough");
        for (property, [violated, held]) in &self.verdicts {
            assert!(*violated > 0 && *held > 0, "{property} is always the same");
        }
        for (kind, times) in self.kinds.iter().enumerate() {
            assert!(*times > 0 || demand.but_kinds.contains(&kind), "no step of kind {kind}");
        }
        let taken = self.rows.iter().flatten().filter(|times| **times > 0).count();
        assert!(taken >= demand.rows, "only {taken} rows are taken");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} scenarios, {} compared, {} states", self.drawn, self.compared, self.states)?;
        for (property, [violated, held]) in &self.verdicts {
            writeln!(f, "  {property}: violated {violated}, holds {held}")?;
        }
        writeln!(f, "  kinds of steps: {:?}", self.kinds)?;
        for (drawing, rows) in lifecycle::drawings().iter().zip(&self.rows) {
            let taken = rows.iter().filter(|times| **times > 0).count();
            writeln!(f, "  {}: {taken} of {} rows {rows:?}", drawing.name, rows.len())?;
        }
        Ok(())
    }
}

/// Compares so many random scenarios and asks for what they have to come to; `PROPTEST_CASES` draws another number of
/// them, and others every time.
pub fn examine<S: Strategy>(
    number: u32,
    strategy: S,
    demand: Demand,
    compare: impl Fn(&S::Value, &mut Tally) -> Result<(), TestCaseError>,
) {
    let config = cases(number);
    let mut runner = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let tally = RefCell::new(Tally::default());
    let result = runner.run(&strategy, |drawn| {
        let mut tally = tally.borrow_mut();
        tally.drawn += 1;
        compare(&drawn, &mut tally)
    });
    let tally = tally.into_inner();
    println!("{tally}");
    result.unwrap_or_else(|why| panic!("{why}"));
    tally.check(demand);
}
