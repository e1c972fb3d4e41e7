//! Computer fail-over and fail-back (section 2 of the facts).

use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::server::State as Server;
use crate::lifecycle::service::{Startup, State};
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::step::{Step, event};
use crate::model::tests::bench::{Bench, deployed, pool};
use crate::model::tests::build::command::*;
use crate::model::tests::build::pool_of;
use crate::runbook::{Command, Reset};
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially};
use crate::topology::{ServerId, ServiceSet, Version};

const NO_ACTION: u8 = 0;
const USERS_MOVED: u8 = 1;
const LEFT_PAUSED: u8 = 2;
const FORCE: u8 = 3;

#[test]
fn f2_4_users_move_sessions_drain_services_stop_and_are_disabled() {
    let mut bench = pool(4, &[fail_over(0)]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(fail_over(0)), Blocked);
    assert_eq!(bench.availability(0), Server::Moving);
    assert!(!bench.can(Step::UsersMoved { server: 0 }), "the replica is moved off first (F8.3)");
    bench.step(Step::Swap { to: 1 }).step(Step::BuildBegins { on: 3 }).step(Step::Built { on: 3 });
    assert_eq!((bench.replica(0), bench.replica(1)), (Replica::Absent, Replica::Primary));
    bench.step(Step::UsersMoved { server: 0 });
    assert_eq!((bench.availability(0), bench.service(0, "RTCSRV")), (Server::Draining, State::Draining));
    bench.step(Step::TakenOut { server: 0 });
    assert_eq!((bench.service(0, "RTCSRV"), bench.startup(0, "RTCSRV")), (State::Stopped, Startup::Disabled));
    assert_eq!(bench.availability(0), Server::FailedOver);
    assert_eq!(bench.quiet().state.shells[0].at, 0);
}

#[test]
fn f8_3_one_replacement_is_built_for_one_replica() {
    let mut bench = pool(5, &[fail_over(0)]).with_group(&[0, 1, 2]);
    bench.issue(fail_over(0));
    bench.step(Step::BuildBegins { on: 3 }).step(Step::Built { on: 3 });
    assert!(!bench.can(Step::BuildBegins { on: 4 }), "only the primary has still to be handed over");
    bench.step(Step::Swap { to: 3 });
    assert_eq!((bench.replica(0), bench.judge().group().whole()), (Replica::Absent, true));
}

#[test]
fn f8_3_with_the_intent_restart_nothing_is_built_elsewhere() {
    let mut bench =
        pool(4, &[fail_over(0), fail_back(0)]).reading(&[(Reading::FailOverIntent, 1)]).with_group(&[0, 1, 2]);
    bench.carry_out(fail_over(0));
    assert_eq!((bench.replica(0), bench.replica(3)), (Replica::Down, Replica::Absent));
    bench.carry_out(fail_back(0));
    assert_eq!(bench.replica(0), Replica::Secondary);
}

#[test]
fn f2_5_a_reboot_does_not_undo_a_fail_over() {
    let mut bench = pool(4, &[fail_over(0), restart(0)]).with_group(&[0, 1, 2]);
    bench.carry_out(fail_over(0));
    bench.carry_out(restart(0));
    assert_eq!((bench.availability(0), bench.service(0, "RTCSRV")), (Server::FailedOver, State::Stopped));
}

#[test]
fn f2_11_no_stop_leaves_the_services_up() {
    let kept = Command::FailOver { server: ServerId(0), no_stop: true, force: false, draining_timeout: false };
    let mut bench = pool(4, std::slice::from_ref(&kept)).with_group(&[0, 1, 2]);
    bench.carry_out(kept);
    assert_eq!((bench.availability(0), bench.service(0, "RTCSRV")), (Server::FailedOver, State::Empty));
    assert!(bench.judge().node_up(0), "with -NoStop the vote stays (A4)");
    assert!(!bench.judge().takes_users(0));
}

#[test]
fn f2_12_force_skips_the_capacity_check() {
    let forced = Command::FailOver { server: ServerId(1), no_stop: false, force: true, draining_timeout: false };
    let readings = [(Reading::CapacityCheck, 1)];
    let out = [Initially::FailedOver(ServerId(0))];
    let menu = [fail_over(1), forced.clone()];
    let bench = || pool(5, &menu).reading(&readings).initially(&out).with_group(&[2, 3, 4]);
    assert_eq!(bench().issue(fail_over(1)), Failed);
    assert_eq!(bench().issue(forced), Blocked);
}

#[test]
fn f2_18_a6_force_does_not_skip_fabric_safety() {
    let forced = Command::FailOver { server: ServerId(1), no_stop: false, force: true, draining_timeout: false };
    let out = [Initially::FailedOver(ServerId(0))];
    let bench = |guard| {
        let setup = pool(3, std::slice::from_ref(&forced)).reading(&[(Reading::FabricGuard, guard)]).initially(&out);
        let mut bench = setup.with_group(&[0, 1, 2]);
        bench.issue(forced.clone());
        bench.quiet();
        bench
    };
    let held = bench(0);
    assert_eq!(held.availability(1), Server::Moving);
    assert!(held.can(Step::Expire { shell: 0 }), "nothing but the wait's end gets it out (F8.6)");
    let permitted = bench(1);
    assert_eq!(permitted.availability(1), Server::FailedOver);
}

