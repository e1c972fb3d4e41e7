//! How everything stands at one moment, in words.

use crate::lifecycle::server::Power;
use crate::lifecycle::service::Startup;
use crate::lifecycle::{Words, pool, routing_group, server, service};
use crate::model::Maintenance;
use crate::model::program::Script;
use crate::model::state::{Hang, State};
use crate::model::turn::Judge;
use crate::runbook::Op;
use crate::verdict::{Moment, PoolMoment, ServerMoment};

/// A state in words.
pub fn moment(model: &Maintenance, state: &State) -> Moment {
    let instance = model.instance();
    let judge = Judge::new(instance, state);
    Moment {
        servers: (0..instance.servers.len()).map(|server| server_moment(model, &judge, server)).collect(),
        pools: (0..instance.pools.len())
            .filter(|pool| instance.pools[*pool].fabric)
            .map(|pool| pool_moment(&judge, pool))
            .collect(),
        operators: (0..instance.shells.len()).map(|shell| operator(model, state, shell)).collect(),
        out_of_service: out_of_service(model, &judge),
    }
}

/// The name of a server.
pub fn name(model: &Maintenance, server: usize) -> &str {
    let instance = model.instance();
    instance.deployment.short_name(instance.servers[server].id)
}

fn server_moment(model: &Maintenance, judge: &Judge, server: usize) -> ServerMoment {
    let slot = judge.state.servers[server];
    let info = &model.instance().servers[server];
    let votes = judge.votes(info.pool);
    let voter = model.instance().pools[info.pool].servers.iter().position(|other| *other == server);
    ServerMoment {
        state: slot.availability.words().into(),
        power: slot.power.words().into(),
        services: services(model, judge.state, server),
        replica: if slot.replica == routing_group::State::Absent { "" } else { slot.replica.words() }.into(),
        serving: judge.in_service(server),
        vote: voter.filter(|position| info.fabric && *position < votes.voters).map(|_| judge.node_up(server)),
    }
}

/// The services of a server in short: one word if all stand alike.
pub fn services(model: &Maintenance, state: &State, server: usize) -> String {
    let instance = model.instance();
    let range = instance.servers[server].services.clone();
    let mut parts: Vec<String> = Vec::new();
    let words: Vec<String> = range.clone().map(|group| service_words(state, group)).collect();
    if words.iter().all(|word| *word == words[0]) {
        return words.first().cloned().unwrap_or_default();
    }
    for (group, word) in range.zip(words) {
        parts.push(format!("{}: {word}", group_name(model, group)));
    }
    parts.join("; ")
}

/// A group of services by name; of a large one their number.
pub fn group_name(model: &Maintenance, group: usize) -> String {
    let services = model.instance().groups[group].services;
    let count = services.iter().count();
    if count <= 4 { services.to_string() } else { format!("{count} other services") }
}

fn service_words(state: &State, group: usize) -> String {
    let slot = state.services[group];
    let mut words = slot.state.words().to_string();
    if slot.hang != Hang::None && slot.state == service::State::StartPending {
        words += ", does not come up";
    } else if slot.hang != Hang::None {
        words += ", held by a conference";
    }
    match slot.startup {
        Startup::Automatic => {}
        Startup::Manual => words += " (manual start)",
        Startup::Disabled => words += " (disabled)",
    }
    words
}

fn pool_moment(judge: &Judge, pool: usize) -> PoolMoment {
    let info = &judge.instance.pools[pool];
    let votes = judge.votes(pool);
    PoolMoment {
        name: judge.instance.deployment.pools[info.id.0].fqdn.clone(),
        state: judge.state.pools[pool].state.words().into(),
        votes_up: votes.total_up(),
        // A pool whose users are on the paired pool needs no votes.
        quorum: if judge.state.pools[pool].state.users_away() { 0 } else { votes.needed + usize::from(votes.sql) },
        routing_group: if usize::from(judge.state.tracked_pool) == pool { group(judge) } else { String::new() },
    }
}

/// The tracked routing group in words.
pub fn group(judge: &Judge) -> String {
    let view = judge.group();
    if view.whole() {
        return "whole".into();
    }
    let mut words = format!("{} of {} replicas up", view.up, view.target);
    if !view.has_quorum() {
        words += ", quorum lost";
    } else if view.primary.is_none() {
        words += ", no primary";
    }
    if view.building > 0 {
        words += ", one being built";
    }
    words
}

fn operator(model: &Maintenance, state: &State, shell: usize) -> String {
    let program = &model.instance().shells[shell];
    let slot = state.shells[shell];
    let place = |node: &crate::runbook::Node| {
        let (line, _) = node.place.line_and_column();
        format!("{}:{line}", node.place.source.name)
    };
    let waiting = |script: &Script| matches!(script.procedure.nodes.get(usize::from(slot.at)), Some(node) if matches!(node.op, Op::AwaitStart { .. }));
    match program.ended(slot.at) {
        Some(true) if program.script().is_some_and(waiting) => return "not started".into(),
        Some(true) => return "finished".into(),
        Some(false) => return "ended early".into(),
        None => {}
    }
    match program.script() {
        Some(script) => {
            let node = &script.procedure.nodes[usize::from(slot.at)];
            match (&node.op, slot.phase) {
                (Op::Command { .. }, 1..) => format!("waiting at {}", place(node)),
                _ => format!("before {}", place(node)),
            }
        }
        None if slot.at == 0 => "idle".into(),
        None => match program.command(slot.at) {
            Some(command) => format!("waiting for {}", super::commands::cmdlet(command)),
            None => "idle".into(),
        },
    }
}

fn out_of_service(model: &Maintenance, judge: &Judge) -> Vec<String> {
    let mut out = Vec::new();
    for server in (0..model.instance().servers.len()).filter(|server| !judge.in_service(*server)) {
        let slot = judge.state.servers[server];
        let why = match (slot.power, slot.availability) {
            (Power::Up, server::State::Running | server::State::Stopped) => services(model, judge.state, server),
            (Power::Up, availability) => availability.words().into(),
            (power, server::State::FailedOver) => format!("{}, failed over", power.words()),
            (power, _) => power.words().into(),
        };
        let pool = judge.state.pools[model.instance().servers[server].pool].state;
        if why == service::State::Running.words() && (pool == pool::State::Draining || pool.users_away()) {
            // That the pool is on its way to or from the paired one is said of the pool.
            continue;
        }
        let why = if why == service::State::Running.words() { "waits for its pool".into() } else { why };
        out.push(format!("{}: {}", name(model, server), lower(&why)));
    }
    if judge.tracks() && !judge.group().has_quorum() {
        out.push(format!("routing group: {}", group(judge)));
    }
    for (pool, state) in judge.state.pools.iter().enumerate().filter(|(_, state)| state.state != pool::State::Running) {
        let info = &judge.instance.pools[pool];
        out.push(format!("{}: {}", judge.instance.deployment.pools[info.id.0].fqdn, lower(state.state.words())));
    }
    out
}

/// The first letter in lower case.
pub fn lower(words: &str) -> String {
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
