//! Sets of valuations, as the auditor sees them: a bit for each valuation of the parameters that matter.
//!
//! Nothing clever: a set is a list of words, and the operations are those of the words. Each set has a number, so that what
//! was worked out once is looked up; there are some hundreds, however many states.
//! Cost: a bit for each valuation in each different set, up to [`MOST_BYTES`] in all.

use super::super::format::Cube;
use super::super::refusal::Refusal;
use crate::check::model::{Assignment, Parameter};
use std::collections::HashMap;

/// The most valuations that are told apart.
const MOST_VALUATIONS: u64 = 1 << 16;
/// The most bytes that all sets have together.
const MOST_BYTES: usize = 1 << 28;
/// The most results that are remembered at a time.
const REMEMBERED: usize = 1 << 20;

/// The number of a set.
pub type Set = u32;

/// No valuation.
pub const NONE: Set = 0;
/// All valuations.
pub const ALL: Set = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    Minus,
}

/// All sets.
pub struct Valuations {
    /// Number and values of each parameter that matters.
    digits: Vec<(usize, u8)>,
    size: usize,
    sets: Vec<Box<[u64]>>,
    numbers: HashMap<Box<[u64]>, Set>,
    results: HashMap<(Operation, Set, Set), Set>,
    cubes: HashMap<Assignment, Set>,
}

impl Valuations {
    /// The sets of valuations of those parameters of a model that are touched.
    ///
    /// # Errors
    /// There are no such parameters, or there are too many valuations.
    pub fn new(parameters: &[Parameter], touched: &[usize]) -> Result<Valuations, Refusal> {
        if !touched.is_sorted_by(|one, other| one < other) {
            return Err(Refusal::Damaged("its readings are not in order".to_owned()));
        }
        let values = |&index: &usize| parameters.get(index).map(|parameter| (index, parameter.values));
        let digits: Option<Vec<(usize, u8)>> = touched.iter().map(values).collect();
        let digits =
            digits.ok_or_else(|| Refusal::Model("it has a reading that the model does not have".to_owned()))?;
        let size = digits.iter().try_fold(1u64, |size, (_, values)| size.checked_mul(u64::from(*values)));
        let size = size.filter(|size| *size <= MOST_VALUATIONS);
        let size = size.ok_or_else(|| Refusal::TooLarge(format!("more than {MOST_VALUATIONS}")))? as usize;
        let mut all = Valuations {
            digits,
            size,
            sets: Vec::new(),
            numbers: HashMap::new(),
            results: HashMap::new(),
            cubes: HashMap::new(),
        };
        let mut full = vec![u64::MAX; size.div_ceil(64)];
        if !size.is_multiple_of(64) {
            full[size / 64] = (1 << (size % 64)) - 1;
        }
        all.number(vec![0; size.div_ceil(64)])?;
        all.number(full)?;
        Ok(all)
    }

    fn number(&mut self, bits: Vec<u64>) -> Result<Set, Refusal> {
        if let Some(&known) = self.numbers.get(&bits[..]) {
            return Ok(known);
        }
        if (self.sets.len() + 1) * (8 * bits.len() + 64) > MOST_BYTES {
            return Err(Refusal::TooLarge(format!("{} different sets of combinations", self.sets.len())));
        }
        let number = self.sets.len() as Set;
        self.sets.push(bits.clone().into());
        self.numbers.insert(bits.into(), number);
        Ok(number)
    }

    fn apply(&mut self, operation: Operation, one: Set, other: Set) -> Result<Set, Refusal> {
        if let Some(&known) = self.results.get(&(operation, one, other)) {
            return Ok(known);
        }
        let pairs = self.sets[one as usize].iter().zip(&self.sets[other as usize]);
        let bits = pairs.map(|(one, other)| match operation {
            Operation::And => one & other,
            Operation::Or => one | other,
            Operation::Minus => one & !other,
        });
        let result = self.number(bits.collect())?;
        if self.results.len() >= REMEMBERED {
            self.results.clear();
        }
        self.results.insert((operation, one, other), result);
        Ok(result)
    }

    /// The valuations in both.
    pub fn and(&mut self, one: Set, other: Set) -> Result<Set, Refusal> {
        match (one, other) {
            (NONE, _) | (_, NONE) => Ok(NONE),
            (ALL, set) | (set, ALL) => Ok(set),
            _ if one == other => Ok(one),
            _ => self.apply(Operation::And, one, other),
        }
    }

    /// The valuations in either.
    pub fn or(&mut self, one: Set, other: Set) -> Result<Set, Refusal> {
        match (one, other) {
            (NONE, set) | (set, NONE) => Ok(set),
            (ALL, _) | (_, ALL) => Ok(ALL),
            _ if one == other => Ok(one),
            _ => self.apply(Operation::Or, one, other),
        }
    }

    /// The valuations in the one and not in the other.
    pub fn minus(&mut self, one: Set, other: Set) -> Result<Set, Refusal> {
        match (one, other) {
            (NONE, _) | (_, ALL) => Ok(NONE),
            (_, NONE) => Ok(one),
            _ if one == other => Ok(NONE),
            _ => self.apply(Operation::Minus, one, other),
        }
    }

