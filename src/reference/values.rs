//! The values of an instance: what is deployed, how it begins, what may go wrong.

use super::Explored;
use super::program;
use super::tla::{boolean, function, record, sequence, set, string};
use crate::model::instance::{Instance, PoolInfo};
use crate::scenario::readings::Reading;
use crate::scenario::{Initially, OnServers, Returns};
use crate::topology::{BackEnd, PoolId, ServerId};

const NONE: &str = "None";

/// How servers, pools, groups and shells are called.
pub struct Names<'a>(pub &'a Instance);

impl Names<'_> {
    /// A server.
    pub fn server(&self, id: ServerId) -> String {
        string(self.0.deployment.short_name(id))
    }

    /// A pool.
    pub fn pool(&self, id: PoolId) -> String {
        string(&self.0.deployment.pools[id.0].fqdn)
    }

    /// A group of services: its server and its first service.
    pub fn group(&self, server: usize, group: usize) -> String {
        let first = self.0.groups[group].services.iter().next().map_or("", |service| service.describe().name);
        string(&format!("{}/{first}", self.0.deployment.short_name(self.0.servers[server].id)))
    }

    /// A shell.
    pub fn shell(&self, shell: usize) -> String {
        string(&self.0.shells[shell].name)
    }

    fn pool_at(&self, pool: Option<usize>) -> String {
        pool.map_or(NONE.to_owned(), |pool| self.pool(self.0.pools[pool].id))
    }

    fn pools_where(&self, which: impl Fn(&PoolInfo) -> bool) -> String {
        set(self.0.pools.iter().filter(|pool| which(pool)).map(|pool| self.pool(pool.id)))
    }

    fn of_pools(&self, value: impl Fn(&PoolInfo) -> String) -> String {
        function(self.0.pools.iter().map(|pool| (self.pool(pool.id), value(pool))))
    }
}

/// The values, in the order in which the reference names them.
pub fn all(instance: &Instance, explored: &Explored) -> Vec<(&'static str, String)> {
    let names = Names(instance);
    let servers = || instance.servers.iter().enumerate();
    let groups = || servers().flat_map(|(server, info)| info.services.clone().map(move |group| (server, group)));
    let hop = |hop: Option<u8>| match hop.map(usize::from) {
        Some(hop) if hop < instance.deployment.pools.len() => names.pool(PoolId(hop)),
        _ => NONE.to_owned(),
    };
    vec![
        ("Version", string(instance.deployment.version.name())),
        ("PoolOrder", sequence(instance.pools.iter().map(|pool| names.pool(pool.id)))),
        ("Enterprise", names.pools_where(|pool| pool.fabric)),
        ("WholePools", names.pools_where(|pool| pool.lives)),
        (
            "Members",
            names.of_pools(|pool| sequence(pool.servers.iter().map(|at| names.server(instance.servers[*at].id)))),
        ),
        ("Domain", function(servers().map(|(_, info)| (names.server(info.id), info.domain.to_string())))),
        ("BackEnd", names.of_pools(|pool| string(back_end(pool.back_end)))),
        ("Partner", names.of_pools(|pool| names.pool_at(pool.partner))),
        ("AtLeast", names.of_pools(|pool| pool.at_least.to_string())),
        ("NotMeantUp", names.pools_where(|pool| pool.stopped_initially)),
        (
            "GroupsOf",
            function(servers().map(|(server, info)| {
                (names.server(info.id), sequence(info.services.clone().map(|group| names.group(server, group))))
            })),
        ),
        (
            "Holds",
            function(groups().map(|(server, group)| {
                (names.group(server, group), program::services(instance.groups[group].services))
            })),
        ),
        ("StoreHome", names.pool_at(instance.store[0])),
        ("StoreOther", names.pool_at(instance.store[1])),
        ("FixedNextHops", set(instance.fixed_next_hops.iter().map(|pool| names.pool(*pool)))),
        (
            "FirstNextHop",
            function(
                instance.pools.iter().zip(&instance.next_hops).map(|(pool, next)| (names.pool(pool.id), hop(*next))),
            ),
        ),
        ("ShellOrder", sequence((0..instance.shells.len()).map(|shell| names.shell(shell)))),
        (
            "Program",
            function((0..instance.shells.len()).map(|shell| (names.shell(shell), program::program(&names, shell)))),
        ),
        ("Locks", set(instance.locks.iter().map(|lock| string(lock)))),
        ("Initially", sequence(instance.initially.iter().map(|initially| deviation(&names, initially)))),
        ("Faults", faults(&names)),
        ("Budget", budget(instance)),
        ("Readings", readings(instance, explored)),
        ("Remembers", remembers(instance)),
    ]
}

