//! Shells on machines, locks, and who drives a fail-over.

use crate::lifecycle::server::{Power, State as Server};
use crate::lifecycle::service::State;
use crate::model::step::Step;
use crate::model::tests::bench::{Bench, pool};
use crate::model::tests::build::{Item, command::*, place, procedure, run, scripted};
use crate::runbook::{Command, Condition, Node, NodeId, Op};
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Crash, Faults, Operator, Returns};
use crate::topology::{ServerId, ServiceSet};

/// The shell of the one who follows a procedure, behind the two free ones.
const SCRIPT: u8 = 2;

fn on(server: usize, person: bool, items: &[Item]) -> Operator {
    Operator {
        name: "on a server".into(),
        acts: Acts::Scripted { procedure: procedure(items), machine: Some(ServerId(server)), person },
        job_of: None,
    }
}

fn at_once(server: usize) -> Command {
    Command::Restart { server: ServerId(server), wait: false }
}

fn crash(server: usize) -> Faults {
    let crash = Crash { at_most: 1, servers: vec![ServerId(server)], returns: Returns::Yes };
    Faults { crash: Some(crash), ..Faults::default() }
}

fn stands(bench: &Bench) -> (u16, u8) {
    let shell = bench.state.shells[usize::from(SCRIPT)];
    (shell.at, shell.phase)
}

#[test]
fn a_person_who_restarts_the_own_machine_goes_on_with_the_next_command() {
    for restart in [restart(0), at_once(0)] {
        let items = [run(restart), run(stop(1, ServiceSet::ALL)), Item::Sleep];
        let mut bench = pool(4, &[]).with(&[on(0, true, &items)]).with_group(&[0, 1, 2]);
        bench.step(Step::Advance { shell: SCRIPT });
        assert_eq!(stands(&bench), (1, 0), "before the second command");
        assert!(!bench.can(Step::Advance { shell: SCRIPT }), "the machine is down");
        bench.step(Step::Boot { server: 0 }).step(Step::Advance { shell: SCRIPT });
        assert_eq!(stands(&bench), (1, 1));
    }
}

#[test]
fn a_script_that_restarts_its_own_machine_is_gone() {
    let mut bench = pool(4, &[]).with(&[on(0, false, &[run(at_once(0)), Item::Sleep])]).with_group(&[0, 1, 2]);
    bench.step(Step::Advance { shell: SCRIPT });
    // Two items, two ends, and the place of those who died with their machine.
    assert_eq!(stands(&bench), (4, 0));
}

#[test]
fn a_person_who_waits_for_another_machine_gets_an_error_when_the_own_one_goes() {
    let items = [run(restart(1)), Item::Sleep];
    let setup = pool(4, &[]).with(&[on(0, true, &items)]).faults(crash(0));
    let mut bench = setup.with_group(&[0, 1, 2]);
    bench.step(Step::Advance { shell: SCRIPT });
    assert_eq!(stands(&bench), (0, 1));
    bench.step(Step::Crash { server: 0, to: Power::Crashed });
    assert_eq!(stands(&bench), (4, 0), "the error stops the procedure");
}

#[test]
fn a_lock_is_free_as_soon_as_it_is_released() {
    let holder = scripted("holder", &[Item::Take("lock"), Item::Release("lock"), Item::Sleep]);
    let other = scripted("other", &[Item::Take("lock"), Item::Sleep]);
    let mut bench = pool(3, &[]).with(&[holder, other]).with_group(&[0, 1, 2]);
    bench.step(Step::Advance { shell: SCRIPT });
    assert!(!bench.can(Step::Advance { shell: SCRIPT + 1 }));
    bench.step(Step::Advance { shell: SCRIPT });
    assert!(bench.can(Step::Advance { shell: SCRIPT + 1 }));
}

/// Decisions that nobody knows the outcome of go in a circle for as long as they come out so, and not for ever.
#[test]
fn a_circle_of_decisions_can_be_left() {
    let node = |op| Node { op, place: place(), bindings: vec![], rounds: None };
    let mut again = scripted("again", &[]);
    let Acts::Scripted { procedure, .. } = &mut again.acts else { unreachable!("it is scripted") };
    procedure.nodes = vec![
        node(Op::Branch { condition: Condition::Unknown, yes: NodeId(1), no: NodeId(0) }),
        node(Op::End { failed: false }),
    ];
    let bench = pool(3, &[]).with(&[again]).with_group(&[0, 1, 2]);
    assert_eq!(stands(&bench), (0, 0), "at first it came out so");
    let mut after: Vec<u16> = bench
        .outcomes(Step::Advance { shell: SCRIPT })
        .iter()
        .map(|state| state.shells[usize::from(SCRIPT)].at)
        .collect();
    after.sort_unstable();
    assert_eq!(after, [0, 1]);
}

#[test]
fn a_fail_over_is_driven_by_the_cmdlet_that_began_it_and_by_no_other() {
    let dies = on(1, false, &[run(fail_over(0)), Item::Sleep]);
    let later = scripted("later", &[run(fail_over(0)), Item::Sleep]);
    let mut bench = pool(5, &[restart(1)]).with(&[dies, later]).with_group(&[2, 3, 4]);
    bench.step(Step::Advance { shell: SCRIPT });
    assert_eq!(bench.availability(0), Server::Moving);
    assert!(!bench.can(Step::Orphaned { server: 0 }));
    bench.issue(restart(1));
    assert!(bench.can(Step::Orphaned { server: 0 }), "the other cmdlet has not begun");
}

/// F2.11 is about the server that was failed over with -NoStop, not about another one.
#[test]
fn f2_11_no_stop_is_a_parameter_of_one_fail_over() {
    let kept = Command::FailOver { server: ServerId(0), no_stop: true, force: false, draining_timeout: false };
    let permitted = [(Reading::FabricGuard, 1), (Reading::FailOverIntent, 1)];
    let mut bench = pool(5, &[kept.clone(), fail_over(1)]).reading(&permitted).with_group(&[2, 3, 4]);
    bench.issue(kept);
    bench.issue(fail_over(1));
    // The cmdlet of the first has not returned when the second is taken out.
    bench.step(Step::UsersMoved { server: 0 }).step(Step::UsersMoved { server: 1 });
    bench.step(Step::TakenOut { server: 1 }).step(Step::TakenOut { server: 0 });
    assert_eq!([0, 1].map(|server| bench.availability(server)), [Server::FailedOver; 2]);
    assert_eq!([0, 1].map(|server| bench.service(server, "RTCSRV")), [State::Empty, State::Stopped]);
}

#[test]
fn f2_4_users_move_only_off_a_server_in_fail_over() {
    let mut bench = pool(4, &[fail_over(0)]).with_group(&[1, 2, 3]);
    assert!((0..4).all(|server| !bench.can(Step::UsersMoved { server })));
    bench.issue(fail_over(0));
    assert!(bench.can(Step::UsersMoved { server: 0 }) && !bench.can(Step::UsersMoved { server: 1 }));
}
