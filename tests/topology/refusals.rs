//! Documents that are refused, and what the refusal says.

use crate::generator::Plan;
use poolproof::topology::{TopologyError, decode, read};

/// What a user sees of an error: message, place, label, help.
fn rendered(bytes: &[u8]) -> String {
    let error = match read(bytes) {
        Ok(deployment) => panic!("read: {deployment:?}"),
        Err(error) => error,
    };
    let mut out = String::new();
    let handler = miette::NarratableReportHandler::new();
    let text = decode(bytes).unwrap_or_default();
    let at = error.at();
    if !matches!(error, TopologyError::NotText { .. } | TopologyError::Archive { .. }) {
        assert!(text.get(at.offset..at.offset + at.length).is_some(), "{error:?} lies in the text");
    }
    let report = miette::Report::new(error).with_source_code(text);
    handler.render_report(&mut out, report.as_ref()).expect("a string can be written to");
    out
}

fn small() -> Plan {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    plan.front_ends("pool.example.net", 3, sql);
    plan
}

/// The small document with a part replaced; the part must be there.
#[track_caller]
fn with(from: &str, to: &str) -> Vec<u8> {
    let text = small().as_xml();
    assert!(text.contains(from), "{from} is part of the document");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn the_small_document_is_read() {
    assert_eq!(read(small().as_xml().as_bytes()).map(|deployment| deployment.servers.len()), Ok(3));
}

#[test]
fn what_is_no_topology() {
    insta::assert_snapshot!("empty", rendered(b""));
    insta::assert_snapshot!("archive", rendered(b"PK\x03\x04\x14\x00\xff\xfe"));
    insta::assert_snapshot!("picture", rendered(b"\x89PNG\r\n"));
    insta::assert_snapshot!("clixml", rendered(b"<Objs Version=\"1.1.0.1\"><Obj RefId=\"0\" /></Objs>"));
    insta::assert_snapshot!("foreign", rendered(b"<Topology xmlns=\"urn:other\" />"));
    insta::assert_snapshot!("cut_off", rendered(&small().as_xml().as_bytes()[..900]));
}

#[test]
fn what_lacks_a_part() {
    insta::assert_snapshot!("no_clusters", rendered(b"<Topology><Services /></Topology>"));
    insta::assert_snapshot!("no_services", rendered(b"<Topology><Clusters /></Topology>"));
    insta::assert_snapshot!("no_new_topology", rendered(b"<TopologyBuilder><OldTopology /></TopologyBuilder>"));
    insta::assert_snapshot!(
        "no_cluster_number",
        rendered(&with("<ClusterId SiteId=\"1\" Number=\"2\" />", "<ClusterId SiteId=\"1\" />"))
    );
    insta::assert_snapshot!("no_machine_name", rendered(&with(" Fqdn=\"pool-2.example.net\"", "")));
    insta::assert_snapshot!("no_cluster_name", rendered(&with(" Fqdn=\"pool.example.net\"", "")));
    insta::assert_snapshot!("nothing_to_check", rendered(b"<Topology><Clusters /><Services /></Topology>"));
}

#[test]
fn what_contradicts_itself() {
    insta::assert_snapshot!("one_identity_twice", rendered(&with("Number=\"2\"", "Number=\"1\"")));
    insta::assert_snapshot!(
        "sql_nowhere",
        rendered(&with(
            "<SqlInstanceId Name=\"\"><ClusterId SiteId=\"1\" Number=\"1\" />",
            "<SqlInstanceId Name=\"\"><ClusterId SiteId=\"1\" Number=\"7\" />"
        ))
    );
    insta::assert_snapshot!(
        "pool_nowhere",
        rendered(&with(
            "<InstalledOn><ClusterId SiteId=\"1\" Number=\"2\" />",
            "<InstalledOn><ClusterId SiteId=\"1\" Number=\"7\" />"
        ))
    );
    let mut plan = small();
    plan.services[1].depends_on.push(("Backup", 9));
    insta::assert_snapshot!("pair_nowhere", rendered(plan.as_xml().as_bytes()));
    insta::assert_snapshot!("one_machine_twice", rendered(&with("pool-3.example.net", "POOL-1.example.net")));
}

#[test]
fn versions_that_cannot_be_checked() {
    insta::assert_snapshot!(
        "no_number",
        rendered(
            String::from_utf8_lossy(&with("7", "7"))
                .replace("ServiceVersion=\"7\"", "ServiceVersion=\"seven\"")
                .as_bytes()
        )
    );
    insta::assert_snapshot!("unknown_number", rendered(small().set_version(5).as_xml().as_bytes()));
    let mut mixed = small();
    let sql = mixed.sql("sql2.example.net", "");
    mixed.front_ends("newer.example.net", 3, sql);
    mixed.services[4].version = 8;
    insta::assert_snapshot!("two_versions", rendered(mixed.as_xml().as_bytes()));
}

#[test]
fn pools_that_cannot_be() {
    let mut plan = small();
    plan.clusters[1].machines.clear();
    insta::assert_snapshot!("empty_pool", rendered(plan.builder().as_bytes()));
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    plan.front_ends("pool.example.net", 13, sql);
    insta::assert_snapshot!("large_pool", rendered(plan.builder().as_bytes()));
    assert_eq!(read(plan.set_version(8).builder().as_bytes()).map(|deployment| deployment.servers.len()), Ok(13));
    let mut plan = small();
    for name in ["second.example.net", "third.example.net"] {
        let sql = plan.sql(&format!("sql-{name}"), "");
        plan.front_ends(name, 3, sql);
    }
    plan.services[2].depends_on.push(("Backup", 5));
    plan.services[8].depends_on.push(("Backup", 5));
    insta::assert_snapshot!("three_in_a_pair", rendered(plan.as_xml().as_bytes()));
}
