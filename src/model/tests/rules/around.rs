//! The Back End, starts that hang, publications, capacity (sections 3.2, 5.3 and 9 of the facts).

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::service::State;
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::state::Database;
use crate::model::step::{Step, event};
use crate::model::tests::bench::{Bench, Setup, deployed, pool};
use crate::model::tests::build::{add_pool, command::*, pool_of};
use crate::runbook::{Command, Query, Readiness, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Crash, Faults, Initially, Returns};
use crate::topology::{BackEnd, PoolId, PoolKind, ServerId, ServiceSet};

const POOL: PoolId = PoolId(0);

fn mirrored(front_ends: usize, witness: bool, menu: &[Command], faults: Faults) -> Setup {
    let mut deployment = pool_of(front_ends);
    deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness });
    deployed(deployment, menu).faults(faults)
}

fn failures(sql_principal_failures: u8) -> Faults {
    Faults { sql_principal_failures, ..Faults::default() }
}

fn serves(bench: &Bench) -> Database {
    bench.state.pools[0].database
}

#[test]
fn f9_2_principal_and_mirror_lost_is_the_back_end_lost() {
    let mut bench = mirrored(3, true, &[database(true), database(false)], failures(2)).with_group(&[0, 1, 2]);
    bench.step(Step::PrincipalFails { pool: 0 }).step(Step::MirrorTakesOver { pool: 0 });
    assert!(bench.holds(PropertyName::FullService));
    bench.step(Step::PrincipalFails { pool: 0 });
    assert_eq!(serves(&bench), Database::Lost);
    assert!(!bench.holds(PropertyName::FullService));
    assert!(!bench.can(Step::MirrorTakesOver { pool: 0 }));
    assert_eq!(bench.issue(database(true)), Failed);
}

#[test]
fn f9_1_without_a_witness_somebody_has_to_move_the_database() {
    let mut bench = mirrored(3, false, &[database(true)], failures(1)).with_group(&[0, 1, 2]);
    bench.step(Step::PrincipalFails { pool: 0 });
    assert!(!bench.can(Step::MirrorTakesOver { pool: 0 }) && !bench.holds(PropertyName::FullService));
    assert_eq!(bench.issue(database(true)), Done);
    assert_eq!(serves(&bench), Database::MirrorAlone);
}

#[test]
fn f9_4_a_principal_that_failed_may_or_may_not_be_there_to_move_back_to() {
    let menu = [database(false)];
    let bench = mirrored(3, false, &menu, Faults::default());
    let bench = bench.initially(&[Initially::OnMirror(POOL)]).with_group(&[0, 1, 2]);
    let back = Step::Issue { shell: 0, item: 0 };
    let after = stateright::Model::next_steps(&bench.model, &bench.state);
    let after: Vec<Database> =
        after.iter().filter(|(action, _)| action.step == back).map(|(_, next)| next.pools[0].database).collect();
    assert_eq!(after, [Database::Principal, Database::MirrorAlone]);
}

#[test]
fn f5_13_the_principal_is_patched_while_the_mirror_serves() {
    let stop = Command::StopDatabase { pool: POOL };
    let start = Command::StartDatabase { pool: POOL };
    let menu = [database(true), stop.clone(), start.clone(), database(false)];
    let mut bench = mirrored(3, false, &menu, Faults::default()).with_group(&[0, 1, 2]);
    for (command, then) in [
        (database(true), Database::Mirror),
        (stop.clone(), Database::MirrorAlone),
        (start.clone(), Database::Mirror),
        (database(false), Database::Principal),
    ] {
        assert_eq!(bench.issue(command), Done);
        assert_eq!(serves(&bench), then);
        assert!(bench.holds(PropertyName::FullService));
    }
    bench.issue(stop.clone());
    assert_eq!(serves(&bench), Database::Down);
    assert_eq!(bench.issue(stop), Failed);
    assert!(!bench.holds(PropertyName::FullService));
    assert_eq!((bench.issue(start), serves(&bench)), (Done, Database::Principal));
    assert!(bench.holds(PropertyName::FullService));
}

/// A pool of two that is stopped after its first front end went, and then its second.
fn both_down(menu: &[Command]) -> Bench {
    let crash = Crash { at_most: 1, servers: vec![ServerId(0)], returns: Returns::Yes };
    let faults = Faults { crash: Some(crash), ..Faults::default() };
    let mut bench = pool(2, menu).faults(faults).with_group(&[0, 1]);
    bench.step(Step::Crash { server: 0, to: crate::lifecycle::server::Power::Crashed });
    assert_eq!(bench.pool_state(), Pool::Running, "one of two and SQL are enough");
    bench.issue(stop_at_once(1, ServiceSet::ALL));
    assert_eq!(bench.pool_state(), Pool::Stopped, "nobody is left to go on for some minutes");
    bench.step(Step::Boot { server: 0 });
    bench
}

