//! The dialect of Topology Builder (`.tbxml`): identities are GUIDs, clusters stand below their sites.
//!
//! Invariant: as [`super::document`].
//! Cost: one pass over the tree, one hash table for each kind of identity.

use super::document::{
    Cluster, Dependency, Document, Installed, Node, Service, Store, attribute, child, children, file, fqdn, machines,
    required,
};
use super::error::TopologyError;
use super::place::Text;
use std::collections::HashMap;

/// Reads the clusters and services below `TopologyBuilder` or `PartialTopology`.
///
/// A builder file may hold the topology as it was and as it was edited; the edited one counts.
pub(super) fn read<'a>(root: Node<'a>, text: Text<'a>) -> Result<Document<'a>, TopologyError> {
    let topology = match root.tag_name().name() {
        "PartialTopology" => root,
        _ => required(required(root, "NewTopology", text)?, "PartialTopology", text)?,
    };
    let mut clusters = Vec::new();
    let mut stores = Vec::new();
    let mut places = HashMap::new();
    for node in sites(required(topology, "CentralSites", text)?).flat_map(clusters_of) {
        let cluster = clusters.len();
        file(&mut places, guid(attribute(node, "UniqueId", text)?), Installed::Cluster(cluster), node, text)?;
        let machines = child(node, "Machines").map(machines).unwrap_or_default();
        clusters.push(Cluster { fqdn: fqdn(node), machines, node });
        for node in child(node, "SqlInstances").into_iter().flat_map(|list| children(list, "SqlInstance")) {
            file(&mut places, guid(attribute(node, "UniqueId", text)?), Installed::Store(stores.len()), node, text)?;
            stores.push(Store { cluster, node });
        }
    }
    let nodes: Vec<_> = children(required(topology, "Services", text)?, "Service").collect();
    let mut service_of = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        file(&mut service_of, guid(attribute(*node, "UniqueId", text)?), index, *node, text)?;
    }
    let mut services = Vec::new();
    for node in nodes {
        let place = node.attribute("InstalledOn").and_then(|place| places.get(&guid(place)));
        let list = child(node, "DependsOn").into_iter().flat_map(|list| children(list, "Dependency"));
        services.push(Service {
            role: attribute(node, "RoleName", text)?,
            installed_on: place.copied().unwrap_or(Installed::Nowhere),
            depends_on: list
                .map(|node| Dependency {
                    usage: node.attribute("Usage").unwrap_or("Default"),
                    node,
                    service: node.attribute("ServiceUniqueId").and_then(|id| service_of.get(&guid(id)).copied()),
                })
                .collect(),
            node,
        });
    }
    Ok(Document { text, clusters, stores, services })
}

/// The central sites, each with the remote sites below it: branch servers stand there.
fn sites(parent: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    children(parent, "CentralSite").flat_map(|central| {
        let remote = child(central, "RemoteSites").into_iter().flat_map(|list| children(list, "RemoteSite"));
        std::iter::once(central).chain(remote)
    })
}

fn clusters_of(site: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    child(site, "Clusters").into_iter().flat_map(|list| children(list, "Cluster"))
}

/// A GUID as it compares: in any case, with or without braces.
fn guid(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_ascii_lowercase()
}
