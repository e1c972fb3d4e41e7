//! Defects that show in the procedure alone, without the model: the classes that are found again and
//! again in published scripts. Each remark has a stable code; none of them is a verdict.
//!
//! Cost: one walk of the graph for each command that takes something out or brings it back, only as far as it takes to
//! know, and of at most [`MOST_STEPS`] nodes in all of them. Where that does not suffice, a remark says so.

use super::super::{Command, Condition, Node, NodeId, OnError, Op, Procedure, Query, Remark, RemarkKind};
use super::graph::targets;
use crate::topology::{Deployment, PoolId, ServerId, ServiceSet};
use rustc_hash::FxHashSet as HashSet;
use std::cell::Cell;

/// How many nodes all the walks of one procedure visit, at most. The longest scripts that anybody has written by hand
/// need a hundredth of it.
const MOST_STEPS: usize = 1_000_000;

/// What the graphs of a procedure and of its jobs show.
pub(super) fn lint(procedure: &Procedure, deployment: &Deployment) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let jobs = || procedure.jobs.iter().map(|job| &job.procedure);
    for shell in std::iter::once(procedure).chain(jobs()) {
        let beside = std::iter::once(procedure).chain(jobs()).filter(|other| !std::ptr::eq(*other, shell));
        one(shell, beside.collect(), deployment, &mut remarks);
    }
    let mut said = HashSet::default();
    remarks.retain(|remark| said.insert((remark.code, remark.place.source.name.clone(), remark.place.offset)));
    remarks
}

/// What the graph of one shell shows.
fn one(procedure: &Procedure, beside: Vec<&Procedure>, deployment: &Deployment, remarks: &mut Vec<Remark>) {
    let about =
        deployment.pools.iter().enumerate().map(|(pool, _)| registers_about(procedure, deployment, PoolId(pool)));
    let together = out_together(procedure, deployment);
    let lint = Lint { procedure, beside, deployment, about: about.collect(), together, steps: Cell::new(0) };
    for (at, node) in procedure.nodes.iter().enumerate() {
        if let Op::Command { command, on_error, next } = &node.op {
            if lint.steps.get() >= MOST_STEPS {
                let message = "this procedure is too long to look for defects in all of it; from here on, a server that \
                    stays out and a next one that goes too early are not remarked on";
                let help = "the verdict of `poolproof check` does not depend on these remarks";
                remarks.push(Remark {
                    kind: RemarkKind::Ignored,
                    ..remark(node, "not-searched", message.into(), Some(help))
                });
                break;
            }
            lint.left_out(at, command, remarks);
            lint.not_checked(node, command, *on_error, *next, remarks);
            lint.next_without_check(at, command, remarks);
            if let Command::StopServices { graceful: true, wait: true, .. } = command {
                let message = "the drain lasts as long as anybody is connected; nothing bounds it (F1.48)";
                let help = "add `-NoWait` and poll with a bound, then stop without `-Graceful`";
                remarks.push(remark(node, "drain-without-bound", message.into(), Some(help)));
            }
        }
    }
    lint.loops(remarks);
    lint.jobs(remarks);
    lint.cold_start(remarks);
}

struct Lint<'a> {
    procedure: &'a Procedure,
    /// What runs beside it: its jobs; for a job, what starts it and the other jobs.
    beside: Vec<&'a Procedure>,
    deployment: &'a Deployment,
    /// For each pool, the registers that remember something about it or its servers.
    about: Vec<HashSet<usize>>,
    /// Commands that stop a whole pool, one server after the other.
    together: HashSet<usize>,
    /// How many nodes were visited so far.
    steps: Cell<usize>,
}

fn remark(node: &Node, code: &'static str, message: String, help: Option<&str>) -> Remark {
    Remark { kind: RemarkKind::Suspicious, code, message, help: help.map(str::to_owned), place: node.place.clone() }
}

/// The server that a command takes out of service, if it does.
fn takes_out(command: &Command) -> Option<ServerId> {
    let everything = |services: &ServiceSet| !services.and(ServiceSet::named(&["RTCSRV"])).is_empty();
    match command {
        Command::FailOver { server, .. } | Command::Shutdown { server } => Some(*server),
        Command::StopServices { server, services, .. } if everything(services) => Some(*server),
        _ => None,
    }
}

