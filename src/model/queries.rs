//! What status cmdlets show.

use super::turn::{Judge, Turn};
use crate::lifecycle::service;
use crate::runbook::{Quantifier, Query, Readiness, Shown};
use crate::scenario::readings::Reading;
use crate::topology::{PoolId, ServerId};

/// The answer to a query at this moment.
pub fn answer(turn: &mut Turn, query: &Query) -> bool {
    let instance = turn.instance;
    let named = "named, so in the slice";
    let pool_of = |pool: PoolId| instance.pools.iter().position(|info| info.id == pool).expect(named);
    let index_of = |server: ServerId| instance.index_of[server.0].expect(named);
    match *query {
        Query::Readiness { pool, is } => readiness(turn, pool_of(pool)) == is,
        Query::DomainReady { server } => {
            let server = index_of(server);
            readiness(turn, instance.servers[server].pool) == Readiness::Ready && {
                let voting = turn.voting(instance.servers[server].pool);
                turn.settle_readings(voting, |judge| judge.safety_checks_pass(server))
            }
        }
        Query::ReplicasWhole { pool } => whole(&Judge::new(instance, &turn.state), pool_of(pool)),
        Query::Services { server, services, quantifier, shown } => {
            let server = index_of(server);
            let groups = instance.servers[server].services.clone();
            let mut matches = groups
                .filter(|group| !instance.groups[*group].services.and(services).is_empty())
                .map(|group| shows(shown, turn.state.services[group].state));
            // A machine that does not answer shows nothing, which matches nothing.
            Judge::new(instance, &turn.state).up(server)
                && match quantifier {
                    Quantifier::Any => matches.any(|matched| matched),
                    Quantifier::All => matches.all(|matched| matched),
                }
        }
        Query::ManagementStoreReplicated { .. } => !turn.state.store.replicating && !turn.state.store.unaware,
        Query::BackupSteady { pool } => {
            let pool = pool_of(pool);
            let judge = Judge::new(instance, &turn.state);
            instance.pools[pool].partner.is_some_and(|partner| judge.synchronises(pool, partner))
        }
        Query::Reachable { server } => Judge::new(instance, &turn.state).up(index_of(server)),
    }
}

/// A draining service shows as paused (F1.53), and says of itself that it drains (F1.3).
fn shows(shown: Shown, state: service::State) -> bool {
    match state {
        service::State::Stopped => shown.stopped,
        service::State::StartPending => shown.start_pending,
        service::State::Running => shown.running,
        service::State::Paused | service::State::Empty => shown.paused,
        service::State::Draining => shown.paused || shown.draining,
    }
}

/// Whether every routing group of a pool is whole: where fabric does not run none is, and a pool without a fabric has none.
fn whole(judge: &Judge, pool: usize) -> bool {
    let of_pool = &judge.state.pools[pool];
    let tracked = usize::from(judge.state.tracked_pool) != pool || judge.group().whole();
    of_pool.state.fabric_up() && (!judge.instance.pools[pool].fabric || (of_pool.settled && tracked))
}

/// What the readiness cmdlet says (F5.4, F5.5).
fn readiness(turn: &mut Turn, pool: usize) -> Readiness {
    let instance = turn.instance;
    let judge = Judge::new(instance, &turn.state);
    let everyone = instance.pools[pool].servers.iter().all(|server| judge.takes_users(*server));
    let groups_whole = whole(&judge, pool);
    let with_one_out = |turn: &mut Turn| {
        instance.pools[pool].fabric
            && turn.settle_readings(turn.voting(pool), |judge| judge.votes(pool).suffice_without(0))
            && turn.read(Reading::ReadyWithOneOut) != 0
    };
    if !everyone && !with_one_out(turn) {
        Readiness::InsufficientActiveFrontEnds
    } else if groups_whole {
        Readiness::Ready
    } else {
        Readiness::Busy
    }
}