/// A pool of three with one server out and a fail-over of a second one that fabric holds back.
fn held_back(expiry: u8) -> Bench {
    let setup = pool(3, &[fail_over(1)]).reading(&[(Reading::WaitExpiry, expiry)]);
    let mut bench = setup.initially(&[Initially::FailedOver(ServerId(0))]).with_group(&[0, 1, 2]);
    bench.issue(fail_over(1));
    bench.quiet().step(Step::Expire { shell: 0 });
    bench
}

#[test]
fn f2_9_c7_what_is_left_when_the_wait_ends_while_users_move() {
    for (expiry, availability, service) in [
        (NO_ACTION, Server::Running, State::Running),
        (USERS_MOVED, Server::FailedOver, State::Running),
        (LEFT_PAUSED, Server::Running, State::Paused),
        // Force ends connections and does not overrule fabric (A6).
        (FORCE, Server::Running, State::Running),
    ] {
        let bench = held_back(expiry);
        assert_eq!((bench.availability(1), bench.service(1, "RTCSRV")), (availability, service), "reading {expiry}");
        assert_eq!(bench.startup(1, "RTCSRV"), Startup::Automatic, "not disabled (A2)");
        assert_eq!(bench.state.shells[0].at, 0, "the cmdlet has ended");
    }
}

/// A fail-over that a live conference keeps from ending.
fn hung(command: &Command, expiry: u8) -> Bench {
    let setup = pool(4, std::slice::from_ref(command)).reading(&[(Reading::WaitExpiry, expiry)]);
    let mut bench = setup.faults(Faults { hung_conferences: 1, ..Faults::default() }).with_group(&[1, 2, 3]);
    bench.issue(command.clone());
    bench.step(Step::UsersMoved { server: 0 });
    let group = bench.group_of(0, "RTCAVMCU") as u16;
    bench.step(Step::Hang { group, live: true }).quiet();
    assert_eq!(bench.availability(0), Server::Draining, "it waits");
    bench.step(Step::Expire { shell: 0 });
    bench
}

#[test]
fn f2_9_c7_what_is_left_when_the_wait_ends_while_a_conference_hangs() {
    for (expiry, availability, service, events) in [
        (NO_ACTION, Server::Running, State::Running, 0),
        (USERS_MOVED, Server::FailedOver, State::Running, 0),
        (LEFT_PAUSED, Server::Running, State::Paused, 0),
        (FORCE, Server::FailedOver, State::Stopped, event::CALL_CUT),
    ] {
        let bench = hung(&fail_over(0), expiry);
        let found = (bench.availability(0), bench.service(0, "RTCAVMCU"), bench.events);
        assert_eq!(found, (availability, service, events), "reading {expiry}");
    }
}

#[test]
fn f2_10_a_draining_timeout_cuts_and_goes_on_under_every_reading() {
    let bounded = Command::FailOver { server: ServerId(0), no_stop: false, force: false, draining_timeout: true };
    for expiry in [NO_ACTION, USERS_MOVED, LEFT_PAUSED, FORCE] {
        let bench = hung(&bounded, expiry);
        assert_eq!((bench.availability(0), bench.events), (Server::FailedOver, event::CALL_CUT), "reading {expiry}");
    }
}

#[test]
fn f2_22_a_fail_back_enables_starts_and_makes_available() {
    let mut bench = pool(4, &[fail_back(0)]).initially(&[Initially::FailedOver(ServerId(0))]).with_group(&[1, 2, 3]);
    assert_eq!(bench.issue(fail_back(0)), Blocked);
    assert_eq!((bench.availability(0), bench.startup(0, "RTCSRV")), (Server::FailedBack, Startup::Automatic));
    bench.quiet();
    assert!(bench.judge().in_service(0));
}

#[test]
fn f2_22_a_fail_back_of_a_stopped_server_starts_it_too() {
    let mut bench = pool(4, &[fail_back(0)]).initially(&[Initially::Stopped(ServerId(0))]).with_group(&[1, 2, 3]);
    assert_eq!(bench.carry_out(fail_back(0)), Blocked);
    assert!(bench.judge().in_service(0));
}

#[test]
fn f2_24_no_start_enables_and_does_not_start() {
    let back = Command::FailBack { server: ServerId(0), no_start: true };
    let setup = pool(4, std::slice::from_ref(&back)).initially(&[Initially::FailedOver(ServerId(0))]);
    let mut bench = setup.with_group(&[1, 2, 3]);
    assert_eq!(bench.carry_out(back), Done);
    assert_eq!((bench.service(0, "RTCSRV"), bench.startup(0, "RTCSRV")), (State::Stopped, Startup::Automatic));
    assert_eq!(bench.availability(0), Server::Stopped, "available, and nothing runs");
}

