//! Services: start, stop, drain, pause, startup types, reboots (section 1 of the facts).

use crate::lifecycle::server::State as Server;
use crate::lifecycle::service::{Startup, State};
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::step::{Step, event};
use crate::model::tests::bench::{deployed, pool};
use crate::model::tests::build::command::*;
use crate::model::tests::build::{add_pool, pool_of};
use crate::runbook::Command;
use crate::scenario::{Faults, Initially};
use crate::topology::{PoolKind, ServerId, ServiceSet};

fn rtcsrv() -> ServiceSet {
    ServiceSet::named(&["RTCSRV"])
}

fn fabric_host() -> ServiceSet {
    ServiceSet::named(&["FabricHostSvc"])
}

#[test]
fn a18_a_stop_of_the_fabric_host_stops_the_front_end_service_first() {
    let stop = stop(0, fabric_host());
    let mut bench = pool(3, &[stop.clone(), start(0, rtcsrv())]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(stop), Blocked);
    assert_eq!((bench.service(0, "RTCSRV"), bench.service(0, "FabricHostSvc")), (State::Stopped, State::Running));
    bench.quiet();
    assert_eq!(bench.service(0, "FabricHostSvc"), State::Stopped);
    assert_eq!(bench.service(0, "W3SVC"), State::Running);
}

#[test]
fn f1_47_a_stop_of_the_front_end_service_leaves_the_fabric_node_up() {
    let mut bench = pool(3, &[stop(0, rtcsrv()), stop(0, fabric_host())]).with_group(&[0, 1, 2]);
    assert_eq!(bench.carry_out(stop(0, rtcsrv())), Done);
    assert!(bench.judge().node_up(0) && !bench.judge().replica_possible(0));
}

#[test]
fn f1_55_users_are_not_sent_to_a_server_whose_fabric_host_is_paused() {
    let pause = Command::PauseServices { server: ServerId(0), services: fabric_host() };
    let mut bench = pool(3, std::slice::from_ref(&pause)).with_group(&[0, 1, 2]);
    bench.carry_out(pause);
    assert_eq!((bench.service(0, "FabricHostSvc"), bench.service(0, "RTCSRV")), (State::Paused, State::Running));
    assert!(!bench.judge().takes_users(0) && bench.judge().node_up(0));
}

#[test]
fn f1_47_a_stop_of_what_is_not_installed_stops_nothing() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = PoolKind::Edge;
    let menu = [stop(0, fabric_host()), stop(0, rtcsrv())];
    let mut bench = deployed(deployment, &menu).with_group(&[]);
    assert_eq!(bench.carry_out(stop(0, fabric_host())), Failed);
    assert_eq!(bench.service(0, "RTCSRV"), State::Running, "what would need it needs it only where it is");
    assert_eq!(bench.carry_out(stop(0, rtcsrv())), Done);
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
}

#[test]
fn f1_38_a_start_of_the_front_end_service_starts_the_fabric_host() {
    let start = start(0, rtcsrv());
    let mut bench = pool(3, &[start.clone(), stop(0, fabric_host())])
        .initially(&[Initially::Stopped(ServerId(0))])
        .with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(start), Blocked);
    assert_eq!(bench.service(0, "FabricHostSvc"), State::StartPending);
    bench.quiet();
    assert_eq!(bench.service(0, "RTCSRV"), State::Running);
    assert_eq!(bench.service(0, "W3SVC"), State::Stopped);
}

#[test]
fn f1_38_the_fabric_host_is_up_before_the_front_end_service_is() {
    let start = start(0, rtcsrv());
    let mut bench = pool(3, &[start.clone(), stop(0, fabric_host())])
        .initially(&[Initially::Stopped(ServerId(0))])
        .with_group(&[0, 1, 2]);
    bench.issue(start);
    let [fabric, front_end] =
        ["FabricHostSvc", "RTCSRV"].map(|service| Step::ServicesStart { group: bench.group_of(0, service) as u16 });
    assert!(bench.can(fabric) && !bench.can(front_end));
    bench.step(fabric);
    assert!(bench.judge().node_up(0) && bench.service(0, "RTCSRV") == State::StartPending);
    assert!(bench.can(front_end));
}

