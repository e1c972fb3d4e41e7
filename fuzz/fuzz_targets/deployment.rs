//! What the fuzzed runbooks run on: a pool of three front ends.

use poolproof::runbook::{Condition, NodeId, OnError, Op, Procedure};
use poolproof::topology::{Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};

/// A pool of three.
pub fn pool_of_three() -> Deployment {
    let server = |number| Server { fqdn: format!("fe{number}"), pool: PoolId(0), upgrade_domain: None };
    Deployment {
        version: Version::Sfb2015,
        pools: vec![Pool {
            fqdn: "pool1".into(),
            kind: PoolKind::Enterprise,
            members: (0..3).map(ServerId).collect(),
            back_end: None,
            hosts_management_store: false,
            paired_with: None,
            next_hop: None,
        }],
        servers: (1..=3).map(server).collect(),
    }
}

/// Everything that a procedure refers to exists, and it can be shown.
pub fn hangs_together(procedure: &Procedure, deployment: &Deployment) {
    let node = |id: &NodeId| assert!(id.0 < procedure.nodes.len());
    for here in &procedure.nodes {
        here.place.line_and_column();
        here.place.line_text();
        match &here.op {
            Op::Command { next, on_error, .. } => {
                node(next);
                if let OnError::Handler(handler) = on_error {
                    node(handler);
                }
            }
            Op::Observe { reads, next } => {
                node(next);
                assert!(reads.iter().all(|(register, _)| register.0 < procedure.registers.len()));
            }
            Op::Branch { condition, yes, no } => {
                node(yes);
                node(no);
                tests(condition, procedure.registers.len());
            }
            Op::Pause { next, .. }
            | Op::TakeLock { next, .. }
            | Op::ReleaseLock { next, .. }
            | Op::AwaitStart { next } => node(next),
            Op::StartJob { next, .. } | Op::AwaitJobs { next, .. } => node(next),
            Op::End { .. } => {}
        }
    }
    procedure.jobs.iter().for_each(|job| hangs_together(&job.procedure, deployment));
    procedure.render(deployment);
}

fn tests(condition: &Condition, registers: usize) {
    match condition {
        Condition::Register(register) => assert!(register.0 < registers),
        Condition::Not(inner) => tests(inner, registers),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| tests(part, registers)),
        Condition::Unknown => {}
    }
}
