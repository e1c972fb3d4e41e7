//! `[deployment]`: pools and servers as a scenario writes them, or as a topology document has them.

use super::file::{DeploymentTable, Members, PoolTable, UpgradeDomains, VersionName};
use super::located::Located;
use super::nearest::{list, nearest};
use super::problem::Problem;
use super::read::Reader;
use crate::runbook::Source;
use crate::runbook::excerpt::printable;
use crate::topology::{self, BackEnd, Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};
use miette::Diagnostic;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The deployment; `None` if it is wrong, so that nobody looks up names in it.
pub(super) fn resolve(reader: &mut Reader<'_>, table: &Located<DeploymentTable>) -> Option<Deployment> {
    let pools = &table.value.pool;
    match (&table.value.topology, pools.first()) {
        (Some(topology), None) => from_document(reader, topology, table.value.version.as_ref()),
        (None, Some(_)) => from_pools(reader, pools, table.value.version.as_ref()),
        (Some(topology), Some(pool)) => {
            let message = "the deployment has a topology document and pools of its own";
            let problem = reader.mistake("two-deployments", &topology.span, message, "expected one of the two");
            reader.report(problem.also(reader.place(&reader.header(&pool.span)), "pools of its own"));
            None
        }
        (None, None) => {
            let message = "the deployment has no pool";
            let span = reader.header(&table.span);
            let problem = reader.mistake("no-pool", &span, message, "expected pools or a topology document");
            reader
                .report(problem.help("add [[deployment.pool]] with `name` and `front-ends`, or `topology = \"...\"`"));
            None
        }
    }
}

fn from_document(
    reader: &mut Reader<'_>,
    path: &Located<String>,
    version: Option<&Located<VersionName>>,
) -> Option<Deployment> {
    let bytes = reader.file_named(&path.value, &path.span)?;
    let file = reader.loader.name(&path.value);
    let document = match topology::read_document(&bytes, version.map(|version| version.value.into())) {
        Ok(document) => document,
        Err(error) => {
            let problem = not_read(reader, path, file, &bytes, &error);
            reader.report(problem);
            return None;
        }
    };
    for note in &document.notes {
        // The place stays in the scenario: a document may be too long to be shown with a verdict.
        let place = format!("{file}, {}", note.at);
        reader.remark(&path.span, note.message.clone(), place);
    }
    let mut sound = true;
    for pool in &document.deployment.pools {
        sound &= fits(reader, pool, document.deployment.version, &path.span, &path.span, true);
    }
    sound.then_some(document.deployment)
}

/// The mistake in a topology document, at its place there if it is text at all.
fn not_read(
    reader: &Reader<'_>,
    path: &Located<String>,
    file: String,
    bytes: &[u8],
    error: &topology::TopologyError,
) -> Problem {
    let label = error.labels().and_then(|mut labels| labels.next()?.label().map(str::to_owned));
    let label = label.unwrap_or_else(|| "here".to_owned());
    let help = error.help().map_or_else(
        || "expected a .tbxml of Topology Builder, or what `Get-CsTopology -AsXml` gives".to_owned(),
        |help| help.to_string(),
    );
    let in_bytes = matches!(error, topology::TopologyError::NotText { .. } | topology::TopologyError::Archive { .. });
    let problem = match topology::decode(bytes) {
        Ok(text) if !in_bytes => {
            let source = Arc::new(Source::new(file, printable(&text)));
            let at = error.at();
            let place = super::problem::place(&source, at.offset..at.offset + at.length);
            Problem::new("topology", place, printable(&error.to_string()), label)
        }
        _ => reader.mistake("topology", &path.span, format!("cannot use {file}: {error}"), label),
    };
    problem.help(help)
}

fn from_pools(
    reader: &mut Reader<'_>,
    tables: &[Located<PoolTable>],
    version: Option<&Located<VersionName>>,
) -> Option<Deployment> {
    let version = version.map_or(Version::Sfb2019, |version| version.value.into());
    let mut builder = Builder {
        deployment: Deployment { version, pools: vec![], servers: vec![] },
        names: HashMap::new(),
        sound: true,
    };
    for table in tables {
        builder.pool(reader, &table.value, &reader.header(&table.span));
    }
    for (index, table) in tables.iter().enumerate() {
        if builder.sound {
            builder.pair(reader, PoolId(index), &table.value);
            builder.next_hop(reader, PoolId(index), &table.value);
        }
    }
    builder.one_management_store(reader, tables);
    builder.sound.then_some(builder.deployment)
}

