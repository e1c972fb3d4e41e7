//! What tells servers and operators apart, rule by rule; and how many bits it takes to put them in order.

use crate::lifecycle::{routing_group, server, service};
use crate::model::Maintenance;
use crate::model::instance::Instance;
use crate::model::state::{Hang, Last, State};
use crate::model::symmetry::Symmetry;
use crate::model::tests::build::{self, Item, add_pool, command::*, free, pool_of, run, scripted};
use crate::runbook::{Command, Quantifier, Query, Reset, Shown};
use crate::scenario::property::PropertyName;
use crate::scenario::{Acts, Crash, Faults, Initially, OnServers, Operator, Returns, Scenario};
use crate::topology::{Deployment, PoolId, PoolKind, ServerId, ServiceSet};

/// Somebody who may do this to each of these servers, as often as he likes.
fn on(servers: &[usize], command: fn(usize) -> Command) -> Operator {
    let menu: Vec<Command> = servers.iter().map(|server| command(*server)).collect();
    free("free", &menu, None)
}

/// A scenario that asks for nothing about fair runs.
fn safety(deployment: Deployment, operators: Vec<Operator>, faults: Faults) -> Scenario {
    let mut scenario = build::scenario(deployment, operators, faults);
    let fair = [PropertyName::RunbookCompletes, PropertyName::ReturnsToService];
    scenario.properties.retain(|property| !fair.contains(property));
    scenario
}

fn classes(scenario: &Scenario) -> Vec<Vec<usize>> {
    Maintenance::new(scenario).symmetry().classes().to_vec()
}

/// Four front ends, an operator who can fail over any of them, and a script.
fn beside(items: &[Item]) -> Vec<Vec<usize>> {
    classes(&safety(pool_of(4), vec![on(&[0, 1, 2, 3], fail_over), scripted("script", items)], Faults::default()))
}

fn struck(servers: &[usize]) -> Vec<ServerId> {
    servers.iter().copied().map(ServerId).collect()
}

#[test]
fn servers_to_which_the_same_can_be_done_are_one_class() {
    let of = |operators: Vec<Operator>| classes(&safety(pool_of(4), operators, Faults::default()));
    let all = [0, 1, 2, 3];
    assert_eq!(of(vec![on(&all, fail_over)]), [vec![0, 1, 2, 3]]);
    assert_eq!(of(vec![on(&[0, 2], fail_over)]), [[0, 2], [1, 3]]);
    assert_eq!(of(vec![on(&[0], fail_over)]), [[1, 2, 3]]);
    assert_eq!(of(vec![on(&all, fail_over), on(&[1, 2], restart)]), [[0, 3], [1, 2]]);
    // Different things on two of them, by one operator or by two.
    let mixed = [fail_over(0), fail_over(1), fail_back(2), fail_back(3)];
    assert_eq!(of(vec![free("free", &mixed, None)]), [[0, 1], [2, 3]]);
    assert_eq!(of(vec![on(&[0, 1], fail_over), on(&[2, 3], fail_over)]), [[0, 1], [2, 3]]);
    // With other parameters it is something else.
    let parameters = [stop(0, ServiceSet::ALL), stop(1, ServiceSet::ALL), drain(2, ServiceSet::ALL)];
    assert_eq!(of(vec![free("free", &parameters, None)]), [[0, 1]]);
    let whole = [start_pool(true), Command::PublishMembers { pool: PoolId(0) }, reset(Reset::Full)];
    assert_eq!(of(vec![free("free", &whole, None)]), [vec![0, 1, 2, 3]]);
}

#[test]
fn every_command_on_a_server_is_the_same_on_another_one() {
    let commands: [fn(usize) -> Command; 11] = [
        |server| stop(server, ServiceSet::ALL),
        |server| start(server, ServiceSet::ALL),
        pause,
        |server| startup(server, service::Startup::Manual),
        fail_over,
        fail_back,
        restart,
        |server| Command::Shutdown { server: ServerId(server) },
        install,
        |server| reset(Reset::MachineStateRemoved(ServerId(server))),
        |server| drain(server, ServiceSet::named(&["RTCAVMCU"])),
    ];
    for command in commands {
        let scenario = safety(pool_of(3), vec![on(&[0, 1, 2], command)], Faults::default());
        assert_eq!(classes(&scenario), [[0, 1, 2]], "{:?}", command(0));
    }
}

