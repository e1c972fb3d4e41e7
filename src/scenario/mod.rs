//! A scenario: what is deployed, who acts, what may go wrong, what is claimed.
//!
//! Invariant: this room does not know how states are searched. A [`Scenario`] is complete and valid:
//! names are resolved, runbooks are read, bounds are checked; whatever is wrong was reported with its
//! place by the reader.

mod capacity;
mod deployment;
mod expect;
mod faults;
pub mod file;
mod initially;
mod limits;
mod loader;
mod located;
pub mod named;
mod names;
mod nearest;
mod operators;
mod problem;
mod procedures;
pub mod property;
mod read;
pub mod readings;
mod recorded;
mod schema;
mod shape;
mod template;

pub use loader::{Directory, Loader, read_file};
pub use located::{Entries, Located};
pub use nearest::nearest;
pub use problem::{Problem, ScenarioError};
pub use procedures::is_document;
pub use read::{load, parse, read_runbooks, text_of};
pub use recorded::{Recorded, RecordedFile, load_recorded};
pub use schema::schema;
pub use template::{TEMPLATE_RUNBOOK_NAME, template, template_runbook};

use crate::runbook::{Command, Place, Procedure, Remark};
pub use crate::topology::Deployment;
use crate::topology::{PoolId, ServerId};
use property::PropertyName;
use readings::Reading;

/// A complete, valid scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// One line.
    pub title: String,
    /// What the reader of a verdict should know, any length.
    pub description: String,
    /// What is deployed.
    pub deployment: Deployment,
    /// How the deployment stands when the scenario begins.
    pub initially: Vec<Initially>,
    /// Who acts.
    pub operators: Vec<Operator>,
    /// What may go wrong.
    pub faults: Faults,
    /// How many servers of a pool have to take users at any time; one where nothing is said.
    pub capacity: Vec<(PoolId, usize)>,
    /// The readings that the scenario fixes; all others are explored.
    pub fixed_readings: Vec<(Reading, u8)>,
    /// What is to be decided.
    pub properties: Vec<PropertyName>,
    /// What the verdicts are expected to be.
    pub expectations: Vec<Expectation>,
    /// What is legal and suspicious in the scenario itself; what readers of runbooks had to say stands in
    /// each [`Procedure`].
    pub remarks: Vec<Remark>,
}

/// What the operators of a scenario do, for looking at: the procedures may contain what was not understood, and
/// nothing else of the scenario was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Runbooks {
    /// What is deployed.
    pub deployment: Deployment,
    /// Who acts.
    pub operators: Vec<Operator>,
}

/// A deviation from "everything runs" at the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initially {
    /// The whole pool is down with its machines up and its services stopped (a power loss, R6).
    PoolStopped(PoolId),
    /// The server is failed over.
    FailedOver(ServerId),
    /// The services of the server are stopped.
    Stopped(ServerId),
    /// The machine is down until somebody repairs it; it may also never have been built (R18).
    Lost(ServerId),
    /// The SQL principal is down and the mirror serves (R3).
    OnMirror(PoolId),
    /// The paired pool serves the users of this one, whose services are stopped (F6.7).
    PoolFailedOver(PoolId),
}

/// Somebody who acts.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// What the story calls it.
    pub name: String,
    /// How it acts.
    pub acts: Acts,
    /// If it is a job: which operator, as an index, has it among the jobs of its procedure. The jobs of an
    /// operator stand in the order of their [`JobId`](crate::runbook::JobId)s.
    pub job_of: Option<usize>,
}

/// How an operator acts.
#[derive(Debug, Clone, PartialEq)]
pub enum Acts {
    /// Follows a procedure.
    Scripted {
        /// The procedure.
        procedure: Procedure,
        /// The server of the deployment that the shell runs on; `None` is an administrator's workstation.
        machine: Option<ServerId>,
        /// Whether a person types the steps and goes on after the machine is back; a script dies with its machine.
        person: bool,
    },
    /// Issues any command of a menu, at any time.
    Free {
        /// The commands.
        menu: Vec<MenuItem>,
        /// How many at most; `None` is without bound.
        at_most: Option<u8>,
    },
}

/// A command that a free operator may issue.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuItem {
    /// The command with its target.
    pub command: Command,
    /// As it would be typed.
    pub text: String,
    /// Where the menu names it.
    pub place: Place,
}

/// What may go wrong, each with a budget.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Servers crash.
    pub crash: Option<Crash>,
    /// How many drains at most meet a conference that does not end by itself (D2, R1).
    pub hung_conferences: u8,
    /// An update policy reboots servers (R5).
    pub update_policy: Option<OnServers>,
    /// A watchdog starts whatever is stopped (R31).
    pub watchdog: Option<OnServers>,
    /// How many cmdlets at most end in an error for no reason that the model contains.
    pub failing_cmdlets: u8,
    /// How many services at most do not come up when they are started (R7, R8, R12).
    pub hung_starts: u8,
    /// How often at most a topology with other members of a pool is published (R14).
    pub publications: u8,
    /// How often at most the SQL principal of a pool fails; a mirror takes over where there is one (R3).
    pub sql_principal_failures: u8,
}

/// The budget of crashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// How many at most.
    pub at_most: u8,
    /// Which servers may crash.
    pub servers: Vec<ServerId>,
    /// Whether a crashed server comes back by itself.
    pub returns: Returns,
}

/// Whether a crashed server comes back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// After some time, always.
    Yes,
    /// Never.
    No,
    /// Either may happen.
    Either,
}

/// A fault that strikes servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnServers {
    /// How many times at most; `None` is without bound.
    pub at_most: Option<u8>,
    /// Which servers.
    pub servers: Vec<ServerId>,
}

/// A row of `[expect]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The property.
    pub property: PropertyName,
    /// What is expected of it.
    pub expected: Expected,
}

/// What is expected of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It holds under every reading.
    Holds,
    /// It fails under every reading.
    Fails,
    /// It fails exactly where one of these combinations of readings applies, and holds elsewhere.
    FailsIf(Vec<Vec<(Reading, u8)>>),
    /// The scenario has nothing that the property speaks of.
    NotApplicable,
}
