//! What follows from the size of a pool alone, whatever the order of steps.

use crate::check::Witness;
use crate::fabric::Replicas;
use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::{Action, Step};
use crate::scenario::property::PropertyName;

/// A sentence that says that no order of steps can help, where that is so.
///
/// The argument is arithmetic: in a pool of at most as many front ends as a group has replicas, every
/// front end holds one of every group, and fabric has nowhere to build another. With one front end out and
/// one crashed, two replicas of each group are gone.
pub fn unavoidable(
    model: &Maintenance,
    property: PropertyName,
    witness: Option<&Witness<State, Action>>,
) -> Option<String> {
    let witness = witness?;
    let pool = &model.instance().pools[usize::from(witness.last().tracked_pool)];
    let front_ends = pool.servers.len();
    let crash =
        witness.steps.iter().any(|(action, _)| matches!(action.step, Step::Crash { .. } | Step::PolicyReboot { .. }));
    let relevant = match property {
        PropertyName::RoutingGroupQuorum => crash,
        PropertyName::SurvivesOneMoreCrash => true,
        _ => false,
    };
    let replicas = Replicas::of(front_ends);
    // One out, one crashed.
    let left = front_ends.saturating_sub(2);
    (relevant && pool.fabric && front_ends <= replicas.target && left < replicas.quorum).then(|| {
        format!(
            "with {front_ends} front ends each holds a replica of every routing group, so one out and one crashed \
             leave {left} of {} (F4.2, F4.6). A pool needs at least {} front ends to lose one while another is out.",
            replicas.target,
            replicas.target + 1
        )
    })
}
