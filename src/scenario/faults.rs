//! `[faults]`: budgets, and the servers that they concern.

use super::file::{CountOr, CrashTable, FaultsTable, OnServersTable, ReturnsName};
use super::located::Located;
use super::read::Reader;
use super::{Crash, Faults, OnServers, Returns};
use crate::topology::{Deployment, ServerId};

/// A budget of zero is no fault at all, so that a fault can be switched off by a digit.
pub(super) fn resolve(reader: &mut Reader<'_>, table: &FaultsTable, deployment: &Deployment) -> Faults {
    let budget = |value: &Option<Located<u8>>| value.as_ref().map_or(0, |value| value.value);
    Faults {
        crash: table.crash.as_ref().and_then(|crash| resolve_crash(reader, &crash.value, deployment)),
        hung_conferences: budget(&table.hung_conference),
        update_policy: table.update_policy_reboot.as_ref().and_then(|on| on_servers(reader, &on.value, deployment)),
        watchdog: table.watchdog.as_ref().and_then(|on| on_servers(reader, &on.value, deployment)),
        failing_cmdlets: budget(&table.failing_cmdlet),
        hung_starts: budget(&table.hung_start),
        publications: budget(&table.topology_published),
        sql_principal_failures: resolve_sql(reader, table, deployment),
    }
}

fn resolve_crash(reader: &mut Reader<'_>, crash: &CountOr<CrashTable>, deployment: &Deployment) -> Option<Crash> {
    let (at_most, servers, returns) = match crash {
        CountOr::Count(at_most) => (*at_most, all(deployment), Returns::Either),
        CountOr::Table(table) => (
            table.at_most.value,
            servers(reader, &table.servers, deployment),
            match table.returns {
                Some(ReturnsName::Yes) => Returns::Yes,
                Some(ReturnsName::No) => Returns::No,
                Some(ReturnsName::Either) | None => Returns::Either,
            },
        ),
    };
    (at_most > 0).then_some(Crash { at_most, servers, returns })
}

fn on_servers(reader: &mut Reader<'_>, fault: &CountOr<OnServersTable>, deployment: &Deployment) -> Option<OnServers> {
    let (at_most, servers) = match fault {
        CountOr::Count(at_most) => (Some(*at_most), all(deployment)),
        CountOr::Table(table) => {
            (table.at_most.as_ref().map(|at_most| at_most.value), servers(reader, &table.servers, deployment))
        }
    };
    (at_most != Some(0)).then_some(OnServers { at_most, servers })
}

/// The servers that a fault names; all if it names none.
fn servers(
    reader: &mut Reader<'_>,
    named: &Option<Located<Vec<Located<String>>>>,
    deployment: &Deployment,
) -> Vec<ServerId> {
    match named {
        None => all(deployment),
        Some(names) if names.value.is_empty() => {
            let message = "a fault that strikes no server";
            let problem = reader.mistake("no-server", &names.span, message, "expected at least one server");
            reader.report(problem.help("leave `servers` out to mean all of them, or write `at-most = 0` for none"));
            Vec::new()
        }
        Some(names) => reader.servers(deployment, &names.value),
    }
}

fn all(deployment: &Deployment) -> Vec<ServerId> {
    (0..deployment.servers.len()).map(ServerId).collect()
}

fn resolve_sql(reader: &mut Reader<'_>, table: &FaultsTable, deployment: &Deployment) -> u8 {
    let Some(failures) = &table.sql_principal_failure else { return 0 };
    if failures.value > 0 && deployment.pools.iter().all(|pool| pool.back_end.is_none()) {
        let message = "no pool of the deployment has a SQL Back End that could fail";
        let label = "only Enterprise pools have a Back End of their own";
        reader.report(reader.mistake("no-back-end", &failures.span, message, label));
    }
    failures.value
}
