//! Random small scenarios, of everything that a scenario can contain.

use super::build::{self, Failing, Item, Junction};
use crate::lifecycle::service::Startup;
use crate::runbook::*;
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Crash, Faults, Initially, OnServers, Operator, Returns, Scenario};
use crate::topology::{BackEnd, Deployment, PoolId, PoolKind, ServerId, ServiceSet, Version};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt;
use std::ops::RangeInclusive;

/// What the scenarios may look like.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Front ends of the Enterprise pool.
    pub front_ends: RangeInclusive<usize>,
    /// Items of a procedure at most.
    pub items: usize,
    /// Whether there may be servers of other roles.
    pub other_roles: bool,
    /// Whether procedures may ask about all routing groups.
    pub gates: bool,
    /// How likely a reading is left open.
    pub open: f64,
    /// How likely the pool is one of a pair.
    pub paired: f64,
    /// How many of ten commands, at least, are about services on which conversations live; the faults are then those that
    /// keep them from ending.
    pub conversations: u32,
    /// Whether scripts decide by more than one answer, and have jobs.
    pub structured: bool,
}

impl Shape {
    /// Everything.
    pub const FULL: Shape = Shape {
        front_ends: 2..=5,
        items: 4,
        other_roles: true,
        gates: true,
        open: 0.35,
        paired: 0.0,
        conversations: 0,
        structured: false,
    };
    /// One Enterprise pool, every reading fixed.
    pub const FIXED: Shape = Shape { front_ends: 2..=4, items: 3, other_roles: false, open: 0.0, ..Shape::FULL };
    /// Pairs of small pools, the management store, and an Edge pool now and then.
    pub const PAIRS: Shape = Shape { front_ends: 1..=3, other_roles: false, paired: 1.0, ..Shape::FULL };
    /// Pools of few servers whose services are drained, paused and stopped, every reading fixed.
    pub const CONVERSATIONS: Shape =
        Shape { front_ends: 2..=4, items: 3, gates: false, open: 0.0, conversations: 8, ..Shape::FULL };
}

fn deployments(shape: &Shape) -> impl Strategy<Value = Deployment> + use<> {
    let likely = if shape.other_roles { 0.2 } else { 0.0 };
    let back_ends =
        [BackEnd::Single, BackEnd::Mirrored { witness: false }, BackEnd::Mirrored { witness: true }, BackEnd::AlwaysOn];
    let versions = [Version::Lync2013, Version::Sfb2015, Version::Sfb2015, Version::Sfb2019];
    let others = select(vec![(PoolKind::StandardEdition, 1), (PoolKind::Mediation, 2), (PoolKind::Edge, 1)]);
    let other = (0.0..1.0f64, others);
    let pair =
        (prop::bool::weighted(shape.paired), 1..=2usize, any::<bool>(), prop::option::of(0..2usize), any::<bool>());
    let pool = (shape.front_ends.clone(), select(back_ends.to_vec()), select(versions.to_vec()));
    (pool, other, any::<bool>(), pair).prop_map(
        move |((front_ends, back_end, version), (dice, (kind, members)), domains, pair)| {
            let mut deployment = build::pool_of(front_ends);
            deployment.version = version;
            deployment.pools[0].back_end = Some(back_end);
            if domains && front_ends > 3 {
                deployment.servers[0].upgrade_domain = Some("shared".into());
                deployment.servers[1].upgrade_domain = Some("shared".into());
            }
            if dice < likely {
                build::add_pool(&mut deployment, kind, members);
            }
            let (paired, front_ends, enterprise, store, edge) = pair;
            if paired {
                add_partner(&mut deployment, front_ends, enterprise, store, edge);
            }
            deployment
        },
    )
}

/// Pairs the first pool with another one, of its kind or not.
fn add_partner(deployment: &mut Deployment, front_ends: usize, enterprise: bool, store: Option<usize>, edge: bool) {
    let (kind, members) = if enterprise { (PoolKind::Enterprise, front_ends) } else { (PoolKind::StandardEdition, 1) };
    let partner = PoolId(deployment.pools.len());
    build::add_pool(deployment, kind, members);
    if deployment.pools[0].members.len() == 1 && front_ends == 1 {
        deployment.pools[0].kind = PoolKind::StandardEdition;
        deployment.pools[0].back_end = None;
    }
    deployment.pools[0].paired_with = Some(partner);
    deployment.pools[partner.0].paired_with = Some(PoolId(0));
    if let Some(store) = store {
        deployment.pools[store * partner.0].hosts_management_store = true;
    }
    if edge {
        let edge = deployment.pools.len();
        build::add_pool(deployment, PoolKind::Edge, 1);
        deployment.pools[edge].next_hop = Some(PoolId(0));
    }
}