    /// Whether all valuations in the one are in the other.
    pub fn within(&mut self, one: Set, other: Set) -> Result<bool, Refusal> {
        Ok(self.minus(one, other)? == NONE)
    }

    /// The valuations that extend a partial assignment.
    ///
    /// # Errors
    /// It depends on a parameter that is said not to matter.
    pub fn cube(&mut self, cube: Assignment) -> Result<Set, Refusal> {
        if let Some(&known) = self.cubes.get(&cube) {
            return Ok(known);
        }
        let named = (0..Assignment::CAPACITY).filter(|parameter| cube.get(*parameter).is_some());
        for parameter in named {
            match self.digits.iter().find(|(index, _)| *index == parameter) {
                None => {
                    let why = format!("something depends on reading {parameter}, and it says that nothing does");
                    return Err(Refusal::Model(why));
                }
                Some((_, values)) if cube.get(parameter).is_some_and(|value| value >= *values) => {
                    return Err(Refusal::Model(format!("reading {parameter} has no such value")));
                }
                Some(_) => {}
            }
        }
        let mut bits = vec![0u64; self.size.div_ceil(64)];
        for number in (0..self.size).filter(|number| cube.subsumes(self.valuation(*number))) {
            bits[number / 64] |= 1 << (number % 64);
        }
        let set = self.number(bits)?;
        self.cubes.insert(cube, set);
        Ok(set)
    }

    /// The valuations that extend one of the cubes.
    ///
    /// # Errors
    /// As for [`Valuations::cube`].
    pub fn union(&mut self, cubes: &[Cube]) -> Result<Set, Refusal> {
        cubes.iter().try_fold(NONE, |union, cube| {
            let set = self.cube(cube.0)?;
            self.or(union, set)
        })
    }

    /// The valuation with a number.
    fn valuation(&self, mut number: usize) -> Assignment {
        self.digits.iter().fold(Assignment::default(), |valuation, &(parameter, values)| {
            let value = (number % usize::from(values)) as u8;
            number /= usize::from(values);
            valuation.with(parameter, value)
        })
    }

    /// A valuation of a set, if it has one.
    pub fn first(&self, set: Set) -> Option<Assignment> {
        let words = self.sets[set as usize].iter().enumerate();
        let found = words.map(|(word, bits)| (word, bits.trailing_zeros())).find(|(_, bit)| *bit < 64);
        found.map(|(word, bit)| self.valuation(64 * word + bit as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARAMETERS: [Parameter; 4] =
        [Parameter { values: 2 }, Parameter { values: 3 }, Parameter { values: 5 }, Parameter { values: 7 }];

    fn cube() -> impl Strategy<Value = Assignment> {
        (0..=2u64, 0..=3u64, 0..=7u64).prop_map(|(a, b, d)| Assignment(a | b << 4 | d << 12))
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_sets(one in prop::collection::vec(cube(), 0..4), other in prop::collection::vec(cube(), 0..4)) {
            let mut all = Valuations::new(&PARAMETERS, &[0, 1, 3]).unwrap();
            let cubes = |cubes: &[Assignment]| cubes.iter().copied().map(Cube).collect::<Vec<_>>();
            let (left, right) = (all.union(&cubes(&one)).unwrap(), all.union(&cubes(&other)).unwrap());
            let (and, or, minus) =
                (all.and(left, right).unwrap(), all.or(left, right).unwrap(), all.minus(left, right).unwrap());
            let member = |all: &Valuations, set: Set, number: usize| all.sets[set as usize][number / 64] >> (number % 64) & 1 == 1;
            prop_assert_eq!(all.size, 42);
            for number in 0..42 {
                let valuation = all.valuation(number);
                let (here, there) = (
                    one.iter().any(|cube| cube.subsumes(valuation)),
                    other.iter().any(|cube| cube.subsumes(valuation)),
                );
                prop_assert_eq!(member(&all, left, number), here);
                prop_assert_eq!(member(&all, and, number), here && there);
                prop_assert_eq!(member(&all, or, number), here || there);
                prop_assert_eq!(member(&all, minus, number), here && !there);
            }
            prop_assert_eq!(all.within(left, right).unwrap(), minus == NONE);
            prop_assert_eq!(all.first(left).is_none(), left == NONE);
            prop_assert!(all.first(left).is_none_or(|first| one.iter().any(|cube| cube.subsumes(first))));
        }
    }

    #[test]
    fn what_is_said_not_to_matter_must_not() {
        let mut all = Valuations::new(&PARAMETERS, &[0, 3]).unwrap();
        assert!(matches!(all.cube(Assignment::default().with(1, 0)), Err(Refusal::Model(_))));
        assert!(matches!(Valuations::new(&PARAMETERS, &[3, 0]), Err(Refusal::Damaged(_))));
        assert!(matches!(Valuations::new(&PARAMETERS, &[4]), Err(Refusal::Model(_))));
        assert!(matches!(all.cube(Assignment::default().with(0, 2)), Err(Refusal::Model(_))));
        let many = [const { Parameter { values: 15 } }; 16];
        assert!(matches!(Valuations::new(&many, &(0..16).collect::<Vec<_>>()), Err(Refusal::TooLarge(_))));
    }
}
