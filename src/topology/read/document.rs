//! The parts of a topology document that both dialects share, before any of it is interpreted.
//!
//! Invariant: nothing here is judged; every part keeps the element that it was read from.
//! Cost: a few words per cluster, machine and service.

use super::error::TopologyError;
use super::place::Text;
use std::collections::HashMap;
use std::hash::Hash;

/// An element of the document.
pub(super) type Node<'a> = roxmltree::Node<'a, 'a>;

/// A topology document as clusters and services.
pub(super) struct Document<'a> {
    pub text: Text<'a>,
    pub clusters: Vec<Cluster<'a>>,
    pub stores: Vec<Store<'a>>,
    pub services: Vec<Service<'a>>,
}

/// One or more machines under one name.
pub(super) struct Cluster<'a> {
    pub fqdn: Option<&'a str>,
    pub machines: Vec<Machine<'a>>,
    pub node: Node<'a>,
}

/// One machine of a [`Cluster`].
pub(super) struct Machine<'a> {
    pub fqdn: Option<&'a str>,
    pub upgrade_domain: Option<&'a str>,
    pub ordinal: Option<u32>,
    pub node: Node<'a>,
}

/// A SQL instance.
pub(super) struct Store<'a> {
    /// Index of its cluster.
    pub cluster: usize,
    pub node: Node<'a>,
}

/// A role, installed somewhere.
pub(super) struct Service<'a> {
    pub role: &'a str,
    pub installed_on: Installed,
    pub depends_on: Vec<Dependency<'a>>,
    pub node: Node<'a>,
}

/// What a [`Service`] is installed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Installed {
    /// Every machine of the cluster with this index.
    Cluster(usize),
    /// The SQL instance with this index.
    Store(usize),
    /// Nothing that the document contains.
    Nowhere,
}

/// What a [`Service`] needs.
pub(super) struct Dependency<'a> {
    pub usage: &'a str,
    pub node: Node<'a>,
    /// Index of the service; `None` if the document does not contain it.
    pub service: Option<usize>,
}

/// Whether an element belongs to the product. Namespaces change from element to element and from version
/// to version, so only their common beginning counts; text that passed through other tools may have none.
pub(super) fn is_ours(node: Node<'_>) -> bool {
    node.tag_name().namespace().is_none_or(|uri| uri.starts_with("urn:schema:Microsoft.Rtc.Management."))
}

/// The child elements of this name.
pub(super) fn children<'a>(node: Node<'a>, name: &'static str) -> impl Iterator<Item = Node<'a>> {
    node.children().filter(move |child| child.tag_name().name() == name && is_ours(*child))
}

/// The first child element of this name.
pub(super) fn child<'a>(node: Node<'a>, name: &'static str) -> Option<Node<'a>> {
    children(node, name).next()
}

/// The child element of this name, which has to be there.
pub(super) fn required<'a>(node: Node<'a>, name: &'static str, text: Text<'_>) -> Result<Node<'a>, TopologyError> {
    child(node, name).ok_or_else(|| TopologyError::MissingElement {
        element: name,
        parent: node.tag_name().name().into(),
        at: text.tag(node),
    })
}

/// An attribute that has to be there.
pub(super) fn attribute<'a>(node: Node<'a>, name: &'static str, text: Text<'_>) -> Result<&'a str, TopologyError> {
    node.attribute(name).ok_or_else(|| TopologyError::MissingAttribute {
        attribute: name,
        element: node.tag_name().name().into(),
        at: text.tag(node),
    })
}

/// The machines of a cluster: `Machine` elements below `parent`.
pub(super) fn machines<'a>(parent: Node<'a>) -> Vec<Machine<'a>> {
    let machine = |node: Node<'a>| Machine {
        fqdn: node.attribute("Fqdn").map(str::trim).filter(|fqdn| !fqdn.is_empty()),
        upgrade_domain: node.attribute("UpgradeDomain").filter(|domain| !domain.is_empty()),
        ordinal: node.attribute("OrdinalInCluster").and_then(|ordinal| ordinal.parse().ok()),
        node,
    };
    children(parent, "Machine").map(machine).collect()
}

/// The name of a cluster.
pub(super) fn fqdn<'a>(node: Node<'a>) -> Option<&'a str> {
    node.attribute("Fqdn").map(str::trim).filter(|fqdn| !fqdn.is_empty())
}

/// Files an element under its identity, which no other may have.
pub(super) fn file<K: Hash + Eq, V>(
    index: &mut HashMap<K, V>,
    key: K,
    value: V,
    node: Node<'_>,
    text: Text<'_>,
) -> Result<(), TopologyError> {
    match index.insert(key, value) {
        None => Ok(()),
        Some(_) => Err(TopologyError::DuplicateIdentity { element: node.tag_name().name().into(), at: text.tag(node) }),
    }
}
