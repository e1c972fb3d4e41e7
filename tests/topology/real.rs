//! Published documents, which carry no licence and are therefore not part of this repository. The tests run
//! where the documents are at hand.

use crate::dialects::sketch;
use poolproof::topology::{BackEnd, PoolKind, read, read_document};
use std::path::Path;

fn published(name: &str) -> Option<Vec<u8>> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/topology").join(name)).ok()
}

#[test]
fn a_builder_document_of_four_front_ends() {
    let Some(bytes) = published("contoso-4-front-ends.tbxml") else { return };
    let document = read_document(&bytes, None).unwrap_or_else(|why| panic!("{why}"));
    let deployment = &document.deployment;
    let [front_ends, edge] = deployment.pools.as_slice() else { panic!("{}", sketch(deployment)) };
    assert_eq!((front_ends.kind, front_ends.members.len()), (PoolKind::Enterprise, 4));
    assert_eq!((edge.kind, edge.members.len()), (PoolKind::Edge, 3));
    assert_eq!(front_ends.back_end, Some(BackEnd::Single));
    let domains: Vec<_> = deployment.servers.iter().map(|server| server.upgrade_domain.as_deref()).collect();
    let expected = ["UpgradeDomain1", "UpgradeDomain2", "UpgradeDomain3", "UpgradeDomain4"].map(Some);
    assert_eq!(domains, [&expected[..], &[None; 3]].concat());
    assert_eq!(deployment.version.name(), "2015");
    assert_eq!(document.notes, []);
}

#[test]
fn a_document_of_get_cstopology() {
    let Some(bytes) = published("one-front-end.AsXml.xml") else { return };
    let deployment = read(&bytes).unwrap_or_else(|why| panic!("{why}"));
    let [pool] = deployment.pools.as_slice() else { panic!("{}", sketch(&deployment)) };
    assert_eq!((pool.kind, pool.back_end), (PoolKind::Enterprise, Some(BackEnd::Single)));
    assert!(pool.hosts_management_store);
    let server = &deployment.servers[pool.members[0].0];
    assert!(!server.fqdn.eq_ignore_ascii_case(&pool.fqdn));
    assert_eq!(server.upgrade_domain.as_deref(), Some("UpgradeDomain1"));
}
