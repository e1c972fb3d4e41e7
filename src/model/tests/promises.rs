//! What the model promises the checker about a buffer of successors: which of them it writes, and what it notes.

use super::build::{self, Item, command, free, pool_of, run, scripted};
use super::walk::walk;
use crate::check::model::{Assignment, Label, Packed, Successors};
use crate::lifecycle::{self, Machine, Row, pool, routing_group, server, service};
use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::KINDS;
use crate::scenario::readings::Reading;
use crate::scenario::{Crash, Faults, Returns, Scenario};
use crate::topology::{ServerId, ServiceSet};
use std::collections::BTreeSet;

/// A fail-over by a script, and whatever else can happen to the other servers.
fn busy() -> Scenario {
    let menu = [command::drain(1, ServiceSet::ALL), command::start(1, ServiceSet::ALL)];
    let operators = vec![scripted("script", &[run(command::fail_over(0)), Item::Sleep]), free("free", &menu, Some(2))];
    let crash = Crash { at_most: 1, servers: vec![ServerId(2)], returns: Returns::Yes };
    build::scenario(pool_of(4), operators, Faults { crash: Some(crash), ..Faults::default() })
}

fn packed(model: &Maintenance, state: &State) -> Vec<u64> {
    let mut words = vec![0; model.words()];
    model.pack(state, &mut words);
    words
}

#[test]
fn every_point_of_coverage_has_a_number_of_its_own() {
    let model = Maintenance::new(&busy());
    let coverage = model.coverage();
    let kinds = (0..KINDS).map(|kind| coverage.kind(kind));
    let drawings = lifecycle::drawings();
    let rows = drawings
        .iter()
        .enumerate()
        .flat_map(|(machine, drawing)| (0..drawing.rows.len()).map(move |row| coverage.row((machine, row))));
    // The last node is that of a shell that died with its machine; a free operator is idle or at an item.
    let nodes = [(0, 5), (1, 3)].map(|(shell, nodes)| (0..nodes).map(move |node| coverage.node(shell, node)));
    let points: Vec<usize> = kinds.chain(rows).chain(nodes.into_iter().flatten()).collect();
    assert_eq!(points, (0..coverage.points()).collect::<Vec<_>>());
    assert_eq!(model.coverage_points(), coverage.points());
}

/// Whether the rows that were touched explain how a machine came from one state to another.
fn explained<M: Machine>(touched: &dyn Fn(usize) -> bool, from: M::State, to: M::State) -> bool {
    let rows: Vec<&Row<M::State, M::Event>> =
        M::TABLE.iter().enumerate().filter(|(row, _)| touched(*row)).map(|(_, row)| row).collect();
    let mut reached = vec![from];
    let mut at = 0;
    while at < reached.len() {
        let next = rows.iter().filter(|row| row.from == reached[at]).map(|row| row.to);
        let new: Vec<M::State> = next.filter(|state| !reached.contains(state)).collect();
        reached.extend(new);
        at += 1;
    }
    reached.contains(&to)
}

#[test]
fn coverage_notes_the_steps_the_nodes_and_the_rows_of_a_state() {
    let model = Maintenance::new(&busy());
    let (coverage, points) = (model.coverage(), model.coverage_points());
    let mut rows_seen = BTreeSet::new();
    walk(&model, 200, |state, outcomes| {
        let mut out = Successors::new(true, points);
        out.begin(Assignment::default(), &[]);
        model.successors(&packed(&model, state), state.readings, &mut out);
        let touched = |point: usize| out.touched()[point / 64] >> (point % 64) & 1 == 1;
        let kinds: BTreeSet<usize> = outcomes.iter().map(|(step, _)| step.kind()).collect();
        assert_eq!((0..KINDS).filter(|kind| touched(coverage.kind(*kind))).collect::<BTreeSet<_>>(), kinds);
        for (shell, slot) in state.shells.iter().enumerate() {
            let at = |node: &usize| touched(coverage.node(shell, *node));
            let nodes = 0..=model.instance().shells[shell].last_position();
            assert_eq!(nodes.filter(at).collect::<Vec<_>>(), [usize::from(slot.at)]);
        }
        for (_, next) in outcomes {
            for (from, to) in state.services.iter().zip(&next.services) {
                let row = |row| touched(coverage.row((0, row)));
                assert!(explained::<service::Service>(&row, from.state, to.state), "{from:?}, {to:?}");
            }
            for (from, to) in state.servers.iter().zip(&next.servers) {
                let row = |row| touched(coverage.row((1, row)));
                assert!(explained::<server::Server>(&row, from.availability, to.availability), "{from:?}, {to:?}");
                let row = |row| touched(coverage.row((3, row)));
                assert!(explained::<routing_group::RoutingGroup>(&row, from.replica, to.replica), "{from:?}, {to:?}");
            }
            for (from, to) in state.pools.iter().zip(&next.pools) {
                let row = |row| touched(coverage.row((2, row)));
                assert!(explained::<pool::Pool>(&row, from.state, to.state), "{from:?}, {to:?}");
            }
        }
        // A row begins where some machine was before, or came on the way.
        let services: Vec<service::State> = state.services.iter().map(|slot| slot.state).collect();
        for (number, row) in service::Service::TABLE.iter().enumerate() {
            if touched(coverage.row((0, number))) {
                rows_seen.insert(number);
                let row_of = |row| touched(coverage.row((0, row)));
                let before = services.iter().any(|from| explained::<service::Service>(&row_of, *from, row.from));
                assert!(before, "nothing was {:?}", row.from);
            }
        }
    });
    assert!(rows_seen.len() > 5, "{rows_seen:?}");
}

