//! Pairs of pools, the management store that moves between them, and the next hop of Edge pools.
//!
//! A fail-over of a pool goes through the stages that the cmdlet prints: a steady state of the backup, a last
//! synchronisation while the pool is read-only, the switch, the stop of the services at home (A26). A fail-back starts
//! the pool as a whole, synchronises, and switches back. Between two stages anything else may happen.

use super::commands::Progress::{self, Blocked, Done, Failed};
use super::fabric;
use super::state::Hang;
use super::turn::{Judge, Turn};
use crate::lifecycle::pool::{self, State};
use crate::lifecycle::{server, service};
use crate::runbook::Command;
use crate::scenario::readings::Reading;
use crate::topology::ServiceSet;

/// The services that a fail-over of a pool leaves running, or starts again: those that copy data (A26).
pub fn kept_in_pool_fail_over() -> ServiceSet {
    ServiceSet::named(&["REPLICA", "RTCCLSAGT", "LYNCBACKUP"])
}

/// The service that copies what a pool has to its paired pool (F6.14).
pub fn backup_service() -> ServiceSet {
    ServiceSet::named(&["LYNCBACKUP"])
}

const REFUSES: u8 = 0;
const STANDS_DOWN: u8 = 0;

impl Judge<'_> {
    /// Whether some server of a pool can be talked to by other pools and by cmdlets about the pool.
    pub fn answers(&self, pool: usize) -> bool {
        let servers = &self.instance.pools[pool].servers;
        self.state.pools[pool].state.fabric_up() && servers.iter().any(|server| self.critical_services_run(*server))
    }

    /// Whether a pool answers and its database can be written.
    fn usable(&self, pool: usize) -> bool {
        self.answers(pool) && self.state.pools[pool].database.serves()
    }

    /// Whether a pool is usable, or will be without anybody's help.
    fn becomes_usable(&self, pool: usize) -> bool {
        let (info, state) = (&self.instance.pools[pool], self.state.pools[pool].state);
        let starts = |server: &usize| {
            let groups = self.instance.servers[*server].services.clone();
            let mut critical = groups.filter(|group| {
                let info = &self.instance.groups[*group];
                info.fabric || info.registrar
            });
            critical.all(|group| self.comes_up(*server, group))
        };
        self.state.pools[pool].database.serves()
            && if state.fabric_down() { self.pool_can_start(pool, false) } else { info.servers.iter().any(starts) }
    }

    /// Whether a group of services runs, or will once its machine and its start are complete.
    fn comes_up(&self, server: usize, group: usize) -> bool {
        let slot = self.state.services[group];
        match self.state.servers[server].power {
            server::Power::Up => match slot.state {
                service::State::Running => true,
                service::State::StartPending => slot.hang == Hang::None,
                _ => false,
            },
            server::Power::Rebooting | server::Power::Crashed => slot.startup == service::Startup::Automatic,
            server::Power::Lost => false,
        }
    }

    /// The groups with the backup service of a pool, which is active on one server at a time (F6.14).
    fn backup_services(&self, pool: usize) -> impl Iterator<Item = (usize, usize)> {
        let backup = backup_service();
        let servers = self.instance.pools[pool].servers.iter();
        let groups =
            servers.flat_map(|server| self.instance.servers[*server].services.clone().map(|group| (*server, group)));
        groups.filter(move |(_, group)| !self.instance.groups[*group].services.and(backup).is_empty())
    }

    /// Whether the backup service of a pool runs.
    fn backup_runs(&self, pool: usize) -> bool {
        let runs = |group: usize| self.state.services[group].state == service::State::Running;
        self.backup_services(pool).any(|(_, group)| runs(group))
    }

    /// Whether the backup service of a pool runs, or will without anybody's help.
    fn backup_comes_up(&self, pool: usize) -> bool {
        self.backup_services(pool).any(|(server, group)| self.comes_up(server, group))
    }

    /// The pool that has the Central Management Store, if it takes part.
    pub fn store_pool(&self) -> Option<usize> {
        self.instance.store[usize::from(self.state.store.moved)]
    }

    /// The pool that had the Central Management Store before it moved, if it takes part.
    fn former_store_pool(&self) -> Option<usize> {
        self.instance.store[usize::from(!self.state.store.moved)]
    }

    /// Whether changes of the configuration can be made and reach the servers.
    pub fn store_usable(&self) -> bool {
        self.store_pool().is_none_or(|pool| self.usable(pool))
    }

    /// Whether two pools take themselves for the master of the management store.
    pub fn two_masters(&self) -> bool {
        self.state.store.unaware && self.former_store_pool().is_some_and(|pool| self.answers(pool))
    }

    /// Whether the backup of a pool on its paired pool can come to a steady and to a final state (F6.13).
    pub fn synchronises(&self, pool: usize, partner: usize) -> bool {
        [pool, partner].into_iter().all(|pool| self.usable(pool) && self.backup_runs(pool)) && self.store_usable()
    }

    /// Whether what a pool's fail-over or fail-back waits for at this stage has come, given which pools are usable
    /// and where the backup service runs.
    fn ready(
        &self,
        (stage, disaster): (Stage, bool),
        (pool, partner): (usize, usize),
        usable: impl Fn(usize) -> bool,
        backup: impl Fn(usize) -> bool,
    ) -> bool {
        let copies = |pools: &[usize]| pools.iter().all(|pool| usable(*pool) && backup(*pool));
        let arrived = match stage {
            Stage::Stop | Stage::AnnounceReturn => return true,
            Stage::Switch if disaster => usable(partner),
            Stage::Return if disaster => usable(pool),
            Stage::Start => disaster || copies(&[partner]),
            Stage::Announce | Stage::Switch | Stage::Return => copies(&[pool, partner]),
        };
        arrived && self.store_pool().is_none_or(usable)
    }
}

