//! One routing group, as seen from one server: what replica of the group is there.
//!
//! How well the group is served follows from its replicas and is computed in `fabric::replicas`.

use super::{Machine, Row, states, table};

states! {
    /// The replica of a routing group on one server.
    State {
        /// The server holds no replica of the group.
        Absent = "No replica",
        /// A replica is under construction.
        Building = "Building",
        /// Up, one of the secondaries.
        Secondary = "Secondary",
        /// Up, serves the users of the group.
        Primary = "Primary",
        /// The data is there, the server is not.
        Down = "Down",
    }
}

states! {
    /// What can happen to a replica.
    Event {
        /// Fabric begins to build a replacement here.
        BuildBegins = "build begins",
        /// The replacement is complete.
        Built = "built",
        /// The replacement is no longer wanted, or no longer possible.
        BuildCancelled = "build cancelled",
        /// Becomes the primary.
        Promoted = "promoted",
        /// Hands over to another replica in an orderly way.
        Demoted = "demoted",
        /// The server, its fabric node or its Front-End service went.
        ServerGone = "server gone",
        /// The server is back with its data.
        ServerBack = "server back",
        /// A complete replacement exists elsewhere.
        Replaced = "replaced",
        /// QuorumLossRecovery loads the group here from the backup store.
        Loaded = "loaded from the backup store",
        /// The group moves to the paired pool, or back from it.
        MovedAway = "moved to another pool",
    }
}

/// The machine of a routing group's replica.
#[derive(Debug, Clone, Copy)]
pub struct RoutingGroup;

impl Machine for RoutingGroup {
    type State = State;
    type Event = Event;
    const NAME: &'static str = "routing-group";
    const INITIAL: State = State::Secondary;
    const TABLE: &'static [Row<State, Event>] = table! {
        Absent, BuildBegins => Building, ["F4.6", "F8.3"], "Fabric replaces a replica whose loss lasts, or that has to move.";
        Building, Built => Secondary, ["F4.6", "A13"], "The copy is complete after some time that nobody bounds.";
        Building, BuildCancelled => Absent, ["F8.10", "F8.12"], "The missing replica returned, or the builder went.";
        Secondary, Promoted => Primary, ["F4.3", "F4.6"], "A secondary takes over when the group has no primary.";
        Primary, Demoted => Secondary, ["F2.6", "F8.5"], "A fail-over hands the primary over in an orderly way.";
        Primary, ServerGone => Down, ["F4.6"], "The group has no primary until one is promoted.";
        Secondary, ServerGone => Down, ["F4.6"], "The group is degraded, or has lost its quorum.";
        Down, ServerBack => Secondary, ["F8.3", "F8.11"], "A persisted replica reopens with its node.";
        Down, Replaced => Absent, ["F8.12"], "The replacement has taken its place.";
        Secondary, Replaced => Absent, ["F8.3"], "With RemoveData the replica moves off before the node goes.";
        Absent, Loaded => Secondary, ["F4.12", "A26"], "QuorumLossRecovery, and a fail-over of the pool, load the group from the backup store.";
        Primary, MovedAway => Absent, ["F6.7", "A26"], "The paired pool serves the users of the group.";
        Secondary, MovedAway => Absent, ["F6.7", "A26"], "The paired pool serves the users of the group.";
        Building, MovedAway => Absent, ["F6.7", "A26"], "The paired pool serves the users of the group.";
        Down, MovedAway => Absent, ["F6.7", "A26"], "The paired pool serves the users of the group.";
    };
}
