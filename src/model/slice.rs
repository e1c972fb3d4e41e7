//! The slice (D6): only what a scenario can touch costs states.
//!
//! Services that no step, no query and no fault can tell apart are one group. Pools that nothing names
//! are left out.

use crate::runbook::{Command, Op, Procedure, Query, Reset};
use crate::scenario::{Acts, Initially, Scenario};
use crate::topology::services::Work;
use crate::topology::{PoolId, ServerId, ServiceSet};

/// Services of a server that the scenario cannot tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The services.
    pub services: ServiceSet,
    /// Whether the fabric node of the server is among them.
    pub fabric: bool,
    /// Whether users are served by one of them: the Front-End service, or the role's own.
    pub registrar: bool,
    /// Whether a conversation can live on one of them.
    pub talks: bool,
}

/// All commands that a scenario contains.
pub fn commands(scenario: &Scenario) -> impl Iterator<Item = &Command> {
    scenario.operators.iter().flat_map(|operator| -> Box<dyn Iterator<Item = &Command>> {
        match &operator.acts {
            Acts::Scripted { procedure, .. } => Box::new(commands_of(procedure)),
            Acts::Free { menu, .. } => Box::new(menu.iter().map(|item| &item.command)),
        }
    })
}

/// All commands of a procedure.
pub fn commands_of(procedure: &Procedure) -> impl Iterator<Item = &Command> {
    procedure.nodes.iter().filter_map(|node| match &node.op {
        Op::Command { command, .. } => Some(command),
        _ => None,
    })
}

/// All queries that a scenario contains.
pub fn queries(scenario: &Scenario) -> impl Iterator<Item = &Query> {
    scenario
        .operators
        .iter()
        .filter_map(|operator| match &operator.acts {
            Acts::Scripted { procedure, .. } => Some(procedure),
            Acts::Free { .. } => None,
        })
        .flat_map(queries_of)
}

/// All queries of a procedure.
pub fn queries_of(procedure: &Procedure) -> impl Iterator<Item = &Query> {
    let reads = procedure.nodes.iter().filter_map(|node| match &node.op {
        Op::Observe { reads, .. } => Some(reads),
        _ => None,
    });
    reads.flatten().map(|(_, query)| query)
}

/// What a command is about.
pub enum Subject {
    /// One server.
    Server(ServerId),
    /// A whole pool.
    Pool(PoolId),
}

/// What a command is about.
pub fn subject(command: &Command) -> Subject {
    match command {
        Command::StopServices { server, .. }
        | Command::StartServices { server, .. }
        | Command::PauseServices { server, .. }
        | Command::SetStartup { server, .. }
        | Command::FailOver { server, .. }
        | Command::FailBack { server, .. }
        | Command::Restart { server, .. }
        | Command::Shutdown { server }
        | Command::Install { server }
        | Command::ResetPool { reset: Reset::MachineStateRemoved(server), .. } => Subject::Server(*server),
        Command::ResetPool { pool, .. } | Command::StartPool { pool, .. } | Command::FailOverDatabase { pool, .. } => {
            Subject::Pool(*pool)
        }
    }
}

fn services_named(command: &Command) -> Option<ServiceSet> {
    match command {
        Command::StopServices { services, .. }
        | Command::StartServices { services, .. }
        | Command::PauseServices { services, .. }
        | Command::SetStartup { services, .. } => Some(*services),
        Command::ResetPool { reset: Reset::Service | Reset::Full, .. } => Some(restarted_by_reset()),
        _ => None,
    }
}

/// The services that a reset of the pool restarts (F4.11).
pub fn restarted_by_reset() -> ServiceSet {
    ServiceSet::named(&["RTCSRV", "FabricHostSvc"])
}

/// The sets of services by which a scenario tells services apart.
pub fn distinctions(scenario: &Scenario) -> Vec<ServiceSet> {
    let mut sets: Vec<ServiceSet> = Vec::new();
    for named in commands(scenario).filter_map(services_named) {
        sets.extend([named, named.with_dependencies(), named.with_dependents()]);
    }
    for query in queries(scenario) {
        if let Query::Services { services, .. } = query {
            sets.push(*services);
        }
    }
    sets.sort_unstable();
    sets.dedup();
    sets
}

/// The groups of a server that runs these services, in start order of their first members.
pub fn groups(installed: ServiceSet, distinctions: &[ServiceSet]) -> Vec<Group> {
    let mut sets: Vec<(Vec<bool>, ServiceSet)> = Vec::new();
    for service in installed.iter() {
        let signature: Vec<bool> = distinctions.iter().map(|set| set.contains(service)).collect();
        match sets.iter_mut().find(|(known, _)| *known == signature) {
            Some((_, set)) => *set = set.or(ServiceSet::only(service)),
            None => sets.push((signature, ServiceSet::only(service))),
        }
    }
    let registrar = ServiceSet::holding(Work::Registrar);
    let main = if installed.and(registrar).is_empty() { ServiceSet::holding(Work::Calls) } else { registrar };
    let talks = ServiceSet::holding(Work::Conferences).or(ServiceSet::holding(Work::Calls));
    sets.into_iter()
        .map(|(_, services)| Group {
            services,
            fabric: !services.and(ServiceSet::holding(Work::Fabric)).is_empty(),
            registrar: !services.and(main).is_empty(),
            talks: !services.and(talks).is_empty(),
        })
        .collect()
}

/// The pools that a scenario names, in the order of the deployment; all Enterprise pools if it names none.
pub fn pools(scenario: &Scenario) -> Vec<PoolId> {
    let deployment = &scenario.deployment;
    let mut named = vec![false; deployment.pools.len()];
    let mut name = |subject: Subject| match subject {
        Subject::Server(server) => named[deployment.servers[server.0].pool.0] = true,
        Subject::Pool(pool) => named[pool.0] = true,
    };
    for command in commands(scenario) {
        name(subject(command));
        // A machine whose state is to be removed may be named with a pool that is not its own.
        if let Command::ResetPool { pool, .. } = command {
            name(Subject::Pool(*pool));
        }
    }
    for query in queries(scenario) {
        name(match query {
            Query::Readiness { pool, .. } | Query::ReplicasWhole { pool } => Subject::Pool(*pool),
            Query::DomainReady { server } | Query::Services { server, .. } | Query::Reachable { server } => {
                Subject::Server(*server)
            }
        });
    }
    let faults = &scenario.faults;
    let struck = faults.crash.iter().flat_map(|crash| &crash.servers);
    let struck = struck.chain(faults.update_policy.iter().flat_map(|fault| &fault.servers));
    struck
        .chain(faults.watchdog.iter().flat_map(|fault| &fault.servers))
        .for_each(|server| name(Subject::Server(*server)));
    for initially in &scenario.initially {
        name(match *initially {
            Initially::PoolStopped(pool) | Initially::OnMirror(pool) => Subject::Pool(pool),
            Initially::FailedOver(server) | Initially::Stopped(server) | Initially::Lost(server) => {
                Subject::Server(server)
            }
        });
    }
    if !named.contains(&true) {
        for (pool, named) in deployment.pools.iter().zip(&mut named) {
            *named = pool.kind == crate::topology::PoolKind::Enterprise;
        }
    }
    (0..named.len()).filter(|pool| named[*pool]).map(PoolId).collect()
}