#[test]
fn a_server_that_a_script_names_is_like_no_other() {
    assert_eq!(beside(&[Item::Sleep]), [[0, 1, 2, 3]]);
    assert_eq!(beside(&[run(restart(1))]), [[0, 2, 3]]);
    assert_eq!(beside(&[run(restart(1)), run(start(3, ServiceSet::ALL))]), [[0, 2]]);
    assert_eq!(beside(&[run(reset(Reset::MachineStateRemoved(ServerId(0))))]), [[1, 2, 3]]);
    assert_eq!(beside(&[run(reset(Reset::Full))]), [[0, 1, 2, 3]]);
}

#[test]
fn a_server_that_a_query_names_is_like_no_other() {
    let shown = Shown { stopped: true, start_pending: false, running: false, paused: false, draining: false };
    let (server, services, quantifier) = (ServerId(2), ServiceSet::ALL, Quantifier::All);
    assert_eq!(beside(&[Item::Poll(Query::Services { server, services, quantifier, shown })]), [[0, 1, 3]]);
    assert_eq!(beside(&[Item::If(Query::Reachable { server })]), [[0, 1, 3]]);
    assert_eq!(beside(&[Item::Poll(Query::DomainReady { server })]), [[0, 1, 3]]);
    assert_eq!(beside(&[Item::Poll(build::query::ready())]), [[0, 1, 2, 3]]);
    assert_eq!(beside(&[Item::Poll(build::query::whole())]), [[0, 1, 2, 3]]);
}

#[test]
fn the_machine_of_a_script_is_like_no_other() {
    let mut script = scripted("script", &[Item::Sleep]);
    let Acts::Scripted { machine, .. } = &mut script.acts else { unreachable!("it is a script") };
    *machine = Some(ServerId(1));
    assert_eq!(classes(&safety(pool_of(3), vec![script.clone()], Faults::default())), [[0, 2]]);
    // One that is not in the slice tells nothing apart.
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    let Acts::Scripted { machine, .. } = &mut script.acts else { unreachable!("it is a script") };
    *machine = Some(ServerId(3));
    assert_eq!(classes(&safety(deployment, vec![script, on(&[0], restart)], Faults::default())), [[1, 2]]);
}

#[test]
fn a_server_that_a_start_of_the_pool_leaves_out_is_like_no_other() {
    let start = |skip: &[usize]| Command::StartPool { pool: PoolId(0), recover: false, skip: struck(skip) };
    assert_eq!(beside(&[run(start(&[]))]), [[0, 1, 2, 3]]);
    assert_eq!(beside(&[run(start(&[2]))]), [[0, 1, 3]]);
    let menu = free("free", &[start(&[3]), restart(0), restart(1), restart(2), restart(3)], None);
    assert_eq!(classes(&safety(pool_of(4), vec![menu], Faults::default())), [[0, 1, 2]]);
}

#[test]
fn a_server_that_begins_otherwise_is_like_no_other() {
    let from = |initially: &[Initially]| {
        let mut scenario = safety(pool_of(4), vec![on(&[0, 1, 2, 3], restart)], Faults::default());
        scenario.initially = initially.to_vec();
        classes(&scenario)
    };
    for initially in [Initially::FailedOver, Initially::Stopped, Initially::Lost] {
        assert_eq!(from(&[initially(ServerId(1))]), [[0, 2, 3]]);
    }
    assert_eq!(from(&[Initially::Stopped(ServerId(0)), Initially::Stopped(ServerId(3))]), [[1, 2]]);
    assert_eq!(from(&[Initially::PoolStopped(PoolId(0)), Initially::OnMirror(PoolId(0))]), [[0, 1, 2, 3]]);
}