/// Whether a command brings back what another took out.
fn brings_back(command: &Command, taken: &Command, server: ServerId) -> bool {
    match (taken, command) {
        (Command::FailOver { .. }, Command::FailBack { server: own, .. }) => *own == server,
        (Command::FailOver { .. }, Command::ResetPool { .. }) => true,
        (Command::FailOver { .. }, _) => false,
        (
            _,
            Command::FailBack { server: own, .. }
            | Command::StartServices { server: own, .. }
            | Command::Restart { server: own, .. },
        ) => *own == server,
        (_, Command::ResetPool { .. } | Command::StartPool { .. }) => true,
        _ => false,
    }
}

impl Lint<'_> {
    /// Nodes reached from `from` without going through a node that `stops`; those are not entered. It walks no
    /// further than it is asked to.
    fn reached<'w>(&'w self, from: usize, stops: impl Fn(&Node) -> bool + 'w) -> impl Iterator<Item = usize> + 'w {
        self.reached_from(targets(&self.procedure.nodes[from].op).collect(), stops)
    }

    fn reached_from<'w>(
        &'w self,
        mut stack: Vec<usize>,
        stops: impl Fn(&Node) -> bool + 'w,
    ) -> impl Iterator<Item = usize> + 'w {
        let mut seen = vec![false; self.procedure.nodes.len()];
        std::iter::from_fn(move || {
            while let Some(at) = stack.pop() {
                self.steps.set(self.steps.get() + 1);
                if std::mem::replace(&mut seen[at], true) || stops(&self.procedure.nodes[at]) {
                    continue;
                }
                stack.extend(targets(&self.procedure.nodes[at].op));
                return Some(at);
            }
            None
        })
    }

    fn short(&self, server: ServerId) -> &str {
        self.deployment.short_name(server)
    }

    /// A server is taken out, and on some path nothing brings it back.
    fn left_out(&self, from: usize, taken: &Command, remarks: &mut Vec<Remark>) {
        let Some(server) = takes_out(taken) else { return };
        let brought_back_beside = self
            .beside
            .iter()
            .flat_map(|other| &other.nodes)
            .any(|node| matches!(&node.op, Op::Command { command, .. } if brings_back(command, taken, server)));
        if brought_back_beside {
            return;
        }
        let node = &self.procedure.nodes[from];
        let back = |node: &Node| matches!(&node.op, Op::Command { command, .. } if brings_back(command, taken, server));
        let fails_over = matches!(taken, Command::FailOver { .. });
        let (code, name, help) = if fails_over {
            ("fail-over-without-fail-back", "failed over", "`Invoke-CsComputerFailBack` on every path")
        } else {
            ("stop-without-start", "stopped", "start it again on every path")
        };
        let mut next = None;
        let mut ends = [false; 2];
        // Where its own error leads, the server was not taken out.
        let after = targets(&node.op).take(1).collect();
        for at in self.reached_from(after, back) {
            match &self.procedure.nodes[at].op {
                Op::End { failed } => ends[usize::from(*failed)] = true,
                Op::Command { command, on_error, .. } => {
                    ends[1] |= *on_error == OnError::Stop;
                    let whole = self.together.contains(&from) && self.together.contains(&at);
                    if let Some(other) = takes_out(command).filter(|other| *other != server && !whole) {
                        next = Some((other, at));
                        break;
                    }
                }
                _ => {}
            }
        }
        let server = self.short(server);
        if let Some((other, at)) = next {
            let (line, _) = self.procedure.nodes[at].place.line_and_column();
            let message =
                format!("on some path {server} is still {name} when line {line} takes {} out", self.short(other));
            remarks.push(remark(node, code, message, Some(help)));
        } else if ends[0] {
            remarks.push(remark(
                node,
                code,
                format!("on some path the script ends while {server} is still {name}"),
                Some(help),
            ));
        } else if ends[1] {
            let message = format!("if a later step fails, the script ends while {server} is still {name}");
            remarks.push(remark(node, "left-out-on-error", message, Some("put what brings it back into a `finally`")));
        }
    }

    /// A fail-over whose failure nobody looks at is followed by work on the server.
    fn not_checked(&self, node: &Node, command: &Command, on_error: OnError, next: NodeId, remarks: &mut Vec<Remark>) {
        let (Command::FailOver { server, .. }, OnError::Continue) = (command, on_error) else { return };
        let mut at = next.0;
        for _ in 0..self.procedure.nodes.len() {
            match &self.procedure.nodes[at].op {
                Op::Command { command, .. } => {
                    let worked = match command {
                        Command::Install { server }
                        | Command::Restart { server, .. }
                        | Command::Shutdown { server } => Some(*server),
                        _ => None,
                    };
                    if worked == Some(*server) {
                        let (line, _) = self.procedure.nodes[at].place.line_and_column();
                        let message = format!(
                            "if the fail-over fails, line {line} goes on with {} all the same",
                            self.short(*server)
                        );
                        let help = "add `-ErrorAction Stop` inside a `try`, or test what came of it";
                        remarks.push(remark(node, "fail-over-not-checked", message, Some(help)));
                    }
                    return;
                }
                Op::Branch { .. } | Op::End { .. } => return,
                other => match targets(other).next() {
                    Some(next) => at = next,
                    None => return,
                },
            }
        }
    }

    /// The next server of a pool is taken out, and nothing was tested since the last one came back.
    fn next_without_check(&self, at: usize, command: &Command, remarks: &mut Vec<Remark>) {
        let server = match command {
            Command::FailBack { server, .. }
            | Command::Restart { server, .. }
            | Command::StartServices { server, .. } => *server,
            _ => return,
        };
        let pool = self.deployment.servers[server.0].pool;
        let about = &self.about[pool.0];
        let tests = |node: &Node| match &node.op {
            Op::Branch { condition, .. } => condition.registers().iter().any(|register| about.contains(register)),
            // The server comes back once more: that is where to wait.
            Op::Command {
                command: Command::FailBack { server: own, .. } | Command::StartServices { server: own, .. },
                ..
            } => *own == server,
            _ => false,
        };
        for at_next in self.reached(at, tests) {
            let Op::Command { command, .. } = &self.procedure.nodes[at_next].op else { continue };
            let other = match command {
                Command::Restart { server, .. } => Some(*server),
                other => takes_out(other),
            };
            let Some(other) = other.filter(|other| *other != server && self.deployment.servers[other.0].pool == pool)
            else {
                continue;
            };
            let (line, _) = self.procedure.nodes[at_next].place.line_and_column();
            let any_test = |node: &Node| {
                tests(node) || matches!(&node.op, Op::Branch { condition, .. } if tests_something(condition))
            };
            if !self.reached(at, any_test).any(|at| at == at_next) {
                let message = format!(
                    "line {line} takes {} out, and what was tested since {} came back is about another pool",
                    self.short(other),
                    self.short(server)
                );
                let help = "test the pool of the servers that are worked on";
                remarks.push(remark(&self.procedure.nodes[at], "checks-another-pool", message, Some(help)));
                return;
            }
            let message = format!(
                "line {line} takes {} out, and nothing was tested since {} came back",
                self.short(other),
                self.short(server)
            );
            let help = "wait until the pool is ready: `do { Start-Sleep 60 } until ((Get-CsPoolUpgradeReadinessState).State -eq 'Ready')`";
            remarks.push(remark(&self.procedure.nodes[at], "next-without-check", message, Some(help)));
            return;
        }
    }

    /// Loops that wait: on a snapshot, without a bound, for the wrong service.
    fn loops(&self, remarks: &mut Vec<Remark>) {
        for component in self.procedure.loops() {
            let inside: HashSet<usize> = component.iter().copied().collect();
            let nodes = || component.iter().map(|at| &self.procedure.nodes[*at]);
            if nodes().any(|node| matches!(node.op, Op::Command { .. })) {
                continue;
            }
            let read: HashSet<usize> = nodes()
                .filter_map(|node| match &node.op {
                    Op::Observe { reads, .. } => Some(reads.iter().map(|(register, _)| register.0)),
                    _ => None,
                })
                .flatten()
                .collect();
            let exits: Vec<&Node> =
                nodes().filter(|node| targets(&node.op).any(|target| !inside.contains(&target))).collect();
            let tested = |node: &Node| match &node.op {
                Op::Branch { condition, .. } => condition.registers(),
                _ => Vec::new(),
            };
            let Some(first) = nodes().min_by_key(|node| node.place.offset) else { continue };
            if let Some(stale) = nodes()
                .find(|node| !tested(node).is_empty() && tested(node).iter().all(|register| !read.contains(register)))
            {
                let message =
                    "the loop tests what was read before it and is never read again: it ends at once or never"
                        .to_owned();
                remarks.push(remark(stale, "stale-snapshot", message, Some("read it again inside the loop")));
                continue;
            }
            if exits.is_empty() {
                remarks.push(remark(first, "endless-loop", "this loop never ends".into(), None));
                continue;
            }
            let bounded =
                exits.iter().any(|node| matches!(&node.op, Op::Branch { condition, .. } if condition.has_unknown()));
            if !bounded && !read.is_empty() {
                let message = "nothing bounds this wait: if the state never comes, it lasts for ever".to_owned();
                remarks.push(remark(
                    exits[0],
                    "wait-without-bound",
                    message,
                    Some("count the rounds, and stop with an error after so many"),
                ));
            }
            let wrong = nodes().find_map(|node| match &node.op {
                Op::Observe { reads, .. } => reads.iter().find_map(|(register, query)| match query {
                    Query::Services { services, shown, .. } if *services == ServiceSet::named(&["W3SVC"]) => {
                        Some((node, register.0, shown.stopped))
                    }
                    _ => None,
                }),
                _ => None,
            });
            // To wait until it has stopped is another matter.
            let ends_stopped = |register: usize, shown: bool| {
                exits.iter().any(|node| match &node.op {
                    Op::Branch { condition, yes, no } if condition.registers().contains(&register) => {
                        !inside.contains(&yes.0) && may_be(condition, true, register, shown)
                            || !inside.contains(&no.0) && may_be(condition, false, register, shown)
                    }
                    _ => false,
                })
            };
            if let Some((node, ..)) = wrong.filter(|(_, register, shown)| !ends_stopped(*register, *shown)) {
                let message = "W3SVC runs long before the front end serves anybody; waiting for it is no sign that the server is back".to_owned();
                remarks.push(remark(
                    node,
                    "waits-for-w3svc",
                    message,
                    Some("wait for RTCSRV, and for the pool to be ready"),
                ));
            }
        }
    }

    /// A job that the script does not wait for: what becomes of it at the end hangs on how the script was started.
    fn jobs(&self, remarks: &mut Vec<Remark>) {
        for (at, node) in self.procedure.nodes.iter().enumerate() {
            let Op::StartJob { job, .. } = &node.op else { continue };
            let waits = |node: &Node| matches!(&node.op, Op::AwaitJobs { jobs, .. } | Op::StopJobs { jobs, .. } if jobs.contains(job));
            let ends = |at: &usize| matches!(self.procedure.nodes[*at].op, Op::End { .. });
            if self.reached(at, waits).any(|at| ends(&at)) {
                let installs = |node: &Node| matches!(node.op, Op::Command { command: Command::Install { .. }, .. });
                if self.procedure.jobs.get(job.0).is_some_and(|job| job.procedure.nodes.iter().any(installs)) {
                    let message = "the script does not wait for this installer; it goes on while it runs";
                    remarks.push(remark(node, "installer-not-awaited", message.into(), Some("add `-Wait`")));
                    continue;
                }
                let message = "the script may end while this still runs; it is cut off then if the script had a \
                    window of its own, and goes on if it was started at a prompt";
                remarks.push(remark(node, "job-not-awaited", message.into(), Some("wait for it with `Wait-Job`")));
            }
        }
    }

    /// Every server of a pool is stopped, and then started one at a time with starts that wait.
    fn cold_start(&self, remarks: &mut Vec<Remark>) {
        let mut stopped: HashSet<ServerId> = HashSet::default();
        let mut at = 0;
        for _ in 0..self.procedure.nodes.len() {
            let node = &self.procedure.nodes[at];
            if let Op::Command { command, .. } = &node.op {
                if let Some(server) = takes_out(command) {
                    stopped.insert(server);
                }
                if let Command::StartServices { server, wait: true, services } = command {
                    let members = &self.deployment.pool_of(*server).members;
                    let whole = members.len() > 1 && members.iter().all(|member| stopped.contains(member));
                    if whole && !services.and(ServiceSet::named(&["RTCSRV"])).is_empty() {
                        let message = "the whole pool is down, and this start waits for one server before the next: \
                            it cannot come up alone (F3.2, F3.7)";
                        remarks.push(remark(
                            node,
                            "blocking-cold-start",
                            message.into(),
                            Some("start all of them with `-NoWait`, or use `Start-CsPool`"),
                        ));
                        return;
                    }
                    stopped.remove(server);
                }
            }
            match targets(&node.op).next() {
                Some(next) => at = next,
                None => return,
            }
        }
    }
}

