//! Which pools are pairs (F6.1).
//!
//! Invariant: pairs are one to one and both ways, or the document is refused.
//! Cost: the dependencies of the front-end pools.

use super::document::{Document, Installed};
use super::error::TopologyError;
use super::roles::Roles;
use crate::topology::{Pool, PoolId};

/// Sets [`Pool::paired_with`]. `cluster_of` gives the cluster of each pool; the services of pools that were
/// left out do not count.
pub(super) fn find(
    document: &Document<'_>,
    roles: &[Roles],
    cluster_of: &[usize],
    pools: &mut [Pool],
) -> Result<(), TopologyError> {
    let mut pool_of = vec![None; document.clusters.len()];
    for (pool, cluster) in cluster_of.iter().enumerate() {
        pool_of[*cluster] = Some(pool);
    }
    for pool in 0..pools.len() {
        let services = roles[cluster_of[pool]].services.iter().map(|index| &document.services[*index]);
        let homes = services.filter(|service| matches!(service.role, "Registrar" | "UserServices"));
        let backups = homes
            .flat_map(|service| &service.depends_on)
            .filter(|dependency| dependency.usage.to_ascii_lowercase().contains("backup"));
        for dependency in backups {
            let Some(backup) = dependency.service.map(|index| &document.services[index]) else {
                let at = document.text.tag(dependency.node);
                return Err(TopologyError::UnknownReference { what: "service", at });
            };
            let Installed::Cluster(cluster) = backup.installed_on else { continue };
            let Some(other) = pool_of[cluster].filter(|other| *other != pool) else { continue };
            for (one, its_pair) in [(pool, other), (other, pool)] {
                if pools[one].paired_with.is_some_and(|known| known != PoolId(its_pair)) {
                    let at = document.text.tag(document.clusters[cluster_of[one]].node);
                    return Err(TopologyError::NotAPair { pool: pools[one].fqdn.clone(), at });
                }
                pools[one].paired_with = Some(PoolId(its_pair));
            }
        }
    }
    Ok(())
}
