//! A witness as a story: who did what, where it is written, what it changed.

use super::changes::{changes, votes};
use super::commands::{cmdlet, does};
use super::moments::{group, group_name, moment, name};
use super::reading_value;
use crate::check::Witness;
use crate::lifecycle::server::Power;
use crate::lifecycle::{pool, server};
use crate::model::Maintenance;
use crate::model::oracle::Oracle;
use crate::model::pairs;
use crate::model::program::{Kind, Program};
use crate::model::state::State;
use crate::model::step::{Action, Step, event};
use crate::model::turn::Judge;
use crate::runbook::{self, Command, Op, PauseKind};
use crate::scenario::property::PropertyName;
use crate::verdict::{self, Actor, Counterexample};

/// The story of a witness.
pub fn tell(model: &Maintenance, witness: &Witness<State, Action>) -> Counterexample {
    let mut before = &witness.initial;
    let mut steps = Vec::new();
    for (action, after) in &witness.steps {
        steps.push(step(model, before, action, after));
        before = after;
    }
    Counterexample { before: moment(model, &witness.initial), steps, loop_from: witness.loop_start }
}

/// One step of a run in words.
pub fn step(model: &Maintenance, before: &State, action: &Action, after: &State) -> verdict::Step {
    let events = model.run(before, action.step, &mut Oracle::scripted(&action.choices)).events;
    let (actor, by, text, place) = words(model, before, action.step, after, events);
    verdict::Step {
        actor,
        by,
        text,
        place,
        changes: changes(model, before, after, events),
        assuming: model
            .instance()
            .open_readings
            .iter()
            .enumerate()
            .filter(|(index, _)| before.readings.get(*index).is_none())
            .filter_map(|(index, reading)| after.readings.get(index).map(|value| reading_value(*reading, value)))
            .collect(),
        after: moment(model, after),
    }
}

/// A step in a few words: `alice fails over fe1`.
pub fn caption(model: &Maintenance, before: &State, action: &Action) -> String {
    let outcome = model.run(before, action.step, &mut Oracle::scripted(&action.choices));
    let (actor, _, text, _) = words(model, before, action.step, &outcome.state, outcome.events);
    format!("{actor} {text}")
}

type Words = (String, Actor, String, Option<verdict::Place>);

