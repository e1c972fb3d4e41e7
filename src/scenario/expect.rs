//! `[expect]`: what the verdicts are expected to be, for `poolproof test`.

use super::file::File;
use super::located::Located;
use super::nearest::{list, nearest, suggestion};
use super::property::PropertyName;
use super::read::Reader;
use super::readings::Reading;
use super::{Expectation, Expected};
use std::ops::Range;

const FORMS: [&str; 4] = ["holds", "fails", "not applicable", "fails if READING = VALUE and ... or ..."];

pub(super) fn resolve(
    reader: &mut Reader<'_>,
    file: &File,
    properties: &[PropertyName],
    fixed: &[(Reading, u8)],
) -> Vec<Expectation> {
    let mut expectations = Vec::new();
    for (name, text) in &file.expect.0 {
        let Some(property) = PropertyName::named(&name.value) else { continue };
        if !properties.contains(&property) {
            let message = format!("`{}` is expected, and not decided", name.value);
            let mut problem =
                reader.mistake("not-decided", &name.span, message, "not among the `properties` of this scenario");
            if let Some(chosen) = &file.properties {
                problem = problem.also(reader.place(&chosen.span), "what is decided");
            }
            reader.report(problem.help(format!("add \"{}\" to `properties`", name.value)));
        }
        if let Some(expected) = expected(reader, text, fixed) {
            expectations.push(Expectation { property, expected });
        }
    }
    expectations.sort_by_key(|expectation| expectation.property);
    expectations
}

fn expected(reader: &mut Reader<'_>, text: &Located<String>, fixed: &[(Reading, u8)]) -> Option<Expected> {
    let words = Words::of(reader, text);
    let plain: Vec<&str> = words.0.iter().map(|(word, _)| *word).collect();
    match plain.as_slice() {
        ["holds"] => Some(Expected::Holds),
        ["fails"] => Some(Expected::Fails),
        ["not", "applicable"] | ["not-applicable"] => Some(Expected::NotApplicable),
        ["fails", "if", ..] => combinations(reader, text, &words.0[2..], fixed).map(Expected::FailsIf),
        _ => {
            let message = format!("`{}` is not an expectation", text.value);
            let help = match nearest(&text.value, FORMS[..3].iter().copied()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("one of {}", list(&FORMS)),
            };
            let problem = reader.mistake("expectation", &text.span, message, "what may be expected is another");
            reader.report(problem.help(help));
            None
        }
    }
}

/// The words of a string with their places; `=` is a word of its own.
struct Words<'a>(Vec<(&'a str, Range<usize>)>);

impl<'a> Words<'a> {
    fn of(reader: &Reader<'_>, text: &'a Located<String>) -> Words<'a> {
        // Inside a string without escapes, offsets are those of the file; otherwise the whole string is shown.
        let written = reader.source.text.get(text.span.clone()).unwrap_or("");
        let verbatim = written.len() == text.value.len() + 2 && written.get(1..written.len() - 1) == Some(&text.value);
        let place = |start: usize, length: usize| {
            if verbatim {
                let start = text.span.start + 1 + start;
                start..start + length
            } else {
                text.span.clone()
            }
        };
        let mut words = Vec::new();
        let mut rest = text.value.as_str();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Words(words);
            }
            let length = match rest.find(|c: char| c == '=' || c.is_whitespace()) {
                Some(0) => 1,
                Some(end) => end,
                None => rest.len(),
            };
            let start = text.value.len() - rest.len();
            words.push((&text.value[start..start + length], place(start, length)));
            rest = &rest[length..];
        }
    }
}

/// `a = x and b = y or c = z`: combinations, of which one applies.
fn combinations(
    reader: &mut Reader<'_>,
    text: &Located<String>,
    words: &[(&str, Range<usize>)],
    fixed: &[(Reading, u8)],
) -> Option<Vec<Vec<(Reading, u8)>>> {
    let mut all = vec![Vec::new()];
    let mut rest = words;
    let mut sound = true;
    loop {
        let [(name, at), ("=", _), (value, value_at), after @ ..] = rest else {
            let at = rest.iter().find(|(word, _)| *word != "=").map_or(text.span.clone(), |(_, at)| at.clone());
            let message = "the condition of `fails if` is not complete";
            let problem = reader.mistake("expectation", &at, message, "expected READING = VALUE from here on");
            reader.report(problem.help("for example \"fails if fabric-guard = permits and sql-vote = always\""));
            return None;
        };
        match choice(reader, name, at, value, value_at, fixed) {
            Some((reading, value)) => {
                let combination = all.last_mut().expect("there is always a last combination");
                if combination.iter().any(|(other, _)| *other == reading) {
                    let message = format!("`{name}` occurs twice in one combination");
                    let problem = reader.mistake("expectation", at, message, "a reading has one value at a time");
                    reader.report(problem.help("separate alternatives by `or`"));
                    sound = false;
                }
                combination.push((reading, value));
            }
            None => sound = false,
        }
        match after {
            [] => break,
            [("and", _), next @ ..] => rest = next,
            [("or", _), next @ ..] => {
                all.push(Vec::new());
                rest = next;
            }
            [(_, at), ..] => {
                let message = "the condition of `fails if` goes on with neither `and` nor `or`";
                reader.report(reader.mistake("expectation", at, message, "expected `and`, `or`, or the end"));
                return None;
            }
        }
    }
    sound.then_some(all)
}

/// One `READING = VALUE`; mistakes are reported.
fn choice(
    reader: &mut Reader<'_>,
    name: &str,
    at: &Range<usize>,
    value: &str,
    value_at: &Range<usize>,
    fixed: &[(Reading, u8)],
) -> Option<(Reading, u8)> {
    let Some(reading) = Reading::named(name) else {
        let names: Vec<&str> = Reading::ALL.iter().map(|reading| reading.describe().name).collect();
        let message = format!("there is no reading `{name}`");
        let problem = reader.mistake("unknown-name", at, message, "not the name of a reading");
        reader.report(problem.help(suggestion(name, "the readings", &names)));
        return None;
    };
    let Some(number) = reading.value_named(value) else {
        let names: Vec<&str> = reading.describe().values.iter().map(|value| value.name).collect();
        let message = format!("there is no value of `{name}` `{value}`");
        let problem = reader.mistake("unknown-name", value_at, message, format!("expected one of {}", list(&names)));
        reader.report(problem.help(suggestion(value, "one of", &names)));
        return None;
    };
    if let Some((_, value)) = fixed.iter().find(|(other, _)| *other == reading) {
        let message = format!("`{name}` is fixed to `{}` in [readings]", reading.value_name(*value));
        let problem = reader.mistake("fixed-reading", at, message, "so no verdict can depend on it");
        reader.report(problem.help("leave it out of the condition, or out of [readings]"));
        return None;
    }
    Some((reading, number))
}
