//! Pools and routing groups: votes, starts, replicas, resets (sections 3 and 4 of the facts).

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::server::State as Server;
use crate::lifecycle::service::State;
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::step::Step;
use crate::model::tests::bench::{Bench, deployed, pool};
use crate::model::tests::build::command::*;
use crate::model::tests::build::pool_of;
use crate::runbook::{Command, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially};
use crate::topology::{BackEnd, PoolId, ServerId, ServiceSet};

fn lost(servers: &[usize]) -> Vec<Initially> {
    servers.iter().map(|server| Initially::Lost(ServerId(*server))).collect()
}

fn mirrored(front_ends: usize, witness: bool) -> crate::topology::Deployment {
    let mut deployment = pool_of(front_ends);
    deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness });
    deployment
}

#[test]
fn f3_8_the_pool_stays_functional_down_to_the_tables_number() {
    for (front_ends, needed) in [(2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4)] {
        let out: Vec<usize> = (needed..front_ends).collect();
        let group: Vec<usize> = (0..front_ends.min(3)).collect();
        let bench = pool(front_ends, &[]).initially(&lost(&out)).with_group(&group);
        assert_eq!(bench.pool_state(), Pool::Running, "{needed} of {front_ends}");
        let one_less: Vec<usize> = (needed - 1..front_ends).collect();
        let bench = pool(front_ends, &[]).initially(&lost(&one_less)).with_group(&group);
        // With none left there is nobody who would go on for some minutes.
        let lost = if needed == 1 { Pool::Stopped } else { Pool::QuorumLost };
        assert_eq!(bench.pool_state(), lost, "{} of {front_ends}", needed - 1);
    }
}

#[test]
fn f3_4_below_the_number_all_services_of_all_servers_stop() {
    let mut bench = pool(3, &[]).initially(&lost(&[1, 2])).with_group(&[0, 1, 2]);
    assert_eq!(bench.service(0, "W3SVC"), State::Running, "for some minutes (A1)");
    bench.step(Step::PoolStops { pool: 0 });
    for name in ["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU"] {
        assert_eq!(bench.service(0, name), State::Stopped, "{name}");
    }
    assert_eq!(bench.pool_state(), Pool::Stopped);
}

#[test]
fn f3_20_a_voter_that_returns_in_time_saves_the_pool() {
    let menu = [stop(1, ServiceSet::ALL), start(1, ServiceSet::ALL)];
    let mut bench = pool(3, &menu).initially(&lost(&[2])).with_group(&[0, 1, 2]);
    bench.issue(menu[0].clone());
    while bench.pool_state() == Pool::Running {
        bench.step(Step::Advance { shell: 0 });
    }
    bench.quiet();
    bench.carry_out(menu[1].clone());
    assert_eq!(bench.pool_state(), Pool::Running);
}

#[test]
fn r3_f3_11_two_front_ends_on_the_mirror_lose_the_pool_with_the_first_that_goes() {
    let menu = [stop(0, ServiceSet::ALL)];
    let setup = |vote| deployed(mirrored(2, false), &menu).reading(&[(Reading::MirrorVote, vote)]);
    let mirror = [Initially::OnMirror(PoolId(0))];
    for (vote, after) in [(0, Pool::QuorumLost), (1, Pool::Running)] {
        let mut bench = setup(vote).initially(&mirror).with_group(&[0, 1]);
        assert_eq!(bench.pool_state(), Pool::Running);
        bench.carry_out(menu[0].clone());
        assert_eq!(bench.pool_state(), after, "mirror-vote {vote}");
    }
}

#[test]
fn f3_12_without_its_database_a_pool_of_two_needs_both() {
    let faults = Faults { sql_principal_failures: 1, ..Faults::default() };
    let mut bench = deployed(mirrored(2, true), &[stop(0, ServiceSet::ALL)]).faults(faults).with_group(&[0, 1]);
    bench.step(Step::PrincipalFails { pool: 0 });
    assert!(bench.can(Step::MirrorTakesOver { pool: 0 }), "a witness makes it automatic (F9.1)");
    bench.carry_out(stop(0, ServiceSet::ALL));
    assert_eq!(bench.pool_state(), Pool::QuorumLost);
}