/// Where nobody counts, nothing is noted, and the successors are the same.
#[test]
fn coverage_changes_no_successor() {
    let model = Maintenance::new(&busy());
    walk(&model, 50, |state, _| {
        let [counted, uncounted] = [model.coverage_points(), 0].map(|points| {
            let mut out = Successors::new(true, points);
            out.begin(Assignment::default(), &[]);
            model.successors(&packed(&model, state), state.readings, &mut out);
            out
        });
        assert!(counted == uncounted);
        assert!(uncounted.touched().is_empty());
    });
}

type Written = (Vec<u64>, Label, Assignment);

/// The successors that the model writes for the valuations that extend `when`, if somebody asks for these.
fn written(
    model: &Maintenance,
    state: &State,
    when: Assignment,
    wanted: &[Assignment],
) -> (Vec<Written>, Vec<Assignment>) {
    let mut out = Successors::new(true, 0);
    out.begin(when, wanted);
    model.successors(&packed(model, state), when, &mut out);
    let successors = (0..out.len()).map(|index| {
        let (words, label, when) = out.get(index, model.words());
        (words.to_vec(), label, when)
    });
    (successors.collect(), out.cases(|| 0).iter().map(|case| case.when).collect())
}

#[test]
fn a_successor_says_all_that_was_supposed_and_is_one_that_somebody_asks_for() {
    let model = Maintenance::new(&busy());
    let index = model.instance().open(Reading::FailOverIntent).expect("it is open");
    let values = 0..Reading::FailOverIntent.describe().values.len() as u8;
    let cubes: Vec<Assignment> = values.map(|value| Assignment::default().with(index, value)).collect();
    let mut passed_over = 0;
    walk(&model, 150, |state, _| {
        let any = Assignment::default();
        let (all, cases) = written(&model, state, any, &[]);
        for cube in &cubes {
            let (asked, asked_cases) = written(&model, state, any, &[*cube]);
            let agreeing: Vec<Written> = all.iter().filter(|(_, _, when)| when.agrees(*cube)).cloned().collect();
            passed_over += all.len() - agreeing.len();
            assert_eq!(asked, agreeing, "{cube:?} is asked for");
            let agreeing: Vec<Assignment> = cases.iter().copied().filter(|when| when.agrees(*cube)).collect();
            assert_eq!(asked_cases, agreeing);
            let (supposed, _) = written(&model, state, *cube, &[]);
            assert!(supposed.iter().all(|(_, _, when)| cube.subsumes(*when)), "{cube:?} is supposed");
            let words = |of: &[Written]| of.iter().map(|(words, ..)| words.clone()).collect::<BTreeSet<_>>();
            assert_eq!(words(&supposed), words(&asked), "what is supposed is what is left of all");
        }
    });
    assert!(passed_over > 0, "nothing depends on the reading");
}

#[test]
fn what_is_supposed_is_what_a_run_has_read() {
    let model = Maintenance::new(&busy());
    let mut state = model.instance().blank();
    assert_eq!(model.assignment(&state), Assignment::default());
    let when = Assignment::default().with(1, 0).with(3, 1);
    model.assume(&mut state, when);
    assert_eq!(model.assignment(&state), when);
}