#[test]
fn f1_38_a_start_of_the_fabric_host_does_not_start_what_depends_on_it() {
    let start = start(0, fabric_host());
    let mut bench =
        pool(3, std::slice::from_ref(&start)).initially(&[Initially::Stopped(ServerId(0))]).with_group(&[0, 1, 2]);
    bench.carry_out(start);
    assert_eq!(bench.service(0, "FabricHostSvc"), State::Running);
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
}

#[test]
fn f1_37_starting_what_runs_is_no_error() {
    let start = start(0, ServiceSet::ALL);
    let mut bench = pool(3, std::slice::from_ref(&start)).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(start), Done);
    assert_eq!(bench.availability(0), Server::Running);
}

#[test]
fn f1_43_a_start_on_a_failed_over_server_is_an_error() {
    let start = start(0, ServiceSet::ALL);
    let mut bench =
        pool(4, std::slice::from_ref(&start)).initially(&[Initially::FailedOver(ServerId(0))]).with_group(&[1, 2, 3]);
    assert_eq!(bench.carry_out(start), Failed);
    assert_eq!((bench.service(0, "RTCSRV"), bench.availability(0)), (State::Stopped, Server::FailedOver));
}

#[test]
fn a8_under_the_other_reading_the_services_start_and_nobody_is_sent_there() {
    let start = start(0, ServiceSet::ALL);
    let mut bench = pool(4, std::slice::from_ref(&start))
        .reading(&[(crate::scenario::readings::Reading::StartOnFailedOver, 1)])
        .initially(&[Initially::FailedOver(ServerId(0))])
        .with_group(&[1, 2, 3]);
    assert_eq!(bench.carry_out(start), Blocked);
    assert_eq!((bench.service(0, "RTCSRV"), bench.availability(0)), (State::Running, Server::FailedOver));
    assert!(!bench.judge().takes_users(0) && !bench.judge().replica_possible(0));
}

#[test]
fn f1_48_a_graceful_stop_drains_and_waits() {
    let drain = drain(0, ServiceSet::ALL);
    let mut bench = pool(3, std::slice::from_ref(&drain)).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(drain), Blocked);
    assert_eq!(bench.service(0, "RTCSRV"), State::Draining);
    assert!(!bench.judge().takes_users(0), "nothing new is accepted");
    bench.quiet();
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
    assert_eq!(bench.availability(0), Server::Stopped);
}

#[test]
fn f1_48_no_bound_ends_a_graceful_stop() {
    let drain = drain(0, ServiceSet::ALL);
    let faults = Faults { hung_conferences: 1, ..Faults::default() };
    let mut bench = pool(3, std::slice::from_ref(&drain)).faults(faults).with_group(&[0, 1, 2]);
    bench.issue(drain);
    let group = bench.group_of(0, "RTCAVMCU") as u16;
    bench.step(Step::Hang { group, live: true }).quiet();
    assert_eq!(bench.service(0, "RTCAVMCU"), State::Draining);
    assert!(!bench.can(Step::Expire { shell: 0 }));
}

#[test]
fn f7_4_f7_5_a_second_shell_ends_the_drain_and_with_it_the_conference() {
    let (drain, stop) = (drain(0, ServiceSet::ALL), stop(0, ServiceSet::named(&["RTCAVMCU"])));
    let faults = Faults { hung_conferences: 1, ..Faults::default() };
    for (live, cut) in [(true, event::CALL_CUT), (false, 0)] {
        let mut bench = pool(3, &[drain.clone(), stop.clone()]).faults(faults.clone()).with_group(&[0, 1, 2]);
        bench.issue(drain.clone());
        let group = bench.group_of(0, "RTCAVMCU") as u16;
        bench.step(Step::Hang { group, live }).quiet();
        assert_eq!(bench.issue(stop.clone()), Done);
        assert_eq!(bench.events, cut, "a conference that had ended is not cut");
        bench.quiet();
        assert_eq!(bench.state.shells[0].at, 0, "the first shell goes on");
    }
}

