//! Small systems made for one case each, with the counts, verdicts and shortest lengths that they must give.

use super::classics::Philosophers;
use super::system::{Edge, Place, System};
use poolproof::check::{
    self, Assignment, Claim, Completeness, Conclusion, Constant, Error, Label, Limit, Observer, Options, Outcome,
    Packed, Parameter, Progress, Property, Reason, Selection, SelfCheck, Successors,
};
use stateright::Model;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

fn options(threads: usize) -> Options {
    let self_check = SelfCheck { twice: true, replay: true };
    Options { threads: Some(threads), self_check, coverage: true, ..Options::default() }
}

pub fn run<M: Packed>(model: &M) -> Outcome<M::State, M::Action> {
    check::run(model, &options(2), &()).expect("a model in order")
}

/// States, transitions and depth.
pub fn size<S, A>(outcome: &Outcome<S, A>) -> (usize, u64, usize) {
    assert_eq!(outcome.completeness, Completeness::Complete);
    (outcome.statistics.states, outcome.statistics.transitions, outcome.statistics.depth)
}

/// The verdict on a property: "holds", or the lengths of stem and loop of the first violation.
pub fn verdict<S, A>(outcome: &Outcome<S, A>, name: &str) -> String {
    let result = outcome.property(name).unwrap();
    if result.holds() {
        return "holds".into();
    }
    let Some(violation) = result.violations.first() else { return format!("{:?}", result.conclusion) };
    let Some(witness) = &violation.witness else { return "never".into() };
    match witness.loop_start {
        None => format!("violated after {}", witness.len()),
        Some(start) => format!("violated after {start}, loop of {}", witness.len() - start),
    }
}

const A: Option<u16> = Some(0);
const B: Option<u16> = Some(1);

/// From, to, and the constraint that is served.
type ZooEdge = (u8, u8, Option<u16>);

/// A system of a few locations: edges with the constraint they serve, and the locations where the goal holds.
fn zoo(edges: &[ZooEdge], goals: &[u8], claim: Claim) -> Outcome<Place, (usize, Place)> {
    let locations = edges.iter().map(|edge| edge.0.max(edge.1)).max().unwrap_or(0) + 1;
    let edge = |&(from, to, fairness): &ZooEdge| Edge {
        from,
        label: Label { fairness, ..Label::default() },
        reads: None,
        to: vec![Some(to)],
    };
    run(&System {
        width: 1,
        initial: vec![0],
        edges: edges.iter().map(edge).collect(),
        predicates: (0..locations).map(|at| u64::from(goals.contains(&at))).collect(),
        told_by: vec![],
        parameters: vec![],
        properties: vec![Property { name: "claim".into(), claim }],
    })
}

