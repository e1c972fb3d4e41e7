//! How a run begins: the deviations that the scenario states, and one arbitrary routing group (D1).

use super::instance::Instance;
use super::oracle::Oracle;
use super::shells;
use super::state::{Database, State};
use super::turn::{Judge, Turn};
use super::{consequences, fabric};
use crate::lifecycle::server::Power;
use crate::lifecycle::service::Startup;
use crate::lifecycle::{pool, routing_group, server, service};
use crate::scenario::Initially;
use crate::scenario::readings::Reading;

/// All initial states: every placement of the tracked group, every value of a reading on which it depends.
pub fn states(instance: &Instance) -> Vec<State> {
    let mut states = Vec::new();
    for placement in placements(instance) {
        let mut oracle = Oracle::default();
        loop {
            let state = instance.blank();
            let mut turn = Turn { instance, state, oracle: &mut oracle, events: 0, rows: None };
            if place(&mut turn, &placement) {
                states.push(turn.state);
            }
            if !oracle.advance() {
                break;
            }
        }
    }
    states.dedup();
    states
}

/// A pool whose group is tracked, the pool where the group is, the servers that hold it, the primary among them.
type Placement = (usize, usize, Vec<usize>, Option<usize>);

/// Every pool, every set of servers that may hold the replicas of a group, every primary among them.
fn placements(instance: &Instance) -> Vec<Placement> {
    let mut all = Vec::new();
    for (home, info) in instance.pools.iter().enumerate().filter(|(_, pool)| pool.fabric) {
        let away = instance.initially.contains(&Initially::PoolFailedOver(info.id));
        let at = if away { info.partner.unwrap_or(home) } else { home };
        let pool = &instance.pools[at];
        if !pool.fabric {
            all.push((home, at, Vec::new(), None));
            continue;
        }
        for set in subsets(&pool.servers, pool.replicas.target) {
            all.extend(set.iter().map(|primary| (home, at, set.clone(), Some(*primary))));
        }
    }
    if all.is_empty() {
        all.push((0, 0, Vec::new(), None));
    }
    all
}

fn subsets(of: &[usize], size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![Vec::new()];
    }
    let Some((first, rest)) = of.split_first() else { return Vec::new() };
    let with = subsets(rest, size - 1).into_iter().map(|set| [vec![*first], set].concat());
    with.chain(subsets(rest, size)).collect()
}

/// Makes one initial state; `false` if the placement is impossible under the readings.
fn place(turn: &mut Turn, (home, pool, servers, primary): &Placement) -> bool {
    turn.state.tracked_pool = *pool as u8;
    if turn.instance.pools_fail_over {
        turn.state.tracked_home = *home as u8;
    }
    for &server in servers {
        let first = *primary == Some(server);
        turn.state.servers[server].replica =
            if first { routing_group::State::Primary } else { routing_group::State::Secondary };
    }
    let mut possible = true;
    for initially in turn.instance.initially.clone() {
        possible &= apply(turn, initially, servers);
    }
    shells::begin(turn);
    let before = consequences::replicas_possible(turn.instance, &turn.state);
    consequences::follow(turn, before);
    for pool in 0..turn.instance.pools.len() {
        let unsettled = Judge::new(turn.instance, &turn.state).misses_replicas(pool);
        turn.state.pools[pool].settled &= !unsettled;
    }
    fabric::resolve(turn);
    // With servers out from the beginning a group that can have a primary has had time to promote one.
    let judge = Judge::new(turn.instance, &turn.state);
    let candidates: Vec<usize> = servers.iter().copied().filter(|server| judge.can_promote(*server)).collect();
    if let Some(promoted) = candidates.get(turn.oracle.choose(candidates.len())) {
        turn.replica(*promoted, routing_group::Event::Promoted);
    }
    possible
}

fn apply(turn: &mut Turn, initially: Initially, holders: &[usize]) -> bool {
    let index = |server: crate::topology::ServerId| turn.instance.index_of[server.0].expect("named, so in the slice");
    let pool_index = |id| turn.instance.pools.iter().position(|pool| pool.id == id).expect("named, so in the slice");
    match initially {
        Initially::PoolStopped(id) => {
            let pool = pool_index(id);
            if turn.instance.pools[pool].lives {
                turn.state.pools[pool].state = pool::State::Stopped;
            }
            for server in turn.instance.pools[pool].servers.clone() {
                stop_services(turn, server, None);
            }
        }
        Initially::PoolFailedOver(id) => {
            let pool = pool_index(id);
            turn.state.pools[pool].state = pool::State::FailedOver;
            let kept = super::pairs::kept_in_pool_fail_over();
            for server in turn.instance.pools[pool].servers.clone() {
                for group in turn.instance.servers[server].services.clone() {
                    if turn.instance.groups[group].services.and(kept).is_empty() {
                        turn.state.services[group].state = service::State::Stopped;
                    }
                }
            }
        }
        Initially::FailedOver(id) => {
            let server = index(id);
            turn.state.servers[server].availability = server::State::FailedOver;
            stop_services(turn, server, Some(Startup::Disabled));
            // With RemoveData the replicas have long been built elsewhere, if there was a server for them.
            let members = &turn.instance.pools[turn.instance.servers[server].pool].servers;
            let room = members.iter().any(|other| !holders.contains(other) && !is_out(turn.instance, *other));
            if holders.contains(&server) && room && turn.read(Reading::FailOverIntent) == 0 {
                return false;
            }
        }
        Initially::Stopped(id) => stop_services(turn, index(id), None),
        Initially::Lost(id) => {
            let server = index(id);
            turn.state.servers[server].power = Power::Lost;
            stop_services(turn, server, None);
        }
        Initially::OnMirror(id) => turn.state.pools[pool_index(id)].database = Database::MirrorAlone,
    }
    true
}

/// Whether the scenario begins with a server that is failed over, stopped or lost.
fn is_out(instance: &Instance, server: usize) -> bool {
    instance.initially.iter().any(|initially| match initially {
        Initially::FailedOver(id) | Initially::Stopped(id) | Initially::Lost(id) => *id == instance.servers[server].id,
        Initially::PoolStopped(_) | Initially::PoolFailedOver(_) | Initially::OnMirror(_) => false,
    })
}

fn stop_services(turn: &mut Turn, server: usize, startup: Option<Startup>) {
    for group in turn.instance.servers[server].services.clone() {
        turn.state.services[group].state = service::State::Stopped;
        if let Some(startup) = startup {
            turn.state.services[group].startup = startup;
        }
    }
}
