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

    /// Forgets everything, for another step.
    pub fn begin(&mut self) {
        self.answers.clear();
        self.arities.clear();
        self.asked = 0;
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

    /// Prepares the next script; `false` if all have been run.
    pub fn advance(&mut self) -> bool {
        self.answers.truncate(self.asked);
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

    #[test]
    fn every_script_is_run_once() {
        let mut oracle = Oracle::default();
        let mut seen = Vec::new();
        loop {
            let first = oracle.choose(2);
            let second = if first == 0 { oracle.choose(3) } else { 9 };
            seen.push((first, second));
            if !oracle.advance() {
                break;
            }
        }
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (1, 9)]);
    }
}
