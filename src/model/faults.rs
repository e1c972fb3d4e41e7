//! Faults, each within its budget.

use super::machines::{self, Why};
use super::pairs;
use super::state::{Database, Hang};
use super::step::Step;
use super::turn::{Judge, Turn};
use crate::lifecycle::server::{self, Power};
use crate::lifecycle::service::{self, Startup};
use crate::scenario::readings::Reading;
use crate::scenario::{OnServers, Returns};
use crate::topology::BackEnd;

/// The faults that may strike now.
pub fn enabled(turn: &Turn, out: &mut Vec<Step>) {
    let (instance, state) = (turn.instance, &turn.state);
    let faults = &instance.faults;
    let judge = Judge::new(instance, state);
    let within = |fault: &Option<OnServers>, left: u8, server: usize| {
        fault
            .as_ref()
            .is_some_and(|fault| (fault.at_most.is_none() || left > 0) && instance.strikes(&fault.servers, server))
    };
    for server in (0..instance.servers.len()).filter(|server| judge.up(*server)) {
        let number = server as u8;
        if let Some(crash) = &faults.crash
            && state.budgets.crashes > 0
            && instance.strikes(&crash.servers, server)
        {
            if crash.returns != Returns::No {
                out.push(Step::Crash { server: number, to: Power::Crashed });
            }
            if crash.returns != Returns::Yes {
                out.push(Step::Crash { server: number, to: Power::Lost });
            }
        }
        if within(&faults.update_policy, state.budgets.policy, server) {
            out.push(Step::PolicyReboot { server: number });
        }
        if within(&faults.watchdog, state.budgets.watchdog, server) && startable(turn, server) {
            out.push(Step::Watchdog { server: number });
        }
        if state.budgets.starts > 0 {
            let pending = |group: &usize| {
                state.services[*group].state == service::State::StartPending
                    && state.services[*group].hang == Hang::None
            };
            let groups = instance.servers[server].services.clone().filter(pending);
            out.extend(groups.map(|group| Step::StartHangs { group: group as u16 }));
        }
        if state.budgets.hangs > 0 {
            for group in instance.servers[server].services.clone() {
                let slot = state.services[group];
                if instance.groups[group].talks && slot.state == service::State::Draining && slot.hang == Hang::None {
                    out.push(Step::Hang { group: group as u16, live: true });
                    out.push(Step::Hang { group: group as u16, live: false });
                }
            }
        }
    }
    for (pool, slot) in state.pools.iter().enumerate() {
        if state.budgets.publications > 0 && instance.pools[pool].fabric {
            out.push(Step::Published { pool: pool as u8 });
        }
        let serves_alone = matches!(slot.database, Database::Principal | Database::MirrorAlone);
        let fails = serves_alone && instance.pools[pool].fabric;
        // The listener of an availability group keeps answering (A17).
        let fails = fails && instance.pools[pool].back_end != BackEnd::AlwaysOn;
        if state.budgets.principal > 0 && fails {
            out.push(Step::PrincipalFails { pool: pool as u8 });
        }
    }
}

/// Whether a watchdog finds something that it can try to start.
fn startable(turn: &Turn, server: usize) -> bool {
    let out = turn.state.servers[server].availability == server::State::FailedOver;
    turn.instance.servers[server].services.clone().any(|group| {
        let slot = turn.state.services[group];
        slot.state == service::State::Stopped && (slot.startup != Startup::Disabled || out)
    })
}

/// A server crashes.
pub fn crash(turn: &mut Turn, server: usize, to: Power) {
    turn.state.budgets.crashes -= 1;
    machines::power_down(turn, server, to, Why::Crash);
}

/// A conference keeps a drain from ending.
pub fn hang(turn: &mut Turn, group: usize, live: bool) {
    turn.state.budgets.hangs -= 1;
    turn.state.services[group].hang = if live { Hang::Live } else { Hang::Ended };
}

/// An update policy reboots a server.
pub fn policy_reboot(turn: &mut Turn, server: usize) {
    if turn.instance.faults.update_policy.as_ref().is_some_and(|fault| fault.at_most.is_some()) {
        turn.state.budgets.policy -= 1;
    }
    machines::power_down(turn, server, Power::Rebooting, Why::Command);
}

/// A watchdog starts what is stopped on a server; an attempt in which nothing starts does not count.
pub fn watchdog(turn: &mut Turn, server: usize) {
    let out = turn.state.servers[server].availability == server::State::FailedOver;
    let mut started = false;
    for group in turn.instance.servers[server].services.clone() {
        let slot = turn.state.services[group];
        if slot.state == service::State::Stopped {
            let refused = slot.startup == Startup::Disabled && !(out && turn.read(Reading::StartOnFailedOver) == 1);
            started |= !refused && turn.service(group, service::Event::Start);
        }
    }
    if started && turn.instance.faults.watchdog.as_ref().is_some_and(|fault| fault.at_most.is_some()) {
        turn.state.budgets.watchdog -= 1;
    }
}

/// The SQL principal of a pool fails.
pub fn principal_fails(turn: &mut Turn, pool: usize) {
    turn.state.budgets.principal -= 1;
    let lost = turn.state.pools[pool].database == Database::MirrorAlone;
    turn.state.pools[pool].database = if lost { Database::Lost } else { Database::Down };
}

/// Services that were asked to start do not come up.
pub fn start_hangs(turn: &mut Turn, group: usize) {
    turn.state.budgets.starts -= 1;
    turn.state.services[group].hang = Hang::Ended;
}

/// Somebody publishes a topology in which the members of a pool have changed.
pub fn published(turn: &mut Turn, pool: usize) {
    turn.state.budgets.publications -= 1;
    publish_members(turn, pool);
}

const RESTARTS_ALL: u8 = 0;

/// What a publication of other members does to the members that there are (C8).
pub fn publish_members(turn: &mut Turn, pool: usize) {
    if turn.read(Reading::MemberChange) != RESTARTS_ALL {
        return;
    }
    for server in turn.instance.pools[pool].servers.clone() {
        let judge = Judge::new(turn.instance, &turn.state);
        if !judge.up(server) || !pairs::available(turn.state.servers[server].availability) {
            continue;
        }
        for group in turn.instance.servers[server].services.clone() {
            turn.stop_hard(group);
        }
        for group in turn.instance.servers[server].services.clone() {
            if turn.state.services[group].startup != Startup::Disabled {
                turn.service(group, service::Event::Start);
            }
        }
    }
    if turn.instance.pools[pool].lives {
        turn.pool(pool, crate::lifecycle::pool::Event::Reset);
    }
}
