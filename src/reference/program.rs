//! Procedures and menus, as data.

use super::tla::{boolean, function, record, sequence, set, string};
use super::values::Names;
use crate::model::program::{Kind, Script};
use crate::runbook::{Command, Condition, JobId, NodeId, OnError, Op, Quantifier, Query, Readiness, Reset, Shown};
use crate::topology::{ServerId, ServiceSet};

/// A set of services by name.
pub fn services(services: ServiceSet) -> String {
    set(services.iter().map(|service| string(service.describe().name)))
}

/// The services that a cmdlet names; one without `-Name` means whatever is installed.
fn named(named: ServiceSet) -> String {
    if named == ServiceSet::ALL { "AllServices".to_owned() } else { services(named) }
}

/// What a shell executes.
pub fn program(names: &Names, shell: usize) -> String {
    match &names.0.shells[shell].kind {
        Kind::Free { menu, at_most } => record(&[
            ("kind", string("free")),
            ("machine", "None".to_owned()),
            ("bounded", boolean(at_most.is_some())),
            ("atMost", at_most.unwrap_or(0).to_string()),
            ("menu", sequence(menu.iter().map(|item| command(names, &item.command)))),
        ]),
        Kind::Scripted(script) => record(&[
            ("kind", string("runbook")),
            ("machine", script.machine.map_or("None".to_owned(), |server| names.server(server))),
            ("person", boolean(script.person)),
            ("nodes", function((0..script.procedure.nodes.len()).map(|at| (at.to_string(), node(names, script, at))))),
        ]),
    }
}

fn node(names: &Names, script: &Script, at: usize) -> String {
    let registers = (0..64).filter(|register| script.live(at) >> register & 1 == 1);
    let mut fields = vec![("live", set(registers))];
    let jobs = |jobs: &[JobId]| set(jobs.iter().map(|job| names.shell(script.jobs[job.0])));
    let next_field = |next: &NodeId| ("next", next.0.to_string());
    match &script.procedure.nodes[at].op {
        Op::Command { command: issued, next, on_error } => {
            fields.push(("op", string("command")));
            fields.extend([("command", command(names, issued)), next_field(next)]);
            let on_error = match on_error {
                OnError::Continue => "continue",
                OnError::Stop => "stop",
                OnError::Handler(handler) => {
                    fields.push(("handler", handler.0.to_string()));
                    "handler"
                }
            };
            fields.push(("onError", string(on_error)));
        }
        Op::Observe { reads, next } => {
            fields.push(("op", string("observe")));
            let read = |(register, asked): &(crate::runbook::RegisterId, Query)| {
                record(&[("register", register.0.to_string()), ("query", query(names, asked))])
            };
            fields.extend([("reads", set(reads.iter().map(read))), next_field(next)]);
        }
        Op::Branch { condition: on, yes, no } => {
            fields.push(("op", string("branch")));
            fields.extend([("condition", condition(on)), ("yes", yes.0.to_string()), ("no", no.0.to_string())]);
        }
        Op::Pause { next, .. } => {
            fields.push(("op", string("pause")));
            fields.push(next_field(next));
        }
        Op::TakeLock { lock, next } => {
            fields.push(("op", string("take lock")));
            fields.extend([("lock", string(lock)), next_field(next)]);
        }
        Op::ReleaseLock { lock, next } => {
            fields.push(("op", string("release lock")));
            fields.extend([("lock", string(lock)), next_field(next)]);
        }
        Op::StartJob { job, next } => {
            fields.push(("op", string("start job")));
            fields.extend([("job", names.shell(script.jobs[job.0])), next_field(next)]);
        }
        Op::AwaitStart { next } => {
            fields.push(("op", string("await start")));
            fields.push(next_field(next));
        }
        Op::AwaitJobs { jobs: awaited, next, otherwise } => {
            fields.push(("op", string("await jobs")));
            fields.extend([("jobs", jobs(awaited)), next_field(next), ("mayGoOn", boolean(otherwise.is_some()))]);
            fields.extend(otherwise.map(|otherwise| ("otherwise", otherwise.0.to_string())));
        }
        Op::StopJobs { jobs: stopped, next } => {
            fields.push(("op", string("stop jobs")));
            fields.extend([("jobs", jobs(stopped)), next_field(next)]);
        }
        Op::End { failed } => fields.push(("op", string(if *failed { "fail" } else { "end" }))),
    }
    record(&fields)
}

fn condition(on: &Condition) -> String {
    let several =
        |is: &str, of: &[Condition]| record(&[("is", string(is)), ("of", sequence(of.iter().map(condition)))]);
    match on {
        Condition::Register(register) => record(&[("is", string("register")), ("register", register.0.to_string())]),
        Condition::Not(inner) => record(&[("is", string("not")), ("of", condition(inner))]),
        Condition::All(inner) => several("all", inner),
        Condition::Any(inner) => several("any", inner),
        Condition::Unknown => record(&[("is", string("unknown"))]),
    }
}

