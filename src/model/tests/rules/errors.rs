//! When a cmdlet ends in an error, and what it does all the same.

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::server::State as Availability;
use crate::lifecycle::service::{Startup, State};
use crate::model::commands::Progress::{Blocked, Done, Failed};
use crate::model::step::Step;
use crate::model::tests::bench::{deployed, pool};
use crate::model::tests::build::{add_pool, command::*, pool_of};
use crate::runbook::{Command, Reset};
use crate::scenario::Initially;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::topology::{PoolId, PoolKind, ServerId, ServiceSet};

fn conferences() -> ServiceSet {
    ServiceSet::named(&["RTCAVMCU"])
}

fn pause_only(services: ServiceSet) -> Command {
    Command::PauseServices { server: ServerId(0), services }
}

fn disable(services: ServiceSet) -> Command {
    Command::SetStartup { server: ServerId(0), services, startup: Startup::Disabled }
}

fn reset_of(pool: usize) -> Command {
    Command::ResetPool { pool: PoolId(pool), reset: Reset::Service, no_restart: true }
}

#[test]
fn f1_55_pausing_what_is_paused_or_drains_is_no_error() {
    let drain = Command::StopServices { server: ServerId(0), services: ServiceSet::ALL, graceful: true, wait: false };
    let mut bench = pool(3, &[pause(0), drain.clone()]).with_group(&[0, 1, 2]);
    assert_eq!([bench.issue(pause(0)), bench.issue(pause(0))], [Done, Done]);
    assert_eq!(bench.service(0, "RTCSRV"), State::Paused);
    bench.issue(drain);
    assert_eq!(bench.issue(pause(0)), Done);
    assert_eq!(bench.service(0, "RTCSRV"), State::Draining);
}

#[test]
fn f1_55_pausing_fails_where_a_service_does_not_run_or_is_not_installed() {
    let missing = pause_only(ServiceSet::named(&["RTCMEDIARELAY"]));
    let mut bench = pool(3, &[pause(0), stop_at_once(0, conferences()), missing.clone()]).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(missing), Failed);
    bench.issue(stop_at_once(0, conferences()));
    assert_eq!(bench.issue(pause(0)), Failed);
    assert_eq!(bench.service(0, "RTCSRV"), State::Paused, "what runs is paused all the same");
}

#[test]
fn f1_48_a_drain_waits_for_the_last_of_its_services() {
    let menu = [stop_at_once(0, conferences()), drain(0, ServiceSet::ALL)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    bench.issue(stop_at_once(0, conferences()));
    assert_eq!(bench.issue(drain(0, ServiceSet::ALL)), Blocked);
    assert!(!bench.can(Step::Expire { shell: 0 }), "it has no bound");
}

#[test]
fn f1_46_a_stop_that_waits_stops_every_service() {
    let menu = [stop(0, ServiceSet::ALL), drain(0, conferences()), start(0, ServiceSet::named(&["W3SVC"]))];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    bench.carry_out(stop(0, ServiceSet::ALL));
    for group in bench.model.instance().servers[0].services.clone() {
        assert_eq!(bench.state.services[group].state, State::Stopped);
    }
}

#[test]
fn a19_one_disabled_service_makes_the_start_fail_and_the_others_are_tried() {
    let menu = [disable(conferences()), stop_at_once(0, ServiceSet::ALL), start(0, ServiceSet::ALL)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    bench.issue(disable(conferences()));
    bench.issue(stop_at_once(0, ServiceSet::ALL));
    assert_eq!(bench.issue(start(0, ServiceSet::ALL)), Failed);
    assert_eq!(["RTCSRV", "RTCAVMCU"].map(|it| bench.service(0, it)), [State::StartPending, State::Stopped]);
}

#[test]
fn f2_5_a_disabled_service_of_a_server_that_is_not_failed_over_never_starts() {
    let menu = [disable(conferences()), stop_at_once(0, conferences()), start(0, conferences())];
    let mut bench = pool(3, &menu).reading(&[(Reading::StartOnFailedOver, 1)]).with_group(&[0, 1, 2]);
    bench.issue(disable(conferences()));
    bench.issue(stop_at_once(0, conferences()));
    assert_eq!(bench.issue(start(0, conferences())), Failed);
    assert_eq!(bench.service(0, "RTCAVMCU"), State::Stopped);
}

#[test]
fn f2_9_a_pause_is_called_off_with_the_fail_over_that_failed() {
    let shutdown = Command::Shutdown { server: ServerId(2) };
    let mut bench = pool(3, &[shutdown.clone(), pause(0), fail_over(0)]).with_group(&[0, 1, 2]);
    bench.issue(shutdown);
    bench.issue(pause(0));
    assert_eq!(bench.issue(fail_over(0)), Blocked);
    bench.step(Step::Expire { shell: 0 });
    assert_eq!(bench.availability(0), Availability::Running);
    assert_eq!(bench.service(0, "RTCSRV"), State::Running);
}

#[test]
fn f4_11_a_pool_of_mediation_servers_is_neither_reset_nor_started() {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Mediation, 2);
    let start = Command::StartPool { pool: PoolId(1), recover: false, skip: vec![] };
    let mut bench = deployed(deployment, &[reset_of(0), reset_of(1), start.clone()]).with_group(&[0, 1, 2]);
    assert_eq!([bench.issue(start), bench.issue(reset_of(1))], [Failed, Failed]);
}

#[test]
fn f4_12_a_start_with_recovery_is_content_with_the_votes() {
    let shutdowns = [2, 3].map(|server| Command::Shutdown { server: ServerId(server) });
    let menu = [&shutdowns[..], &[start_pool(true), start_pool(false)]].concat();
    for (recover, progress, state) in [(false, Blocked, Pool::Stopped), (true, Done, Pool::Running)] {
        let stopped = pool(4, &menu).initially(&[Initially::PoolStopped(PoolId(0))]);
        let mut bench = stopped.with_group(&[0, 1, 2]);
        shutdowns.iter().for_each(|it| assert_eq!(bench.issue(it.clone()), Done));
        assert_eq!((bench.issue(start_pool(recover)), bench.pool_state()), (progress, state), "two of four start");
    }
}

#[test]
fn f3_1_a_standard_edition_server_that_is_reset_has_no_quorum_to_lose() {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    let mut bench = deployed(deployment, &[reset_of(0), reset_of(1)]).with_group(&[0, 1, 2]);
    bench.issue(reset_of(1));
    assert_eq!(bench.state.pools[1].state, Pool::Stopped);
    assert!(bench.holds(PropertyName::PoolQuorum));
}

#[test]
fn f4_20_two_servers_of_one_upgrade_domain_may_be_out_together() {
    let mut deployment = pool_of(4);
    deployment.servers[0].upgrade_domain = Some("shared".into());
    deployment.servers[1].upgrade_domain = Some("shared".into());
    let out = |server| Command::Shutdown { server: ServerId(server) };
    let mut bench = deployed(deployment, &[out(0), out(1), out(2)]).with_group(&[0, 1, 2]);
    bench.issue(out(0));
    bench.issue(out(1));
    assert!(bench.holds(PropertyName::OneOutAtATime));
    bench.issue(out(2));
    assert!(!bench.holds(PropertyName::OneOutAtATime));
}
