//! The intermediate form of a procedure, one for every source: a control-flow graph over cmdlet steps.
//!
//! A reader (PowerShell, the steps of a scenario) evaluates what can be known (parameters, the
//! deployment, literals) and leaves a graph whose commands name concrete servers. What depends on the
//! state of the pool at run time stays in the graph as an observation and a branch; what nobody can
//! know is a branch both of whose ways are explored.
//!
//! Invariant: this room does not know how states are stored or searched. Every node keeps its place in
//! its source. What a reader did not understand is a [`Remark`], never a silent omission.

pub mod excerpt;
pub mod powershell;
pub mod render;
mod source;
mod waits;

pub use source::{Place, Source};
pub use waits::{Bound, Exit, Wait};

use crate::lifecycle::service::Startup;
use crate::topology::{PoolId, ServerId, ServiceSet};
use std::sync::Arc;

/// A node of a [`Procedure`], as an index into [`Procedure::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub usize);

/// A one-bit memory of a shell: the outcome of a test on something that was read earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterId(pub usize);

/// What one shell does, from start to end.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// The nodes; node 0 is the entry.
    pub nodes: Vec<Node>,
    /// What each register remembers, for stories: `$state -eq 'Ready'`.
    pub registers: Vec<String>,
    /// What a reader has to say: ignored, not understood, suspicious.
    pub remarks: Vec<Remark>,
    /// What the procedure starts and goes on beside, by [`JobId`]. Jobs that a job starts stand here too.
    pub jobs: Vec<Job>,
}

impl Procedure {
    /// The texts that its nodes and remarks point into, each once, in the order in which they are met.
    pub fn sources(&self) -> Vec<&Arc<Source>> {
        let nodes = self.nodes.iter().map(|node| &node.place.source);
        let mut found: Vec<&Arc<Source>> = Vec::new();
        for source in nodes.chain(self.remarks.iter().map(|remark| &remark.place.source)) {
            if !found.iter().any(|other| other.name == source.name) {
                found.push(source);
            }
        }
        for job in &self.jobs {
            found.extend(job.procedure.sources());
        }
        found
    }
}

/// Something that a procedure starts and that runs beside it, in a shell of its own: a job, a parallel branch.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// What a story calls it, after the name of who starts it: `job 1`.
    pub name: String,
    /// What it does. Its first node is [`Op::AwaitStart`], it has no jobs of its own, and remarks on it
    /// stand in the procedure that starts it.
    pub procedure: Procedure,
}

/// A job of a [`Procedure`], as an index into [`Procedure::jobs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub usize);

/// A step, with where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What happens.
    pub op: Op,
    /// Where it is written.
    pub place: Place,
    /// What the variables on that line stood for: `("$server", "fe1")`.
    pub bindings: Vec<(String, String)>,
    /// If it is a read that stands for several: how many rounds the wait has before it is given up.
    pub rounds: Option<usize>,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// A cmdlet that acts. It may end in an error.
    Command {
        /// The cmdlet.
        command: Command,
        /// Where to go on.
        next: NodeId,
        /// What an error does.
        on_error: OnError,
    },
    /// A cmdlet that reads the state of the pool. All reads happen at one moment.
    Observe {
        /// What is remembered in which register.
        reads: Vec<(RegisterId, Query)>,
        /// Where to go on.
        next: NodeId,
    },
    /// A decision on what was read, or on what nobody can know.
    Branch {
        /// The condition.
        condition: Condition,
        /// If it holds.
        yes: NodeId,
        /// If it does not.
        no: NodeId,
    },
    /// Time passes, or a person answers; neither guarantees anything (D4).
    Pause {
        /// What for.
        kind: PauseKind,
        /// Where to go on.
        next: NodeId,
    },
    /// Waits until a named lock is free and takes it.
    TakeLock {
        /// The lock.
        lock: String,
        /// Where to go on.
        next: NodeId,
    },
    /// Gives a named lock back; an error if this shell does not hold it.
    ReleaseLock {
        /// The lock.
        lock: String,
        /// Where to go on.
        next: NodeId,
    },
    /// A job starts and runs beside the procedure from here on. Every job is started by one node, which is
    /// passed at most once.
    StartJob {
        /// The job.
        job: JobId,
        /// Where to go on.
        next: NodeId,
    },
    /// The first node of a job: it waits to be started, which may never happen.
    AwaitStart {
        /// Where it begins.
        next: NodeId,
    },
    /// Waits until each of these jobs has ended, in whatever way, or was never started; or looks whether they have.
    AwaitJobs {
        /// The jobs.
        jobs: Vec<JobId>,
        /// Where to go on.
        next: NodeId,
        /// Where to go on if one of them has not ended: the procedure does not wait. A wait with a time-out is
        /// this as well, for the time-out may come whenever it has not ended (D4).
        otherwise: Option<NodeId>,
    },
    /// Ends these jobs where they are, as `Stop-Job` does: a cmdlet under way in one is left to itself.
    StopJobs {
        /// The jobs.
        jobs: Vec<JobId>,
        /// Where to go on.
        next: NodeId,
    },
    /// The procedure ends.
    End {
        /// Whether it ends in an error (`throw`, `exit 1`, a stopping error).
        failed: bool,
    },
}

