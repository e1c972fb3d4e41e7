//! The slice (D6): only what a scenario can touch costs states.
//!
//! Services that no step, no query and no fault can tell apart are one group. Pools that nothing names
//! are left out.

pub use crate::scenario::named::{Subject, commands, commands_of, pools, queries, queries_of, subject};

use crate::runbook::{Command, Quantifier, Query, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::{Acts, Operator, Scenario};
use crate::topology::services::Work;
use crate::topology::{ServerId, ServiceSet};

/// Services of a server that the scenario cannot tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The services.
    pub services: ServiceSet,
    /// Whether the fabric node of the server is among them.
    pub fabric: bool,
    /// Whether users are served by one of them: the Front-End service, or the role's own.
    pub registrar: bool,
    /// Whether a conversation can live on one of them.
    pub talks: bool,
}

fn services_named(command: &Command) -> Option<ServiceSet> {
    match command {
        Command::StopServices { services, .. }
        | Command::StartServices { services, .. }
        | Command::PauseServices { services, .. }
        | Command::SetStartup { services, .. } => Some(*services),
        Command::ResetPool { reset: Reset::Service | Reset::Full, .. } => Some(restarted_by_reset()),
        Command::FailOverPool { .. } | Command::FailBackPool { .. } => Some(super::pairs::kept_in_pool_fail_over()),
        _ => None,
    }
}

/// The services that a reset of the pool restarts (F4.11).
pub fn restarted_by_reset() -> ServiceSet {
    ServiceSet::named(&["RTCSRV", "FabricHostSvc"])
}

/// The services that a conversation can live on.
fn talks() -> ServiceSet {
    ServiceSet::holding(Work::Conferences).or(ServiceSet::holding(Work::Calls))
}

/// The sets of services by which a scenario tells services apart.
pub fn distinctions(scenario: &Scenario) -> Vec<ServiceSet> {
    let mut sets: Vec<ServiceSet> = Vec::new();
    for named in commands(scenario).filter_map(services_named) {
        sets.extend([named, named.with_dependencies(), named.with_dependents()]);
    }
    for query in queries(scenario) {
        match query {
            Query::Services { services, quantifier, shown, .. } => {
                sets.push(*services);
                sets.extend(firsts(scenario, *services, 1));
                let sees_the_rest = match quantifier {
                    Quantifier::All => shown.start_pending && !shown.running,
                    Quantifier::Any => shown.running && !shown.start_pending,
                };
                if sees_the_rest {
                    // What users connect to waits for a pool that is down, and the rest comes up (F3.2, F3.21).
                    sets.push(ServiceSet::holding(Work::Registrar).or(talks()));
                }
            }
            Query::BackupSteady { .. } => sets.push(super::pairs::backup_service()),
            _ => {}
        }
    }
    if scenario.initially.iter().any(|it| matches!(it, crate::scenario::Initially::PoolFailedOver(_))) {
        sets.push(super::pairs::kept_in_pool_fail_over());
    }
    let stopped = |it: &crate::scenario::Initially| matches!(it, crate::scenario::Initially::PoolStopped(_));
    let stops = |command: &Command| matches!(command, Command::StopServices { .. });
    if scenario.initially.iter().any(stopped) && commands(scenario).any(stops) {
        // A pool that may be down has lost its quorum only while something on it still runs without its fabric.
        sets.push(ServiceSet::holding(Work::Fabric).with_dependents());
    }
    if scenario.faults.hung_starts > 0 {
        // A start may hang on what users need, on what conversations live on, or on neither.
        sets.extend([ServiceSet::holding(Work::Fabric), ServiceSet::holding(Work::Registrar), talks()]);
    }
    if goes_on_for_ever(scenario) && scenario.properties.contains(&PropertyName::ReturnsToService) {
        // A pool that starts brings up what it needs at once and nothing else, so the rest may never be up as well.
        sets.extend([ServiceSet::holding(Work::Fabric), ServiceSet::holding(Work::Registrar)]);
    }
    let drains = |command: &Command| matches!(command, Command::StopServices { graceful: true, .. });
    if scenario.faults.hung_conferences > 0 && commands(scenario).any(drains) {
        // A conference holds the service that it lives on, and what users and fabric need stops all the same.
        sets.push(talks());
    }
    if let Some(watchdog) = &scenario.faults.watchdog {
        let starts = watchdog.at_most.unwrap_or(1).into();
        let takes_out = |command: &Command| matches!(command, Command::FailOver { no_stop: false, .. });
        if commands(scenario).any(takes_out) {
            // It looks at all of them, once for each of its starts; what a fail-over finds starting stops before the rest.
            sets.extend(firsts(scenario, ServiceSet::ALL, starts));
        }
        for command in commands(scenario) {
            let Command::StopServices { services, .. } = command else { continue };
            // It may come between the stop of one and of the next, and what is stopped later stays so.
            sets.extend(firsts(scenario, *services, starts));
            if !drains(command) {
                sets.extend([ServiceSet::holding(Work::Fabric), ServiceSet::holding(Work::Registrar), talks()]);
            }
        }
    }
    for command in commands(scenario) {
        if let Command::PauseServices { services, .. } = command {
            // Of a server that is starting some can be paused already, and then the cmdlet fails.
            sets.extend(firsts(scenario, *services, 1));
        }
    }
    for command in commands(scenario).filter(|_| somebody_else_acts(scenario)) {
        if let Command::StopServices { services, graceful: false, wait: true, .. } = command {
            // Between the stop of one and of the next somebody may start the first, or the machine of the shell may go.
            sets.extend(firsts(scenario, *services, 1));
        }
    }
    let resets = |command: &Command| matches!(command, Command::ResetPool { reset: Reset::Service | Reset::Full, .. });
    let starts_all = |command: &Command| matches!(command, Command::FailBack { no_start: false, .. });
    if commands(scenario).any(resets) && commands(scenario).any(starts_all) {
        // The pool may go while some of what a fail-back starts is up and the rest is not; giving up, it stops what is up.
        sets.extend(firsts(scenario, ServiceSet::ALL, 1));
    }
    sets.sort_unstable();
    sets.dedup();
    sets
}

