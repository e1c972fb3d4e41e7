//! A procedure as plain text, for people and for tests: one line a node, with the line of the source.

use super::{
    Command, Condition, JobId, Node, NodeId, OnError, Op, PauseKind, Procedure, Quantifier, Query, Readiness,
    RemarkKind, Reset, Shown,
};
use crate::lifecycle::Words;
use crate::topology::{Deployment, PoolId, ServerId, ServiceSet};
use std::collections::HashSet;
use std::fmt::Write;

impl Procedure {
    /// The procedure as text: a line a step, with its line in the source, reads, branches and where they
    /// lead, then what the reader has to say. A step goes on with the next one unless it says `-> #n`,
    /// and `then on` is the next one too.
    pub fn render(&self, deployment: &Deployment) -> String {
        let mut out = String::new();
        let targets = self.targets_elsewhere();
        let several = self.nodes.windows(2).any(|pair| pair[0].place.source.name != pair[1].place.source.name);
        for (at, node) in self.nodes.iter().enumerate() {
            let mark = if targets.contains(&at) { format!("#{at} ") } else { String::new() };
            let (line, _) = node.place.line_and_column();
            let file = if several { format!("{}:", node.place.source.name) } else { String::new() };
            let _ = writeln!(out, "{:<4} {mark}{}", format!("{file}{line}"), describe(at, node, deployment));
        }
        for job in &self.jobs {
            let _ = writeln!(out, "{}:", job.name);
            out += &job.procedure.render(deployment);
        }
        for remark in &self.remarks {
            let (line, column) = remark.place.line_and_column();
            let kind = match remark.kind {
                RemarkKind::Ignored => "ignored",
                RemarkKind::Suspicious => "suspicious",
                RemarkKind::NotUnderstood => "not understood",
            };
            let _ = write!(out, "{kind} {line}:{column} [{}] {}", remark.code, remark.message);
            if let Some(help) = &remark.help {
                let _ = write!(out, "; {help}");
            }
            out.push('\n');
        }
        out
    }

    /// Nodes that something other than the node before them leads to.
    fn targets_elsewhere(&self) -> HashSet<usize> {
        let mut targets = HashSet::new();
        for (at, node) in self.nodes.iter().enumerate() {
            let mut note = |to: NodeId, implied: bool| {
                if !implied || to.0 != at + 1 {
                    targets.insert(to.0);
                }
            };
            match &node.op {
                Op::Command { next, on_error, .. } => {
                    note(*next, true);
                    if let OnError::Handler(handler) = on_error {
                        note(*handler, false);
                    }
                }
                Op::Observe { next, .. }
                | Op::Pause { next, .. }
                | Op::TakeLock { next, .. }
                | Op::ReleaseLock { next, .. }
                | Op::StartJob { next, .. }
                | Op::StopJobs { next, .. }
                | Op::AwaitStart { next } => {
                    note(*next, true);
                }
                Op::AwaitJobs { next, otherwise, .. } => {
                    note(*next, true);
                    otherwise.iter().for_each(|otherwise| note(*otherwise, false));
                }
                Op::Branch { yes, no, .. } => {
                    note(*yes, true);
                    note(*no, false);
                }
                Op::End { .. } => {}
            }
        }
        targets
    }
}

