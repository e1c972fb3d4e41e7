//! What is left alone: disabled services, what hangs already, readings on which nothing depends yet.

use crate::lifecycle::pool::State as Pool;
use crate::lifecycle::routing_group::State as Replica;
use crate::lifecycle::server::State as Server;
use crate::lifecycle::service::{Startup, State as Service};
use crate::model::Maintenance;
use crate::model::commands::Progress::{Blocked, Done};
use crate::model::state::{Database, Hang, State};
use crate::model::step::Step;
use crate::model::tests::bench::{deployed, pool};
use crate::model::tests::build::{Item, add_pool, command::*, pool_of, scenario, scripted};
use crate::model::turn::Judge;
use crate::runbook::{Command, Reset};
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially, OnServers};
use crate::topology::{BackEnd, PoolId, PoolKind, ServerId, ServiceSet};
use stateright::Model;

fn only(name: &str) -> ServiceSet {
    ServiceSet::named(&[name])
}

fn disable(service: &str) -> Command {
    Command::SetStartup { server: ServerId(0), services: only(service), startup: Startup::Disabled }
}

#[test]
fn f4_17_a_start_of_the_pool_does_not_start_what_is_disabled() {
    let menu = [disable("RTCAVMCU"), stop_at_once(0, ServiceSet::ALL), start_pool(false)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    for command in &menu {
        bench.carry_out(command.clone());
    }
    assert_eq!(["RTCSRV", "RTCAVMCU"].map(|name| bench.service(0, name)), [Service::Running, Service::Stopped]);
}

#[test]
fn f4_11_a_reset_does_not_start_what_is_disabled() {
    let menu = [disable("RTCSRV"), reset(Reset::Service)];
    let mut bench = pool(3, &menu).with_group(&[0, 1, 2]);
    for command in &menu {
        bench.carry_out(command.clone());
    }
    let front_ends = [0, 1].map(|server| bench.service(server, "RTCSRV"));
    assert_eq!(front_ends, [Service::Stopped, Service::StartPending], "a pool of three waits for all (F3.7)");
}

#[test]
fn r31_a_watchdog_leaves_alone_what_is_disabled() {
    let watchdog = Some(OnServers { at_most: None, servers: vec![ServerId(0)] });
    let menu = [stop_at_once(0, only("W3SVC")), disable("W3SVC")];
    let setup = pool(3, &menu).faults(Faults { watchdog, ..Faults::default() });
    let mut bench = setup.with_group(&[0, 1, 2]);
    bench.carry_out(menu[0].clone());
    assert!(bench.can(Step::Watchdog { server: 0 }));
    bench.carry_out(menu[1].clone());
    assert!(!bench.can(Step::Watchdog { server: 0 }));
}

#[test]
fn r14_a_publication_does_not_start_what_is_disabled() {
    let publish = Command::PublishMembers { pool: PoolId(0) };
    let mut bench = pool(3, &[disable("RTCAVMCU"), publish.clone()]).with_group(&[0, 1, 2]);
    bench.issue(disable("RTCAVMCU"));
    bench.carry_out(publish);
    assert_eq!(["RTCSRV", "RTCAVMCU"].map(|name| bench.service(0, name)), [Service::Running, Service::Stopped]);
}

/// The reading is about failed-over servers (F1.43); elsewhere nothing starts what is disabled (F2.5).
#[test]
fn f2_5_a_watchdog_does_not_start_what_is_disabled() {
    let faults =
        Faults { watchdog: Some(OnServers { at_most: Some(1), servers: vec![ServerId(0)] }), ..Faults::default() };
    let menu = [disable("RTCAVMCU"), stop_at_once(0, ServiceSet::ALL)];
    let setup = pool(4, &menu).faults(faults).reading(&[(Reading::StartOnFailedOver, 1)]);
    let mut bench = setup.with_group(&[1, 2, 3]);
    menu.iter().for_each(|command| _ = bench.issue(command.clone()));
    bench.step(Step::Watchdog { server: 0 }).quiet();
    assert_eq!(["RTCSRV", "RTCAVMCU"].map(|name| bench.service(0, name)), [Service::Running, Service::Stopped]);
}

#[test]
fn what_hangs_already_does_not_hang_again() {
    let faults = Faults { hung_starts: 2, hung_conferences: 2, ..Faults::default() };
    let menu = [drain(0, ServiceSet::ALL), start(1, ServiceSet::ALL)];
    let setup = pool(4, &menu).faults(faults).initially(&[Initially::Stopped(ServerId(1))]);
    let mut bench = setup.with_group(&[0, 2, 3]);
    bench.issue(drain(0, ServiceSet::ALL));
    bench.issue(start(1, ServiceSet::ALL));
    let [drains, starts] = [0, 1].map(|server| bench.group_of(server, "RTCAVMCU") as u16);
    bench.step(Step::Hang { group: drains, live: false }).step(Step::StartHangs { group: starts });
    assert!([true, false].into_iter().all(|live| !bench.can(Step::Hang { group: drains, live })));
    assert!(!bench.can(Step::StartHangs { group: starts }));
    assert_eq!((bench.state.budgets.hangs, bench.state.budgets.starts), (1, 1));
}

/// Cutting ends conversations; it starts no service.
#[test]
fn f2_11_what_hangs_while_it_starts_goes_on_hanging_when_a_drain_is_cut() {
    let kept = Command::FailOver { server: ServerId(0), no_stop: true, force: false, draining_timeout: true };
    let (stop, start) = (stop(0, only("W3SVC")), start(0, only("W3SVC")));
    let faults = Faults { hung_starts: 1, ..Faults::default() };
    let mut bench = pool(4, &[kept.clone(), start.clone(), stop.clone()]).faults(faults).with_group(&[1, 2, 3]);
    bench.carry_out(stop);
    bench.issue(kept);
    bench.step(Step::UsersMoved { server: 0 });
    bench.issue(start);
    let group = bench.group_of(0, "W3SVC");
    bench.step(Step::StartHangs { group: group as u16 }).step(Step::Expire { shell: 0 });
    assert_eq!((bench.availability(0), bench.service(0, "RTCSRV")), (Server::FailedOver, Service::Empty));
    assert_eq!((bench.service(0, "W3SVC"), bench.state.services[group].hang), (Service::StartPending, Hang::Ended));
}

/// Nobody asks for a reading that is open but to show a state, which is shown as under its first value.
#[test]
fn a_reading_that_is_open_looks_like_its_first_value() {
    let mut bench = pool(4, &[fail_over(0)]).open(&[Reading::SqlVote]).with_group(&[0, 1, 2]);
    bench.state.pools[0].database = Database::Down;
    let first = pool(4, &[fail_over(0)]).with_group(&[0, 1, 2]);
    assert_eq!(bench.judge().reading(Reading::SqlVote), 0);
    assert_eq!(bench.judge().votes(0).voters, first.judge().votes(0).voters);
}

#[test]
fn where_no_pool_is_named_no_group_is_tracked() {
    let mut deployment = pool_of(1);
    deployment.pools[0].kind = PoolKind::Edge;
    let sleeper = scripted("one", &[Item::Sleep]);
    let model = Maintenance::new(&scenario(deployment, vec![sleeper], Faults::default()));
    assert!(model.instance().pools.is_empty());
    for state in model.init_states() {
        let judge = Judge::new(model.instance(), &state);
        assert!(!judge.tracks() && judge.group().has_quorum());
    }
}

/// D4: what the wait is for comes, whatever a drain beside it does.
#[test]
fn d4_a_start_goes_on_while_a_service_drains_that_is_up_already() {
    let faults = Faults { hung_conferences: 1, ..Faults::default() };
    let menu = [start(0, ServiceSet::ALL), drain(0, only("RTCAVMCU")), stop(0, only("W3SVC"))];
    let setup = pool(4, &menu).faults(faults).initially(&[Initially::Stopped(ServerId(0))]);
    let mut bench = setup.with_group(&[1, 2, 3]);
    assert_eq!(bench.issue(menu[0].clone()), Blocked);
    let (conferences, web) = (bench.group_of(0, "RTCAVMCU"), bench.group_of(0, "W3SVC"));
    while bench.state.services[conferences].state != Service::Running {
        let mut groups = bench.model.instance().servers[0].services.clone().filter(|group| *group != web);
        let next = groups.find(|group| bench.can(Step::ServicesStart { group: *group as u16 }));
        bench.step(Step::ServicesStart { group: next.expect("something comes up") as u16 });
    }
    assert_eq!(bench.issue(menu[1].clone()), Blocked);
    bench.step(Step::Hang { group: conferences as u16, live: true });
    assert_eq!(bench.service(0, "W3SVC"), Service::StartPending);
    assert!(!bench.can(Step::Expire { shell: 0 }));
}

#[test]
fn f3_21_a_front_end_service_alone_waits_for_its_pool() {
    let menu = [start(0, only("RTCSRV")), stop(0, only("RTCAVMCU")), stop(0, only("FabricHostSvc"))];
    let mut bench = pool(3, &menu).initially(&[Initially::PoolStopped(PoolId(0))]).with_group(&[0, 1, 2]);
    assert_eq!(bench.carry_out(menu[0].clone()), Blocked);
    assert_eq!(["FabricHostSvc", "RTCSRV"].map(|it| bench.service(0, it)), [Service::Running, Service::StartPending]);
    let info = bench.model.instance().groups[bench.group_of(0, "RTCSRV")];
    assert!(info.registrar && !info.talks);
    assert!(bench.can(Step::Expire { shell: 0 }), "one of three is not enough for a start of the pool");
}

/// F3.14, D5: the votes of a pool that does not run decide nothing.
#[test]
fn a_stopped_pool_whose_database_is_on_the_mirror_depends_on_no_reading() {
    let mut deployment = pool_of(2);
    deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness: false });
    let menu = [start(0, only("FabricHostSvc"))];
    let initially = [Initially::PoolStopped(PoolId(0)), Initially::OnMirror(PoolId(0))];
    let setup = deployed(deployment, &menu).open(&[Reading::MirrorVote, Reading::SqlVote]).initially(&initially);
    let mut bench = setup.with_group(&[0, 1]);
    bench.carry_out(menu[0].clone());
    assert!(bench.judge().node_up(0));
    assert_eq!(bench.pool_state(), Pool::Stopped);
    for reading in [Reading::MirrorVote, Reading::SqlVote] {
        let index = bench.model.instance().open(reading).expect("it is open");
        assert_eq!(bench.state.readings.get(index), None, "{reading:?}");
    }
}

