//! Makes pools and servers of clusters and services.
//!
//! Invariant: pools and servers are in the order of the document, which is the order that voters are
//! counted in (F3.6, C5).
//! Cost: linear in the document, plus a hash table of names.

use super::document::{Cluster, Document, Node, Service, child};
use super::error::TopologyError;
use super::notes::Notes;
use super::roles::{Role, Roles, is_true};
use super::versions::{self, Candidate};
use super::{Note, back_end, next_hop, pairs};
use crate::topology::{BackEnd, Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};
use std::collections::{HashMap, HashSet};

/// The deployment that a document describes, and what there is to say about it.
pub(super) fn assemble(
    document: &Document<'_>,
    wanted: Option<Version>,
) -> Result<(Deployment, Vec<Note>), TopologyError> {
    let roles = Roles::by_cluster(document)?;
    let mut notes = Notes::new(document);
    let mut candidates = Vec::new();
    for cluster in 0..document.clusters.len() {
        candidates.extend(candidate(document, &roles, cluster, &mut notes)?);
    }
    let version = versions::chosen(document, &candidates, wanted)?;
    candidates.retain(|candidate| versions::keep(candidate, version, &mut notes));
    let mut deployment = Deployment { version, pools: Vec::new(), servers: Vec::new() };
    let mut pool_names = HashSet::new();
    let mut server_names = HashSet::new();
    for candidate in &candidates {
        let cluster = &document.clusters[candidate.cluster];
        let pool = pool(document, candidate, &roles[candidate.cluster])?;
        unique(document, &mut pool_names, &pool.fqdn, cluster.node)?;
        supported(document, candidate, &pool, version, &mut notes)?;
        add(document, &mut deployment, pool, cluster, &mut server_names)?;
        order(cluster, &mut notes);
    }
    management_store(document, &roles, &candidates, &mut deployment, &mut notes);
    let cluster_of: Vec<_> = candidates.iter().map(|candidate| candidate.cluster).collect();
    pairs::find(document, &roles, &cluster_of, &mut deployment.pools)?;
    next_hop::find(document, &roles, &cluster_of, &mut deployment.pools, &mut notes);
    shared_back_ends(document, &candidates, &mut notes);
    Ok((deployment, notes.finish()))
}

fn candidate<'d, 'a>(
    document: &'d Document<'a>,
    roles: &[Roles],
    cluster: usize,
    notes: &mut Notes<'_, '_>,
) -> Result<Option<Candidate<'d, 'a>>, TopologyError> {
    let node = &document.clusters[cluster];
    let (role, service) = roles[cluster].classify(document);
    let (kind, back_end) = match role {
        Role::FrontEnd => edition(document, cluster, service, notes),
        Role::Other(kind) => (kind, None),
        Role::Unknown => {
            // The installer runs on the machines of the product only, not on file or SQL Servers.
            if node.node.attribute("RequiresSetup").is_some_and(is_true) {
                let names = roles[cluster].names(document);
                notes.add(node, format!("is left out: poolproof does not know servers with {names}"));
            }
            return Ok(None);
        }
    };
    let Some(service) = service else { return Ok(None) };
    let version = versions::of(document, service)?;
    Ok(Some(Candidate { cluster, kind, back_end, service, version }))
}

/// Enterprise or Standard Edition, and the Back End of the former.
fn edition(
    document: &Document<'_>,
    cluster: usize,
    user_services: Option<&Service<'_>>,
    notes: &mut Notes<'_, '_>,
) -> (PoolKind, Option<BackEnd>) {
    let store = user_services.and_then(|service| Some((service, back_end::user_store(document, service)?)));
    match store {
        Some((_, (store, _))) if back_end::is_local(document, store, cluster) => (PoolKind::StandardEdition, None),
        Some((user_services, (store, user_store))) => {
            (PoolKind::Enterprise, Some(back_end::kind(document, store, user_store, user_services)))
        }
        None => {
            notes.add(
                &document.clusters[cluster],
                "names no UserStore: taken for Enterprise with one SQL Server".into(),
            );
            (PoolKind::Enterprise, Some(BackEnd::Single))
        }
    }
}

fn pool(document: &Document<'_>, candidate: &Candidate<'_, '_>, roles: &Roles) -> Result<Pool, TopologyError> {
    let cluster = &document.clusters[candidate.cluster];
    let fqdn = cluster.fqdn.ok_or_else(|| TopologyError::MissingAttribute {
        attribute: "Fqdn",
        element: "Cluster".into(),
        at: document.text.tag(cluster.node),
    })?;
    let management = roles.find(document, "CentralMgmt");
    Ok(Pool {
        fqdn: fqdn.into(),
        kind: candidate.kind,
        members: Vec::new(),
        back_end: candidate.back_end,
        hosts_management_store: management.and_then(is_active) == Some(true),
        paired_with: None,
        next_hop: None,
    })
}

