//! The properties as predicates on states and events on steps.

use super::instance::Instance;
use super::state::State;
use super::step::{class, event};
use super::turn::Judge;
use crate::check::model::{Claim, Property};
use crate::lifecycle::pool;
use crate::lifecycle::server::Power;
use crate::runbook::Command;
use crate::scenario::property::PropertyName;

mod bit {
    pub const POOLS_HAVE_QUORUM: u8 = 0;
    pub const GROUP_HAS_QUORUM: u8 = 1;
    pub const GROUP_IS_SERVED: u8 = 2;
    pub const SURVIVES: u8 = 3;
    pub const ONE_OUT: u8 = 4;
    pub const ISOLATED: u8 = 5;
    pub const ENDED: u8 = 6;
    pub const SERVING: u8 = 7;
    pub const NORMAL: u8 = 8;
    pub const COMPLETED: u8 = 9;
    pub const ONE_MASTER: u8 = 10;
    pub const CAPACITY: u8 = 11;
    pub const FULL_SERVICE: u8 = 12;
}

/// The claim that a property makes.
pub fn claim(property: PropertyName) -> Claim {
    match property {
        PropertyName::PoolQuorum => Claim::Always(bit::POOLS_HAVE_QUORUM),
        PropertyName::RoutingGroupQuorum => Claim::Always(bit::GROUP_HAS_QUORUM),
        PropertyName::NoStrandedRoutingGroup => {
            Claim::AlwaysPossibly { goal: bit::GROUP_IS_SERVED, through: class::SYSTEM }
        }
        PropertyName::NoCutCalls => Claim::Never(event::CALL_CUT),
        PropertyName::SurvivesOneMoreCrash => Claim::Always(bit::SURVIVES),
        PropertyName::NoFailedStep => Claim::Never(event::ERROR_IGNORED),
        PropertyName::OneOutAtATime => Claim::Always(bit::ONE_OUT),
        PropertyName::IsolatedWhilePatched => Claim::Always(bit::ISOLATED),
        PropertyName::RunbookCompletes => Claim::Eventually(bit::ENDED),
        PropertyName::ReturnsToService => Claim::LeadsTo { trigger: bit::ENDED, goal: bit::SERVING },
        PropertyName::NoLostData => Claim::Never(event::DATA_LOST),
        PropertyName::Capacity => Claim::Always(bit::CAPACITY),
        PropertyName::FullService => Claim::Always(bit::FULL_SERVICE),
        PropertyName::OneManagementStore => Claim::Always(bit::ONE_MASTER),
        PropertyName::Recoverable => Claim::AlwaysPossibly { goal: bit::NORMAL, through: u32::MAX },
        PropertyName::CanComplete => Claim::Sometimes(bit::COMPLETED),
    }
}

/// Why a property says nothing about a scenario; `None` if it does.
pub fn not_applicable(instance: &Instance, property: PropertyName) -> Option<&'static str> {
    use PropertyName::*;
    let fabric = instance.pools.iter().any(|pool| pool.fabric);
    match property {
        PoolQuorum | RoutingGroupQuorum | NoStrandedRoutingGroup | SurvivesOneMoreCrash if !fabric => {
            Some("no Enterprise pool takes part, so there is no quorum to lose")
        }
        NoFailedStep | RunbookCompletes | ReturnsToService | CanComplete if !instance.scripted() => {
            Some("no operator follows a runbook")
        }
        OneManagementStore if !instance.store_moves => Some("no step moves the Central Management Store"),
        NoLostData if !instance.loses_data => Some("no step fails a pool over or back in disaster mode"),
        IsolatedWhilePatched if !instance.installs => Some("no step runs an installer"),
        _ => None,
    }
}

/// The specification of a compiled scenario.
pub fn specification(instance: &Instance) -> Vec<Property> {
    let applicable = instance.properties.iter().filter(|property| not_applicable(instance, **property).is_none());
    applicable.map(|property| Property { name: property.describe().name.into(), claim: claim(*property) }).collect()
}

