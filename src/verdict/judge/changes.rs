//! What a step changed, in words.

use super::moments::{group, group_name, name};
use crate::lifecycle::{Words, routing_group, service};
use crate::model::Maintenance;
use crate::model::state::{Database, Hang, State};
use crate::model::step::event;
use crate::model::turn::Judge;

/// The changes from one state to the next, one an entry.
pub fn changes(model: &Maintenance, before: &State, after: &State, events: u32) -> Vec<String> {
    let instance = model.instance();
    let mut changes = Vec::new();
    let change = |changes: &mut Vec<String>, subject: &str, from: &str, to: &str| {
        if from != to {
            changes.push(format!("{subject}: {from} -> {to}"));
        }
    };
    for server in 0..instance.servers.len() {
        let (old, new) = (before.servers[server], after.servers[server]);
        change(&mut changes, name(model, server), old.power.words(), new.power.words());
        change(&mut changes, name(model, server), old.availability.words(), new.availability.words());
        for (subject, from, to) in service_changes(model, before, after, server) {
            change(&mut changes, &subject, &from, &to);
        }
        if old.replica != new.replica {
            let words = |replica| if replica == routing_group::State::Absent { "none" } else { Words::words(replica) };
            change(
                &mut changes,
                &format!("replica on {}", name(model, server)),
                words(old.replica),
                words(new.replica),
            );
        }
    }
    let (was, is) = (Judge::new(instance, before), Judge::new(instance, after));
    change(&mut changes, "routing group", &group(&was), &group(&is));
    for (pool, info) in instance.pools.iter().enumerate() {
        let fqdn = &instance.deployment.pools[info.id.0].fqdn;
        if info.fabric {
            change(&mut changes, &format!("votes of {fqdn}"), &votes(&was, pool), &votes(&is, pool));
        }
        change(&mut changes, fqdn, before.pools[pool].state.words(), after.pools[pool].state.words());
        let database = |state: &State| match state.pools[pool].database {
            Database::Principal => "principal",
            Database::Mirror => "mirror",
            Database::MirrorAlone => "mirror, the principal being down",
            Database::Down => "down",
            Database::Lost => "down, principal and mirror",
        };
        change(&mut changes, &format!("database of {fqdn}"), database(before), database(after));
        if before.pools[pool].settled != after.pools[pool].settled {
            changes.push(if after.pools[pool].settled {
                format!("all other routing groups of {fqdn} are whole again")
            } else {
                format!("other routing groups of {fqdn} may miss a replica")
            });
        }
    }
    for (pool, info) in instance.pools.iter().enumerate() {
        let hop = |state: &State| match state.pools[pool].next_hop.map(usize::from) {
            Some(hop) if hop < instance.deployment.pools.len() => instance.deployment.pools[hop].fqdn.clone(),
            _ => "none".into(),
        };
        let subject = format!("next hop of {}", instance.deployment.pools[info.id.0].fqdn);
        change(&mut changes, &subject, &hop(before), &hop(after));
    }
    let store = |state: &State| {
        let at = Judge::new(instance, state).store_pool();
        let at = at.map_or("no pool", |pool| instance.deployment.pools[instance.pools[pool].id.0].fqdn.as_str());
        let known = if state.store.replicating { ", not known everywhere" } else { "" };
        let former = if state.store.unaware { ", its former master not told" } else { "" };
        format!("{at}{known}{former}")
    };
    change(&mut changes, "Central Management Store", &store(before), &store(after));
    for (lock, name) in instance.locks.iter().enumerate() {
        match (before.locks[lock], after.locks[lock]) {
            (old, new) if old == new => {}
            (_, 0) => changes.push(format!("lock '{name}' is free")),
            (_, holder) => {
                let holder = &instance.shells[usize::from(holder) - 1].name;
                changes.push(format!("lock '{name}' is held by {holder}"));
            }
        }
    }
    if events & event::CALL_CUT != 0 {
        changes.push("a live conversation is ended by force".into());
    }
    if events & event::DATA_LOST != 0 {
        changes.push("what was not copied yet is lost".into());
    }
    if events & event::ERROR_IGNORED != 0 {
        changes.push("the error is ignored and the runbook goes on".into());
    }
    changes
}

/// The votes of a pool in words.
pub fn votes(judge: &Judge, pool: usize) -> String {
    let votes = judge.votes(pool);
    let needed = votes.needed + usize::from(votes.sql);
    format!("{} up, {} needed", votes.total_up(), needed)
}

/// Subject, before and after of each change of services; one entry if all of them change alike.
fn service_changes(model: &Maintenance, before: &State, after: &State, server: usize) -> Vec<(String, String, String)> {
    let range = model.instance().servers[server].services.clone();
    let words = |state: &State, group: usize| {
        let slot = state.services[group];
        let mut words = slot.state.words().to_string();
        match slot.hang {
            Hang::None => {}
            _ if slot.state == service::State::StartPending => words += ", does not come up",
            Hang::Live => words += ", held by a live conference",
            Hang::Ended => words += ", held by a conference that ended and stays open",
        }
        if slot.startup != crate::lifecycle::service::Startup::Automatic {
            words += &format!(" ({})", slot.startup.words().to_lowercase());
        }
        words
    };
    let changed: Vec<(String, String, String)> = range
        .clone()
        .filter(|group| before.services[*group] != after.services[*group])
        .map(|group| (group_name(model, group), words(before, group), words(after, group)))
        .collect();
    let alike = changed.iter().all(|(_, from, to)| (from, to) == (&changed[0].1, &changed[0].2));
    let on = |what: &str| format!("{what} on {}", name(model, server));
    if alike && changed.len() == range.len() {
        return changed.into_iter().take(1).map(|(_, from, to)| (on("services"), from, to)).collect();
    }
    changed.into_iter().map(|(group, from, to)| (on(&group), from, to)).collect()
}
