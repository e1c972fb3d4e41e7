//! A naive exploration, independent of the checker: states and their transitions, through `actions` and
//! `next_state` only.

use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::Step;
use stateright::Model;
use std::collections::HashSet;

/// Visits states breadth-first, at most so many; `each` sees a state and its outcomes.
pub fn walk(model: &Maintenance, at_most: usize, mut each: impl FnMut(&State, &[(Step, State)])) -> usize {
    let mut seen: HashSet<State> = HashSet::new();
    let mut queue: Vec<State> = Vec::new();
    for state in model.init_states() {
        if seen.insert(state.clone()) {
            queue.push(state);
        }
    }
    let mut at = 0;
    while at < queue.len() && at < at_most {
        let state = queue[at].clone();
        let outcomes: Vec<(Step, State)> =
            model.next_steps(&state).into_iter().map(|(action, next)| (action.step, next)).collect();
        each(&state, &outcomes);
        for (_, next) in outcomes {
            if seen.len() < at_most && seen.insert(next.clone()) {
                queue.push(next);
            }
        }
        at += 1;
    }
    at
}