#[test]
fn what_a_fault_strikes_is_told_apart_from_what_it_does_not_strike() {
    let under = |faults: Faults| classes(&safety(pool_of(4), vec![], faults));
    let crash = |servers: &[usize]| {
        let crash = Crash { at_most: 1, servers: struck(servers), returns: Returns::Yes };
        Faults { crash: Some(crash), ..Faults::default() }
    };
    let on_servers = |servers: &[usize]| Some(OnServers { at_most: Some(1), servers: struck(servers) });
    let policy = |servers: &[usize]| Faults { update_policy: on_servers(servers), ..Faults::default() };
    let watchdog = |servers: &[usize]| Faults { watchdog: on_servers(servers), ..Faults::default() };
    for faults in [&crash as &dyn Fn(&[usize]) -> Faults, &policy, &watchdog] {
        assert_eq!(under(faults(&[0, 1])), [[0, 1], [2, 3]]);
        assert_eq!(under(faults(&[2])), [[0, 1, 3]]);
        assert_eq!(under(faults(&[0, 1, 2, 3])), [[0, 1, 2, 3]]);
    }
    let both = Faults { watchdog: on_servers(&[0, 1, 2]), ..crash(&[0, 1]) };
    assert_eq!(under(both), [[0, 1]]);
    assert_eq!(under(Faults { hung_conferences: 1, failing_cmdlets: 1, ..Faults::default() }), [[0, 1, 2, 3]]);
}

#[test]
fn servers_of_two_pools_are_not_alike() {
    let mut deployment = pool_of(2);
    add_pool(&mut deployment, PoolKind::Enterprise, 2);
    let scenario = safety(deployment, vec![on(&[0, 1, 2, 3], restart)], Faults::default());
    assert_eq!(classes(&scenario), [[0, 1], [2, 3]]);
}

/// F4.20: an upgrade domain can hold more than one server.
#[test]
fn servers_of_one_upgrade_domain_belong_together() {
    let mut deployment = pool_of(4);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    for (server, domain) in [(0, "shared"), (1, "shared"), (2, "own"), (4, "shared"), (5, "own")] {
        deployment.servers[server].upgrade_domain = Some(domain.into());
    }
    // In the second pool each has a domain of its own, of whatever name.
    let scenario = safety(deployment, vec![on(&[0, 1, 2, 3, 4, 5, 6], restart)], Faults::default());
    assert_eq!(classes(&scenario), [vec![2, 3], vec![4, 5, 6]]);
}

/// F3.6, C4: seven of eight front ends have a vote; of twelve, nine under one reading and all under the other.
#[test]
fn voters_are_told_apart_from_others() {
    let of = |front_ends: usize| {
        let faults = Faults { hung_conferences: 1, ..Faults::default() };
        classes(&safety(pool_of(front_ends), vec![], faults))
    };
    assert_eq!(of(7), [(0..7).collect::<Vec<_>>()]);
    assert_eq!(of(9), [(0..7).collect::<Vec<_>>(), vec![7, 8]]);
    assert_eq!(of(12), [(0..9).collect::<Vec<_>>(), vec![9, 10, 11]]);
    assert_eq!(of(14), [(0..12).collect::<Vec<_>>(), vec![12, 13]]);
}

#[test]
fn fairness_is_a_promise_to_each_server_by_name() {
    for property in PropertyName::ALL {
        let script = scripted("script", &[Item::Sleep]);
        let mut scenario = safety(pool_of(3), vec![on(&[0, 1, 2], restart), script], Faults::default());
        scenario.properties = vec![*property];
        let fair = [PropertyName::RunbookCompletes, PropertyName::ReturnsToService].contains(property);
        assert_eq!(Maintenance::new(&scenario).symmetry().is_trivial(), fair, "{property:?}");
        // Where nobody follows a runbook these properties say nothing.
        scenario.operators.pop();
        assert_eq!(classes(&scenario), [[0, 1, 2]], "{property:?}");
    }
}

#[test]
fn one_server_is_not_interchangeable() {
    let mut deployment = pool_of(2);
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    let scenario = safety(deployment, vec![on(&[0, 1, 2], restart)], Faults::default());
    assert_eq!(classes(&scenario), [[0, 1]]);
    assert!(Maintenance::new(&safety(pool_of(1), vec![on(&[0], restart)], Faults::default())).symmetry().is_trivial());
}

