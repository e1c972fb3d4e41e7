//! What is shown at a position: it is what the model does, and what the verdict says.

use crate::{load, pretty, shipped, view};
use poolproof::explore::Explorer;
use poolproof::explore::view::{Found, Standing, View};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Outcome, check_scenario};
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

/// A scenario with two operators, fabric and open readings; one with faults; one with PowerShell; one with two pools.
static WALKED: LazyLock<Vec<Explorer>> = LazyLock::new(|| {
    ["two-shells-three-front-ends", "watchdog", "official-patch", "pool-fail-over"].map(shipped).into()
});

fn story(found: &[Found], property: &str) -> Vec<String> {
    let of = found.iter().find(|of| of.property == property).expect("the property is asked for");
    of.story.as_ref().expect("it has a counterexample").links.clone()
}

fn properties(view: &View) -> String {
    let row = |of: &poolproof::explore::view::PropertyView| format!("{}: {:?}, {}\n", of.name, of.standing, of.words);
    view.properties.iter().map(row).collect()
}

#[test]
fn the_beginning() {
    let explorer = shipped("two-shells-three-front-ends");
    insta::assert_snapshot!(pretty(&explorer.overview()));
    insta::assert_snapshot!(pretty(&view(&explorer, "0")));
}

#[test]
fn the_end_of_a_counterexample() {
    let explorer = shipped("two-shells-three-front-ends");
    let found = explorer.check(&CheckOptions::default()).expect("it can be checked");
    let end = story(&found, "pool-quorum").pop().expect("a story has a beginning");
    insta::assert_snapshot!(pretty(&view(&explorer, &end)));
}

#[test]
fn every_counterexample_is_a_way_and_its_end_is_what_the_verdict_says() {
    for name in
        ["two-shells-three-front-ends", "official-patch", "hung-fail-over", "pool-disaster", "skipped-fail-back"]
    {
        let explorer = shipped(name);
        let (_, scenario) = load(name);
        let verdict = check_scenario(&scenario, &CheckOptions::default()).expect("it can be checked");
        let found = explorer.check(&CheckOptions::default()).expect("it can be checked");
        assert_eq!(found.len(), verdict.properties.len(), "{name}");
        for (of, property) in found.iter().zip(&verdict.properties) {
            assert_eq!(of.property, property.name);
            assert_eq!(of.violated, property.outcome.violated(), "{name} {}", of.property);
            let Outcome::Violated { counterexample: Some(told), failure, .. } = &property.outcome else {
                assert_eq!(of.story, None, "{name} {}", of.property);
                continue;
            };
            let way = of.story.as_ref().expect("a way for each counterexample");
            assert_eq!(way.links.len(), told.steps.len() + 1);
            assert_eq!(way.loop_from, told.loop_from);
            let end = view(&explorer, way.links.last().expect("an end"));
            assert_eq!(&end.moment, told.steps.last().map_or(&told.before, |step| &step.after));
            let changes: Vec<_> = end.way.iter().map(|step| &step.changes).collect();
            assert_eq!(changes, told.steps.iter().map(|step| &step.changes).collect::<Vec<_>>());
            let here = end.properties.iter().find(|here| here.name == of.property).expect("shown");
            match property.kind.as_str() {
                // What one run can show, it shows, in the words of the verdict where the state says it all.
                "always" => {
                    assert_eq!(here.standing, Standing::Broken, "{name} {}", of.property);
                    assert!(here.words == *failure || here.words.starts_with("Happened on step"), "{}", here.words);
                }
                _ => assert_ne!(here.standing, Standing::Fine, "{name} {}: {}", of.property, here.words),
            }
        }
    }
}

#[test]
fn properties_along_a_way() {
    let explorer = shipped("skipped-fail-back");
    let found = explorer.check(&CheckOptions::default()).expect("it can be checked");
    let links = story(&found, "returns-to-service");
    let first = properties(&view(&explorer, &links[0]));
    let last = properties(&view(&explorer, links.last().expect("an end")));
    insta::assert_snapshot!(format!("In the beginning\n{first}\nAt the end\n{last}"));
}

#[test]
fn what_was_broken_is_remembered_when_it_holds_again() {
    let explorer = shipped("two-shells-three-front-ends");
    let found = explorer.check(&CheckOptions::default()).expect("it can be checked");
    // On some way on, both servers come back; breadth first, each state once.
    let mut waiting = VecDeque::from([story(&found, "one-out-at-a-time").pop().expect("an end")]);
    let mut seen = BTreeSet::new();
    while let Some(link) = waiting.pop_front() {
        let here = view(&explorer, &link);
        let one = here.properties.iter().find(|of| of.name == "one-out-at-a-time").expect("shown");
        assert_eq!(one.standing, Standing::Broken);
        if one.words.contains("holds here") {
            assert_eq!(one.words, "Was broken after step 2; holds here.");
            return;
        }
        let new = here.steps.into_iter().map(|step| step.link);
        waiting.extend(new.filter(|link| seen.insert(link.split('-').nth(1).map(str::to_owned))));
    }
    panic!("the servers never come back");
}

#[test]
fn notes_tell_of_locks_and_of_what_may_still_go_wrong() {
    let locked = shipped("check-then-act-with-lock");
    let mut links = vec!["0".to_owned()];
    let held = (0..6).find_map(|_| {
        let here = view(&locked, &links.pop()?);
        links = vec![here.steps.first()?.link.clone()];
        here.notes.iter().find(|note| note.contains("lock")).cloned()
    });
    insta::assert_snapshot!(held.expect("the first thing that is done is to take the lock"));
    insta::assert_snapshot!(view(&shipped("official-patch"), "0").notes.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every step that is offered can be taken, is then the last of the way in the same words, and taken back.
    #[test]
    fn what_is_offered_can_be_taken(which in 0_usize..4, picks in prop::collection::vec(any::<prop::sample::Index>(), 1..12)) {
        let explorer = &WALKED[which];
        let mut here = view(explorer, "");
        prop_assert_eq!(&here.link, &explorer.overview().beginnings[0].link);
        for pick in picks {
            if here.steps.is_empty() {
                break;
            }
            let offered = pick.get(&here.steps).clone();
            let there = view(explorer, &offered.link);
            prop_assert_eq!(&there.link, &offered.link);
            prop_assert_eq!(there.way.last(), Some(&offered));
            prop_assert_eq!(there.way.len(), here.way.len() + 1);
            let back = there.way.iter().rev().nth(1).map_or(&there.beginning, |step| &step.link);
            prop_assert_eq!(back, &here.link);
            for broken in &offered.breaks {
                let of = there.properties.iter().find(|of| of.name == *broken);
                prop_assert_eq!(of.map(|of| of.standing), Some(Standing::Broken));
            }
            prop_assert_eq!(there.moment.servers.len(), explorer.overview().servers.len());
            for votes in &there.votes {
                let pool = there.moment.pools.iter().find(|pool| pool.name == votes.pool).expect("a pool with votes lives");
                prop_assert_eq!((votes.up, votes.needed), (pool.votes_up, pool.quorum));
            }
            here = there;
        }
    }
}
