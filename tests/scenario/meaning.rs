//! What a scenario means once it is read.

use super::{parse, parse_with};
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::readings::Reading;
use poolproof::scenario::{Expected, Initially, Returns, Scenario};
use poolproof::topology::{BackEnd, PoolId, PoolKind, ServerId, Version};

fn read(text: &str) -> Scenario {
    parse(text).unwrap_or_else(|error| panic!("{error}: {:#?}", error.problems()))
}

/// The servers of every pool: `pool1: fe1 fe2; edge: edge1`.
fn servers(scenario: &Scenario) -> String {
    let deployment = &scenario.deployment;
    let members = |ids: &[ServerId]| ids.iter().map(|id| deployment.servers[id.0].fqdn.as_str()).collect::<Vec<_>>();
    let pools = deployment.pools.iter().map(|pool| format!("{}: {}", pool.fqdn, members(&pool.members).join(" ")));
    pools.collect::<Vec<_>>().join("; ")
}

fn domains(scenario: &Scenario) -> String {
    let domain = |domain: &Option<String>| domain.clone().unwrap_or("-".to_owned()).replace("UpgradeDomain", "");
    scenario.deployment.servers.iter().map(|server| domain(&server.upgrade_domain)).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_left_out_has_its_default() {
    let scenario = read("[[deployment.pool]]\nname = 'pool1'\nfront-ends = 3");
    assert_eq!(scenario.title, "test");
    assert_eq!(scenario.deployment.version, Version::Sfb2019);
    assert_eq!(scenario.properties, PropertyName::ALL);
    let pool = &scenario.deployment.pools[0];
    assert_eq!(
        (pool.kind, pool.back_end, pool.hosts_management_store),
        (PoolKind::Enterprise, Some(BackEnd::Single), false)
    );
    assert!(scenario.initially.is_empty() && scenario.operators.is_empty() && scenario.fixed_readings.is_empty());
    assert!(scenario.faults.crash.is_none() && scenario.faults.hung_conferences == 0);
}

#[test]
fn the_title_defaults_to_the_file_and_for_scenario_toml_to_its_folder() {
    for (file, title) in
        [("models/patch/scenario.toml", "patch"), ("a/race.toml", "race"), ("scenario.toml", "scenario")]
    {
        let text = super::with_deployment("");
        let files = std::collections::BTreeMap::new();
        assert_eq!(poolproof::scenario::parse(file, &text, &files).unwrap().title, title, "{file}");
    }
}

#[test]
fn servers_are_named_or_counted() {
    for (pools, expected) in [
        ("front-ends = 3", "p: fe1 fe2 fe3"),
        ("front-ends = ['b.x', 'a.x']", "p: b.x a.x"),
        ("kind = 'standard-edition'", "p: p"),
        ("kind = 'standard-edition'\nservers = ['s.x']", "p: s.x"),
        ("kind = 'edge'\nservers = 2", "p: edge1 edge2"),
        ("kind = 'mediation'\nservers = 1", "p: med1"),
        ("kind = 'director'\nservers = ['d']", "p: d"),
        ("front-ends = 2\n[[deployment.pool]]\nname = 'q'\nfront-ends = 3", "p: fe1 fe2; q: fe3 fe4 fe5"),
        ("front-ends = ['fe2']\n[[deployment.pool]]\nname = 'q'\nfront-ends = 2", "p: fe2; q: fe1 fe3"),
    ] {
        let text = format!("[deployment]\nversion = '2015'\n[[deployment.pool]]\nname = 'p'\n{pools}");
        assert_eq!(servers(&read(&text)), expected, "{pools}");
    }
}

#[test]
fn upgrade_domains_are_one_a_server_dealt_or_listed() {
    for (line, expected) in [
        ("", "1 2 3 4"),
        ("upgrade-domains = 4", "1 2 3 4"),
        ("upgrade-domains = 3", "1 2 3 1"),
        ("upgrade-domains = 1", "1 1 1 1"),
        ("upgrade-domains = [['fe1', 'FE4'], ['fe2'], ['fe3']]", "1 2 3 1"),
    ] {
        let text = format!("[[deployment.pool]]\nname = 'p'\nfront-ends = 4\n{line}");
        assert_eq!(domains(&read(&text)), expected, "{line}");
    }
    assert_eq!(domains(&read("[[deployment.pool]]\nname = 'p'\nkind = 'edge'\nservers = 2")), "- -");
}

#[test]
fn every_size_that_a_version_allows_is_read() {
    for (version, largest) in [("2013", 12), ("2015", 12), ("2019", 16), ("SE", 16)] {
        for size in 1..=16 {
            let text =
                format!("[deployment]\nversion = '{version}'\n[[deployment.pool]]\nname = 'p'\nfront-ends = {size}");
            let allowed = size <= largest && !(size == 2 && largest == 16);
            assert_eq!(parse(&text).is_ok(), allowed, "{size} front ends in {version}");
        }
    }
}

#[test]
fn a_pool_of_two_is_remarked_on() {
    let scenario = read("[deployment]\nversion = '2015'\n[[deployment.pool]]\nname = 'p'\nfront-ends = 2");
    assert_eq!(scenario.remarks.len(), 1);
    assert_eq!(scenario.remarks[0].place.line_and_column(), (5, 14));
    assert!(read("").remarks.is_empty());
}

#[test]
fn pairs_are_symmetric() {
    let one = "[[deployment.pool]]\nname = 'p'\nfront-ends = 3\npaired-with = 'q'\n";
    let other = "[[deployment.pool]]\nname = 'q'\nfront-ends = 3\n";
    for text in [format!("{one}{other}"), format!("{one}{other}paired-with = 'P'")] {
        let pools = read(&text).deployment.pools;
        assert_eq!((pools[0].paired_with, pools[1].paired_with), (Some(PoolId(1)), Some(PoolId(0))));
    }
}

#[test]
fn the_beginning_is_resolved() {
    let scenario = read(
        "[initially]\nfailed-over = ['fe2']\nlost = ['FE1.example.net']\npool-stopped = ['pool2']\non-mirror = ['pool1']\n\
         [deployment]\nversion = '2015'\n\
         [[deployment.pool]]\nname = 'pool1'\nfront-ends = ['fe1.example.net', 'fe2.example.net', 'fe3.example.net']\nback-end = 'mirrored'\n\
         [[deployment.pool]]\nname = 'pool2'\nfront-ends = 3",
    );
    assert_eq!(
        scenario.initially,
        [
            Initially::PoolStopped(PoolId(1)),
            Initially::OnMirror(PoolId(0)),
            Initially::FailedOver(ServerId(1)),
            Initially::Lost(ServerId(0)),
        ]
    );
}

#[test]
fn faults_are_numbers_or_tables() {
    let faults = read("[faults]\ncrash = 2\nhung-conference = 1\nupdate-policy-reboot = 3\nwatchdog = {}\nfailing-cmdlet = 4\nsql-principal-failure = 5").faults;
    let crash = faults.crash.unwrap();
    assert_eq!((crash.at_most, crash.servers.len(), crash.returns), (2, 4, Returns::Either));
    assert_eq!(faults.update_policy.unwrap().at_most, Some(3));
    let watchdog = faults.watchdog.unwrap();
    assert_eq!((watchdog.at_most, watchdog.servers.len()), (None, 4));
    assert_eq!((faults.hung_conferences, faults.failing_cmdlets, faults.sql_principal_failures), (1, 4, 5));

    let faults = read("[faults]\ncrash = { at-most = 1, servers = ['fe3'], returns = 'no' }\nwatchdog = { at-most = 2, servers = ['fe4', 'fe1'] }").faults;
    let crash = faults.crash.unwrap();
    assert_eq!((crash.at_most, crash.servers, crash.returns), (1, vec![ServerId(2)], Returns::No));
    let watchdog = faults.watchdog.unwrap();
    assert_eq!((watchdog.at_most, watchdog.servers), (Some(2), vec![ServerId(3), ServerId(0)]));

    let faults = read("[faults]\ncrash = 0\nwatchdog = 0").faults;
    assert!(faults.crash.is_none() && faults.watchdog.is_none());
}

#[test]
fn readings_and_properties_are_in_the_order_of_their_lists() {
    let scenario = read(
        "properties = ['recoverable', 'pool-quorum']\n[readings]\nwait-expiry = 'left-paused'\nsql-vote = 'always'",
    );
    assert_eq!(scenario.properties, [PropertyName::PoolQuorum, PropertyName::Recoverable]);
    assert_eq!(scenario.fixed_readings, [(Reading::SqlVote, 1), (Reading::WaitExpiry, 2)]);
}

#[test]
fn expectations_are_read() {
    use Expected::{Fails, FailsIf, Holds, NotApplicable};
    let guard = (Reading::FabricGuard, 1);
    let vote = (Reading::SqlVote, 0);
    for (text, expected) in [
        ("holds", Holds),
        (" fails ", Fails),
        ("not applicable", NotApplicable),
        ("not-applicable", NotApplicable),
        ("fails if fabric-guard = permits", FailsIf(vec![vec![guard]])),
        ("fails if fabric-guard=permits and sql-vote =even-pools", FailsIf(vec![vec![guard, vote]])),
        ("fails if fabric-guard = permits or sql-vote = even-pools", FailsIf(vec![vec![guard], vec![vote]])),
        (
            "fails if fabric-guard = permits and sql-vote = even-pools or sql-vote = even-pools",
            FailsIf(vec![vec![guard, vote], vec![vote]]),
        ),
    ] {
        let scenario = read(&format!("[expect]\npool-quorum = '{text}'"));
        assert_eq!(scenario.expectations[0].expected, expected, "{text}");
        assert_eq!(scenario.expectations[0].property, PropertyName::PoolQuorum);
    }
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let plain = read("title = 'x'\n[faults]\ncrash = 1");
    assert_eq!(read("\u{feff}title = 'x'\r\n[faults]\r\ncrash = 1"), plain);
}

#[test]
fn files_are_relative_to_the_scenario_and_may_lie_above_it() {
    let directory = tempfile::tempdir().unwrap();
    let models = directory.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let file = models.join("x.toml");
    let text = super::with_deployment("[[operator]]\nrunbook = '../scripts/none.ps1'");
    std::fs::write(&file, &text).unwrap();
    let error = poolproof::scenario::load(&file).unwrap_err();
    let [problem] = error.problems() else { panic!("{:#?}", error.problems()) };
    assert_eq!((problem.code, problem.place.line_and_column()), ("no-file", (2, 11)));
    assert!(problem.message.contains("none.ps1"), "{}", problem.message);

    std::fs::write(&file, b"title = 'caf\xe9'").unwrap();
    let error = poolproof::scenario::load(&file).unwrap_err();
    let [problem] = error.problems() else { panic!("{:#?}", error.problems()) };
    assert_eq!((problem.code, problem.place.line_and_column()), ("not-utf-8", (1, 13)));

    assert!(poolproof::scenario::load(&models.join("none.toml")).unwrap_err().problems().is_empty());
    let _ = parse_with("", &[]);
}
