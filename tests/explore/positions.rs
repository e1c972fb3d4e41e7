//! A position goes into a link and comes out of it unchanged; what is no position is refused in words.

use crate::shipped;
use poolproof::explore::position::{MOST_STEPS, Position, PositionError};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_link_gives_back_its_position(start in any::<usize>(), steps in prop::collection::vec(any::<usize>(), 0..40),
                                      mark in any::<Option<u32>>()) {
        let position = Position { start, steps, mark };
        prop_assert_eq!(position.to_string().parse::<Position>(), Ok(position));
    }

    #[test]
    fn one_position_has_one_link_up_to_leading_zeros(text in "[0-9.+ a-f-]{0,24}") {
        if let Ok(position) = text.parse::<Position>() {
            let numbers = |link: &str| link.split(['.', '-']).map(|it| it.trim_start_matches('0').to_owned()).collect::<Vec<_>>();
            let expected = if text.is_empty() { "0" } else { &text };
            prop_assert_eq!(numbers(&position.to_string()), numbers(expected));
        }
    }

    #[test]
    fn whatever_is_written_is_answered(text in "\\PC{0,40}") {
        let _ = text.parse::<Position>();
    }
}

#[test]
fn what_is_no_position_is_refused() {
    let long = vec!["1"; MOST_STEPS + 2].join(".");
    for text in [
        "x",
        ".",
        "0.",
        "0..1",
        "+1",
        "0.-1",
        "0-",
        "0-12",
        "0-123456789",
        "0-+1234567",
        "0.99999999999999999999",
        &long,
    ] {
        assert_eq!(text.parse::<Position>(), Err(PositionError::Malformed), "{text}");
    }
    assert!(vec!["1"; MOST_STEPS + 1].join(".").parse::<Position>().is_ok());
    assert_eq!("".parse::<Position>(), Ok(Position::default()));
}

#[test]
fn what_leads_nowhere_says_where_it_could_have_led() {
    let explorer = shipped("two-shells-three-front-ends");
    let error = |link: &str| explorer.view(&link.parse().expect(link)).expect_err(link).to_string();
    assert_eq!(error("3"), "no run has the beginning 3: the scenario has 3, counted from 0");
    assert_eq!(error("0.0.7"), "step 2 of the way cannot be number 7: 3 are possible there, counted from 0");
    assert!(error("0.0-00000000").contains("the scenario has changed"), "{}", error("0.0-00000000"));
}

#[test]
fn a_link_of_another_scenario_is_found_out() {
    // The same numbers are possible in both, and mean something else: with a lock the first step is to take it.
    let (without, with) = (shipped("check-then-act"), shipped("check-then-act-with-lock"));
    let link = crate::view(&without, "0.0.0.0").link;
    assert!(with.view(&"0.0.0.0".parse().expect("a position")).is_ok());
    assert_eq!(with.view(&link.parse().expect("a position")), Err(PositionError::Changed));
    assert!(without.view(&link.parse().expect("a position")).is_ok());
}
