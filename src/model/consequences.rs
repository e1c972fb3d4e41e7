//! What follows from a step at once: availability from services, replicas from servers, quorum from votes.

use super::fabric;
use super::instance::Instance;
use super::pairs;
use super::state::{Last, State};
use super::turn::{Judge, Turn};
use crate::lifecycle::{pool, routing_group, server, service};

/// Draws the consequences of what a step changed; `before` are the servers that could hold an open replica then.
pub fn follow(turn: &mut Turn, before: Servers) {
    follow_services(turn);
    follow_votes(turn);
    follow_last(turn);
    let now = replicas_possible(turn.instance, &turn.state);
    follow_replicas(turn, now);
    unsettle(turn, before, now);
    pairs::follow_store(turn);
}

/// A set of servers of the slice, as bits.
pub type Servers = u64;

/// The servers that can hold an open replica.
pub fn replicas_possible(instance: &Instance, state: &State) -> Servers {
    let judge = Judge::new(instance, state);
    let possible = (0..instance.servers.len()).filter(|server| judge.replica_possible(*server));
    possible.fold(0, |servers, server| servers | 1 << server)
}

fn follow_services(turn: &mut Turn) {
    for server in 0..turn.instance.servers.len() {
        let info = &turn.instance.servers[server];
        let critical = [&info.node_groups, &info.serving_groups].into_iter().flatten();
        let (mut down, mut up) = (false, true);
        for group in critical {
            let state = turn.state.services[*group].state;
            down |= state == service::State::Stopped;
            up &= state == service::State::Running;
        }
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
        if turn.state.pools[index].state.fabric_down() {
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
pub fn follow_replicas(turn: &mut Turn, possible: Servers) {
    for server in 0..turn.instance.servers.len() {
        let possible = possible >> server & 1 == 1;
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
fn unsettle(turn: &mut Turn, before: Servers, now: Servers) {
    if !turn.instance.gates {
        return;
    }
    for server in (0..turn.instance.servers.len()).filter(|server| (before ^ now) >> server & 1 == 1) {
        let pool = turn.instance.servers[server].pool;
        // While its users are away no group is on the pool.
        if !turn.state.pools[pool].state.users_away() {
            turn.state.pools[pool].settled = false;
        }
    }
}
