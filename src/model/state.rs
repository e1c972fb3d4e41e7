//! A state of the maintenance model.
//!
//! Purpose: what has to be remembered between two steps, and nothing that follows from it. Cost: no heap
//! memory for deployments of up to sixteen servers and four operators.

use crate::check::model::Assignment;
use crate::lifecycle::{pool, routing_group, server, service};
use smallvec::SmallVec;

/// Everything that a run has to remember.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The values of the open readings that this run depends on so far.
    pub readings: Assignment,
    /// The servers of the slice.
    pub servers: SmallVec<[ServerState; 16]>,
    /// The groups of services that the scenario can tell apart, server by server.
    pub services: SmallVec<[ServiceState; 32]>,
    /// The pools of the slice.
    pub pools: SmallVec<[PoolState; 2]>,
    /// The pool that the tracked routing group belongs to (D1).
    pub tracked_pool: u8,
    /// The pool whose users the tracked routing group holds; kept only where pools fail over, since elsewhere it is the
    /// one where the group is.
    pub tracked_home: u8,
    /// The Central Management Store.
    pub store: Store,
    /// The shells of the operators.
    pub shells: SmallVec<[Shell; 4]>,
    /// For each lock, 0 if it is free, otherwise the number of the shell that holds it, from 1.
    pub locks: SmallVec<[u8; 2]>,
    /// What is left of each fault's budget.
    pub budgets: Budgets,
}

/// Every step begins with a copy; this one copies memory, the derived one element by element.
impl Clone for State {
    #[inline]
    fn clone(&self) -> State {
        State {
            readings: self.readings,
            servers: SmallVec::from_slice(&self.servers),
            services: SmallVec::from_slice(&self.services),
            pools: SmallVec::from_slice(&self.pools),
            tracked_pool: self.tracked_pool,
            tracked_home: self.tracked_home,
            store: self.store,
            shells: SmallVec::from_slice(&self.shells),
            locks: SmallVec::from_slice(&self.locks),
            budgets: self.budgets,
        }
    }
}

/// One server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerState {
    /// Its availability to its pool.
    pub availability: server::State,
    /// Its power.
    pub power: server::Power,
    /// Its replica of the tracked routing group.
    pub replica: routing_group::State,
}

/// One group of services on one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServiceState {
    /// What the services do.
    pub state: service::State,
    /// Their startup type.
    pub startup: service::Startup,
    /// Whether a conference keeps a drain from ending (D2).
    pub hang: Hang,
}

/// A conference that keeps a drain from ending; of a start that does not come to its end, [`Hang::Ended`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hang {
    /// There is none.
    None,
    /// People are in it.
    Live,
    /// It ended, and stays open all the same (S10).
    Ended,
}

/// One pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PoolState {
    /// The pool as a whole.
    pub state: pool::State,
    /// Who serves the database.
    pub database: Database,
    /// Whether every routing group but the tracked one is whole, as a gate on all groups sees it (D1).
    pub settled: bool,
    /// Of a pool of two, which front end ran last; [`Last::Both`] of all others.
    pub last: Last,
    /// The next hop of an Edge pool, as a number of the deployment, if a step of the scenario can change it.
    pub next_hop: Option<u8>,
}

/// The Central Management Store: where it is, and who knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Store {
    /// Whether it is on the paired pool and not where the topology has it.
    pub moved: bool,
    /// Whether a move is not yet known everywhere (R10).
    pub replicating: bool,
    /// Whether the master before the move does not know of it (R29).
    pub unaware: bool,
}

/// Who serves the database of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Database {
    /// The principal.
    Principal,
    /// The mirror, while the principal stands by.
    Mirror,
    /// The mirror, while the principal is down.
    MirrorAlone,
    /// Nobody: the principal is down.
    Down,
    /// Nobody: principal and mirror are down (F9.2).
    Lost,
}

impl Database {
    /// All values, in the order of their codes.
    pub const ALL: [Database; 5] =
        [Database::Principal, Database::Mirror, Database::MirrorAlone, Database::Down, Database::Lost];

    /// Whether somebody serves it.
    pub fn serves(self) -> bool {
        !matches!(self, Database::Down | Database::Lost)
    }
}

/// Which front end of a pool of two was the last to run, while none does (F3.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Last {
    /// Both at once, or nobody can know.
    Both,
    /// The first.
    First,
    /// The second.
    Second,
}

/// The shell of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shell {
    /// The node of the procedure; for a free operator 0 if idle, otherwise the menu item from 1.
    pub at: u16,
    /// 0 if the node has not begun; otherwise how far its cmdlet is.
    pub phase: u8,
    /// The registers, one bit each.
    pub registers: u64,
    /// How many commands a free operator with a budget may still issue.
    pub left: u8,
}

/// What is left of the budgets of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budgets {
    /// Crashes.
    pub crashes: u8,
    /// Hung conferences.
    pub hangs: u8,
    /// Reboots by an update policy.
    pub policy: u8,
    /// Starts by a watchdog.
    pub watchdog: u8,
    /// Failing cmdlets.
    pub failing: u8,
    /// Failures of an SQL principal.
    pub principal: u8,
    /// Services that do not come up.
    pub starts: u8,
    /// Publications of a topology.
    pub publications: u8,
}