impl Op {
    /// The nodes that the procedure can come to next: where it goes on, and where it goes otherwise.
    pub fn successors(&self) -> (Option<NodeId>, Option<NodeId>) {
        match self {
            Op::Command { next, on_error: OnError::Handler(handler), .. } => (Some(*next), Some(*handler)),
            Op::Command { next, .. }
            | Op::Observe { next, .. }
            | Op::Pause { next, .. }
            | Op::TakeLock { next, .. }
            | Op::ReleaseLock { next, .. }
            | Op::StartJob { next, .. }
            | Op::StopJobs { next, .. }
            | Op::AwaitStart { next } => (Some(*next), None),
            Op::AwaitJobs { next, otherwise, .. } => (Some(*next), *otherwise),
            Op::Branch { yes, no, .. } => (Some(*yes), Some(*no)),
            Op::End { .. } => (None, None),
        }
    }
}

/// What an error of a cmdlet does to the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnError {
    /// PowerShell's default: the message is printed and the script goes on.
    Continue,
    /// `-ErrorAction Stop` without a `catch`: the script ends.
    Stop,
    /// `catch`: goes on there.
    Handler(NodeId),
}

/// What a [`Op::Pause`] is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PauseKind {
    /// `Start-Sleep`.
    Sleep,
    /// `Read-Host`, a confirmation.
    Ask,
}

/// A cmdlet or a program that acts, with its targets resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Command {
    /// `Stop-CsWindowsService`, `Stop-Service`, `net stop`.
    StopServices {
        /// The server.
        server: ServerId,
        /// Which services; intersected with what the server runs.
        services: ServiceSet,
        /// `-Graceful`: drain first (F1.48).
        graceful: bool,
        /// Whether the call waits for the end (`-NoWait` does not, F1.49).
        wait: bool,
    },
    /// `Start-CsWindowsService`, `Start-Service`.
    StartServices {
        /// The server.
        server: ServerId,
        /// Which services.
        services: ServiceSet,
        /// Whether the call waits until they run (F1.41).
        wait: bool,
    },
    /// `Suspend-Service`, "Prevent new connections" (F1.55).
    PauseServices {
        /// The server.
        server: ServerId,
        /// Which services.
        services: ServiceSet,
    },
    /// `Set-Service -StartupType`.
    SetStartup {
        /// The server.
        server: ServerId,
        /// Which services.
        services: ServiceSet,
        /// The new startup type.
        startup: Startup,
    },
    /// `Invoke-CsComputerFailOver`.
    FailOver {
        /// The server.
        server: ServerId,
        /// `-NoStop` (F2.11).
        no_stop: bool,
        /// `-Force`: skips the capacity check (F2.12).
        force: bool,
        /// `-DrainingTimeout` is given, so a drain ends by force (F2.10).
        draining_timeout: bool,
    },
    /// `Invoke-CsComputerFailBack`.
    FailBack {
        /// The server.
        server: ServerId,
        /// `-NoStart` (F2.24).
        no_start: bool,
    },
    /// `Reset-CsPoolRegistrarState`.
    ResetPool {
        /// The pool.
        pool: PoolId,
        /// `-ResetType`.
        reset: Reset,
        /// `-NoReStart`: what was stopped stays stopped.
        no_restart: bool,
    },
    /// `Start-CsPool` (F4.17).
    StartPool {
        /// The pool.
        pool: PoolId,
        /// `-QuorumLossRecovery`.
        recover: bool,
        /// `-SkipServer`: front ends that are left as they are.
        skip: Vec<ServerId>,
    },
    /// `Restart-Computer`, `shutdown /r`.
    Restart {
        /// The server.
        server: ServerId,
        /// Whether the call waits until the machine is back.
        wait: bool,
    },
    /// `Stop-Computer`, `shutdown /s`: somebody has to switch it on again.
    Shutdown {
        /// The server.
        server: ServerId,
    },
    /// An installer: a cumulative update, a Windows update.
    Install {
        /// The server.
        server: ServerId,
    },
    /// `Invoke-CsDatabaseFailover` to the mirror or back to the principal.
    FailOverDatabase {
        /// The pool whose Back End it is.
        pool: PoolId,
        /// `-NewPrincipal Mirror` (true) or `Primary` (false).
        to_mirror: bool,
    },
    /// The SQL Server of a pool, or the principal of two, is shut down for a patch of its own (F5.13).
    StopDatabase {
        /// The pool whose Back End it is.
        pool: PoolId,
    },
    /// It is back.
    StartDatabase {
        /// The pool whose Back End it is.
        pool: PoolId,
    },
    /// A topology is published in which the members of a pool have changed (F5.16, F5.17).
    PublishMembers {
        /// The pool.
        pool: PoolId,
    },
    /// `Invoke-CsPoolFailOver` (F6.6).
    FailOverPool {
        /// The pool whose users go to the paired pool.
        pool: PoolId,
        /// `-DisasterMode` (F6.8).
        disaster: bool,
    },
    /// `Invoke-CsPoolFailBack` (F6.9).
    FailBackPool {
        /// The pool whose users come home.
        pool: PoolId,
        /// `-DisasterMode`: what the paired pool has produced is lost (F6.9).
        disaster: bool,
    },
    /// `Invoke-CsManagementServerFailover` (F6.5).
    MoveManagementStore {
        /// The pool that hosts the Central Management Store in the topology.
        home: PoolId,
        /// `-Force`: for disasters; skips the replication.
        force: bool,
    },
    /// Another next hop for an Edge pool (F6.4, F9.6).
    SetNextHop {
        /// The Edge pool.
        edge: PoolId,
        /// The pool that is to be its next hop.
        hop: PoolId,
    },
}

