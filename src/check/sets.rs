//! Sets of valuations of the parameters, as shared decision diagrams.
//!
//! Purpose: a state is stored once, with the set of valuations for which it is reachable, however many those are.
//! Invariant: equal sets have equal numbers, so that comparing them is comparing numbers. The numbers themselves
//! depend on which thread asked first; nothing that a user sees may depend on their order.
//! Cost: an operation on sets that a thread has met before is one look into a table of its own; a new one takes a
//! lock. In practice there are a few hundred sets, however many states.

use super::model::{Assignment, Parameter};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

/// A set of valuations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Set(pub(crate) u32);

impl Set {
    /// No valuation.
    pub(crate) const NONE: Set = Set(0);
    /// All valuations.
    pub(crate) const ALL: Set = Set(1);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    Minus,
}

impl Operation {
    /// The result where it follows from the operands as they are.
    #[inline(always)]
    fn at_once(self, one: Set, other: Set) -> Option<Set> {
        match self {
            Operation::And if one == other || other == Set::ALL => Some(one),
            Operation::And if one == Set::ALL => Some(other),
            Operation::And if one == Set::NONE || other == Set::NONE => Some(Set::NONE),
            Operation::Or if one == other || other == Set::NONE => Some(one),
            Operation::Or if one == Set::NONE => Some(other),
            Operation::Or if one == Set::ALL || other == Set::ALL => Some(Set::ALL),
            Operation::Minus if one == other || other == Set::ALL || one == Set::NONE => Some(Set::NONE),
            Operation::Minus if other == Set::NONE => Some(one),
            _ => None,
        }
    }
}

/// A decision on one parameter; parameters that do not occur do not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    parameter: u8,
    /// One set for each value.
    children: SmallVec<[Set; 4]>,
}

/// All sets of a run.
pub(crate) struct Sets {
    values: Vec<u8>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    /// From number 2 on.
    nodes: Vec<Node>,
    numbers: HashMap<Node, Set>,
    memo: HashMap<(Operation, Set, Set), Set>,
}

impl Sets {
    /// The sets of valuations of some parameters.
    pub(crate) fn new(parameters: &[Parameter]) -> Sets {
        Sets { values: parameters.iter().map(|parameter| parameter.values).collect(), shared: Mutex::default() }
    }

    /// Whether there are parameters.
    pub(crate) fn parametric(&self) -> bool {
        !self.values.is_empty()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The valuations that extend a partial assignment. Parameters that were not declared are passed over.
    fn cube(&self, cube: Assignment) -> Set {
        let mut shared = self.shared();
        let mut set = Set::ALL;
        for (parameter, &values) in self.values.iter().enumerate().rev() {
            if let Some(chosen) = cube.get(parameter) {
                let children = (0..values).map(|value| if value == chosen { set } else { Set::NONE });
                set = shared.node(Node { parameter: parameter as u8, children: children.collect() });
            }
        }
        set
    }

    /// The set as disjoint partial assignments, in a fixed order.
    pub(crate) fn cubes(&self, set: Set) -> Vec<Assignment> {
        let mut cubes = Vec::new();
        self.shared().collect(set, Assignment::default(), &mut cubes);
        cubes
    }

    /// Whether a valuation, which has to assign all parameters on which the set depends, is in the set.
    pub(crate) fn contains(&self, set: Set, valuation: Assignment) -> bool {
        let shared = self.shared();
        let mut at = set;
        while let Some(node) = shared.get(at) {
            at = node.children[usize::from(valuation.get(node.parameter.into()).unwrap_or(0))];
        }
        at == Set::ALL
    }
}

impl Shared {
    fn get(&self, set: Set) -> Option<&Node> {
        (set.0 >= 2).then(|| &self.nodes[set.0 as usize - 2])
    }

    fn node(&mut self, node: Node) -> Set {
        if node.children.iter().all(|child| *child == node.children[0]) {
            return node.children[0];
        }
        if let Some(&known) = self.numbers.get(&node) {
            return known;
        }
        let set = Set(self.nodes.len() as u32 + 2);
        self.nodes.push(node.clone());
        self.numbers.insert(node, set);
        set
    }

