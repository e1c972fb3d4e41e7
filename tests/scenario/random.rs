//! What holds of every scenario file, right or wrong.

use super::arbitrary;
use miette::{GraphicalReportHandler, GraphicalTheme};
use poolproof::scenario::file::File;
use poolproof::scenario::{self, ScenarioError};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{CheckError, check_scenario};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn parse(text: &str) -> Result<scenario::Scenario, ScenarioError> {
    let files = BTreeMap::from([("patch.ps1".to_owned(), scenario::template_runbook().into_bytes())]);
    scenario::parse("test.toml", text, &files)
}

/// Every mistake has words and lies in its text, and can be shown.
fn well_formed(error: &ScenarioError) {
    assert!(!error.problems().is_empty());
    for problem in error.problems() {
        let place = &problem.place;
        assert!(place.source.text.get(place.offset..place.offset + place.length).is_some(), "{problem:#?}");
        assert!(!problem.message.is_empty() && !problem.label.is_empty(), "{problem:#?}");
        assert_ne!(problem.code, "wrong-shape", "the schema allows what the types refuse: {problem:#?}");
    }
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut out, error).unwrap();
}

/// A way to spoil a text; numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Spoil {
    Remove(usize, usize),
    Insert(usize, String),
    Value(usize, &'static str),
    SwapLines(usize, usize),
    Repeat(usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let values = vec![
        "3",
        "-1",
        "99999999999999999999",
        "0x10",
        "1.5",
        "nan",
        "true",
        "'x'",
        "\"\\u00e4\"",
        "'''\na\nb'''",
        "''",
        "[]",
        "[1]",
        "['x']",
        "[['fe1']]",
        "[[]]",
        "{}",
        "{ a = 1 }",
        "{ at-most = 1 }",
        "{ lock = 'x' }",
        "1979-05-27",
        "'fe1'",
        "'pool1'",
        "['fe1', 'fe1']",
        "'holds'",
        "'fails if'",
        "'fails if a = b or = = and'",
        "'2013'",
    ];
    prop_oneof![
        1 => (any::<usize>(), 1..12usize).prop_map(|(at, length)| Spoil::Remove(at, length)),
        1 => (any::<usize>(), "[\\PC\n]{1,6}").prop_map(|(at, text)| Spoil::Insert(at, text)),
        6 => (any::<usize>(), prop::sample::select(values)).prop_map(|(line, value)| Spoil::Value(line, value)),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Spoil::SwapLines(a, b)),
        1 => any::<usize>().prop_map(Spoil::Repeat),
    ]
}

fn spoiled(text: &str, how: &Spoil) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let count = lines.len();
    match how {
        Spoil::Remove(at, length) => {
            let at = at % characters.len();
            let end = characters.len().min(at + length);
            characters[..at].iter().chain(&characters[end..]).collect()
        }
        Spoil::Insert(at, inserted) => {
            let at = at % characters.len();
            characters[..at].iter().copied().chain(inserted.chars()).chain(characters[at..].iter().copied()).collect()
        }
        Spoil::Value(line, value) => {
            // The next line at or after the chosen one that gives a key a value.
            let line = (0..count).map(|step| (line % count + step) % count).find(|line| lines[*line].contains('='));
            let changed = line.map(|line| (line, lines[line].split('=').next().unwrap_or("").to_owned()));
            let Some((line, key)) = changed else { return text.to_owned() };
            let new = format!("{key}= {value}");
            lines[line] = &new;
            lines.join("\n")
        }
        Spoil::SwapLines(a, b) => {
            lines.swap(a % count, b % count);
            lines.join("\n")
        }
        Spoil::Repeat(line) => {
            lines.insert(line % count, lines[line % count]);
            lines.join("\n")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// A file that is written out and read again is the same file, and what it means is the same.
    #[test]
    fn valid_files_are_read_and_survive_a_round_trip(file in arbitrary::file()) {
        let text = toml::to_string(&file).unwrap();
        let again: File = toml::from_str(&text).unwrap();
        prop_assert_eq!(&again, &file);
        let first = parse(&text);
        prop_assert!(first.is_ok(), "{:#?}\n{}", first.unwrap_err().problems(), text);
        let first = first.unwrap();
        prop_assert_eq!(first.operators.len(), file.operator.len());
        prop_assert_eq!(first.fixed_readings.len(), file.readings.0.len());
        prop_assert_eq!(first.expectations.len(), file.expect.0.len());
        prop_assert_eq!(&first, &parse(&toml::to_string(&again).unwrap()).unwrap());
    }

    /// What such a file means is checked without a fault of the model or the checker.
    #[test]
    fn arbitrary_scenarios_get_a_verdict(scenario in arbitrary::scenario()) {
        let few = CheckOptions { max_states: Some(50), threads: 1, ..CheckOptions::default() };
        let verdict = check_scenario(&scenario, &few);
        prop_assert!(matches!(verdict, Ok(_) | Err(CheckError::TooLarge { .. })), "{verdict:?}");
    }

    /// A spoilt file is read or refused in good order.
    #[test]
    fn spoilt_files_never_panic(file in arbitrary::file(), hows in prop::collection::vec(spoil(), 1..5)) {
        let text = toml::to_string(&file).unwrap();
        let text = hows.iter().fold(text, |text, how| spoiled(&text, how));
        if let Err(error) = parse(&text) {
            well_formed(&error);
        }
    }

    /// So is a spoilt template, which has comments and every key.
    #[test]
    fn the_spoilt_template_never_panics(hows in prop::collection::vec(spoil(), 1..5)) {
        let text = scenario::template().replace("\n# ", "\n");
        let text = hows.iter().fold(text, |text, how| spoiled(&text, how));
        if let Err(error) = parse(&text) {
            well_formed(&error);
        }
    }

    /// So is the template with a spoilt runbook.
    #[test]
    fn spoilt_runbooks_never_panic(hows in prop::collection::vec(spoil(), 1..5)) {
        let runbook = hows.iter().fold(scenario::template_runbook(), |text, how| spoiled(&text, how));
        let files = BTreeMap::from([("patch.ps1".to_owned(), runbook.into_bytes())]);
        if let Err(error) = scenario::parse("test.toml", &scenario::template(), &files) {
            well_formed(&error);
        }
    }

    /// So are any bytes for a topology document or a runbook.
    #[test]
    fn any_bytes_for_a_file_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let files = BTreeMap::from([("x".to_owned(), bytes)]);
        for text in ["[deployment]\ntopology = 'x'", &super::with_deployment("[[operator]]\nrunbook = 'x'")] {
            if let Err(error) = scenario::parse("test.toml", text, &files) {
                well_formed(&error);
            }
        }
    }

    /// So is any text at all.
    #[test]
    fn any_text_is_read_or_refused(text in "(\\PC|\n){0,200}") {
        if let Err(error) = parse(&text) {
            well_formed(&error);
        }
    }
}
