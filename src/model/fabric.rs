//! Fabric at work: swaps, promotions, builds, and the checks that hold a fail-over back.
//!
//! Invariant: whether a step is enabled never asks for a reading; [`resolve`] has resolved, in every state,
//! those on which such an answer depends.

use super::consequences;
use super::pairs;
use super::state::{Hang, Last};
use super::step::Step;
use super::turn::{Judge, Turn};
use crate::fabric::{ColdStart, tables};
use crate::lifecycle::{pool, routing_group, server, service};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;

const RESTART: u8 = 1;
const PERMITS: u8 = 1;
const COLD_START: &[Reading] = &[Reading::ColdStart, Reading::SqlVote, Reading::MirrorVote, Reading::MaxVoters12];

impl Judge<'_> {
    fn members(&self) -> &[usize] {
        self.instance.pools.get(usize::from(self.state.tracked_pool)).map_or(&[], |pool| &pool.servers)
    }

    fn replica(&self, server: usize) -> routing_group::State {
        self.state.servers[server].replica
    }

    fn holds_open_replica(&self, server: usize) -> bool {
        matches!(self.replica(server), routing_group::State::Primary | routing_group::State::Secondary)
    }

    /// Whether fabric would build the replica of this server elsewhere: it is down and may be replaced, or
    /// the server is being emptied (F8.3, F8.12).
    fn is_to_be_replaced(&self, server: usize) -> bool {
        let restart = self.reading(Reading::FailOverIntent) == RESTART;
        match self.state.servers[server].availability {
            server::State::Moving => {
                !restart && (self.holds_open_replica(server) || self.replica(server) == routing_group::State::Down)
            }
            server::State::Draining | server::State::FailedOver => {
                !restart && self.replica(server) == routing_group::State::Down
            }
            _ => self.replica(server) == routing_group::State::Down,
        }
    }

    /// Whether the tracked group needs a replica that it does not have: too few are left without those that are
    /// to be replaced.
    pub fn needs_build(&self) -> bool {
        let group = self.group();
        let replaced = self.members().iter().filter(|server| self.is_to_be_replaced(**server)).count();
        group.up + group.down - replaced < group.target
    }

    /// Whether fabric may build a replica on this server.
    pub fn can_build_on(&self, server: usize) -> bool {
        self.members().contains(&server)
            && self.replica(server) == routing_group::State::Absent
            && self.state.servers[server].availability == server::State::Running
            && self.replica_possible(server)
    }

    /// Whether fabric can begin a build: somebody to copy from, something to replace, one build at a time.
    pub fn can_begin_build(&self) -> bool {
        let group = self.group();
        self.tracks()
            && self.state.pools[usize::from(self.state.tracked_pool)].state.fabric_up()
            && group.primary.is_some()
            && group.has_quorum()
            && group.building == 0
            && self.needs_build()
    }

    /// Whether the primary can move to this server, off one that is being emptied.
    pub fn can_swap_to(&self, server: usize) -> bool {
        let on_moving = |primary: usize| self.state.servers[primary].availability == server::State::Moving;
        self.group().primary.is_some_and(on_moving)
            && self.replica(server) == routing_group::State::Secondary
            && self.state.servers[server].availability != server::State::Moving
    }

    /// Whether this server can become the primary of a group that has none.
    pub fn can_promote(&self, server: usize) -> bool {
        let group = self.group();
        self.tracks()
            && group.primary.is_none()
            && group.has_quorum()
            && self.state.pools[usize::from(self.state.tracked_pool)].state.fabric_up()
            && self.replica(server) == routing_group::State::Secondary
    }

    /// Whether fabric is still moving the replica off a server in fail-over, or can begin to.
    fn movable(&self, server: usize) -> bool {
        self.holds_open_replica(server)
            && self.reading(Reading::FailOverIntent) != RESTART
            && (self.group().building > 0
                || (self.can_begin_build() && self.members().iter().any(|other| self.can_build_on(*other))))
    }

    /// Fabric's safety checks for taking a node out (F8.6, F8.9).
    pub fn safety_checks_pass(&self, server: usize) -> bool {
        self.seed_nodes_suffice_without(server) && self.group_suffices_without(server)
    }

    /// Whether the votes without a server's are a quorum (F8.6).
    pub fn seed_nodes_suffice_without(&self, server: usize) -> bool {
        let info = &self.instance.servers[server];
        let votes = self.votes(info.pool);
        let voters = &self.instance.pools[info.pool].servers[..votes.voters];
        let votes_now = voters.contains(&server) && self.node_up(server);
        // SQL's vote always counts as up in this check (F8.6).
        let remaining = votes.up - usize::from(votes_now) + usize::from(votes.sql_votes);
        !votes_now || remaining >= votes.quorum
    }

    /// Whether the tracked group keeps its quorum without a server's replica (F8.9).
    pub fn group_suffices_without(&self, server: usize) -> bool {
        let group = self.group();
        !self.holds_open_replica(server) || group.up > group.quorum || group.up >= group.target
    }

    /// Whether fabric holds back a fail-over in its first phase for the sake of the pool or the tracked group.
    fn held_back(&self, server: usize) -> bool {
        !self.movable(server) && !self.safety_checks_pass(server) && self.reading(Reading::FabricGuard) != PERMITS
    }

    /// Whether fabric may hold back a fail-over for the sake of a group that is not tracked: one that misses a
    /// replica may have another on this server (D1, A12).
    fn may_be_held_back(&self, server: usize) -> bool {
        !self.state.pools[self.instance.servers[server].pool].settled
    }

    /// Whether the first phase of a fail-over may last longer than anybody waits.
    pub fn stuck_moving(&self, server: usize) -> bool {
        self.held_back(server) || (self.may_be_held_back(server) && self.reading(Reading::FabricGuard) != PERMITS)
    }

    /// Whether the first phase of a fail-over, in which a server is, is complete.
    pub fn moved(&self, server: usize) -> bool {
        let swap_is_due = self.replica(server) == routing_group::State::Primary
            && self.members().iter().any(|other| self.can_swap_to(*other));
        !self.movable(server) && !swap_is_due && !self.held_back(server)
    }

    /// Whether all routing groups but the tracked one can be whole with the servers that are up.
    ///
    /// They may have no replica on a server that is out; that some group has one there for as long as it is out
    /// is what runs with that group as the tracked one are for (D1).
    pub fn can_settle(&self, pool: usize) -> bool {
        self.state.pools[pool].state.fabric_up() && self.has_room_for_all(pool)
    }

    /// Whether so many servers of a pool are out from the beginning that every other group misses a replica.
    pub fn misses_replicas(&self, pool: usize) -> bool {
        let state = self.state.pools[pool].state;
        let used = self.instance.gates && self.instance.pools[pool].fabric;
        used && state.fabric_up() && !self.has_room_for_all(pool)
    }

    /// Whether as many servers can hold replicas as a group has.
    fn has_room_for_all(&self, pool: usize) -> bool {
        let info = &self.instance.pools[pool];
        let open = info.servers.iter().filter(|server| self.replica_possible(**server)).count();
        open >= info.replicas.target.min(self.members_left(pool))
    }

    /// The servers of a pool that have not been removed from it.
    fn members_left(&self, pool: usize) -> usize {
        let removed = |server: &&usize| self.state.servers[**server].availability == server::State::Removed;
        self.instance.pools[pool].servers.iter().filter(|server| !removed(server)).count()
    }

    /// Whether a server takes part in a start of its stopped pool.
    pub fn starting(&self, server: usize) -> bool {
        use server::State::{FailedBack, Running, Stopped};
        let info = &self.instance.servers[server];
        self.up(server)
            && matches!(self.state.servers[server].availability, Running | Stopped | FailedBack)
            && [&info.node_groups, &info.serving_groups].into_iter().flatten().all(|group| {
                let slot = self.state.services[*group];
                slot.state != service::State::Stopped && slot.hang == Hang::None
            })
    }

    /// Whether enough servers are starting for a stopped pool to run: with their votes alone, or with the
    /// number of a whole-pool start (F3.3, F3.7).
    pub fn pool_can_start(&self, pool: usize, recovering: bool) -> bool {
        let info = &self.instance.pools[pool];
        let starting = info.servers.iter().filter(|server| self.starting(**server)).count();
        let votes = self.votes(pool);
        let voters = info.servers[..votes.voters].iter().filter(|server| self.starting(**server)).count();
        if !info.fabric {
            // A Standard Edition pool is its one server.
            return self.state.pools[pool].state.fabric_down() && starting > 0;
        }
        self.state.pools[pool].state.fabric_down()
            && voters >= votes.needed
            && (recovering || self.last_is_starting(pool))
            && (recovering || self.first_start_suffices(pool, starting))
    }

    /// Whether so many servers are enough for a start of the whole pool (F3.7).
    pub fn first_start_suffices(&self, pool: usize, starting: usize) -> bool {
        let cold_start = ColdStart::ALL[usize::from(self.reading(Reading::ColdStart))];
        starting >= tables::first_start(self.instance.pools[pool].servers.len(), cold_start)
    }

    /// Whether the front end that ran last is starting, where only it has what the last users wrote (F3.28, F3.29).
    fn last_is_starting(&self, pool: usize) -> bool {
        match self.state.pools[pool].last {
            Last::Both => true,
            Last::First => self.starting(self.instance.pools[pool].servers[0]),
            Last::Second => self.starting(self.instance.pools[pool].servers[1]),
        }
    }

    /// Whether one further crash would break neither quorum.
    pub fn survives_one_more_crash(&self) -> bool {
        let group = self.group();
        let at_risk = |pool: &usize| self.instance.pools[*pool].fabric && !self.state.pools[*pool].state.users_away();
        let pools = (0..self.instance.pools.len()).filter(at_risk).all(|pool| {
            let votes = self.votes(pool);
            let voters = &self.instance.pools[pool].servers[..votes.voters];
            let fewer = usize::from(voters.iter().any(|server| self.node_up(*server)));
            !matches!(self.state.pools[pool].state, pool::State::QuorumLost) && votes.suffice_without(fewer)
        });
        // A crashed server's replica is down, not gone, so the majority asked for stays what it is.
        pools && (!self.tracks() || group.up > group.quorum)
    }
}

