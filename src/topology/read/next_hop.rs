//! Where an Edge pool sends what comes from outside (F6.4).
//!
//! Invariant: a next hop is a pool of this deployment whose Registrar the Edge service names as what it needs.
//! Cost: the dependencies of the Edge pools.

use super::document::{Document, Installed};
use super::notes::Notes;
use super::roles::Roles;
use crate::topology::{Pool, PoolId, PoolKind};

/// Sets [`Pool::next_hop`]. `cluster_of` gives the cluster of each pool.
pub(super) fn find(
    document: &Document<'_>,
    roles: &[Roles],
    cluster_of: &[usize],
    pools: &mut [Pool],
    notes: &mut Notes<'_, '_>,
) {
    for pool in (0..pools.len()).filter(|pool| pools[*pool].kind == PoolKind::Edge).collect::<Vec<_>>() {
        let needed = roles[cluster_of[pool]].find(document, "EdgeServer").into_iter().flat_map(|it| &it.depends_on);
        let mut registrars = needed
            .filter_map(|dependency| dependency.service)
            .map(|index| &document.services[index])
            .filter(|service| service.role == "Registrar");
        let hop = registrars.find_map(|service| match service.installed_on {
            Installed::Cluster(cluster) => cluster_of.iter().position(|other| *other == cluster),
            _ => None,
        });
        pools[pool].next_hop = hop.map(PoolId);
        if hop.is_none() {
            let consequence = "names no next hop: no pool is refused a fail-over on its account";
            notes.add(&document.clusters[cluster_of[pool]], consequence.into());
        }
    }
}
