//! Two-phase commit as one writes it for stateright: structures, enumerations and a set of messages, no packed words.
//!
//! The peer of `two_phase_commit` in the benchmark: the same transition system, explored by stateright's own
//! breadth-first search on fingerprints.
//!
//! ```text
//! stateright_form N [--threads T]
//! ```
//! The last line is that of `two_phase_commit`.

use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;
use std::time::Instant;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Participant {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Decision {
    Open,
    Commit,
    Abort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Transaction {
    participants: Vec<Participant>,
    decision: Decision,
    /// Whom the coordinator has heard.
    heard: Vec<bool>,
    sent: BTreeSet<Message>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Commit,
    Abort,
    Hear(usize),
    Prepare(usize),
    GiveUp(usize),
    HearCommit(usize),
    HearAbort(usize),
}

struct Protocol {
    participants: usize,
}

impl Model for Protocol {
    type State = Transaction;
    type Action = Step;

    fn init_states(&self) -> Vec<Transaction> {
        vec![Transaction {
            participants: vec![Participant::Working; self.participants],
            decision: Decision::Open,
            heard: vec![false; self.participants],
            sent: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &Transaction, steps: &mut Vec<Step>) {
        let open = state.decision == Decision::Open;
        if open && state.heard.iter().all(|heard| *heard) {
            steps.push(Step::Commit);
        }
        if open {
            steps.push(Step::Abort);
        }
        for who in 0..self.participants {
            if open && state.sent.contains(&Message::Prepared(who)) {
                steps.push(Step::Hear(who));
            }
            if state.participants[who] == Participant::Working {
                steps.extend([Step::Prepare(who), Step::GiveUp(who)]);
            }
            if state.sent.contains(&Message::Commit) {
                steps.push(Step::HearCommit(who));
            }
            if state.sent.contains(&Message::Abort) {
                steps.push(Step::HearAbort(who));
            }
        }
    }

    fn next_state(&self, state: &Transaction, step: Step) -> Option<Transaction> {
        let mut next = state.clone();
        match step {
            Step::Commit => {
                next.decision = Decision::Commit;
                next.sent.insert(Message::Commit);
            }
            Step::Abort => {
                next.decision = Decision::Abort;
                next.sent.insert(Message::Abort);
            }
            Step::Hear(who) => next.heard[who] = true,
            Step::Prepare(who) => {
                next.participants[who] = Participant::Prepared;
                next.sent.insert(Message::Prepared(who));
            }
            Step::GiveUp(who) | Step::HearAbort(who) => next.participants[who] = Participant::Aborted,
            Step::HearCommit(who) => next.participants[who] = Participant::Committed,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("consistent", |_, state: &Transaction| {
            let any = |wanted| state.participants.contains(&wanted);
            !(any(Participant::Committed) && any(Participant::Aborted))
        })]
    }
}

fn main() -> Result<(), String> {
    const USAGE: &str = "usage: stateright_form N [--threads T]";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &String| text.parse::<usize>().map_err(|_| USAGE.to_string());
    let (participants, threads) = match &arguments[..] {
        [n] => (number(n)?, 1),
        [n, option, threads] if option == "--threads" => (number(n)?, number(threads)?),
        _ => return Err(USAGE.into()),
    };
    let start = Instant::now();
    let checker = Protocol { participants }.checker().threads(threads).spawn_bfs().join();
    checker.assert_properties();
    let seconds = start.elapsed().as_secs_f64();
    // Its depth counts states, its state count the initial one.
    println!(
        "states={} transitions={} depth={} seconds={seconds:.3} bytes_per_state=?",
        checker.unique_state_count(),
        checker.state_count() - 1,
        checker.max_depth() - 1
    );
    Ok(())
}
