//! Servers that the scenario cannot tell apart are interchangeable (D7), and so are free operators with the same menu.
//!
//! Two states that differ only by a permutation of such servers and operators have the same future up to that
//! permutation, and every predicate, event and class of steps is blind to it; so one of them stands for
//! all. Its representative has the servers of each class in the order of what is known of them.
//!
//! Invariant: nothing is merged when a property speaks of fair runs, since fairness is a promise to each
//! server by name. Cost: a sort of a few keys a state.

use super::instance::Instance;
use super::program::Kind;
use super::slice::{self, Subject, subject};
use super::state::{Last, Shell, State};
use crate::runbook::{Command, Query, Reset};
use crate::scenario::Initially;
use crate::scenario::property::PropertyName;
use crate::topology::ServerId;
use smallvec::SmallVec;

/// The classes of interchangeable servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Symmetry {
    /// Each class: servers of the slice, at least two.
    classes: Vec<Vec<usize>>,
    /// For each shell and server, the menu items that act on it, in order; empty for scripted shells.
    items: Vec<Vec<Vec<u16>>>,
    /// For each shell, the server and the position among its items of each menu item.
    owner: Vec<Vec<Option<(usize, u16)>>>,
    /// Each group of free operators with the same menu, at least two.
    peers: Vec<Vec<usize>>,
    /// For each shell, whether it is in one of these groups.
    has_peer: Vec<bool>,
}

/// The same command without its server.
fn template(command: &Command) -> Command {
    let mut command = command.clone();
    let nobody = ServerId(usize::MAX);
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
        | Command::ResetPool { reset: Reset::MachineStateRemoved(server), .. } => *server = nobody,
        Command::ResetPool { .. }
        | Command::StartPool { .. }
        | Command::FailOverDatabase { .. }
        | Command::StopDatabase { .. }
        | Command::StartDatabase { .. }
        | Command::PublishMembers { .. }
        | Command::FailOverPool { .. }
        | Command::FailBackPool { .. }
        | Command::MoveManagementStore { .. }
        | Command::SetNextHop { .. } => {}
    }
    command
}

/// What tells a server apart from another one.
#[derive(PartialEq)]
struct Signature {
    pool: usize,
    voter: [bool; 2],
    faults: [bool; 3],
    items: Vec<Vec<Command>>,
}

impl Symmetry {
    /// The symmetry of a scenario.
    pub fn new(instance: &Instance) -> Symmetry {
        let fair = [PropertyName::RunbookCompletes, PropertyName::ReturnsToService];
        if fair.iter().any(|property| instance.asks(*property)) && instance.scripted() {
            return Symmetry::default();
        }
        let (mut items, mut owner) = (Vec::new(), Vec::new());
        for program in &instance.shells {
            let mut by_server = vec![Vec::new(); instance.servers.len()];
            let mut by_item = Vec::new();
            if let Kind::Free { menu, .. } = &program.kind {
                for (number, item) in menu.iter().enumerate() {
                    by_item.push(match subject(&item.command) {
                        Subject::Server(server) => instance.index_of[server.0].map(|server| {
                            by_server[server].push(number as u16);
                            (server, by_server[server].len() as u16 - 1)
                        }),
                        Subject::Pool(_) => None,
                    });
                }
            }
            items.push(by_server);
            owner.push(by_item);
        }
        let named = named(instance);
        let mut classes: Vec<(Signature, Vec<usize>)> = Vec::new();
        for server in (0..instance.servers.len()).filter(|server| !named[*server]) {
            let signature = signature(instance, &items, server);
            match classes.iter_mut().find(|(known, _)| *known == signature) {
                Some((_, class)) => class.push(server),
                None => classes.push((signature, vec![server])),
            }
        }
        let classes: Vec<Vec<usize>> =
            classes.into_iter().map(|(_, class)| class).filter(|class| class.len() > 1).collect();
        let groups = classes.iter().map(|class| instance.servers[class[0]].services.len()).max().unwrap_or(0);
        // The key of a server has to fit its word.
        if 9 + 7 * groups + 12 * instance.shells.len() > 128 {
            return Symmetry::default();
        }
        let peers = peers(instance);
        let has_peer = (0..instance.shells.len()).map(|shell| peers.iter().flatten().any(|it| *it == shell)).collect();
        Symmetry { classes, items, owner, peers, has_peer }
    }

    /// Whether anything is interchangeable.
    pub fn is_trivial(&self) -> bool {
        self.classes.is_empty() && self.peers.is_empty()
    }

