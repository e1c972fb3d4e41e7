//! What cmdlets do: when they are issued, while they are waited for, when their wait ends.

use super::fabric;
use super::machines;
use super::pairs;
use super::slice::{Subject, restarted_by_reset, subject};
use super::state::{Database, Hang};
use super::turn::{Judge, Turn};
use crate::lifecycle::service::Startup;
use crate::lifecycle::{pool, routing_group, server, service};
use crate::runbook::{Command, Reset};
use crate::scenario::readings::Reading;
use crate::topology::{BackEnd, ServerId, ServiceSet};
use smallvec::SmallVec;

/// How a cmdlet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It has returned.
    Done,
    /// It has ended in an error.
    Failed,
    /// It goes on; the shell is blocked.
    Blocked,
}

use Progress::{Blocked, Done, Failed};

pub(super) fn done_if(ok: bool) -> Progress {
    if ok { Done } else { Failed }
}

impl Turn<'_> {
    fn index(&self, server: ServerId) -> usize {
        self.instance.index_of[server.0].expect("the slice holds every server that a step names")
    }

    pub(super) fn pool_index(&self, pool: crate::topology::PoolId) -> usize {
        self.instance
            .pools
            .iter()
            .position(|info| info.id == pool)
            .expect("the slice holds every pool that a step names")
    }

    /// The groups of a server that these services are, in start order.
    fn groups(&self, server: usize, services: ServiceSet) -> SmallVec<[usize; 16]> {
        let range = self.instance.servers[server].services.clone();
        range.filter(|group| !self.instance.groups[*group].services.and(services).is_empty()).collect()
    }

    /// The groups that a start of these services is about, as far as they are installed: with what they need (F1.38).
    fn to_start(&self, server: usize, services: ServiceSet) -> SmallVec<[usize; 16]> {
        self.groups(server, services.and(self.installed(server)).with_dependencies())
    }

    /// The groups that a stop of these services is about, as far as they are installed: with what needs them (F1.47).
    fn to_stop(&self, server: usize, services: ServiceSet) -> SmallVec<[usize; 16]> {
        self.groups(server, services.and(self.installed(server)).with_dependents())
    }

    fn installed(&self, server: usize) -> ServiceSet {
        self.instance.groups_of(server).iter().fold(ServiceSet::NONE, |set, group| set.or(group.services))
    }

    fn judge(&self) -> Judge<'_> {
        Judge::new(self.instance, &self.state)
    }
}

