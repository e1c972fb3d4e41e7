//! Faults, each within its budget.

use super::machines::{self, Why};
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
        let fails = slot.database == Database::Principal && instance.pools[pool].fabric;
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
    turn.state.pools[pool].database = Database::Down;
}
