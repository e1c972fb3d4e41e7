//! One pool: does fabric hold its quorum, and is it up.

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
        /// Fail-over of the whole pool is under way.
        Draining = "Draining: failing over",
        /// The paired pool serves the users.
        FailedOver = "Failed over",
        /// Fail-back of the whole pool is under way.
        FailedBack = "Failed back",
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
        Draining, FailOverDone => FailedOver, ["F6.7"], "The users are served by the paired pool.";
        FailedOver, FailBack => FailedBack, ["F6.9", "F6.10"], "The users return to the pool that is their home.";
        FailedBack, FailBackDone => Running, ["F6.11"], "Normal again.";
    };
}
