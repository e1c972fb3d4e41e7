//! What every runbook has to be that was read, whatever its text is: for `tests/powershell_robust.rs` and for the fuzz
//! targets in `fuzz/`.

use poolproof::runbook::{Condition, Op, Procedure, RegisterId};
use poolproof::topology::{Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};

/// What the runbooks run on: a pool of three front ends, fe1 to fe3.
pub fn deployment() -> Deployment {
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

/// Everything that is referred to exists, every place can be shown, and every read is there to be tested.
pub fn hangs_together(procedure: &Procedure) {
    whole(procedure, procedure.jobs.len());
    for job in &procedure.jobs {
        whole(&job.procedure, procedure.jobs.len());
        assert!(matches!(job.procedure.nodes[0].op, Op::AwaitStart { .. }));
    }
    procedure.render(&deployment());
}

fn whole(procedure: &Procedure, jobs: usize) {
    assert!(!procedure.nodes.is_empty());
    let registers = procedure.registers.len();
    for node in &procedure.nodes {
        node.place.line_and_column();
        node.place.line_text();
        let (next, otherwise) = node.op.successors();
        assert!(next.into_iter().chain(otherwise).all(|id| id.0 < procedure.nodes.len()));
        match &node.op {
            Op::Observe { reads, .. } => {
                assert!(!reads.is_empty());
                assert!(reads.iter().all(|(register, _)| register.0 < registers));
            }
            Op::Branch { condition, .. } => tests(condition, registers),
            Op::StartJob { job, .. } => assert!(job.0 < jobs),
            Op::AwaitJobs { jobs: of, .. } | Op::StopJobs { jobs: of, .. } => {
                assert!(of.iter().all(|job| job.0 < jobs));
            }
            _ => {}
        }
    }
    for remark in &procedure.remarks {
        remark.place.line_and_column();
        assert!(!remark.message.is_empty());
    }
    // No register is tested before it was read.
    assert!(procedure.live_registers()[0].is_empty());
}

fn tests(condition: &Condition, registers: usize) {
    match condition {
        Condition::Register(RegisterId(register)) => assert!(*register < registers),
        Condition::Not(inner) => tests(inner, registers),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| tests(part, registers)),
        Condition::Unknown => {}
    }
}