/// Resolves the readings on which it depends, in this state, what is enabled and what holds.
pub fn resolve(turn: &mut Turn) {
    resolve_intent(turn);
    for server in 0..turn.instance.servers.len() {
        if turn.state.servers[server].availability == server::State::Moving {
            let held = turn.settle_readings(turn.voting(turn.instance.servers[server].pool), |judge| {
                !judge.movable(server) && !judge.safety_checks_pass(server)
            });
            if held || Judge::new(turn.instance, &turn.state).may_be_held_back(server) {
                turn.read(Reading::FabricGuard);
            }
        }
    }
    for pool in 0..turn.instance.pools.len() {
        if turn.instance.pools[pool].fabric && turn.state.pools[pool].state.fabric_down() {
            turn.settle_readings(COLD_START, |judge| judge.pool_can_start(pool, false));
        }
    }
    if turn.instance.asks(PropertyName::SurvivesOneMoreCrash) {
        let pools = 0..turn.instance.pools.len();
        let voting = pools.map(|pool| turn.voting(pool)).max_by_key(|readings| readings.len()).unwrap_or(&[]);
        turn.settle_readings(voting, |judge| judge.survives_one_more_crash());
    }
}

/// The intent is mostly resolved when a fail-over begins; where a server is out from the beginning, or a
/// recovery has dropped replicas in a small pool, it comes to matter otherwise.
fn resolve_intent(turn: &mut Turn) {
    use server::State::{Draining, FailedOver, Moving};
    let deactivated =
        |server: &super::state::ServerState| matches!(server.availability, Moving | Draining | FailedOver);
    if turn.known(Reading::FailOverIntent).is_none() && turn.state.servers.iter().any(deactivated) {
        turn.settle_readings(&[Reading::FailOverIntent], |judge| {
            // A build that only one intent allows makes the replica of the primary movable, so no step has to be asked for.
            (0..judge.instance.servers.len()).map(|server| judge.movable(server)).collect::<Vec<_>>()
        });
    }
}