fn words(model: &Maintenance, before: &State, step: Step, after: &State, events: u32) -> Words {
    let instance = model.instance();
    let server = |index: u8| name(model, index.into()).to_string();
    let pool = |index: u8| instance.deployment.pools[instance.pools[usize::from(index)].id.0].fqdn.clone();
    let fabric = |text: String| ("fabric".to_string(), Actor::System, text, None);
    let machine = |index: u8, text: &str| (server(index), Actor::System, text.to_string(), None);
    let fault = |text: String| ("fault".to_string(), Actor::Fault, text, None);
    match step {
        Step::Advance { shell } | Step::FailCmdlet { shell } => {
            let by_fault = matches!(step, Step::FailCmdlet { .. });
            shell_words(model, before, shell.into(), after, events, by_fault)
        }
        Step::Issue { shell, item } => {
            let program = &instance.shells[usize::from(shell)];
            let Kind::Free { menu, .. } = &program.kind else { unreachable!("only free operators issue commands") };
            let item = &menu[usize::from(item)];
            let text = does(&instance.deployment, &item.command);
            (program.name.clone(), Actor::Operator, text, Some(verdict::Place::of(&item.place, &[])))
        }
        Step::Expire { shell } => {
            let program = &instance.shells[usize::from(shell)];
            let at = before.shells[usize::from(shell)].at;
            let what = program.command(at).map_or("the cmdlet", cmdlet);
            let ends = if after.shells[usize::from(shell)] == before.shells[usize::from(shell)] {
                "goes on by force"
            } else {
                "ends in an error"
            };
            (
                program.name.clone(),
                Actor::System,
                format!("the wait of {what} is over{}; it {ends}", why_it_waited(model, before, program.command(at))),
                node_place(program, at),
            )
        }
        Step::Boot { server } => machine(server, "is back up"),
        Step::ServicesStart { group } => {
            let (on, which) = services_of(model, group);
            (on, Actor::System, format!("{which} that were asked to start are up"), None)
        }
        Step::Emptied { group } => {
            let (on, which) = services_of(model, group);
            (on, Actor::System, format!("the last connections end; {which} that drain stop"), None)
        }
        Step::UsersMoved { server: index } => {
            fabric(format!("has moved users and data off {}; its sessions begin to drain", server(index)))
        }
        Step::TakenOut { server } => machine(server, "sessions have ended; services are stopped and disabled"),
        Step::Orphaned { server: index } => {
            fabric(format!("nobody drives the fail-over of {} any more; it is abandoned", server(index)))
        }
        Step::Swap { to } => fabric(format!("moves the primary of the routing group to {}", server(to))),
        Step::Promote { to } => fabric(format!("makes {} the primary of the routing group", server(to))),
        Step::BuildBegins { on } => fabric(format!("begins to build a replica of the routing group on {}", server(on))),
        Step::Built { on } => fabric(format!("the replica on {} is complete", server(on))),
        Step::Settle { pool: index } => fabric(format!("all other routing groups of {} are whole", pool(index))),
        Step::PoolStops { pool: index } => {
            fabric(format!("{} has no quorum: its servers stop all services", pool(index)))
        }
        Step::PoolStarts { pool: index } => {
            fabric(format!("enough servers of {} are starting: the pool runs", pool(index)))
        }
        Step::MirrorTakesOver { pool: index } => {
            ("SQL".into(), Actor::System, format!("the mirror of {} takes over", pool(index)), None)
        }
        Step::Replicated => {
            let text = "every server knows where the Central Management Store is".to_string();
            ("replication".into(), Actor::System, text, None)
        }
        Step::Crash { server: index, to } => fault(match to {
            Power::Lost => format!("{} crashes and does not come back", server(index)),
            _ => format!("{} crashes", server(index)),
        }),
        Step::Hang { group, live } => {
            let on = instance.servers.iter().position(|info| info.services.contains(&usize::from(group))).unwrap_or(0);
            let what = if live { "a conference goes on and on" } else { "a conference ended and stays open" };
            fault(format!("{what} on {} and keeps the drain from ending", name(model, on)))
        }
        Step::PolicyReboot { server: index } => fault(format!("the update policy reboots {}", server(index))),
        Step::Watchdog { server: index } => fault(format!("the watchdog starts what is stopped on {}", server(index))),
        Step::StartHangs { group } => {
            let (on, which) = services_of(model, group);
            fault(format!("{which} on {on} that were asked to start do not come up"))
        }
        Step::Published { pool: index } => {
            fault(format!("somebody publishes a topology in which the members of {} have changed", pool(index)))
        }
        Step::PrincipalFails { pool: index } => fault(format!("the SQL Server that serves {} fails", pool(index))),
    }
}

/// The server of a group of services, and the group in words: by name where the server has others.
fn services_of(model: &Maintenance, group: u16) -> (String, String) {
    let group = usize::from(group);
    let servers = &model.instance().servers;
    let on = servers.iter().position(|info| info.services.contains(&group)).expect("a group is of a server");
    let alone = servers[on].services.len() == 1;
    let which = if alone { "services".to_string() } else { group_name(model, group) };
    (name(model, on).to_string(), which)
}

/// What held a fail-over back, by the name of fabric's own check (F8.5, F8.14, R24).
fn why_it_waited(model: &Maintenance, before: &State, command: Option<&Command>) -> String {
    let instance = model.instance();
    let Some(Command::FailOver { server, .. }) = command else { return String::new() };
    let Some(index) = instance.index_of[server.0] else { return String::new() };
    let judge = Judge::new(instance, before);
    let check = match before.servers[index].availability {
        server::State::Moving if !judge.seed_nodes_suffice_without(index) => {
            "EnsureSeedNodeQuorum: too few voters would be left"
        }
        server::State::Moving if !judge.group_suffices_without(index) => {
            "EnsurePartitionQuorum: a routing group would lose its quorum"
        }
        server::State::Moving => "EnsurePartitionQuorum: another routing group may miss a replica",
        _ => return String::new(),
    };
    format!(", since fabric holds {} in disabling ({check})", name(model, index))
}

