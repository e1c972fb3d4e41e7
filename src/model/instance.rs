//! A scenario, compiled for exploration: what no step changes.
//!
//! Invariant: everything here is computed once; a step only reads it.

use super::slice::{self, Group};
use super::state::{Budgets, Database, Hang, Last, PoolState, ServerState, ServiceState, Shell, State, Store};
use crate::check::model::Assignment;
use crate::fabric::{Replicas, SqlVote, TwelveVoters, Votes};
use crate::lifecycle::{pool, routing_group, server, service};
use crate::model::program::Program;
use crate::runbook::{Command, Op, Query};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Faults, Scenario};
use crate::topology::{BackEnd, Deployment, PoolId, PoolKind, ServerId, ServiceSet};
use std::ops::Range;

/// A server of the slice.
#[derive(Debug, Clone)]
pub struct ServerInfo {
    /// Its number in the deployment.
    pub id: ServerId,
    /// The index of its pool in the slice.
    pub pool: usize,
    /// Where its groups of services stand in [`State::services`].
    pub services: Range<usize>,
    /// Whether fabric runs on it: a front end of an Enterprise pool.
    pub fabric: bool,
    /// Which of its groups hold the fabric node.
    pub node_groups: Vec<usize>,
    /// Which of its groups serve users.
    pub serving_groups: Vec<usize>,
    /// Its upgrade domain, as a number within its pool.
    pub domain: usize,
}

/// A pool of the slice.
#[derive(Debug, Clone)]
pub struct PoolInfo {
    /// Its number in the deployment.
    pub id: PoolId,
    /// Its servers, as indices into the slice, in topology order.
    pub servers: Vec<usize>,
    /// Whether it has a fabric: an Enterprise pool.
    pub fabric: bool,
    /// Its Back End.
    pub back_end: BackEnd,
    /// The replicas that fabric keeps of a routing group.
    pub replicas: Replicas,
    /// The votes under each reading, by `sql-vote` and by `max-voters-12`.
    pub votes: [[Votes; 2]; 2],
    /// How many of its servers have to take users (F2.12).
    pub at_least: usize,
    /// The other pool of the pair, if it takes part.
    pub partner: Option<usize>,
    /// Whether the pool can be up or down as a whole: it has a fabric, or a step of the scenario fails it over.
    pub lives: bool,
    /// Whether the scenario begins with the pool stopped, so that it is not meant to be up.
    pub stopped_initially: bool,
}

/// A compiled scenario.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The deployment.
    pub deployment: Deployment,
    /// The servers of the slice.
    pub servers: Vec<ServerInfo>,
    /// The groups of services, server by server.
    pub groups: Vec<Group>,
    /// For each group of services those before it on its server that it depends on: they come up first (F1.38).
    pub starts_after: Vec<Vec<usize>>,
    /// The pools of the slice.
    pub pools: Vec<PoolInfo>,
    /// For each server of the deployment, its index in the slice.
    pub index_of: Vec<Option<usize>>,
    /// The shells.
    pub shells: Vec<Program>,
    /// The names of the locks.
    pub locks: Vec<String>,
    /// The readings that the scenario leaves open, and that can come to matter.
    pub open_readings: Vec<Reading>,
    /// The values of the readings that it fixes.
    pub fixed_readings: Vec<(Reading, u8)>,
    /// What may go wrong.
    pub faults: Faults,
    /// The budgets in full.
    pub budgets: Budgets,
    /// What is to be decided.
    pub properties: Vec<PropertyName>,
    /// Whether it matters if the groups that are not tracked are whole: somebody asks, or fabric may hold a
    /// fail-over back for the sake of one of them.
    pub gates: bool,
    /// Whether somebody or something can move a database.
    pub database_moves: bool,
    /// Whether some step runs an installer.
    pub installs: bool,
    /// The pool with the Central Management Store and the one that it can move to, as far as they take part.
    pub store: [Option<usize>; 2],
    /// Whether some pool can be failed over, or is from the beginning.
    pub pools_fail_over: bool,
    /// Whether some step can throw away what users have produced.
    pub loses_data: bool,
    /// Whether some step can move the Central Management Store.
    pub store_moves: bool,
    /// The next hops of Edge pools that no step changes.
    pub fixed_next_hops: Vec<PoolId>,
    /// The next hop at the beginning of each pool of the slice, where a step can change it.
    pub next_hops: Vec<Option<u8>>,
    /// The deviations from "everything runs" at the beginning.
    pub initially: Vec<crate::scenario::Initially>,
}

