//! How a state packs: every field has the bits that its values need in the scenario, and none of another one's.

use super::build::{self, Item, add_pool, command, free, pool_of, run, scripted};
use super::walk::walk;
use crate::lifecycle::{pool, routing_group, server, service};
use crate::model::Maintenance;
use crate::model::instance::Instance;
use crate::model::layout::{bits, pack, unpack, width_of, words};
use crate::model::state::{Database, Hang, Last, State};
use crate::runbook::{Command, Query};
use crate::scenario::{Acts, Crash, Faults, Initially, OnServers, Operator, Returns, Scenario};
use crate::topology::{BackEnd, Deployment, PoolId, PoolKind, ServerId};

const HOME: PoolId = PoolId(0);
const PARTNER: PoolId = PoolId(1);
const EDGE: PoolId = PoolId(2);

/// Three front ends and a script that waits.
fn plain() -> Scenario {
    build::scenario(pool_of(3), vec![waiting()], Faults::default())
}

fn waiting() -> Operator {
    scripted("script", &[Item::Sleep])
}

/// The bits that a scenario needs beyond those that all have: of each server, each group of services and each pool.
fn beyond(scenario: &Scenario) -> u32 {
    let instance = Instance::new(scenario);
    let own = [instance.servers.len() * 8, instance.groups.len() * 5, instance.pools.len() * 3];
    bits(&instance) - own.iter().sum::<usize>() as u32
}

fn operated(operators: Vec<Operator>) -> u32 {
    beyond(&build::scenario(pool_of(3), operators, Faults::default()))
}

#[test]
fn a_number_has_the_bits_that_the_largest_needs() {
    let widths = [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4), (255, 8), (256, 9)];
    for (largest, width) in widths {
        assert_eq!(width_of(largest), width, "{largest}");
    }
    let counts = [
        (server::State::ALL.len(), 3),
        (server::Power::ALL.len(), 2),
        (routing_group::State::ALL.len(), 3),
        (service::State::ALL.len(), 3),
        (service::Startup::ALL.len(), 2),
        (pool::State::ALL.len(), 3),
        (Database::ALL.len(), 3),
    ];
    for (values, width) in counts {
        assert_eq!(width_of(values - 1), width, "{values} values");
    }
}

#[test]
fn a_shell_has_a_position_a_phase_and_what_it_remembers() {
    // A sleep, two ends, and the death of the shell; it has nothing else to remember.
    assert_eq!(operated(vec![waiting()]), 2 + 1);
    let remembering = |registers: usize| {
        let mut script = waiting();
        let Acts::Scripted { procedure, .. } = &mut script.acts else { unreachable!("it is a script") };
        procedure.registers = vec![String::new(); registers];
        script
    };
    assert_eq!(operated(vec![remembering(0)]), 2);
    assert_eq!(operated(vec![remembering(64)]), 2 + 64);
    // A cmdlet has a phase for each group of services; a branch is three nodes.
    assert_eq!(operated(vec![scripted("script", &[run(command::restart(0))])]), 2 + 5 + 1);
    // The menu of a free operator, its cmdlet, and how many it may still issue.
    let menu = [command::restart(0), command::restart(1), command::restart(2), command::fail_back(0)];
    let may = |commands: usize, at_most| operated(vec![free("free", &menu[..commands], at_most)]);
    assert_eq!([may(1, None), may(3, None), may(4, None)], [1 + 5, 2 + 5, 3 + 5]);
    assert_eq!([may(1, Some(0)), may(1, Some(1)), may(1, Some(8))], [1 + 5, 1 + 5 + 1, 1 + 5 + 4]);
}

#[test]
fn a_lock_has_as_many_values_as_there_are_shells_and_one_more() {
    let taking = |number: usize| {
        let locks = ["one", "two", "three"];
        scripted("script", &locks[..number].iter().map(|lock| Item::Take(lock)).collect::<Vec<_>>())
    };
    let script = |nodes: usize| width_of(nodes) + 1;
    assert_eq!(operated(vec![taking(1)]), script(3) + 1);
    assert_eq!(operated(vec![taking(3)]), script(5) + 3);
    assert_eq!(operated(vec![taking(1), waiting(), waiting()]), 3 * script(3) + 2);
}

