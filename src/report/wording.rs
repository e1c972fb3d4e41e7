//! The words that every report uses for outcomes, readings, places and numbers.
//!
//! Invariant: the same thing is called the same in every report.

use crate::verdict::{
    Actor, Clause, Explored, Outcome, Overall, Place, PoolMoment, ReadingValue, Report, ScenarioVerdict, Step,
};

/// The outcome in a word or two. Only the bad news is in capitals.
pub fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Violated { .. } => "FAILS",
        Outcome::NotProved { .. } => "not proved",
        Outcome::NotApplicable { .. } => "n/a",
    }
}

/// What qualifies the outcome: the readings under which it fails, or why it is not proved.
pub fn qualification(scenario: &ScenarioVerdict, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Holds => String::new(),
        Outcome::Violated { when, complete, .. } => condition(scenario, when, *complete),
        Outcome::NotProved { reason } | Outcome::NotApplicable { reason } => reason.clone(),
    }
}

/// What is told of a violation beside its story, each a sentence: what fails, under which readings, whether any order of steps could
/// have avoided it, and what is not so in the end; nothing of another outcome.
pub fn violation(scenario: &ScenarioVerdict, outcome: &Outcome) -> Vec<String> {
    let Outcome::Violated { when, complete, failure, unavoidable, why, .. } = outcome else { return Vec::new() };
    let mut sentences = vec![failure.clone(), format!("Fails {}.", condition(scenario, when, *complete))];
    sentences.extend(unavoidable.iter().map(|why| self::unavoidable(why)));
    sentences.extend(why.iter().map(|why| format!("Why: {}.", clause(why))));
    sentences
}

/// That no other order would help.
pub fn unavoidable(why: &str) -> String {
    format!("No order of steps can avoid it: {why}")
}

/// Under which readings something fails, with the facts behind them, each fact once.
pub fn condition(scenario: &ScenarioVerdict, when: &[Vec<ReadingValue>], complete: bool) -> String {
    let mut told: Vec<&str> = Vec::new();
    let with_facts = |combination: &Vec<ReadingValue>| {
        let mut facts: Vec<&str> = Vec::new();
        for fact in combination.iter().flat_map(|value| facts_of(scenario, &value.reading)) {
            if !told.contains(&fact) {
                told.push(fact);
                facts.push(fact);
            }
        }
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
        format!("{}{facts}", reading_values(combination))
    };
    worded(when, complete, with_facts)
}

/// Under which readings something fails, in short.
pub fn short_condition(when: &[Vec<ReadingValue>], complete: bool) -> String {
    worded(when, complete, |combination| reading_values(combination))
}

fn worded(when: &[Vec<ReadingValue>], complete: bool, combination: impl FnMut(&Vec<ReadingValue>) -> String) -> String {
    if when.iter().any(Vec::is_empty) {
        return "under every reading".to_owned();
    }
    if when.is_empty() {
        // An engine that knows no readings cannot say which.
        return "under some reading".to_owned();
    }
    let joined = when.iter().map(combination).collect::<Vec<_>>().join(", or if ");
    if complete {
        format!("only if {joined}")
    } else {
        format!("if {joined}, and perhaps elsewhere: not everything was explored")
    }
}

/// The facts behind a reading, as the verdict gives them.
fn facts_of<'a>(scenario: &'a ScenarioVerdict, reading: &str) -> impl Iterator<Item = &'a str> {
    let used = scenario.readings.iter().find(move |used| used.reading == reading);
    used.into_iter().flat_map(|used| used.facts.iter().map(String::as_str))
}

/// `fabric-guard = permits and sql-vote = always`.
pub fn reading_values(values: &[ReadingValue]) -> String {
    values.iter().map(|value| format!("{} = {}", value.reading, value.value)).collect::<Vec<_>>().join(" and ")
}

/// `patch.ps1:12:5`.
pub fn place(place: &Place) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}

/// The line of a place and what its variables stood for: `Restart-Computer $server  ($server = fe1)`.
pub fn line_with_bindings(place: &Place) -> String {
    if place.bindings.is_empty() {
        place.text.clone()
    } else {
        format!("{}  ({})", place.text, place.bindings.join(", "))
    }
}

/// A step as a sentence: `alice fails over fe1`, `fabric: makes fe2 the primary`.
pub fn sentence(step: &Step) -> String {
    let verb_first = step.text.starts_with(char::is_lowercase) && !step.text.starts_with("the ");
    match step.by {
        Actor::Operator if verb_first => format!("{} {}", step.actor, step.text),
        _ => format!("{}: {}", step.actor, step.text),
    }
}

/// The votes of a pool: `pool1: 3 of 5 votes up, 3 needed`, with its routing group if it has one.
pub fn votes(pool: &PoolMoment) -> String {
    let mut words = format!("{}: {} votes up, {} needed", pool.name, pool.votes_up, pool.quorum);
    if !pool.routing_group.is_empty() {
        words.push_str(&format!("; routing group {}", pool.routing_group));
    }
    words
}