/// Issues a command.
pub fn issue(turn: &mut Turn, command: &Command) -> Progress {
    if let Subject::Server(server) = subject(command) {
        let server = turn.index(server);
        let remembered = matches!(command, Command::ResetPool { .. });
        if !remembered && !turn.judge().up(server) {
            // A machine that does not answer cannot be acted on (A7).
            return Failed;
        }
    }
    match *command {
        Command::StopServices { server, services, graceful, wait } => stop(turn, server, services, graceful, wait),
        Command::StartServices { server, services, wait } => start(turn, server, services, wait),
        Command::PauseServices { server, services } => {
            let groups = turn.groups(turn.index(server), services);
            let paused = groups.iter().filter(|group| turn.service(**group, service::Event::Pause)).count();
            done_if(paused == groups.len() && paused > 0)
        }
        Command::SetStartup { server, services, startup } => {
            let groups = turn.groups(turn.index(server), services);
            for group in &groups {
                turn.state.services[*group].startup = startup;
            }
            done_if(!groups.is_empty())
        }
        Command::FailOver { server, force, .. } => fail_over(turn, server, force),
        Command::FailBack { server, no_start } => fail_back(turn, server, no_start),
        Command::ResetPool { pool, reset, no_restart } => reset_pool(turn, pool, reset, no_restart),
        Command::StartPool { pool, recover, ref skip } => start_pool(turn, pool, recover, skip),
        Command::Restart { server, wait } => {
            machines::power_down(turn, turn.index(server), server::Power::Rebooting, machines::Why::Command);
            if wait { Blocked } else { Done }
        }
        Command::Shutdown { server } => {
            machines::power_down(turn, turn.index(server), server::Power::Lost, machines::Why::Command);
            Done
        }
        Command::Install { .. } => Blocked,
        Command::FailOverDatabase { pool, to_mirror } => {
            let pool = turn.pool_index(pool);
            if !matches!(turn.instance.pools[pool].back_end, BackEnd::Mirrored { .. }) {
                return Failed;
            }
            turn.state.pools[pool].database = match (turn.state.pools[pool].database, to_mirror) {
                (Database::Principal, true) => Database::Mirror,
                (Database::Down, true) => Database::MirrorAlone,
                (Database::Mirror, false) => Database::Principal,
                // A principal that is down cannot be made the principal (F9.4); it may have been repaired.
                (Database::MirrorAlone, false) if turn.oracle.choose(2) == 0 => Database::Principal,
                _ => return Failed,
            };
            Done
        }
        Command::StopDatabase { pool } => {
            let pool = turn.pool_index(pool);
            turn.state.pools[pool].database = match turn.state.pools[pool].database {
                Database::Principal => Database::Down,
                Database::Mirror => Database::MirrorAlone,
                Database::MirrorAlone | Database::Down | Database::Lost => return Failed,
            };
            Done
        }
        Command::StartDatabase { pool } => {
            let pool = turn.pool_index(pool);
            turn.state.pools[pool].database = match turn.state.pools[pool].database {
                Database::Principal | Database::Down | Database::Lost => Database::Principal,
                Database::Mirror | Database::MirrorAlone => Database::Mirror,
            };
            Done
        }
        Command::PublishMembers { pool } => {
            super::faults::publish_members(turn, turn.pool_index(pool));
            Done
        }
        Command::FailOverPool { pool, disaster } => pairs::fail_over_pool(turn, turn.pool_index(pool), disaster),
        Command::FailBackPool { pool, .. } => pairs::fail_back_pool(turn, turn.pool_index(pool)),
        Command::MoveManagementStore { force, .. } => pairs::move_store(turn, force),
        Command::SetNextHop { edge, hop } => pairs::set_next_hop(turn, turn.pool_index(edge), hop),
    }
}

fn stop(turn: &mut Turn, server: ServerId, services: ServiceSet, graceful: bool, wait: bool) -> Progress {
    let server = turn.index(server);
    let groups = turn.to_stop(server, services);
    if groups.is_empty() {
        return Failed;
    }
    if graceful {
        for &group in groups.iter().rev() {
            turn.service(group, service::Event::Drain);
        }
        let stopped = |group: &usize| turn.state.services[*group].state == service::State::Stopped;
        return if wait && !groups.iter().all(stopped) { Blocked } else { Done };
    }
    // A stop is a position in the stop order (D3): the last group in start order is the first to go (A18).
    let at_once = if wait { 1 } else { groups.len() };
    for &group in groups.iter().rev().take(at_once) {
        turn.stop_hard(group);
    }
    if wait && groups.len() > 1 { Blocked } else { Done }
}

fn start(turn: &mut Turn, server: ServerId, services: ServiceSet, wait: bool) -> Progress {
    let server = turn.index(server);
    let groups = turn.to_start(server, services);
    let disabled = |turn: &Turn, group: &usize| turn.state.services[*group].startup == Startup::Disabled;
    let mut refused = groups.is_empty();
    if groups.iter().any(|group| disabled(turn, group)) {
        let out = turn.state.servers[server].availability == server::State::FailedOver;
        let starts = out && turn.read(Reading::StartOnFailedOver) == 1;
        refused |= !starts;
    }
    for &group in &groups {
        // Errors are logged a service, and the others are still tried (A19).
        if !(refused && disabled(turn, &group)) {
            turn.service(group, service::Event::Start);
        }
    }
    let running = |group: &usize| turn.state.services[*group].state == service::State::Running;
    if refused {
        Failed
    } else if wait && !groups.iter().all(running) {
        Blocked
    } else {
        Done
    }
}

