//! Which goals a fair run can avoid for ever, on any graph of states: word for word what weak fairness means, and slow.
//!
//! `agreed` asks it of the model, `tests/reference` of the states that TLC has found.

use std::collections::BTreeSet;

/// A step: from where, to where, and the promises that it keeps.
pub type Step<P> = (usize, usize, BTreeSet<P>);

/// For each state, whether a fair run from it never reaches a goal.
///
/// A run is fair if no promise is open for ever from some point on without being kept again. A promise is open where some step
/// keeps it.
pub fn can_avoid<P: Ord>(goal: &[bool], steps: &[Step<P>]) -> Vec<bool> {
    let states = goal.len();
    let (mut next, mut before) = (vec![Vec::new(); states], vec![Vec::new(); states]);
    let mut open: Vec<BTreeSet<&P>> = (0..states).map(|_| BTreeSet::new()).collect();
    for (from, to, kept) in steps {
        open[*from].extend(kept);
        if !goal[*from] && !goal[*to] {
            next[*from].push((*to, kept));
            before[*to].push((*from, kept));
        }
    }
    let mut can = vec![false; states];
    let mut seen = goal.to_vec();
    for state in 0..states {
        if seen[state] {
            continue;
        }
        // Where a run may go round and round: whatever can be reached from here, and from which here can be reached.
        let (after, earlier) = (reach(state, &next), reach(state, &before));
        let round: BTreeSet<usize> = after.intersection(&earlier).copied().collect();
        seen.iter_mut().enumerate().for_each(|(it, seen)| *seen |= round.contains(&it));
        let kept: BTreeSet<&P> = round
            .iter()
            .flat_map(|from| next[*from].iter().filter(|(to, _)| round.contains(to)))
            .flat_map(|(_, kept)| *kept)
            .collect();
        let fair =
            open[state].iter().all(|it| kept.contains(it) || round.iter().any(|state| !open[*state].contains(it)));
        if fair {
            earlier.into_iter().for_each(|it| can[it] = true);
        }
    }
    can
}

/// Whatever can be reached from a state, the state among it.
fn reach<P>(state: usize, next: &[Vec<(usize, &BTreeSet<P>)>]) -> BTreeSet<usize> {
    let (mut reached, mut todo) = (BTreeSet::from([state]), vec![state]);
    while let Some(state) = todo.pop() {
        todo.extend(next[state].iter().map(|(to, _)| *to).filter(|to| reached.insert(*to)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(steps: &[(usize, usize, &[u8])], goal: &[bool]) -> Vec<bool> {
        let steps: Vec<Step<u8>> =
            steps.iter().map(|(from, to, kept)| (*from, *to, kept.iter().copied().collect())).collect();
        can_avoid(goal, &steps)
    }

    #[test]
    fn a_run_rests_where_nothing_is_promised() {
        assert_eq!(of(&[(0, 1, &[])], &[false, true]), [true, false]);
        assert_eq!(of(&[(0, 1, &[1])], &[false, true]), [false, false]);
    }

    #[test]
    fn a_run_may_keep_a_promise_where_it_is() {
        assert_eq!(of(&[(0, 0, &[1]), (0, 1, &[1])], &[false, true]), [true, false]);
        assert_eq!(of(&[(0, 0, &[2]), (0, 1, &[1])], &[false, true]), [false, false]);
    }

    #[test]
    fn a_promise_is_broken_on_a_round_on_which_it_is_always_open() {
        // Round 0 and 1; out of it leads a promise that is open in both, or in one of them.
        let round: &[(usize, usize, &[u8])] = &[(0, 1, &[1]), (1, 0, &[2])];
        let goal = [false, false, true];
        assert_eq!(of(&[round, &[(0, 2, &[3]), (1, 2, &[3])]].concat(), &goal), [false, false, false]);
        assert_eq!(of(&[round, &[(0, 2, &[3])]].concat(), &goal), [true, true, false]);
        // The same promise is kept on the round: nobody has to leave it.
        assert_eq!(of(&[round, &[(0, 2, &[2]), (1, 2, &[2])]].concat(), &goal), [true, true, false]);
    }

    #[test]
    fn what_leads_to_a_fair_round_can_avoid_the_goal() {
        assert_eq!(of(&[(0, 1, &[1]), (0, 2, &[1]), (1, 0, &[])], &[true, false, false]), [false, true, true]);
        assert_eq!(of(&[(0, 1, &[1]), (0, 2, &[1])], &[false, true, false]), [true, false, true]);
    }
}