/// The registers that remember something about a pool or its servers.
fn registers_about(procedure: &Procedure, deployment: &Deployment, pool: PoolId) -> HashSet<usize> {
    let of = |server: &ServerId| deployment.servers[server.0].pool == pool;
    let reads = procedure.nodes.iter().filter_map(|node| match &node.op {
        Op::Observe { reads, .. } => Some(reads),
        _ => None,
    });
    reads
        .flatten()
        .filter(|(_, query)| match query {
            Query::Readiness { pool: own, .. }
            | Query::ReplicasWhole { pool: own }
            | Query::BackupSteady { pool: own } => *own == pool,
            Query::DomainReady { server } | Query::Services { server, .. } | Query::Reachable { server } => of(server),
            Query::ManagementStoreReplicated { .. } => false,
        })
        .map(|(register, _)| register.0)
        .collect()
}

/// Whether a condition may come out as `wanted` while one register is known.
fn may_be(condition: &Condition, wanted: bool, register: usize, known: bool) -> bool {
    match condition {
        Condition::Register(own) => own.0 != register || known == wanted,
        Condition::Not(inner) => may_be(inner, !wanted, register, known),
        Condition::All(parts) if wanted => parts.iter().all(|part| may_be(part, true, register, known)),
        Condition::All(parts) => parts.iter().any(|part| may_be(part, false, register, known)),
        Condition::Any(parts) if wanted => parts.iter().any(|part| may_be(part, true, register, known)),
        Condition::Any(parts) => parts.iter().all(|part| may_be(part, false, register, known)),
        Condition::Unknown => true,
    }
}

