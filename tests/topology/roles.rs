//! What a cluster is taken for.

use crate::dialects::sketch;
use crate::generator::Plan;
use poolproof::topology::{BackEnd, PoolId, PoolKind, Version, read, read_document};

fn in_both_dialects(plan: &Plan) -> poolproof::topology::Deployment {
    let one = read(plan.as_xml().as_bytes()).unwrap_or_else(|why| panic!("{why}"));
    let other = read(plan.builder().as_bytes()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(one, other);
    one
}

#[track_caller]
fn check_back_end(attributes: &str, usage: &[&'static str], inner: &'static str, expected: BackEnd) {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", attributes);
    let (_, user_services) = plan.front_ends("pool.example.net", 4, sql);
    let mirror = plan.services.len();
    plan.service("UserStore", sql);
    plan.services[user_services].depends_on.extend(usage.iter().map(|usage| (*usage, mirror)));
    plan.services[0].inner = inner;
    assert_eq!(in_both_dialects(&plan).pools[0].back_end, Some(expected));
}

#[test]
fn the_kind_of_a_back_end() {
    let (mirror, both) = (BackEnd::Mirrored { witness: false }, BackEnd::Mirrored { witness: true });
    check_back_end("", &[], "", BackEnd::Single);
    check_back_end(" AlwaysOnPrimaryNodeFqdn=\"SQL.example.net\"", &[], "", BackEnd::Single);
    check_back_end(" AlwaysOnPrimaryNodeFqdn=\"node1.example.net\"", &[], "", BackEnd::AlwaysOn);
    check_back_end(" MirroringPort=\"5022\"", &[], "", mirror);
    check_back_end(" MirroringPort=\"0\" IsMirrored=\"false\" WitnessPort=\"\"", &[], "", BackEnd::Single);
    check_back_end("", &["Mirror"], "", mirror);
    check_back_end("", &["Mirror", "Witness"], "", both);
    check_back_end("", &["Witness"], "", BackEnd::Single);
    check_back_end("", &[], "<MirrorInstalledOn /><WitnessInstalledOn />", both);
}

#[test]
fn a_local_user_store_makes_a_standard_edition_server() {
    let mut plan = Plan::default();
    let (cluster, _) = plan.front_ends("Se.example.net", 1, 0);
    plan.clusters[cluster].sql = Some(String::new());
    plan.clusters[cluster].machines = vec![(None, Some("se.example.net".into()))];
    let deployment = in_both_dialects(&plan);
    assert_eq!((deployment.pools[0].kind, deployment.pools[0].back_end), (PoolKind::StandardEdition, None));
    assert_eq!(deployment.servers[0].fqdn, "Se.example.net");
    // The store may also stand on a cluster of its own, with the same name in another case.
    let mut plan = Plan::default();
    let sql = plan.sql("FE1.EXAMPLE.NET", "");
    plan.front_ends("pool.example.net", 1, sql);
    plan.clusters[1].machines[0].0 = Some("fe1.example.net".into());
    assert_eq!(in_both_dialects(&plan).pools[0].kind, PoolKind::StandardEdition);
}

#[test]
fn an_enterprise_pool_of_one_stays_one() {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    plan.front_ends("pool.example.net", 1, sql);
    assert_eq!(in_both_dialects(&plan).pools[0].kind, PoolKind::Enterprise);
}

#[test]
fn collocated_mediation_is_no_pool_and_branches_are_left_out() {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    let (cluster, _) = plan.front_ends("pool.example.net", 3, sql);
    plan.service("MediationServer", cluster);
    let branch = plan.cluster("branch.example.net", &["branch.example.net"]);
    plan.service("Registrar", branch);
    plan.service("MediationServer", branch);
    let chat = plan.cluster("chat.example.net", &["chat1.example.net"]);
    plan.service("PersistentChatService", chat);
    let document = read_document(plan.as_xml().as_bytes(), None).expect("it is read");
    assert_eq!(document.deployment.pools.len(), 1);
    let notes: Vec<_> = document.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        notes,
        [
            "`branch.example.net` is left out: poolproof does not know servers with MediationServer, Registrar",
            "`chat.example.net` is left out: poolproof does not know servers with PersistentChatService",
        ]
    );
    let at = document.notes[0].at;
    assert_eq!(&document.text[at.offset..at.offset + at.length], "<Cluster");
}

fn two_pools() -> Plan {
    let mut plan = Plan::default();
    let (one, other) = (plan.sql("sql1.example.net", ""), plan.sql("sql2.example.net", ""));
    plan.front_ends("north.example.net", 3, one);
    plan.front_ends("south.example.net", 3, other);
    plan
}

#[test]
fn pairs_are_read_from_either_side() {
    for sides in [&[(1, 4)][..], &[(4, 1)], &[(1, 4), (4, 1)], &[(2, 5), (5, 2)], &[(2, 4), (5, 1)]] {
        let mut plan = two_pools();
        for &(from, to) in sides {
            plan.services[from].depends_on.push(("Backup", to));
        }
        let pairs: Vec<_> = in_both_dialects(&plan).pools.iter().map(|pool| pool.paired_with).collect();
        assert_eq!(pairs, [Some(PoolId(1)), Some(PoolId(0))], "{sides:?}");
    }
    let unpaired = in_both_dialects(&two_pools());
    assert!(unpaired.pools.iter().all(|pool| pool.paired_with.is_none()));
}

#[test]
fn the_next_hop_of_an_edge_pool_is_the_pool_whose_registrar_it_needs() {
    let mut plan = two_pools();
    let edge = plan.cluster("edge.example.net", &["edge1.example.net"]);
    let registrars: Vec<_> =
        (0..plan.services.len()).filter(|index| plan.services[*index].role == "Registrar").collect();
    plan.service("EdgeServer", edge);
    let next_hops = |plan: &Plan| in_both_dialects(plan).pools.iter().map(|pool| pool.next_hop).collect::<Vec<_>>();
    assert_eq!(next_hops(&plan), [None, None, None]);
    for (pool, registrar) in registrars.into_iter().enumerate() {
        plan.services.last_mut().expect("the Edge service").depends_on = vec![("Default", 0), ("Default", registrar)];
        assert_eq!(next_hops(&plan), [None, None, Some(PoolId(pool))]);
    }
}

#[test]
fn of_two_management_stores_the_active_one_counts() {
    let mut plan = two_pools();
    plan.service("CentralMgmt", 2).inner = "<CentralMgmtService IsActive=\"false\" />";
    plan.service("CentralMgmt", 3).inner = "<CentralMgmtService IsActive=\"true\" />";
    let hosts: Vec<_> = in_both_dialects(&plan).pools.iter().map(|pool| pool.hosts_management_store).collect();
    assert_eq!(hosts, [false, true]);
    plan.services.last_mut().expect("there are services").inner = "";
    assert!(in_both_dialects(&plan).pools[1].hosts_management_store);
    plan.services.pop();
    assert!(in_both_dialects(&plan).pools.iter().all(|pool| !pool.hosts_management_store));
}

#[test]
fn a_version_selects_pools_and_edge_servers_may_lag() {
    let mut plan = two_pools();
    plan.set_version(8);
    let edge = plan.cluster("edge.example.net", &["edge1.example.net"]);
    plan.service("EdgeServer", edge).version = 7;
    for index in [0, 1, 2] {
        plan.services[index].version = 6;
    }
    let bytes = plan.as_xml();
    let of = |version| read_document(bytes.as_bytes(), Some(version)).map(|document| document.deployment);
    insta::assert_snapshot!(sketch(&of(Version::Lync2013).expect("2013")), @r"
    version 2013
    enterprise north.example.net Single
      north-1.example.net UpgradeDomain1
      north-2.example.net UpgradeDomain2
      north-3.example.net UpgradeDomain3
    edge edge.example.net
      edge1.example.net -
    ");
    let newer = of(Version::Sfb2019).expect("2019");
    assert_eq!(newer.pools[0].fqdn, "south.example.net");
    assert_eq!(of(Version::SubscriptionEdition).expect("SE").pools, newer.pools);
    assert!(of(Version::Sfb2015).is_err(), "the Edge Server alone does not make a deployment of 2015");
    let notes = read_document(bytes.as_bytes(), Some(Version::Sfb2019)).expect("2019").notes;
    let notes: Vec<_> = notes.into_iter().map(|note| note.message).collect();
    assert_eq!(
        notes,
        [
            "`north.example.net` is left out: it is of 2013, not of 2019",
            "`edge.example.net` is of 2015 and is treated like 2019",
            "`edge.example.net` names no next hop: no pool is refused a fail-over on its account"
        ]
    );
}

#[test]
fn what_a_version_does_not_support_is_noted() {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", " MirroringPort=\"5022\"");
    plan.front_ends("one.example.net", 2, sql);
    plan.front_ends("other.example.net", 4, sql);
    plan.set_version(8);
    let document = read_document(plan.builder().as_bytes(), None).expect("it is read");
    let notes: Vec<_> = document.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        notes,
        [
            "`one.example.net` has two front ends, which 2019 does not support (F10.4)",
            "`one.example.net` has a mirrored Back End, which 2019 does not support (F10.5)",
            "`other.example.net` has a mirrored Back End, which 2019 does not support (F10.5)",
            "`other.example.net` shares its Back End with another pool, which is not supported (F9.10)",
        ]
    );
}

#[test]
fn a_front_end_pool_without_a_store_and_odd_ordinals_are_noted() {
    let mut plan = Plan::default();
    let sql = plan.sql("sql.example.net", "");
    let (_, user_services) = plan.front_ends("pool.example.net", 3, sql);
    plan.services[user_services].depends_on.clear();
    let text = plan.as_xml().replace("OrdinalInCluster=\"2\"", "OrdinalInCluster=\"9\"");
    let document = read_document(text.as_bytes(), None).expect("it is read");
    assert_eq!(document.deployment.pools[0].back_end, Some(BackEnd::Single));
    assert_eq!(document.deployment.servers[1].fqdn, "pool-2.example.net");
    let notes: Vec<_> = document.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        notes,
        [
            "`pool.example.net` names no UserStore: taken for Enterprise with one SQL Server",
            "`pool.example.net` numbers its machines in another order than they stand in; the order they stand in counts (C5)",
        ]
    );
}
