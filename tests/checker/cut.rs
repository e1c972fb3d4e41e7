//! Passes after the search that are cut in the middle: nothing is claimed of what they did not see.

use super::system::{Edge, System};
use poolproof::check::{
    self, Claim, Completeness, Conclusion, Label, Limit, Observer, Options, Phase, Progress, Property, Reason,
    SelfCheck,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Interrupts a run when a phase begins.
struct At(Phase, Arc<AtomicBool>);

impl Observer for At {
    fn progress(&self, progress: &Progress) {
        if progress.phase == self.0 {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

/// A step from 0 to 1, and a claim that holds.
fn system() -> System {
    System {
        width: 1,
        initial: vec![0],
        edges: vec![Edge { from: 0, label: Label::default(), reads: None, to: vec![Some(1)] }],
        predicates: vec![1, 1],
        told_by: vec![],
        parameters: vec![],
        properties: vec![Property { name: "claim".into(), claim: Claim::Always(0) }],
    }
}

fn interrupted(phase: Phase) -> check::Outcome<super::system::Place, (usize, super::system::Place)> {
    let flag = Arc::new(AtomicBool::new(false));
    let options = Options {
        threads: Some(1),
        coverage: true,
        self_check: SelfCheck { twice: false, replay: true },
        interrupt: Some(Arc::clone(&flag)),
        ..Options::default()
    };
    let outcome = check::run(&system(), &options, &At(phase, Arc::clone(&flag))).unwrap();
    assert!(flag.load(Ordering::Relaxed), "{phase:?} never began");
    outcome
}

#[test]
fn a_self_check_that_was_cut_leaves_nothing_proved() {
    let outcome = interrupted(Phase::SelfCheck);
    assert!(matches!(outcome.completeness, Completeness::Stopped { limit: Limit::Interrupted, frontier: 0, .. }));
    assert_eq!(outcome.properties[0].conclusion, Conclusion::Inconclusive(Reason::Limit(Limit::Interrupted)));
}
