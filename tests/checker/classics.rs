//! Systems that everybody knows: two-phase commit, dining philosophers, Peterson's mutual exclusion.
//!
//! The expected counts come from elsewhere: from closed forms, from the peers of the benchmark, or from programs
//! on sets that share nothing with this crate.

use super::known::{run, size, verdict};
use poolproof::check::{self, Claim, Label, Opinion, Options, Packed, Property};
use stateright::Model;
use std::sync::Arc;

#[path = "../../examples/two_phase_commit/model.rs"]
#[allow(dead_code)]
mod two_phase_commit;
use two_phase_commit::TwoPhaseCommit;

/// stateright's search sees the same states and transitions, and its counterexample is as long.
fn stateright_agrees<M: Packed + Send + Sync + 'static>(model: M) {
    let outcome = run(&model);
    let (states, transitions, _) = size(&outcome);
    let model = Arc::new(model);
    let mut asked = 0;
    for result in &outcome.properties {
        let opinion = check::second_opinion(Arc::clone(&model), &result.property, 1, None);
        let what = &result.property;
        let shortest =
            result.violations.first().map(|violation| violation.witness.as_ref().map(|witness| witness.len()));
        match opinion {
            Opinion::Holds { states: seen, transitions: taken } => {
                assert_eq!((shortest, seen, taken), (None, states, transitions), "{what:?}");
            }
            Opinion::Violated { length, .. } => assert_eq!(shortest, Some(length), "{what:?}"),
            Opinion::Satisfied { length, .. } => {
                assert_eq!(result.evidence.as_ref().map(|witness| witness.len()), Some(length), "{what:?}");
            }
            Opinion::NotSupported => continue,
            Opinion::OutOfTime => panic!("nobody set a time"),
        }
        asked += 1;
    }
    assert!(asked > 0, "there is something that it can judge");
}

#[test]
fn stateright_sees_the_same_in_all_of_them() {
    for managers in 1..=4 {
        stateright_agrees(TwoPhaseCommit::new(managers));
    }
    for (count, careful) in [(2, false), (4, false), (5, true)] {
        stateright_agrees(Philosophers { count, careful });
    }
    for broken in [false, true] {
        stateright_agrees(Peterson { broken });
    }
}

#[test]
fn two_phase_commit_has_the_counts_of_its_peers() {
    let counts = [(3, 288, 1145), (4, 1568, 8257), (5, 8832, 58_145), (6, 50_816, 402_305), (7, 296_448, 2_744_705)];
    for (managers, states, transitions) in counts {
        let model = TwoPhaseCommit::new(managers);
        let outcome = check::run(&model, &Options::default(), &()).unwrap();
        let depth = 3 * managers as usize + 1;
        assert_eq!(size(&outcome), (states, transitions, depth), "{managers} resource managers");
        assert_eq!(verdict(&outcome, "consistent"), "holds");
        let agreement = outcome.property("commit-agreement").unwrap().evidence.as_ref().unwrap();
        // Everybody prepares, is heard, hears the decision.
        assert_eq!(agreement.len() as u32, 3 * managers + 1);
        assert_eq!(outcome.property("abort-agreement").unwrap().evidence.as_ref().unwrap().len() as u32, managers);
        assert_eq!(verdict(&outcome, "abort-possible"), format!("violated after {}", 2 * managers + 1));
    }
}

/// Dining philosophers who take the left fork first.
pub struct Philosophers {
    pub count: usize,
    /// One of them takes the right fork first.
    pub careful: bool,
}

/// What a philosopher does: 0 thinks, 1 holds the first fork, 2 eats (and then puts both down).
impl Philosophers {
    fn fork(&self, philosopher: usize, second: bool) -> usize {
        let right = second != (self.careful && philosopher == 0);
        (philosopher + usize::from(right)) % self.count
    }

    fn held(&self, state: &[u8]) -> Vec<bool> {
        let mut held = vec![false; self.count];
        for (philosopher, &doing) in state.iter().enumerate() {
            for second in [false, true].iter().take(usize::from(doing)) {
                held[self.fork(philosopher, *second)] = true;
            }
        }
        held
    }
}

impl Model for Philosophers {
    type State = Vec<u8>;
    type Action = usize;

    fn init_states(&self) -> Vec<Vec<u8>> {
        vec![vec![0; self.count]]
    }

    fn actions(&self, _: &Vec<u8>, actions: &mut Vec<usize>) {
        actions.extend(0..self.count);
    }

    fn next_state(&self, state: &Vec<u8>, philosopher: usize) -> Option<Vec<u8>> {
        let doing = state[philosopher];
        if doing < 2 && self.held(state)[self.fork(philosopher, doing == 1)] {
            return None;
        }
        let mut next = state.clone();
        next[philosopher] = (doing + 1) % 3;
        Some(next)
    }
}

impl Packed for Philosophers {
    fn words(&self) -> usize {
        1
    }

    fn pack(&self, state: &Vec<u8>, words: &mut [u64]) {
        words[0] = state.iter().enumerate().map(|(at, &doing)| u64::from(doing) << (2 * at)).sum();
    }

    fn unpack(&self, words: &[u64]) -> Vec<u8> {
        (0..self.count).map(|at| (words[0] >> (2 * at) & 3) as u8).collect()
    }

    fn label(&self, _: &Vec<u8>, philosopher: &usize, _: &Vec<u8>) -> Label {
        Label { fairness: Some(*philosopher as u16), ..Label::default() }
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        u64::from(words[0] & 3 == 2)
    }