    fn apply(&mut self, operation: Operation, one: Set, other: Set) -> Set {
        if let Some(result) = operation.at_once(one, other) {
            return result;
        }
        if let Some(&known) = self.memo.get(&(operation, one, other)) {
            return known;
        }
        let decides = |node: Option<&Node>| node.map_or(u8::MAX, |node| node.parameter);
        let parameter = decides(self.get(one)).min(decides(self.get(other)));
        // Both are given by their children where they decide on this parameter, and by themselves where not.
        let split = |set: Set, value: usize| match self.get(set) {
            Some(node) if node.parameter == parameter => node.children[value],
            _ => set,
        };
        let arity = [one, other].iter().filter_map(|set| self.get(*set)).find(|node| node.parameter == parameter);
        let pairs: SmallVec<[(Set, Set); 4]> = (0..arity.map_or(0, |node| node.children.len()))
            .map(|value| (split(one, value), split(other, value)))
            .collect();
        let children = pairs.into_iter().map(|(one, other)| self.apply(operation, one, other)).collect();
        let result = self.node(Node { parameter, children });
        self.memo.insert((operation, one, other), result);
        result
    }

    fn collect(&self, set: Set, so_far: Assignment, cubes: &mut Vec<Assignment>) {
        match self.get(set) {
            None if set == Set::ALL => cubes.push(so_far),
            None => {}
            Some(node) => {
                for (value, &child) in node.children.iter().enumerate() {
                    self.collect(child, so_far.with(node.parameter.into(), value as u8), cubes);
                }
            }
        }
    }
}

/// Entries of a [`View`]'s table.
const REMEMBERED: usize = 1 << 12;

/// What one thread knows of the sets.
pub(crate) struct View<'a> {
    sets: &'a Sets,
    memo: Vec<Option<(Operation, Set, Set, Set)>>,
    cubes: HashMap<Assignment, Set>,
    last_cube: (Assignment, Set),
    spread: HashMap<Set, Spread>,
}

/// A set, taken apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spread {
    /// What all its valuations have in common.
    pub(crate) common: Assignment,
    /// Disjoint partial assignments that make it up.
    pub(crate) cubes: Vec<Assignment>,
}

impl<'a> View<'a> {
    /// A view that knows nothing yet.
    pub(crate) fn new(sets: &'a Sets) -> View<'a> {
        View {
            sets,
            memo: Vec::new(),
            cubes: HashMap::new(),
            last_cube: (Assignment::default(), Set::ALL),
            spread: HashMap::new(),
        }
    }

    /// All sets.
    pub(crate) fn sets(&self) -> &'a Sets {
        self.sets
    }

    #[inline(always)]
    fn apply(&mut self, operation: Operation, one: Set, other: Set) -> Set {
        match operation.at_once(one, other) {
            Some(result) => result,
            None => self.look_up(operation, one, other),
        }
    }

    fn look_up(&mut self, operation: Operation, one: Set, other: Set) -> Set {
        if self.memo.is_empty() {
            self.memo.resize(REMEMBERED, None);
        }
        let mixed = (u64::from(one.0) << 32 | u64::from(other.0)).wrapping_add(operation as u64);
        let place = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % REMEMBERED;
        match self.memo[place] {
            Some((what, left, right, result)) if (what, left, right) == (operation, one, other) => result,
            _ => {
                let result = self.sets.shared().apply(operation, one, other);
                self.memo[place] = Some((operation, one, other, result));
                result
            }
        }
    }

    /// The valuations in both.
    #[inline(always)]
    pub(crate) fn and(&mut self, one: Set, other: Set) -> Set {
        self.apply(Operation::And, one, other)
    }

    /// The valuations in either.
    #[inline(always)]
    pub(crate) fn or(&mut self, one: Set, other: Set) -> Set {
        self.apply(Operation::Or, one, other)
    }

