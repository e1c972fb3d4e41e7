//! Scenarios built by hand: deployments, procedures, operators.

use crate::runbook::*;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Faults, MenuItem, Operator, Scenario};
use crate::topology::{BackEnd, Deployment, Pool, PoolId, PoolKind, Server, ServerId, ServiceSet, Version};
use std::sync::Arc;

/// A place in no particular source.
pub fn place() -> Place {
    Place { source: Arc::new(Source::new("test", "")), offset: 0, length: 0 }
}

/// A node at no particular place.
pub fn node(op: Op) -> Node {
    Node { op, place: place(), bindings: vec![], rounds: None }
}

/// One Enterprise pool of 2015 with a single SQL Server.
pub fn pool_of(front_ends: usize) -> Deployment {
    let mut deployment = Deployment { version: Version::Sfb2015, pools: vec![], servers: vec![] };
    add_pool(&mut deployment, PoolKind::Enterprise, front_ends);
    deployment
}

/// Adds a pool to a deployment.
pub fn add_pool(deployment: &mut Deployment, kind: PoolKind, members: usize) {
    let id = PoolId(deployment.pools.len());
    let first = deployment.servers.len();
    deployment.pools.push(Pool {
        fqdn: format!("pool{}", id.0 + 1),
        kind,
        members: (first..first + members).map(ServerId).collect(),
        back_end: (kind == PoolKind::Enterprise).then_some(BackEnd::Single),
        hosts_management_store: false,
        paired_with: None,
        next_hop: None,
    });
    let server = |i| Server { fqdn: format!("fe{}", i + 1), pool: id, upgrade_domain: None };
    deployment.servers.extend((first..first + members).map(server));
}

/// What a procedure is put together from.
#[derive(Debug, Clone)]
pub enum Item {
    /// A command.
    Do(Command, Failing),
    /// Reads until the answer is yes.
    Poll(Query),
    /// Reads once; the next item is for "yes" only.
    If(Query),
    /// Nobody knows whether the next item happens.
    Perhaps,
    /// Time passes.
    Sleep,
    /// Takes a lock.
    Take(&'static str),
    /// Gives a lock back.
    Release(&'static str),
}

/// What an error does.
#[derive(Debug, Clone, Copy)]
pub enum Failing {
    /// The script goes on.
    Continue,
    /// The script ends.
    Stop,
    /// The script ends, by a handler of its own.
    Handler,
}

/// A command whose error stops the procedure.
pub fn run(command: Command) -> Item {
    Item::Do(command, Failing::Stop)
}

/// The procedure of these items, one after the other.
pub fn procedure(items: &[Item]) -> Procedure {
    // Where each item begins; its last node leads to where the next one begins.
    let sizes = items.iter().map(|item| match item {
        Item::Poll(_) => 3,
        Item::If(_) => 2,
        _ => 1,
    });
    let mut starts = vec![0];
    for size in sizes {
        starts.push(starts[starts.len() - 1] + size);
    }
    let end = starts[items.len()];
    let mut ops = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = starts[index];
        let next = NodeId(starts[index + 1]);
        let skipped = NodeId(starts.get(index + 2).copied().unwrap_or(end));
        let read = |query: &Query| Op::Observe { reads: vec![(RegisterId(0), query.clone())], next: NodeId(at + 1) };
        let register = Condition::Register(RegisterId(0));
        match item {
            Item::Do(command, failing) => ops.push(Op::Command {
                command: command.clone(),
                next,
                on_error: match failing {
                    Failing::Continue => OnError::Continue,
                    Failing::Stop => OnError::Stop,
                    Failing::Handler => OnError::Handler(NodeId(end + 1)),
                },
            }),
            Item::Poll(query) => ops.extend([
                read(query),
                Op::Branch { condition: register, yes: next, no: NodeId(at + 2) },
                Op::Pause { kind: PauseKind::Sleep, next: NodeId(at) },
            ]),
            Item::If(query) => ops.extend([read(query), Op::Branch { condition: register, yes: next, no: skipped }]),
            Item::Perhaps => ops.push(Op::Branch { condition: Condition::Unknown, yes: next, no: skipped }),
            Item::Sleep => ops.push(Op::Pause { kind: PauseKind::Sleep, next }),
            Item::Take(lock) => ops.push(Op::TakeLock { lock: (*lock).into(), next }),
            Item::Release(lock) => ops.push(Op::ReleaseLock { lock: (*lock).into(), next }),
        }
    }
    ops.extend([Op::End { failed: false }, Op::End { failed: true }]);
    Procedure {
        nodes: ops.into_iter().map(node).collect(),
        registers: vec!["answer".into()],
        remarks: vec![],
        jobs: vec![],
    }
}

/// An operator who follows a procedure on a workstation.
pub fn scripted(name: &str, items: &[Item]) -> Operator {
    Operator {
        name: name.into(),
        acts: Acts::Scripted { procedure: procedure(items), machine: None, person: false },
        job_of: None,
    }
}

/// An operator who issues any of these commands.
pub fn free(name: &str, commands: &[Command], at_most: Option<u8>) -> Operator {
    let item = |command: &Command| MenuItem { command: command.clone(), text: String::new(), place: place() };
    Operator {
        name: name.into(),
        acts: Acts::Free { menu: commands.iter().map(item).collect(), at_most },
        job_of: None,
    }
}

/// A scenario in which everything runs at first and every reading is open.
pub fn scenario(deployment: Deployment, operators: Vec<Operator>, faults: Faults) -> Scenario {
    Scenario {
        title: String::new(),
        description: String::new(),
        deployment,
        initially: vec![],
        operators,
        faults,
        capacity: vec![],
        fixed_readings: vec![],
        properties: PropertyName::ALL.to_vec(),
        expectations: vec![],
        remarks: vec![],
    }
}

/// Every reading with its first value, but for these.
pub fn readings(others: &[(Reading, u8)]) -> Vec<(Reading, u8)> {
    let other = |reading| others.iter().find(|(other, _)| *other == reading).map_or(0, |(_, value)| *value);
    Reading::ALL.iter().map(|reading| (*reading, other(*reading))).collect()
}

/// Commands by their targets, in short.
pub mod command {
    use super::*;
    use crate::lifecycle::service::Startup;