fn fail_over(turn: &mut Turn, server: ServerId, force: bool) -> Progress {
    let server = turn.index(server);
    let info = &turn.instance.servers[server];
    if !turn.instance.deployment.version.has_computer_fail_over() || !info.fabric {
        return Failed;
    }
    if turn.state.servers[server].availability != server::State::Running {
        return Failed;
    }
    let pool = &turn.instance.pools[info.pool];
    let another_out = pool.servers.iter().any(|other| *other != server && turn.judge().out(*other));
    if another_out && !force && turn.read(Reading::CapacityCheck) == 1 {
        return Failed;
    }
    let spare = pool.servers.len() > pool.replicas.target;
    if spare && (turn.instance.gates || turn.state.servers[server].replica != routing_group::State::Absent) {
        turn.read(Reading::FailOverIntent);
    }
    turn.server(server, server::Event::FailOver);
    Blocked
}

fn fail_back(turn: &mut Turn, server: ServerId, no_start: bool) -> Progress {
    let server = turn.index(server);
    if !turn.instance.deployment.version.has_computer_fail_over() || !turn.instance.servers[server].fabric {
        return Failed;
    }
    if !turn.server(server, server::Event::FailBack) {
        return Failed;
    }
    for group in turn.instance.servers[server].services.clone() {
        turn.state.services[group].startup = Startup::Automatic;
        if !no_start {
            turn.service(group, service::Event::Start);
        }
    }
    if no_start || turn.judge().in_service(server) { Done } else { Blocked }
}

fn reset_pool(turn: &mut Turn, pool: crate::topology::PoolId, reset: Reset, no_restart: bool) -> Progress {
    let pool = turn.pool_index(pool);
    if !turn.instance.pools[pool].lives {
        return Failed;
    }
    let members = turn.instance.pools[pool].servers.clone();
    match reset {
        Reset::QuorumLossRecovery => done_if(fabric::recover(turn, pool)),
        Reset::MachineStateRemoved(server) => {
            let server = turn.index(server);
            use routing_group::Event::{BuildCancelled, Demoted, Replaced};
            // A Standard Edition server is its pool.
            let member = members.contains(&server) && turn.instance.servers[server].fabric;
            if !member || !turn.server(server, server::Event::Remove) {
                return Failed;
            }
            for event in [BuildCancelled, Demoted, Replaced] {
                turn.replica(server, event);
            }
            Done
        }
        Reset::Service | Reset::Full => {
            let everything = reset == Reset::Full;
            for &server in members.iter().filter(|server| turn.judge().up(**server)).collect::<Vec<_>>() {
                if everything {
                    turn.server(server, server::Event::FullReset);
                }
                for group in turn.groups(server, restarted_by_reset()) {
                    turn.stop_hard(group);
                }
                let wanted = if everything { ServiceSet::ALL } else { restarted_by_reset() };
                for group in turn.groups(server, wanted) {
                    if everything {
                        turn.state.services[group].startup = Startup::Automatic;
                    }
                    if !no_restart && turn.state.services[group].startup != Startup::Disabled {
                        turn.service(group, service::Event::Start);
                    }
                }
            }
            turn.pool(pool, pool::Event::Reset);
            if no_restart { Done } else { Blocked }
        }
    }
}