#[test]
fn a_budget_has_the_bits_of_what_is_left_of_it() {
    let under = |faults: Faults| beyond(&Scenario { faults, ..plain() }) - 3;
    let none = Faults::default();
    let servers = vec![ServerId(0)];
    let crash = |at_most| Faults {
        crash: Some(Crash { at_most, servers: servers.clone(), returns: Returns::Yes }),
        ..none.clone()
    };
    let fault = |at_most| Some(OnServers { at_most, servers: servers.clone() });
    assert_eq!(under(none.clone()), 0);
    assert_eq!([under(crash(1)), under(crash(2)), under(crash(4))], [1, 2, 3]);
    assert_eq!(under(Faults { update_policy: fault(Some(3)), ..none.clone() }), 2);
    assert_eq!(under(Faults { update_policy: fault(None), ..none.clone() }), 0);
    assert_eq!(under(Faults { watchdog: fault(Some(1)), ..none.clone() }), 1);
    assert_eq!(under(Faults { failing_cmdlets: 5, ..none.clone() }), 3);
    assert_eq!(under(Faults { publications: 2, ..none.clone() }), 2);
    // A database that moves has a state of its own.
    assert_eq!(under(Faults { sql_principal_failures: 1, ..none.clone() }), 1 + 3);
    // Where a drain or a start can hang, that is known of each group of services.
    let groups = |faults: &Faults| Instance::new(&Scenario { faults: faults.clone(), ..plain() }).groups.len() as u32;
    for hanging in [Faults { hung_conferences: 1, ..none.clone() }, Faults { hung_starts: 1, ..none }] {
        assert_eq!(under(hanging.clone()), 1 + 2 * groups(&hanging));
    }
}

#[test]
fn what_nobody_can_change_or_see_has_no_bits() {
    let asking = |query: Query| operated(vec![scripted("script", &[Item::If(query)])]);
    let reachable = Query::Reachable { server: ServerId(0) };
    assert_eq!(asking(build::query::whole()), asking(reachable) + 1, "whether the other groups are whole");
    let from = |initially: Initially| beyond(&Scenario { initially: vec![initially], ..plain() });
    assert_eq!(from(Initially::OnMirror(HOME)), from(Initially::PoolStopped(HOME)) + 3, "who serves the database");
}

#[test]
fn a_pool_of_two_knows_who_ran_last() {
    let with = |kind, members| {
        let mut deployment = Deployment { pools: vec![], servers: vec![], ..pool_of(1) };
        add_pool(&mut deployment, kind, members);
        beyond(&build::scenario(deployment, vec![free("free", &[command::restart(0)], None)], Faults::default()))
    };
    let operator = 1 + 5;
    assert_eq!([1, 2, 3].map(|members| with(PoolKind::Enterprise, members)), [operator, operator + 2, operator]);
    assert_eq!([1, 2, 3].map(|members| with(PoolKind::Mediation, members)), [operator; 3]);
}

/// Two paired pools of two front ends, of which the first has the management store, and an Edge pool.
fn pair() -> Deployment {
    let mut deployment = pool_of(2);
    add_pool(&mut deployment, PoolKind::Enterprise, 2);
    add_pool(&mut deployment, PoolKind::Edge, 1);
    deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness: true });
    deployment.pools[0].hosts_management_store = true;
    deployment.pools[0].paired_with = Some(PARTNER);
    deployment.pools[1].paired_with = Some(HOME);
    deployment
}

#[test]
fn what_moves_between_pools_has_bits_where_it_can_move() {
    let paired =
        |commands: &[Command]| beyond(&build::scenario(pair(), vec![free("free", commands, None)], Faults::default()));
    let one_of_each = [command::restart(0), command::restart(2)];
    // Who ran last in two pools of two; which of the two pools the group is of; the menu and the cmdlet.
    let still = 2 * 2 + 1 + 2 + 5;
    assert_eq!(paired(&one_of_each), still);
    let third = |command: Command| paired(&[one_of_each.as_slice(), &[command]].concat());
    assert_eq!(third(Command::FailOverPool { pool: HOME, disaster: false }), still + 1, "whose users the group holds");
    assert_eq!(third(Command::MoveManagementStore { home: HOME, force: false }), still + 3, "where it is, who knows");
    // One of three pools or none; of the Edge pool, a third one now, who ran last is not asked.
    assert_eq!(third(Command::SetNextHop { edge: EDGE, hop: HOME }), still + 1 + 2);
}