#[test]
fn f1_53_a_second_shells_start_cancels_a_drain_and_the_first_shell_sees_an_error() {
    let (drain, start) = (drain(0, rtcsrv()), start(0, rtcsrv()));
    let mut bench = pool(3, &[drain.clone(), start.clone()]).with_group(&[0, 1, 2]);
    bench.issue(drain);
    assert_eq!(bench.issue(start), Done);
    assert_eq!(bench.service(0, "RTCSRV"), State::Running);
    bench.quiet();
    assert!(bench.state.shells.iter().all(|shell| shell.at == 0));
}

#[test]
fn f1_56_a_reboot_undoes_a_pause() {
    let menu = [pause(0), restart(0)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.carry_out(pause(0)), Done);
    assert!(!bench.judge().takes_users(0) && bench.judge().node_up(0));
    bench.carry_out(restart(0));
    assert!(bench.judge().in_service(0));
}

#[test]
fn f1_56_unless_the_services_were_set_to_manual_first() {
    let menu = [pause(0), startup(0, Startup::Manual), restart(0)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    menu.into_iter().for_each(|command| {
        bench.carry_out(command);
    });
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
    assert_eq!(bench.availability(0), Server::Stopped);
}

#[test]
fn f1_57_a_reboot_brings_stopped_services_back() {
    let menu = [stop(0, ServiceSet::ALL), restart(0)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    bench.carry_out(menu[0].clone());
    assert_eq!(bench.startup(0, "RTCSRV"), Startup::Automatic);
    bench.carry_out(menu[1].clone());
    assert!(bench.judge().in_service(0));
}

#[test]
fn f1_49_no_wait_returns_at_once() {
    let stop = |wait| Command::StopServices { server: ServerId(0), services: rtcsrv(), graceful: true, wait };
    let start = Command::StartServices { server: ServerId(0), services: rtcsrv(), wait: false };
    let mut bench = pool(3, &[stop(false), stop(true), start.clone()]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(stop(false)), Done);
    assert_eq!(bench.service(0, "RTCSRV"), State::Draining);
    bench.quiet();
    assert_eq!(bench.issue(start), Done);
    assert_eq!(bench.service(0, "RTCSRV"), State::StartPending, "returned before it is really up (F1.41)");
}

#[test]
fn a7_a_machine_that_is_down_cannot_be_acted_on() {
    let menu = [start(0, ServiceSet::ALL), fail_over(0), fail_back(0), restart(0), install(0)];
    for command in menu.clone() {
        let mut bench = pool(4, &menu).initially(&[Initially::Lost(ServerId(0))]).with_group(&[1, 2, 3]);
        let before = bench.state.clone();
        assert_eq!(bench.issue(command), Failed);
        assert_eq!(bench.state, before);
    }
}

#[test]
fn s3_f2_1_computer_fail_over_is_for_enterprise_front_ends() {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    add_pool(&mut deployment, PoolKind::Mediation, 1);
    let menu = [
        fail_over(3),
        fail_over(4),
        install(0),
        drain(3, ServiceSet::ALL),
        drain(4, ServiceSet::named(&["RTCMEDSRV"])),
    ];
    let mut bench = deployed(deployment, &menu).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(3)), Failed);
    assert_eq!(bench.issue(fail_over(4)), Failed);
    assert_eq!(bench.carry_out(menu[3].clone()), Blocked);
    assert_eq!(bench.carry_out(menu[4].clone()), Blocked);
    assert_eq!((bench.availability(3), bench.availability(4)), (Server::Stopped, Server::Stopped));
    assert_eq!(bench.service(4, "REPLICA"), State::Running, "configuration changes still arrive (F1.61)");
}
