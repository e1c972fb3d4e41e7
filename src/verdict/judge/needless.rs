//! Which steps of a story could have been left out.
//!
//! The checker's stories are shortest runs, so no shorter run breaks the property; but a script comes to its last
//! lines only by way of all lines before, whether they matter or not. So the question here is one of causes: had a step had
//! no effect, and its actor gone on as if it had, would the rest still break the property?
//!
//! Invariant: what is left out was left out in one replay of all other steps through the model, at the end of which the
//! property was judged anew under the same readings. A look at the state is left out only if it would have shown the
//! same at the moment when its reader acted on it. Cost: a replay for every attempt, fewer than the square of the steps.

use crate::check::Witness;
use crate::check::model::Claim;
use crate::model::oracle::Oracle;
use crate::model::state::State;
use crate::model::step::{Action, Step};
use crate::model::{Maintenance, claims};
use crate::runbook::{Op, Query};
use crate::scenario::property::PropertyName;
use stateright::Model;

/// The steps, from 0, without whose effects the property breaks all the same; `None` if the property is not one that a
/// single moment breaks, so that a replay cannot judge it.
pub fn needless(
    model: &Maintenance,
    property: PropertyName,
    witness: Option<&Witness<State, Action>>,
) -> Option<Vec<usize>> {
    let claim = claims::claim(property);
    let witness = witness.filter(|_| matches!(claim, Claim::Always(_) | Claim::Never(_)))?;
    let replay = Replay { model, claim, witness };
    let last = witness.steps.len().checked_sub(1)?;
    let mut kept: Vec<bool> = (0..=last).map(|step| step == last || replay.stale(step)).collect();
    let pinned = kept.clone();
    kept.fill(true);
    // First large pieces, then single steps, until no single step can be left out.
    let mut size = last.max(1);
    loop {
        let mut changed = false;
        for begin in (0..last).step_by(size) {
            let mut without = kept.clone();
            for step in begin..last.min(begin + size) {
                without[step] = pinned[step];
            }
            if without != kept && replay.breaks(&without) {
                kept = without;
                changed = true;
            }
        }
        if size == 1 && !changed {
            break;
        }
        size = if changed { size } else { size / 2 }.max(1);
    }
    Some((0..=last).filter(|step| !kept[*step]).collect())
}

struct Replay<'a> {
    model: &'a Maintenance,
    claim: Claim,
    witness: &'a Witness<State, Action>,
}

impl Replay<'_> {
    fn before(&self, step: usize) -> &State {
        step.checked_sub(1).map_or(&self.witness.initial, |step| &self.witness.steps[step].1)
    }

    fn shell(&self, step: usize) -> Option<usize> {
        shell_of(self.witness.steps[step].0.step)
    }

    /// Whether the property breaks in the last of the kept steps.
    fn breaks(&self, kept: &[bool]) -> bool {
        let mut state = self.witness.initial.clone();
        // What the story depends on is supposed from the beginning: the rest must not depend on anything else.
        state.readings = self.witness.last().readings;
        let mut events = 0;
        for (step, (action, after)) in self.witness.steps.iter().enumerate() {
            if !kept[step] {
                if let Some(shell) = self.shell(step) {
                    state.shells[shell] = after.shells[shell];
                }
                continue;
            }
            match self.take(&state, action, after) {
                Some((next, happened)) => (state, events) = (next, happened),
                None => return false,
            }
        }
        match self.claim {
            Claim::Always(predicate) => self.model.holding(&state) >> predicate & 1 == 0,
            Claim::Never(forbidden) => events & forbidden != 0,
            _ => false,
        }
    }

    /// The same step from another state, if it is enabled there and takes its actor where it took it in the story.
    fn take(&self, state: &State, action: &Action, after: &State) -> Option<(State, u32)> {
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        actions.iter().filter(|other| other.step == action.step).find_map(|other| {
            let outcome = self.model.run(state, other.step, &mut Oracle::scripted(&other.choices));
            let alike = shell_of(action.step).is_none_or(|shell| outcome.state.shells[shell] == after.shells[shell]);
            (alike && outcome.state.readings == state.readings).then_some((outcome.state, outcome.events))
        })
    }

    /// Whether a step looks at something that is different when its reader acts on it.
    fn stale(&self, step: usize) -> bool {
        let (Some(shell), Some(Op::Observe { reads, .. })) = (self.shell(step), self.op(step)) else { return false };
        let mut own = (step + 1..self.witness.steps.len()).filter(|next| self.shell(*next) == Some(shell));
        let Some(acts) = own.clone().find(|next| matches!(self.op(*next), Some(Op::Command { .. }))) else {
            return false;
        };
        let again = own.find(|next| {
            matches!(self.op(*next), Some(Op::Observe { reads: later, .. })
                if reads.iter().all(|(register, _)| later.iter().any(|(other, _)| other == register)))
        });
        let readings = self.witness.last().readings;
        let seen = |at: usize, query: &Query| self.model.answer(&State { readings, ..self.before(at).clone() }, query);
        again.is_none_or(|again| again > acts) && reads.iter().any(|(_, query)| seen(step, query) != seen(acts, query))
    }

    /// The node of a procedure that a step executes.
    fn op(&self, step: usize) -> Option<&Op> {
        let shell = self.shell(step)?;
        let at = self.before(step).shells[shell].at;
        let script = self.model.instance().shells[shell].script()?;
        script.procedure.nodes.get(usize::from(at)).map(|node| &node.op)
    }
}

/// The shell that a step moves on.
fn shell_of(step: Step) -> Option<usize> {
    match step {
        Step::Advance { shell } | Step::Issue { shell, .. } | Step::Expire { shell } | Step::FailCmdlet { shell } => {
            Some(shell.into())
        }
        _ => None,
    }
}