fn back_end(back_end: BackEnd) -> &'static str {
    match back_end {
        BackEnd::Single => "single",
        BackEnd::Mirrored { witness: false } => "mirrored",
        BackEnd::Mirrored { witness: true } => "mirrored with witness",
        BackEnd::AlwaysOn => "always on",
    }
}

fn deviation(names: &Names, initially: &Initially) -> String {
    let about = |is: &str, field, value| record(&[("is", string(is)), (field, value)]);
    match *initially {
        Initially::PoolStopped(pool) => about("pool stopped", "pool", names.pool(pool)),
        Initially::PoolFailedOver(pool) => about("pool failed over", "pool", names.pool(pool)),
        Initially::OnMirror(pool) => about("on mirror", "pool", names.pool(pool)),
        Initially::FailedOver(server) => about("failed over", "server", names.server(server)),
        Initially::Stopped(server) => about("stopped", "server", names.server(server)),
        Initially::Lost(server) => about("lost", "server", names.server(server)),
    }
}

fn faults(names: &Names) -> String {
    let faults = &names.0.faults;
    let servers = |servers: &[ServerId]| {
        set(servers.iter().filter(|server| names.0.index_of[server.0].is_some()).map(|server| names.server(*server)))
    };
    let crash = faults.crash.as_ref();
    let to = crash.map_or(&[][..], |crash| match crash.returns {
        Returns::Yes => &["Crashed"][..],
        Returns::No => &["Lost"],
        Returns::Either => &["Crashed", "Lost"],
    });
    let on = |fault: &Option<OnServers>| {
        record(&[
            ("servers", servers(fault.as_ref().map_or(&[], |fault| &fault.servers))),
            ("bounded", boolean(fault.as_ref().is_none_or(|fault| fault.at_most.is_some()))),
        ])
    };
    let crash = record(&[
        ("servers", servers(crash.map_or(&[], |crash| &crash.servers))),
        ("bounded", boolean(true)),
        ("to", set(to.iter().map(|to| string(to)))),
    ]);
    record(&[("crash", crash), ("policy", on(&faults.update_policy)), ("watchdog", on(&faults.watchdog))])
}

fn budget(instance: &Instance) -> String {
    let budgets = &instance.budgets;
    let fields = [
        ("crash", budgets.crashes),
        ("hangs", budgets.hangs),
        ("policy", budgets.policy),
        ("watchdog", budgets.watchdog),
        ("failing", budgets.failing),
        ("principal", budgets.principal),
        ("starts", budgets.starts),
        ("publications", budgets.publications),
    ];
    function(fields.map(|(name, left)| (string(name), left.to_string())))
}

/// A reading that is not explored has the value that the scenario fixes, or else its first one.
fn readings(instance: &Instance, explored: &Explored) -> String {
    function(Reading::ALL.iter().map(|reading| {
        let one = vec![instance.fixed(*reading).unwrap_or(0)];
        let values = explored.get(reading).unwrap_or(&one);
        (string(reading.describe().name), set(values.iter().map(|value| string(reading.value_name(*value)))))
    }))
}

fn remembers(instance: &Instance) -> String {
    let remembered = [("settled", instance.gates), ("home", instance.pools_fail_over)];
    set(remembered.iter().filter(|(_, so)| *so).map(|(name, _)| string(name)))
}