fn describe(at: usize, node: &Node, deployment: &Deployment) -> String {
    let then = |next: NodeId| if next.0 == at + 1 { String::new() } else { format!(" -> #{}", next.0) };
    match &node.op {
        Op::Command { command, next, on_error } => {
            let error = match on_error {
                OnError::Continue => String::new(),
                OnError::Stop => ", an error stops".to_owned(),
                OnError::Handler(handler) => format!(", an error goes to #{}", handler.0),
            };
            format!("{}{error}{}", command_text(command, deployment), then(*next))
        }
        Op::Observe { reads, next } => {
            let reads: Vec<String> = reads
                .iter()
                .map(|(register, query)| format!("r{} = {}", register.0, query_text(query, deployment)))
                .collect();
            format!("read {}{}", reads.join(", "), then(*next))
        }
        Op::Branch { condition, yes, no } => {
            let yes = if yes.0 == at + 1 { "on".to_owned() } else { format!("#{}", yes.0) };
            format!("if {} then {yes} else #{}", condition_text(condition), no.0)
        }
        Op::Pause { kind, next } => {
            format!("{}{}", if *kind == PauseKind::Sleep { "sleep" } else { "ask" }, then(*next))
        }
        Op::TakeLock { lock, next } => format!("take lock {lock}{}", then(*next)),
        Op::ReleaseLock { lock, next } => format!("release lock {lock}{}", then(*next)),
        Op::StartJob { job, next } => format!("start job {}{}", job.0 + 1, then(*next)),
        Op::AwaitStart { next } => format!("when it is started{}", then(*next)),
        Op::AwaitJobs { jobs, next, otherwise: None } => format!("wait for job {}{}", numbers(jobs), then(*next)),
        Op::AwaitJobs { jobs, next, otherwise: Some(otherwise) } => {
            let next = if next.0 == at + 1 { "on".to_owned() } else { format!("#{}", next.0) };
            format!("if job {} has ended then {next} else #{}", numbers(jobs), otherwise.0)
        }
        Op::StopJobs { jobs, next } => format!("stop job {}{}", numbers(jobs), then(*next)),
        Op::End { failed } => if *failed { "end, failed" } else { "end" }.to_owned(),
    }
}

/// Jobs by their numbers: `1, 2`.
pub fn numbers(jobs: &[JobId]) -> String {
    jobs.iter().map(|job| (job.0 + 1).to_string()).collect::<Vec<_>>().join(", ")
}

fn services_text(services: ServiceSet) -> String {
    if services == ServiceSet::ALL {
        return "all services".to_owned();
    }
    let left_out = ServiceSet::ALL.without(services);
    if left_out.iter().count() <= 2 {
        return format!("all services but {left_out}");
    }
    services.to_string()
}

/// A command in words: `fail over fe1`.
pub fn command_text(command: &Command, deployment: &Deployment) -> String {
    let name = |server: &ServerId| deployment.short_name(*server);
    let pool = |pool: &PoolId| deployment.pools[pool.0].fqdn.as_str();
    let flags = |flags: &[(bool, &str)]| -> String {
        flags.iter().filter(|(on, _)| *on).map(|(_, text)| format!(", {text}")).collect()
    };
    match command {
        Command::StopServices { server, services, graceful, wait } => {
            format!(
                "stop {} on {}{}",
                services_text(*services),
                name(server),
                flags(&[(*graceful, "gracefully"), (!*wait, "not waiting")])
            )
        }
        Command::StartServices { server, services, wait } => {
            format!("start {} on {}{}", services_text(*services), name(server), flags(&[(!*wait, "not waiting")]))
        }
        Command::PauseServices { server, services } => {
            format!("pause {} on {}", services_text(*services), name(server))
        }
        Command::SetStartup { server, services, startup } => {
            format!("set startup of {} on {} to {}", services_text(*services), name(server), startup.words())
        }
        Command::FailOver { server, no_stop, force, draining_timeout } => {
            let flags = flags(&[
                (*no_stop, "without stopping services"),
                (*force, "forced"),
                (*draining_timeout, "with a draining timeout"),
            ]);
            format!("fail over {}{flags}", name(server))
        }
        Command::FailBack { server, no_start } => {
            format!("fail back {}{}", name(server), flags(&[(*no_start, "without starting services")]))
        }
        Command::ResetPool { pool: of, reset, no_restart } => {
            let reset = match reset {
                Reset::Service => "ServiceReset".to_owned(),
                Reset::QuorumLossRecovery => "QuorumLossRecovery".to_owned(),
                Reset::Full => "FullReset".to_owned(),
                Reset::MachineStateRemoved(server) => format!("MachineStateRemoved {}", name(server)),
            };
            format!("reset {} ({reset}){}", pool(of), flags(&[(*no_restart, "not restarting")]))
        }
        Command::StartPool { pool: of, recover, skip } => {
            let without = skip.iter().map(|server| format!(", without {}", name(server))).collect::<String>();
            format!("start pool {}{}{without}", pool(of), flags(&[(*recover, "with quorum loss recovery")]))
        }
        Command::Restart { server, wait } => {
            format!("restart {}{}", name(server), flags(&[(*wait, "waiting until it is back")]))
        }
        Command::Shutdown { server } => format!("shut down {}", name(server)),
        Command::Install { server } => format!("install on {}", name(server)),
        Command::FailOverDatabase { pool: of, to_mirror } => {
            format!("fail the database of {} over to the {}", pool(of), if *to_mirror { "mirror" } else { "primary" })
        }
        Command::StopDatabase { pool: of } => format!("stop the database of {}", pool(of)),
        Command::StartDatabase { pool: of } => format!("start the database of {}", pool(of)),
        Command::PublishMembers { pool: of } => format!("publish a change of the members of {}", pool(of)),
        Command::FailOverPool { pool: of, disaster } => {
            format!("fail over pool {}{}", pool(of), flags(&[(*disaster, "in disaster mode")]))
        }
        Command::FailBackPool { pool: of, disaster } => {
            format!("fail back pool {}{}", pool(of), flags(&[(*disaster, "in disaster mode")]))
        }
        Command::MoveManagementStore { home, force } => {
            format!("fail over the management store of {}{}", pool(home), flags(&[(*force, "forced")]))
        }
        Command::SetNextHop { edge, hop } => format!("make {} the next hop of {}", pool(hop), pool(edge)),
    }
}

