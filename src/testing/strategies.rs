//! Arbitrary valid scenarios for [proptest](https://docs.rs/proptest), small enough to be checked as well as read.
//!
//! Behind the feature `proptest`:
//!
//! ```
//! use poolproof::testing::strategies;
//! use poolproof::verdict::{check_scenario, options::CheckOptions};
//! use proptest::prelude::*;
//!
//! proptest!(ProptestConfig::with_cases(4), |(scenario in strategies::scenario())| {
//!     let few = CheckOptions { max_states: Some(500), ..CheckOptions::default() };
//!     let verdict = check_scenario(&scenario, &few).unwrap();
//!     prop_assert!(verdict.explored.complete || verdict.properties.iter().all(|property| !property.outcome.holds()));
//! });
//! ```

use poolproof::scenario::file::{
    BackEndName, CountOr, CrashTable, DeploymentTable, FaultsTable, File, InitiallyTable, KindName, Members,
    OnServersTable, OperatorTable, PoolTable, ReturnsName, UpgradeDomains, VersionName,
};
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::readings::Reading;
use poolproof::scenario::{self, Entries, Located, Scenario, TEMPLATE_RUNBOOK_NAME, template_runbook};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeMap;

type Names = Vec<Located<String>>;

/// Valid scenarios. Their runbooks are the one of the template.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    let files = BTreeMap::from([(TEMPLATE_RUNBOOK_NAME.to_owned(), template_runbook().into_bytes())]);
    file().prop_map(move |file| {
        let text = toml::to_string(&file).expect("every file can be written as TOML");
        scenario::parse("arbitrary.toml", &text, &files).expect("every file is valid")
    })
}

/// Valid scenario files, which name no other runbook than `patch.ps1`, that of the template.
pub fn file() -> impl Strategy<Value = File> {
    let deployment = (version(), any::<bool>()).prop_flat_map(|(version, named)| {
        (Just(version), sizes(version), Just(named), option::of(other_pool()), back_end(version), any::<bool>())
    });
    deployment.prop_flat_map(|(version, size, named, other, back_end, store)| {
        let fe: Vec<String> =
            (1..=size).map(|n| if named { format!("fe{n}.example.net") } else { format!("fe{n}") }).collect();
        let mirrored = matches!(back_end, BackEndName::Mirrored | BackEndName::MirroredWithWitness);
        let failed_over = version != VersionName::Lync2013;
        (
            deployment_table(version, fe.clone(), named, other, back_end, store),
            initially(fe.clone(), mirrored, failed_over),
            vec(operator(fe.clone()), 0..3),
            faults(fe),
            readings(),
            properties(),
            option::of("[A-Za-z][A-Za-z0-9 ,'\"\\\\-]{0,30}[a-z]"),
            option::of("[ -~\n\tä€]{0,60}"),
        )
            .prop_map(
                |(deployment, initially, operator, faults, readings, (properties, expect), title, description)| File {
                    title: title.map(Located::from),
                    description,
                    properties,
                    deployment: deployment.into(),
                    initially,
                    operator: operator.into_iter().map(Located::from).collect(),
                    capacity: Entries(vec![("pool1".into(), 1u8.into())]),
                    commands: Entries::default(),
                    faults,
                    expect,
                    readings,
                },
            )
    })
}

fn version() -> impl Strategy<Value = VersionName> {
    select(vec![VersionName::Lync2013, VersionName::Sfb2015, VersionName::Sfb2019, VersionName::SubscriptionEdition])
}

fn newer(version: VersionName) -> bool {
    matches!(version, VersionName::Sfb2019 | VersionName::SubscriptionEdition)
}

fn sizes(version: VersionName) -> impl Strategy<Value = u8> {
    select(if newer(version) { vec![1, 3, 4, 5] } else { vec![1, 2, 3, 4, 5] })
}