/// A scenario of which nothing takes part: no pool, no operator.
#[test]
fn a_state_of_nothing_has_a_word() {
    let deployment = Deployment { pools: vec![], servers: vec![], ..pool_of(1) };
    let instance = Instance::new(&build::scenario(deployment, vec![], Faults::default()));
    assert_eq!((bits(&instance), words(&instance)), (0, 1));
    // A script that waits in a deployment of which it names nothing: it waits, and it has ended.
    let mut deployment = Deployment { pools: vec![], servers: vec![], ..pool_of(1) };
    add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    let model = Maintenance::new(&build::scenario(deployment, vec![waiting()], Faults::default()));
    assert!(model.instance().pools.is_empty());
    assert_eq!(
        walk(&model, 10, |state, _| assert_eq!(unpack(model.instance(), &packed(model.instance(), state)), *state)),
        2
    );
}

/// A scenario in which every field has bits.
fn full(registers: usize) -> Instance {
    let mut script = scripted(
        "script",
        &[
            Item::Take("lock"),
            Item::Poll(build::query::whole()),
            run(command::drain(0, crate::topology::ServiceSet::ALL)),
        ],
    );
    let Acts::Scripted { procedure, .. } = &mut script.acts else { unreachable!("it is a script") };
    procedure.registers = vec![String::new(); registers];
    let menu = [
        Command::FailOverPool { pool: HOME, disaster: true },
        Command::MoveManagementStore { home: HOME, force: false },
        Command::SetNextHop { edge: EDGE, hop: HOME },
        command::database(true),
    ];
    let servers: Vec<ServerId> = (0..5).map(ServerId).collect();
    let on_servers = || Some(OnServers { at_most: Some(2), servers: servers.clone() });
    let faults = Faults {
        crash: Some(Crash { at_most: 1, servers: servers.clone(), returns: Returns::Either }),
        hung_conferences: 2,
        update_policy: on_servers(),
        watchdog: on_servers(),
        failing_cmdlets: 3,
        sql_principal_failures: 4,
        hung_starts: 5,
        publications: 6,
    };
    Instance::new(&build::scenario(pair(), vec![script, free("free", &menu, Some(3))], faults))
}

/// Every field of a state with its largest value, all smaller values being possible.
type Field = (String, u64, Set);
type Set = Box<dyn Fn(&mut State, u64)>;

