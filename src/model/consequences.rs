//! What follows from a step at once: availability from services, replicas from servers, quorum from votes.

use super::fabric;
use super::pairs;
use super::state::{Last, State};
use super::turn::{Judge, Turn};
use crate::lifecycle::{pool, routing_group, server, service};

/// Draws the consequences of what a step changed since `before`.
pub fn follow(turn: &mut Turn, before: &State) {
    follow_services(turn);
    follow_votes(turn);
    follow_last(turn);
    follow_replicas(turn);
    unsettle(turn, before);
    pairs::follow_store(turn);
}

fn follow_services(turn: &mut Turn) {
    for server in 0..turn.instance.servers.len() {
        let mut critical = turn.instance.servers[server]
            .services
            .clone()
            .filter(|group| turn.instance.groups[*group].fabric || turn.instance.groups[*group].registrar)
            .map(|group| turn.state.services[group].state);
        let down = critical.clone().any(|state| state == service::State::Stopped);
        let up = critical.all(|state| state == service::State::Running);
        match turn.state.servers[server].availability {
            server::State::Running | server::State::FailedBack if down => {
                turn.server(server, server::Event::ServicesDown);
            }
            server::State::Stopped | server::State::FailedBack if up => {
                turn.server(server, server::Event::ServicesUp);
            }
            _ => {}
        }
    }
}

fn follow_votes(turn: &mut Turn) {
    for index in 0..turn.instance.pools.len() {
        let state = turn.state.pools[index].state;
        if turn.instance.pools[index].fabric && !state.fabric_down() {
            let enough = turn.settle_readings(turn.voting(index), |judge| judge.votes(index).suffice_without(0));
            match enough {
                false if state.fabric_up() => turn.pool(index, pool::Event::VotesLost),
                true if state.fabric_failing() => turn.pool(index, pool::Event::VotesRegained),
                _ => false,
            };
            // With nothing left that runs there is nobody whose services would stop some minutes later, and no
            // fabric that a returning voter could save.
            let runs = |server: &usize| {
                let mut groups = turn.instance.servers[*server].services.clone();
                groups.any(|group| turn.state.services[group].state != service::State::Stopped)
            };
            if turn.state.pools[index].state.fabric_failing() && !turn.instance.pools[index].servers.iter().any(runs) {
                turn.pool(index, pool::Event::ServicesStop);
            }
        }
    }
}

/// Of a pool of two, who runs alone is who has what users wrote last (F3.28).
fn follow_last(turn: &mut Turn) {
    for index in 0..turn.instance.pools.len() {
        let info = &turn.instance.pools[index];
        let [first, second] = info.servers[..] else { continue };
        if !info.fabric || turn.state.pools[index].state.fabric_down() {
            continue;
        }
        let judge = Judge::new(turn.instance, &turn.state);
        turn.state.pools[index].last = match (judge.node_up(first), judge.node_up(second)) {
            (true, true) => Last::Both,
            (true, false) => Last::First,
            (false, true) => Last::Second,
            (false, false) => continue,
        };
    }
}

/// Replicas go and come with their servers.
pub fn follow_replicas(turn: &mut Turn) {
    for server in 0..turn.instance.servers.len() {
        let possible = Judge::new(turn.instance, &turn.state).replica_possible(server);
        match (turn.state.servers[server].replica, possible) {
            (routing_group::State::Primary | routing_group::State::Secondary, false) => {
                turn.replica(server, routing_group::Event::ServerGone);
            }
            (routing_group::State::Building, false) => {
                turn.replica(server, routing_group::Event::BuildCancelled);
            }
            (routing_group::State::Down, true) => {
                turn.replica(server, routing_group::Event::ServerBack);
            }
            _ => {}
        }
    }
    let judge = Judge::new(turn.instance, &turn.state);
    // A build ends when what it replaces is back, or when there is nobody to copy from.
    if judge.group().building > 0 && (!judge.needs_build() || !judge.group().has_quorum()) {
        for server in 0..turn.instance.servers.len() {
            if turn.state.servers[server].replica == routing_group::State::Building {
                turn.replica(server, routing_group::Event::BuildCancelled);
            }
        }
    }
    fabric::drop_surplus(turn);
}

/// A server that went or came may hold replicas of any of the other groups, so a gate on all groups has to
/// wait for them again (D1).
fn unsettle(turn: &mut Turn, before: &State) {
    if !turn.instance.gates {
        return;
    }
    for server in 0..turn.instance.servers.len() {
        let now = Judge::new(turn.instance, &turn.state).replica_possible(server);
        if now != Judge::new(turn.instance, before).replica_possible(server) {
            let pool = turn.instance.servers[server].pool;
            turn.state.pools[pool].settled = false;
        }
    }
}