/// What a made-up name begins with.
fn prefix(kind: PoolKind) -> &'static str {
    match kind {
        PoolKind::Enterprise => "fe",
        PoolKind::StandardEdition => "se",
        PoolKind::Mediation => "med",
        PoolKind::Edge => "edge",
        PoolKind::Director => "dir",
    }
}

struct Builder {
    deployment: Deployment,
    /// Names that are taken, in lower case: by a pool (true) or a server (false), and where.
    names: HashMap<(bool, String), Range<usize>>,
    sound: bool,
}

impl Builder {
    fn pool(&mut self, reader: &mut Reader<'_>, table: &PoolTable, header: &Range<usize>) {
        let kind: PoolKind = table.kind.as_ref().map_or(PoolKind::Enterprise, |kind| kind.value.into());
        self.take(reader, true, &table.name.value, &table.name.span);
        let Some(names) = self.members(reader, table, kind, header) else {
            self.sound = false;
            return;
        };
        for name in &names {
            self.take(reader, false, &name.value, &name.span);
        }
        let enterprise = kind == PoolKind::Enterprise;
        let back_end = self.back_end(reader, table, kind);
        if let Some(domains) = table.upgrade_domains.as_ref().filter(|_| !enterprise) {
            let message = format!("a pool of kind `{}` has no upgrade domains", kind.name());
            self.refuse(reader, "not-enterprise", &domains.span, message, "only Enterprise pools have them");
        }
        if let Some(hosts) = &table.hosts_management_store
            && hosts.value
            && !matches!(kind, PoolKind::Enterprise | PoolKind::StandardEdition)
        {
            let message = format!("a pool of kind `{}` cannot host the Central Management Store", kind.name());
            self.refuse(reader, "not-enterprise", &hosts.span, message, "only front ends can (F1.10, F1.11)");
        }
        let id = PoolId(self.deployment.pools.len());
        let first = self.deployment.servers.len();
        let domains = if enterprise { self.domains(reader, table, &names) } else { vec![None; names.len()] };
        for (name, upgrade_domain) in names.iter().zip(domains) {
            self.deployment.servers.push(Server { fqdn: name.value.clone(), pool: id, upgrade_domain });
        }
        let pool = Pool {
            fqdn: table.name.value.clone(),
            kind,
            members: (first..self.deployment.servers.len()).map(ServerId).collect(),
            back_end,
            hosts_management_store: table.hosts_management_store.as_ref().is_some_and(|hosts| hosts.value),
            paired_with: None,
            next_hop: None,
        };
        let at = table.front_ends.as_ref().map_or(header, |members| &members.span);
        let back_end_at = table.back_end.as_ref().map_or(header, |back_end| &back_end.span);
        self.sound &= fits(reader, &pool, self.deployment.version, at, back_end_at, false);
        self.deployment.pools.push(pool);
    }

    /// The names of the servers, made up if only their number is given.
    fn members(
        &self,
        reader: &mut Reader<'_>,
        table: &PoolTable,
        kind: PoolKind,
        header: &Range<usize>,
    ) -> Option<Vec<Located<String>>> {
        let (key, right, wrong) = match kind {
            PoolKind::Enterprise => ("front-ends", &table.front_ends, &table.servers),
            _ => ("servers", &table.servers, &table.front_ends),
        };
        if let Some(wrong) = wrong {
            let message = format!("the servers of a pool of kind `{}` are given by `{key}`", kind.name());
            let problem = reader.mistake("members", &wrong.span, message, format!("expected the key `{key}`"));
            let help = match kind {
                PoolKind::Enterprise => "write `front-ends`, or give the pool another `kind`",
                _ => "write `servers`, or leave `kind` out for an Enterprise pool",
            };
            reader.report(problem.help(help));
            return None;
        }
        let Some(members) = right else {
            if kind == PoolKind::StandardEdition {
                return Some(vec![table.name.clone()]);
            }
            let message = format!("the pool `{}` has no servers", table.name.value);
            let problem = reader.mistake("members", header, message, format!("`{key}` is missing"));
            reader.report(problem.help(format!("add `{key} = 4`, or their names: `{key} = [\"...\", \"...\"]`")));
            return None;
        };
        let names = match &members.value {
            Members::Names(names) => names.clone(),
            Members::Count(count) => {
                // Numbers go on from pool to pool, past names (and short names) that are taken.
                let name = |number: usize| format!("{}{number}", prefix(kind));
                let label = |name: &str| name.split('.').next().unwrap_or("").to_owned();
                let taken: HashSet<String> =
                    self.names.keys().filter(|(pool, _)| !pool).map(|(_, name)| label(name)).collect();
                let free = |name: &String| !taken.contains(name);
                let names = (1..).map(name).filter(free).take(usize::from(*count));
                names.map(|value| Located { value, span: members.span.clone() }).collect()
            }
        };
        if kind == PoolKind::StandardEdition && names.len() != 1 {
            let message = format!("the Standard Edition pool `{}` has {} servers", table.name.value, names.len());
            reader.report(reader.mistake("pool-size", &members.span, message, "expected one"));
            return None;
        }
        Some(names)
    }