#[test]
fn f3_28_of_two_front_ends_the_last_to_go_is_the_first_to_start() {
    let stop = stop_at_once(1, ServiceSet::ALL);
    let start = Command::StartServices { server: ServerId(1), services: ServiceSet::ALL, wait: false };
    let menu = [stop, start.clone(), reset(Reset::QuorumLossRecovery)];
    let mut bench = both_down(&menu);
    assert!(!bench.can(Step::PoolStarts { pool: 0 }), "the first front end alone may not have what was written last");
    bench.issue(start);
    assert!(bench.can(Step::PoolStarts { pool: 0 }));
    let mut bench = both_down(&menu);
    assert_eq!(bench.issue(reset(Reset::QuorumLossRecovery)), Done);
    assert_eq!(bench.pool_state(), Pool::Running);
}

#[test]
fn r6_after_a_power_loss_of_both_either_may_begin() {
    for server in [0, 1] {
        let start = Command::StartServices { server: ServerId(server), services: ServiceSet::ALL, wait: false };
        let setup = pool(2, std::slice::from_ref(&start)).initially(&[Initially::PoolStopped(POOL)]);
        let mut bench = setup.with_group(&[0, 1]);
        bench.issue(start);
        assert!(bench.can(Step::PoolStarts { pool: 0 }));
    }
}

fn one_start_hangs() -> Faults {
    Faults { hung_starts: 1, ..Faults::default() }
}

#[test]
fn r7_a_start_that_hangs_ends_with_a_stop() {
    let menu = [stop(0, ServiceSet::ALL), start(0, ServiceSet::ALL)];
    let mut bench = pool(4, &menu).faults(one_start_hangs()).with_group(&[1, 2, 3]);
    bench.carry_out(stop(0, ServiceSet::ALL));
    assert_eq!(bench.issue(start(0, ServiceSet::ALL)), Blocked);
    let front_end = bench.group_of(0, "RTCSRV") as u16;
    bench.step(Step::StartHangs { group: front_end }).quiet();
    assert!(!bench.can(Step::ServicesStart { group: front_end }));
    bench.step(Step::Expire { shell: 0 });
    assert_eq!(bench.service(0, "RTCSRV"), State::StartPending, "a time-out proves nothing (F1.44)");
    bench.carry_out(stop(0, ServiceSet::ALL));
    bench.carry_out(start(0, ServiceSet::ALL));
    assert_eq!(bench.service(0, "RTCSRV"), State::Running);
}

#[test]
fn f1_44_a_start_waits_only_for_what_it_starts() {
    let web = ServiceSet::named(&["W3SVC"]);
    let menu = [start(0, ServiceSet::ALL), start(0, web)];
    let mut bench =
        pool(4, &menu).faults(one_start_hangs()).initially(&[Initially::Stopped(ServerId(0))]).with_group(&[1, 2, 3]);
    menu.into_iter().for_each(|command| assert_eq!(bench.issue(command), Blocked));
    let front_end = bench.group_of(0, "RTCSRV") as u16;
    bench.step(Step::StartHangs { group: front_end });
    assert_eq!(bench.service(0, "W3SVC"), State::StartPending);
    assert!(bench.can(Step::Expire { shell: 0 }), "the front-end service is among what this one started");
    assert!(!bench.can(Step::Expire { shell: 1 }), "what this one started comes up");
}

#[test]
fn f3_21_a_start_of_what_does_not_wait_for_the_pool_does_not_either() {
    let web = ServiceSet::named(&["W3SVC"]);
    let menu = [start(0, web), start(0, ServiceSet::ALL)];
    let mut bench = pool(4, &menu).initially(&[Initially::PoolStopped(POOL)]).with_group(&[0, 1, 2]);
    menu.into_iter().for_each(|command| assert_eq!(bench.issue(command), Blocked));
    assert!(!bench.can(Step::Expire { shell: 0 }) && bench.can(Step::Expire { shell: 1 }));
}

#[test]
fn f4_11_f4_17_a_start_or_a_reset_of_a_standard_edition_pool_that_cannot_start_ends() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = PoolKind::StandardEdition;
    let menu = [start_pool(false), reset(Reset::Service)];
    for command in menu.clone() {
        let setup = deployed(deployment.clone(), &menu).faults(one_start_hangs());
        let mut bench = setup.initially(&[Initially::PoolStopped(POOL)]).with_group(&[]);
        assert_eq!(bench.issue(command), Blocked);
        assert!(!bench.can(Step::Expire { shell: 0 }), "it starts");
        let front_end = bench.group_of(0, "RTCSRV") as u16;
        bench.step(Step::StartHangs { group: front_end });
        assert!(bench.can(Step::Expire { shell: 0 }));
    }
}

/// Whether the readiness cmdlet says so of a Standard Edition pool.
fn says(bench: &Bench, is: Readiness) -> bool {
    bench.model.answer(&bench.state, &Query::Readiness { pool: POOL, is })
}

#[test]
fn f5_5_a_pool_without_routing_groups_is_ready_while_its_servers_take_users() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = PoolKind::StandardEdition;
    let menu = [stop(0, ServiceSet::ALL), start(0, ServiceSet::ALL)];
    let mut bench = deployed(deployment, &menu).with_group(&[]);
    assert!(says(&bench, Readiness::Ready));
    bench.carry_out(menu[0].clone());
    assert!(says(&bench, Readiness::InsufficientActiveFrontEnds));
    bench.carry_out(menu[1].clone());
    assert!(says(&bench, Readiness::Ready));
}

