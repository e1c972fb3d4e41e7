//! Sets of valuations, written as lists of partial assignments ("cubes").
//!
//! A valuation gives every parameter a value; a partial assignment stands for all valuations that extend it.
//! Invariant: functions that return lists return no cube that another one of the list subsumes.
//! Cost: cubes are single words; lists are short in practice (they grow with the number of readings that
//! matter, not with the number of states).

use super::model::{Assignment, Parameter};

/// The parameters that are set in a cube, as a bit set.
pub(crate) fn set_parameters(cube: Assignment) -> u16 {
    (0..Assignment::CAPACITY).filter(|&parameter| cube.get(parameter).is_some()).fold(0, |set, bit| set | 1 << bit)
}

/// Removes what another cube of the list subsumes, and equal ones but the first.
pub(crate) fn minimal(cubes: Vec<Assignment>) -> Vec<Assignment> {
    let mut kept: Vec<Assignment> = Vec::with_capacity(cubes.len());
    for cube in cubes {
        if !kept.iter().any(|other| other.subsumes(cube)) {
            kept.retain(|other| !cube.subsumes(*other));
            kept.push(cube);
        }
    }
    kept
}

/// The valuations of `from` that do not extend `cube`, as disjoint pieces of each cube of `from`.
pub(crate) fn subtract(from: &[Assignment], cube: Assignment, parameters: &[Parameter]) -> Vec<Assignment> {
    let mut rest = Vec::with_capacity(from.len());
    for &piece in from {
        if !piece.agrees(cube) {
            rest.push(piece);
            continue;
        }
        let mut inside = piece;
        for (index, parameter) in parameters.iter().enumerate() {
            let (Some(value), None) = (cube.get(index), piece.get(index)) else { continue };
            let others = (0..parameter.values).filter(|&other| other != value);
            rest.extend(others.map(|other| inside.with(index, other)));
            inside = inside.with(index, value);
        }
    }
    rest
}

/// Covers the valuations of `pieces` by cubes that are as general as possible without touching `avoid`.
pub(crate) fn generalize(pieces: &[Assignment], avoid: &[Assignment]) -> Vec<Assignment> {
    let mut cover: Vec<Assignment> = Vec::new();
    for &piece in pieces {
        if cover.iter().any(|cube| cube.subsumes(piece)) {
            continue;
        }
        let mut cube = piece;
        for parameter in 0..Assignment::CAPACITY {
            let wider = Assignment(cube.0 & !(15 << (4 * parameter)));
            if !avoid.iter().any(|&other| wider.agrees(other)) {
                cube = wider;
            }
        }
        cover.push(cube);
    }
    minimal(cover)
}

/// The valuations that extend no cube of the list, as cubes that are as general as possible.
pub(crate) fn complement(cubes: &[Assignment], parameters: &[Parameter]) -> Vec<Assignment> {
    let pieces = cubes.iter().fold(vec![Assignment::default()], |rest, &cube| subtract(&rest, cube, parameters));
    generalize(&pieces, cubes)
}

/// The valuations that extend a cube of the list, as few and general cubes as a greedy choice gives.
///
/// `[a=0 b=1, a=1, b=0]` over two binary parameters is every valuation, so it becomes the empty cube.
pub fn cover(cubes: &[Assignment], parameters: &[Parameter]) -> Vec<Assignment> {
    let mut cover = complement(&complement(cubes, parameters), parameters);
    let mut index = 0;
    while index < cover.len() {
        let others = cover.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, cube)| *cube);
        let rest = others.fold(vec![cover[index]], |rest, cube| subtract(&rest, cube, parameters));
        if rest.is_empty() {
            cover.remove(index);
        } else {
            index += 1;
        }
    }
    cover
}

/// All valuations of some of the parameters, numbered.
pub(crate) struct Product {
    /// Index and number of values of each parameter.
    digits: Vec<(usize, u8)>,
}

impl Product {
    /// The product of the parameters whose bit is set in `chosen`.
    pub(crate) fn new(parameters: &[Parameter], chosen: u16) -> Product {
        let digits = parameters.iter().enumerate().filter(|(index, _)| chosen >> index & 1 == 1);
        Product { digits: digits.map(|(index, parameter)| (index, parameter.values)).collect() }
    }

    /// How many valuations there are; at most 15 to the power of 16, which 64 bits hold.
    pub(crate) fn len(&self) -> u64 {
        self.digits.iter().map(|&(_, values)| u64::from(values)).product()
    }

    /// The valuation with a number.
    pub(crate) fn valuation(&self, mut number: u64) -> Assignment {
        let mut valuation = Assignment::default();
        for &(parameter, values) in &self.digits {
            valuation = valuation.with(parameter, (number % u64::from(values)) as u8);
            number /= u64::from(values);
        }
        valuation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARAMETERS: [Parameter; 4] =
        [Parameter { values: 2 }, Parameter { values: 3 }, Parameter { values: 1 }, Parameter { values: 2 }];

    fn cube() -> impl Strategy<Value = Assignment> {
        (0..=2u8, 0..=3u8, 0..=1u8, 0..=2u8).prop_map(|(a, b, c, d)| {
            Assignment(u64::from(a) | u64::from(b) << 4 | u64::from(c) << 8 | u64::from(d) << 12)
        })
    }

    fn members(cubes: &[Assignment]) -> Vec<u64> {
        let product = Product::new(&PARAMETERS, 15);
        (0..product.len()).filter(|&n| cubes.iter().any(|cube| cube.subsumes(product.valuation(n)))).collect()
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_sets(one in prop::collection::vec(cube(), 0..5), other in prop::collection::vec(cube(), 0..5)) {
            let all = members(&[Assignment::default()]);
            let left = members(&one);
            prop_assert_eq!(members(&minimal(one.clone())), left.clone());
            let outside: Vec<u64> = all.iter().copied().filter(|n| !left.contains(n)).collect();
            prop_assert_eq!(members(&complement(&one, &PARAMETERS)), outside);
            if let Some(&cube) = other.first() {
                let without: Vec<u64> = left.iter().copied().filter(|n| !members(&[cube]).contains(n)).collect();
                prop_assert_eq!(members(&subtract(&one, cube, &PARAMETERS)), without);
            }
        }
    }
}
