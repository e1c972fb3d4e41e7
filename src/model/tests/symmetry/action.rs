//! What is interchangeable has the same future, and one representative.
//!
//! What a permutation of servers and operators does to a state is written down here a second time: commands are found
//! in a menu by what they say. On random walks through random scenarios the permuted state then has the permuted successors.

use crate::model::Maintenance;
use crate::model::instance::Instance;
use crate::model::program::Kind;
use crate::model::state::{Last, State};
use crate::model::tests::build::{self, command};
use crate::model::tests::random::{Shape, Small, cases, scenarios};
use crate::runbook::{Command, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::{Crash, Faults, Initially, OnServers, Operator, Returns, Scenario};
use crate::topology::{PoolId, ServerId, ServiceSet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::collections::HashSet;

/// A permutation: which place each server of the slice and each operator takes.
#[derive(Debug, Clone)]
struct Renaming {
    servers: Vec<usize>,
    operators: Vec<usize>,
}

impl Renaming {
    fn none(instance: &Instance) -> Renaming {
        Renaming { servers: (0..instance.servers.len()).collect(), operators: (0..instance.shells.len()).collect() }
    }

    fn command(&self, instance: &Instance, command: &Command) -> Command {
        let mut command = command.clone();
        let rename = |server: &mut ServerId| {
            if let Some(index) = instance.index_of[server.0] {
                *server = instance.servers[self.servers[index]].id;
            }
        };
        match &mut command {
            Command::StopServices { server, .. }
            | Command::StartServices { server, .. }
            | Command::PauseServices { server, .. }
            | Command::SetStartup { server, .. }
            | Command::FailOver { server, .. }
            | Command::FailBack { server, .. }
            | Command::Restart { server, .. }
            | Command::Shutdown { server }
            | Command::Install { server }
            | Command::ResetPool { reset: Reset::MachineStateRemoved(server), .. } => rename(server),
            Command::StartPool { skip, .. } => skip.iter_mut().for_each(rename),
            _ => {}
        }
        command
    }

    /// The position that somebody who is at a position of one shell has as the other one.
    fn position(&self, instance: &Instance, shell: usize, at: u16) -> u16 {
        let (Kind::Free { menu, .. }, Kind::Free { menu: other, .. }) =
            (&instance.shells[shell].kind, &instance.shells[self.operators[shell]].kind)
        else {
            assert_eq!(self.operators[shell], shell, "nobody takes the place of a script");
            return at;
        };
        let Some(item) = usize::from(at).checked_sub(1) else { return 0 };
        // A menu may have a command twice.
        let which = menu[..item].iter().filter(|it| it.command == menu[item].command).count();
        let wanted = self.command(instance, &menu[item].command);
        let found = other.iter().enumerate().filter(|(_, it)| it.command == wanted).nth(which);
        found.expect("the menu has the command on the other server too").0 as u16 + 1
    }

    fn state(&self, instance: &Instance, from: &State) -> State {
        let mut state = from.clone();
        for (server, &place) in self.servers.iter().enumerate() {
            state.servers[place] = from.servers[server];
            let groups = |server: usize| instance.servers[server].services.clone();
            assert_eq!(instance.groups_of(server), instance.groups_of(place));
            for (group, place) in groups(server).zip(groups(place)) {
                state.services[place] = from.services[group];
            }
        }
        for (slot, info) in state.pools.iter_mut().zip(&instance.pools) {
            let last = match slot.last {
                Last::Both => continue,
                Last::First => info.servers[0],
                Last::Second => info.servers[1],
            };
            slot.last = if self.servers[last] == info.servers[0] { Last::First } else { Last::Second };
        }
        for (shell, &place) in self.operators.iter().enumerate() {
            state.shells[place] = from.shells[shell];
            state.shells[place].at = self.position(instance, shell, from.shells[shell].at);
        }
        state
    }
}

/// Every exchange of two neighbours of a class, and of two operators with the same menu: they make up all permutations.
fn exchanges(model: &Maintenance) -> Vec<Renaming> {
    let instance = model.instance();
    let neighbours = model.symmetry().classes().iter().flat_map(|class| class.windows(2));
    let servers = neighbours.map(|pair| {
        let mut renaming = Renaming::none(instance);
        renaming.servers.swap(pair[0], pair[1]);
        renaming
    });
    let mut operators = Vec::new();
    for one in 0..instance.shells.len() {
        let alike = |other: &usize| match [&instance.shells[one].kind, &instance.shells[*other].kind] {
            [Kind::Free { menu, at_most }, Kind::Free { menu: same, at_most: most }] => {
                let commands = |menu: &[crate::scenario::MenuItem]| -> Vec<Command> {
                    menu.iter().map(|item| item.command.clone()).collect()
                };
                at_most == most && commands(menu) == commands(same)
            }
            _ => false,
        };
        if let Some(other) = (one + 1..instance.shells.len()).find(alike) {
            let mut renaming = Renaming::none(instance);
            renaming.operators.swap(one, other);
            operators.push(renaming);
        }
    }
    servers.chain(operators).collect()
}

/// What can be done to any server, or to a pool.
fn command_of(kind: usize, server: usize) -> Command {
    match kind {
        0 => command::fail_over(server),
        1 => command::fail_back(server),
        2 => command::stop(server, ServiceSet::ALL),
        3 => command::drain(server, ServiceSet::named(&["RTCAVMCU"])),
        4 => command::start(server, ServiceSet::ALL),
        5 => command::restart(server),
        6 => Command::Shutdown { server: ServerId(server) },
        7 => command::install(server),
        8 => command::reset(Reset::MachineStateRemoved(ServerId(server))),
        9 => command::start_pool(server == 0),
        10 => command::reset(if server == 0 { Reset::Full } else { Reset::QuorumLossRecovery }),
        _ => Command::PublishMembers { pool: PoolId(0) },
    }
}

/// Random scenarios in which much is interchangeable: operators who can do the same to all servers, beside the scripts
/// and in place of them, faults that strike all of them or some.
pub fn alike(shape: Shape) -> impl Strategy<Value = Small> {
    let menus = prop_oneof![
        2 => vec(0..12usize, 1..=2).prop_map(|menu| vec![menu]),
        2 => vec(0..12usize, 1..=2).prop_map(|menu| vec![menu.clone(), menu]),
        1 => vec(0..12usize, 1..=2).prop_map(|menu| vec![menu.clone(), menu.clone(), menu]),
        1 => vec(vec(0..12usize, 1..=2), 2),
    ];
    (scenarios(shape), menus, prop::option::of(1..=3u8), any::<[bool; 3]>()).prop_map(
        |(Small(mut scenario), menus, at_most, [scripts, all_struck, as_usual])| {
            let servers = scenario.deployment.servers.len();
            if !scripts {
                scenario.operators.clear();
            }
            let item = |kind: usize| (0..servers).map(move |server| command_of(kind, server));
            let free = menus.iter().enumerate().map(|(number, kinds)| -> Operator {
                let menu: Vec<Command> = kinds.iter().flat_map(|kind| item(*kind)).collect();
                build::free(&format!("operator {number}"), &menu, at_most)
            });
            scenario.operators.extend(free);
            if all_struck {
                let servers: Vec<ServerId> = (0..servers).map(ServerId).collect();
                scenario.faults.crash = Some(Crash { at_most: 2, servers: servers.clone(), returns: Returns::Either });
                scenario.faults.watchdog = Some(OnServers { at_most: Some(1), servers });
                scenario.faults.hung_conferences = 1;
            }
            if as_usual {
                let about_a_pool = |it: &Initially| matches!(it, Initially::PoolStopped(_) | Initially::OnMirror(_));
                scenario.initially.retain(about_a_pool);
            }
            let fair = [PropertyName::RunbookCompletes, PropertyName::ReturnsToService];
            scenario.properties.retain(|property| !fair.contains(property));
            Small(scenario)
        },
    )
}

/// Where a walk goes, a number a step.
fn walks() -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 16)
}