/// What a fail-over or a fail-back of a pool does after this phase, in words.
pub fn stage_words(command: &Command, phase: u8) -> Option<&'static str> {
    Some(match stage(command, phase)?.0 {
        Stage::Announce => "the backup is steady, and the pool goes read-only",
        Stage::Switch => "the users switch to the paired pool",
        Stage::Stop => "the services at home stop",
        Stage::Start => "the services at home are asked to start",
        Stage::AnnounceReturn => "the pool at home runs and synchronises",
        Stage::Return => "the users are at home again",
    })
}

/// The stages of a fail-over and of a fail-back of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The backup is steady: the pool goes read-only.
    Announce,
    /// The last state is copied: the users switch.
    Switch,
    /// The services at home stop.
    Stop,
    /// The backup on the paired pool is steady: the services at home are asked to start.
    Start,
    /// The pool at home runs: it announces the return of its users.
    AnnounceReturn,
    /// The last state is copied back: the users switch.
    Return,
}

/// The stage that a cmdlet waits to enter, and its pool.
fn stage(command: &Command, phase: u8) -> Option<(Stage, crate::topology::PoolId, bool)> {
    let (stages, pool, disaster): (&[Stage], _, _) = match *command {
        Command::FailOverPool { pool, disaster: false } => {
            (&[Stage::Announce, Stage::Switch, Stage::Stop], pool, false)
        }
        Command::FailOverPool { pool, disaster: true } => (&[Stage::Switch, Stage::Stop], pool, true),
        Command::FailBackPool { pool, disaster } => {
            (&[Stage::Start, Stage::AnnounceReturn, Stage::Return], pool, disaster)
        }
        _ => return None,
    };
    Some((*stages.get(usize::from(phase).checked_sub(1)?)?, pool, disaster))
}