    fn back_end(&mut self, reader: &mut Reader<'_>, table: &PoolTable, kind: PoolKind) -> Option<BackEnd> {
        match (&table.back_end, kind) {
            (None, PoolKind::Enterprise) => Some(BackEnd::Single),
            (Some(back_end), PoolKind::Enterprise) => Some(back_end.value.into()),
            (None, _) => None,
            (Some(back_end), _) => {
                let message = format!("a pool of kind `{}` has no SQL Back End of its own", kind.name());
                self.refuse(reader, "not-enterprise", &back_end.span, message, "only Enterprise pools have one");
                None
            }
        }
    }

    /// The upgrade domain of each server; named as a topology document names them (F4.22).
    fn domains(
        &mut self,
        reader: &mut Reader<'_>,
        table: &PoolTable,
        names: &[Located<String>],
    ) -> Vec<Option<String>> {
        let name = |number: usize| Some(format!("UpgradeDomain{}", number + 1));
        let Some(domains) = &table.upgrade_domains else { return (0..names.len()).map(name).collect() };
        let lists = match &domains.value {
            UpgradeDomains::Count(count) => {
                let count = usize::from(*count);
                if count > names.len() {
                    let message = format!("{count} upgrade domains for {} front ends", names.len());
                    self.refuse(reader, "upgrade-domains", &domains.span, message, "a domain would be empty");
                }
                return (0..names.len()).map(|index| name(index % count.max(1))).collect();
            }
            UpgradeDomains::Lists(lists) => lists,
        };
        let mut of = vec![None; names.len()];
        for (number, server) in
            lists.iter().enumerate().flat_map(|(number, list)| list.iter().map(move |s| (number, s)))
        {
            let Some(index) = names.iter().position(|name| name.value.eq_ignore_ascii_case(&server.value)) else {
                let known: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                let message = format!("`{}` is not a front end of `{}`", server.value, table.name.value);
                let help = match nearest(&server.value, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its front ends are {}", list(&known)),
                };
                let problem = reader.mistake("unknown-server", &server.span, message, "not in this pool");
                reader.report(problem.help(help));
                self.sound = false;
                continue;
            };
            if of[index].is_some() {
                let message = format!("`{}` is in two upgrade domains", server.value);
                self.refuse(reader, "twice", &server.span, message, "expected each front end once");
            }
            of[index] = name(number);
        }
        let without: Vec<&str> =
            names.iter().zip(&of).filter(|(_, domain)| domain.is_none()).map(|(name, _)| name.value.as_str()).collect();
        if !without.is_empty() {
            let message = format!("{} in no upgrade domain", list(&without));
            self.refuse(reader, "upgrade-domains", &domains.span, message, "expected every front end of the pool");
        }
        of
    }

    fn pair(&mut self, reader: &mut Reader<'_>, id: PoolId, table: &PoolTable) {
        let Some(name) = &table.paired_with else { return };
        let Some(other) = reader.pool(&self.deployment, name) else {
            self.sound = false;
            return;
        };
        let pools = &mut self.deployment.pools;
        let user_pool = |id: PoolId| matches!(pools[id.0].kind, PoolKind::Enterprise | PoolKind::StandardEdition);
        let taken = [(id, other), (other, id)]
            .into_iter()
            .find_map(|(pool, partner)| pools[pool.0].paired_with.filter(|p| *p != partner).map(|p| (pool, p)));
        if other == id {
            self.refuse(reader, "pairing", &name.span, "a pool cannot be paired with itself", "expected another pool");
        } else if !user_pool(id) || !user_pool(other) {
            let message = "only pools that hold users can be paired";
            self.refuse(reader, "pairing", &name.span, message, "expected Enterprise or Standard Edition pools");
        } else if let Some((pool, partner)) = taken {
            let message = format!("`{}` is paired with `{}` already", pools[pool.0].fqdn, pools[partner.0].fqdn);
            self.refuse(reader, "pairing", &name.span, message, "a pair has two pools (F6.1)");
        } else {
            pools[id.0].paired_with = Some(other);
            pools[other.0].paired_with = Some(id);
            if pools[id.0].kind != pools[other.0].kind {
                let message = "an Enterprise pool is paired with a Standard Edition pool";
                reader.remark(&name.span, message, "pair like with like; the tools do not stop you (F6.1)");
            }
        }
    }

