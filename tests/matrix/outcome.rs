//! The words for one outcome, in every matrix of verdicts.

use poolproof::verdict::{Counterexample, Outcome, ReadingValue};

/// An outcome in one line: under which readings it fails, and what is told of its counterexample.
pub fn words(outcome: &Outcome, told: impl Fn(&Counterexample) -> String) -> String {
    match outcome {
        Outcome::Holds => "holds".into(),
        Outcome::NotProved { reason } => format!("NOT PROVED: {reason}"),
        Outcome::NotApplicable { .. } => "not applicable".into(),
        Outcome::Violated { when, counterexample, .. } => {
            let pairs = |it: &ReadingValue| format!("{} = {}", it.reading, it.value);
            let when: Vec<String> =
                when.iter().map(|all| all.iter().map(pairs).collect::<Vec<_>>().join(" and ")).collect();
            let when = if when == [""] { String::new() } else { format!(" if {}", when.join(", or ")) };
            format!("FAILS{when}{}", counterexample.as_deref().map_or(String::new(), told))
        }
    }
}
