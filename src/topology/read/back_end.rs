//! The SQL Back End of a front-end pool.
//!
//! Invariant: a kind is only reported if the document names it; without a name it is a single server.
//! Cost: the elements of one store, per pool.

use super::document::{Document, Installed, Node, Service, Store};
use crate::topology::BackEnd;

/// The store of a pool's users: what its User Services depend on.
pub(super) fn user_store<'d, 'a>(
    document: &'d Document<'a>,
    user_services: &Service<'a>,
) -> Option<(&'d Store<'a>, &'d Service<'a>)> {
    let services = user_services.depends_on.iter().filter_map(|dependency| dependency.service);
    let stores = services.map(|index| &document.services[index]).filter(|service| service.role == "UserStore");
    let mut placed = stores.filter_map(|service| match service.installed_on {
        Installed::Store(store) => Some((&document.stores[store], service)),
        _ => None,
    });
    placed.next()
}

/// Whether the store is on the one machine of the pool itself: then the server is a Standard Edition.
pub(super) fn is_local(document: &Document<'_>, store: &Store<'_>, cluster: usize) -> bool {
    let home = &document.clusters[cluster];
    let [machine] = home.machines.as_slice() else { return false };
    let name = machine.fqdn.or(home.fqdn);
    let store_name = document.clusters[store.cluster].fqdn;
    store.cluster == cluster || name.zip(store_name).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}

/// The kind of a Back End.
///
/// Builder writes the name of an AlwaysOn group's primary node beside the name of the group's listener,
/// and beside a single server its own name once more. A mirror and its witness occur as names in the
/// instance, in the service, or in how the User Services depend on them.
pub(super) fn kind(
    document: &Document<'_>,
    store: &Store<'_>,
    user_store: &Service<'_>,
    user_services: &Service<'_>,
) -> BackEnd {
    let node = store.node.attribute("AlwaysOnPrimaryNodeFqdn").unwrap_or("");
    let listener = document.clusters[store.cluster].fqdn.unwrap_or("");
    if !node.is_empty() && !node.eq_ignore_ascii_case(listener) {
        return BackEnd::AlwaysOn;
    }
    let names = |word: &str| {
        let usage = user_services.depends_on.iter().any(|dependency| contains(dependency.usage, word));
        usage || mentions(store.node, word) || mentions(user_store.node, word)
    };
    if names("mirror") { BackEnd::Mirrored { witness: names("witness") } } else { BackEnd::Single }
}

/// Whether an element below this one, or an attribute that is set, has the word in its name.
fn mentions(node: Node<'_>, word: &str) -> bool {
    let set = |value: &str| !matches!(value.trim(), "" | "0") && !value.eq_ignore_ascii_case("false");
    node.descendants().any(|element| {
        (element != node && contains(element.tag_name().name(), word))
            || element.attributes().any(|attribute| contains(attribute.name(), word) && set(attribute.value()))
            || element.attribute("Usage").is_some_and(|usage| contains(usage, word))
    })
}

fn contains(text: &str, word: &str) -> bool {
    text.to_ascii_lowercase().contains(word)
}
