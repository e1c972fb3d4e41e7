//! Nondeterminism by re-execution.
//!
//! A step of the model is written as a plain function that asks for what is open: a reading that this run
//! has not depended on yet, an unknown condition, a placement. The oracle answers from a script and notes
//! how many answers there were; running the step once for every script gives all outcomes. So a choice
//! is written where it is made, and costs nothing where it is not.

use smallvec::SmallVec;

/// The answers of an [`Oracle`] for one outcome of a step.
pub type Choices = SmallVec<[u8; 6]>;

/// Answers open questions from a script.
#[derive(Debug, Default, Clone)]
pub struct Oracle {
    answers: Choices,
    arities: Choices,
    asked: usize,
}

impl Oracle {
    /// An oracle that gives these answers, and the first one to whatever is asked beyond.
    pub fn scripted(answers: &[u8]) -> Self {
        Oracle { answers: Choices::from_slice(answers), arities: Choices::new(), asked: 0 }
    }

    /// A number below `arity`.
    pub fn choose(&mut self, arity: usize) -> usize {
        if arity < 2 {
            return 0;
        }
        if self.asked == self.answers.len() {
            self.answers.push(0);
        }
        if self.asked == self.arities.len() {
            self.arities.push(arity as u8);
        }
        self.asked += 1;
        usize::from(self.answers[self.asked - 1])
    }

    /// The answers that were given.
    pub fn answers(&self) -> &[u8] {
        &self.answers[..self.asked]
    }

    /// Prepares the next script; `false` if all have been run, and then nothing is known of this step any more.
    pub fn advance(&mut self) -> bool {
        self.asked = 0;
        while let Some(last) = self.answers.pop() {
            let arity = self.arities[self.answers.len()];
            self.arities.truncate(self.answers.len());
            if last + 1 < arity {
                self.answers.push(last + 1);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a step answers that asks these questions: how many answers the next one has depends on all before.
    fn outcomes(oracle: &mut Oracle, arity: impl Fn(&[usize]) -> usize) -> Vec<Vec<usize>> {
        let mut all = Vec::new();
        loop {
            let mut given = Vec::new();
            while arity(&given) > 0 {
                given.push(oracle.choose(arity(&given)));
            }
            let open = (0..given.len()).filter(|at| arity(&given[..*at]) > 1);
            let asked: Vec<u8> = open.map(|at| given[at] as u8).collect();
            assert_eq!(oracle.answers(), asked, "what has one answer is no question");
            all.push(given);
            if !oracle.advance() {
                return all;
            }
        }
    }

    /// The same, written down without an oracle.
    fn paths(before: &[usize], arity: &impl Fn(&[usize]) -> usize) -> Vec<Vec<usize>> {
        match arity(before) {
            0 => vec![before.to_vec()],
            answers => (0..answers).flat_map(|answer| paths(&[before, &[answer]].concat(), arity)).collect(),
        }
    }

    #[test]
    fn every_script_is_run_once() {
        let arity = |given: &[usize]| match given {
            [] => 2,
            [0] => 3,
            [1] => 1,
            _ => 0,
        };
        assert_eq!(outcomes(&mut Oracle::default(), arity), [[0, 0], [0, 1], [0, 2], [1, 0]]);
    }

    proptest! {
        /// One oracle serves one step after the other, however many questions each asks and however many answers each
        /// of these has.
        #[test]
        fn all_answers_are_given_in_their_order(seeds in prop::collection::vec(any::<u64>(), 1..4)) {
            let mut oracle = Oracle::default();
            for seed in seeds {
                let arity = |given: &[usize]| {
                    let mix = |sum: u64, answer: &usize| (sum ^ (*answer as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let all = if given.len() < 5 { 4 } else { 1 };
                    (given.iter().fold(seed, mix).rotate_left(7) % all) as usize
                };
                prop_assert_eq!(outcomes(&mut oracle, arity), paths(&[], &arity));
            }
        }
    }

    #[test]
    fn a_script_is_followed_and_beyond_it_comes_the_first_answer() {
        let mut oracle = Oracle::scripted(&[2, 1]);
        assert_eq!([3, 1, 2, 5].map(|arity| oracle.choose(arity)), [2, 0, 1, 0]);
        assert_eq!(oracle.answers(), [2, 1, 0]);
    }
}
