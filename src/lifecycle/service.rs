//! One Windows service (or several that a scenario cannot tell apart).

use super::{Machine, Row, states, table};

states! {
    /// What a service is doing. `Get-CsWindowsService` shows `Draining` as `Paused` (F1.53).
    State {
        /// Not running.
        Stopped = "Stopped",
        /// Asked to start; not yet up (F1.62).
        StartPending = "Start pending",
        /// Up, takes new work.
        Running = "Running",
        /// Refuses new work and stays up until somebody resumes or stops it.
        Paused = "Paused",
        /// Refuses new work, keeps what is connected, then stops by itself (F1.48).
        Draining = "Draining",
        /// Refuses new work, and nobody is connected any more: what a fail-over with `-NoStop` leaves (F2.11).
        Empty = "Paused, empty",
    }
}

states! {
    /// What can happen to a service.
    Event {
        /// A start is requested.
        Start = "start",
        /// The start completes.
        Started = "started",
        /// The start is given up.
        StartGivenUp = "start given up",
        /// New work is refused (`Suspend-Service`, "Prevent new connections").
        Pause = "pause",
        /// A stop with `-Graceful`.
        Drain = "drain",
        /// The last connection ended.
        Emptied = "emptied",
        /// The last connection ended in a fail-over with `-NoStop`.
        EmptiedKept = "emptied, not to be stopped",
        /// The drain is called off, since a fail-over failed.
        Resume = "resume",
        /// The drain is called off, and new work stays refused.
        LeftPaused = "left paused",
        /// A stop that waits for nobody.
        Stop = "stop",
    }
}

states! {
    /// The startup type, orthogonal to the state.
    Startup {
        /// Starts with the machine.
        Automatic = "Automatic",
        /// Starts when asked.
        Manual = "Manual",
        /// Cannot be started (F2.5).
        Disabled = "Disabled",
    }
}

/// The machine of a Windows service.
#[derive(Debug, Clone, Copy)]
pub struct Service;

impl Machine for Service {
    type State = State;
    type Event = Event;
    const NAME: &'static str = "service";
    const INITIAL: State = State::Running;
    const TABLE: &'static [Row<State, Event>] = table! {
        Stopped, Start => StartPending, ["F1.37", "F1.62"], "A start is first a request.";
        StartPending, Start => StartPending, ["F1.37", "F1.44"], "Asking again changes nothing.";
        Running, Start => Running, ["F1.37"], "Starting a running service is not an error.";
        Paused, Start => Running, ["F1.45", "A20"], "The vendor's own filter starts whatever is not Running.";
        Draining, Start => Running, ["F1.45", "A20"], "A start cancels a drain, which shows as Paused.";
        Empty, Start => Running, ["F1.45", "A20"], "The vendor's own filter starts whatever is not Running.";
        StartPending, Started => Running, ["F1.41"], "The request completes some time later.";
        StartPending, StartGivenUp => Stopped, ["F2.25"], "A fail-back whose wait ends leaves nothing started.";
        Running, Pause => Paused, ["F1.55"], "New work goes elsewhere, what is connected stays.";
        Paused, Pause => Paused, ["F1.55"], "Pausing twice changes nothing.";
        Draining, Pause => Draining, ["F1.53", "F1.55"], "A draining service refuses new work already.";
        Empty, Pause => Empty, ["F1.55"], "Pausing twice changes nothing.";
        Running, Drain => Draining, ["F1.48"], "Nothing new is accepted, existing work runs to its end.";
        Paused, Drain => Draining, ["F1.48", "F1.53"], "Paused already; now it stops when empty.";
        Draining, Drain => Draining, ["F1.48"], "Asking again changes nothing.";
        Empty, Drain => Stopped, ["F1.48"], "Nobody is connected any more.";
        StartPending, Drain => Stopped, ["F1.48"], "Nothing is connected to a service that is not up.";
        Stopped, Drain => Stopped, ["F1.49"], "The wanted state is reached already.";
        Draining, Emptied => Stopped, ["F1.48"], "The service stops by itself when the last connection ends.";
        Draining, EmptiedKept => Empty, ["F2.11"], "With -NoStop the drained service stays up.";
        Draining, Resume => Running, ["F2.9", "A2"], "The drain is called off when the fail-over fails.";
        Paused, Resume => Running, ["F2.9", "A2"], "The pause is called off when the fail-over fails.";
        Empty, Resume => Running, ["F2.9", "A2"], "The pause is called off when the fail-over fails.";
        Running, Resume => Running, ["A2"], "It was not paused.";
        Draining, LeftPaused => Paused, ["A2"], "A fail-over that failed may leave the services paused.";
        Running, LeftPaused => Paused, ["A2"], "A fail-over that failed may leave the services paused.";
        Running, Stop => Stopped, ["F1.46", "F1.47"], "A stop without -Graceful waits for nobody.";
        Paused, Stop => Stopped, ["F1.46"], "A paused service can be stopped.";
        Empty, Stop => Stopped, ["F1.46"], "A paused service can be stopped, and nobody is cut off.";
        Draining, Stop => Stopped, ["F7.4", "F7.5"], "A second shell's stop cuts a drain short.";
        StartPending, Stop => Stopped, ["F1.62"], "A pending start can be called off.";
        Stopped, Stop => Stopped, ["F1.49"], "The wanted state is reached already.";
    };
}