#[test]
fn a_standard_edition_pool_starts_with_its_one_server_whatever_votes_there_would_be() {
    let mut deployment = pool_of(1);
    (deployment.pools[0].kind, deployment.pools[0].back_end) = (PoolKind::StandardEdition, None);
    let setup = deployed(deployment, &[start_pool(false)]).reading(&[(Reading::SqlVote, 1)]);
    let mut bench = setup.initially(&[Initially::PoolStopped(PoolId(0))]).with_group(&[]);
    bench.issue(start_pool(false));
    bench.state.pools[0].database = Database::Down;
    assert!(bench.judge().pool_can_start(0, false));
}

#[test]
fn f4_12_a_recovery_keeps_what_is_up_and_loads_no_more_than_is_missing() {
    let recovery = reset(Reset::QuorumLossRecovery);
    let lost = [5, 6].map(|server| Initially::Lost(ServerId(server)));
    let mut bench = pool(7, std::slice::from_ref(&recovery)).initially(&lost).with_group(&[5, 0, 6]);
    // The primary was on a server that is lost.
    let places = [(0, Replica::Secondary), (5, Replica::Down), (6, Replica::Down)];
    let placed = |state: &State| places.iter().all(|(server, it)| state.servers[*server].replica == *it);
    bench.state = bench.model.init_states().into_iter().find(placed).expect("such a placement exists");
    let outcomes = bench.outcomes(Step::Issue { shell: 0, item: 0 });
    assert!(outcomes.len() > 1, "fabric picks");
    for state in outcomes {
        let up = (0..5).filter(|server| state.servers[*server].replica != Replica::Absent).collect::<Vec<_>>();
        assert!(up.len() == 3 && up[0] == 0, "{up:?}");
        assert!((5..7).all(|server| state.servers[server].replica == Replica::Absent));
    }
}

