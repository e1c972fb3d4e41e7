//! Pairs of pools and the management store (section 6 of the facts).

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::service::State;
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::step::{Step, event};
use crate::model::tests::bench::{Bench, deployed};
use crate::model::tests::build::{add_pool, command::*, pool_of};
use crate::runbook::{Command, Query};
use crate::scenario::Initially;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::topology::{Deployment, PoolId, PoolKind, ServerId, ServiceSet};

const HOME: PoolId = PoolId(0);
const PARTNER: PoolId = PoolId(1);

fn fail_over(pool: PoolId) -> Command {
    Command::FailOverPool { pool, disaster: false }
}

fn disaster(pool: PoolId) -> Command {
    Command::FailOverPool { pool, disaster: true }
}

fn fail_back(pool: PoolId, disaster: bool) -> Command {
    Command::FailBackPool { pool, disaster }
}

fn move_store(force: bool) -> Command {
    Command::MoveManagementStore { home: HOME, force }
}

fn backup() -> ServiceSet {
    ServiceSet::named(&["LYNCBACKUP"])
}

/// Two paired pools of three front ends, an Edge pool without a next hop, the management store on the first.
fn pair() -> Deployment {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    add_pool(&mut deployment, PoolKind::Edge, 1);
    deployment.pools[0].paired_with = Some(PARTNER);
    deployment.pools[1].paired_with = Some(HOME);
    deployment
}

fn bench(menu: &[Command]) -> Bench {
    deployed(pair(), menu).with_group(&[0, 1, 2])
}

fn state(bench: &Bench, pool: PoolId) -> Pool {
    bench.state.pools[pool.0].state
}

#[test]
fn f6_13_the_backup_is_steady_while_both_pools_copy() {
    let menu = [stop(0, backup()), stop(1, backup()), stop(2, backup()), fail_over(HOME)];
    let steady = |bench: &Bench| bench.model.answer(&bench.state, &Query::BackupSteady { pool: HOME });
    let mut bench = bench(&menu);
    assert!(steady(&bench));
    bench.carry_out(menu[0].clone());
    bench.carry_out(menu[1].clone());
    assert!(steady(&bench), "the backup service is active on one server at a time (F6.14)");
    bench.carry_out(menu[2].clone());
    assert!(!steady(&bench));
    let alone = deployed(pool_of(3), &[]).with_group(&[0, 1, 2]);
    assert!(!steady(&alone), "without a paired pool there is nothing to copy to");
}

#[test]
fn f6_7_the_pool_goes_read_only_and_then_its_users_switch_and_its_services_stop() {
    let mut bench = bench(&[fail_over(HOME)]);
    assert_eq!(bench.issue(fail_over(HOME)), Blocked);
    assert_eq!(state(&bench, HOME), Pool::Running, "the backup comes to a steady state first");
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::Draining);
    assert!(bench.judge().takes_users(0) && !bench.judge().in_service(0), "read-only");
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::FailedOverUp);
    assert!(!bench.judge().takes_users(0));
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
    assert_eq!(bench.service(0, "LYNCBACKUP"), State::Running, "what copies data runs on (A26)");
    assert_eq!(bench.events & event::CALL_CUT, event::CALL_CUT);
    assert_eq!(bench.events & event::DATA_LOST, 0);
}

#[test]
fn a26_the_routing_group_is_loaded_on_the_paired_pool_and_comes_home_again() {
    let mut bench = bench(&[fail_over(HOME), fail_back(HOME, false)]);
    bench.carry_out(fail_over(HOME));
    let held = |bench: &Bench| (0..6).filter(|server| bench.replica(*server) != Replica::Absent).collect::<Vec<_>>();
    assert_eq!(held(&bench), [3, 4, 5]);
    assert!(bench.judge().group().whole());
    assert!(bench.holds(PropertyName::RoutingGroupQuorum) && bench.holds(PropertyName::PoolQuorum));
    bench.carry_out(fail_back(HOME, false));
    assert_eq!((state(&bench, HOME), held(&bench)), (Pool::Running, vec![0, 1, 2]));
    assert!((0..6).all(|server| bench.judge().in_service(server)));
}

