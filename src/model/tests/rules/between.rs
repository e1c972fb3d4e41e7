//! What others do while a pool or a server is between two states.

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::{server, service};
use crate::model::Maintenance;
use crate::model::commands::Progress::{Blocked, Done};
use crate::model::step::Step;
use crate::model::tests::bench::{Bench, deployed, pool};
use crate::model::tests::build::{self, add_pool, command, pool_of};
use crate::runbook::{Command, Reset};
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially};
use crate::topology::{Deployment, PoolId, PoolKind, ServerId, ServiceSet};
use stateright::Model;

const HOME: PoolId = PoolId(0);

fn fail_over(disaster: bool) -> Command {
    Command::FailOverPool { pool: HOME, disaster }
}

fn fail_back() -> Command {
    Command::FailBackPool { pool: HOME, disaster: false }
}

fn stop(server: usize) -> Command {
    command::stop_at_once(server, ServiceSet::ALL)
}

fn start(server: usize) -> Command {
    Command::StartServices { server: ServerId(server), services: ServiceSet::ALL, wait: false }
}

/// ServiceReset without a start afterwards.
fn reset() -> Command {
    Command::ResetPool { pool: HOME, reset: Reset::Service, no_restart: true }
}

/// A pool with a partner of three front ends.
fn pair(front_ends: usize) -> Deployment {
    let mut deployment = pool_of(front_ends);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    deployment.pools[0].paired_with = Some(PoolId(1));
    deployment.pools[1].paired_with = Some(HOME);
    deployment
}

fn bench(menu: &[Command]) -> Bench {
    deployed(pair(3), menu).with_group(&[0, 1, 2])
}

fn state(bench: &Bench) -> Pool {
    bench.state.pools[HOME.0].state
}

/// Goes on until the pool is in a state.
fn until(bench: &mut Bench, wanted: Pool) {
    for _ in 0..200 {
        if state(bench) == wanted {
            return;
        }
        let goes_on = |step: &Step| {
            let ends = matches!(step, Step::Expire { .. } | Step::Orphaned { .. } | Step::PoolStops { .. });
            step.fairness().is_some() && !ends
        };
        let step = bench.model.steps(&bench.state).into_iter().find(goes_on).expect("something goes on");
        bench.step(step);
    }
    panic!("the pool stays {:?}", state(bench));
}

/// The services of a server that were asked to start come up.
fn come_up(bench: &mut Bench, server: usize) {
    for group in bench.model.instance().servers[server].services.clone() {
        let step = Step::ServicesStart { group: group as u16 };
        if bench.can(step) {
            bench.step(step);
        }
    }
}

/// Two of three front ends go down in disaster mode, before the services at home have been stopped.
fn failed_over_lost(menu: &[Command]) -> Bench {
    let menu = [menu, &[fail_over(true), stop(0), stop(1)]].concat();
    let mut bench = bench(&menu);
    bench.issue(fail_over(true));
    until(&mut bench, Pool::FailedOverUp);
    bench.issue(stop(0));
    assert_eq!(state(&bench), Pool::FailedOverUp, "two of three votes are up");
    bench.issue(stop(1));
    assert_eq!(state(&bench), Pool::FailedOverLost);
    bench
}

/// A fail-back that has announced itself.
fn failed_back(menu: &[Command]) -> Bench {
    let menu = [menu, &[fail_over(false), fail_back()]].concat();
    let mut bench = bench(&menu);
    bench.carry_out(fail_over(false));
    bench.issue(fail_back());
    until(&mut bench, Pool::FailedBack);
    bench
}

#[test]
fn a25_a_second_fail_over_takes_up_the_first() {
    let mut bench = bench(&[fail_over(false)]);
    bench.issue(fail_over(false));
    until(&mut bench, Pool::Draining);
    assert_eq!(bench.issue(fail_over(false)), Blocked);
    bench.step(Step::Advance { shell: 1 });
    assert_eq!(state(&bench), Pool::Draining);
}

#[test]
fn a25_a_second_fail_back_takes_up_the_first() {
    let mut bench = failed_back(&[]);
    assert_eq!(bench.issue(fail_back()), Blocked);
    bench.step(Step::Advance { shell: 1 }).step(Step::Advance { shell: 1 });
    assert_eq!(state(&bench), Pool::FailedBack);
}

#[test]
fn f4_11_a_reset_stops_fabric_in_the_middle_of_a_fail_over() {
    let mut bench = bench(&[fail_over(false), reset()]);
    bench.issue(fail_over(false));
    until(&mut bench, Pool::Draining);
    assert_eq!(bench.issue(reset()), Done);
    assert_eq!(state(&bench), Pool::Stopped);
}

#[test]
fn f4_11_a_reset_leaves_the_users_on_the_paired_pool() {
    let mut bench = failed_back(&[reset()]);
    bench.issue(reset());
    assert_eq!(state(&bench), Pool::FailedOver);
    let mut bench = failed_over_lost(&[reset()]);
    bench.issue(reset());
    assert_eq!(state(&bench), Pool::FailedOver);
}

#[test]
fn f3_8_votes_are_lost_in_the_middle_of_a_fail_back() {
    let mut bench = failed_back(&[stop(0), stop(1)]);
    bench.issue(stop(0));
    assert_eq!(state(&bench), Pool::FailedBack);
    bench.issue(stop(1));
    assert_eq!(state(&bench), Pool::FailedOverLost);
}

#[test]
fn f3_20_a_returning_voter_saves_a_pool_whose_users_are_away() {
    let mut bench = failed_over_lost(&[start(0)]);
    bench.issue(start(0));
    come_up(&mut bench, 0);
    assert_eq!(state(&bench), Pool::FailedOverUp);
}