fn service_sets() -> impl Strategy<Value = ServiceSet> {
    let named = ServiceSet::named;
    select(vec![
        ServiceSet::ALL,
        ServiceSet::ALL,
        named(&["RTCSRV"]),
        named(&["FabricHostSvc"]),
        named(&["RTCAVMCU"]),
        named(&["RTCMEDSRV"]),
        named(&["RTCAVMCU", "RTCASMCU"]),
        named(&["W3SVC"]),
        named(&["RTCSRV", "RTCIMMCU"]),
    ])
}

/// What is done to services on which conversations live.
fn conversations(servers: usize) -> impl Strategy<Value = Command> {
    let server = || (0..servers).prop_map(ServerId);
    let named = ServiceSet::named;
    let services =
        || select(vec![ServiceSet::ALL, named(&["RTCAVMCU"]), named(&["RTCIMMCU"]), named(&["RTCAVMCU", "RTCMEDSRV"])]);
    prop_oneof![
        4 => (server(), services(), any::<bool>())
            .prop_map(|(server, services, wait)| Command::StopServices { server, services, graceful: true, wait }),
        2 => (server(), services(), any::<bool>())
            .prop_map(|(server, services, wait)| Command::StopServices { server, services, graceful: false, wait }),
        1 => (server(), services(), any::<bool>())
            .prop_map(|(server, services, wait)| Command::StartServices { server, services, wait }),
        1 => (server(), services()).prop_map(|(server, services)| Command::PauseServices { server, services }),
        4 => (server(), prop::bool::weighted(0.2), any::<bool>()).prop_map(|(server, no_stop, draining_timeout)| {
            Command::FailOver { server, no_stop, force: false, draining_timeout }
        }),
        1 => server().prop_map(|server| Command::FailBack { server, no_start: false }),
        1 => server().prop_map(|server| Command::Restart { server, wait: true }),
        1 => server().prop_map(|server| Command::Install { server }),
    ]
}

fn commands(deployment: &Deployment, shape: &Shape) -> BoxedStrategy<Command> {
    let servers = deployment.servers.len();
    let about_conversations = shape.conversations;
    let on_servers = prop_oneof![
        10 - about_conversations => server_commands(servers),
        about_conversations => conversations(servers),
    ];
    let Some(partner) = deployment.pools[0].paired_with else { return on_servers.boxed() };
    let pools = move || select(vec![PoolId(0), PoolId(0), partner]);
    let mut moves = vec![
        (pools(), prop::bool::weighted(0.3))
            .prop_map(|(pool, disaster)| Command::FailOverPool { pool, disaster })
            .boxed(),
        (pools(), prop::bool::weighted(0.3))
            .prop_map(|(pool, disaster)| Command::FailBackPool { pool, disaster })
            .boxed(),
    ];
    if let Some(home) = deployment.management_store() {
        let force = prop::bool::weighted(0.3);
        moves.push(force.prop_map(move |force| Command::MoveManagementStore { home, force }).boxed());
    }
    if let Some(edge) = deployment.pools.iter().position(|pool| pool.kind == PoolKind::Edge).map(PoolId) {
        moves.push(pools().prop_map(move |hop| Command::SetNextHop { edge, hop }).boxed());
    }
    prop_oneof![1 => on_servers, 2 => proptest::strategy::Union::new(moves)].boxed()
}

