//! What status cmdlets show.

use crate::lifecycle::server::Power;
use crate::lifecycle::service::State;
use crate::model::step::Step;
use crate::model::tests::bench::{Bench, deployed, pool};
use crate::model::tests::build::{add_pool, command::*, pool_of};
use crate::runbook::{Command, Quantifier, Query, Readiness, Shown};
use crate::scenario::readings::Reading;
use crate::scenario::{Crash, Faults, Returns};
use crate::topology::{PoolId, PoolKind, ServerId, ServiceSet};

const NOTHING: Shown = Shown { stopped: false, start_pending: false, running: false, paused: false, draining: false };

fn shows(bench: &Bench, query: Query) -> bool {
    bench.model.answer(&bench.state, &query)
}

fn services(server: usize, services: ServiceSet, quantifier: Quantifier, shown: Shown) -> Query {
    Query::Services { server: ServerId(server), services, quantifier, shown }
}

fn crashes(servers: &[usize]) -> Faults {
    let servers = servers.iter().copied().map(ServerId).collect();
    Faults { crash: Some(Crash { at_most: 1, servers, returns: Returns::Yes }), ..Faults::default() }
}

/// F1.3, F1.53: a service that drains shows as paused, and says that it drains.
#[test]
fn f1_53_each_state_of_a_service_shows_as_itself() {
    let mut bench = pool(3, &[]).with_group(&[0, 1, 2]);
    let columns = [
        Shown { stopped: true, ..NOTHING },
        Shown { start_pending: true, ..NOTHING },
        Shown { running: true, ..NOTHING },
        Shown { paused: true, ..NOTHING },
        Shown { draining: true, ..NOTHING },
    ];
    let rows = [
        (State::Stopped, [true, false, false, false, false]),
        (State::StartPending, [false, true, false, false, false]),
        (State::Running, [false, false, true, false, false]),
        (State::Paused, [false, false, false, true, false]),
        (State::Empty, [false, false, false, true, false]),
        (State::Draining, [false, false, false, true, true]),
    ];
    for (state, shown) in rows {
        bench.state.services[0].state = state;
        let all = |shown| shows(&bench, services(0, ServiceSet::ALL, Quantifier::All, shown));
        assert_eq!(columns.map(all), shown, "{state:?}");
    }
    assert_eq!(rows.len(), State::ALL.len());
}

#[test]
fn any_service_is_one_of_those_that_are_asked_for() {
    let named = ServiceSet::named(&["RTCSRV"]);
    let mut bench = pool(3, &[stop(0, named)]).with_group(&[0, 1, 2]);
    bench.carry_out(stop(0, named));
    let stopped = Shown { stopped: true, ..NOTHING };
    let ask = |asked, quantifier| shows(&bench, services(0, asked, quantifier, stopped));
    assert!(ask(ServiceSet::ALL, Quantifier::Any) && !ask(ServiceSet::ALL, Quantifier::All));
    assert!(ask(named, Quantifier::Any) && ask(named, Quantifier::All));
    let other = ServiceSet::named(&["W3SVC"]);
    assert!(!ask(other, Quantifier::Any) && !ask(other, Quantifier::All));
}

#[test]
fn a_machine_that_is_down_shows_nothing() {
    let mut bench = pool(3, &[]).faults(crashes(&[0])).with_group(&[0, 1, 2]);
    let stopped = Shown { stopped: true, ..NOTHING };
    assert!(shows(&bench, Query::Reachable { server: ServerId(0) }));
    bench.step(Step::Crash { server: 0, to: Power::Crashed });
    assert_eq!(bench.service(0, "RTCSRV"), State::Stopped);
    for quantifier in [Quantifier::Any, Quantifier::All] {
        assert!(!shows(&bench, services(0, ServiceSet::ALL, quantifier, stopped)));
    }
    assert!(!shows(&bench, Query::Reachable { server: ServerId(0) }));
    assert!(shows(&bench, Query::Reachable { server: ServerId(1) }));
}

/// Two pools of three front ends; in the second one a server is down.
fn two_pools() -> Bench {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    // That somebody fails a server over makes it matter whether the other groups are whole.
    let menu = [fail_over(0), restart(3)];
    let mut bench = deployed(deployment, &menu).faults(crashes(&[3])).with_group(&[0, 1, 2]);
    bench.step(Step::Crash { server: 3, to: Power::Crashed });
    bench
}

#[test]
fn a_query_is_about_the_pool_and_the_server_that_it_names() {
    let bench = two_pools();
    let [home, other] = [PoolId(0), PoolId(1)];
    let readiness = |pool| {
        let all = [Readiness::Ready, Readiness::Busy, Readiness::InsufficientActiveFrontEnds];
        all.map(|is| shows(&bench, Query::Readiness { pool, is }))
    };
    assert_eq!(readiness(home), [true, false, false]);
    assert_eq!(readiness(other), [false, false, true]);
    let whole = |pool| shows(&bench, Query::ReplicasWhole { pool });
    assert!(whole(home) && !whole(other));
    let reachable = |server| shows(&bench, Query::Reachable { server: ServerId(server) });
    assert_eq!([0, 1, 2, 3, 4, 5].map(reachable), [true, true, true, false, true, true]);
    let running = Shown { running: true, ..NOTHING };
    let runs = |server| shows(&bench, services(server, ServiceSet::ALL, Quantifier::All, running));
    assert!(runs(0) && !runs(3) && runs(4));
}

/// R10, R29: a move of the management store is done when every replica knows, and the former master too.
#[test]
fn r29_the_store_is_replicated_when_its_former_master_knows_as_well() {
    let home = PoolId(0);
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    deployment.pools[0].paired_with = Some(PoolId(1));
    deployment.pools[1].paired_with = Some(home);
    deployment.pools[0].hosts_management_store = true;
    let mut bench = deployed(deployment, &[Command::MoveManagementStore { home, force: false }]).with_group(&[0, 1, 2]);
    let replicated = |bench: &Bench| shows(bench, Query::ManagementStoreReplicated { home });
    assert!(replicated(&bench));
    bench.state.store.replicating = true;
    assert!(!replicated(&bench));
    (bench.state.store.replicating, bench.state.store.unaware) = (false, true);
    assert!(!replicated(&bench));
}

/// F5.4, F5.6: that one may be out is asked of front ends with routing groups.
#[test]
fn f5_6_one_of_a_pool_without_routing_groups_is_missed_under_every_reading() {
    for (with_one_out, front_ends, others) in [
        (0, Readiness::InsufficientActiveFrontEnds, Readiness::InsufficientActiveFrontEnds),
        (1, Readiness::Busy, Readiness::InsufficientActiveFrontEnds),
    ] {
        let mut deployment = pool_of(4);
        add_pool(&mut deployment, PoolKind::Mediation, 3);
        let menu = [stop(0, ServiceSet::ALL), stop(4, ServiceSet::ALL), fail_over(1)];
        let setup = deployed(deployment, &menu).reading(&[(Reading::ReadyWithOneOut, with_one_out)]);
        let mut bench = setup.with_group(&[1, 2, 3]);
        for command in &menu[..2] {
            bench.issue(command.clone());
            while bench.can(Step::Advance { shell: 0 }) {
                bench.step(Step::Advance { shell: 0 });
            }
        }
        assert!(shows(&bench, Query::Readiness { pool: PoolId(0), is: front_ends }));
        assert!(shows(&bench, Query::Readiness { pool: PoolId(1), is: others }));
    }
}