fn query(names: &Names, query: &Query) -> String {
    let asks = |what: &str| ("asks", string(what));
    match query {
        Query::Readiness { pool, is } => {
            let is = match is {
                Readiness::Ready => "Ready",
                Readiness::Busy => "Busy",
                Readiness::InsufficientActiveFrontEnds => "InsufficientActiveFrontEnds",
            };
            record(&[asks("readiness"), ("pool", names.pool(*pool)), ("is", string(is))])
        }
        Query::DomainReady { server } => record(&[asks("domain ready"), ("server", names.server(*server))]),
        Query::ReplicasWhole { pool } => record(&[asks("replicas whole"), ("pool", names.pool(*pool))]),
        Query::Services { server, services, quantifier, shown: states } => record(&[
            asks("services"),
            ("server", names.server(*server)),
            ("services", named(*services)),
            ("all", boolean(*quantifier == Quantifier::All)),
            ("shown", shown(*states)),
        ]),
        Query::ManagementStoreReplicated { .. } => record(&[asks("store replicated")]),
        Query::BackupSteady { pool } => record(&[asks("backup steady"), ("pool", names.pool(*pool))]),
        Query::Reachable { server } => record(&[asks("reachable"), ("server", names.server(*server))]),
    }
}

fn shown(shown: Shown) -> String {
    let states = [
        ("Stopped", shown.stopped),
        ("StartPending", shown.start_pending),
        ("Running", shown.running),
        ("Paused", shown.paused),
        ("Draining", shown.draining),
    ];
    set(states.iter().filter(|(_, matches)| *matches).map(|(name, _)| string(name)))
}

fn command(names: &Names, command: &Command) -> String {
    let server = |server: &ServerId| ("server", names.server(*server));
    let pool = |pool: &crate::topology::PoolId| ("pool", names.pool(*pool));
    let cmdlet = |name: &str, fields: Vec<(&str, String)>| record(&[vec![("cmdlet", string(name))], fields].concat());
    match command {
        Command::StopServices { server: on, services, graceful, wait } => cmdlet(
            "StopServices",
            vec![
                server(on),
                ("services", named(*services)),
                ("graceful", boolean(*graceful)),
                ("wait", boolean(*wait)),
            ],
        ),
        Command::StartServices { server: on, services, wait } => {
            cmdlet("StartServices", vec![server(on), ("services", named(*services)), ("wait", boolean(*wait))])
        }
        Command::PauseServices { server: on, services } => {
            cmdlet("PauseServices", vec![server(on), ("services", named(*services))])
        }
        Command::SetStartup { server: on, services, startup } => {
            let startup = string(&format!("{startup:?}"));
            cmdlet("SetStartup", vec![server(on), ("services", named(*services)), ("startup", startup)])
        }
        Command::FailOver { server: on, no_stop, force, draining_timeout } => cmdlet(
            "FailOver",
            vec![
                server(on),
                ("noStop", boolean(*no_stop)),
                ("force", boolean(*force)),
                ("drainingTimeout", boolean(*draining_timeout)),
            ],
        ),
        Command::FailBack { server: on, no_start } => {
            cmdlet("FailBack", vec![server(on), ("noStart", boolean(*no_start))])
        }
        Command::ResetPool { pool: of, reset, no_restart } => match reset {
            Reset::Service | Reset::Full => cmdlet(
                "ResetPool",
                vec![pool(of), ("everything", boolean(*reset == Reset::Full)), ("noRestart", boolean(*no_restart))],
            ),
            Reset::QuorumLossRecovery => cmdlet("QuorumLossRecovery", vec![pool(of)]),
            Reset::MachineStateRemoved(on) => cmdlet("RemoveMachineState", vec![pool(of), server(on)]),
        },
        Command::StartPool { pool: of, recover, skip } => {
            let skip = set(skip.iter().map(|server| names.server(*server)));
            cmdlet("StartPool", vec![pool(of), ("recover", boolean(*recover)), ("skip", skip)])
        }
        Command::Restart { server: on, wait } => cmdlet("Restart", vec![server(on), ("wait", boolean(*wait))]),
        Command::Shutdown { server: on } => cmdlet("Shutdown", vec![server(on)]),
        Command::Install { server: on } => cmdlet("Install", vec![server(on)]),
        Command::FailOverDatabase { pool: of, to_mirror } => {
            cmdlet("FailOverDatabase", vec![pool(of), ("toMirror", boolean(*to_mirror))])
        }
        Command::StopDatabase { pool: of } => cmdlet("StopDatabase", vec![pool(of)]),
        Command::StartDatabase { pool: of } => cmdlet("StartDatabase", vec![pool(of)]),
        Command::PublishMembers { pool: of } => cmdlet("PublishMembers", vec![pool(of)]),
        Command::FailOverPool { pool: of, disaster } => {
            cmdlet("FailOverPool", vec![pool(of), ("disaster", boolean(*disaster))])
        }
        Command::FailBackPool { pool: of, disaster } => {
            cmdlet("FailBackPool", vec![pool(of), ("disaster", boolean(*disaster))])
        }
        Command::MoveManagementStore { force, .. } => cmdlet("MoveManagementStore", vec![("force", boolean(*force))]),
        Command::SetNextHop { edge, hop } => cmdlet("SetNextHop", vec![pool(edge), ("hop", names.pool(*hop))]),
    }
}
