//! The steps of the model: who can act, and on what.

use super::oracle::Choices;
use crate::lifecycle::server::Power;

/// What happens between two states, before open questions are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A scripted shell goes on: a cmdlet begins or returns, something is read, a pause ends.
    Advance {
        /// The shell.
        shell: u8,
    },
    /// A free operator issues a command of its menu.
    Issue {
        /// The shell.
        shell: u8,
        /// The menu item.
        item: u16,
    },
    /// The wait of a blocked cmdlet ends without what it waited for.
    Expire {
        /// The shell.
        shell: u8,
    },
    /// A machine is back up.
    Boot {
        /// The server.
        server: u8,
    },
    /// Services that were asked to start are up.
    ServicesStart {
        /// The group of services, as an index into all groups.
        group: u16,
    },
    /// The last connections of draining services end.
    Emptied {
        /// The group of services, as an index into all groups.
        group: u16,
    },
    /// Users and data of a server in fail-over have moved.
    UsersMoved {
        /// The server.
        server: u8,
    },
    /// The sessions of a server in fail-over have ended; its services are stopped and disabled.
    TakenOut {
        /// The server.
        server: u8,
    },
    /// The cmdlet that ran a fail-over is gone; the fail-over is abandoned.
    Orphaned {
        /// The server.
        server: u8,
    },
    /// The primary of the tracked group moves off a server in fail-over.
    Swap {
        /// The new primary.
        to: u8,
    },
    /// A secondary of the tracked group becomes primary.
    Promote {
        /// The new primary.
        to: u8,
    },
    /// Fabric begins to build a replica of the tracked group.
    BuildBegins {
        /// Where.
        on: u8,
    },
    /// The replica is built.
    Built {
        /// Where.
        on: u8,
    },
    /// All other routing groups of a pool are whole again.
    Settle {
        /// The pool.
        pool: u8,
    },
    /// The servers of a pool without quorum stop all their services.
    PoolStops {
        /// The pool.
        pool: u8,
    },
    /// Enough servers of a stopped pool are starting: it runs.
    PoolStarts {
        /// The pool.
        pool: u8,
    },
    /// SQL's own witness makes the mirror the principal.
    MirrorTakesOver {
        /// The pool.
        pool: u8,
    },
    /// Every replica of the configuration knows where the management store is.
    Replicated,
    /// A server crashes.
    Crash {
        /// The server.
        server: u8,
        /// [`Power::Crashed`] if it comes back by itself, else [`Power::Lost`].
        to: Power,
    },
    /// A conference keeps a drain from ending.
    Hang {
        /// The group of services, as an index into all groups.
        group: u16,
        /// Whether people are in it.
        live: bool,
    },
    /// An update policy reboots a server.
    PolicyReboot {
        /// The server.
        server: u8,
    },
    /// A watchdog starts what is stopped on a server.
    Watchdog {
        /// The server.
        server: u8,
    },
    /// A cmdlet of a scripted shell ends in an error and does nothing.
    FailCmdlet {
        /// The shell.
        shell: u8,
    },
    /// Services that were asked to start do not come up.
    StartHangs {
        /// The group of services, as an index into all groups.
        group: u16,
    },
    /// Somebody publishes a topology in which the members of a pool have changed.
    Published {
        /// The pool.
        pool: u8,
    },
    /// The SQL Server that serves a pool fails.
    PrincipalFails {
        /// The pool.
        pool: u8,
    },
}

/// A step with the answers to its open questions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Action {
    /// The step.
    pub step: Step,
    /// The answers.
    pub choices: Choices,
}

/// The classes of actions, for claims that restrict who may act.
pub mod class {
    /// Somebody or some script.
    pub const OPERATOR: u32 = 1;
    /// Fabric, services, timers, machines.
    pub const SYSTEM: u32 = 2;
    /// A fault.
    pub const FAULT: u32 = 4;
}

/// What happens on a transition, for claims about transitions.
pub mod event {
    /// A live conversation is ended by force.
    pub const CALL_CUT: u32 = 1;
    /// A cmdlet ends in an error and the runbook goes on.
    pub const ERROR_IGNORED: u32 = 2;
    /// What users have produced is lost.
    pub const DATA_LOST: u32 = 4;
}

/// The number of kinds of steps.
pub const KINDS: usize = 26;

impl Step {
    /// The number of its kind, below [`KINDS`]; also its weak-fairness constraint together with its subject.
    pub fn kind(self) -> usize {
        match self {
            Step::Advance { .. } => 0,
            Step::Issue { .. } => 1,
            Step::Expire { .. } => 2,
            Step::Boot { .. } => 3,
            Step::ServicesStart { .. } => 4,
            Step::Emptied { .. } => 5,
            Step::UsersMoved { .. } => 6,
            Step::TakenOut { .. } => 7,
            Step::Orphaned { .. } => 8,
            Step::Swap { .. } => 9,
            Step::Promote { .. } => 10,
            Step::BuildBegins { .. } => 11,
            Step::Built { .. } => 12,
            Step::Settle { .. } => 13,
            Step::PoolStops { .. } => 14,
            Step::PoolStarts { .. } => 15,
            Step::MirrorTakesOver { .. } => 16,
            Step::Crash { .. } => 17,
            Step::Hang { .. } => 18,
            Step::PolicyReboot { .. } => 19,
            Step::Watchdog { .. } => 20,
            Step::FailCmdlet { .. } => 21,
            Step::PrincipalFails { .. } => 22,
            Step::Replicated => 23,
            Step::StartHangs { .. } => 24,
            Step::Published { .. } => 25,
        }
    }