    pub fn fail_over(server: usize) -> Command {
        Command::FailOver { server: ServerId(server), no_stop: false, force: false, draining_timeout: false }
    }

    pub fn fail_back(server: usize) -> Command {
        Command::FailBack { server: ServerId(server), no_start: false }
    }

    pub fn stop(server: usize, services: ServiceSet) -> Command {
        Command::StopServices { server: ServerId(server), services, graceful: false, wait: true }
    }

    pub fn drain(server: usize, services: ServiceSet) -> Command {
        Command::StopServices { server: ServerId(server), services, graceful: true, wait: true }
    }

    pub fn start(server: usize, services: ServiceSet) -> Command {
        Command::StartServices { server: ServerId(server), services, wait: true }
    }

    pub fn pause(server: usize) -> Command {
        Command::PauseServices { server: ServerId(server), services: ServiceSet::ALL }
    }

    pub fn startup(server: usize, startup: Startup) -> Command {
        Command::SetStartup { server: ServerId(server), services: ServiceSet::ALL, startup }
    }

    pub fn restart(server: usize) -> Command {
        Command::Restart { server: ServerId(server), wait: true }
    }

    pub fn install(server: usize) -> Command {
        Command::Install { server: ServerId(server) }
    }

    pub fn reset(reset: Reset) -> Command {
        Command::ResetPool { pool: PoolId(0), reset, no_restart: false }
    }

    pub fn start_pool(recover: bool) -> Command {
        Command::StartPool { pool: PoolId(0), recover, skip: Vec::new() }
    }

    pub fn database(to_mirror: bool) -> Command {
        Command::FailOverDatabase { pool: PoolId(0), to_mirror }
    }
}

/// The queries that gates are made of.
pub mod query {
    use super::*;

    pub fn ready() -> Query {
        Query::Readiness { pool: PoolId(0), is: Readiness::Ready }
    }

    pub fn busy() -> Query {
        Query::Readiness { pool: PoolId(0), is: Readiness::Busy }
    }

    pub fn whole() -> Query {
        Query::ReplicasWhole { pool: PoolId(0) }
    }
}
