//! Both dialects, in every encoding, say the same.

use crate::generator::Plan;
use poolproof::topology::{Deployment, PoolKind, read, read_document};
use proptest::prelude::*;

/// A deployment on one line per pool and server.
pub fn sketch(deployment: &Deployment) -> String {
    let mut out = format!("version {}\n", deployment.version.name());
    for pool in &deployment.pools {
        let store = if pool.hosts_management_store { " CMS" } else { "" };
        let back_end = pool.back_end.map(|kind| format!(" {kind:?}")).unwrap_or_default();
        let pair = pool.paired_with.map(|pair| format!(" = {}", deployment.pools[pair.0].fqdn)).unwrap_or_default();
        let hop = pool.next_hop.map(|hop| format!(" -> {}", deployment.pools[hop.0].fqdn)).unwrap_or_default();
        out += &format!("{} {}{back_end}{store}{pair}{hop}\n", pool.kind.name(), pool.fqdn);
        for server in &pool.members {
            let server = &deployment.servers[server.0];
            out += &format!("  {} {}\n", server.fqdn, server.upgrade_domain.as_deref().unwrap_or("-"));
        }
    }
    out
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/topology/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|why| panic!("{path}: {why}"))
}

#[track_caller]
fn read_sketch(bytes: &[u8]) -> String {
    match read_document(bytes, None) {
        Ok(document) => {
            let notes: String =
                document.notes.iter().map(|note| format!("note: {} ({})\n", note.message, note.at)).collect();
            sketch(&document.deployment) + &notes
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_fixture_of_get_cstopology() {
    insta::assert_snapshot!(read_sketch(&fixture("two-sites.AsXml.xml")));
}

#[test]
fn the_fixture_of_topology_builder() {
    insta::assert_snapshot!(read_sketch(&fixture("four-front-ends.tbxml")));
}

#[test]
fn every_encoding_and_line_end_gives_the_same() {
    for name in ["two-sites.AsXml.xml", "four-front-ends.tbxml"] {
        let bytes = fixture(name);
        let expected = read_sketch(&bytes);
        let text = String::from_utf8(bytes).expect("fixtures are UTF-8");
        let text = text.trim_start_matches('\u{feff}');
        let undeclared = text.split_once("?>").map_or(text, |(_, rest)| rest.trim_start());
        let declared = |encoding| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{undeclared}");
        let unix = undeclared.replace("\r\n", "\n");
        let variants = [
            undeclared.to_owned(),
            declared("utf-8"),
            declared("utf-16"),
            unix.clone(),
            unix.replace('\n', "\r\n"),
            unix.lines().map(str::trim).collect::<Vec<_>>().join(" "),
        ];
        let lines_of_notes_removed = |text: &str| {
            text.lines().map(|line| line.split(" (line").next().unwrap_or(line).to_owned()).collect::<Vec<_>>()
        };
        for variant in variants {
            for mark in ["", "\u{feff}"] {
                let text = format!("{mark}{variant}");
                let utf_16_le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let utf_16_be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                for bytes in [text.into_bytes(), utf_16_le, utf_16_be] {
                    assert_eq!(lines_of_notes_removed(&read_sketch(&bytes)), lines_of_notes_removed(&expected));
                }
            }
        }
    }
}

#[test]
fn namespaces_may_change_or_be_absent() {
    let text = String::from_utf8(fixture("four-front-ends.tbxml")).expect("fixtures are UTF-8");
    let expected = read(text.as_bytes()).expect("the fixture is read");
    let none = text.split(" xmlns=\"").enumerate().fold(String::new(), |out, (index, part)| match index {
        0 => part.to_owned(),
        _ => out + part.split_once('"').map_or(part, |(_, rest)| rest),
    });
    assert!(!none.contains("xmlns"));
    assert_eq!(read(none.as_bytes()).as_ref(), Ok(&expected));
    let newer = text.replace(".2008\"", ".2031\"");
    assert_eq!(read(newer.as_bytes()).as_ref(), Ok(&expected));
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let pool = (0usize..5, 1usize..=12, any::<bool>());
    (proptest::collection::vec(pool, 1..6), 6u32..=8).prop_map(|(pools, version)| {
        let mut plan = Plan::default();
        for (index, (kind, servers, management)) in pools.into_iter().enumerate() {
            let name = format!("pool{index}.example.net");
            let names: Vec<_> = (0..servers).map(|server| format!("S{server}-{index}.example.net")).collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let cluster = match kind {
                0 => {
                    let sql = plan.sql(&format!("sql{index}.example.net"), "");
                    plan.front_ends(&name, servers, sql).0
                }
                1 => {
                    let cluster = plan.clusters.len();
                    let (cluster, _) = plan.front_ends(&name, 1, cluster);
                    plan.clusters[cluster].sql = Some(String::new());
                    plan.clusters[cluster].machines = vec![(None, None)];
                    cluster
                }
                2 => {
                    let cluster = plan.cluster(&name, &names);
                    plan.service("EdgeServer", cluster);
                    cluster
                }
                3 => {
                    let cluster = plan.cluster(&name, &names);
                    plan.service("MediationServer", cluster);
                    cluster
                }
                _ => {
                    let cluster = plan.cluster(&name, &names);
                    plan.service("Registrar", cluster).inner = "<RegistrarService IsDirector=\"true\" />";
                    cluster
                }
            };
            if management && !plan.services.iter().any(|service| service.role == "CentralMgmt") {
                plan.service("CentralMgmt", cluster).inner = "<CentralMgmtService IsActive=\"true\" />";
            }
        }
        plan.set_version(version);
        plan
    })
}

proptest! {
    #[test]
    fn both_dialects_agree(plan in any_plan()) {
        let one = read(plan.as_xml().as_bytes());
        prop_assert!(one.is_ok(), "{one:?}");
        prop_assert_eq!(&one, &read(plan.builder().as_bytes()));
        let deployment = one.expect("checked above");
        let written = plan.clusters.iter().filter(|cluster| cluster.setup);
        prop_assert_eq!(deployment.pools.len(), written.clone().count());
        for (pool, cluster) in deployment.pools.iter().zip(written) {
            prop_assert_eq!(&pool.fqdn, &cluster.fqdn);
            prop_assert_eq!(pool.members.len(), cluster.machines.len());
            prop_assert_eq!(pool.back_end.is_some(), pool.kind == PoolKind::Enterprise);
        }
    }
}