#[test]
fn f9_1_without_a_witness_somebody_has_to_fail_the_database_over() {
    let faults = Faults { sql_principal_failures: 1, ..Faults::default() };
    let menu = [database(true), database(false)];
    let mut bench = deployed(mirrored(3, false), &menu).faults(faults).with_group(&[0, 1, 2]);
    bench.step(Step::PrincipalFails { pool: 0 });
    assert!(!bench.can(Step::MirrorTakesOver { pool: 0 }));
    assert_eq!(bench.issue(database(false)), Failed, "a principal that is down cannot be made the principal (F9.4)");
    assert_eq!(bench.issue(database(true)), Done);
    let mut single = pool(3, &menu).with_group(&[0, 1, 2]);
    assert_eq!(single.issue(database(true)), Failed, "there is no mirror");
}

#[test]
fn c1_the_sql_vote_matters_in_an_odd_pool_without_its_database() {
    for (vote, needed) in [(0, 2), (1, 3)] {
        let setup = deployed(mirrored(3, false), &[]).reading(&[(Reading::SqlVote, vote)]);
        let bench = setup.initially(&[Initially::OnMirror(PoolId(0))]).with_group(&[0, 1, 2]);
        assert_eq!(bench.judge().votes(0).needed, needed, "F3.14");
    }
}

#[test]
fn f3_7_a_whole_pool_start_needs_the_first_start_number() {
    for (front_ends, needed) in [(2, 1), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5)] {
        let group: Vec<usize> = (0..front_ends.min(3)).collect();
        let starts = |running: usize| {
            let out: Vec<usize> = (running..front_ends).collect();
            let mut initially = lost(&out);
            initially.push(Initially::PoolStopped(PoolId(0)));
            let mut bench = pool(front_ends, &[start_pool(false)]).initially(&initially).with_group(&group);
            bench.carry_out(start_pool(false));
            bench
        };
        assert_eq!(starts(needed).pool_state(), Pool::Running, "{needed} of {front_ends}");
        let fewer = starts(needed - 1);
        assert_eq!(fewer.pool_state(), Pool::Stopped, "{} of {front_ends}", needed - 1);
        if needed > 1 {
            assert_eq!(fewer.service(0, "RTCSRV"), State::StartPending, "stuck in starting (F3.2, R6)");
            assert!(fewer.can(Step::Expire { shell: 0 }), "the cmdlet does not wait for ever");
        }
    }
}

#[test]
fn c3_f3_22_by_the_event_text_small_pools_need_every_machine() {
    for (reading, after) in [(0, Pool::Running), (1, Pool::Stopped)] {
        let setup = pool(2, &[start_pool(false)]).reading(&[(Reading::ColdStart, reading)]);
        let mut bench = setup.initially(&[Initially::PoolStopped(PoolId(0)), lost(&[1])[0]]).with_group(&[0, 1]);
        bench.carry_out(start_pool(false));
        assert_eq!(bench.pool_state(), after);
    }
}

#[test]
fn f3_3_quorum_loss_recovery_starts_a_pool_that_has_its_votes() {
    let menu = [start_pool(false), reset(Reset::QuorumLossRecovery)];
    let mut bench =
        pool(3, &menu).initially(&[Initially::PoolStopped(PoolId(0)), lost(&[2])[0]]).with_group(&[0, 1, 2]);
    bench.carry_out(start_pool(false));
    assert_eq!(bench.pool_state(), Pool::Stopped);
    assert_eq!(bench.carry_out(menu[1].clone()), Done);
    assert_eq!(bench.pool_state(), Pool::Running);
}

#[test]
fn f4_12_quorum_loss_recovery_is_useless_under_pool_level_loss() {
    let menu = [reset(Reset::QuorumLossRecovery)];
    let mut bench = pool(3, &menu).initially(&lost(&[1, 2])).with_group(&[0, 1, 2]);
    assert_eq!(bench.carry_out(menu[0].clone()), Failed);
    assert_eq!(bench.pool_state(), Pool::QuorumLost);
    bench.step(Step::PoolStops { pool: 0 });
    assert_eq!(bench.carry_out(menu[0].clone()), Failed);
}