/// Whether it is all the same which of two operators does something.
fn interchangeable(operators: Vec<Operator>, [one, other]: [usize; 2]) -> bool {
    let model = Maintenance::new(&safety(pool_of(1), operators, Faults::default()));
    let busy = |shell: usize| {
        let mut state = model.instance().blank();
        // A limit may have been reached, or there is none.
        state.shells.iter_mut().for_each(|shell| shell.left = 0);
        state.shells[shell].at = 1;
        state.shells[shell].phase = 1;
        model.symmetry().canonicalize(model.instance(), &mut state);
        state
    };
    let same = busy(one) == busy(other);
    assert!(!(same && model.symmetry().is_trivial()));
    same
}

#[test]
fn operators_with_the_same_menu_and_the_same_limit_are_interchangeable() {
    let may = |commands: &[Command], at_most| free("free", commands, at_most);
    let (one, two) = ([restart(0)], [restart(0), fail_over(0)]);
    assert!(interchangeable(vec![may(&one, None), may(&one, None)], [0, 1]));
    assert!(interchangeable(vec![may(&two, Some(2)), may(&two, Some(2))], [0, 1]));
    assert!(!interchangeable(vec![may(&one, None), may(&two, None)], [0, 1]));
    assert!(!interchangeable(vec![may(&two, None), may(&one, None)], [0, 1]));
    assert!(!interchangeable(vec![may(&one, Some(1)), may(&one, Some(2))], [0, 1]));
    assert!(!interchangeable(vec![may(&one, Some(1)), may(&one, None)], [0, 1]));
    // Of several, those that are alike, wherever they stand.
    let several = || vec![may(&one, None), may(&two, None), may(&one, None), may(&two, None), may(&one, None)];
    for (shell, other) in (0..5).flat_map(|shell| (shell + 1..5).map(move |other| (shell, other))) {
        assert_eq!(interchangeable(several(), [shell, other]), shell % 2 == other % 2, "{shell} and {other}");
    }
    // A procedure is followed by one, whatever another one does.
    let script = || scripted("script", &[run(restart(0))]);
    assert!(!interchangeable(vec![script(), script()], [0, 1]));
    assert!(!interchangeable(vec![may(&one, None), script()], [0, 1]));
    assert!(interchangeable(vec![script(), may(&one, None), may(&one, None)], [1, 2]));
}

/// So many services told apart, the others together; so many operators, no two of them alike.
fn sized(groups: usize, operators: usize) -> Instance {
    let operators = (0..operators).map(|number| free("free", &[restart(0), restart(1)], Some(number as u8 + 1)));
    let scenario = safety(pool_of(2), operators.collect(), Faults::default());
    let installed = scenario.deployment.services_of(ServerId(0));
    let apart: Vec<ServiceSet> = installed.iter().take(groups - 1).map(ServiceSet::only).collect();
    let instance = Instance::telling_apart(&scenario, &apart);
    assert_eq!(instance.servers[0].services.len(), groups);
    instance
}

/// What is known of a server fits 128 bits: 9 of its own, 7 for each group of services, 12 for each operator.
#[test]
fn nothing_is_merged_where_a_key_has_no_room() {
    let room = |groups, operators| !Symmetry::new(&sized(groups, operators)).classes().is_empty();
    assert!(room(5, 7), "128 bits");
    assert!(!room(12, 3), "129 bits");
    assert!(room(17, 0), "128 bits");
    assert!(room(1, 9) && !room(1, 10));
}

/// Whether two servers that differ in this have an order of their own: whichever is which, the same state comes out.
fn ordered(instance: &Instance, one: impl Fn(&mut State, usize), other: impl Fn(&mut State, usize)) -> bool {
    let symmetry = Symmetry::new(instance);
    let canonical = |[first, second]: [usize; 2]| {
        let mut state = instance.blank();
        one(&mut state, first);
        other(&mut state, second);
        symmetry.canonicalize(instance, &mut state);
        state
    };
    canonical([0, 1]) == canonical([1, 0])
}