/// The commands of a procedure that stop all servers of a pool with nothing between them, as for a cold start: none of them is
/// left out while others go on.
fn out_together(procedure: &Procedure, deployment: &Deployment) -> HashSet<usize> {
    let mut together = HashSet::default();
    let mut run: Vec<usize> = Vec::new();
    let mut servers: HashSet<ServerId> = HashSet::default();
    let mut at = 0;
    for _ in 0..procedure.nodes.len() {
        let op = &procedure.nodes[at].op;
        match op {
            Op::Command { command: command @ Command::StopServices { .. }, .. } if takes_out(command).is_some() => {
                run.push(at);
                servers.extend(takes_out(command));
                let whole = |server: &ServerId| {
                    deployment.pool_of(*server).members.iter().all(|member| servers.contains(member))
                };
                if takes_out(command).as_ref().is_some_and(whole) {
                    together.extend(run.drain(..));
                }
            }
            Op::Command { .. } | Op::Branch { .. } | Op::Observe { .. } => {
                run.clear();
                servers.clear();
            }
            _ => {}
        }
        match targets(op).next() {
            Some(next) => at = next,
            None => break,
        }
    }
    together
}

fn tests_something(condition: &Condition) -> bool {
    !condition.registers().is_empty()
}

/// Jobs that are started in a loop whose rounds are not known in advance: nobody knows how many there are.
pub(super) fn jobs_in_loops(procedure: &Procedure) -> Vec<Remark> {
    let nodes = procedure.loops().into_iter().flatten().map(|at| &procedure.nodes[at]);
    let starts = nodes.filter(|node| matches!(node.op, Op::StartJob { .. }));
    let message = "how many jobs are started here is not known: the loop runs any number of times";
    starts
        .map(|node| Remark {
            kind: RemarkKind::NotUnderstood,
            code: "jobs-without-number",
            message: message.into(),
            help: Some("go over a list that is known, such as the computers of a pool".into()),
            place: node.place.clone(),
        })
        .collect()
}