#[test]
fn f2_25_an_expired_fail_back_leaves_nothing_started_or_enabled() {
    let out = [Initially::PoolStopped(crate::topology::PoolId(0)), Initially::FailedOver(ServerId(0))];
    let mut bench = pool(4, &[fail_back(0)]).initially(&out).with_group(&[1, 2, 3]);
    assert_eq!(bench.carry_out(fail_back(0)), Blocked);
    assert_eq!(bench.service(0, "RTCSRV"), State::StartPending, "a front end waits for its pool (F3.21)");
    bench.step(Step::Expire { shell: 0 });
    assert_eq!(bench.events, 0, "nobody was on what never came up");
    for name in ["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU"] {
        assert_eq!((bench.service(0, name), bench.startup(0, name)), (State::Stopped, Startup::Disabled), "{name}");
    }
    assert_eq!(bench.availability(0), Server::FailedOver);
}

#[test]
fn f2_25_an_expired_fail_back_cuts_the_calls_on_what_came_up() {
    let menu = [fail_back(0), stop(0, ServiceSet::named(&["W3SVC"]))];
    let mut bench = pool(4, &menu)
        .faults(Faults { hung_starts: 1, ..Faults::default() })
        .initially(&[Initially::FailedOver(ServerId(0))])
        .with_group(&[1, 2, 3]);
    bench.issue(fail_back(0));
    let group = bench.group_of(0, "W3SVC") as u16;
    bench.step(Step::StartHangs { group }).quiet();
    assert_eq!(bench.service(0, "RTCAVMCU"), State::Running, "one service hangs, the others are up");
    bench.step(Step::Expire { shell: 0 });
    assert_eq!((bench.service(0, "RTCAVMCU"), bench.startup(0, "RTCAVMCU")), (State::Stopped, Startup::Disabled));
    assert_eq!(bench.events, event::CALL_CUT);
}

#[test]
fn f2_29_a_full_reset_brings_a_failed_over_server_back() {
    let menu = [reset(Reset::Full), reset(Reset::Service)];
    let bench = |command: &Command| {
        let mut bench = pool(4, &menu).initially(&[Initially::FailedOver(ServerId(0))]).with_group(&[1, 2, 3]);
        bench.carry_out(command.clone());
        bench
    };
    assert!(bench(&menu[0]).judge().in_service(0));
    assert_eq!(bench(&menu[1]).availability(0), Server::FailedOver, "a service reset does not (F4.11)");
}

#[test]
fn r13_a_full_reset_lifts_a_fail_over_under_way_and_its_cmdlet_fails() {
    let mut bench = pool(4, &[fail_over(0), reset(Reset::Full)]).with_group(&[1, 2, 3]);
    bench.issue(fail_over(0));
    bench.step(Step::UsersMoved { server: 0 });
    bench.issue(reset(Reset::Full));
    assert_eq!(bench.availability(0), Server::FailedBack);
    bench.quiet();
    assert!(bench.judge().in_service(0));
    assert!(bench.state.shells.iter().all(|shell| shell.at == 0));
}

#[test]
fn f10_2_lync_2013_has_neither() {
    let mut deployment = pool_of(4);
    deployment.version = Version::Lync2013;
    let menu = [fail_over(0), fail_back(0), start_pool(false)];
    let mut bench = deployed(deployment, &menu).with_group(&[1, 2, 3]);
    menu.into_iter().for_each(|command| assert_eq!(bench.issue(command), Failed));
}

#[test]
fn a24_a_second_fail_over_of_the_same_server_is_refused() {
    let mut bench = pool(4, &[fail_over(0)]).with_group(&[1, 2, 3]);
    assert_eq!(bench.issue(fail_over(0)), Blocked);
    assert_eq!(bench.issue(fail_over(0)), Failed);
}

#[test]
fn f2_9_a_reboot_of_the_server_ends_its_fail_over() {
    for (expiry, availability) in [(NO_ACTION, Server::Stopped), (USERS_MOVED, Server::FailedOver)] {
        let setup = pool(4, &[fail_over(0), restart(0)]).reading(&[(Reading::WaitExpiry, expiry)]);
        let mut bench = setup.with_group(&[1, 2, 3]);
        bench.issue(fail_over(0));
        bench.issue(restart(0));
        assert_eq!(bench.availability(0), availability, "reading {expiry}");
        bench.quiet();
        assert!(bench.state.shells.iter().all(|shell| shell.at == 0), "both cmdlets have ended");
    }
}

#[test]
fn f8_6_a_front_end_beyond_the_voters_may_always_leave() {
    let out = |server| Command::Shutdown { server: ServerId(server) };
    let menu: Vec<Command> = (1..4).map(out).collect();
    let mut bench = pool(8, &menu).with_group(&[0, 4, 5]);
    menu.iter().for_each(|it| assert_eq!(bench.issue(it.clone()), Done));
    assert!(!bench.judge().seed_nodes_suffice_without(0), "four of seven voters are up, and four are needed");
    assert!(bench.judge().seed_nodes_suffice_without(7), "the eighth has no vote");
}

#[test]
fn f8_9_the_only_replica_of_a_pool_of_one_may_leave() {
    let bench = pool(1, &[fail_over(0)]).with_group(&[0]);
    assert!(bench.judge().group_suffices_without(0));
}