#[test]
fn the_lasso_zoo() {
    let eventually = Claim::Eventually(0);
    let cases: &[(&str, &[ZooEdge], &[u8], &str)] = &[
        ("a line to the goal", &[(0, 1, A), (1, 2, B)], &[2], "holds"),
        ("a line that nobody has to walk to its end", &[(0, 1, A), (1, 2, None)], &[2], "violated after 1"),
        ("the goal at once", &[(0, 0, None)], &[0], "holds"),
        ("a dead end before the goal", &[(0, 1, A), (0, 2, A)], &[2], "violated after 1"),
        ("a self-loop that nobody has to leave", &[(0, 0, A), (0, 1, None)], &[1], "violated after 0, loop of 1"),
        ("a state in which nobody has to do anything", &[(0, 0, None), (0, 1, None)], &[1], "violated after 0"),
        ("a self-loop that somebody leaves", &[(0, 0, None), (0, 1, A)], &[1], "holds"),
        ("a loop that stateright misses", &[(0, 1, A), (1, 2, A), (2, 1, A)], &[], "violated after 1, loop of 2"),
        (
            "a join that stateright misses: the way past the goal is seen second",
            &[(0, 1, A), (0, 2, A), (1, 3, A), (2, 3, A), (3, 4, A)],
            &[1],
            "violated after 3",
        ),
        ("a loop with an exit that is always open", &[(0, 1, None), (1, 0, None), (0, 2, A), (1, 2, A)], &[2], "holds"),
        (
            "a loop with an exit that closes now and then",
            &[(0, 1, None), (1, 0, None), (0, 2, A)],
            &[2],
            "violated after 0, loop of 2",
        ),
        ("a served constraint does not lead out", &[(0, 0, A), (0, 1, A)], &[1], "violated after 0, loop of 1"),
        (
            "two constraints served on different arms",
            &[(0, 1, A), (1, 0, None), (0, 2, B), (2, 0, None), (0, 3, None)],
            &[3],
            "violated after 0, loop of 2",
        ),
        (
            "two constraints that have to be served both",
            &[(0, 0, A), (0, 0, B), (0, 1, None)],
            &[1],
            "violated after 0, loop of 2",
        ),
        (
            "the small loop is unfair, the large one is fair",
            &[(0, 0, None), (0, 1, A), (1, 0, None)],
            &[],
            "violated after 0, loop of 2",
        ),
        (
            "fairness leads to the next loop, which is fair",
            &[(0, 0, None), (0, 1, A), (1, 1, B)],
            &[],
            "violated after 1, loop of 1",
        ),
    ];
    for (name, edges, goals, expected) in cases {
        let outcome = zoo(edges, goals, eventually);
        let locations = edges.iter().map(|edge| usize::from(edge.0.max(edge.1)) + 1).max().unwrap_or(1);
        let (states, transitions, _) = size(&outcome);
        assert_eq!((states, transitions), (locations, edges.len() as u64), "{name}: all of it is reachable");
        assert_eq!(verdict(&outcome, "claim"), *expected, "{name}");
    }
}

#[test]
fn a_system_without_initial_states_satisfies_what_it_can() {
    let mut system = System {
        width: 3,
        initial: vec![],
        edges: vec![],
        predicates: vec![0],
        told_by: vec![],
        parameters: vec![],
        properties: vec![Property { name: "claim".into(), claim: Claim::Always(0) }],
    };
    for (claim, expected) in [
        (Claim::Always(0), "holds"),
        (Claim::Eventually(0), "holds"),
        (Claim::AlwaysPossibly { goal: 0, through: u32::MAX }, "holds"),
        (Claim::Sometimes(0), "never"),
    ] {
        system.properties[0].claim = claim;
        let outcome = run(&system);
        assert_eq!(verdict(&outcome, "claim"), expected);
        assert_eq!(outcome.statistics.states, 0);
    }
}

#[test]
fn a_verdict_names_the_values_that_break_it() {
    // The edge out of 0 reads a parameter with three values: to 1 for the first, to 2 for the others.
    let system = System {
        width: 1,
        initial: vec![0],
        edges: vec![Edge { from: 0, label: Label::default(), reads: Some(0), to: vec![Some(1), Some(2), Some(2)] }],
        predicates: vec![1, 1, 0],
        told_by: vec![],
        parameters: vec![3, 2],
        properties: vec![
            Property { name: "always".into(), claim: Claim::Always(0) },
            Property { name: "sometimes-not".into(), claim: Claim::Sometimes(0) },
        ],
    };
    let outcome = run(&system);
    let result = outcome.property("always").unwrap();
    let value = |value| Assignment::default().with(0, value);
    assert_eq!(result.violated_when(), [value(1), value(2)]);
    assert_eq!(outcome.statistics.resolved, [0]);
}

/// Counts up to a hundred thousand.
struct Line;

impl Model for Line {
    type State = u64;
    type Action = ();
    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }
    fn actions(&self, _: &u64, actions: &mut Vec<()>) {
        actions.push(());
    }
    fn next_state(&self, state: &u64, (): ()) -> Option<u64> {
        Some(state + 1)
    }
    fn within_boundary(&self, state: &u64) -> bool {
        *state <= 100_000
    }
}