fn node_place(program: &Program, at: u16) -> Option<verdict::Place> {
    match &program.kind {
        Kind::Scripted(script) => {
            let node = script.procedure.nodes.get(usize::from(at))?;
            Some(verdict::Place::of(&node.place, &node.bindings))
        }
        Kind::Free { menu, .. } => {
            menu.get(usize::from(at).checked_sub(1)?).map(|item| verdict::Place::of(&item.place, &[]))
        }
    }
}

fn shell_words(model: &Maintenance, before: &State, shell: usize, after: &State, events: u32, by_fault: bool) -> Words {
    let instance = model.instance();
    let program = &instance.shells[shell];
    let (was, is) = (before.shells[shell], after.shells[shell]);
    let command = program.command(was.at);
    let returned = is.at != was.at || is.phase < was.phase || (was.phase == 0 && is.phase == 0);
    let text = match (&program.kind, command) {
        (_, Some(command)) => {
            let does = does(&instance.deployment, command);
            let cmdlet = cmdlet(command);
            let failed = by_fault || events & event::ERROR_IGNORED != 0 || stopped_by_error(program, was.at, is.at);
            let stage = pairs::stage_words(command, was.phase).filter(|_| !failed);
            match (was.phase, returned, failed) {
                (1.., _, _) if stage.is_some() => format!("{does}: {}", stage.unwrap_or_default()),
                (0, false, _) => format!("{does}; the call waits"),
                (0, true, false) => does,
                (0, true, true) => format!("{does}: {cmdlet} ends in an error"),
                (_, true, false) => format!("sees {cmdlet} return ({does})"),
                (_, true, true) => format!("sees {cmdlet} end in an error ({does})"),
                (_, false, _) => format!("{does}: goes on with the next service"),
            }
        }
        (Kind::Scripted(script), None) => match &script.procedure.nodes[usize::from(was.at)].op {
            Op::Observe { reads, .. } => {
                // Seen with the readings on which this very step has settled.
                let seen = State { readings: after.readings, ..before.clone() };
                let shown = reads.iter().map(|(register, query)| {
                    let name = script.procedure.registers.get(register.0).map_or("the state", String::as_str);
                    format!("{name} is {}", model.answer(&seen, query))
                });
                format!("reads: {}", shown.collect::<Vec<_>>().join(", "))
            }
            Op::Pause { kind: PauseKind::Sleep, .. } => "sleeps; time passes".into(),
            Op::Pause { kind: PauseKind::Ask, .. } => "is asked, and answers".into(),
            Op::TakeLock { lock, .. } => format!("takes the lock '{lock}'"),
            Op::ReleaseLock { lock, .. } => format!("gives back the lock '{lock}'"),
            Op::Branch { .. } => "goes round in a loop that nothing changes".into(),
            Op::StartJob { job, .. } => {
                let job = script.jobs.get(job.0).map_or("a job", |job| &*model.instance().shells[*job].name);
                format!("starts '{job}'")
            }
            Op::AwaitJobs { next, otherwise, .. } if *otherwise != Some(*next) && usize::from(is.at) != next.0 => {
                match otherwise {
                    Some(_) => "sees that a job has not ended".into(),
                    None => "goes on, for what it waited for has ended".into(),
                }
            }
            Op::AwaitJobs { .. } => "goes on, for what it waited for has ended".into(),
            Op::StopJobs { jobs, .. } => {
                let names = jobs
                    .iter()
                    .map(|job| script.jobs.get(job.0).map_or("a job", |job| &*model.instance().shells[*job].name));
                format!("stops {}", names.map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", "))
            }
            Op::Command { .. } | Op::AwaitStart { .. } | Op::End { .. } => "goes on".into(),
        },
        (Kind::Free { .. }, None) => "goes on".into(),
    };
    let actor = if by_fault { "fault".into() } else { program.name.clone() };
    let by = if by_fault { Actor::Fault } else { Actor::Operator };
    (actor, by, text, node_place(program, was.at))
}