    /// The classes of interchangeable servers.
    pub fn classes(&self) -> &[Vec<usize>] {
        &self.classes
    }

    /// What a state knows of a server without the operators.
    fn own_key(&self, instance: &Instance, state: &State, server: usize) -> u128 {
        let slot = state.servers[server];
        let mut key = u128::from(slot.availability.code()) << 5 | u128::from(slot.power.code()) << 3;
        key |= u128::from(slot.replica.code());
        key = key << 1 | u128::from(ran_last(instance, state, server));
        for group in instance.servers[server].services.clone() {
            let slot = state.services[group];
            key = key << 7 | u128::from(slot.state.code()) << 4 | u128::from(slot.startup.code()) << 2;
            key |= slot.hang as u128;
        }
        key
    }

    /// The server that a shell acts on by the item at its position, and the position among the items for that server.
    fn target(&self, shell: usize, at: u16) -> Option<(usize, u16)> {
        let item = usize::from(at).checked_sub(1)?;
        self.owner[shell].get(item).copied().flatten()
    }

    /// What a state knows of a server, but for what operators do who are like others.
    fn key(&self, instance: &Instance, state: &State, server: usize) -> u128 {
        let mut key = self.own_key(instance, state, server);
        for (number, shell) in state.shells.iter().enumerate() {
            let here = self.target(number, shell.at).filter(|(other, _)| *other == server && !self.has_peer[number]);
            // The phase belongs to the shell and moves with it.
            key = key << 12 | here.map_or(0, |(_, position)| u128::from(position) + 1);
        }
        key
    }

    /// What operators who are like others do to a server, whoever of them does it.
    fn done_by_peers(&self, state: &State, server: usize) -> SmallVec<[(usize, u16, u8, u8); 4]> {
        let mut done = SmallVec::new();
        for (number, group) in self.peers.iter().enumerate() {
            for &shell in group {
                let slot = state.shells[shell];
                let here = self.target(shell, slot.at).filter(|(other, _)| *other == server);
                done.extend(here.map(|(_, position)| (number, position, slot.phase, slot.left)));
            }
        }
        done.sort_unstable();
        done
    }

    /// Puts free operators with the same menu in the order of what they are doing; whether that changed anything.
    fn sort_peers(&self, state: &mut State) -> bool {
        let mut changed = false;
        for group in &self.peers {
            let doing = |slot: &Shell| (slot.at, slot.phase, slot.left);
            if group.is_sorted_by_key(|shell| doing(&state.shells[*shell])) {
                continue;
            }
            let mut slots: SmallVec<[Shell; 4]> = group.iter().map(|shell| state.shells[*shell]).collect();
            slots.sort_by_key(doing);
            group.iter().zip(slots).for_each(|(shell, slot)| state.shells[*shell] = slot);
            changed = true;
        }
        changed
    }

    /// Replaces a state by the representative of its class; `false` if it was that already.
    ///
    /// The order of the servers does not depend on which of several peers does what, so the peers come last.
    pub fn canonicalize(&self, instance: &Instance, state: &mut State) -> bool {
        let mut changed = false;
        for class in &self.classes {
            let mut order: SmallVec<[(u128, usize); 16]> =
                class.iter().map(|server| (self.key(instance, state, *server), *server)).collect();
            let compare = |one: &(u128, usize), other: &(u128, usize)| {
                let by_peers = || self.done_by_peers(state, one.1).cmp(&self.done_by_peers(state, other.1));
                one.0.cmp(&other.0).then_with(by_peers)
            };
            if order.is_sorted_by(|one, other| compare(one, other).is_le()) {
                continue;
            }
            order.sort_by(compare);
            self.permute(instance, state, class, &order);
            changed = true;
        }
        self.sort_peers(state) || changed
    }

    /// Puts what is known of `order[i]` in the place of `class[i]`.
    fn permute(&self, instance: &Instance, state: &mut State, class: &[usize], order: &[(u128, usize)]) {
        let before = state.clone();
        for (&to, &(_, from)) in class.iter().zip(order) {
            state.servers[to] = before.servers[from];
            let (target, source) = (instance.servers[to].services.clone(), instance.servers[from].services.clone());
            let pool = instance.servers[to].pool;
            if ran_last(instance, &before, from) {
                state.pools[pool].last = if instance.pools[pool].servers[0] == to { Last::First } else { Last::Second };
            }
            for (target, source) in target.zip(source) {
                state.services[target] = before.services[source];
            }
            for (number, shell) in before.shells.iter().enumerate() {
                if let Some((server, position)) = self.target(number, shell.at)
                    && server == from
                {
                    state.shells[number].at = self.items[number][to][usize::from(position)] + 1;
                }
            }
        }
    }
}