/// The reset types of `Reset-CsPoolRegistrarState` (F4.11-F4.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reset {
    /// `ServiceReset`, the default.
    Service,
    /// `QuorumLossRecovery`.
    QuorumLossRecovery,
    /// `FullReset`.
    Full,
    /// `MachineStateRemoved` with `-MachineFqdn`.
    MachineStateRemoved(ServerId),
}

/// Something a procedure can read off the pool, as a yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Query {
    /// `Get-CsPoolUpgradeReadinessState` / `Get-CsUpgradeDomainInfo` gives this state.
    Readiness {
        /// The pool.
        pool: PoolId,
        /// The state asked for.
        is: Readiness,
    },
    /// The `ReadyforUpgrade` column of the upgrade domain of a server (F5.4 c).
    DomainReady {
        /// The server.
        server: ServerId,
    },
    /// `Get-CsPoolFabricState` shows no missing replica and no group without a primary.
    ReplicasWhole {
        /// The pool.
        pool: PoolId,
    },
    /// How services of a server stand, as `Get-CsWindowsService` or `Get-Service` shows it.
    Services {
        /// The server.
        server: ServerId,
        /// Which services; intersected with what the server runs.
        services: ServiceSet,
        /// Whether one of them suffices, or all of them must match.
        quantifier: Quantifier,
        /// The states that match.
        shown: Shown,
    },
    /// `Get-CsManagementStoreReplicationStatus` shows every replica as up to date (F6.5).
    ManagementStoreReplicated {
        /// The pool that hosts the Central Management Store in the topology.
        home: PoolId,
    },
    /// `Get-CsBackupServiceStatus` shows a steady state: what a pool has is copied to its paired pool (F6.13).
    BackupSteady {
        /// The pool.
        pool: PoolId,
    },
    /// The server answers (`Test-Connection`, a remote session).
    Reachable {
        /// The server.
        server: ServerId,
    },
}

/// The states that the readiness cmdlet names (F5.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Readiness {
    /// `Ready`.
    Ready,
    /// `Busy`.
    Busy,
    /// `InsufficientActiveFrontEnds`.
    InsufficientActiveFrontEnds,
}

/// How many of several services must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

/// A set of states as a status cmdlet shows them; a draining service shows as Paused (F1.53).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shown {
    /// `Stopped` matches.
    pub stopped: bool,
    /// `StartPending` matches.
    pub start_pending: bool,
    /// `Running` matches.
    pub running: bool,
    /// `Paused` matches.
    pub paused: bool,
    /// `ServiceStatus -eq 'Draining'` matches (F1.3); implies that the service is also shown as paused.
    pub draining: bool,
}

/// A condition on registers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// What was read earlier.
    Register(RegisterId),
    /// Its opposite.
    Not(Box<Condition>),
    /// All of them.
    All(Vec<Condition>),
    /// One of them.
    Any(Vec<Condition>),
    /// Nobody can know: both ways are explored.
    Unknown,
}

/// Something a reader has to say about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How serious it is.
    pub kind: RemarkKind,
    /// A stable name of what it is about: `status-not-tested`.
    pub code: &'static str,
    /// What it says.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
}

/// How serious a [`Remark`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// Has no effect on the pool; ignored.
    Ignored,
    /// Legal and suspicious.
    Suspicious,
    /// Not understood: the procedure cannot be checked as it stands.
    NotUnderstood,
}

/// What a reader has to know beside the text.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What is deployed: pool and server names resolve against it.
    pub deployment: &'a crate::topology::Deployment,
    /// The server that the procedure runs on, if it is one of the deployment: what a cmdlet without
    /// `-ComputerName` acts on.
    pub machine: Option<ServerId>,
    /// Values for the parameters of a script, by name in any case; several values make an array.
    pub arguments: &'a [(String, Vec<String>)],
    /// What commands of the user's own mean.
    pub vocabulary: &'a [(String, Meaning)],
}

/// What a command of the user's own (a function of a module that is not at hand, a program) does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing that the pool notices.
    Nothing,
    /// An installer runs on the machine that the command is about.
    Install,
    /// A lock is taken; waits until it is free.
    TakeLock(String),
    /// A lock is given back.
    ReleaseLock(String),
    /// A person is asked.
    Ask,
    /// Something is done to a pool for which there is no cmdlet of the product.
    Act(Command),
}