fn stopped_by_error(program: &Program, from: u16, to: u16) -> bool {
    let Some(script) = program.script() else { return false };
    match &script.procedure.nodes[usize::from(from)].op {
        Op::Command { on_error: runbook::OnError::Stop, .. } => usize::from(to) == script.procedure.nodes.len(),
        Op::Command { on_error: runbook::OnError::Handler(handler), next, .. } => {
            usize::from(to) == handler.0 && handler != next
        }
        _ => false,
    }
}

/// What has gone wrong, in one sentence with names and numbers.
pub fn failure(model: &Maintenance, property: PropertyName, witness: Option<&Witness<State, Action>>) -> String {
    let instance = model.instance();
    let general = || property.describe().failure.to_string();
    let Some(state) = witness.map(Witness::last) else { return general() };
    let judge = Judge::new(instance, state);
    let out = || {
        let names: Vec<&str> =
            (0..instance.servers.len()).filter(|server| judge.out(*server)).map(|server| name(model, server)).collect();
        names.join(", ")
    };
    let broken = (0..instance.pools.len()).find(|pool| state.pools[*pool].state == pool::State::QuorumLost);
    match property {
        PropertyName::PoolQuorum => match broken {
            Some(pool) => format!(
                "{} has lost its quorum: votes {}. Within minutes all its services stop.",
                instance.deployment.pools[instance.pools[pool].id.0].fqdn,
                votes(&judge, pool)
            ),
            None => general(),
        },
        PropertyName::RoutingGroupQuorum => {
            format!("A routing group has {}; its users are in limited functionality.", group(&judge))
        }
        PropertyName::NoStrandedRoutingGroup => {
            format!("A routing group has {} and nothing but an operator can bring it back.", group(&judge))
        }
        PropertyName::OneOutAtATime => format!("Out at the same time: {}.", out()),
        PropertyName::SurvivesOneMoreCrash => {
            let pool = usize::from(state.tracked_pool);
            format!(
                "One further crash would break a quorum: the routing group has {}, votes {}.",
                group(&judge),
                votes(&judge, pool)
            )
        }
        PropertyName::ReturnsToService => {
            let never: Vec<&str> = (0..instance.servers.len())
                .filter(|server| !judge.in_service(*server) && state.servers[*server].power != Power::Lost)
                .map(|server| name(model, server))
                .collect();
            format!("All runbooks have ended, and these never serve again: {}.", never.join(", "))
        }
        PropertyName::IsolatedWhilePatched => {
            let patched: Vec<&str> = (0..instance.servers.len())
                .filter(|server| {
                    judge.takes_users(*server) && state.servers[*server].availability != server::State::Removed
                })
                .filter(|server| {
                    instance.shells.iter().zip(&state.shells).any(|(program, shell)| {
                        matches!(program.command(shell.at), Some(runbook::Command::Install { server: id })
                            if shell.phase > 0 && instance.index_of[id.0] == Some(*server))
                    })
                })
                .map(|server| name(model, server))
                .collect();
            format!("{} takes users while an installer runs on it.", patched.join(", "))
        }
        PropertyName::RunbookCompletes => {
            let never: Vec<&str> = instance
                .shells
                .iter()
                .zip(&state.shells)
                .filter(|(program, shell)| !program.is_free() && program.ended(shell.at).is_none())
                .map(|(program, _)| program.name.as_str())
                .collect();
            format!("The runbook of {} never ends.", never.join(" and "))
        }
        PropertyName::Capacity => {
            let short = (0..instance.pools.len()).filter_map(|pool| {
                let info = &instance.pools[pool];
                let taking = info.servers.iter().filter(|server| judge.takes_users(**server)).count();
                let short = taking < info.at_least && !state.pools[pool].state.users_away();
                let fqdn = &instance.deployment.pools[info.id.0].fqdn;
                short.then(|| format!("{taking} servers of {fqdn} take users, and {} are needed", info.at_least))
            });
            format!("{}.", short.collect::<Vec<_>>().join("; "))
        }
        PropertyName::NoCutCalls
        | PropertyName::FullService
        | PropertyName::NoLostData
        | PropertyName::OneManagementStore
        | PropertyName::NoFailedStep
        | PropertyName::Recoverable
        | PropertyName::CanComplete => general(),
    }
}