/// A clause that is false, with what it read: `it is not so that pool1 has as many votes up as it needs (voters up: fe4)`.
pub fn clause(clause: &Clause) -> String {
    let read = if clause.read.is_empty() { String::new() } else { format!(" ({})", clause.read.join("; ")) };
    format!("it is not so that {}{read}", clause.clause)
}

/// What is out of service, in one line.
pub fn out_of_service(out: &[String]) -> String {
    if out.is_empty() { "nothing".to_owned() } else { out.join("; ") }
}

/// A number with its thousands apart: `1,234,567`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 step`, `2 steps`.
pub fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

/// What was explored, in one sentence.
pub fn explored(explored: &Explored) -> String {
    let extent = match (&explored.limit, explored.complete) {
        (_, true) => "every reachable state".to_owned(),
        (Some(limit), false) => format!("NOT every reachable state: {limit}"),
        (None, false) => "NOT every reachable state".to_owned(),
    };
    let apart = match &explored.told_apart[..] {
        [] => String::new(),
        told => format!(", {} told apart", list(told)),
    };
    format!(
        "{}, {}, up to {} deep: {extent} ({} engine, {} a state{apart})",
        count(explored.states, "state", "states"),
        count(explored.transitions, "transition", "transitions"),
        count(explored.depth, "step", "steps"),
        explored.engine,
        count(explored.state_bytes, "byte", "bytes"),
    )
}

/// The word with which a report begins.
pub fn overall(overall: Overall) -> &'static str {
    match overall {
        Overall::Fails => "FAILS",
        Overall::NotProved => "NOT PROVED",
        Overall::NotApplicable => "N/A",
        Overall::Holds => "HOLDS",
    }
}

/// The verdict on a scenario in one line, without its first word.
pub fn summary(scenario: &ScenarioVerdict) -> String {
    let of = |wanted: fn(&Outcome) -> bool| -> Vec<&str> {
        scenario
            .properties
            .iter()
            .filter(|property| wanted(&property.outcome))
            .map(|property| property.name.as_str())
            .collect()
    };
    let failing = of(Outcome::violated);
    let open = of(|outcome| matches!(outcome, Outcome::NotProved { .. }));
    let mut parts = Vec::new();
    if !failing.is_empty() {
        parts.push(format!(
            "{} ({})",
            share(failing.len(), scenario.properties.len(), "property", "properties"),
            failing.join(", ")
        ));
    }
    if !open.is_empty() {
        let names = open.join(", ");
        parts.push(match failing.len() {
            0 => format!("{} ({names})", share(open.len(), scenario.properties.len(), "property", "properties")),
            _ => format!("not proved: {names}"),
        });
    }
    if !parts.is_empty() {
        return parts.join("; ");
    }
    let (holding, all) = (of(Outcome::holds).len(), scenario.properties.len());
    match (holding, all - holding) {
        (0, _) => "nothing is proved, since no property applies".to_owned(),
        (_, 0) => share(holding, all, "property", "properties"),
        (_, 1) => format!("{}; 1 does not apply", share(holding, all, "property", "properties")),
        (_, rest) => format!("{}; {rest} do not apply", share(holding, all, "property", "properties")),
    }
}

/// `2 of 7 properties`, `all 7 properties`, `the only property`.
fn share(some: usize, all: usize, one: &str, many: &str) -> String {
    match (some, all) {
        (1, 1) => format!("the only {one}"),
        _ if some == all => format!("all {all} {many}"),
        _ => format!("{some} of {all} {many}"),
    }
}

/// The verdict on several scenarios in one line, without its first word.
pub fn summary_of_all(report: &Report) -> String {
    let of = |wanted: Overall| {
        report.scenarios.iter().filter(|scenario| Overall::of(&scenario.properties) == wanted).count()
    };
    let all = report.scenarios.len();
    let share = |some: usize| share(some, all, "scenario", "scenarios");
    match (of(Overall::Fails), of(Overall::NotProved)) {
        (0, 0) => match of(Overall::NotApplicable) {
            rest if rest == 0 || rest == all => share(all),
            rest => format!("{}; no property applies to {}", share(all - rest), number(rest as u64)),
        },
        (0, open) => share(open),
        (failing, 0) => share(failing),
        (failing, 1) => format!("{}; 1 is not proved", share(failing)),
        (failing, open) => format!("{}; {open} are not proved", share(failing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_read_well() {
        for (value, wanted) in [(0, "0"), (999, "999"), (1000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(number(value), wanted);
        }
        assert_eq!(count(1, "step", "steps"), "1 step");
        assert_eq!(count(2, "step", "steps"), "2 steps");
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