    fn next_hop(&mut self, reader: &mut Reader<'_>, id: PoolId, table: &PoolTable) {
        let Some(name) = &table.next_hop else { return };
        let Some(hop) = reader.pool(&self.deployment, name) else {
            self.sound = false;
            return;
        };
        let kind = |id: PoolId| self.deployment.pools[id.0].kind;
        if kind(id) != PoolKind::Edge {
            let message = format!("a pool of kind `{}` has no next hop", kind(id).name());
            self.refuse(reader, "next-hop", &name.span, message, "only Edge pools have one (F6.4)");
        } else if matches!(kind(hop), PoolKind::Edge | PoolKind::Mediation) {
            let message = format!("a pool of kind `{}` cannot be a next hop", kind(hop).name());
            self.refuse(reader, "next-hop", &name.span, message, "expected a pool of front ends or of Directors");
        } else {
            self.deployment.pools[id.0].next_hop = Some(hop);
        }
    }

    fn one_management_store(&mut self, reader: &mut Reader<'_>, tables: &[Located<PoolTable>]) {
        let hosts: Vec<_> =
            tables.iter().filter_map(|table| table.value.hosts_management_store.as_ref()).filter(|h| h.value).collect();
        if let [first, second, ..] = hosts.as_slice() {
            let message = "two pools host the Central Management Store";
            let problem = reader.mistake("twice", &second.span, message, "expected at most one");
            reader.report(problem.also(reader.place(&first.span), "first here"));
            self.sound = false;
        }
    }

    /// Takes a name for a pool or a server.
    fn take(&mut self, reader: &mut Reader<'_>, pool: bool, name: &str, span: &Range<usize>) {
        let what = if pool { "pool" } else { "server" };
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(allowed) {
            let message = format!("`{}` is not the name of a {what}", name.escape_debug());
            let label = "expected letters, digits, `-`, `_` and `.`";
            self.refuse(reader, "name", span, message, label);
            return;
        }
        if let Some(first) = self.names.insert((pool, name.to_ascii_lowercase()), span.clone()) {
            let message = format!("there are two {what}s `{name}`");
            let problem = reader.mistake("twice", span, message, "expected another name");
            reader.report(problem.also(reader.place(&first), "first here"));
            self.sound = false;
        }
    }

    fn refuse(
        &mut self,
        reader: &mut Reader<'_>,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        reader.report(reader.mistake(code, span, message, label));
        self.sound = false;
    }
}

/// Whether a version of the product can have such a pool. What a scenario makes up is refused; what stands
/// in a topology document exists somewhere and is remarked on, unless no table speaks of its size.
fn fits(
    reader: &mut Reader<'_>,
    pool: &Pool,
    version: Version,
    members_at: &Range<usize>,
    back_end_at: &Range<usize>,
    exists: bool,
) -> bool {
    if pool.kind != PoolKind::Enterprise {
        return true;
    }
    let size = pool.members.len();
    let newer = matches!(version, Version::Sfb2019 | Version::SubscriptionEdition);
    let name = version.name();
    if size > version.largest_pool() {
        let message = format!("the pool `{}` has {size} front ends", pool.fqdn);
        let label = format!("version {name} allows at most {} (F10.1)", version.largest_pool());
        let problem = reader.mistake("pool-size", members_at, message, label);
        let other = if size <= Version::Sfb2019.largest_pool() { "version 2019 allows 16" } else { "use two pools" };
        reader.report(problem.help(other));
        return false;
    }
    let mut sound = true;
    if size == 2 {
        let message = format!("the pool `{}` has two front ends", pool.fqdn);
        if newer && !exists {
            let label = format!("version {name} does not support a pool of two (F3.26, F10.4)");
            let problem = reader.mistake("pool-size", members_at, message, label);
            reader.report(problem.help("expected three or more front ends, or version 2015"));
            sound = false;
        } else if newer {
            reader.remark(members_at, message, format!("version {name} does not support a pool of two (F3.26, F10.4)"));
        } else {
            reader.remark(members_at, message, "not recommended; use a pair of Standard Edition servers (F3.26)");
        }
    }
    if newer && matches!(pool.back_end, Some(BackEnd::Mirrored { .. })) {
        let message = format!("the Back End of `{}` is mirrored", pool.fqdn);
        let label = format!("version {name} has no SQL mirroring (F9.3, F10.5)");
        if exists {
            reader.remark(back_end_at, message, label);
        } else {
            let problem = reader.mistake("back-end", back_end_at, message, label);
            reader.report(problem.help("write \"always-on\", or use version 2015"));
            sound = false;
        }
    }
    sound
}