fn start_pool(turn: &mut Turn, pool: crate::topology::PoolId, recover: bool, skip: &[ServerId]) -> Progress {
    if !turn.instance.deployment.version.has_computer_fail_over() {
        return Failed;
    }
    let pool = turn.pool_index(pool);
    if !turn.instance.pools[pool].lives {
        return Failed;
    }
    // Who is no member of the pool has no part in its start.
    let members = turn.instance.pools[pool].servers.iter().copied();
    let skipped: Vec<usize> = members.filter(|server| skip.contains(&turn.instance.servers[*server].id)).collect();
    let members = turn.instance.pools[pool].servers.len();
    let suffice = |judge: &Judge| judge.first_start_suffices(pool, members - skipped.len());
    if !recover && !turn.settle_readings(&[Reading::ColdStart], suffice) {
        return Failed;
    }
    fabric::start_available(turn, pool, &skipped);
    if recover {
        fabric::recover(turn, pool);
    }
    if turn.state.pools[pool].state.fabric_up() { Done } else { Blocked }
}

/// The command that a shell is blocked in goes on.
pub fn proceed(turn: &mut Turn, command: &Command, phase: u8) -> Option<Progress> {
    let outlook = outlook(turn, command, phase)?;
    if let Command::StopServices { server, services, graceful: false, .. } = *command
        && outlook != Failed
    {
        let groups = turn.to_stop(turn.index(server), services);
        turn.stop_hard(groups[groups.len() - 1 - usize::from(phase)]);
    } else if outlook != Failed {
        if let Command::ResetPool { pool, reset: Reset::Full, .. } = *command {
            // The local databases are built anew, from what the backup store has (F4.13).
            fabric::recover(turn, turn.pool_index(pool));
        }
        pairs::proceed(turn, command, phase);
    }
    Some(outlook)
}

/// Whether the command that a shell is blocked in can go on, and how; `None` while it cannot.
pub fn outlook(turn: &Turn, command: &Command, phase: u8) -> Option<Progress> {
    if let Subject::Server(server) = subject(command) {
        let power = turn.state.servers[turn.index(server)].power;
        let waits_for_it = matches!(command, Command::Restart { .. });
        if power != server::Power::Up {
            return if waits_for_it { None } else { Some(Failed) };
        }
    }
    match *command {
        Command::StopServices { server, services, graceful, .. } => {
            let groups = turn.to_stop(turn.index(server), services);
            if graceful {
                let stopped = |group: &usize| turn.state.services[*group].state == service::State::Stopped;
                let draining = |group: &usize| turn.state.services[*group].state == service::State::Draining;
                return if groups.iter().all(stopped) {
                    Some(Done)
                } else if groups.iter().any(draining) {
                    None
                } else {
                    // Somebody started again what this call had drained.
                    Some(Failed)
                };
            }
            let left = groups.len().checked_sub(usize::from(phase) + 1)?;
            Some(if left == 0 { Done } else { Blocked })
        }
        Command::StartServices { server, services, .. } => {
            let states = || {
                let groups = turn.to_start(turn.index(server), services);
                groups.into_iter().map(|group| turn.state.services[group].state)
            };
            if states().any(|state| state == service::State::StartPending) {
                None
            } else {
                Some(done_if(states().all(|state| state == service::State::Running)))
            }
        }
        Command::FailOver { server, .. } => match turn.state.servers[turn.index(server)].availability {
            server::State::Moving | server::State::Draining => None,
            availability => Some(done_if(availability == server::State::FailedOver)),
        },
        Command::FailBack { server, .. } => {
            let server = turn.index(server);
            let range = turn.instance.servers[server].services.clone();
            let pending = range.clone().any(|group| turn.state.services[group].state == service::State::StartPending);
            match turn.state.servers[server].availability {
                _ if turn.judge().in_service(server) => Some(Done),
                server::State::FailedBack | server::State::Running | server::State::Stopped if pending => None,
                _ => Some(Failed),
            }
        }
        Command::ResetPool { pool, .. } | Command::StartPool { pool, .. } => {
            turn.state.pools[turn.pool_index(pool)].state.fabric_up().then_some(Done)
        }
        Command::Restart { .. } | Command::Install { .. } => Some(Done),
        Command::PauseServices { .. }
        | Command::SetStartup { .. }
        | Command::Shutdown { .. }
        | Command::FailOverDatabase { .. }
        | Command::StopDatabase { .. }
        | Command::StartDatabase { .. }
        | Command::PublishMembers { .. }
        | Command::MoveManagementStore { .. }
        | Command::SetNextHop { .. } => Some(Done),
        Command::FailOverPool { .. } | Command::FailBackPool { .. } => pairs::outlook(turn, command, phase),
    }
}