/// The steps of fabric that are enabled.
pub fn enabled(judge: &Judge, out: &mut Vec<Step>) {
    for &server in judge.members() {
        let number = server as u8;
        if judge.can_swap_to(server) {
            out.push(Step::Swap { to: number });
        }
        if judge.can_promote(server) {
            out.push(Step::Promote { to: number });
        }
        match judge.replica(server) {
            routing_group::State::Building => out.push(Step::Built { on: number }),
            routing_group::State::Absent if judge.can_begin_build() && judge.can_build_on(server) => {
                out.push(Step::BuildBegins { on: number });
            }
            _ => {}
        }
    }
    for pool in (0..judge.instance.pools.len()).filter(|pool| judge.instance.pools[*pool].lives) {
        let number = pool as u8;
        if judge.instance.gates && !judge.state.pools[pool].settled && judge.can_settle(pool) {
            out.push(Step::Settle { pool: number });
        }
        let state = judge.state.pools[pool].state;
        if state.fabric_failing() {
            out.push(Step::PoolStops { pool: number });
        } else if state.fabric_down() && judge.pool_can_start(pool, false) {
            out.push(Step::PoolStarts { pool: number });
        }
    }
}

/// The primary moves off a server in fail-over.
pub fn swap(turn: &mut Turn, to: usize) {
    if let Some(primary) = Judge::new(turn.instance, &turn.state).group().primary {
        turn.replica(primary, routing_group::Event::Demoted);
    }
    turn.replica(to, routing_group::Event::Promoted);
    trim(turn);
}