#[test]
fn f4_12_recovery_starts_fabric_and_the_users_stay_away() {
    let recovery = Command::ResetPool { pool: HOME, reset: Reset::QuorumLossRecovery, no_restart: false };
    let mut bench = bench(&[fail_over(false), start(0), start(1), recovery.clone()]);
    bench.carry_out(fail_over(false));
    assert_eq!(state(&bench), Pool::FailedOver);
    bench.issue(start(0));
    bench.issue(start(1));
    assert_eq!(bench.issue(recovery), Done);
    assert_eq!(state(&bench), Pool::FailedOverUp);
}

#[test]
fn a26_nothing_of_a_group_stays_behind_not_even_a_build() {
    let shutdown = Command::Shutdown { server: ServerId(2) };
    let mut bench = deployed(pair(4), &[shutdown.clone(), fail_over(true)]).with_group(&[0, 1, 2]);
    bench.issue(shutdown);
    bench.step(Step::BuildBegins { on: 3 });
    assert_eq!([2, 3].map(|server| bench.replica(server)), [Replica::Down, Replica::Building]);
    bench.issue(fail_over(true));
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench), Pool::FailedOverUp);
    assert_eq!([0, 1, 2, 3].map(|server| bench.replica(server)), [Replica::Absent; 4]);
}

#[test]
fn f4_14_a_server_is_removed_in_the_middle_of_its_fail_back() {
    let removal = command::reset(Reset::MachineStateRemoved(ServerId(0)));
    let menu = [command::fail_over(0), command::fail_back(0), removal.clone()];
    let mut bench = pool(4, &menu).with_group(&[1, 2, 3]);
    bench.carry_out(command::fail_over(0));
    assert_eq!(bench.issue(command::fail_back(0)), Blocked);
    assert_eq!(bench.availability(0), server::State::FailedBack);
    assert_eq!(bench.issue(removal), Done);
    assert_eq!(bench.availability(0), server::State::Removed);
}

/// The sets of servers that may hold the group at the beginning, in a pool of so many of which some are out.
fn holders(front_ends: usize, intent: u8, initially: &[Initially]) -> Vec<Vec<usize>> {
    let mut scenario = build::scenario(pool_of(front_ends), vec![], Faults::default());
    scenario.initially = initially.to_vec();
    scenario.fixed_readings = build::readings(&[(Reading::FailOverIntent, intent)]);
    let mut all: Vec<Vec<usize>> = Maintenance::new(&scenario)
        .init_states()
        .iter()
        .map(|state| (0..front_ends).filter(|server| state.servers[*server].replica != Replica::Absent).collect())
        .collect();
    all.sort();
    all.dedup();
    all
}

/// F8.3: replicas are built elsewhere before a server is out, as far as there is an elsewhere. Every scenario has a beginning.
#[test]
fn f8_3_a_failed_over_server_holds_no_replica_at_first_if_there_was_room_elsewhere() {
    const REMOVE_DATA: u8 = 0;
    const RESTART: u8 = 1;
    let out =
        |servers: &[usize]| servers.iter().map(|server| Initially::FailedOver(ServerId(*server))).collect::<Vec<_>>();
    let any = [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]];
    assert_eq!(holders(4, RESTART, &out(&[0])), any);
    assert_eq!(holders(4, REMOVE_DATA, &out(&[])), any);
    assert_eq!(holders(4, REMOVE_DATA, &out(&[0])), [[1, 2, 3]]);
    assert_eq!(holders(3, REMOVE_DATA, &out(&[0])), [[0, 1, 2]]);
    // Of two that are out one has nowhere to leave its replica.
    assert_eq!(holders(4, REMOVE_DATA, &out(&[0, 1])), [[0, 2, 3], [1, 2, 3]]);
    assert_eq!(holders(5, REMOVE_DATA, &out(&[0, 1])), [[2, 3, 4]]);
    // On a server that is stopped or lost nothing can be built.
    for other in [Initially::Stopped(ServerId(3)), Initially::Lost(ServerId(3))] {
        assert_eq!(holders(4, REMOVE_DATA, &[out(&[0]), vec![other]].concat()), [[0, 1, 2], [1, 2, 3]], "{other:?}");
        assert_eq!(holders(4, REMOVE_DATA, &[other]), any);
    }
}

/// An Edge pool has no fabric that could stop: only its servers do.
#[test]
fn a_pool_that_begins_stopped_is_stopped_as_a_whole_only_if_it_can_be() {
    let stopped = |deployment: Deployment| {
        let setup = deployed(deployment, &[]).initially(&[Initially::PoolStopped(HOME)]);
        let bench = setup.with_group(&[]);
        assert!(bench.state.services.iter().all(|slot| slot.state == service::State::Stopped));
        bench.pool_state()
    };
    let of = |kind: PoolKind| {
        let mut deployment = pool_of(1);
        (deployment.pools[0].kind, deployment.pools[0].back_end) = (kind, None);
        deployment
    };
    assert_eq!(stopped(of(PoolKind::Edge)), Pool::Running);
    assert_eq!(stopped(of(PoolKind::StandardEdition)), Pool::Stopped);
}

/// With two of three servers out no group has all its replicas, and a gate has to wait for all of them.
#[test]
fn d1_other_groups_miss_replicas_where_too_many_servers_are_out_from_the_beginning() {
    let out = |servers: &[usize]| {
        let initially: Vec<Initially> = servers.iter().map(|server| Initially::Stopped(ServerId(*server))).collect();
        let bench =
            pool(4, &[crate::model::tests::build::command::fail_over(0)]).initially(&initially).with_group(&[0, 1, 2]);
        bench.state.pools[0].settled
    };
    assert!(out(&[]));
    assert!(out(&[3]), "three servers have room for three replicas");
    assert!(!out(&[2, 3]));
}