fn fields(instance: &Instance) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut field = |name: String, largest: usize, set: Set| fields.push((name, largest as u64, set));
    for at in 0..instance.servers.len() {
        let (states, powers) = (server::State::ALL, server::Power::ALL);
        let replicas = routing_group::State::ALL;
        field(
            format!("availability {at}"),
            states.len() - 1,
            Box::new(move |state, it| state.servers[at].availability = states[it as usize]),
        );
        field(
            format!("power {at}"),
            powers.len() - 1,
            Box::new(move |state, it| state.servers[at].power = powers[it as usize]),
        );
        field(
            format!("replica {at}"),
            replicas.len() - 1,
            Box::new(move |state, it| state.servers[at].replica = replicas[it as usize]),
        );
    }
    for at in 0..instance.groups.len() {
        let (states, startups) = (service::State::ALL, service::Startup::ALL);
        let hangs = [Hang::None, Hang::Live, Hang::Ended];
        field(
            format!("service {at}"),
            states.len() - 1,
            Box::new(move |state, it| state.services[at].state = states[it as usize]),
        );
        field(
            format!("startup {at}"),
            startups.len() - 1,
            Box::new(move |state, it| state.services[at].startup = startups[it as usize]),
        );
        field(format!("hang {at}"), 2, Box::new(move |state, it| state.services[at].hang = hangs[it as usize]));
    }
    for at in 0..instance.pools.len() {
        let (states, databases, lasts) = (pool::State::ALL, Database::ALL, [Last::Both, Last::First, Last::Second]);
        field(
            format!("pool {at}"),
            states.len() - 1,
            Box::new(move |state, it| state.pools[at].state = states[it as usize]),
        );
        field(
            format!("database {at}"),
            databases.len() - 1,
            Box::new(move |state, it| state.pools[at].database = databases[it as usize]),
        );
        field(format!("settled {at}"), 1, Box::new(move |state, it| state.pools[at].settled = it != 0));
        if instance.pools[at].fabric {
            field(format!("last {at}"), 2, Box::new(move |state, it| state.pools[at].last = lasts[it as usize]));
        } else {
            field(format!("next hop {at}"), 3, Box::new(move |state, it| state.pools[at].next_hop = Some(it as u8)));
        }
    }
    field("tracked pool".into(), instance.pools.len() - 1, Box::new(|state, it| state.tracked_pool = it as u8));
    field("tracked home".into(), instance.pools.len() - 1, Box::new(|state, it| state.tracked_home = it as u8));
    field("moved".into(), 1, Box::new(|state, it| state.store.moved = it != 0));
    field("replicating".into(), 1, Box::new(|state, it| state.store.replicating = it != 0));
    field("unaware".into(), 1, Box::new(|state, it| state.store.unaware = it != 0));
    for (at, program) in instance.shells.iter().enumerate() {
        field(
            format!("position {at}"),
            program.last_position(),
            Box::new(move |state, it| state.shells[at].at = it as u16),
        );
        field(format!("phase {at}"), 31, Box::new(move |state, it| state.shells[at].phase = it as u8));
        for register in 0..program.registers() {
            let set = move |state: &mut State, it| {
                let registers = &mut state.shells[at].registers;
                *registers = *registers & !(1 << register) | it << register;
            };
            field(format!("register {register} of {at}"), 1, Box::new(set));
        }
        field(
            format!("left {at}"),
            program.budget().into(),
            Box::new(move |state, it| state.shells[at].left = it as u8),
        );
    }
    field("lock".into(), instance.shells.len(), Box::new(|state, it| state.locks[0] = it as u8));
    let full = instance.budgets;
    field("crashes".into(), full.crashes.into(), Box::new(|state, it| state.budgets.crashes = it as u8));
    field("hangs".into(), full.hangs.into(), Box::new(|state, it| state.budgets.hangs = it as u8));
    field("policy".into(), full.policy.into(), Box::new(|state, it| state.budgets.policy = it as u8));
    field("watchdog".into(), full.watchdog.into(), Box::new(|state, it| state.budgets.watchdog = it as u8));
    field("failing".into(), full.failing.into(), Box::new(|state, it| state.budgets.failing = it as u8));
    field("principal".into(), full.principal.into(), Box::new(|state, it| state.budgets.principal = it as u8));
    field("starts".into(), full.starts.into(), Box::new(|state, it| state.budgets.starts = it as u8));
    field("publications".into(), full.publications.into(), Box::new(|state, it| state.budgets.publications = it as u8));
    fields
}

fn packed(instance: &Instance, state: &State) -> Vec<u64> {
    let mut packed = vec![0; words(instance)];
    pack(instance, &mut state.clone(), &mut packed);
    packed
}

/// Each field takes each of its values while all others have their smallest, or their largest.
#[test]
fn no_field_reaches_into_another_one() {
    // A word of registers exactly, one bit less, and none, so that what follows lies elsewhere.
    for registers in [0, 1, 63, 64] {
        let instance = full(registers);
        let fields = fields(&instance);
        for largest in [false, true] {
            let mut others = instance.blank();
            fields.iter().for_each(|(_, most, set)| set(&mut others, if largest { *most } else { 0 }));
            for (name, most, set) in &fields {
                // Between the smallest and the largest there is nothing new where only the place is another one.
                let values = (0..=*most).filter(|value| registers == 0 || [0, *most].contains(value));
                for value in values {
                    let mut state = others.clone();
                    set(&mut state, value);
                    assert_eq!(unpack(&instance, &packed(&instance, &state)), state, "{name} is {value}");
                }
            }
        }
        let needed: u32 = fields.iter().map(|(_, most, _)| width_of(*most as usize)).sum();
        assert_eq!(bits(&instance), needed, "there are other fields");
    }
}

#[test]
fn a_state_has_the_words_that_its_bits_fill() {
    let sizes: Vec<(u32, usize)> = (0..=64).map(full).map(|instance| (bits(&instance), words(&instance))).collect();
    let filled = |bits: u32| (1..).find(|words| *words * 64 >= bits).expect("some number") as usize;
    for (bits, words) in &sizes {
        assert_eq!(*words, filled(*bits), "{bits} bits");
    }
    assert!(sizes.iter().any(|(bits, _)| bits % 64 == 0), "one of them fills its last word");
}

/// What has no bits is as it was at the beginning.
#[test]
fn what_is_not_packed_comes_back_as_it_was() {
    let instance = Instance::new(&plain());
    let state = instance.blank();
    assert_eq!(unpack(&instance, &packed(&instance, &state)), state);
    assert!(state.pools[0].settled);
}
