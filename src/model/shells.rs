//! Shells: scripted ones that follow a procedure, free ones that issue commands of a menu.

use super::commands::{self, Progress};
use super::program::{Kind, Script};
use super::queries;
use super::step::{Step, event};
use super::turn::{Judge, Turn};
use crate::runbook::{Command, Condition, JobId, NodeId, OnError, Op, RegisterId};

/// Puts every scripted shell at its first step.
pub fn begin(turn: &mut Turn) {
    for shell in 0..turn.instance.shells.len() {
        arrive(turn, shell, NodeId(0));
    }
}

/// The steps of shells that are enabled.
pub fn enabled(turn: &Turn, out: &mut Vec<Step>) {
    let instance = turn.instance;
    for (index, program) in instance.shells.iter().enumerate() {
        let shell = turn.state.shells[index];
        let number = index as u8;
        match &program.kind {
            Kind::Scripted(script) => {
                if program.ended(shell.at).is_some() || !has_machine(turn, script) {
                    continue;
                }
                let node = &script.procedure.nodes[usize::from(shell.at)];
                match &node.op {
                    Op::Command { command, .. } if shell.phase > 0 => blocked(turn, index, command, out),
                    Op::TakeLock { .. } => {
                        let holder = turn.state.locks[script.lock(shell.at.into())];
                        if holder == 0 || holder == number + 1 {
                            out.push(Step::Advance { shell: number });
                        }
                    }
                    Op::AwaitJobs { jobs, otherwise, .. } => {
                        if otherwise.is_some() || have_ended(turn, script, jobs) {
                            out.push(Step::Advance { shell: number });
                        }
                    }
                    Op::Command { .. } => {
                        out.push(Step::Advance { shell: number });
                        if turn.state.budgets.failing > 0 {
                            out.push(Step::FailCmdlet { shell: number });
                        }
                    }
                    _ => out.push(Step::Advance { shell: number }),
                }
            }
            Kind::Free { menu, at_most } => {
                if shell.at > 0 {
                    blocked(turn, index, &menu[usize::from(shell.at) - 1].command, out);
                } else if at_most.is_none() || shell.left > 0 {
                    out.extend((0..menu.len()).map(|item| Step::Issue { shell: number, item: item as u16 }));
                }
            }
        }
    }
}

fn blocked(turn: &Turn, shell: usize, command: &Command, out: &mut Vec<Step>) {
    if commands::outlook(turn, command, turn.state.shells[shell].phase).is_some() {
        out.push(Step::Advance { shell: shell as u8 });
    } else if commands::stuck(turn, command, turn.state.shells[shell].phase) {
        out.push(Step::Expire { shell: shell as u8 });
    }
}

fn has_machine(turn: &Turn, script: &Script) -> bool {
    let Some(machine) = script.machine else {
        return true;
    };
    turn.instance.index_of[machine.0].is_none_or(|server| Judge::new(turn.instance, &turn.state).up(server))
}

/// A free operator issues a command.
pub fn issue(turn: &mut Turn, shell: usize, item: usize) {
    let instance = turn.instance;
    let Kind::Free { menu, at_most } = &instance.shells[shell].kind else { return };
    if at_most.is_some() {
        turn.state.shells[shell].left -= 1;
    }
    // The shell is marked first, so that what it sets off knows its parameters.
    turn.state.shells[shell].at = item as u16 + 1;
    turn.state.shells[shell].phase = 1;
    if commands::issue(turn, &menu[item].command) != Progress::Blocked {
        idle(turn, shell);
    }
}

fn idle(turn: &mut Turn, shell: usize) {
    turn.state.shells[shell].at = 0;
    turn.state.shells[shell].phase = 0;
}