    /// The class of the step.
    pub fn class(self) -> u32 {
        match self.kind() {
            0 | 1 => class::OPERATOR,
            2..=16 | 23 => class::SYSTEM,
            _ => class::FAULT,
        }
    }

    /// The weak-fairness constraint that the step serves. Shells and the system are fair; free operators
    /// decide to act or not, and faults need not happen.
    pub fn fairness(self) -> Option<u16> {
        let subject = match self {
            Step::ServicesStart { group } | Step::Emptied { group } => {
                return Some(group * KINDS as u16 + self.kind() as u16);
            }
            Step::Advance { shell } | Step::Expire { shell } => shell,
            Step::Boot { server }
            | Step::UsersMoved { server }
            | Step::TakenOut { server }
            | Step::Orphaned { server } => server,
            // Which server fabric picks is its own affair: all picks serve one constraint.
            Step::Replicated
            | Step::Swap { .. }
            | Step::Promote { .. }
            | Step::BuildBegins { .. }
            | Step::Built { .. } => 0,
            Step::Settle { pool }
            | Step::PoolStops { pool }
            | Step::PoolStarts { pool }
            | Step::MirrorTakesOver { pool } => pool,
            _ => return None,
        };
        Some(u16::from(subject) * KINDS as u16 + self.kind() as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// One step of each kind, in the order of their numbers.
    fn of(it: u8) -> Vec<Step> {
        let (shell, server, pool, to, on, group) = (it, it, it, it, it, u16::from(it));
        vec![
            Step::Advance { shell },
            Step::Issue { shell, item: group },
            Step::Expire { shell },
            Step::Boot { server },
            Step::ServicesStart { group },
            Step::Emptied { group },
            Step::UsersMoved { server },
            Step::TakenOut { server },
            Step::Orphaned { server },
            Step::Swap { to },
            Step::Promote { to },
            Step::BuildBegins { on },
            Step::Built { on },
            Step::Settle { pool },
            Step::PoolStops { pool },
            Step::PoolStarts { pool },
            Step::MirrorTakesOver { pool },
            Step::Crash { server, to: Power::Lost },
            Step::Hang { group, live: true },
            Step::PolicyReboot { server },
            Step::Watchdog { server },
            Step::FailCmdlet { shell },
            Step::PrincipalFails { pool },
            Step::Replicated,
            Step::StartHangs { group },
            Step::Published { pool },
        ]
    }

    #[test]
    fn every_kind_has_its_number() {
        assert!(of(0).iter().map(|step| step.kind()).eq(0..KINDS));
    }

    #[test]
    fn operators_and_faults_promise_nothing_and_the_system_does() {
        for step in of(1) {
            let wanted = match step {
                Step::Advance { .. } => (class::OPERATOR, true),
                Step::Issue { .. } => (class::OPERATOR, false),
                Step::Crash { .. }
                | Step::Hang { .. }
                | Step::PolicyReboot { .. }
                | Step::Watchdog { .. }
                | Step::FailCmdlet { .. }
                | Step::PrincipalFails { .. }
                | Step::StartHangs { .. }
                | Step::Published { .. } => (class::FAULT, false),
                _ => (class::SYSTEM, true),
            };
            assert_eq!((step.class(), step.fairness().is_some()), wanted, "{step:?}");
        }
    }

    #[test]
    fn each_subject_has_its_own_promise_but_fabric_may_pick() {
        let fair = |it: u8| of(it).into_iter().filter_map(|step| Some((step, step.fairness()?)));
        for (one, other) in fair(1).zip(fair(2)) {
            let picks = matches!(
                one.0,
                Step::Swap { .. }
                    | Step::Promote { .. }
                    | Step::BuildBegins { .. }
                    | Step::Built { .. }
                    | Step::Replicated
            );
            assert_eq!(one.1 == other.1, picks, "{one:?}");
        }
        let kinds = fair(1).count();
        let promises: BTreeSet<u16> = (0..3).flat_map(fair).map(|(_, promise)| promise).collect();
        assert_eq!(promises.len(), 3 * kinds - 2 * 5);
    }

    /// The number of a promise tells whose it is: nobody else has the number, whatever the subject.
    #[test]
    fn a_promise_is_numbered_by_its_subject_and_its_kind() {
        for it in [0, 1, 2, 31, 254] {
            for (step, promise) in of(it).into_iter().filter_map(|step| Some((step, step.fairness()?))) {
                let picks = matches!(step.kind(), 9..=12 | 23);
                let subject = if picks { 0 } else { usize::from(it) };
                assert_eq!(usize::from(promise), subject * KINDS + step.kind(), "{step:?}");
            }
        }
    }
}