#[test]
fn f4_12_quorum_loss_recovery_reloads_only_groups_in_quorum_loss() {
    let menu = [reset(Reset::QuorumLossRecovery)];
    let bench = |group: &[usize]| pool(5, &menu).initially(&lost(&[3, 4])).with_group(group);
    let replicas = |bench: &Bench| (0..5).map(|server| bench.replica(server)).collect::<Vec<_>>();
    let mut degraded = bench(&[0, 1, 3]);
    let before = replicas(&degraded);
    assert_eq!(degraded.issue(menu[0].clone()), Done);
    assert_eq!(replicas(&degraded), before);
    let mut without_quorum = bench(&[0, 3, 4]);
    assert!(!without_quorum.holds(PropertyName::RoutingGroupQuorum), "two of three are lost (F4.6, C16)");
    assert!(!without_quorum.can(Step::BuildBegins { on: 1 }), "fabric waits without end (F8.11)");
    assert_eq!(without_quorum.carry_out(menu[0].clone()), Done);
    assert!(without_quorum.holds(PropertyName::RoutingGroupQuorum));
    assert!(without_quorum.judge().group().whole());
}

#[test]
fn f4_6_a_lost_primary_is_replaced_by_a_secondary_and_a_new_replica_is_built() {
    let menu = [stop(0, ServiceSet::named(&["RTCSRV"]))];
    let mut bench = pool(4, &menu).with_group(&[0, 1, 2]);
    bench.issue(menu[0].clone());
    assert_eq!(bench.replica(0), Replica::Down);
    assert!(!bench.can(Step::BuildBegins { on: 3 }), "there is nobody to copy from yet");
    bench.step(Step::Promote { to: 2 }).step(Step::BuildBegins { on: 3 }).step(Step::Built { on: 3 });
    assert_eq!((bench.replica(0), bench.replica(3)), (Replica::Absent, Replica::Secondary));
    assert!(bench.judge().group().whole());
}

#[test]
fn f8_11_a_replica_reopens_with_its_server_and_its_replacement_is_called_off() {
    let menu = [stop(2, ServiceSet::named(&["RTCSRV"])), start(2, ServiceSet::named(&["RTCSRV"]))];
    let mut bench = pool(4, &menu).with_group(&[0, 1, 2]);
    bench.issue(menu[0].clone());
    bench.step(Step::BuildBegins { on: 3 });
    bench.issue(menu[1].clone());
    bench.services_start(2);
    assert_eq!((bench.replica(2), bench.replica(3)), (Replica::Secondary, Replica::Absent));
}

#[test]
fn a11_in_a_pool_of_two_one_replica_serves_alone() {
    let bench = pool(2, &[]).initially(&lost(&[1])).with_group(&[0, 1]);
    assert!(bench.holds(PropertyName::RoutingGroupQuorum) && bench.holds(PropertyName::PoolQuorum));
    assert!(!bench.holds(PropertyName::SurvivesOneMoreCrash));
}

#[test]
fn f4_17_a_start_without_some_servers_needs_the_number_of_a_first_start() {
    let stopped = [Initially::PoolStopped(PoolId(0))];
    let without = |skip: &[usize]| Command::StartPool {
        pool: PoolId(0),
        recover: false,
        skip: skip.iter().map(|server| ServerId(*server)).collect(),
    };
    // Three of four have to start where the table is meant (F3.7).
    let menu = [without(&[3]), without(&[2, 3])];
    let bench = || pool(4, &menu).initially(&stopped).reading(&[(Reading::ColdStart, 0)]).with_group(&[0, 1, 2]);
    let mut enough = bench();
    assert_eq!(enough.carry_out(menu[0].clone()), Blocked);
    assert_eq!((enough.pool_state(), enough.service(3, "RTCSRV")), (Pool::Running, State::Stopped));
    let mut too_few = bench();
    assert_eq!(too_few.carry_out(menu[1].clone()), Failed);
    assert_eq!((too_few.pool_state(), too_few.service(0, "RTCSRV")), (Pool::Stopped, State::Stopped));
}

