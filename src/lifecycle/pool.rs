//! One pool: does fabric hold its quorum, is it up, and where are its users.
//!
//! The two halves are one machine since they depend on each other: what is running cannot be failed over without
//! its quorum, and a pool whose users are elsewhere loses nothing when it stops.

use super::{Machine, Row, states, table};

states! {
    /// What a pool is doing as a whole.
    State {
        /// Fabric has its quorum of votes.
        Running = "Running",
        /// Too few votes; the services still run for some minutes (A1).
        QuorumLost = "Quorum lost",
        /// Fabric and the services on every server have stopped (F3.4).
        Stopped = "Stopped",
        /// Fail-over of the whole pool is under way: its users can read and not write (F6.7).
        Draining = "Draining: failing over",
        /// The paired pool serves the users, and the services here are stopped.
        FailedOver = "Failed over",
        /// The paired pool serves the users, and fabric runs here.
        FailedOverUp = "Failed over, services up",
        /// The paired pool serves the users, and the votes here have fallen below the quorum.
        FailedOverLost = "Failed over, quorum lost",
        /// Fail-back of the whole pool is under way: fabric runs here, the users are still on the paired pool.
        FailedBack = "Failed back: synchronising",
    }
}

impl State {
    /// Whether fabric runs with its quorum.
    pub const fn fabric_up(self) -> bool {
        matches!(self, State::Running | State::Draining | State::FailedOverUp | State::FailedBack)
    }

    /// Whether fabric has lost its quorum and the services still run (A1).
    pub const fn fabric_failing(self) -> bool {
        matches!(self, State::QuorumLost | State::FailedOverLost)
    }

    /// Whether fabric is stopped on the whole pool.
    pub const fn fabric_down(self) -> bool {
        matches!(self, State::Stopped | State::FailedOver)
    }

    /// Whether the paired pool has the users.
    pub const fn users_away(self) -> bool {
        matches!(self, State::FailedOver | State::FailedOverUp | State::FailedOverLost | State::FailedBack)
    }
}

states! {
    /// What can happen to a pool.
    Event {
        /// Votes fall below the quorum.
        VotesLost = "votes lost",
        /// Votes are back before the services stopped.
        VotesRegained = "votes regained",
        /// The remaining servers stop all services.
        ServicesStop = "services stop",
        /// A reset stops fabric on every server.
        Reset = "reset",
        /// As many servers are starting as a whole-pool start needs.
        FirstStart = "enough servers started",
        /// QuorumLossRecovery lets a pool with its votes make progress.
        Recovered = "recovered from quorum loss",
        /// `Invoke-CsPoolFailOver` begins.
        FailOver = "pool fail-over",
        /// `Invoke-CsPoolFailOver -DisasterMode`: the paired pool takes the users as they are in its copy.
        DisasterFailOver = "pool fail-over in disaster mode",
        /// The paired pool has the users.
        FailOverDone = "users on the paired pool",
        /// `Invoke-CsPoolFailBack` begins.
        FailBack = "pool fail-back",
        /// The home pool has its users again.
        FailBackDone = "users at home",
    }
}

/// The machine of a pool.
#[derive(Debug, Clone, Copy)]
pub struct Pool;

impl Machine for Pool {
    type State = State;
    type Event = Event;
    const NAME: &'static str = "pool";
    const INITIAL: State = State::Running;
    const TABLE: &'static [Row<State, Event>] = table! {
        Running, VotesLost => QuorumLost, ["F3.1", "F3.8"], "Fewer voters are up than the pool needs to stay functional.";
        QuorumLost, VotesRegained => Running, ["F3.20", "A1"], "For some minutes a returning voter saves the pool.";
        QuorumLost, ServicesStop => Stopped, ["F3.4", "F3.19"], "Below the number all services of the pool stop.";
        Running, Reset => Stopped, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        QuorumLost, Reset => Stopped, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        Stopped, Reset => Stopped, ["F4.11"], "It was stopped.";
        Stopped, FirstStart => Running, ["F3.2", "F3.3", "F3.7"], "A whole-pool start needs the first-start number of servers.";
        Stopped, Recovered => Running, ["F3.3", "F4.12"], "With its votes the pool makes progress after QuorumLossRecovery.";
        Running, FailOver => Draining, ["F6.6", "F6.7"], "The pool goes read-only and synchronises once more.";
        Draining, FailOver => Draining, ["A25"], "A fail-over that was broken off is taken up again.";
        Draining, VotesLost => QuorumLost, ["F3.1", "F6.8"], "Without its quorum the pool has no last state to hand over.";
        Draining, Reset => Stopped, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        Draining, FailOverDone => FailedOverUp, ["F6.7"], "The users switch to the paired pool.";
        Running, DisasterFailOver => FailedOverUp, ["F6.8"], "Disaster mode asks the home pool for nothing.";
        Draining, DisasterFailOver => FailedOverUp, ["F6.8"], "Disaster mode asks the home pool for nothing.";
        QuorumLost, DisasterFailOver => FailedOverLost, ["F6.8"], "It is meant for pools that cannot be reached.";
        Stopped, DisasterFailOver => FailedOver, ["F6.8"], "It is meant for pools that cannot be reached.";
        FailedOverUp, ServicesStop => FailedOver, ["A26"], "The fail-over ends with stopping the services of the home pool.";
        FailedOverUp, VotesLost => FailedOverLost, ["F3.1", "F3.8"], "The rule of votes does not ask where the users are.";
        FailedOverLost, VotesRegained => FailedOverUp, ["F3.20", "A1"], "For some minutes a returning voter saves the pool.";
        FailedOverLost, ServicesStop => FailedOver, ["F3.4", "F3.19"], "Below the number all services of the pool stop.";
        FailedOver, ServicesStop => FailedOver, ["A26"], "They were stopped.";
        FailedOver, FirstStart => FailedOverUp, ["F3.3", "F6.9"], "A fail-back begins with a start of the whole pool.";
        FailedOver, Recovered => FailedOverUp, ["F3.3", "F4.12"], "With its votes the pool makes progress after QuorumLossRecovery.";
        FailedOver, Reset => FailedOver, ["F4.11"], "It was stopped.";
        FailedOverUp, Reset => FailedOver, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        FailedOverLost, Reset => FailedOver, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        FailedOverUp, FailBack => FailedBack, ["F6.9", "F6.11"], "The users are about to return to the pool that is their home.";
        FailedBack, FailBack => FailedBack, ["A25"], "A fail-back that was broken off is taken up again.";
        FailedBack, VotesLost => FailedOverLost, ["F3.1", "F3.8"], "The users stay where they are.";
        FailedBack, Reset => FailedOver, ["F4.11"], "ServiceReset stops and restarts fabric on the whole pool.";
        FailedBack, FailBackDone => Running, ["F6.11"], "Normal again.";
    };
}
