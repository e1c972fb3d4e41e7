//! The comparison of a verdict with the `[expect]` table of its scenario.
//!
//! Invariant: an expectation is met only by a verdict that was proved. "Not proved" meets nothing, and
//! "fails if" is met by exactly the named combinations of readings, no more and no fewer.

use super::{Outcome, ReadingValue, ScenarioVerdict};
use crate::scenario::{Expectation, Expected};

/// How a verdict compares with what was expected of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// It is as expected.
    Met,
    /// It is different.
    Unmet,
    /// The check hit a limit, so nobody knows.
    Unknown,
}

/// An expectation beside what came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The property.
    pub property: &'static str,
    /// What was expected, in the words of a scenario file: `fails`, `fails if failover-intent = restart`.
    pub expected: String,
    /// What came out, in the same words.
    pub found: String,
    /// Whether that is the same.
    pub agreement: Agreement,
}

/// Compares every expectation with the verdict, in the order of the expectations.
pub fn compare(expectations: &[Expectation], verdict: &ScenarioVerdict) -> Vec<Comparison> {
    expectations
        .iter()
        .map(|expectation| {
            let name = expectation.property.describe().name;
            let found = verdict.properties.iter().find(|property| property.name == name);
            Comparison {
                property: name,
                expected: expected_words(&expectation.expected),
                found: found.map_or_else(|| "was not checked".to_owned(), |found| found_words(&found.outcome)),
                agreement: found.map_or(Agreement::Unmet, |found| agreement(&expectation.expected, &found.outcome)),
            }
        })
        .collect()
}

fn agreement(expected: &Expected, outcome: &Outcome) -> Agreement {
    let met = match (expected, outcome) {
        (_, Outcome::NotProved { .. }) => return Agreement::Unknown,
        (Expected::Holds, Outcome::Holds) => true,
        (Expected::NotApplicable, Outcome::NotApplicable { .. }) => true,
        (Expected::Fails, Outcome::Violated { when, .. }) => when.iter().any(Vec::is_empty),
        (Expected::FailsIf(combinations), Outcome::Violated { when, complete, .. }) => {
            let same = canonical(when.clone()) == canonical(expected_combinations(combinations));
            if same && !complete {
                return Agreement::Unknown;
            }
            same
        }
        _ => false,
    };
    if met { Agreement::Met } else { Agreement::Unmet }
}

fn expected_combinations(combinations: &[Vec<(crate::scenario::readings::Reading, u8)>]) -> Vec<Vec<ReadingValue>> {
    let value = |(reading, value): &(crate::scenario::readings::Reading, u8)| ReadingValue {
        reading: reading.describe().name.to_owned(),
        value: reading.value_name(*value).to_owned(),
    };
    combinations.iter().map(|combination| combination.iter().map(value).collect()).collect()
}

/// The combinations without regard to the order in which they were written.
fn canonical(mut combinations: Vec<Vec<ReadingValue>>) -> Vec<Vec<ReadingValue>> {
    for combination in &mut combinations {
        combination.sort();
        combination.dedup();
    }
    combinations.sort();
    combinations.dedup();
    combinations
}

fn expected_words(expected: &Expected) -> String {
    match expected {
        Expected::Holds => "holds".to_owned(),
        Expected::Fails => "fails".to_owned(),
        Expected::FailsIf(combinations) => fails_if(&expected_combinations(combinations)),
        Expected::NotApplicable => "not applicable".to_owned(),
    }
}

/// What came out, in the words of a scenario file: `fails if failover-intent = restart`.
pub fn found_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Holds => "holds".to_owned(),
        Outcome::Violated { when, complete: true, .. } => fails_if(when),
        Outcome::Violated { when, complete: false, .. } if when.iter().any(Vec::is_empty) => "fails".to_owned(),
        Outcome::Violated { when, complete: false, .. } => format!("{} and perhaps elsewhere", fails_if(when)),
        Outcome::NotProved { reason } => format!("not proved: {reason}"),
        Outcome::NotApplicable { .. } => "not applicable".to_owned(),
    }
}

fn fails_if(combinations: &[Vec<ReadingValue>]) -> String {
    if combinations.iter().any(Vec::is_empty) {
        return "fails".to_owned();
    }
    let combination = |values: &Vec<ReadingValue>| {
        values.iter().map(|value| format!("{} = {}", value.reading, value.value)).collect::<Vec<_>>().join(" and ")
    };
    format!(
        "fails if {}",
        canonical(combinations.to_vec()).iter().map(combination).collect::<Vec<_>>().join(", or if ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::readings::Reading;

    fn violated(when: &[&[(&str, &str)]], complete: bool) -> Outcome {
        let value = |(reading, value): &(&str, &str)| ReadingValue {
            reading: (*reading).to_owned(),
            value: (*value).to_owned(),
        };
        Outcome::Violated {
            when: when.iter().map(|combination| combination.iter().map(value).collect()).collect(),
            complete,
            failure: String::new(),
            unavoidable: None,
            why: Vec::new(),
            needless: None,
            counterexample: None,
        }
    }

    #[test]
    fn an_expectation_is_met_by_exactly_what_it_says() {
        let restart = Expected::FailsIf(vec![vec![(Reading::FailOverIntent, 1)]]);
        let not_proved = Outcome::NotProved { reason: "limit".to_owned() };
        let rows: &[(&Expected, Outcome, Agreement)] = &[
            (&Expected::Holds, Outcome::Holds, Agreement::Met),
            (&Expected::Holds, violated(&[&[]], true), Agreement::Unmet),
            (&Expected::Holds, not_proved.clone(), Agreement::Unknown),
            (&Expected::Fails, violated(&[&[]], false), Agreement::Met),
            (&Expected::Fails, violated(&[&[("failover-intent", "restart")]], true), Agreement::Unmet),
            (&Expected::Fails, not_proved, Agreement::Unknown),
            (&restart, violated(&[&[("failover-intent", "restart")]], true), Agreement::Met),
            (&restart, violated(&[&[("failover-intent", "restart")]], false), Agreement::Unknown),
            (&restart, violated(&[&[("failover-intent", "remove-data")]], true), Agreement::Unmet),
            (&restart, violated(&[&[]], true), Agreement::Unmet),
            (&restart, Outcome::Holds, Agreement::Unmet),
            (&Expected::NotApplicable, Outcome::NotApplicable { reason: String::new() }, Agreement::Met),
            (&Expected::NotApplicable, Outcome::Holds, Agreement::Unmet),
        ];
        for (expected, outcome, wanted) in rows {
            assert_eq!(agreement(expected, outcome), *wanted, "{expected:?} against {outcome:?}");
        }
    }

    #[test]
    fn the_order_of_combinations_and_of_readings_does_not_matter() {
        let expected = Expected::FailsIf(vec![
            vec![(Reading::FabricGuard, 1), (Reading::SqlVote, 1)],
            vec![(Reading::FailOverIntent, 1)],
        ]);
        let found = violated(
            &[&[("failover-intent", "restart")], &[("sql-vote", "always"), ("fabric-guard", "permits")]],
            true,
        );
        assert_eq!(agreement(&expected, &found), Agreement::Met);
        assert_eq!(
            expected_words(&expected),
            "fails if fabric-guard = permits and sql-vote = always, or if failover-intent = restart"
        );
    }
}