/// Whether a scenario can fail a pool over, or begins with it failed over.
fn fails_over(scenario: &Scenario, id: PoolId) -> bool {
    let moves = |command: &Command| match command {
        Command::FailOverPool { pool, .. } | Command::FailBackPool { pool, .. } => *pool == id,
        _ => false,
    };
    slice::commands(scenario).any(moves) || scenario.initially.contains(&crate::scenario::Initially::PoolFailedOver(id))
}

/// Whether a scenario starts, stops or moves a pool as a whole.
fn started_or_stopped(scenario: &Scenario, id: PoolId) -> bool {
    let whole = |command: &Command| match command {
        Command::StartPool { pool, .. } | Command::ResetPool { pool, .. } => *pool == id,
        _ => false,
    };
    fails_over(scenario, id)
        || slice::commands(scenario).any(whole)
        || scenario.initially.contains(&crate::scenario::Initially::PoolStopped(id))
}

/// Whether a reading can come to matter; what cannot need not be remembered.
fn may_matter(scenario: &Scenario, reading: Reading) -> bool {
    let mut commands = slice::commands(scenario);
    match reading {
        Reading::StoreGuard => commands.any(|command| matches!(command, Command::FailOverPool { .. })),
        Reading::MemberChange => {
            scenario.faults.publications > 0 || commands.any(|it| matches!(it, Command::PublishMembers { .. }))
        }
        Reading::OldMaster => commands.any(|command| matches!(command, Command::MoveManagementStore { .. })),
        _ => true,
    }
}

/// For each group of a server those before it that it depends on.
fn start_order(groups: &[Group], of_server: &Range<usize>) -> Vec<Vec<usize>> {
    let needed = |group: usize| {
        let needs = groups[group].services.with_dependencies();
        (of_server.start..group).filter(|earlier| !groups[*earlier].services.and(needs).is_empty()).collect()
    };
    of_server.clone().map(needed).collect()
}

/// Whether a scenario can give an Edge pool another next hop.
fn changes_next_hop(scenario: &Scenario, id: PoolId) -> bool {
    slice::commands(scenario).any(|command| matches!(command, Command::SetNextHop { edge, .. } if *edge == id))
}

impl Instance {
    /// Compiles a scenario.
    pub fn new(scenario: &Scenario) -> Instance {
        Instance::telling_apart(scenario, &slice::distinctions(scenario))
    }