/// The predicates that hold in a state.
pub fn predicates(instance: &Instance, state: &State) -> u64 {
    let judge = Judge::new(instance, state);
    let group = judge.group();
    let tracks = judge.tracks();
    let pools = || instance.pools.iter().zip(&state.pools).enumerate().filter(|(_, (info, _))| info.fabric);
    let tracked_runs = || state.pools[usize::from(state.tracked_pool)].state.fabric_up();
    let servers = || 0..instance.servers.len();
    let gone = |server: usize| state.servers[server].power == Power::Lost;
    let removed = |server: usize| state.servers[server].availability == crate::lifecycle::server::State::Removed;
    let databases = state.pools.iter().all(|pool| pool.database.serves());
    let serving = databases && servers().all(|server| judge.in_service(server) || gone(server) || removed(server));
    let shells = || instance.shells.iter().zip(&state.shells).filter(|(program, _)| !program.is_free());
    let ended = shells().all(|(program, shell)| program.ended(shell.at).is_some());
    let completed = shells().all(|(program, shell)| program.ended(shell.at) == Some(true));
    let mut bits = 0;
    let mut set = |bit: u8, holds: bool| bits |= u64::from(holds) << bit;
    set(
        bit::POOLS_HAVE_QUORUM,
        pools().all(|(_, (info, pool))| match pool.state {
            pool::State::QuorumLost => false,
            pool::State::Stopped => info.stopped_initially,
            _ => true,
        }),
    );
    set(bit::GROUP_HAS_QUORUM, !tracks || group.has_quorum());
    set(bit::GROUP_IS_SERVED, !tracks || (group.has_quorum() && group.primary.is_some() && tracked_runs()));
    set(bit::SURVIVES, judge.survives_one_more_crash());
    set(bit::ONE_OUT, (0..instance.pools.len()).all(|pool| one_out(&judge, pool)));
    set(bit::ISOLATED, !patched_in_service(&judge));
    set(bit::ENDED, ended);
    set(bit::SERVING, serving);
    set(bit::NORMAL, serving && (!tracks || group.whole() || !can_be_whole(&judge)));
    set(bit::COMPLETED, completed);
    set(bit::CAPACITY, (0..instance.pools.len()).all(|pool| enough_take_users(&judge, pool)));
    set(bit::FULL_SERVICE, (0..instance.pools.len()).all(|pool| full_service(&judge, pool)));
    set(bit::ONE_MASTER, !judge.two_masters());
    bits
}

/// Whether the servers that are out belong to at most one upgrade domain of a pool. A pool whose users are on the
/// paired pool needs none of its servers.
fn one_out(judge: &Judge, pool: usize) -> bool {
    if judge.state.pools[pool].state.users_away() {
        return true;
    }
    let mut out = judge.instance.pools[pool].servers.iter().filter(|server| judge.out(**server));
    let Some(first) = out.next() else { return true };
    let domain = |server: &usize| judge.instance.servers[*server].domain;
    out.all(|server| domain(server) == domain(first))
}

/// Whether as many servers of a pool take users as the scenario asks for; none need to while the paired pool has them.
fn enough_take_users(judge: &Judge, pool: usize) -> bool {
    let info = &judge.instance.pools[pool];
    let taking = info.servers.iter().filter(|server| judge.takes_users(**server)).count();
    taking >= info.at_least || judge.state.pools[pool].state.users_away()
}

/// Whether the users of a pool have all that they are used to, at home or on the paired pool.
fn full_service(judge: &Judge, pool: usize) -> bool {
    let (info, slot) = (&judge.instance.pools[pool], &judge.state.pools[pool]);
    let at = if slot.state.users_away() { info.partner.unwrap_or(pool) } else { pool };
    let host = &judge.state.pools[at];
    host.state == pool::State::Running
        && host.database.serves()
        && judge.instance.pools[at].servers.iter().any(|server| judge.takes_users(*server))
}

/// Whether an installer runs on a server that takes users.
fn patched_in_service(judge: &Judge) -> bool {
    judge.instance.shells.iter().zip(&judge.state.shells).any(|(program, shell)| match program.command(shell.at) {
        Some(Command::Install { server }) if shell.phase > 0 => {
            judge.instance.index_of[server.0].is_some_and(|server| judge.takes_users(server))
        }
        _ => false,
    })
}

/// Whether enough servers are left for the tracked group to have all its replicas.
fn can_be_whole(judge: &Judge) -> bool {
    let info = &judge.instance.pools[usize::from(judge.state.tracked_pool)];
    let left = info.servers.iter().filter(|server| {
        let state = judge.state.servers[**server];
        state.power != Power::Lost && state.availability != crate::lifecycle::server::State::Removed
    });
    left.count() >= info.replicas.target
}