    /// The valuations in the one and not in the other.
    #[inline(always)]
    pub(crate) fn minus(&mut self, one: Set, other: Set) -> Set {
        self.apply(Operation::Minus, one, other)
    }

    /// The valuations that extend a partial assignment.
    #[inline(always)]
    pub(crate) fn cube(&mut self, cube: Assignment) -> Set {
        if cube == self.last_cube.0 {
            return self.last_cube.1;
        }
        let set = *self.cubes.entry(cube).or_insert_with(|| self.sets.cube(cube));
        self.last_cube = (cube, set);
        set
    }

    /// The set of the valuations that extend one of the partial assignments.
    #[cfg(test)]
    pub(crate) fn union(&mut self, cubes: &[Assignment]) -> Set {
        cubes.iter().fold(Set::NONE, |union, &cube| {
            let set = self.cube(cube);
            self.or(union, set)
        })
    }

    /// A set, taken apart.
    pub(crate) fn spread(&mut self, set: Set) -> &Spread {
        self.spread.entry(set).or_insert_with(|| {
            let cubes = self.sets.cubes(set);
            let first = cubes.first().copied().unwrap_or_default();
            let common = (0..Assignment::CAPACITY).filter_map(|parameter| {
                let value = first.get(parameter)?;
                cubes.iter().all(|cube| cube.get(parameter) == Some(value)).then_some((parameter, value))
            });
            let common = common.fold(Assignment::default(), |common, (parameter, value)| common.with(parameter, value));
            Spread { common, cubes }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::cube::Product;
    use super::*;
    use proptest::prelude::*;

    const PARAMETERS: [Parameter; 4] =
        [Parameter { values: 2 }, Parameter { values: 3 }, Parameter { values: 1 }, Parameter { values: 2 }];

    fn cubes() -> impl Strategy<Value = Vec<Assignment>> {
        let cube = (0..=2u64, 0..=3u64, 0..=1u64, 0..=2u64);
        prop::collection::vec(cube.prop_map(|(a, b, c, d)| Assignment(a | b << 4 | c << 8 | d << 12)), 0..5)
    }

    fn members(cubes: &[Assignment]) -> Vec<u64> {
        let product = Product::new(&PARAMETERS, 15);
        (0..product.len()).filter(|&n| cubes.iter().any(|cube| cube.subsumes(product.valuation(n)))).collect()
    }

    proptest! {
        #[test]
        fn the_algebra_agrees_with_lists_of_valuations(one in cubes(), other in cubes()) {
            let sets = Sets::new(&PARAMETERS);
            let mut view = View::new(&sets);
            let (left, right) = (view.union(&one), view.union(&other));
            let (among_left, among_right) = (members(&one), members(&other));
            let and = view.and(left, right);
            let or = view.or(left, right);
            let minus = view.minus(left, right);
            let listed = |set| members(&sets.cubes(set));
            prop_assert_eq!(listed(left), among_left.clone());
            let both: Vec<u64> = among_left.iter().copied().filter(|n| among_right.contains(n)).collect();
            prop_assert_eq!(listed(and), both);
            let rest: Vec<u64> = among_left.iter().copied().filter(|n| !among_right.contains(n)).collect();
            prop_assert_eq!(listed(minus), rest);
            let mut either = [among_left.clone(), among_right].concat();
            either.sort_unstable();
            either.dedup();
            prop_assert_eq!(listed(or), either);
            // Equal sets are one, and their parts are disjoint.
            let back = view.minus(or, minus);
            prop_assert_eq!(back, right);
            prop_assert_eq!(sets.cubes(left).iter().map(|cube| members(&[*cube]).len()).sum::<usize>(), among_left.len());
            let product = Product::new(&PARAMETERS, 15);
            for number in 0..product.len() {
                prop_assert_eq!(sets.contains(left, product.valuation(number)), among_left.contains(&number));
            }
            let common = view.spread(left).common;
            prop_assert!(among_left.iter().all(|&n| common.subsumes(product.valuation(n))));
        }
    }
}