    fn specification(&self) -> Vec<Property> {
        vec![
            Property { name: "no-deadlock".into(), claim: Claim::NoDeadlock(1) },
            Property { name: "first-can-eat".into(), claim: Claim::Sometimes(0) },
            Property {
                name: "first-can-always-eat".into(),
                claim: Claim::AlwaysPossibly { goal: 0, through: u32::MAX },
            },
            Property { name: "first-eats".into(), claim: Claim::Eventually(0) },
        ]
    }
}

#[test]
fn dining_philosophers_deadlock_when_each_holds_one_fork() {
    // Seats in a ring, and whoever eats has a right neighbour who thinks: the Pell-Lucas numbers.
    let counts = [(2, 6, 8), (3, 14, 27), (4, 34, 88), (5, 82, 265), (6, 198, 768), (7, 478, 2163)];
    for (count, states, transitions) in counts {
        let outcome = run(&Philosophers { count, careful: false });
        assert_eq!(size(&outcome), (states, transitions, count), "{count} philosophers");
        assert_eq!(outcome.statistics.deadlocks, 1);
        assert_eq!(verdict(&outcome, "no-deadlock"), format!("violated after {count}"));
        assert_eq!(verdict(&outcome, "first-can-eat"), "holds");
        assert_eq!(outcome.property("first-can-eat").unwrap().evidence.as_ref().unwrap().len(), 2);
        assert_eq!(verdict(&outcome, "first-can-always-eat"), format!("violated after {count}"));
    }
}

#[test]
fn one_careful_philosopher_prevents_the_deadlock_but_can_starve() {
    let outcome = run(&Philosophers { count: 4, careful: true });
    assert_eq!(size(&outcome), (29, 72, 4));
    assert_eq!(verdict(&outcome, "no-deadlock"), "holds");
    assert_eq!(verdict(&outcome, "first-can-always-eat"), "holds");
    // The neighbour keeps taking the fork: the first is never enabled for ever, so weak fairness does not help.
    assert!(verdict(&outcome, "first-eats").starts_with("violated after"), "{}", verdict(&outcome, "first-eats"));
}

/// Peterson's mutual exclusion for two processes, or a broken form of it that forgets the turn.
struct Peterson {
    broken: bool,
}

/// Program counters (0 idle, 1 flag set, 2 waiting, 3 critical), and whose turn it is.
type PetersonState = ([u8; 2], u8);

impl Model for Peterson {
    type State = PetersonState;
    type Action = usize;

    fn init_states(&self) -> Vec<PetersonState> {
        vec![([0, 0], 0)]
    }

    fn actions(&self, _: &PetersonState, actions: &mut Vec<usize>) {
        actions.extend([0, 1]);
    }

    fn next_state(&self, &(mut at, mut turn): &PetersonState, me: usize) -> Option<PetersonState> {
        let other = 1 - me;
        match at[me] {
            0 => at[me] = 1,
            1 => {
                at[me] = 2;
                turn = other as u8;
            }
            2 if at[other] == 0 || usize::from(turn) == me || (self.broken && at[other] == 1) => at[me] = 3,
            2 => return None,
            _ => at[me] = 0,
        }
        if self.broken && at[me] == 2 {
            turn = me as u8;
        }
        Some((at, turn))
    }
}

impl Packed for Peterson {
    fn words(&self) -> usize {
        2
    }

    fn pack(&self, (at, turn): &PetersonState, words: &mut [u64]) {
        words.copy_from_slice(&[u64::from(at[0]) | u64::from(at[1]) << 8, u64::from(*turn)]);
    }

    fn unpack(&self, words: &[u64]) -> PetersonState {
        ([words[0] as u8, (words[0] >> 8) as u8], words[1] as u8)
    }

    fn label(&self, state: &PetersonState, process: &usize, _: &PetersonState) -> Label {
        // Nobody has to ask for the critical section; who has asked goes on.
        let obliged = state.0[*process] != 0;
        Label { fairness: obliged.then_some(*process as u16), classes: 1 << process, events: 0 }
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        let (at, _) = self.unpack(words);
        u64::from(at != [3, 3]) | u64::from(at[0] == 1) << 1 | u64::from(at[0] == 3) << 2
    }

    fn specification(&self) -> Vec<Property> {
        vec![
            Property { name: "exclusion".into(), claim: Claim::Always(0) },
            Property { name: "who-asks-enters".into(), claim: Claim::LeadsTo { trigger: 1, goal: 2 } },
            Property { name: "first-enters".into(), claim: Claim::Eventually(2) },
            Property { name: "alone".into(), claim: Claim::AlwaysPossibly { goal: 2, through: 1 } },
            Property { name: "both".into(), claim: Claim::AlwaysPossibly { goal: 2, through: 3 } },
        ]
    }
}

#[test]
fn peterson_excludes_and_lets_everybody_in_who_asks() {
    let outcome = run(&Peterson { broken: false });
    assert_eq!(verdict(&outcome, "exclusion"), "holds");
    assert_eq!(verdict(&outcome, "who-asks-enters"), "holds");
    // Nobody has to ask.
    assert_eq!(verdict(&outcome, "first-enters"), "violated after 0");
    assert_eq!(verdict(&outcome, "both"), "holds");
    // While the second one is inside, the first cannot help itself.
    assert!(verdict(&outcome, "alone").starts_with("violated after"));
    let (states, transitions, depth) = size(&outcome);
    assert_eq!((states, transitions, depth), (20, 34, 6));
    for property in (Peterson { broken: false }).specification() {
        let opinion = check::second_opinion(Arc::new(Peterson { broken: false }), &property, 1, None);
        let supported = property.claim == Claim::Always(0);
        assert_eq!(opinion, if supported { Opinion::Holds { states, transitions } } else { Opinion::NotSupported });
    }
    let broken = run(&Peterson { broken: true });
    assert_eq!(size(&broken), (32, 60, 8));
    assert_eq!(verdict(&broken, "exclusion"), "violated after 6");
}