    /// Compiles a scenario in which services are told apart by these sets, which decides how fine the slice is.
    pub(super) fn telling_apart(scenario: &Scenario, distinctions: &[ServiceSet]) -> Instance {
        let deployment = scenario.deployment.clone();
        let mut index_of = vec![None; deployment.servers.len()];
        let (mut servers, mut groups, mut pools) = (Vec::new(), Vec::new(), Vec::new());
        for id in slice::pools(scenario) {
            let described = &deployment.pools[id.0];
            let fabric = described.kind == PoolKind::Enterprise;
            let mut domains: Vec<&str> = Vec::new();
            let mut members = Vec::new();
            for &server in &described.members {
                let info = &deployment.servers[server.0];
                let domain = info.upgrade_domain.as_deref().unwrap_or(&info.fqdn);
                let known = domains.iter().position(|other| *other == domain);
                let domain = known.unwrap_or_else(|| {
                    domains.push(domain);
                    domains.len() - 1
                });
                let first = groups.len();
                groups.extend(slice::groups(deployment.services_of(server), distinctions));
                index_of[server.0] = Some(servers.len());
                members.push(servers.len());
                servers.push(ServerInfo {
                    id: server,
                    pool: pools.len(),
                    services: first..groups.len(),
                    node_groups: (first..groups.len()).filter(|group| groups[*group].fabric).collect(),
                    serving_groups: (first..groups.len()).filter(|group| groups[*group].registrar).collect(),
                    fabric,
                    domain,
                });
            }
            pools.push(PoolInfo {
                id,
                replicas: Replicas::of(members.len()),
                votes: [SqlVote::EvenPools, SqlVote::Always].map(|sql| {
                    [TwelveVoters::FiveOfNine, TwelveVoters::SevenOfTwelve]
                        .map(|twelve| Votes::of(members.len(), sql, twelve))
                }),
                servers: members,
                fabric,
                back_end: described.back_end.unwrap_or(BackEnd::Single),
                at_least: scenario.capacity.iter().find(|(pool, _)| *pool == id).map_or(1, |(_, number)| *number),
                partner: None,
                lives: fabric || (described.kind == PoolKind::StandardEdition && started_or_stopped(scenario, id)),
                stopped_initially: scenario.initially.contains(&crate::scenario::Initially::PoolStopped(id)),
            });
        }
        for pool in 0..pools.len() {
            let paired: Option<PoolId> = deployment.pools[pools[pool].id.0].paired_with;
            pools[pool].partner = paired.and_then(|paired| pools.iter().position(|info| info.id == paired));
        }
        let in_slice = |id: PoolId| pools.iter().position(|info| info.id == id);
        let host = deployment.management_store();
        let store = [host, host.and_then(|host| deployment.pools[host.0].paired_with)].map(|id| id.and_then(in_slice));
        let mut locks: Vec<String> = Vec::new();
        for operator in &scenario.operators {
            if let Acts::Scripted { procedure, .. } = &operator.acts {
                for node in &procedure.nodes {
                    if let Op::TakeLock { lock, .. } | Op::ReleaseLock { lock, .. } = &node.op
                        && !locks.contains(lock)
                    {
                        locks.push(lock.clone());
                    }
                }
            }
        }
        let faults = scenario.faults.clone();
        let budget = |fault: &Option<crate::scenario::OnServers>| fault.as_ref().and_then(|f| f.at_most).unwrap_or(0);
        let budgets = Budgets {
            crashes: faults.crash.as_ref().map_or(0, |crash| crash.at_most),
            hangs: faults.hung_conferences,
            policy: budget(&faults.update_policy),
            watchdog: budget(&faults.watchdog),
            failing: faults.failing_cmdlets,
            principal: faults.sql_principal_failures,
            starts: faults.hung_starts,
            publications: faults.publications,
        };
        let fixed = |reading: &Reading| scenario.fixed_readings.iter().any(|(other, _)| other == reading);
        let starts_after = servers.iter().flat_map(|server| start_order(&groups, &server.services)).collect();
        Instance {
            servers,
            groups,
            starts_after,
            index_of,
            shells: (0..scenario.operators.len())
                .map(|index| Program::new(&scenario.operators, index, &locks))
                .collect(),
            locks,
            open_readings: Reading::ALL
                .iter()
                .copied()
                .filter(|reading| !fixed(reading) && may_matter(scenario, *reading))
                .collect(),
            fixed_readings: scenario.fixed_readings.clone(),
            budgets,
            properties: scenario.properties.clone(),
            gates: slice::queries(scenario).any(|query| {
                matches!(query, Query::Readiness { .. } | Query::DomainReady { .. } | Query::ReplicasWhole { .. })
            }) || slice::commands(scenario).any(|command| matches!(command, Command::FailOver { .. })),
            database_moves: faults.sql_principal_failures > 0
                || scenario.initially.iter().any(|it| matches!(it, crate::scenario::Initially::OnMirror(_)))
                || slice::commands(scenario).any(|command| {
                    use Command::{FailOverDatabase, StartDatabase, StopDatabase};
                    matches!(command, FailOverDatabase { .. } | StopDatabase { .. } | StartDatabase { .. })
                }),
            installs: slice::commands(scenario).any(|command| matches!(command, Command::Install { .. })),
            loses_data: slice::commands(scenario).any(|command| {
                matches!(
                    command,
                    Command::FailOverPool { disaster: true, .. } | Command::FailBackPool { disaster: true, .. }
                )
            }),
            store_moves: slice::commands(scenario).any(|it| matches!(it, Command::MoveManagementStore { .. })),
            fixed_next_hops: deployment
                .pools
                .iter()
                .enumerate()
                .filter(|(id, _)| !changes_next_hop(scenario, PoolId(*id)))
                .filter_map(|(_, pool)| pool.next_hop)
                .collect(),
            next_hops: pools
                .iter()
                .map(|info| {
                    // One beyond the last pool: the Edge pool has no next hop yet.
                    let hop = deployment.pools[info.id.0].next_hop.map_or(deployment.pools.len(), |hop| hop.0);
                    changes_next_hop(scenario, info.id).then_some(hop as u8)
                })
                .collect(),
            pools_fail_over: pools.iter().any(|info| fails_over(scenario, info.id)),
            store,
            pools,
            initially: scenario.initially.clone(),
            faults,
            deployment,
        }
    }