/// A shell goes on.
pub fn advance(turn: &mut Turn, shell: usize) {
    let instance = turn.instance;
    let at = turn.state.shells[shell].at;
    let script = match &instance.shells[shell].kind {
        Kind::Scripted(script) => script,
        Kind::Free { menu, .. } => {
            let phase = turn.state.shells[shell].phase;
            match commands::proceed(turn, &menu[usize::from(at) - 1].command, phase) {
                Some(Progress::Blocked) => turn.state.shells[shell].phase += 1,
                Some(_) => idle(turn, shell),
                None => {}
            }
            return;
        }
    };
    match &script.procedure.nodes[usize::from(at)].op {
        Op::Command { command, .. } => {
            let phase = turn.state.shells[shell].phase;
            let progress = if phase == 0 {
                turn.state.shells[shell].phase = 1;
                commands::issue(turn, command)
            } else {
                match commands::proceed(turn, command, phase) {
                    Some(Progress::Blocked) => {
                        turn.state.shells[shell].phase += 1;
                        return;
                    }
                    Some(progress) => progress,
                    None => return,
                }
            };
            // The machine that the shell runs on may just have gone, and the command with it.
            if turn.state.shells[shell].phase > 0 {
                end_command(turn, shell, progress);
            }
        }
        Op::Observe { reads, next } => {
            for (register, query) in reads {
                let value = queries::answer(turn, query);
                set_register(turn, shell, *register, value);
            }
            arrive(turn, shell, *next);
        }
        // Only reached where decisions alone go in a circle.
        Op::Branch { .. } => arrive(turn, shell, NodeId(at.into())),
        Op::Pause { next, .. } => arrive(turn, shell, *next),
        Op::TakeLock { next, .. } => {
            turn.state.locks[script.lock(at.into())] = shell as u8 + 1;
            arrive(turn, shell, *next);
        }
        Op::ReleaseLock { next, .. } => {
            let lock = &mut turn.state.locks[script.lock(at.into())];
            if usize::from(*lock) == shell + 1 {
                *lock = 0;
            } else {
                turn.events |= event::ERROR_IGNORED;
            }
            arrive(turn, shell, *next);
        }
        Op::StartJob { job, next } => {
            let other = script.jobs[job.0];
            if let Some(Op::AwaitStart { next: first }) = op_at(turn, other) {
                arrive(turn, other, *first);
            }
            arrive(turn, shell, *next);
        }
        Op::AwaitJobs { jobs, next, otherwise } => {
            let next = otherwise.filter(|_| !have_ended(turn, script, jobs)).unwrap_or(*next);
            arrive(turn, shell, next);
        }
        Op::StopJobs { jobs, next } => {
            for job in jobs.iter().map(|job| script.jobs[job.0]) {
                if instance.shells[job].ended(turn.state.shells[job].at).is_none() {
                    end_early(turn, job);
                }
            }
            arrive(turn, shell, *next);
        }
        Op::AwaitStart { .. } | Op::End { .. } => {}
    }
}

/// Whether each of these jobs has ended, in whatever way, or was never started.
fn have_ended(turn: &Turn, script: &Script, jobs: &[JobId]) -> bool {
    jobs.iter()
        .map(|job| script.jobs[job.0])
        .all(|job| turn.instance.shells[job].ended(turn.state.shells[job].at).is_some())
}

/// The operation that a scripted shell stands at.
fn op_at<'a>(turn: &Turn<'a>, shell: usize) -> Option<&'a Op> {
    let script = turn.instance.shells[shell].script()?;
    script.procedure.nodes.get(usize::from(turn.state.shells[shell].at)).map(|node| &node.op)
}

fn set_register(turn: &mut Turn, shell: usize, register: RegisterId, value: bool) {
    let bit = 1 << register.0;
    let registers = &mut turn.state.shells[shell].registers;
    *registers = if value { *registers | bit } else { *registers & !bit };
}

