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
    /// Reads twice; the next item is for one combination of the answers only.
    Decide([Query; 2], Junction),
    /// Reads once, and if the answer is yes, decides the same for ever.
    Spin(Query),
    /// Another shell does this.
    Job(Command),
    /// Waits for all jobs; `true` if the next item is passed over instead where they have not ended.
    Await(bool),
    /// Ends all jobs.
    StopJobs,
}

/// When two answers amount to yes.
#[derive(Debug, Clone, Copy)]
pub enum Junction {
    /// The first, and not the second.
    ButNot,
    /// One of them.
    Either,
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
        Item::If(_) | Item::Decide(..) | Item::Spin(_) => 2,
        _ => 1,
    });
    let mut starts = vec![0];
    for size in sizes {
        starts.push(starts[starts.len() - 1] + size);
    }
    let end = starts[items.len()];
    let (mut ops, mut jobs) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let at = starts[index];
        let next = NodeId(starts[index + 1]);
        let skipped = NodeId(starts.get(index + 2).copied().unwrap_or(end));
        let read = |query: &Query| Op::Observe { reads: vec![(RegisterId(0), query.clone())], next: NodeId(at + 1) };
        let register = Condition::Register(RegisterId(0));
        let all_jobs = |jobs: &[Job]| (0..jobs.len()).map(JobId).collect();
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
            Item::Decide([one, other], junction) => {
                let reads = vec![(RegisterId(0), one.clone()), (RegisterId(1), other.clone())];
                let second = Condition::Register(RegisterId(1));
                let condition = match junction {
                    Junction::ButNot => Condition::All(vec![register, Condition::Not(Box::new(second))]),
                    Junction::Either => Condition::Any(vec![register, second]),
                };
                ops.extend([
                    Op::Observe { reads, next: NodeId(at + 1) },
                    Op::Branch { condition, yes: next, no: skipped },
                ]);
            }
            Item::Spin(query) => {
                ops.extend([read(query), Op::Branch { condition: register, yes: NodeId(at + 1), no: next }]);
            }
            Item::Job(command) => {
                ops.push(Op::StartJob { job: JobId(jobs.len()), next });
                jobs.push(job(jobs.len(), command));
            }
            Item::Await(may_go_on) => {
                ops.push(Op::AwaitJobs { jobs: all_jobs(&jobs), next, otherwise: may_go_on.then_some(skipped) });
            }
            Item::StopJobs => ops.push(Op::StopJobs { jobs: all_jobs(&jobs), next }),
        }
    }
    ops.extend([Op::End { failed: false }, Op::End { failed: true }]);
    let two = items.iter().any(|item| matches!(item, Item::Decide(..)));
    let registers = ["answer", "other answer"].into_iter().take(if two { 2 } else { 1 }).map(str::to_owned).collect();
    Procedure { nodes: ops.into_iter().map(node).collect(), registers, remarks: vec![], jobs }
}

/// A job that does one thing.
fn job(number: usize, command: &Command) -> Job {
    let ops = [
        Op::AwaitStart { next: NodeId(1) },
        Op::Command { command: command.clone(), next: NodeId(2), on_error: OnError::Stop },
        Op::End { failed: false },
        Op::End { failed: true },
    ];
    let nodes = ops.into_iter().map(node).collect();
    let procedure = Procedure { nodes, registers: vec![], remarks: vec![], jobs: vec![] };
    Job { name: format!("job {}", number + 1), procedure }
}

/// The operators, and behind them the shells of their jobs.
pub fn with_jobs(mut operators: Vec<Operator>) -> Vec<Operator> {
    for starter in 0..operators.len() {
        let Acts::Scripted { procedure, machine, person } = &operators[starter].acts else { continue };
        let (name, machine, person) = (operators[starter].name.clone(), *machine, *person);
        let shell = |job: &Job| Operator {
            name: format!("{name}, {}", job.name),
            acts: Acts::Scripted { procedure: job.procedure.clone(), machine, person },
            job_of: Some(starter),
        };
        let shells: Vec<Operator> = procedure.jobs.iter().map(shell).collect();
        operators.extend(shells);
    }
    operators
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

    /// As with `-NoWait`: all of them in one step.
    pub fn stop_at_once(server: usize, services: ServiceSet) -> Command {
        Command::StopServices { server: ServerId(server), services, graceful: false, wait: false }
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