impl Packed for Line {
    fn words(&self) -> usize {
        1
    }
    fn pack(&self, state: &u64, words: &mut [u64]) {
        words[0] = *state;
    }
    fn unpack(&self, words: &[u64]) -> u64 {
        words[0]
    }
    fn predicates(&self, words: &[u64]) -> u64 {
        u64::from(words[0] != 500) | u64::from(words[0] < 5_000_000) << 1
    }
    fn specification(&self) -> Vec<Property> {
        vec![
            Property { name: "not-500".into(), claim: Claim::Always(0) },
            Property { name: "below".into(), claim: Claim::Always(1) },
            Property { name: "ends".into(), claim: Claim::Eventually(0) },
        ]
    }
    fn coverage_points(&self) -> usize {
        2
    }
    fn successors(&self, words: &[u64], _: Assignment, out: &mut Successors) {
        if words[0] < 100_000 {
            out.touch(usize::from(words[0] > 2_000_000));
            out.push(&[words[0] + 1], Label::default());
        }
    }
}

#[test]
fn a_limit_never_proves_anything_and_keeps_what_was_found() {
    let limited = [
        (Options { max_depth: Some(600), ..Options::default() }, Limit::Depth, "violated after 500"),
        (Options { max_depth: Some(500), ..Options::default() }, Limit::Depth, "violated after 500"),
        (Options { max_depth: Some(499), ..Options::default() }, Limit::Depth, "Inconclusive(Limit(Depth))"),
        (Options { max_states: Some(1000), ..Options::default() }, Limit::States, "violated after 500"),
        (Options { max_states: Some(100), ..Options::default() }, Limit::States, "Inconclusive(Limit(States))"),
        (Options { memory: Some(1), ..Options::default() }, Limit::Memory, "Inconclusive(Limit(Memory))"),
        (Options { timeout: Some(Duration::ZERO), ..Options::default() }, Limit::Time, "Inconclusive(Limit(Time))"),
        (
            Options { interrupt: Some(Arc::new(AtomicBool::new(true))), ..Options::default() },
            Limit::Interrupted,
            "Inconclusive(Limit(Interrupted))",
        ),
    ];
    for (options, limit, first) in limited {
        let outcome = check::run(&Line, &options, &()).unwrap();
        assert_eq!(outcome.completeness.limit(), Some(limit));
        assert_eq!(verdict(&outcome, "not-500"), first, "{limit:?}");
        let inconclusive = Conclusion::Inconclusive(Reason::Limit(limit));
        assert_eq!(outcome.property("below").unwrap().conclusion, inconclusive);
        assert_eq!(outcome.property("ends").unwrap().conclusion, inconclusive);
        if let Completeness::Stopped { explored, frontier, .. } = outcome.completeness {
            assert_eq!(explored + frontier, outcome.statistics.states);
            assert_eq!(frontier, 1);
        }
    }
}

#[test]
fn a_long_line_is_explored_to_its_end_and_covered() {
    struct Last(AtomicUsize);
    impl Observer for Last {
        fn progress(&self, progress: &Progress) {
            self.0.store(progress.states, Ordering::Relaxed);
        }
    }
    let last = Last(AtomicUsize::new(0));
    let options = Options { coverage: true, ..Options::default() };
    let outcome = check::run(&Line, &options, &last).unwrap();
    assert_eq!(size(&outcome), (100_001, 100_000, 100_000));
    let coverage = outcome.coverage.unwrap();
    assert_eq!([0, 1].map(|point| coverage.touches(point)), [true, false]);
    assert_eq!(outcome.properties[1].conclusion, Conclusion::Conclusive);
    assert_eq!(last.0.into_inner(), 100_001);
}

/// A model that breaks its contract in a chosen way.
struct Broken {
    how: u8,
    calls: AtomicUsize,
}

impl Model for Broken {
    type State = u64;
    type Action = u64;
    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }
    fn actions(&self, state: &u64, actions: &mut Vec<u64>) {
        if *state < 3 {
            actions.push(state + 1);
        }
    }
    fn next_state(&self, _: &u64, action: u64) -> Option<u64> {
        Some(action)
    }
}