/// What can happen next: the class of the step, its events, and where it leads.
type Futures = HashSet<(u32, u32, State)>;

fn futures(model: &Maintenance, state: &State) -> Futures {
    let mut futures = Futures::new();
    model.outcomes(state, |step, _, outcome| {
        futures.insert((step.class(), outcome.events, outcome.state));
    });
    futures
}

/// A walk through the states of a model; `each` sees each state with its futures.
fn walk(
    model: &Maintenance,
    choices: &[u16],
    mut each: impl FnMut(&State, &Futures) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut states = stateright::Model::init_states(model);
    prop_assert!(!states.is_empty(), "there is no beginning");
    for choice in choices {
        let state = states.swap_remove(usize::from(*choice) % states.len());
        each(&state, &futures(model, &state))?;
        // In the order of the model, since a set has none that is the same twice.
        states.clear();
        model.outcomes(&state, |_, _, outcome| states.push(outcome.state));
        if states.is_empty() {
            break;
        }
    }
    Ok(())
}

fn permuted_states_have_permuted_futures(scenario: &Scenario, choices: &[u16]) -> Result<(), TestCaseError> {
    let model = Maintenance::new(scenario);
    let instance = model.instance();
    let exchanges = exchanges(&model);
    let begin: HashSet<State> = stateright::Model::init_states(&model).into_iter().collect();
    for exchange in &exchanges {
        let other: HashSet<State> = begin.iter().map(|state| exchange.state(instance, state)).collect();
        prop_assert!(other == begin, "the beginnings are not those of {exchange:?}");
    }
    walk(&model, choices, |state, futures_of| {
        for exchange in &exchanges {
            let other = exchange.state(instance, state);
            prop_assert_eq!(model.holding(&other), model.holding(state), "{:?} of {:?}", exchange, state);
            let there = futures(&model, &other);
            for (class, events, next) in futures_of {
                let next = (*class, *events, exchange.state(instance, next));
                prop_assert!(there.contains(&next), "{exchange:?} of {state:?} does not lead to {next:?}");
            }
            prop_assert_eq!(there.len(), futures_of.len(), "{:?} of {:?}", exchange, state);
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn what_is_interchangeable_has_the_same_future(Small(scenario) in alike(Shape::FULL), choices in walks()) {
        permuted_states_have_permuted_futures(&scenario, &choices)?;
    }

    #[test]
    fn what_is_interchangeable_in_a_pair_has_the_same_future(Small(scenario) in alike(Shape::PAIRS), choices in walks()) {
        permuted_states_have_permuted_futures(&scenario, &choices)?;
    }
}

/// All states that differ from one by exchanges.
fn orbit(instance: &Instance, exchanges: &[Renaming], state: &State) -> HashSet<State> {
    let mut orbit = HashSet::from([state.clone()]);
    let mut open = vec![state.clone()];
    while let Some(state) = open.pop() {
        for exchange in exchanges {
            let other = exchange.state(instance, &state);
            if orbit.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    orbit
}

fn one_representative(scenario: &Scenario, choices: &[u16], larger_than_one: &Cell<u32>) -> Result<(), TestCaseError> {
    let model = Maintenance::new(scenario);
    let (instance, symmetry) = (model.instance(), model.symmetry());
    let exchanges = exchanges(&model);
    walk(&model, choices, |state, _| {
        let orbit = orbit(instance, &exchanges, state);
        let mut representatives = HashSet::new();
        for state in &orbit {
            let mut representative = state.clone();
            let changed = symmetry.canonicalize(instance, &mut representative);
            prop_assert_eq!(changed, representative != *state, "{:?}", state);
            prop_assert!(orbit.contains(&representative), "{state:?} becomes {representative:?}");
            representatives.insert(representative);
        }
        prop_assert!(representatives.len() == 1, "{representatives:?}");
        larger_than_one.set(larger_than_one.get() + u32::from(orbit.len() > 1));
        Ok(())
    })
}

#[test]
fn what_is_interchangeable_has_one_representative() {
    let larger_than_one = Cell::new(0);
    let mut runner = TestRunner::new_with_rng(cases(32), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let shape = Shape { front_ends: 2..=4, ..Shape::FULL };
    let result = runner.run(&(alike(shape), walks()), |(Small(scenario), choices)| {
        one_representative(&scenario, &choices, &larger_than_one)
    });
    result.unwrap_or_else(|why| panic!("{why}"));
    assert!(larger_than_one.get() > 100, "hardly anything is interchangeable: {larger_than_one:?}");
}

/// The representatives of the states in which operators in a pool of two do this, a menu item each.
fn representatives<const N: usize>(menus: [&[Command]; N], doing: &[[u16; N]]) -> usize {
    let operators = menus.map(|menu| build::free("free", menu, None)).to_vec();
    let model = Maintenance::new(&build::scenario(build::pool_of(2), operators, Faults::default()));
    let representative = |positions: &[u16; N]| {
        let mut state = model.instance().blank();
        for (shell, at) in state.shells.iter_mut().zip(positions) {
            (shell.at, shell.phase) = (*at, u8::from(*at > 0));
        }
        model.symmetry().canonicalize(model.instance(), &mut state);
        state
    };
    doing.iter().map(representative).collect::<HashSet<State>>().len()
}

/// Servers that look the same otherwise are told apart by what operators do to them.
#[test]
fn what_operators_do_orders_the_servers_whoever_does_it() {
    let restarts = [command::restart(0), command::restart(1)];
    // Two of three do it to one server, and the third to the other one.
    let two_and_one = [[1, 1, 2], [1, 2, 1], [2, 1, 1], [2, 2, 1], [2, 1, 2], [1, 2, 2]];
    assert_eq!(representatives([&restarts; 3], &two_and_one), 1);
    // Of three things, two are done to one server: whoever does which of them.
    let three = [
        restarts.as_slice(),
        &[command::fail_back(0), command::fail_back(1)],
        &[command::fail_over(0), command::fail_over(1)],
    ];
    let three = three.concat();
    let on_one = [[1, 5, 4], [5, 1, 4], [1, 4, 5], [5, 4, 1], [4, 1, 5], [4, 5, 1]];
    let on_other = on_one.map(|doing| doing.map(|item| if item % 2 == 0 { item - 1 } else { item + 1 }));
    assert_eq!(representatives([three.as_slice(); 3], &[on_one, on_other].concat()), 1);
    // One who is like no other acts beside two who are alike.
    assert_eq!(representatives([&three, &restarts, &restarts], &[[1, 0, 0], [2, 0, 0]]), 1);
    assert_eq!(representatives([&three, &restarts, &restarts], &[[1, 1, 0], [2, 2, 0], [1, 0, 1], [2, 0, 2]]), 1);
    assert_eq!(representatives([&three, &restarts, &restarts], &[[1, 1, 0], [1, 2, 0]]), 2, "on one server, or on two");
}
