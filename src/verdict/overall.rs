//! What the outcomes of several properties amount to.

use super::{Outcome, PropertyVerdict};

/// How the verdict on a whole is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overall {
    /// Something is violated.
    Fails,
    /// Nothing is violated, and something is not proved.
    NotProved,
    /// No property applies, so nothing is proved either.
    NotApplicable,
    /// Every property that applies holds.
    Holds,
}

impl Overall {
    /// What the outcomes of some properties amount to.
    pub fn of<'a>(properties: impl IntoIterator<Item = &'a PropertyVerdict>) -> Overall {
        let mut overall = Overall::NotApplicable;
        for property in properties {
            match property.outcome {
                Outcome::Violated { .. } => return Overall::Fails,
                Outcome::NotProved { .. } => overall = Overall::NotProved,
                Outcome::Holds if overall == Overall::NotApplicable => overall = Overall::Holds,
                Outcome::Holds | Outcome::NotApplicable { .. } => {}
            }
        }
        overall
    }

    /// The exit code of the contract: 1 if something is violated, 3 if something is not proved, or nothing is.
    pub fn exit_code(self) -> u8 {
        match self {
            Overall::Fails => 1,
            Overall::NotProved | Overall::NotApplicable => 3,
            Overall::Holds => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_properties_amount_to() {
        let property = |outcome: Outcome| PropertyVerdict {
            name: String::new(),
            kind: String::new(),
            meaning: String::new(),
            facts: vec![],
            outcome,
        };
        let holds = property(Outcome::Holds);
        let open = property(Outcome::NotProved { reason: String::new() });
        let rests = property(Outcome::NotApplicable { reason: String::new() });
        let fails = property(Outcome::Violated {
            when: vec![],
            complete: true,
            failure: String::new(),
            unavoidable: None,
            why: vec![],
            needless: None,
            counterexample: None,
        });
        for (of, wanted, code) in [
            (vec![], Overall::NotApplicable, 3),
            (vec![&rests, &rests], Overall::NotApplicable, 3),
            (vec![&rests, &holds], Overall::Holds, 0),
            (vec![&holds, &rests], Overall::Holds, 0),
            (vec![&open, &holds, &rests], Overall::NotProved, 3),
            (vec![&holds, &open], Overall::NotProved, 3),
            (vec![&open, &holds, &fails, &rests], Overall::Fails, 1),
        ] {
            let overall = Overall::of(of);
            assert_eq!((overall, overall.exit_code()), (wanted, code));
        }
    }
}