#[test]
fn r12_a_server_whose_start_hangs_does_not_count_for_the_start_of_the_pool() {
    let mut bench = pool(3, &[start_pool(false)])
        .faults(one_start_hangs())
        .initially(&[Initially::PoolStopped(POOL)])
        .with_group(&[0, 1, 2]);
    bench.issue(start_pool(false));
    let front_end = bench.group_of(0, "RTCSRV") as u16;
    bench.step(Step::StartHangs { group: front_end });
    assert!(!bench.can(Step::PoolStarts { pool: 0 }));
    bench.step(Step::Expire { shell: 0 });
}

#[test]
fn r14_a_publication_restarts_all_or_none_of_the_servers() {
    let publish = Command::PublishMembers { pool: POOL };
    for (reading, after) in [(0, Pool::Stopped), (1, Pool::Running)] {
        let setup = pool(4, std::slice::from_ref(&publish)).reading(&[(Reading::MemberChange, reading)]);
        let mut bench = setup.with_group(&[0, 1, 2]);
        assert_eq!(bench.issue(publish.clone()), Done);
        assert_eq!(bench.pool_state(), after);
        assert_eq!(bench.events & event::CALL_CUT != 0, reading == 0);
        bench.quiet();
        assert_eq!(bench.pool_state(), Pool::Running);
    }
}

#[test]
fn r14_a_publication_leaves_failed_over_servers_out() {
    let publish = Command::PublishMembers { pool: POOL };
    let setup = pool(4, std::slice::from_ref(&publish)).initially(&[Initially::FailedOver(ServerId(0))]);
    let mut bench = setup.with_group(&[1, 2, 3]);
    bench.carry_out(publish);
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
    assert_eq!(bench.pool_state(), Pool::Running, "three of four are enough to start");
}

#[test]
fn f4_13_a_full_reset_loads_a_group_that_has_lost_its_quorum() {
    let lost = [1, 2].map(|server| Initially::Lost(ServerId(server)));
    let menu = [reset(Reset::Full)];
    // With five front ends the pool has its quorum without two of them, and the group has not.
    let mut bench = pool(5, &menu).initially(&lost).with_group(&[0, 1, 2]);
    assert!(!bench.holds(PropertyName::RoutingGroupQuorum));
    bench.issue(reset(Reset::Full));
    assert!(!bench.can(Step::PoolStarts { pool: 0 }), "three of five are not enough to start (F3.7)");
    let lost = [Initially::Lost(ServerId(1))];
    let crash = Crash { at_most: 1, servers: vec![ServerId(2)], returns: Returns::No };
    let faults = Faults { crash: Some(crash), ..Faults::default() };
    let mut bench = pool(8, &menu).initially(&lost).faults(faults).with_group(&[0, 1, 2]);
    bench.step(Step::Crash { server: 2, to: crate::lifecycle::server::Power::Lost });
    assert!(!bench.holds(PropertyName::RoutingGroupQuorum));
    bench.carry_out(reset(Reset::Full));
    assert!(bench.holds(PropertyName::RoutingGroupQuorum));
    assert_eq!(bench.replica(1), Replica::Absent);
}

#[test]
fn f2_12_capacity_is_what_the_scenario_asks_for() {
    let menu = [stop(0, ServiceSet::ALL), stop(1, ServiceSet::ALL)];
    let mut deployment = pool_of(1);
    add_pool(&mut deployment, PoolKind::Mediation, 2);
    let menu_of = |server: usize| stop(server, ServiceSet::named(&["RTCMEDSRV"]));
    let two = [menu_of(1), menu_of(2)];
    let mut bench = deployed(deployment.clone(), &two).with_group(&[]);
    bench.carry_out(menu_of(1));
    assert!(bench.holds(PropertyName::Capacity), "the trunks use the other one (F9.8)");
    bench.carry_out(menu_of(2));
    assert!(!bench.holds(PropertyName::Capacity));
    let mut bench = pool(3, &menu).capacity(POOL, 3).with_group(&[0, 1, 2]);
    assert!(bench.holds(PropertyName::Capacity));
    bench.carry_out(menu[0].clone());
    assert!(!bench.holds(PropertyName::Capacity));
}

/// A pool without a fabric has no state of its own that a publication could stop, only servers that restart.
#[test]
fn r14_a_publication_about_a_pool_without_a_fabric_restarts_its_servers() {
    let publish = Command::PublishMembers { pool: PoolId(0) };
    for kind in [PoolKind::Edge, PoolKind::StandardEdition] {
        let mut deployment = pool_of(1);
        (deployment.pools[0].kind, deployment.pools[0].back_end) = (kind, None);
        let mut bench = deployed(deployment, std::slice::from_ref(&publish)).with_group(&[]);
        bench.issue(publish.clone());
        assert!(!bench.judge().in_service(0), "it restarts");
        assert!(bench.quiet().judge().in_service(0), "{kind:?}");
    }
}