/// Whether a blocked command waits for something that the system will not bring about (D2, D4): only then
/// does its wait end.
pub fn stuck(turn: &Turn, command: &Command, phase: u8) -> bool {
    let judge = turn.judge();
    let pool_is_down = |pool: usize| turn.state.pools[pool].state.fabric_down() && !judge.pool_can_start(pool, false);
    // A start that hangs, or that waits for a pool which stays down, never comes to its end.
    let never_starts = |server: usize, group: usize| {
        let (slot, info) = (turn.state.services[group], &turn.instance.groups[group]);
        let pool = turn.instance.servers[server].pool;
        slot.state == service::State::StartPending
            && (slot.hang != Hang::None || ((info.registrar || info.talks) && pool_is_down(pool)))
    };
    match *command {
        Command::FailOver { server, .. } => {
            let server = turn.index(server);
            match turn.state.servers[server].availability {
                server::State::Moving => judge.stuck_moving(server),
                server::State::Draining => hung(turn, server),
                _ => false,
            }
        }
        Command::FailBack { server, .. } => {
            let server = turn.index(server);
            turn.instance.servers[server].services.clone().any(|group| never_starts(server, group))
        }
        Command::StartServices { server, services, .. } => {
            let server = turn.index(server);
            turn.to_start(server, services).into_iter().any(|group| never_starts(server, group))
        }
        Command::ResetPool { pool, .. } | Command::StartPool { pool, .. } => pool_is_down(turn.pool_index(pool)),
        Command::FailOverPool { .. } | Command::FailBackPool { .. } => pairs::stuck(turn, command, phase),
        _ => false,
    }
}

fn hung(turn: &Turn, server: usize) -> bool {
    turn.instance.servers[server].services.clone().any(|group| turn.state.services[group].hang != Hang::None)
}

/// The wait of a blocked command ends.
pub fn expire(turn: &mut Turn, command: &Command) -> Progress {
    match *command {
        Command::FailOver { server, draining_timeout, .. } => {
            let server = turn.index(server);
            let draining = turn.state.servers[server].availability == server::State::Draining;
            if draining && draining_timeout {
                machines::cut_hangs(turn, server);
                return Blocked;
            }
            expire_fail_over(turn, server, draining)
        }
        Command::FailBack { server, .. } => {
            let server = turn.index(server);
            turn.server(server, server::Event::FailBackExpired);
            for group in turn.instance.servers[server].services.clone() {
                if !turn.service(group, service::Event::StartGivenUp) {
                    // What runs already has taken calls.
                    turn.stop_hard(group);
                }
                turn.state.services[group].startup = Startup::Disabled;
            }
            Failed
        }
        _ => Failed,
    }
}

/// The one-hour wait of a fail-over ends (C7, A2).
fn expire_fail_over(turn: &mut Turn, server: usize, draining: bool) -> Progress {
    let (event, services) = match turn.read(Reading::WaitExpiry) {
        0 => (server::Event::Abandoned, service::Event::Resume),
        1 => (server::Event::AbandonedMoved, service::Event::Resume),
        2 => (server::Event::Abandoned, service::Event::LeftPaused),
        _ if draining => {
            machines::cut_hangs(turn, server);
            return Blocked;
        }
        // Force ends connections (S7). It does not overrule fabric, which still holds the node (A6).
        _ => (server::Event::Abandoned, service::Event::Resume),
    };
    turn.server(server, event);
    for group in turn.instance.servers[server].services.clone() {
        turn.service(group, services);
    }
    Failed
}
