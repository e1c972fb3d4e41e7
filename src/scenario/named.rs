//! What a scenario names: its commands, its queries, and the pools that these are about (D6).
//!
//! Invariant: a pool that is not found here is touched by no step, no query, no fault and no beginning, so
//! that it costs no states.
//! Cost: one pass over the procedures and menus.

use super::{Acts, Initially, Scenario};
use crate::runbook::{Command, Op, Procedure, Query, Reset};
use crate::topology::{PoolId, PoolKind, ServerId};

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
        Command::ResetPool { pool, .. }
        | Command::StartPool { pool, .. }
        | Command::FailOverDatabase { pool, .. }
        | Command::StopDatabase { pool }
        | Command::StartDatabase { pool }
        | Command::PublishMembers { pool }
        | Command::FailOverPool { pool, .. }
        | Command::FailBackPool { pool, .. }
        | Command::MoveManagementStore { home: pool, .. }
        | Command::SetNextHop { edge: pool, .. } => Subject::Pool(*pool),
    }
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
        match command {
            Command::ResetPool { pool, .. } => name(Subject::Pool(*pool)),
            // What moves from one pool of a pair to the other concerns both.
            Command::FailOverPool { pool, .. }
            | Command::FailBackPool { pool, .. }
            | Command::MoveManagementStore { home: pool, .. } => {
                deployment.pools[pool.0].paired_with.into_iter().for_each(|pool| name(Subject::Pool(pool)));
            }
            _ => {}
        }
    }
    for query in queries(scenario) {
        name(match query {
            Query::Readiness { pool, .. }
            | Query::ReplicasWhole { pool }
            | Query::BackupSteady { pool }
            | Query::ManagementStoreReplicated { home: pool } => Subject::Pool(*pool),
            Query::DomainReady { server } | Query::Services { server, .. } | Query::Reachable { server } => {
                Subject::Server(*server)
            }
        });
        if let Query::BackupSteady { pool } = query {
            deployment.pools[pool.0].paired_with.into_iter().for_each(|pool| name(Subject::Pool(pool)));
        }
    }
    let faults = &scenario.faults;
    let struck = faults.crash.iter().flat_map(|crash| &crash.servers);
    let struck = struck.chain(faults.update_policy.iter().flat_map(|fault| &fault.servers));
    struck
        .chain(faults.watchdog.iter().flat_map(|fault| &fault.servers))
        .for_each(|server| name(Subject::Server(*server)));
    for initially in &scenario.initially {
        name(match *initially {
            Initially::PoolStopped(pool) | Initially::OnMirror(pool) | Initially::PoolFailedOver(pool) => {
                Subject::Pool(pool)
            }
            Initially::FailedOver(server) | Initially::Stopped(server) | Initially::Lost(server) => {
                Subject::Server(server)
            }
        });
    }
    for initially in &scenario.initially {
        if let Initially::PoolFailedOver(pool) = initially
            && let Some(partner) = deployment.pools[pool.0].paired_with
        {
            named[partner.0] = true;
        }
    }
    if !named.contains(&true) {
        for (pool, named) in deployment.pools.iter().zip(&mut named) {
            *named = pool.kind == PoolKind::Enterprise;
        }
    }
    (0..named.len()).filter(|pool| named[*pool]).map(PoolId).collect()
}
