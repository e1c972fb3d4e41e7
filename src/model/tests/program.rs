//! What a shell executes.

use super::build::{self, Item, command, free, node, pool_of, run, scripted};
use crate::check::{self, Options};
use crate::model::Maintenance;
use crate::model::program::Program;
use crate::runbook::*;
use crate::scenario::{Acts, Faults, Operator};
use std::collections::BTreeSet;

fn script(name: &str, ops: Vec<Op>, registers: usize) -> Operator {
    let procedure = Procedure {
        nodes: ops.into_iter().map(node).collect(),
        registers: vec![String::new(); registers],
        remarks: vec![],
        jobs: vec![],
    };
    Operator { name: name.into(), acts: Acts::Scripted { procedure, machine: None, person: false }, job_of: None }
}

fn job(of: usize) -> Operator {
    let ops = vec![Op::AwaitStart { next: NodeId(1) }, Op::End { failed: false }, Op::End { failed: true }];
    Operator { job_of: Some(of), ..script("job", ops, 0) }
}

#[test]
fn jobs_are_found_wherever_they_stand() {
    let operators = [job(2), job(3), scripted("one", &[Item::Sleep]), scripted("two", &[Item::Sleep]), job(2)];
    let jobs = |index: usize| Program::new(&operators, index, &[]).script().expect("a script").jobs.clone();
    assert_eq!([jobs(2), jobs(3)], [vec![0, 4], vec![1]]);
    // A job counts as its procedure does.
    assert_eq!([jobs(0), jobs(4), jobs(1)], [vec![0, 4], vec![0, 4], vec![1]]);
}

#[test]
fn a_node_of_a_lock_knows_its_number() {
    let operators = [scripted("one", &[Item::Take("two"), Item::Take("one"), Item::Release("two")])];
    let program = Program::new(&operators, 0, &["one".into(), "two".into()]);
    assert_eq!([0, 1, 2].map(|at| program.script().expect("a script").lock(at)), [1, 0, 1]);
}

#[test]
fn a_shell_has_ended_in_good_order_or_not() {
    let operators = [job(1), scripted("script", &[Item::Sleep])];
    let [job, script] = [0, 1].map(|index| Program::new(&operators, index, &[]));
    assert_eq!([0, 1, 2, 3].map(|at| script.ended(at)), [None, Some(true), Some(false), Some(false)]);
    assert_eq!([0, 1, 2, 3].map(|at| job.ended(at)), [Some(true), Some(true), Some(false), Some(false)]);
    let free = Program::new(&[free("free", &[command::restart(0)], None)], 0, &[]);
    assert_eq!([0, 1].map(|at| free.ended(at)), [None, None]);
}

#[test]
fn a_job_that_is_never_started_keeps_nothing_from_its_end() {
    let operators = vec![scripted("script", &[run(command::restart(0))]), job(0)];
    let model = Maintenance::new(&build::scenario(pool_of(3), operators, Faults::default()));
    let outcome = check::run(&model, &Options { threads: Some(1), ..Options::default() }, &()).unwrap();
    for property in ["can-complete", "runbook-completes"] {
        assert!(outcome.property(property).is_some_and(|result| result.holds()), "{property}");
    }
}

#[test]
fn a_command_stands_where_it_is_issued() {
    let (restart, fail_over) = (command::restart(0), command::fail_over(1));
    let operators =
        [scripted("script", &[Item::Sleep, run(restart.clone())]), free("free", &[restart, fail_over], None)];
    let [script, free] = [0, 1].map(|index| Program::new(&operators, index, &[]));
    let found = |program: &Program, at| program.command(at).cloned();
    assert_eq!([0, 1, 2, 9].map(|at| found(&script, at)), [None, Some(command::restart(0)), None, None]);
    let of_menu = [None, Some(command::restart(0)), Some(command::fail_over(1)), None];
    assert_eq!([0, 1, 2, 3].map(|at| found(&free, at)), of_menu);
}

/// Two reads, the second of which is asked about after a pause, and the first at once.
fn reading() -> Operator {
    let read = |register, next| Op::Observe {
        reads: vec![(RegisterId(register), Query::Reachable { server: crate::topology::ServerId(register) })],
        next: NodeId(next),
    };
    let branch = |register, yes, no| Op::Branch {
        condition: Condition::Register(RegisterId(register)),
        yes: NodeId(yes),
        no: NodeId(no),
    };
    let pause = |next| Op::Pause { kind: PauseKind::Sleep, next: NodeId(next) };
    let ends = [Op::End { failed: false }, Op::End { failed: true }];
    let ops = vec![read(0, 1), read(1, 2), branch(0, 3, 6), pause(4), branch(1, 5, 6)];
    script("script", [ops, ends.to_vec()].concat(), 2)
}

#[test]
fn a_register_is_alive_as_long_as_somebody_may_ask_for_it() {
    let program = Program::new(&[reading()], 0, &[]);
    let live: Vec<u64> = (0..=7).map(|at| program.script().expect("a script").live(at)).collect();
    // The last one is the shell that died.
    assert_eq!(live, [0b00, 0b01, 0b11, 0b10, 0b10, 0, 0, 0]);
    assert_eq!(program.registers(), 2);
}

/// What a script has read and not asked about yet, it remembers; nothing else.
#[test]
fn a_shell_remembers_what_is_alive() {
    let model = Maintenance::new(&build::scenario(pool_of(3), vec![reading()], Faults::default()));
    let mut seen = BTreeSet::new();
    super::walk::walk(&model, 100, |state, _| {
        let shell = state.shells[0];
        seen.insert((shell.at, shell.registers));
    });
    // All machines are up, so every answer is yes.
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 0b01), (3, 0b10), (5, 0)]);
}

/// A stop waits for one group of services after the other, each a phase: the services of a server are fewer than a phase has values.
#[test]
fn a_phase_has_room_for_every_service() {
    let services = crate::topology::services::CATALOGUE.len();
    let [script, idle] =
        [run(command::restart(0)), Item::Sleep].map(|item| Program::new(&[scripted("one", &[item])], 0, &[]));
    assert!(services < script.last_phase());
    assert_eq!(idle.last_phase(), 0, "who issues no command has no phase");
    assert!(services < Program::new(&[free("free", &[], None)], 0, &[]).last_phase());
}
