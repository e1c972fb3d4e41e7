//! Faults and failure stories (section R of the facts).

use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::server::{Power, State as Server};
use crate::lifecycle::service::State;
use crate::model::step::{Step, event};
use crate::model::tests::bench::{Setup, pool};
use crate::model::tests::build::command::*;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Crash, Faults, Initially, OnServers, Returns};
use crate::topology::{ServerId, ServiceSet};

fn on(server: usize) -> Option<OnServers> {
    Some(OnServers { at_most: Some(1), servers: vec![ServerId(server)] })
}

fn watched(initially: Initially) -> Setup {
    let faults = Faults { watchdog: on(0), ..Faults::default() };
    pool(4, &[stop(0, ServiceSet::ALL)]).faults(faults).initially(&[initially])
}

#[test]
fn r31_a_watchdog_undoes_a_stop() {
    let mut bench = watched(Initially::Stopped(ServerId(0))).with_group(&[1, 2, 3]);
    bench.step(Step::Watchdog { server: 0 }).quiet();
    assert!(bench.judge().in_service(0));
    assert!(!bench.can(Step::Watchdog { server: 0 }), "nothing is stopped, and its budget is spent");
}

#[test]
fn r31_f1_43_a_watchdog_fails_on_a_failed_over_server() {
    let mut bench = watched(Initially::FailedOver(ServerId(0))).with_group(&[1, 2, 3]);
    bench.step(Step::Watchdog { server: 0 }).quiet();
    assert_eq!((bench.service(0, "RTCSRV"), bench.availability(0)), (State::Stopped, Server::FailedOver));
    let setup = watched(Initially::FailedOver(ServerId(0))).reading(&[(Reading::StartOnFailedOver, 1)]);
    let mut bench = setup.with_group(&[1, 2, 3]);
    bench.step(Step::Watchdog { server: 0 }).quiet();
    assert_eq!((bench.service(0, "RTCSRV"), bench.availability(0)), (State::Running, Server::FailedOver));
}

#[test]
fn r15_a_stopped_server_that_reboots_takes_users_while_it_is_patched() {
    let faults = Faults { update_policy: on(0), ..Faults::default() };
    let menu = [drain(0, ServiceSet::ALL), install(0)];
    let mut bench = pool(4, &menu).faults(faults).with_group(&[1, 2, 3]);
    bench.carry_out(menu[0].clone());
    bench.issue(menu[1].clone());
    assert!(bench.holds(PropertyName::IsolatedWhilePatched));
    // The installer is gone with the machine; another one begins before the services are up again.
    bench.step(Step::PolicyReboot { server: 0 }).step(Step::Advance { shell: 0 }).step(Step::Boot { server: 0 });
    bench.issue(menu[1].clone());
    bench.services_start(0);
    assert!(!bench.holds(PropertyName::IsolatedWhilePatched));
}

#[test]
fn r5_an_update_policy_cuts_conversations_and_the_server_comes_back() {
    let faults = Faults { update_policy: on(0), ..Faults::default() };
    let mut bench = pool(4, &[]).faults(faults).with_group(&[0, 1, 2]);
    bench.step(Step::PolicyReboot { server: 0 });
    assert_eq!((bench.events, bench.availability(0)), (event::CALL_CUT, Server::Stopped));
    assert!(!bench.can(Step::PolicyReboot { server: 0 }));
    assert!(bench.quiet().judge().in_service(0));
}

#[test]
fn a_crash_comes_back_or_does_not() {
    for (returns, to) in [
        (Returns::Yes, vec![Power::Crashed]),
        (Returns::No, vec![Power::Lost]),
        (Returns::Either, vec![Power::Crashed, Power::Lost]),
    ] {
        let faults =
            Faults { crash: Some(Crash { at_most: 1, servers: vec![ServerId(0)], returns }), ..Faults::default() };
        let bench = || pool(4, &[]).faults(faults.clone()).with_group(&[0, 1, 2]);
        for power in [Power::Crashed, Power::Lost] {
            assert_eq!(bench().can(Step::Crash { server: 0, to: power }), to.contains(&power), "{returns:?}");
        }
        assert!(!bench().can(Step::Crash { server: 1, to: to[0] }), "only where the scenario says");
        let mut crashed = bench();
        crashed.step(Step::Crash { server: 0, to: to[0] });
        assert_eq!((crashed.replica(0), crashed.events), (Replica::Down, 0));
        assert_eq!(crashed.can(Step::Boot { server: 0 }), to[0] == Power::Crashed);
    }
}

#[test]
fn f4_6_with_three_front_ends_a_crash_during_a_fail_over_loses_the_group() {
    let faults = Faults {
        crash: Some(Crash { at_most: 1, servers: vec![ServerId(1)], returns: Returns::No }),
        ..Faults::default()
    };
    let out = [Initially::FailedOver(ServerId(0))];
    let mut bench = pool(3, &[]).faults(faults).initially(&out).with_group(&[0, 1, 2]);
    assert!(bench.holds(PropertyName::RoutingGroupQuorum) && !bench.holds(PropertyName::SurvivesOneMoreCrash));
    bench.step(Step::Crash { server: 1, to: Power::Lost });
    assert!(!bench.holds(PropertyName::RoutingGroupQuorum) && !bench.holds(PropertyName::PoolQuorum));
}

#[test]
fn a12_with_four_front_ends_two_at_once_lose_some_group_and_not_the_pool() {
    let lost = [2, 3].map(|server| Initially::Lost(ServerId(server)));
    let hit = pool(4, &[]).initially(&lost).with_group(&[1, 2, 3]);
    assert!(hit.holds(PropertyName::PoolQuorum) && !hit.holds(PropertyName::RoutingGroupQuorum), "R17");
    let spared = pool(4, &[]).initially(&lost).with_group(&[0, 1, 2]);
    assert!(spared.holds(PropertyName::RoutingGroupQuorum));
}

#[test]
fn a_replacement_that_a_failed_fail_over_left_behind_is_dropped() {
    let faults = Faults { update_policy: on(0), ..Faults::default() };
    let mut bench = pool(4, &[fail_over(0)]).faults(faults).with_group(&[0, 1, 2]);
    bench.issue(fail_over(0));
    bench.step(Step::BuildBegins { on: 3 }).step(Step::Built { on: 3 });
    bench.step(Step::PolicyReboot { server: 0 }).quiet();
    let group = bench.judge().group();
    assert_eq!((group.up, group.down), (3, 0), "fabric keeps as many replicas as it wants (F4.2)");
    assert!(group.whole());
}