fn back_end(version: VersionName) -> impl Strategy<Value = BackEndName> {
    let all = vec![BackEndName::Single, BackEndName::AlwaysOn, BackEndName::Mirrored, BackEndName::MirroredWithWitness];
    select(if newer(version) { all[..2].to_vec() } else { all })
}

fn other_pool() -> impl Strategy<Value = PoolTable> {
    let pool = |kind, servers: Option<u8>| PoolTable {
        name: "other".into(),
        kind: Some(Located::from(kind)),
        servers: servers.map(|count| Members::Count(count).into()),
        ..PoolTable::default()
    };
    prop_oneof![
        Just(pool(KindName::StandardEdition, None)),
        (1..4u8).prop_map(move |count| pool(KindName::Edge, Some(count))),
        (1..4u8).prop_map(move |count| pool(KindName::Mediation, Some(count))),
        (1..4u8).prop_map(move |count| pool(KindName::Director, Some(count))),
    ]
}

fn deployment_table(
    version: VersionName,
    fe: Vec<String>,
    named: bool,
    other: Option<PoolTable>,
    back_end: BackEndName,
    store: bool,
) -> impl Strategy<Value = DeploymentTable> {
    let domains = prop_oneof![
        Just(None),
        (1..=fe.len() as u8).prop_map(|count| Some(UpgradeDomains::Count(count))),
        Just(Some(UpgradeDomains::Lists(fe.iter().map(|name| vec![Located::from(name.clone())]).collect()))),
    ];
    domains.prop_map(move |domains| {
        let names = || fe.iter().cloned().map(Located::from).collect();
        let pool = PoolTable {
            name: "pool1".into(),
            front_ends: Some(if named { Members::Names(names()) } else { Members::Count(fe.len() as u8) }.into()),
            back_end: Some(back_end.into()),
            upgrade_domains: domains.map(Located::from),
            hosts_management_store: Some(store.into()),
            ..PoolTable::default()
        };
        DeploymentTable {
            version: Some(version.into()),
            topology: None,
            pool: std::iter::once(pool).chain(other.clone()).map(Located::from).collect(),
        }
    })
}

/// At least one of the names.
fn some(names: Vec<String>) -> impl Strategy<Value = Names> {
    let count = names.len();
    subsequence(names, 1..=count).prop_map(|names| names.into_iter().map(Located::from).collect())
}

fn initially(fe: Vec<String>, mirrored: bool, failed_over: bool) -> impl Strategy<Value = InitiallyTable> {
    let states = vec(0..8u8, fe.len());
    (states, any::<bool>(), proptest::bool::weighted(0.2)).prop_map(move |(states, on_mirror, stopped)| {
        let of = |state: u8| {
            let with = fe.iter().zip(&states).filter(|(_, s)| **s == state);
            with.map(|(name, _)| Located::from(name.clone())).collect::<Names>()
        };
        InitiallyTable {
            pool_failed_over: vec![],
            failed_over: if failed_over { of(0) } else { Names::new() },
            stopped: if stopped { Names::new() } else { of(1) },
            lost: of(2),
            pool_stopped: if stopped { vec!["pool1".into()] } else { Names::new() },
            on_mirror: if mirrored && on_mirror { vec!["pool1".into()] } else { Names::new() },
        }
    })
}

fn operator(fe: Vec<String>) -> impl Strategy<Value = OperatorTable> {
    let commands = || {
        select(vec![
            "Invoke-CsComputerFailOver -ComputerName",
            "Invoke-CsComputerFailBack -ComputerName",
            "Stop-CsWindowsService -Graceful -ComputerName",
            "Stop-CsWindowsService -Name RTCAVMCU -ComputerName",
            "Start-CsWindowsService -ComputerName",
            "Restart-Computer -Wait -Force -ComputerName",
        ])
    };
    let step =
        (commands(), select(fe.clone())).prop_map(|(command, server)| Located::from(format!("{command} {server}")));
    let menu = commands().prop_map(|command| Located::from(command.trim_end_matches(" -ComputerName").to_owned()));
    let scripted =
        (vec(step, 1..5), option::of(select(fe.clone())), option::of(any::<bool>())).prop_map(|(steps, on, person)| {
            OperatorTable {
                steps: Some(steps.into()),
                on: on.map(Located::from),
                person: person.map(Located::from),
                ..OperatorTable::default()
            }
        });
    let free = (vec(menu, 1..3), option::of(1..4u8), option::of(some(fe))).prop_map(|(menu, at_most, servers)| {
        OperatorTable {
            menu: Some(menu.into()),
            at_most: at_most.map(Located::from),
            servers: servers.map(Located::from),
            ..OperatorTable::default()
        }
    });
    prop_oneof![scripted, free]
}