/// Nothing is lost at the upper end where all 128 bits are taken.
#[test]
fn the_largest_key_holds_all_that_is_known() {
    let instance = sized(5, 7);
    let nothing = |_: &mut State, _: usize| {};
    for &availability in server::State::ALL {
        assert!(ordered(&instance, |state, server| state.servers[server].availability = availability, nothing));
    }
    for &power in server::Power::ALL {
        assert!(ordered(&instance, |state, server| state.servers[server].power = power, nothing));
    }
    for shell in 0..7 {
        assert!(ordered(&instance, |state, server| state.shells[shell].at = server as u16 + 1, nothing));
    }
}

/// The last of the commands that a menu may have for one server.
#[test]
fn a_key_tells_thousands_of_commands_on_a_server_apart() {
    let menu: Vec<Command> = (0..2 * 4_095).map(|number| restart(number % 2)).collect();
    let instance = Instance::new(&safety(pool_of(2), vec![free("free", &menu, None)], Faults::default()));
    let own = |hang| move |state: &mut State, server: usize| state.services[server].hang = hang;
    assert_eq!(instance.groups.len(), 2, "one group for each server");
    for number in [0, 1_023, 2_047, 4_094] {
        for hang in [Hang::None, Hang::Live, Hang::Ended] {
            let busy = |state: &mut State, server: usize| state.shells[0].at = (2 * number + server) as u16 + 1;
            assert!(ordered(&instance, busy, own(hang)), "{number}, {hang:?}");
        }
    }
}

/// A pool of servers in all sorts of states: in whatever order they stand, one state comes out.
#[test]
fn a_key_tells_apart_all_that_is_known_of_a_server() {
    let (services, startups) = (service::State::ALL, service::Startup::ALL);
    let hangs = [Hang::None, Hang::Live, Hang::Ended];
    let slots: Vec<_> = services
        .iter()
        .flat_map(|state| startups.iter().map(move |startup| (*state, *startup)))
        .flat_map(|(state, startup)| hangs.map(|hang| crate::model::state::ServiceState { state, startup, hang }))
        .collect();
    let blank = sized(2, 0).blank();
    // All of one group of services beside some of its neighbour.
    let some = [slots[0], slots[slots.len() / 2], slots[slots.len() - 1]];
    let of_services = slots.iter().flat_map(|one| some.map(|other| [[*one, other], [other, *one]])).flatten();
    let of_services = of_services.map(|groups| (blank.servers[0], groups));
    let of_server = server::State::ALL.iter().flat_map(|availability| {
        server::Power::ALL.iter().flat_map(move |power| {
            routing_group::State::ALL.iter().map(move |replica| crate::model::state::ServerState {
                availability: *availability,
                power: *power,
                replica: *replica,
            })
        })
    });
    let of_server = of_server.flat_map(|own| [slots[0], slots[slots.len() - 1]].map(|slot| (own, [slot, slots[0]])));
    let all: Vec<_> = of_services.chain(of_server).collect();

    let instance = Instance::telling_apart(
        &safety(pool_of(12 + all.len()), vec![], Faults { hung_starts: 1, ..Faults::default() }),
        &[ServiceSet::named(&["RTCSRV"])],
    );
    let symmetry = Symmetry::new(&instance);
    let canonical = |known: &mut dyn Iterator<Item = &(crate::model::state::ServerState, [_; 2])>| {
        let mut state = instance.blank();
        for (server, (own, groups)) in (12..).zip(known) {
            state.servers[server] = *own;
            state.services[instance.servers[server].services.clone()].copy_from_slice(groups);
        }
        symmetry.canonicalize(&instance, &mut state);
        state
    };
    let forwards = canonical(&mut all.iter());
    assert!(forwards == canonical(&mut all.iter().rev()), "two servers that differ have one key");
}

/// F3.28: the one of two front ends that ran last is not like the other one.
#[test]
fn a_key_tells_which_of_two_ran_last() {
    let instance = sized(1, 1);
    for (one, other) in routing_group::State::ALL
        .iter()
        .flat_map(|one| routing_group::State::ALL.iter().map(move |other| (*one, *other)))
    {
        let last = |state: &mut State, server: usize| {
            state.servers[server].replica = one;
            state.pools[0].last = [Last::First, Last::Second][server];
        };
        assert!(ordered(&instance, last, |state, server| state.servers[server].replica = other), "{one:?}, {other:?}");
    }
}
