//! One server: is it available to its pool, and how far is its fail-over.

use super::{Machine, Row, states, table};

states! {
    /// The availability of a server to its pool. The state of its services and of its power is kept
    /// beside it, since a reboot changes those and not this one (F2.5).
    State {
        /// Available: takes its share as soon as its services run.
        Running = "Running",
        /// Fail-over under way: fabric moves users and data to the other servers.
        Moving = "Draining: moving users",
        /// Fail-over under way: conferences and sessions run to their end.
        Draining = "Draining: ending sessions",
        /// Taken out: fabric keeps the node out until a fail-back.
        FailedOver = "Failed over",
        /// Available again, services not yet all up.
        FailedBack = "Failed back",
        /// Available, but its services were stopped (another state than failed over, F1.57).
        Stopped = "Stopped",
        /// No longer a member of the pool.
        Removed = "Removed",
    }
}

states! {
    /// What can happen to a server's availability.
    Event {
        /// `Invoke-CsComputerFailOver` begins.
        FailOver = "fail-over",
        /// Fabric has moved users and data away.
        UsersMoved = "users moved",
        /// Sessions have ended, services are stopped and disabled.
        Drained = "drained, stopped, disabled",
        /// The fail-over fails and leaves the server available.
        Abandoned = "abandoned",
        /// The fail-over fails and leaves the node out of fabric.
        AbandonedMoved = "abandoned after the move",
        /// `Invoke-CsComputerFailBack` begins.
        FailBack = "fail-back",
        /// The fail-back's wait ends.
        FailBackExpired = "fail-back expired",
        /// All services run.
        ServicesUp = "services up",
        /// A service that users need is no longer running.
        ServicesDown = "services down",
        /// A reset of the pool enables what was disabled.
        FullReset = "full reset",
        /// The machine's state is removed from the pool.
        Remove = "machine state removed",
    }
}

states! {
    /// The power of a machine, orthogonal to its availability.
    Power {
        /// The operating system runs.
        Up = "Up",
        /// On its way down and up again.
        Rebooting = "Rebooting",
        /// Down by a fault; comes back by itself.
        Crashed = "Crashed",
        /// Down until somebody repairs it, which the scenario does not contain.
        Lost = "Lost",
    }
}

/// The machine of a server.
#[derive(Debug, Clone, Copy)]
pub struct Server;

impl Machine for Server {
    type State = State;
    type Event = Event;
    const NAME: &'static str = "server";
    const INITIAL: State = State::Running;
    const TABLE: &'static [Row<State, Event>] = table! {
        Running, FailOver => Moving, ["F2.4"], "First, users and data are migrated.";
        Moving, UsersMoved => Draining, ["F2.4"], "Second, conferences and sessions drain.";
        Draining, Drained => FailedOver, ["F2.4", "F2.5"], "Third and fourth, services are stopped and disabled.";
        Moving, Abandoned => Running, ["F2.9"], "As documented, nothing is done to a server whose fail-over failed.";
        Draining, Abandoned => Running, ["F2.9", "C7"], "As documented, nothing is done to a server whose fail-over failed.";
        Moving, AbandonedMoved => FailedOver, ["A2", "C7"], "The steps before the wait have already moved users; the node stays out.";
        Draining, AbandonedMoved => FailedOver, ["A2", "C7"], "The steps before the wait have already moved users; the node stays out.";
        FailedOver, FailBack => FailedBack, ["F2.22"], "The server is flagged available, services are enabled and started.";
        Running, FailBack => Running, ["F2.22"], "Flagging, enabling and starting change nothing here.";
        Stopped, FailBack => FailedBack, ["F2.22"], "Fail-back enables and starts services, whoever stopped them.";
        FailedBack, FailBack => FailedBack, ["F2.22"], "Asking again changes nothing.";
        FailedBack, FailBackExpired => FailedOver, ["F2.25"], "When the wait ends, services are neither started nor enabled.";
        FailedBack, ServicesUp => Running, ["F2.22"], "Back in service.";
        Stopped, ServicesUp => Running, ["F1.37", "F1.57"], "A stopped server needs no fail-back.";
        Running, ServicesDown => Stopped, ["F1.57"], "Stopped is not failed over: the startup type is untouched.";
        FailedBack, ServicesDown => Stopped, ["F1.57", "F2.24"], "Available, but nothing runs.";
        FailedOver, FullReset => FailedBack, ["F2.29", "F4.13", "R13"], "FullReset re-enables nodes that had been disabled.";
        Moving, FullReset => FailedBack, ["F2.29", "F4.13"], "FullReset lifts a deactivation that is under way.";
        Draining, FullReset => FailedBack, ["F2.29", "F4.13"], "FullReset lifts a deactivation that is under way.";
        Running, Remove => Removed, ["F4.14"], "The server is removed from the pool.";
        Stopped, Remove => Removed, ["F4.14"], "The server is removed from the pool.";
        FailedBack, Remove => Removed, ["F4.14"], "The server is removed from the pool.";
        FailedOver, Remove => Removed, ["F4.14"], "The server is removed from the pool.";
    };
}