/// Issues a fail-over of a pool.
pub fn fail_over_pool(turn: &mut Turn, pool: usize, disaster: bool) -> Progress {
    let Some(partner) = turn.instance.pools[pool].partner else { return Failed };
    let next_hop = turn.state.pools.iter().any(|edge| edge.next_hop == Some(turn.instance.pools[pool].id.0 as u8))
        || turn.instance.fixed_next_hops.contains(&turn.instance.pools[pool].id);
    let state = turn.state.pools[pool].state;
    // The Edge next hop first (F6.4, R20); the users of the other pool have to be at home (F6.10); and a pool that is
    // failed over has nothing left to fail over.
    if next_hop || turn.state.pools[partner].state.users_away() || state.users_away() {
        return Failed;
    }
    let judge = Judge::new(turn.instance, &turn.state);
    if !disaster && !judge.usable(pool) {
        return Failed;
    }
    if judge.store_pool() == Some(pool) && turn.read(Reading::StoreGuard) == REFUSES {
        return Failed;
    }
    Blocked
}

/// Issues a fail-back of a pool.
pub fn fail_back_pool(turn: &Turn, pool: usize) -> Progress {
    if turn.state.pools[pool].state.users_away() { Blocked } else { Failed }
}

/// Moves the management store to the other pool of the pair (F6.5).
pub fn move_store(turn: &mut Turn, force: bool) -> Progress {
    let judge = Judge::new(turn.instance, &turn.state);
    let (Some(from), Some(to)) = (judge.store_pool(), judge.former_store_pool()) else { return Failed };
    let store = turn.state.store;
    // A move that is not replicated everywhere blocks the next one (R10).
    let blocked = store.replicating || store.unaware || !judge.usable(to);
    if blocked || (!force && !judge.synchronises(from, to)) {
        return Failed;
    }
    turn.state.store.moved = !store.moved;
    turn.state.store.replicating = true;
    // With -Force the old master is not asked, and so not told.
    turn.state.store.unaware = force;
    Done
}

/// Gives an Edge pool another next hop.
pub fn set_next_hop(turn: &mut Turn, edge: usize, hop: crate::topology::PoolId) -> Progress {
    if !Judge::new(turn.instance, &turn.state).store_usable() {
        return Failed;
    }
    turn.state.pools[edge].next_hop = Some(hop.0 as u8);
    Done
}

/// Whether a fail-over or a fail-back of a pool can go on, and how; `None` while it cannot.
pub fn outlook(turn: &Turn, command: &Command, phase: u8) -> Option<Progress> {
    let (stage, pool, disaster) = stage(command, phase)?;
    let pool = turn.pool_index(pool);
    let partner = turn.instance.pools[pool].partner?;
    let state = turn.state.pools[pool].state;
    let partner_at_home = !turn.state.pools[partner].state.users_away();
    let due = match stage {
        Stage::Announce => partner_at_home && matches!(state, State::Running | State::Draining),
        Stage::Switch if disaster => partner_at_home && !state.users_away(),
        Stage::Switch => partner_at_home && state == State::Draining,
        Stage::Stop => state.users_away() && state != State::FailedBack,
        Stage::Start => state.users_away(),
        Stage::AnnounceReturn if matches!(state, State::FailedOver | State::FailedOverLost) => return None,
        Stage::AnnounceReturn => state.users_away(),
        Stage::Return => state == State::FailedBack,
    };
    if !due {
        // Somebody or something has taken the pool elsewhere in the meantime.
        return Some(Failed);
    }
    let last = matches!(stage, Stage::Stop | Stage::Return);
    let judge = Judge::new(turn.instance, &turn.state);
    let ready =
        judge.ready((stage, disaster), (pool, partner), |pool| judge.usable(pool), |pool| judge.backup_runs(pool));
    ready.then_some(if last { Done } else { Blocked })
}