    /// A state of the right shape in which everything runs, nobody has begun and no replica is placed.
    pub fn blank(&self) -> State {
        State {
            readings: Assignment::default(),
            servers: self
                .servers
                .iter()
                .map(|_| ServerState {
                    availability: server::State::Running,
                    power: server::Power::Up,
                    replica: routing_group::State::Absent,
                })
                .collect(),
            services: self
                .groups
                .iter()
                .map(|_| ServiceState {
                    state: service::State::Running,
                    startup: service::Startup::Automatic,
                    hang: Hang::None,
                })
                .collect(),
            pools: self
                .pools
                .iter()
                .zip(&self.next_hops)
                .map(|(_, next_hop)| PoolState {
                    state: pool::State::Running,
                    database: Database::Principal,
                    settled: true,
                    last: Last::Both,
                    next_hop: *next_hop,
                })
                .collect(),
            tracked_pool: 0,
            tracked_home: 0,
            store: Store::default(),
            shells: self
                .shells
                .iter()
                .map(|program| Shell { at: 0, phase: 0, registers: 0, left: program.budget() })
                .collect(),
            locks: self.locks.iter().map(|_| 0).collect(),
            budgets: self.budgets,
        }
    }

    /// Whether a drain or a start may hang.
    pub fn hangs(&self) -> bool {
        self.faults.hung_conferences > 0 || self.faults.hung_starts > 0
    }

    /// Whether a fault may strike a server of the slice.
    pub fn strikes(&self, servers: &[ServerId], server: usize) -> bool {
        servers.contains(&self.servers[server].id)
    }

    /// The groups of a server.
    pub fn groups_of(&self, server: usize) -> &[Group] {
        &self.groups[self.servers[server].services.clone()]
    }

    /// The value of a reading that the scenario fixes.
    pub fn fixed(&self, reading: Reading) -> Option<u8> {
        self.fixed_readings.iter().find(|(other, _)| *other == reading).map(|(_, value)| *value)
    }

    /// The position of a reading among the open ones.
    pub fn open(&self, reading: Reading) -> Option<usize> {
        self.open_readings.iter().position(|other| *other == reading)
    }

    /// Whether the property is asked for.
    pub fn asks(&self, property: PropertyName) -> bool {
        self.properties.contains(&property)
    }

    /// Whether some operator follows a procedure.
    pub fn scripted(&self) -> bool {
        self.shells.iter().any(|program| !program.is_free())
    }
}