/// Also what is not to be replaced, since its servers come back (F8.12): its data is older than what was loaded.
#[test]
fn f4_12_a_recovery_drops_what_is_down_on_servers_in_fail_over() {
    const RESTART: u8 = 1;
    let recovery = reset(Reset::QuorumLossRecovery);
    let out = [0, 1].map(|server| Initially::FailedOver(ServerId(server)));
    let setup = pool(5, std::slice::from_ref(&recovery)).reading(&[(Reading::FailOverIntent, RESTART)]);
    let mut bench = setup.initially(&out).with_group(&[0, 1, 2]);
    assert_eq!(bench.issue(recovery), Done);
    let replicas = [0, 1, 2, 3, 4].map(|server| bench.replica(server));
    assert_eq!(replicas[..2], [Replica::Absent; 2]);
    assert!(replicas[2..].iter().all(|replica| *replica != Replica::Absent), "{replicas:?}");
}

#[test]
fn f2_12_each_pool_has_a_capacity_of_its_own() {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Mediation, 3);
    let bench = deployed(deployment, &[restart(0), restart(3)]).capacity(PoolId(1), 2).with_group(&[0, 1, 2]);
    assert_eq!([0, 1].map(|pool| bench.model.instance().pools[pool].at_least), [1, 2]);
}