/// Whether a fail-over or a fail-back of a pool waits for something that will not come by itself (D4).
pub fn stuck(turn: &Turn, command: &Command, phase: u8) -> bool {
    let Some((stage, pool, disaster)) = stage(command, phase) else { return false };
    let pool = turn.pool_index(pool);
    let judge = Judge::new(turn.instance, &turn.state);
    match stage {
        Stage::AnnounceReturn => turn.state.pools[pool].state.fabric_down() && !judge.pool_can_start(pool, false),
        _ => turn.instance.pools[pool].partner.is_some_and(|partner| {
            let usable = |pool| judge.becomes_usable(pool);
            !judge.ready((stage, disaster), (pool, partner), usable, |pool| judge.backup_comes_up(pool))
        }),
    }
}

/// A fail-over or a fail-back of a pool enters its next stage.
pub fn proceed(turn: &mut Turn, command: &Command, phase: u8) {
    let Some((stage, pool, disaster)) = stage(command, phase) else { return };
    let pool = turn.pool_index(pool);
    match stage {
        Stage::Announce => {
            turn.pool(pool, pool::Event::FailOver);
        }
        Stage::Switch => {
            turn.pool(pool, if disaster { pool::Event::DisasterFailOver } else { pool::Event::FailOverDone });
            if disaster {
                // What was not copied yet stays behind (F6.3, F6.8).
                turn.lose_data();
            }
            move_users(turn, pool, true);
        }
        Stage::Stop => stop_at_home(turn, pool),
        Stage::Start => fabric::start_available(turn, pool, &[]),
        Stage::AnnounceReturn => {
            turn.pool(pool, pool::Event::FailBack);
        }
        Stage::Return => {
            turn.pool(pool, pool::Event::FailBackDone);
            // Running conferences of these users end (F6.11).
            turn.cut();
            if disaster {
                turn.lose_data();
            }
            move_users(turn, pool, false);
        }
    }
}

/// The groups of a pool are loaded on the paired pool, or at home again.
fn move_users(turn: &mut Turn, home: usize, away: bool) {
    let Some(partner) = turn.instance.pools[home].partner else { return };
    let to = if away { partner } else { home };
    if turn.instance.gates {
        turn.state.pools[to].settled = !turn.instance.pools[to].fabric;
        // No group is left on a pool whose users have gone.
        turn.state.pools[home].settled |= away;
    }
    if turn.instance.pools[home].fabric && usize::from(turn.state.tracked_home) == home {
        fabric::move_group(turn, to);
    }
}

/// The services of a pool whose users have gone are stopped, but for those that copy data.
fn stop_at_home(turn: &mut Turn, pool: usize) {
    turn.pool(pool, pool::Event::ServicesStop);
    let judge = Judge::new(turn.instance, &turn.state);
    if turn.state.store.replicating && judge.former_store_pool() == Some(pool) {
        // The move of the store has not reached its old master, which is stopped now (R29).
        turn.state.store.unaware = true;
    }
    for server in turn.instance.pools[pool].servers.clone() {
        if !Judge::new(turn.instance, &turn.state).up(server) {
            continue;
        }
        for group in turn.instance.servers[server].services.clone() {
            if turn.instance.groups[group].services.and(kept_in_pool_fail_over()).is_empty() {
                turn.stop_hard(group);
            } else if turn.state.services[group].startup != service::Startup::Disabled {
                turn.service(group, service::Event::Start);
            }
        }
    }
}

/// A former master of the management store that runs again, and was never told of the move (R29, A28).
pub fn follow_store(turn: &mut Turn) {
    if Judge::new(turn.instance, &turn.state).two_masters() && turn.read(Reading::OldMaster) == STANDS_DOWN {
        turn.state.store.unaware = false;
    }
}

/// Whether the replicas of the configuration can come to know of a move of the store.
pub fn can_replicate(judge: &Judge) -> bool {
    judge.state.store.replicating && judge.store_usable()
}

/// Whether a server can be asked to start its services by a cmdlet about its whole pool.
pub fn available(state: server::State) -> bool {
    use server::State::{Draining, FailedOver, Moving, Removed};
    !matches!(state, FailedOver | Moving | Draining | Removed)
}