/// A command of a scripted shell has returned, has failed, or goes on.
fn end_command(turn: &mut Turn, shell: usize, progress: Progress) {
    let instance = turn.instance;
    let Some(script) = instance.shells[shell].script() else { return };
    let Op::Command { next, on_error, .. } = &script.procedure.nodes[usize::from(turn.state.shells[shell].at)].op
    else {
        return;
    };
    match (progress, on_error) {
        (Progress::Blocked, _) => {}
        (Progress::Done, _) => arrive(turn, shell, *next),
        (Progress::Failed, OnError::Continue) => {
            turn.events |= event::ERROR_IGNORED;
            arrive(turn, shell, *next);
        }
        (Progress::Failed, OnError::Stop) => end_early(turn, shell),
        (Progress::Failed, OnError::Handler(handler)) => arrive(turn, shell, *handler),
    }
}

/// The wait of a blocked command ends.
pub fn expire(turn: &mut Turn, shell: usize) {
    let instance = turn.instance;
    let Some(command) = instance.shells[shell].command(turn.state.shells[shell].at) else { return };
    let progress = commands::expire(turn, command);
    if !instance.shells[shell].is_free() {
        end_command(turn, shell, progress);
    } else if progress != Progress::Blocked {
        idle(turn, shell);
    }
}

/// A cmdlet ends in an error for no reason that the model contains.
pub fn fail(turn: &mut Turn, shell: usize) {
    turn.state.budgets.failing -= 1;
    end_command(turn, shell, Progress::Failed);
}

fn end_early(turn: &mut Turn, shell: usize) {
    let last = turn.instance.shells[shell].last_position();
    let slot = &mut turn.state.shells[shell];
    (slot.at, slot.phase, slot.registers) = (last as u16, 0, 0);
    free_locks(turn, shell);
}

/// The system frees what a process held that has ended, in whatever way.
fn free_locks(turn: &mut Turn, shell: usize) {
    for lock in turn.state.locks.iter_mut().filter(|lock| usize::from(**lock) == shell + 1) {
        *lock = 0;
    }
}

/// A machine went down: scripts on it are gone, persons go on when it is back.
pub fn machine_gone(turn: &mut Turn, server: usize) {
    let instance = turn.instance;
    for (shell, program) in instance.shells.iter().enumerate() {
        let Some(script) = program.script() else { continue };
        let here = script.machine == Some(instance.servers[server].id);
        if !here || program.ended(turn.state.shells[shell].at).is_some() {
            continue;
        }
        if !script.person {
            end_early(turn, shell);
        } else if turn.state.shells[shell].phase > 0 {
            let own = matches!(
                program.command(turn.state.shells[shell].at),
                Some(Command::Restart { server, .. }) if Some(*server) == script.machine
            );
            end_command(turn, shell, if own { Progress::Done } else { Progress::Failed });
        }
    }
}

/// A shell arrives at a node. Decisions take no time: what they depend on is the shell's own memory, so
/// taking them at once hides no interleaving.
fn arrive(turn: &mut Turn, shell: usize, node: NodeId) {
    let instance = turn.instance;
    let Some(script) = instance.shells[shell].script() else { return };
    let mut at = node;
    let mut seen: Vec<NodeId> = Vec::new();
    while let Op::Branch { condition, yes, no } = &script.procedure.nodes[at.0].op {
        if seen.contains(&at) {
            break;
        }
        seen.push(at);
        at = if decide(turn, shell, condition) { *yes } else { *no };
    }
    let slot = &mut turn.state.shells[shell];
    (slot.at, slot.phase) = (at.0 as u16, 0);
    slot.registers &= script.live(at.0);
    if matches!(script.procedure.nodes[at.0].op, Op::End { .. }) {
        free_locks(turn, shell);
    }
}

fn decide(turn: &mut Turn, shell: usize, condition: &Condition) -> bool {
    match condition {
        Condition::Register(register) => turn.state.shells[shell].registers & (1 << register.0) != 0,
        Condition::Not(inner) => !decide(turn, shell, inner),
        Condition::All(inner) => inner.iter().all(|condition| decide(turn, shell, condition)),
        Condition::Any(inner) => inner.iter().any(|condition| decide(turn, shell, condition)),
        Condition::Unknown => turn.oracle.choose(2) == 1,
    }
}