#[test]
fn f6_18_all_servers_of_a_pool_may_be_out_while_its_users_are_away() {
    let mut bench = bench(&[fail_over(HOME)]);
    bench.carry_out(fail_over(HOME));
    assert!(bench.holds(PropertyName::OneOutAtATime) && bench.holds(PropertyName::SurvivesOneMoreCrash));
}

#[test]
fn f6_4_an_edge_pools_next_hop_is_not_failed_over() {
    let mut deployment = pair();
    deployment.pools[2].next_hop = Some(HOME);
    let hop = Command::SetNextHop { edge: PoolId(2), hop: PARTNER };
    let mut bench = deployed(deployment.clone(), &[fail_over(HOME), hop.clone()]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
    assert_eq!(bench.issue(hop), Done);
    assert_eq!(bench.carry_out(fail_over(HOME)), Blocked);
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
    // Where no step can change the next hop, the Edge pool need not take part.
    let mut bench = deployed(deployment, &[fail_over(HOME)]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
}

#[test]
fn f6_6_a_pool_without_a_backup_pool_is_not_failed_over() {
    let mut bench = deployed(pool_of(3), &[fail_over(HOME)]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
}

#[test]
fn f6_10_users_come_home_before_the_partner_fails_over() {
    let menu = [fail_over(HOME), fail_over(PARTNER), disaster(PARTNER), fail_back(HOME, false)];
    let mut bench = bench(&menu);
    bench.carry_out(fail_over(HOME));
    assert_eq!(bench.issue(fail_over(PARTNER)), Failed);
    assert_eq!(bench.issue(disaster(PARTNER)), Failed);
    assert_eq!(bench.issue(fail_over(HOME)), Failed, "it is failed over already");
    bench.carry_out(fail_back(HOME, false));
    assert_eq!(bench.carry_out(fail_over(PARTNER)), Blocked);
    assert_eq!((state(&bench, HOME), state(&bench, PARTNER)), (Pool::Running, Pool::FailedOver));
    assert_eq!(bench.issue(fail_back(HOME, false)), Failed, "its users are at home");
}

#[test]
fn f6_10_of_two_fail_overs_at_once_the_second_cannot_switch() {
    let mut bench = bench(&[fail_over(HOME), fail_over(PARTNER)]);
    bench.issue(fail_over(HOME));
    bench.issue(fail_over(PARTNER));
    for shell in [0, 1, 0, 1] {
        bench.step(Step::Advance { shell });
    }
    assert_eq!((state(&bench, HOME), state(&bench, PARTNER)), (Pool::FailedOverUp, Pool::Draining));
    bench.quiet();
    assert_eq!(state(&bench, PARTNER), Pool::Draining, "where it was when it failed (A25)");
}

#[test]
fn f6_8_disaster_mode_is_for_pools_that_do_not_answer() {
    let menu = [fail_over(HOME), disaster(HOME)];
    let mut bench = deployed(pair(), &menu).initially(&[Initially::PoolStopped(HOME)]).with_group(&[3, 4, 5]);
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
    assert_eq!(bench.issue(disaster(HOME)), Blocked);
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
    assert_eq!(bench.events & event::DATA_LOST, event::DATA_LOST);
}

#[test]
fn f6_8_a_pool_that_loses_its_quorum_on_the_way_needs_disaster_mode() {
    let stop = |server| stop_at_once(server, ServiceSet::named(&["FabricHostSvc"]));
    for command in [fail_over(HOME), disaster(HOME)] {
        let menu = [command.clone(), stop(0), stop(1)];
        let mut bench = bench(&menu);
        bench.issue(command.clone());
        if command == fail_over(HOME) {
            bench.step(Step::Advance { shell: 0 });
            assert_eq!(state(&bench, HOME), Pool::Draining);
        }
        bench.issue(menu[1].clone());
        bench.issue(menu[2].clone());
        assert_eq!(state(&bench, HOME), Pool::QuorumLost);
        bench.step(Step::Advance { shell: 0 });
        let switched = command == disaster(HOME);
        assert_eq!(state(&bench, HOME).users_away(), switched, "{command:?}");
    }
}

#[test]
fn f6_8_a_pool_whose_back_end_is_down_needs_disaster_mode() {
    let faults = crate::scenario::Faults { sql_principal_failures: 1, ..Default::default() };
    let mut bench = deployed(pair(), &[fail_over(HOME), disaster(HOME)]).faults(faults).with_group(&[0, 1, 2]);
    bench.step(Step::PrincipalFails { pool: 0 });
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
    assert_eq!(bench.carry_out(disaster(HOME)), Blocked);
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
}

#[test]
fn f6_13_without_the_backup_service_there_is_no_steady_state_to_wait_for() {
    let menu = [fail_over(HOME), stop(3, backup()), stop(4, backup()), stop(5, backup())];
    let mut bench = bench(&menu);
    for server in 3..6 {
        bench.carry_out(stop(server, backup()));
    }
    bench.issue(fail_over(HOME));
    assert!(!bench.can(Step::Advance { shell: 0 }));
    bench.step(Step::Expire { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::Running);
}

#[test]
fn f6_14_one_backup_service_of_a_pool_is_enough() {
    let menu = [fail_over(HOME), stop(3, backup()), stop(4, backup())];
    let mut bench = bench(&menu);
    bench.carry_out(stop(3, backup()));
    bench.carry_out(stop(4, backup()));
    bench.carry_out(fail_over(HOME));
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
}

#[test]
fn d4_what_comes_by_itself_is_waited_for() {
    let menu = [fail_over(HOME), stop(4, backup()), stop(5, backup()), restart(3)];
    let mut bench = bench(&menu);
    bench.carry_out(stop(4, backup()));
    bench.carry_out(stop(5, backup()));
    bench.issue(restart(3));
    bench.issue(fail_over(HOME));
    assert!(!bench.can(Step::Advance { shell: 1 }), "the backup service is on its way up");
    assert!(!bench.can(Step::Expire { shell: 1 }));
    bench.quiet();
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
}

#[test]
fn f6_9_a_fail_back_in_disaster_mode_loses_what_the_other_pool_has_produced() {
    let menu = [fail_over(HOME), fail_back(HOME, true)];
    let mut bench = bench(&menu);
    bench.carry_out(fail_over(HOME));
    bench.issue(fail_back(HOME, true));
    bench.step(Step::Advance { shell: 0 }).step(Step::PoolStarts { pool: 0 });
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::FailedBack);
    bench.step(Step::Advance { shell: 0 });
    assert_eq!(bench.events, event::DATA_LOST | event::CALL_CUT, "running conferences end as well (F6.11)");
    assert_eq!(state(&bench, HOME), Pool::Running);
}

#[test]
fn f3_3_a_fail_back_needs_as_many_servers_as_a_start_of_the_whole_pool() {
    let menu = [fail_back(HOME, false)];
    let initially = [Initially::PoolFailedOver(HOME), Initially::Lost(ServerId(0))];
    let mut bench = deployed(pair(), &menu).initially(&initially).with_group(&[3, 4, 5]);
    bench.issue(fail_back(HOME, false));
    bench.step(Step::Advance { shell: 0 });
    assert!(!bench.can(Step::PoolStarts { pool: 0 }), "a pool of three needs all of them (F3.7)");
    bench.step(Step::Expire { shell: 0 });
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
}

#[test]
fn f6_1_a_pair_of_standard_edition_servers_fails_over_and_back() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = PoolKind::StandardEdition;
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    deployment.pools[0].paired_with = Some(PARTNER);
    deployment.pools[1].paired_with = Some(HOME);
    let mut bench = deployed(deployment, &[fail_over(HOME), fail_back(HOME, false)]).with_group(&[]);
    bench.carry_out(fail_over(HOME));
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
    assert!(!bench.judge().takes_users(0) && bench.judge().in_service(1));
    bench.carry_out(fail_back(HOME, false));
    assert_eq!(state(&bench, HOME), Pool::Running);
    assert!(bench.judge().in_service(0));
}

fn with_store() -> Deployment {
    let mut deployment = pair();
    deployment.pools[0].hosts_management_store = true;
    deployment
}

#[test]
fn a27_a_pool_with_the_management_store_refuses_or_takes_the_store_down() {
    let menu = [fail_over(HOME), fail_back(HOME, false), move_store(true)];
    let mut bench = deployed(with_store(), &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(HOME)), Failed);
    let setup = deployed(with_store(), &menu).reading(&[(Reading::StoreGuard, 1)]);
    let mut bench = setup.with_group(&[0, 1, 2]);
    bench.carry_out(fail_over(HOME));
    assert_eq!(state(&bench, HOME), Pool::FailedOver);
    bench.issue(fail_back(HOME, false));
    assert!(!bench.can(Step::Advance { shell: 0 }), "nothing can write the configuration");
    assert_eq!(bench.issue(move_store(true)), Done);
    bench.quiet();
    assert_eq!(state(&bench, HOME), Pool::Running);
}

#[test]
fn r10_a_move_of_the_store_blocks_the_next_until_it_is_known_everywhere() {
    let menu = [move_store(false), move_store(true)];
    let mut bench = deployed(with_store(), &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(move_store(false)), Done);
    assert_eq!(bench.issue(move_store(false)), Failed);
    assert_eq!(bench.issue(move_store(true)), Failed);
    bench.step(Step::Replicated);
    assert_eq!(bench.issue(move_store(false)), Done);
}

#[test]
fn r10_nothing_of_a_move_is_told_while_the_pool_with_the_store_is_down() {
    let menu = [move_store(false), stop_at_once(3, ServiceSet::ALL), stop_at_once(4, ServiceSet::ALL)];
    let mut bench = deployed(with_store(), &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(move_store(false)), Done);
    assert!(bench.can(Step::Replicated));
    bench.issue(menu[1].clone());
    bench.issue(menu[2].clone());
    assert!(bench.state.store.replicating && !bench.can(Step::Replicated));
}

#[test]
fn no_group_moves_with_the_users_of_a_standard_edition_pool() {
    let mut deployment = pool_of(1);
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    for (pool, other) in [(HOME, PARTNER), (PARTNER, HOME)] {
        let described = &mut deployment.pools[pool.0];
        (described.kind, described.back_end, described.paired_with) = (PoolKind::StandardEdition, None, Some(other));
    }
    for pool in [HOME, PARTNER] {
        let mut bench = deployed(deployment.clone(), &[fail_over(pool)]).with_group(&[]);
        assert_eq!((bench.state.tracked_home, bench.state.tracked_pool), (0, 0));
        bench.carry_out(fail_over(pool));
        assert_eq!(state(&bench, pool), Pool::FailedOver);
        assert_eq!((bench.state.tracked_home, bench.state.tracked_pool), (0, 0));
    }
}

#[test]
fn r29_a_master_that_was_not_told_may_go_on() {
    let menu = [move_store(true)];
    for (reading, one) in [(0, true), (1, false)] {
        let setup = deployed(with_store(), &menu).reading(&[(Reading::OldMaster, reading)]);
        let mut bench = setup.with_group(&[0, 1, 2]);
        assert_eq!(bench.issue(move_store(true)), Done);
        assert_eq!(bench.holds(PropertyName::OneManagementStore), one);
        // Then the move is known everywhere but there, and the store does not move again (R10).
        bench.step(Step::Replicated);
        assert_eq!(bench.issue(move_store(true)), if one { Done } else { Failed });
    }
}

#[test]
fn r29_a_pool_that_stops_before_the_move_is_replicated_was_not_told() {
    let menu = [move_store(false), fail_over(HOME), fail_back(HOME, false)];
    let go = |wait: bool| {
        let setup = deployed(with_store(), &menu).reading(&[(Reading::OldMaster, 1)]);
        let mut bench = setup.with_group(&[0, 1, 2]);
        bench.issue(move_store(false));
        if wait {
            bench.step(Step::Replicated);
        }
        bench.issue(fail_over(HOME));
        for _ in 0..3 {
            bench.step(Step::Advance { shell: 0 });
        }
        assert!(bench.holds(PropertyName::OneManagementStore), "the old master is stopped");
        bench.carry_out(fail_back(HOME, false));
        bench.holds(PropertyName::OneManagementStore)
    };
    assert!(go(true) && !go(false));
}

#[test]
fn f6_5_the_store_moves_only_between_pools_that_answer() {
    let menu = [move_store(false), move_store(true)];
    let stopped = |pool| deployed(with_store(), &menu).initially(&[Initially::PoolStopped(pool)]);
    let mut bench = stopped(HOME).with_group(&[3, 4, 5]);
    assert_eq!(bench.issue(move_store(false)), Failed);
    assert_eq!(bench.issue(move_store(true)), Done);
    let mut bench = stopped(PARTNER).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(move_store(true)), Failed);
}