/// Whether there is more than one operator who does one thing after the other, or a machine that can go.
fn somebody_else_acts(scenario: &Scenario) -> bool {
    let faults = &scenario.faults;
    scenario.operators.len() > 1 || faults.crash.is_some() || faults.update_policy.is_some()
}

/// Whether somebody can take servers down again and again when every runbook has ended.
fn goes_on_for_ever(scenario: &Scenario) -> bool {
    let scripted = scenario.operators.iter().any(|operator| matches!(operator.acts, Acts::Scripted { .. }));
    let endless = |operator: &Operator| matches!(operator.acts, Acts::Free { at_most: None, .. });
    let reboots = scenario.faults.update_policy.as_ref().is_some_and(|policy| policy.at_most.is_none());
    scripted && (reboots || scenario.operators.iter().any(endless))
}

/// Of services that somebody looks at together, so many of those that can be seen in another state than the rest: each is up,
/// or stops, in its own time (F1.41, F1.48). Which of them are the first makes no difference to anybody.
fn firsts(scenario: &Scenario, seen: ServiceSet, number: usize) -> Vec<ServiceSet> {
    let servers = (0..scenario.deployment.servers.len()).map(ServerId);
    let first = servers.flat_map(|server| {
        let seen = scenario.deployment.services_of(server).and(seen);
        let talking = seen.and(talks());
        let among = if talking.is_empty() { seen } else { talking };
        among.iter().take(number).map(ServiceSet::only).collect::<Vec<_>>()
    });
    first.collect()
}

/// The groups of a server that runs these services, in start order of their first members.
pub fn groups(installed: ServiceSet, distinctions: &[ServiceSet]) -> Vec<Group> {
    let mut sets: Vec<(Vec<bool>, ServiceSet)> = Vec::new();
    for service in installed.iter() {
        let signature: Vec<bool> = distinctions.iter().map(|set| set.contains(service)).collect();
        match sets.iter_mut().find(|(known, _)| *known == signature) {
            Some((_, set)) => *set = set.or(ServiceSet::only(service)),
            None => sets.push((signature, ServiceSet::only(service))),
        }
    }
    let registrar = ServiceSet::holding(Work::Registrar);
    let main = if installed.and(registrar).is_empty() { ServiceSet::holding(Work::Calls) } else { registrar };
    sets.into_iter()
        .map(|(_, services)| Group {
            services,
            fabric: !services.and(ServiceSet::holding(Work::Fabric)).is_empty(),
            registrar: !services.and(main).is_empty(),
            talks: !services.and(talks()).is_empty(),
        })
        .collect()
}