fn supported(
    document: &Document<'_>,
    candidate: &Candidate<'_, '_>,
    pool: &Pool,
    version: Version,
    notes: &mut Notes<'_, '_>,
) -> Result<(), TopologyError> {
    let cluster = &document.clusters[candidate.cluster];
    let servers = cluster.machines.len();
    if servers == 0 {
        return Err(TopologyError::EmptyPool { pool: pool.fqdn.clone(), at: document.text.tag(cluster.node) });
    }
    if candidate.kind != PoolKind::Enterprise {
        return Ok(());
    }
    if servers > version.largest_pool() {
        let at = document.text.tag(cluster.node);
        return Err(TopologyError::PoolTooLarge { pool: pool.fqdn.clone(), servers, version, at });
    }
    let newer = version >= Version::Sfb2019;
    if newer && servers == 2 {
        notes.add(cluster, format!("has two front ends, which {} does not support (F10.4)", version.name()));
    }
    if newer && matches!(candidate.back_end, Some(BackEnd::Mirrored { .. })) {
        notes.add(cluster, format!("has a mirrored Back End, which {} does not support (F10.5)", version.name()));
    }
    Ok(())
}

/// Adds a pool and its servers.
fn add(
    document: &Document<'_>,
    deployment: &mut Deployment,
    mut pool: Pool,
    cluster: &Cluster<'_>,
    names: &mut HashSet<String>,
) -> Result<(), TopologyError> {
    let id = PoolId(deployment.pools.len());
    for machine in &cluster.machines {
        // The machine of a cluster of one has the name of the cluster.
        let alone = if cluster.machines.len() == 1 { cluster.fqdn } else { None };
        let Some(fqdn) = machine.fqdn.or(alone) else {
            let at = document.text.tag(machine.node);
            return Err(TopologyError::MissingAttribute { attribute: "Fqdn", element: "Machine".into(), at });
        };
        unique(document, names, fqdn, machine.node)?;
        pool.members.push(ServerId(deployment.servers.len()));
        deployment.servers.push(Server {
            fqdn: fqdn.into(),
            pool: id,
            upgrade_domain: machine.upgrade_domain.map(str::to_owned),
        });
    }
    deployment.pools.push(pool);
    Ok(())
}

/// Remembers a name, which no other pool or server may have in any case.
fn unique(
    document: &Document<'_>,
    names: &mut HashSet<String>,
    name: &str,
    node: Node<'_>,
) -> Result<(), TopologyError> {
    if names.insert(name.to_ascii_lowercase()) {
        return Ok(());
    }
    Err(TopologyError::DuplicateName { name: name.into(), at: document.text.tag(node) })
}

/// Says so if the machines are numbered in another order than they stand in.
fn order(cluster: &Cluster<'_>, notes: &mut Notes<'_, '_>) {
    let ordinals: Vec<_> = cluster.machines.iter().filter_map(|machine| machine.ordinal).collect();
    if !ordinals.is_sorted() {
        notes.add(
            cluster,
            "numbers its machines in another order than they stand in; the order they stand in counts (C5)".into(),
        );
    }
}

/// If no pool says that it hosts the active management store, the only one that may is taken.
fn management_store(
    document: &Document<'_>,
    roles: &[Roles],
    candidates: &[Candidate<'_, '_>],
    deployment: &mut Deployment,
    notes: &mut Notes<'_, '_>,
) {
    let open = |roles: &Roles| roles.find(document, "CentralMgmt").is_some_and(|service| is_active(service).is_none());
    if deployment.pools.iter().any(|pool| pool.hosts_management_store)
        || roles.iter().filter(|roles| open(roles)).count() != 1
    {
        return;
    }
    if let Some(host) = candidates.iter().position(|candidate| open(&roles[candidate.cluster])) {
        deployment.pools[host].hosts_management_store = true;
        let cluster = &document.clusters[candidates[host].cluster];
        notes.add(cluster, "is taken for the host of the Central Management Store, since no other pool has one".into());
    }
}

/// Whether a Central Management service is the active one, if it says so.
fn is_active(service: &Service<'_>) -> Option<bool> {
    child(service.node, "CentralMgmtService")?.attribute("IsActive").map(is_true)
}

/// One SQL Back End must not serve two front-end pools (F9.10).
fn shared_back_ends(document: &Document<'_>, candidates: &[Candidate<'_, '_>], notes: &mut Notes<'_, '_>) {
    let mut seen = HashMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.kind == PoolKind::Enterprise) {
        let Some((store, _)) = back_end::user_store(document, candidate.service) else { continue };
        if seen.insert(store.node.id(), candidate.cluster).is_some() {
            let cluster = &document.clusters[candidate.cluster];
            notes.add(cluster, "shares its Back End with another pool, which is not supported (F9.10)".into());
        }
    }
}