/// A replica is complete.
pub fn built(turn: &mut Turn, on: usize) {
    turn.replica(on, routing_group::Event::Built);
    trim(turn);
}

/// Drops what a complete replacement has made superfluous: first what is down, then what is to move.
fn trim(turn: &mut Turn) {
    loop {
        let judge = Judge::new(turn.instance, &turn.state);
        let group = judge.group();
        if group.up + group.down <= group.target {
            return;
        }
        let replaceable = |state| -> Vec<usize> {
            let members = judge.members().iter().copied();
            members.filter(|server| judge.replica(*server) == state && judge.is_to_be_replaced(*server)).collect()
        };
        let down = replaceable(routing_group::State::Down);
        let replaced = if down.is_empty() { replaceable(routing_group::State::Secondary) } else { down };
        if replaced.is_empty() {
            return;
        }
        let pick = turn.oracle.choose(replaced.len());
        turn.replica(replaced[pick], routing_group::Event::Replaced);
    }
}

/// Drops replicas beyond those that fabric wants (F4.2), such as a fail-over leaves behind that failed after
/// the replacement was complete: what is down before what is up. While a replica is to move, [`trim`] does it.
pub fn drop_surplus(turn: &mut Turn) {
    loop {
        let judge = Judge::new(turn.instance, &turn.state);
        let group = judge.group();
        if group.up < group.target || group.up + group.down <= group.target {
            return;
        }
        let members = judge.members().iter().copied();
        let down = |server: &usize| judge.replica(*server) == routing_group::State::Down;
        let mut surplus: Vec<usize> =
            members.clone().filter(down).filter(|server| judge.is_to_be_replaced(*server)).collect();
        if !members.clone().any(|server| judge.is_to_be_replaced(server)) {
            surplus.extend(members.filter(|server| judge.replica(*server) == routing_group::State::Secondary));
        }
        if surplus.is_empty() {
            return;
        }
        let pick = turn.oracle.choose(surplus.len());
        turn.replica(surplus[pick], routing_group::Event::Replaced);
    }
}