#[test]
fn f4_11_a_service_reset_stops_fabric_on_the_whole_pool() {
    let menu = [reset(Reset::Service)];
    let mut bench = pool(4, &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(menu[0].clone()), Blocked);
    assert_eq!(bench.pool_state(), Pool::Stopped);
    assert!((0..4).all(|server| !bench.judge().node_up(server)));
    assert_eq!(bench.service(0, "W3SVC"), State::Running);
    bench.quiet();
    assert_eq!((bench.pool_state(), bench.state.shells[0].at), (Pool::Running, 0));
}

#[test]
fn f4_14_a_server_whose_state_is_removed_leaves_the_pool() {
    let menu = [reset(Reset::MachineStateRemoved(ServerId(2)))];
    let mut bench = pool(4, &menu).initially(&lost(&[2])).with_group(&[0, 1, 2]);
    assert_eq!(bench.carry_out(menu[0].clone()), Done);
    assert_eq!((bench.availability(2), bench.replica(2)), (Server::Removed, Replica::Absent));
    assert!(bench.judge().group().whole());
    assert_eq!(bench.issue(menu[0].clone()), Failed, "it is no member any more");
}

#[test]
fn f4_14_a_server_that_has_left_the_pool_is_missed_by_nobody() {
    let removal = |server| reset(Reset::MachineStateRemoved(ServerId(server)));
    let menu = [removal(2), removal(3), stop_at_once(1, ServiceSet::ALL), start(1, ServiceSet::ALL)];
    let stopped = [2, 3].map(|server| Initially::Stopped(ServerId(server)));
    let mut bench = pool(4, &menu).initially(&stopped).with_group(&[0, 1, 3]);
    assert!(!bench.holds(PropertyName::ReturnsToService));
    assert_eq!((bench.carry_out(removal(2)), bench.carry_out(removal(3))), (Done, Done));
    assert!(bench.holds(PropertyName::ReturnsToService) && bench.holds(PropertyName::Recoverable));
    // Two servers cannot hold three replicas, so to have them is not what is normal any more.
    bench.carry_out(menu[2].clone());
    assert!(!bench.holds(PropertyName::Recoverable));
    bench.carry_out(menu[3].clone());
    bench.services_start(1);
    assert!(bench.holds(PropertyName::Recoverable));
}

#[test]
fn f4_14_a_server_that_has_left_the_pool_has_no_vote_though_it_runs() {
    let removal = reset(Reset::MachineStateRemoved(ServerId(2)));
    let mut bench = pool(4, std::slice::from_ref(&removal)).with_group(&[0, 1, 3]);
    assert!(bench.judge().node_up(2));
    assert_eq!(bench.carry_out(removal), Done);
    assert_eq!(bench.service(2, "FabricHostSvc"), State::Running);
    assert!(!bench.judge().node_up(2));
}

#[test]
fn f4_14_a_server_of_another_pool_cannot_be_removed() {
    let mut deployment = pool_of(3);
    crate::model::tests::build::add_pool(&mut deployment, crate::topology::PoolKind::Enterprise, 1);
    let menu = [reset(Reset::MachineStateRemoved(ServerId(3)))];
    let mut bench = deployed(deployment, &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(menu[0].clone()), Failed);
    assert_eq!(bench.availability(3), Server::Running);
}

#[test]
fn f4_14_a_standard_edition_server_does_not_leave_itself() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = crate::topology::PoolKind::StandardEdition;
    let menu = [reset(Reset::MachineStateRemoved(ServerId(0)))];
    let mut bench = deployed(deployment, &menu).with_group(&[]);
    assert_eq!(bench.issue(menu[0].clone()), Failed);
    assert_eq!(bench.availability(0), Server::Running);
}

#[test]
fn f8_6_sql_always_counts_as_up_in_fabrics_check() {
    let command: Command = fail_over(0);
    let setup = deployed(mirrored(4, false), std::slice::from_ref(&command));
    let bench = setup.initially(&[Initially::OnMirror(PoolId(0)), lost(&[3])[0]]).with_group(&[0, 1, 2]);
    // Three voters of four are up and SQL is not: without one more the pool would be lost, and fabric does not see it.
    assert_eq!(bench.judge().votes(0).needed, 3);
    assert!(bench.judge().safety_checks_pass(0));
}
