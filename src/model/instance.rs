//! A scenario, compiled for exploration: what no step changes.
//!
//! Invariant: everything here is computed once; a step only reads it.

use super::slice::{self, Group};
use super::state::{Budgets, Database, Hang, PoolState, ServerState, ServiceState, Shell, State};
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
    /// The pools of the slice.
    pub pools: Vec<PoolInfo>,
    /// For each server of the deployment, its index in the slice.
    pub index_of: Vec<Option<usize>>,
    /// The shells.
    pub shells: Vec<Program>,
    /// The names of the locks.
    pub locks: Vec<String>,
    /// The readings that the scenario leaves open.
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
    /// The deviations from "everything runs" at the beginning.
    pub initially: Vec<crate::scenario::Initially>,
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
                stopped_initially: scenario.initially.contains(&crate::scenario::Initially::PoolStopped(id)),
            });
        }
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
        };
        let fixed = |reading: &Reading| scenario.fixed_readings.iter().any(|(other, _)| other == reading);
        Instance {
            servers,
            groups,
            pools,
            index_of,
            shells: (0..scenario.operators.len())
                .map(|index| Program::new(&scenario.operators, index, &locks))
                .collect(),
            locks,
            open_readings: Reading::ALL.iter().copied().filter(|reading| !fixed(reading)).collect(),
            fixed_readings: scenario.fixed_readings.clone(),
            budgets,
            properties: scenario.properties.clone(),
            gates: slice::queries(scenario).any(|query| {
                matches!(query, Query::Readiness { .. } | Query::DomainReady { .. } | Query::ReplicasWhole { .. })
            }) || slice::commands(scenario).any(|command| matches!(command, Command::FailOver { .. })),
            database_moves: faults.sql_principal_failures > 0
                || scenario.initially.iter().any(|it| matches!(it, crate::scenario::Initially::OnMirror(_)))
                || slice::commands(scenario).any(|command| matches!(command, Command::FailOverDatabase { .. })),
            installs: slice::commands(scenario).any(|command| matches!(command, Command::Install { .. })),
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
                .map(|_| PoolState { state: pool::State::Running, database: Database::Principal, settled: true })
                .collect(),
            tracked_pool: 0,
            shells: self
                .shells
                .iter()
                .map(|program| Shell { at: 0, phase: 0, registers: 0, left: program.budget() })
                .collect(),
            locks: self.locks.iter().map(|_| 0).collect(),
            budgets: self.budgets,
        }
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
