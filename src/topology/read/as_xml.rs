//! The dialect of `Get-CsTopology -AsXml`: identities are a site and a number.
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

type ClusterKey<'a> = (&'a str, &'a str);
type ServiceKey<'a> = (&'a str, &'a str, &'a str);

/// Reads the clusters and services below `Topology`.
pub(super) fn read<'a>(root: Node<'a>, text: Text<'a>) -> Result<Document<'a>, TopologyError> {
    let (clusters, cluster_of) = clusters(required(root, "Clusters", text)?, text)?;
    let (stores, store_of) = match child(root, "SqlInstances") {
        Some(node) => stores(node, &cluster_of, text)?,
        None => Default::default(),
    };
    let nodes: Vec<_> = children(required(root, "Services", text)?, "Service").collect();
    let keys = nodes.iter().map(|node| service_key(required(*node, "ServiceId", text)?, text));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let mut service_of = HashMap::new();
    for (index, (key, node)) in keys.iter().zip(&nodes).enumerate() {
        file(&mut service_of, *key, index, *node, text)?;
    }
    let services = nodes
        .iter()
        .zip(&keys)
        .map(|(node, key)| Service {
            role: key.1,
            installed_on: installed_on(*node, &cluster_of, &store_of),
            depends_on: dependencies(*node, &service_of, text),
            node: *node,
        })
        .collect();
    Ok(Document { text, clusters, stores, services })
}

type Filed<'a, T, K> = (Vec<T>, HashMap<K, usize>);

fn clusters<'a>(parent: Node<'a>, text: Text<'a>) -> Result<Filed<'a, Cluster<'a>, ClusterKey<'a>>, TopologyError> {
    let mut clusters = Vec::new();
    let mut index = HashMap::new();
    for node in children(parent, "Cluster") {
        let key = cluster_key(required(node, "ClusterId", text)?, text)?;
        file(&mut index, key, clusters.len(), node, text)?;
        clusters.push(Cluster { fqdn: fqdn(node), machines: machines(node), node });
    }
    Ok((clusters, index))
}

type StoreKey<'a> = (usize, &'a str);

fn stores<'a>(
    parent: Node<'a>,
    cluster_of: &HashMap<ClusterKey<'a>, usize>,
    text: Text<'a>,
) -> Result<Filed<'a, Store<'a>, StoreKey<'a>>, TopologyError> {
    let mut stores = Vec::new();
    let mut index = HashMap::new();
    for node in children(parent, "SqlInstance") {
        let identity = required(node, "SqlInstanceId", text)?;
        let cluster_id = required(identity, "ClusterId", text)?;
        let Some(&cluster) = cluster_of.get(&cluster_key(cluster_id, text)?) else {
            return Err(TopologyError::UnknownReference { what: "cluster", at: text.tag(cluster_id) });
        };
        file(&mut index, (cluster, identity.attribute("Name").unwrap_or("")), stores.len(), node, text)?;
        stores.push(Store { cluster, node });
    }
    Ok((stores, index))
}

fn cluster_key<'a>(node: Node<'a>, text: Text<'_>) -> Result<ClusterKey<'a>, TopologyError> {
    Ok((attribute(node, "SiteId", text)?, attribute(node, "Number", text)?))
}

fn service_key<'a>(node: Node<'a>, text: Text<'_>) -> Result<ServiceKey<'a>, TopologyError> {
    Ok((attribute(node, "SiteId", text)?, attribute(node, "RoleName", text)?, attribute(node, "Instance", text)?))
}

fn installed_on<'a>(
    service: Node<'a>,
    cluster_of: &HashMap<ClusterKey<'a>, usize>,
    store_of: &HashMap<StoreKey<'a>, usize>,
) -> Installed {
    let cluster = |parent: Node<'a>| {
        let node = child(parent, "ClusterId")?;
        cluster_of.get(&(node.attribute("SiteId")?, node.attribute("Number")?)).copied()
    };
    let Some(place) = child(service, "InstalledOn") else { return Installed::Nowhere };
    let found = match child(place, "SqlInstanceId") {
        Some(instance) => cluster(instance)
            .and_then(|cluster| store_of.get(&(cluster, instance.attribute("Name").unwrap_or(""))))
            .map(|store| Installed::Store(*store)),
        None => cluster(place).map(Installed::Cluster),
    };
    found.unwrap_or(Installed::Nowhere)
}

fn dependencies<'a>(
    service: Node<'a>,
    service_of: &HashMap<ServiceKey<'a>, usize>,
    text: Text<'_>,
) -> Vec<Dependency<'a>> {
    let list = child(service, "DependsOn").into_iter().flat_map(|list| children(list, "Dependency"));
    list.map(|node| Dependency {
        usage: node.attribute("Usage").unwrap_or("Default"),
        node,
        service: child(node, "ServiceId")
            .and_then(|identity| service_key(identity, text).ok())
            .and_then(|key| service_of.get(&key).copied()),
    })
    .collect()
}