/// Every server of a pool without quorum stops all its services (F3.4); from which follows that the pool stops.
pub fn pool_stops(turn: &mut Turn, pool: usize) {
    for server in turn.instance.pools[pool].servers.clone() {
        for group in turn.instance.servers[server].services.clone() {
            turn.service(group, service::Event::Stop);
        }
    }
}

/// A stopped pool runs again, with the servers that are starting.
pub fn pool_starts(turn: &mut Turn, pool: usize, event: pool::Event) {
    let judge = Judge::new(turn.instance, &turn.state);
    let starting: Vec<usize> =
        turn.instance.pools[pool].servers.iter().copied().filter(|server| judge.starting(*server)).collect();
    turn.pool(pool, event);
    for server in starting {
        for group in turn.instance.servers[server].services.clone() {
            let info = turn.instance.groups[group];
            if info.fabric || info.registrar {
                turn.service(group, service::Event::Started);
            }
        }
    }
}

/// QuorumLossRecovery (F4.12, F3.3); `false` if it can do nothing.
pub fn recover(turn: &mut Turn, pool: usize) -> bool {
    if turn.state.pools[pool].state.fabric_down() {
        if !turn.settle_readings(turn.voting(pool), |judge| judge.pool_can_start(pool, true)) {
            return false;
        }
        pool_starts(turn, pool, pool::Event::Recovered);
        let possible = consequences::replicas_possible(turn.instance, &turn.state);
        consequences::follow_replicas(turn, possible);
    }
    if !turn.state.pools[pool].state.fabric_up() {
        return false;
    }
    let group = Judge::new(turn.instance, &turn.state).group();
    if usize::from(turn.state.tracked_pool) == pool && !group.has_quorum() {
        reload(turn, pool);
    }
    true
}

/// Loads the tracked group from the backup store, on servers that fabric picks.
fn reload(turn: &mut Turn, pool: usize) {
    let members = turn.instance.pools[pool].servers.clone();
    load(turn, &members);
    if Judge::new(turn.instance, &turn.state).group().up > 0 {
        for &server in &members {
            if turn.state.servers[server].replica == routing_group::State::Down {
                turn.replica(server, routing_group::Event::Replaced);
            }
        }
    }
}

fn load(turn: &mut Turn, members: &[usize]) {
    loop {
        let judge = Judge::new(turn.instance, &turn.state);
        let free: Vec<usize> = members.iter().copied().filter(|server| judge.can_build_on(*server)).collect();
        let group = judge.group();
        if free.is_empty() || group.up >= group.target {
            break;
        }
        let pick = turn.oracle.choose(free.len());
        turn.replica(free[pick], routing_group::Event::Loaded);
    }
}

/// The tracked group is loaded on another pool (A26).
pub fn move_group(turn: &mut Turn, to: usize) {
    let from = usize::from(turn.state.tracked_pool);
    for server in turn.instance.pools[from].servers.clone() {
        turn.replica(server, routing_group::Event::MovedAway);
    }
    turn.state.tracked_pool = to as u8;
    load(turn, &turn.instance.pools[to].servers.clone());
}

/// Asks everything on a pool to start that is available and not disabled (F4.17).
pub fn start_available(turn: &mut Turn, pool: usize, skipped: &[usize]) {
    for server in turn.instance.pools[pool].servers.clone() {
        let available = pairs::available(turn.state.servers[server].availability) && !skipped.contains(&server);
        if available && Judge::new(turn.instance, &turn.state).up(server) {
            for group in turn.instance.servers[server].services.clone() {
                if turn.state.services[group].startup != service::Startup::Disabled {
                    turn.service(group, service::Event::Start);
                }
            }
        }
    }
}