fn faults(fe: Vec<String>) -> impl Strategy<Value = FaultsTable> {
    let servers = || option::of(some(fe.clone()));
    let returns = option::of(select(vec![ReturnsName::Yes, ReturnsName::No, ReturnsName::Either]));
    let crash = prop_oneof![
        (0..3u8).prop_map(CountOr::Count),
        (0..3u8, servers(), returns).prop_map(|(at_most, servers, returns)| CountOr::Table(CrashTable {
            at_most: at_most.into(),
            servers: servers.map(Located::from),
            returns,
        })),
    ];
    let on_servers = || {
        prop_oneof![
            (0..3u8).prop_map(CountOr::Count),
            (option::of(0..3u8), servers()).prop_map(|(at_most, servers)| CountOr::Table(OnServersTable {
                at_most: at_most.map(Located::from),
                servers: servers.map(Located::from),
            })),
        ]
    };
    let budget = || option::of((0..3u8).prop_map(Located::from));
    let on = || option::of(on_servers());
    (option::of(crash), budget(), on(), on(), budget(), budget(), budget(), budget()).prop_map(
        |(crash, hung_conference, update, watchdog, failing_cmdlet, sql_principal_failure, hung_start, published)| {
            FaultsTable {
                hung_start,
                topology_published: published,
                crash: crash.map(Located::from),
                hung_conference,
                update_policy_reboot: update.map(Located::from),
                watchdog: watchdog.map(Located::from),
                failing_cmdlet,
                sql_principal_failure,
            }
        },
    )
}

fn readings() -> impl Strategy<Value = Entries<Located<String>>> {
    vec(option::weighted(0.3, any::<prop::sample::Index>()), Reading::ALL.len()).prop_map(|chosen| {
        let rows = Reading::ALL.iter().map(|reading| reading.describe()).zip(chosen);
        let mut fixed: Vec<_> = rows
            .filter_map(|(reading, chosen)| Some((reading.name.into(), chosen?.get(reading.values).name.into())))
            .collect();
        fixed.sort_by(|a: &(Located<String>, _), b| a.0.value.cmp(&b.0.value));
        Entries(fixed)
    })
}

/// Some properties, and what is expected of some of those.
fn properties() -> impl Strategy<Value = (Option<Located<Names>>, Entries<Located<String>>)> {
    let names: Vec<&str> = PropertyName::ALL.iter().map(|property| property.describe().name).collect();
    let all = names.clone();
    option::of(subsequence(names, 1..=PropertyName::ALL.len())).prop_flat_map(move |chosen| {
        let decided = chosen.clone().unwrap_or_else(|| all.clone());
        let count = decided.len();
        let expected = vec(select(vec!["holds", "fails", "not applicable"]), count);
        (Just(chosen), subsequence(decided, 0..=count), expected).prop_map(|(chosen, names, expected)| {
            let mut expect: Vec<(Located<String>, Located<String>)> =
                names.into_iter().zip(expected).map(|(name, expected)| (name.into(), expected.into())).collect();
            expect.sort_by(|a, b| a.0.value.cmp(&b.0.value));
            let chosen = chosen.map(|names| names.into_iter().map(Located::from).collect::<Names>().into());
            (chosen, Entries(expect))
        })
    })
}