fn server_commands(servers: usize) -> impl Strategy<Value = Command> {
    let server = || (0..servers).prop_map(ServerId);
    let pool = Just(PoolId(0));
    let resets = prop_oneof![
        2 => select(vec![Reset::Service, Reset::QuorumLossRecovery, Reset::QuorumLossRecovery, Reset::Full]),
        1 => server().prop_map(Reset::MachineStateRemoved),
    ];
    let startups = select(vec![Startup::Automatic, Startup::Manual, Startup::Disabled]);
    prop_oneof![
        3 => (server(), service_sets(), any::<bool>(), any::<bool>())
            .prop_map(|(server, services, graceful, wait)| Command::StopServices { server, services, graceful, wait }),
        2 => (server(), service_sets(), any::<bool>())
            .prop_map(|(server, services, wait)| Command::StartServices { server, services, wait }),
        1 => (server(), service_sets()).prop_map(|(server, services)| Command::PauseServices { server, services }),
        1 => (server(), service_sets(), startups)
            .prop_map(|(server, services, startup)| Command::SetStartup { server, services, startup }),
        6 => (server(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(server, no_stop, force, draining_timeout)| Command::FailOver { server, no_stop, force, draining_timeout }
        ),
        4 => (server(), prop::bool::weighted(0.2))
            .prop_map(|(server, no_start)| Command::FailBack { server, no_start }),
        2 => (pool, resets, any::<bool>())
            .prop_map(|(pool, reset, no_restart)| Command::ResetPool { pool, reset, no_restart }),
        1 => (pool, any::<bool>(), prop::option::weighted(0.5, server())).prop_map(|(pool, recover, skip)| {
            Command::StartPool { pool, recover, skip: skip.into_iter().collect() }
        }),
        2 => (server(), any::<bool>()).prop_map(|(server, wait)| Command::Restart { server, wait }),
        1 => server().prop_map(|server| Command::Shutdown { server }),
        1 => server().prop_map(|server| Command::Install { server }),
        1 => (pool, any::<bool>()).prop_map(|(pool, to_mirror)| Command::FailOverDatabase { pool, to_mirror }),
        1 => select(vec![
            Command::StopDatabase { pool: PoolId(0) },
            Command::StartDatabase { pool: PoolId(0) },
            Command::PublishMembers { pool: PoolId(0) },
        ]),
    ]
}

fn queries(servers: usize, gates: bool) -> impl Strategy<Value = Query> {
    let server = || (0..servers).prop_map(ServerId);
    let pool = PoolId(0);
    let readiness = select(vec![Readiness::Ready, Readiness::Busy, Readiness::InsufficientActiveFrontEnds]);
    let shown = vec(any::<bool>(), 5).prop_map(|bits| Shown {
        stopped: bits[0],
        start_pending: bits[1],
        running: bits[2],
        paused: bits[3],
        draining: bits[4],
    });
    let quantifier = select(vec![Quantifier::Any, Quantifier::All]);
    let asked = if gates { 2 } else { 0 };
    prop_oneof![
        asked => readiness.prop_map(move |is| Query::Readiness { pool, is }),
        asked => Just(Query::ReplicasWhole { pool }),
        asked => server().prop_map(|server| Query::DomainReady { server }),
        2 => (server(), service_sets(), quantifier, shown).prop_map(|(server, services, quantifier, shown)| {
            Query::Services { server, services, quantifier, shown }
        }),
        1 => server().prop_map(|server| Query::Reachable { server }),
    ]
}

fn items(deployment: &Deployment, shape: &Shape) -> impl Strategy<Value = Vec<Item>> + use<> {
    let servers = deployment.servers.len();
    let failing = select(vec![Failing::Continue, Failing::Continue, Failing::Stop, Failing::Handler]);
    let locks = || select(vec!["one", "two"]);
    let plain = prop_oneof![
        8 => (commands(deployment, shape), failing).prop_map(|(command, failing)| Item::Do(command, failing)),
        2 => queries(servers, shape.gates).prop_map(Item::Poll),
        1 => queries(servers, shape.gates).prop_map(Item::If),
        1 => Just(Item::Perhaps),
        1 => Just(Item::Sleep),
        1 => locks().prop_map(Item::Take),
        1 => locks().prop_map(Item::Release),
    ];
    let item = if shape.structured {
        let asked = || queries(servers, shape.gates);
        let junctions = select(vec![Junction::Either, Junction::ButNot]);
        prop_oneof![
            6 => plain,
            4 => (asked(), asked(), junctions).prop_map(|(one, other, how)| Item::Decide([one, other], how)),
            1 => asked().prop_map(Item::Spin),
            6 => commands(deployment, shape).prop_map(Item::Job),
            2 => any::<bool>().prop_map(Item::Await),
            2 => Just(Item::StopJobs),
        ]
        .boxed()
    } else {
        plain.boxed()
    };
    vec(item, 1..=shape.items)
}

fn operators(deployment: &Deployment, shape: &Shape) -> impl Strategy<Value = Vec<Operator>> + use<> {
    let servers = deployment.servers.len();
    let scripted =
        (items(deployment, shape), weighted(0.3, 0..servers), any::<bool>()).prop_map(|(items, machine, person)| {
            Operator {
                name: "script".into(),
                acts: Acts::Scripted { procedure: build::procedure(&items), machine: machine.map(ServerId), person },
                job_of: None,
            }
        });
    let free = (vec(commands(deployment, shape), 1..=3), weighted(0.8, 0..=2u8))
        .prop_map(|(menu, at_most)| build::free("free", &menu, at_most));
    (vec(scripted, 1..=2), weighted(0.3, free)).prop_map(|(mut scripted, free)| {
        if let Some(free) = free {
            // Three shells at once are more than a small state space holds.
            scripted.truncate(1);
            scripted.push(free);
        }
        build::with_jobs(scripted)
    })
}

fn faults(servers: usize, shape: &Shape) -> impl Strategy<Value = Faults> + use<> {
    let some = move || {
        vec(any::<bool>(), servers)
            .prop_map(|chosen| (0..chosen.len()).filter(|server| chosen[*server]).map(ServerId).collect::<Vec<_>>())
    };
    let returns = select(vec![Returns::Yes, Returns::No, Returns::Either]);
    let crash = (0..=1u8, some(), returns).prop_map(|(at_most, servers, returns)| Crash { at_most, servers, returns });
    let on_servers =
        move || (weighted(0.9, 0..=1u8), some()).prop_map(|(at_most, servers)| OnServers { at_most, servers });
    let rarely = || prop_oneof![4 => Just(0u8), 1 => Just(1u8)];
    let hung = prop_oneof![4 => Just(0u8), 1 + shape.conversations => Just(1u8)];
    (
        weighted(0.3, crash),
        hung,
        weighted(0.15, on_servers()),
        weighted(0.15, on_servers()),
        rarely(),
        rarely(),
        rarely(),
        prop_oneof![9 => Just(0u8), 1 => Just(1u8)],
    )
        .prop_map(
            |(
                crash,
                hung,
                update_policy,
                watchdog,
                failing_cmdlets,
                sql_principal_failures,
                hung_starts,
                publications,
            )| Faults {
                crash,
                hung_conferences: hung,
                update_policy,
                watchdog,
                failing_cmdlets,
                sql_principal_failures,
                hung_starts,
                publications,
            },
        )
}

fn deviations(servers: usize, paired: bool) -> impl Strategy<Value = Vec<Initially>> {
    let server = || (0..servers).prop_map(ServerId);
    let deviation = prop_oneof![
        1 => Just(Initially::PoolStopped(PoolId(0))),
        2 => server().prop_map(Initially::FailedOver),
        1 => server().prop_map(Initially::Stopped),
        1 => server().prop_map(Initially::Lost),
        1 => Just(Initially::OnMirror(PoolId(0))),
        if paired { 3 } else { 0 } => Just(Initially::PoolFailedOver(PoolId(0))),
    ];
    let one_of_the_two = |mut all: Vec<Initially>| {
        if all.contains(&Initially::PoolFailedOver(PoolId(0))) {
            all.retain(|it| *it != Initially::PoolStopped(PoolId(0)));
        }
        all
    };
    prop_oneof![2 => Just(vec![]), 1 => vec(deviation, 1..=2).prop_map(one_of_the_two)]
}

fn fixed(open: f64) -> impl Strategy<Value = Vec<(Reading, u8)>> {
    let reading = |reading: &Reading| {
        let (reading, values) = (*reading, reading.describe().values.len() as u8);
        (0.0..1.0f64, 0..values).prop_map(move |(dice, value)| (dice >= open).then_some((reading, value)))
    };
    let all: Vec<_> = Reading::ALL.iter().map(reading).collect();
    all.prop_map(|readings| readings.into_iter().flatten().collect())
}

/// A scenario that shows itself in a few lines.
#[derive(Clone)]
pub struct Small(pub Scenario);

impl fmt::Debug for Small {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenario = &self.0;
        writeln!(f, "{:?}", scenario.deployment.version)?;
        for pool in &scenario.deployment.pools {
            writeln!(f, "{:?} {:?} {:?}", pool.kind, pool.members, pool.back_end)?;
        }
        for operator in &scenario.operators {
            match &operator.acts {
                Acts::Scripted { procedure, machine, person } => {
                    writeln!(f, "script on {machine:?}, person: {person}")?;
                    for (at, node) in procedure.nodes.iter().enumerate() {
                        writeln!(f, "  {at}: {:?}", node.op)?;
                    }
                }
                Acts::Free { menu, at_most } => {
                    let commands: Vec<_> = menu.iter().map(|item| &item.command).collect();
                    writeln!(f, "free, at most {at_most:?}: {commands:?}")?;
                }
            }
        }
        writeln!(f, "initially {:?}\n{:?}\n{:?}", scenario.initially, scenario.faults, scenario.fixed_readings)
    }
}

/// Random small scenarios.
pub fn scenarios(shape: Shape) -> impl Strategy<Value = Small> {
    deployments(&shape).prop_flat_map(move |deployment| {
        let servers = deployment.servers.len();
        let enterprise = deployment.pools[0].members.len();
        (
            operators(&deployment, &shape),
            faults(servers, &shape),
            deviations(enterprise, deployment.pools[0].paired_with.is_some()),
            fixed(shape.open),
        )
            .prop_map(move |(operators, faults, initially, fixed_readings)| {
                let mut scenario = build::scenario(deployment.clone(), operators, faults);
                scenario.initially = initially;
                if deployment.pools[0].kind != PoolKind::Enterprise {
                    // A Standard Edition server cannot be failed over, and has no mirror.
                    let has = |it: &Initially| !matches!(it, Initially::FailedOver(_) | Initially::OnMirror(_));
                    scenario.initially.retain(has);
                }
                scenario.fixed_readings = fixed_readings;
                Small(scenario)
            })
    })
}

/// So many cases, unless `PROPTEST_CASES` asks for another number. Shrinking is bounded: a case is a whole check.
pub fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let default = ProptestConfig { failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() };
    if asked { default } else { ProptestConfig { cases, ..default } }
}