impl Packed for Broken {
    fn words(&self) -> usize {
        if self.how == 0 { 17 } else { 1 }
    }
    fn pack(&self, state: &u64, words: &mut [u64]) {
        words[0] = *state;
    }
    fn unpack(&self, words: &[u64]) -> u64 {
        words[0]
    }
    fn successors(&self, words: &[u64], when: Assignment, out: &mut Successors) {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) as u64;
        match self.how {
            5 if words[0] < 3 => out.push_when(&[words[0] + 1], Label::default(), when.with(3, 1)),
            1 => out.push(&[call % 7], Label::default()),
            2 if words[0] < 4 => out.push(&[words[0] + 2], Label::default()),
            _ if words[0] < 3 => out.push(&[words[0] + 1], Label::default()),
            _ => {}
        }
    }
    fn predicates(&self, words: &[u64]) -> u64 {
        u64::from(words[0] < 2)
    }
    fn specification(&self) -> Vec<Property> {
        vec![Property { name: "small".into(), claim: Claim::Always(if self.how == 3 { 64 } else { 0 }) }]
    }
    fn parameters(&self) -> Vec<Parameter> {
        vec![Parameter { values: if self.how == 4 { 0 } else { 2 } }]
    }
}

#[test]
fn a_model_that_breaks_its_contract_is_an_error_and_never_a_verdict() {
    let broken = |how| Broken { how, calls: AtomicUsize::new(0) };
    let checked = |how| check::run(&broken(how), &options(1), &()).unwrap_err();
    assert_eq!(checked(0), Error::Width(17));
    assert!(matches!(checked(1), Error::Nondeterministic { .. }));
    assert!(matches!(checked(2), Error::Inconsistent { .. }));
    assert_eq!(checked(3), Error::Predicate("small".into()));
    assert_eq!(checked(4), Error::ParameterValues { index: 0, values: 0 });
    assert_eq!(checked(5), Error::Undeclared(3));
    let unknown = Options { properties: Selection::Named(vec!["large".into()]), ..Options::default() };
    assert_eq!(check::run(&broken(6), &unknown, &()).unwrap_err(), Error::UnknownProperty("large".into()));
    // Without the self-checks, the replay of the witness still notices.
    let outcome = check::run(&broken(2), &Options::default(), &()).unwrap();
    let result = &outcome.properties[0];
    assert!(!result.violated() && !result.holds());
    assert!(matches!(result.conclusion, Conclusion::Inconclusive(Reason::Fault(_))), "{:?}", result.conclusion);
}

#[test]
fn a_trigger_that_never_comes_is_reported() {
    let outcome = zoo(&[(0, 0, None)], &[], Claim::LeadsTo { trigger: 0, goal: 0 });
    let result = outcome.property("claim").unwrap();
    assert!(result.holds());
    assert_eq!(result.vacuous, [Constant::Predicate { predicate: 0, value: false }]);
}

#[test]
fn a_graph_is_written_in_the_order_of_its_layers() {
    let written = |format, options: &Options| {
        let mut out = Vec::new();
        let captions = check::Captions {
            state: &|state: &Vec<u8>| format!("{state:?}"),
            action: &|_: &Vec<u8>, philosopher: &usize| format!("\"{philosopher}\" moves"),
        };
        let model = Philosophers { count: 2, careful: false };
        let exported = check::export(&model, options, &(), format, &captions, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), exported)
    };
    let (dot, exported) = written(check::Format::Dot, &Options::default());
    assert_eq!((exported.states, exported.transitions), (6, 8));
    assert!(dot.starts_with("digraph states {\n  node [shape=box];\n  0 [label=\"[0, 0]\", penwidth=2];\n"), "{dot}");
    assert!(dot.contains("[label=\"\\\"1\\\" moves\"];"), "{dot}");
    let (lines, _) = written(check::Format::JsonLines, &Options { threads: Some(3), ..Options::default() });
    let values: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), 6 + 8);
    assert!(values[..6].iter().enumerate().all(|(number, value)| value["state"] == number));
    assert!(values[6..].iter().all(|value| value["fairness"].is_u64() && value["to"].as_u64().unwrap() < 6));
    let (_, cut) = written(check::Format::JsonLines, &Options { max_depth: Some(1), ..Options::default() });
    assert_eq!((cut.states, cut.completeness.limit()), (3, Some(Limit::Depth)));
}
