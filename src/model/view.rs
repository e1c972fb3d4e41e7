//! What a state amounts to: who serves, who votes, how the routing group stands.
//!
//! Invariant: nothing here changes a state. Cost: a few passes over the servers of a pool.

use super::instance::PoolInfo;
use super::state::Database;
use super::turn::Judge;
use crate::lifecycle::{pool, routing_group, server, service};
use crate::scenario::readings::Reading;
use crate::topology::Version;

/// The readings on which the votes of a pool can depend.
const VOTING: &[Reading] = &[Reading::SqlVote, Reading::MirrorVote, Reading::MaxVoters12];

fn answers(state: service::State) -> bool {
    use service::State::{Draining, Empty, Paused, Running};
    matches!(state, Running | Paused | Draining | Empty)
}

impl Judge<'_> {
    fn pool_info(&self, pool: usize) -> &PoolInfo {
        &self.instance.pools[pool]
    }

    /// Whether all of some groups of services are in a state that is accepted.
    #[inline]
    fn all(&self, groups: &[usize], accepted: impl Fn(service::State) -> bool) -> bool {
        groups.iter().all(|group| accepted(self.state.services[*group].state))
    }

    /// Whether the machine runs.
    pub fn up(&self, server: usize) -> bool {
        self.state.servers[server].power == server::Power::Up
    }

    /// Whether the fabric node of a server is up, and not only its machine: its vote counts (A4).
    pub fn node_up(&self, server: usize) -> bool {
        self.state.servers[server].availability != server::State::Removed
            && self.all(&self.instance.servers[server].node_groups, answers)
    }

    /// Whether a replica on this server is open.
    pub fn replica_possible(&self, server: usize) -> bool {
        use server::State::{FailedBack, Moving, Running, Stopped};
        let info = &self.instance.servers[server];
        info.fabric
            && self.node_up(server)
            && matches!(self.state.servers[server].availability, Running | Moving | Stopped | FailedBack)
            && self.all(&info.serving_groups, answers)
            && !self.state.pools[info.pool].state.fabric_down()
    }

    /// Whether new users are sent to this server and find their service, which stops with its machine.
    pub fn takes_users(&self, server: usize) -> bool {
        use server::State::{FailedBack, Moving, Running};
        let info = &self.instance.servers[server];
        matches!(self.state.servers[server].availability, Running | Moving | FailedBack)
            && self.critical_services_run(server)
            && matches!(self.state.pools[info.pool].state, pool::State::Running | pool::State::Draining)
    }

    /// Whether the services run that make a server of use to anybody.
    pub fn critical_services_run(&self, server: usize) -> bool {
        let info = &self.instance.servers[server];
        [&info.serving_groups, &info.node_groups]
            .into_iter()
            .all(|groups| self.all(groups, |state| state == service::State::Running))
    }

    /// Whether the server is in full service: every service runs and users are sent to it.
    pub fn in_service(&self, server: usize) -> bool {
        let pool = self.instance.servers[server].pool;
        self.state.pools[pool].state == pool::State::Running
            && self.state.servers[server].availability == server::State::Running
            && self.state.services[self.instance.servers[server].services.clone()]
                .iter()
                .all(|slot| slot.state == service::State::Running)
    }

    /// Whether the server is out, or on its way out.
    pub fn out(&self, server: usize) -> bool {
        self.state.servers[server].availability != server::State::Running || !self.takes_users(server)
    }

    /// The readings on which the votes of a pool depend in this state. With SQL up all of them give the same
    /// numbers (F3.14), except where a row of the table is in doubt.
    pub fn voting(&self, pool: usize) -> &'static [Reading] {
        let certain = self.pool_info(pool).servers.len() < 12;
        if certain && self.state.pools[pool].database == Database::Principal { &[] } else { VOTING }
    }

    /// The votes of a pool under the readings: front-end voters up, SQL vote up, voters needed.
    pub fn votes(&self, pool: usize) -> Votes {
        let info = self.pool_info(pool);
        // Seven of twelve stands in the current page only; 2015 has five of nine (C4).
        let twelve =
            if self.instance.deployment.version <= Version::Sfb2015 { 0 } else { self.reading(Reading::MaxVoters12) };
        let table = info.votes[usize::from(self.reading(Reading::SqlVote))][usize::from(twelve)];
        let sql_up = match self.state.pools[pool].database {
            Database::Principal => true,
            Database::Mirror | Database::MirrorAlone => self.reading(Reading::MirrorVote) == 1,
            Database::Down | Database::Lost => false,
        };
        let voters = &info.servers[..table.voters.min(info.servers.len())];
        let up = voters.iter().filter(|server| self.node_up(**server)).count();
        Votes {
            up,
            sql: table.sql_votes && sql_up,
            sql_votes: table.sql_votes,
            quorum: table.quorum,
            needed: table.needed(sql_up),
            voters: voters.len(),
        }
    }

    /// How the tracked routing group stands.
    pub fn group(&self) -> GroupView {
        let pool = usize::from(self.state.tracked_pool);
        let mut view = GroupView::default();
        let Some(info) = self.instance.pools.get(pool) else {
            return view;
        };
        for &server in &info.servers {
            match self.state.servers[server].replica {
                routing_group::State::Absent => {}
                routing_group::State::Building => view.building += 1,
                routing_group::State::Secondary => view.up += 1,
                routing_group::State::Primary => {
                    view.up += 1;
                    view.primary = Some(server);
                }
                routing_group::State::Down => view.down += 1,
            }
        }
        view.target = info.replicas.target;
        // After a recovery a group may be configured with fewer replicas than fabric wants in the end.
        view.quorum = if info.replicas.target < 3 { 1 } else { (view.up + view.down).min(3) / 2 + 1 };
        view
    }

    /// Whether the tracked group is in a pool that has a fabric.
    pub fn tracks(&self) -> bool {
        self.instance.pools.get(usize::from(self.state.tracked_pool)).is_some_and(|pool| pool.fabric)
    }
}

/// The votes of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Votes {
    /// Front-end voters that are up.
    pub up: usize,
    /// Whether SQL's vote counts now.
    pub sql: bool,
    /// Whether SQL has a vote at all.
    pub sql_votes: bool,
    /// Votes that make a quorum.
    pub quorum: usize,
    /// Front-end voters that must be up for the pool to stay functional.
    pub needed: usize,
    /// Front-end voters.
    pub voters: usize,
}

impl Votes {
    /// Whether the pool stays functional with so many voters fewer.
    pub fn suffice_without(self, fewer: usize) -> bool {
        self.up >= self.needed + fewer
    }

    /// Votes that are up, SQL included.
    pub fn total_up(self) -> usize {
        self.up + usize::from(self.sql)
    }
}

/// How a routing group stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct GroupView {
    /// Replicas that are up.
    pub up: usize,
    /// Replicas whose server is down.
    pub down: usize,
    /// Replicas under construction.
    pub building: usize,
    /// The server of the primary.
    pub primary: Option<usize>,
    /// Replicas that must be up.
    pub quorum: usize,
    /// Replicas that fabric wants.
    pub target: usize,
}

impl GroupView {
    /// Whether a majority of the replicas is up.
    pub fn has_quorum(self) -> bool {
        self.up >= self.quorum
    }

    /// Whether nothing is missing and nothing is in motion.
    pub fn whole(self) -> bool {
        self.up == self.target && self.down == 0 && self.building == 0 && self.primary.is_some()
    }
}
