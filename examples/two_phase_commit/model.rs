//! Two-phase commit, in one word: the transition system of stateright's `2pc` example and of the Promela and
//! TLA+ models that the benchmark compares.
//!
//! Bits of the word, for `n` resource managers: two for the state of each, `n` for the prepared messages that
//! the transaction manager has received, `n` for those that were sent, two for the transaction manager, one
//! each for the commit and the abort message.

use poolproof::check::{Assignment, Claim, Label, Packed, Property, Successors};
use stateright::Model;

const WORKING: u64 = 0;
const PREPARED: u64 = 1;
const COMMITTED: u64 = 2;
const ABORTED: u64 = 3;

/// The most resource managers that fit into a word.
pub const MOST: u32 = 15;

/// The protocol.
#[derive(Debug, Clone, Copy)]
pub struct TwoPhaseCommit {
    resource_managers: u32,
}

/// A step of the protocol; the number is that of the resource manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Commit,
    Abort,
    ReceivePrepared(u32),
    Prepare(u32),
    ChooseAbort(u32),
    ReceiveCommit(u32),
    ReceiveAbort(u32),
}

impl TwoPhaseCommit {
    /// The protocol with this many resource managers, at most [`MOST`].
    pub fn new(resource_managers: u32) -> TwoPhaseCommit {
        TwoPhaseCommit { resource_managers: resource_managers.min(MOST) }
    }

    fn received(self, rm: u32) -> u64 {
        1 << (2 * self.resource_managers + rm)
    }

    fn sent(self, rm: u32) -> u64 {
        1 << (3 * self.resource_managers + rm)
    }

    fn manager(self, state: u64) -> u64 {
        1 << (4 * self.resource_managers) << state
    }

    fn commit_sent(self) -> u64 {
        1 << (4 * self.resource_managers + 2)
    }

    fn abort_sent(self) -> u64 {
        1 << (4 * self.resource_managers + 3)
    }

    fn managers(self) -> u64 {
        self.manager(0) | self.manager(1)
    }

    fn with(state: u64, rm: u32, value: u64) -> u64 {
        state & !(3 << (2 * rm)) | value << (2 * rm)
    }

    /// Calls `each` with every step that is possible and the state after it, in the order of stateright's example.
    #[inline(always)]
    fn steps(self, state: u64, mut each: impl FnMut(Step, u64)) {
        let n = self.resource_managers;
        let undecided = state & self.managers() == 0;
        let all_received = (1 << n) - 1;
        if undecided {
            if state >> (2 * n) & all_received == all_received {
                each(Step::Commit, state | self.manager(0) | self.commit_sent());
            }
            each(Step::Abort, state | self.manager(1) | self.abort_sent());
        }
        for rm in 0..n {
            if undecided && state & self.sent(rm) != 0 {
                each(Step::ReceivePrepared(rm), state | self.received(rm));
            }
            if state >> (2 * rm) & 3 == WORKING {
                each(Step::Prepare(rm), Self::with(state, rm, PREPARED) | self.sent(rm));
                each(Step::ChooseAbort(rm), Self::with(state, rm, ABORTED));
            }
            if state & self.commit_sent() != 0 {
                each(Step::ReceiveCommit(rm), Self::with(state, rm, COMMITTED));
            }
            if state & self.abort_sent() != 0 {
                each(Step::ReceiveAbort(rm), Self::with(state, rm, ABORTED));
            }
        }
    }

    /// No resource manager has committed while another has aborted.
    pub fn consistent(self, state: u64) -> bool {
        let low = 0x5555_5555_5555_5555 & ((1 << (2 * self.resource_managers)) - 1);
        let (bit, high) = (state & low, state >> 1 & low);
        high & !bit == 0 || high & bit == 0
    }

    fn all_are(self, state: u64, value: u64) -> bool {
        (0..self.resource_managers).all(|rm| state >> (2 * rm) & 3 == value)
    }
}

impl Model for TwoPhaseCommit {
    type State = u64;
    type Action = Step;

    fn init_states(&self) -> Vec<u64> {
        vec![0]
    }

    fn actions(&self, state: &u64, actions: &mut Vec<Step>) {
        self.steps(*state, |step, _| actions.push(step));
    }

    fn next_state(&self, state: &u64, action: Step) -> Option<u64> {
        Some(match action {
            Step::Commit => state | self.manager(0) | self.commit_sent(),
            Step::Abort => state | self.manager(1) | self.abort_sent(),
            Step::ReceivePrepared(rm) => state | self.received(rm),
            Step::Prepare(rm) => Self::with(*state, rm, PREPARED) | self.sent(rm),
            Step::ChooseAbort(rm) | Step::ReceiveAbort(rm) => Self::with(*state, rm, ABORTED),
            Step::ReceiveCommit(rm) => Self::with(*state, rm, COMMITTED),
        })
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        vec![stateright::Property::always("consistent", |model: &Self, state| model.consistent(*state))]
    }
}

impl Packed for TwoPhaseCommit {
    fn words(&self) -> usize {
        1
    }

    fn pack(&self, state: &u64, words: &mut [u64]) {
        words[0] = *state;
    }

    fn unpack(&self, words: &[u64]) -> u64 {
        words[0]
    }

    #[inline(always)]
    fn successors(&self, words: &[u64], _: Assignment, out: &mut Successors) {
        self.steps(words[0], |_, next| out.push(&[next], Label::default()));
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        u64::from(self.consistent(words[0]))
            | u64::from(self.all_are(words[0], ABORTED)) << 1
            | u64::from(self.all_are(words[0], COMMITTED)) << 2
    }

    fn specification(&self) -> Vec<Property> {
        let decided = Claim::AlwaysPossibly { goal: 1, through: u32::MAX };
        [
            ("consistent", Claim::Always(0)),
            ("abort-agreement", Claim::Sometimes(1)),
            ("commit-agreement", Claim::Sometimes(2)),
            ("abort-possible", decided),
            ("abort-agreed", Claim::Eventually(1)),
        ]
        .map(|(name, claim)| Property { name: name.into(), claim })
        .to_vec()
    }
}