/// Whether a server is the one of two that ran last.
fn ran_last(instance: &Instance, state: &State, server: usize) -> bool {
    let pool = instance.servers[server].pool;
    let last = match state.pools[pool].last {
        Last::Both => return false,
        Last::First => 0,
        Last::Second => 1,
    };
    instance.pools[pool].servers.get(last) == Some(&server)
}

/// The groups of free operators who have the same menu and may issue as many commands.
fn peers(instance: &Instance) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (shell, program) in instance.shells.iter().enumerate() {
        let same = |other: &usize| match (&program.kind, &instance.shells[*other].kind) {
            (Kind::Free { menu, at_most }, Kind::Free { menu: other, at_most: most }) => {
                let commands = menu.iter().map(|item| &item.command);
                at_most == most && commands.eq(other.iter().map(|item| &item.command))
            }
            _ => false,
        };
        match groups.iter_mut().find(|group| same(&group[0])) {
            Some(group) => group.push(shell),
            None => groups.push(vec![shell]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// The servers that a command about a pool leaves out.
fn skipped(command: &Command) -> &[ServerId] {
    if let Command::StartPool { skip, .. } = command { skip } else { &[] }
}

/// The servers that a script, a query or the beginning of the scenario names.
fn named(instance: &Instance) -> Vec<bool> {
    let mut named = vec![false; instance.servers.len()];
    let mut name = |server: &ServerId| {
        if let Some(server) = instance.index_of[server.0] {
            named[server] = true;
        }
    };
    for program in &instance.shells {
        let Some(script) = program.script() else {
            let Kind::Free { menu, .. } = &program.kind else { continue };
            menu.iter().flat_map(|item| skipped(&item.command)).for_each(&mut name);
            continue;
        };
        script.machine.iter().for_each(&mut name);
        for command in slice::commands_of(&script.procedure) {
            if let Subject::Server(server) = subject(command) {
                name(&server);
            }
            skipped(command).iter().for_each(&mut name);
        }
    }
    let scripts = instance.shells.iter().filter_map(|program| program.script());
    for query in scripts.flat_map(|script| slice::queries_of(&script.procedure)) {
        match query {
            Query::DomainReady { server } | Query::Services { server, .. } | Query::Reachable { server } => {
                name(server)
            }
            Query::Readiness { .. }
            | Query::ReplicasWhole { .. }
            | Query::ManagementStoreReplicated { .. }
            | Query::BackupSteady { .. } => {}
        }
    }
    for initially in &instance.initially {
        match initially {
            Initially::FailedOver(server) | Initially::Stopped(server) | Initially::Lost(server) => name(server),
            Initially::PoolStopped(_) | Initially::OnMirror(_) | Initially::PoolFailedOver(_) => {}
        }
    }
    // Servers of one upgrade domain belong together.
    for (server, info) in instance.servers.iter().enumerate() {
        let mut others = instance.servers.iter().enumerate().filter(|(other, _)| *other != server);
        named[server] |= others.any(|(_, other)| (other.pool, other.domain) == (info.pool, info.domain));
    }
    named
}

fn signature(instance: &Instance, items: &[Vec<Vec<u16>>], server: usize) -> Signature {
    let info = &instance.servers[server];
    let pool = &instance.pools[info.pool];
    let position = pool.servers.iter().position(|other| *other == server).expect("a server is one of its pool");
    let struck = |servers: Option<&Vec<ServerId>>| servers.is_some_and(|servers| instance.strikes(servers, server));
    let faults = &instance.faults;
    Signature {
        pool: info.pool,
        voter: [0, 1].map(|twelve| pool.votes[0][twelve].is_voter(position)),
        faults: [
            struck(faults.crash.as_ref().map(|fault| &fault.servers)),
            struck(faults.update_policy.as_ref().map(|fault| &fault.servers)),
            struck(faults.watchdog.as_ref().map(|fault| &fault.servers)),
        ],
        items: items
            .iter()
            .zip(&instance.shells)
            .map(|(items, program)| match &program.kind {
                Kind::Free { menu, .. } => {
                    items[server].iter().map(|item| template(&menu[usize::from(*item)].command)).collect()
                }
                Kind::Scripted(_) => Vec::new(),
            })
            .collect(),
    }
}
