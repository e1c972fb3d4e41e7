//! What is true of every reachable state of every scenario.

use crate::lifecycle::server::Power;
use crate::lifecycle::{pool, routing_group, server, service};
use crate::model::Maintenance;
use crate::model::state::{Hang, State};
use crate::model::turn::Judge;
use crate::runbook::Op;

/// What is wrong with a state, if anything is.
pub fn broken(model: &Maintenance, state: &State) -> Option<String> {
    servers(model, state)
        .or_else(|| replicas(model, state))
        .or_else(|| pools(model, state))
        .or_else(|| shells(model, state))
}

fn servers(model: &Maintenance, state: &State) -> Option<String> {
    let instance = model.instance();
    for (index, slot) in state.servers.iter().enumerate() {
        let services = || instance.servers[index].services.clone();
        if slot.power != Power::Up && !services().all(|group| state.services[group].state == service::State::Stopped) {
            return Some(format!("server {index} is down and some of its services are not"));
        }
        if slot.power != Power::Up && matches!(slot.availability, server::State::Moving | server::State::Draining) {
            return Some(format!("server {index} is down and its fail-over is under way"));
        }
        if slot.availability == server::State::Running && slot.power != Power::Up {
            return Some(format!("server {index} is down and counts as running"));
        }
        if !instance.servers[index].fabric
            && !matches!(slot.availability, server::State::Running | server::State::Stopped)
        {
            return Some(format!("server {index} has no fabric and is {:?}", slot.availability));
        }
    }
    for (group, slot) in state.services.iter().enumerate() {
        let drains = slot.state == service::State::Draining && instance.groups[group].talks;
        if slot.hang != Hang::None && !drains && slot.state != service::State::StartPending {
            return Some(format!("a conference hangs on group {group}, which does not drain"));
        }
    }
    None
}

fn replicas(model: &Maintenance, state: &State) -> Option<String> {
    let instance = model.instance();
    let judge = Judge::new(instance, state);
    let view = judge.group();
    let primaries = state.servers.iter().filter(|slot| slot.replica == routing_group::State::Primary).count();
    if primaries > 1 {
        return Some(format!("{primaries} primaries"));
    }
    if view.up + view.down + view.building > view.target + 1 || view.building > 1 {
        return Some(format!("too many replicas: {view:?}"));
    }
    for (index, slot) in state.servers.iter().enumerate() {
        let member = judge.tracks() && instance.pools[usize::from(state.tracked_pool)].servers.contains(&index);
        let possible = judge.replica_possible(index);
        match slot.replica {
            routing_group::State::Absent => {}
            _ if !member => return Some(format!("a replica on server {index}, which is no member of the pool")),
            routing_group::State::Down if possible => {
                return Some(format!("a replica is down on server {index}, which is up"));
            }
            routing_group::State::Down => {}
            _ if !possible => return Some(format!("a replica is up on server {index}, which is down")),
            _ => {}
        }
        if slot.replica != routing_group::State::Absent && slot.availability == server::State::Removed {
            return Some(format!("a replica on server {index}, which was removed"));
        }
    }
    None
}

fn pools(model: &Maintenance, state: &State) -> Option<String> {
    if model.instance().pools_fail_over {
        let (home, at) = (usize::from(state.tracked_home), usize::from(state.tracked_pool));
        let away = state.pools[home].state.users_away();
        if model.instance().pools[home].fabric && (at != home) != away {
            return Some(format!("the group of pool {home}, whose users are away: {away}, is in pool {at}"));
        }
    }
    let both_away = |(index, slot): (usize, &crate::model::state::PoolState)| {
        let partner = model.instance().pools[index].partner;
        slot.state.users_away() && partner.is_some_and(|partner| state.pools[partner].state.users_away())
    };
    if state.pools.iter().enumerate().any(both_away) {
        return Some("both pools of a pair have their users on the other".into());
    }
    for (index, slot) in state.pools.iter().enumerate() {
        let enough = Judge::new(model.instance(), state).votes(index).suffice_without(0);
        let wrong = match slot.state {
            state if !model.instance().pools[index].lives => state != pool::State::Running,
            _ if !model.instance().pools[index].fabric => false,
            state if state.fabric_up() => !enough,
            state if state.fabric_failing() => enough,
            _ => false,
        };
        if wrong {
            return Some(format!("pool {index} is {:?} with its votes", slot.state));
        }
    }
    None
}

fn shells(model: &Maintenance, state: &State) -> Option<String> {
    let instance = model.instance();
    for (index, (slot, program)) in state.shells.iter().zip(&instance.shells).enumerate() {
        let Some(script) = program.script() else {
            if (slot.at == 0) != (slot.phase == 0) || slot.registers != 0 {
                return Some(format!("free shell {index} stands at {} in phase {}", slot.at, slot.phase));
            }
            continue;
        };
        if slot.registers & !script.live(slot.at.into()) != 0 {
            return Some(format!("shell {index} keeps a register that nobody reads"));
        }
        let command =
            matches!(script.procedure.nodes.get(usize::from(slot.at)).map(|node| &node.op), Some(Op::Command { .. }));
        if slot.phase > 0 && !command {
            return Some(format!("shell {index} is in phase {} of no command", slot.phase));
        }
    }
    for (lock, holder) in state.locks.iter().enumerate() {
        let Some(holder) = holder.checked_sub(1).map(usize::from) else { continue };
        if instance.shells[holder].ended(state.shells[holder].at).is_some() {
            return Some(format!("lock {lock} is held by shell {holder}, which has ended"));
        }
    }
    None
}

/// What is wrong with a transition, if anything is.
pub fn broken_step(before: &State, after: &State) -> Option<String> {
    let budgets = |state: &State| {
        let left = state.budgets;
        [
            left.crashes,
            left.hangs,
            left.policy,
            left.watchdog,
            left.failing,
            left.principal,
            left.starts,
            left.publications,
        ]
    };
    if budgets(before).iter().zip(budgets(after)).any(|(before, after)| after > *before) {
        return Some("a budget grows".into());
    }
    if !before.readings.subsumes(after.readings) {
        return Some("a reading is forgotten or changed".into());
    }
    if before.tracked_home != after.tracked_home {
        return Some("another routing group is tracked".into());
    }
    let lost = |state: &State, server: usize| state.servers[server].power == Power::Lost;
    (0..before.servers.len())
        .find(|server| lost(before, *server) && !lost(after, *server))
        .map(|server| format!("server {server} was lost and is back"))
}