/// A query in words: `all of RTCSRV on fe1 Running`.
pub fn query_text(query: &Query, deployment: &Deployment) -> String {
    match query {
        Query::Readiness { pool, is } => {
            let is = match is {
                Readiness::Ready => "Ready",
                Readiness::Busy => "Busy",
                Readiness::InsufficientActiveFrontEnds => "InsufficientActiveFrontEnds",
            };
            format!("{} is {is}", deployment.pools[pool.0].fqdn)
        }
        Query::DomainReady { server } => format!("upgrade domain of {} is ready", deployment.short_name(*server)),
        Query::ReplicasWhole { pool } => format!("replicas of {} are whole", deployment.pools[pool.0].fqdn),
        Query::Services { server, services, quantifier, shown } => {
            let services = if deployment.services_of(*server).without(*services).is_empty() {
                "services".to_owned()
            } else {
                services_text(*services)
            };
            let quantifier = if *quantifier == Quantifier::All { "all" } else { "any" };
            format!("{quantifier} of {services} on {} {}", deployment.short_name(*server), shown_text(*shown))
        }
        Query::ManagementStoreReplicated { home } => {
            format!("management store of {} is replicated", deployment.pools[home.0].fqdn)
        }
        Query::BackupSteady { pool } => format!("backup of {} is steady", deployment.pools[pool.0].fqdn),
        Query::Reachable { server } => format!("{} answers", deployment.short_name(*server)),
    }
}

fn shown_text(shown: Shown) -> String {
    let states = [
        (shown.stopped, "Stopped"),
        (shown.start_pending, "StartPending"),
        (shown.running, "Running"),
        (shown.paused, "Paused"),
        (shown.draining, "Draining"),
    ];
    states.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect::<Vec<_>>().join("/")
}

fn condition_text(condition: &Condition) -> String {
    let several = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(condition_text).collect();
        format!("({})", parts.join(word))
    };
    match condition {
        Condition::Register(register) => format!("r{}", register.0),
        Condition::Not(inner) => format!("not {}", condition_text(inner)),
        Condition::All(parts) => several(parts, " and "),
        Condition::Any(parts) => several(parts, " or "),
        Condition::Unknown => "unknown".to_owned(),
    }
}
