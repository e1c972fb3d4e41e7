//! What a scenario is compiled to: which questions its states have to answer, and which they need not carry.

use super::build::{self, Item, command, query};
use crate::fabric::{SqlVote, TwelveVoters, Votes};
use crate::lifecycle::{routing_group, server, service};
use crate::model::Maintenance;
use crate::model::claims::not_applicable;
use crate::model::instance::Instance;
use crate::model::state::Database;
use crate::model::turn::Judge;
use crate::runbook::{Command, Query, Reset};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially, Scenario};
use crate::topology::{BackEnd, PoolId, PoolKind, ServerId, ServiceSet, Version};

/// Free operators with these commands, on a pool of three and a Standard Edition pool.
fn compiled(menu: &[Command], change: impl Fn(&mut Scenario)) -> Instance {
    let mut deployment = build::pool_of(3);
    build::add_pool(&mut deployment, PoolKind::StandardEdition, 1);
    let everywhere = command::stop(0, ServiceSet::ALL);
    let menu: Vec<Command> = [&[everywhere, command::stop(3, ServiceSet::ALL)], menu].concat();
    let mut scenario = build::scenario(deployment, vec![build::free("one", &menu, None)], Faults::default());
    change(&mut scenario);
    Instance::new(&scenario)
}

#[test]
fn only_faults_make_something_hang() {
    assert!(!compiled(&[], |_| ()).hangs());
    assert!(compiled(&[], |it| it.faults.hung_conferences = 1).hangs());
    assert!(compiled(&[], |it| it.faults.hung_starts = 1).hangs());
}

#[test]
fn a_scenario_is_scripted_if_somebody_follows_a_runbook() {
    assert!(!compiled(&[], |_| ()).scripted());
    assert!(compiled(&[], |it| it.operators.push(build::scripted("two", &[Item::Sleep]))).scripted());
}

#[test]
fn a_database_moves_where_something_moves_it() {
    let pool = PoolId(0);
    assert!(!compiled(&[command::fail_over(0)], |it| it.initially = vec![Initially::Lost(ServerId(1))]).database_moves);
    assert!(compiled(&[], |it| it.faults.sql_principal_failures = 1).database_moves);
    assert!(compiled(&[], |it| it.initially = vec![Initially::OnMirror(pool)]).database_moves);
    for moves in [command::database(true), Command::StopDatabase { pool }, Command::StartDatabase { pool }] {
        assert!(compiled(std::slice::from_ref(&moves), |_| ()).database_moves, "{moves:?}");
    }
}

#[test]
fn other_groups_matter_to_gates_and_to_fail_overs() {
    assert!(!compiled(&[], |_| ()).gates);
    assert!(compiled(&[command::fail_over(0)], |_| ()).gates);
    let asks = |asked: Query| {
        compiled(&[], |it| it.operators.push(build::scripted("two", &[Item::Poll(asked.clone())]))).gates
    };
    assert!(asks(query::ready()) && asks(query::whole()) && asks(Query::DomainReady { server: ServerId(0) }));
    assert!(!asks(Query::Reachable { server: ServerId(0) }));
}

/// With two of three servers out no group has two replicas besides one that a gate would miss.
#[test]
fn other_groups_miss_replicas_from_the_beginning_where_somebody_looks() {
    let misses = |menu: &[Command]| {
        let instance =
            compiled(menu, |it| it.initially = [1, 3].map(|server| Initially::Lost(ServerId(server))).to_vec());
        let mut state = instance.blank();
        for service in [1, 3].into_iter().flat_map(|server| instance.servers[server].services.clone()) {
            state.services[service].state = service::State::Stopped;
        }
        [0, 1].map(|pool| Judge::new(&instance, &state).misses_replicas(pool))
    };
    assert_eq!(misses(&[]), [false, false]);
    assert_eq!(misses(&[command::fail_over(0)]), [true, false]);
}

/// A Standard Edition pool is not told from its server, unless something is done to it as a pool.
#[test]
fn a_standard_edition_pool_lives_where_it_is_started_or_stopped_as_one() {
    let lives = |menu: &[Command], initially: &[Initially]| {
        let instance = compiled(menu, |it| it.initially = initially.to_vec());
        assert!(instance.pools[0].lives, "a pool with a fabric always does");
        instance.pools[1].lives
    };
    let start = |pool| Command::StartPool { pool: PoolId(pool), recover: false, skip: vec![] };
    let reset = |pool| Command::ResetPool { pool: PoolId(pool), reset: Reset::Service, no_restart: false };
    let (this, other) = (1, 0);
    assert!(!lives(&[], &[]));
    assert!(lives(&[start(this)], &[]) && !lives(&[start(other)], &[]));
    assert!(lives(&[reset(this)], &[]) && !lives(&[reset(other)], &[]));
    for pool in [this, other] {
        let pool = PoolId(pool);
        let (over, back) =
            (Command::FailOverPool { pool, disaster: false }, Command::FailBackPool { pool, disaster: false });
        assert_eq!(lives(&[over], &[]), pool.0 == this);
        assert_eq!(lives(&[back], &[]), pool.0 == this);
        assert_eq!(lives(&[], &[Initially::PoolFailedOver(pool)]), pool.0 == this);
    }
    assert!(lives(&[], &[Initially::PoolStopped(PoolId(this))]));
    assert!(!lives(&[], &[Initially::PoolStopped(PoolId(other))]));
}

/// What can hold only because nothing happens is not said to hold.
#[test]
fn a_property_is_asked_where_something_can_violate_it() {
    use PropertyName::*;
    let asked = |instance: &Instance, of: &[PropertyName]| {
        let asked: Vec<bool> = of.iter().map(|property| not_applicable(instance, *property).is_none()).collect();
        assert!(asked.iter().all(|it| *it == asked[0]), "{of:?}: {asked:?}");
        asked[0]
    };
    let of_quorums = [PoolQuorum, RoutingGroupQuorum, NoStrandedRoutingGroup, SurvivesOneMoreCrash];
    assert!(asked(&compiled(&[], |_| ()), &of_quorums));
    let standard = |it: &mut Scenario| it.operators = vec![build::free("one", &[command::fail_over(3)], None)];
    assert!(!asked(&compiled(&[], standard), &of_quorums));

    let of_runbooks = [NoFailedStep, RunbookCompletes, ReturnsToService, CanComplete];
    assert!(!asked(&compiled(&[], |_| ()), &of_runbooks));
    let runbook = |it: &mut Scenario| it.operators.push(build::scripted("two", &[Item::Sleep]));
    assert!(asked(&compiled(&[], runbook), &of_runbooks));

    let (pool, home) = (PoolId(0), PoolId(0));
    let by_command = |property, command: Command| asked(&compiled(&[command], |_| ()), &[property]);
    assert!(!asked(&compiled(&[], |_| ()), &[OneManagementStore]));
    assert!(by_command(OneManagementStore, Command::MoveManagementStore { home, force: true }));
    for disaster in [false, true] {
        assert_eq!(by_command(NoLostData, Command::FailOverPool { pool, disaster }), disaster);
        assert_eq!(by_command(NoLostData, Command::FailBackPool { pool, disaster }), disaster);
    }
    assert!(!asked(&compiled(&[], |_| ()), &[IsolatedWhilePatched]));
    assert!(by_command(IsolatedWhilePatched, command::install(0)));
    assert!(asked(&compiled(&[], |_| ()), &[OneOutAtATime, NoCutCalls, Recoverable, Capacity, FullService]));
}

/// The others are open everywhere: whether something depends on them shows in the states.
#[test]
fn a_reading_about_steps_that_nobody_takes_is_not_open() {
    const RARE: [Reading; 3] = [Reading::StoreGuard, Reading::MemberChange, Reading::OldMaster];
    let rare = |instance: Instance| {
        assert_eq!(Reading::ALL.iter().filter(|it| instance.open(**it).is_none() && !RARE.contains(it)).count(), 0);
        RARE.into_iter().filter(|it| instance.open(*it).is_some()).collect::<Vec<_>>()
    };
    let pool = PoolId(0);
    assert_eq!(rare(compiled(&[], |_| ())), []);
    let fail_over = Command::FailOverPool { pool, disaster: false };
    assert_eq!(rare(compiled(&[fail_over], |_| ())), [Reading::StoreGuard]);
    assert_eq!(rare(compiled(&[Command::PublishMembers { pool }], |_| ())), [Reading::MemberChange]);
    assert_eq!(rare(compiled(&[], |it| it.faults.publications = 1)), [Reading::MemberChange]);
    let moves = Command::MoveManagementStore { home: pool, force: false };
    assert_eq!(rare(compiled(&[moves], |_| ())), [Reading::OldMaster]);
}

#[test]
fn operators_who_take_a_lock_of_one_name_take_the_same() {
    let lock = |name: &str| build::scripted(name, &[Item::Take("patching"), Item::Sleep, Item::Release("patching")]);
    assert_eq!(compiled(&[], |it| it.operators.extend([lock("two"), lock("three")])).locks.len(), 1);
}

fn large(front_ends: usize, version: Version, readings: &[(Reading, u8)]) -> Maintenance {
    let mut deployment = build::pool_of(front_ends);
    deployment.version = version;
    deployment.pools[0].back_end = Some(BackEnd::Mirrored { witness: false });
    let menu = [command::stop(0, ServiceSet::ALL)];
    let mut scenario = build::scenario(deployment, vec![build::free("one", &menu, None)], Faults::default());
    scenario.fixed_readings = build::readings(readings);
    Maintenance::new(&scenario)
}

/// The current page has seven voters of twelve; that of 2015 has nine, and does not leave a choice (C4).
#[test]
fn c4_the_version_and_the_reading_decide_who_votes() {
    use TwelveVoters::{FiveOfNine, SevenOfTwelve};
    for front_ends in [11, 12, 13] {
        for (version, reading, twelve) in [
            (Version::Lync2013, 1, FiveOfNine),
            (Version::Sfb2015, 0, FiveOfNine),
            (Version::Sfb2015, 1, FiveOfNine),
            (Version::Sfb2019, 0, FiveOfNine),
            (Version::Sfb2019, 1, SevenOfTwelve),
        ] {
            for (sql, value) in [(SqlVote::EvenPools, 0), (SqlVote::Always, 1)] {
                let model = large(front_ends, version, &[(Reading::MaxVoters12, reading), (Reading::SqlVote, value)]);
                let expected = Votes::of(front_ends, sql, twelve);
                let votes = Judge::new(model.instance(), &model.instance().blank()).votes(0);
                assert_eq!(
                    (votes.voters, votes.up, votes.quorum, votes.sql_votes, votes.sql),
                    (expected.voters, expected.voters, expected.quorum, expected.sql_votes, expected.sql_votes),
                    "{front_ends} {version:?} {reading} {value}"
                );
            }
        }
    }
}

#[test]
fn f3_14_the_votes_depend_on_readings_without_sql_and_where_the_table_is_in_doubt() {
    let depends = |front_ends, database| {
        let model = large(front_ends, Version::Sfb2019, &[]);
        let mut state = model.instance().blank();
        state.pools[0].database = database;
        Judge::new(model.instance(), &state).voting(0).to_vec()
    };
    let all = [Reading::SqlVote, Reading::MirrorVote, Reading::MaxVoters12];
    for front_ends in [2, 7, 11] {
        assert_eq!(depends(front_ends, Database::Principal), []);
        assert_eq!(depends(front_ends, Database::Mirror), all);
        assert_eq!(depends(front_ends, Database::Lost), all);
    }
    assert_eq!(depends(12, Database::Principal), all);
    assert_eq!(depends(16, Database::Principal), all);
}

/// Votes that count now: of the front ends that are up, and of SQL where it has one and is up.
#[test]
fn the_vote_of_sql_counts_where_sql_has_one_and_is_up() {
    let total = |front_ends, database, vote| {
        let model = large(front_ends, Version::Sfb2019, &[(Reading::MirrorVote, vote)]);
        let mut state = model.instance().blank();
        state.pools[0].database = database;
        let votes = Judge::new(model.instance(), &state).votes(0);
        (votes.total_up(), votes.sql)
    };
    // With the first value of `sql-vote` SQL votes in pools of an even number.
    assert_eq!(total(4, Database::Principal, 0), (5, true));
    assert_eq!(total(3, Database::Principal, 0), (3, false));
    assert_eq!(total(4, Database::Mirror, 0), (4, false));
    assert_eq!(total(4, Database::Mirror, 1), (5, true));
    assert_eq!(total(4, Database::MirrorAlone, 1), (5, true));
    assert_eq!(total(4, Database::Down, 1), (4, false));
    assert_eq!(total(4, Database::Lost, 1), (4, false));
}

/// The majority that a group needs is one of the replicas that it has, up to three (F4.2, F4.3, F4.12).
#[test]
fn f4_3_the_quorum_of_a_group_is_a_majority_of_its_replicas() {
    use routing_group::State::{Absent, Building, Down, Primary, Secondary};
    let view = |replicas: &[routing_group::State]| {
        let model = large(replicas.len(), Version::Sfb2015, &[]);
        let mut state = model.instance().blank();
        replicas.iter().enumerate().for_each(|(server, replica)| state.servers[server].replica = *replica);
        let judge = Judge::new(model.instance(), &state);
        let group = judge.group();
        (group.quorum, group.has_quorum(), group.whole())
    };
    assert_eq!(view(&[Primary, Secondary]), (1, true, true));
    assert_eq!(view(&[Primary, Down]), (1, true, false));
    assert_eq!(view(&[Down, Down]), (1, false, false));
    assert_eq!(view(&[Primary, Secondary, Secondary]), (2, true, true));
    assert_eq!(view(&[Primary, Secondary, Down]), (2, true, false));
    assert_eq!(view(&[Primary, Down, Down]), (2, false, false));
    assert_eq!(view(&[Secondary, Secondary, Secondary]), (2, true, false));
    // After a recovery there are fewer than fabric wants in the end.
    assert_eq!(view(&[Primary, Absent, Absent]), (1, true, false));
    assert_eq!(view(&[Primary, Secondary, Absent]), (2, true, false));
    assert_eq!(view(&[Primary, Secondary, Building, Absent]), (2, true, false));
    // While one moves there may be one more.
    assert_eq!(view(&[Primary, Secondary, Secondary, Building]), (2, true, false));
    assert_eq!(view(&[Primary, Secondary, Secondary, Secondary]), (2, true, false));
    assert_eq!(view(&[Primary, Secondary, Secondary, Down]), (2, true, false));
}

/// Which servers get users, and which have all that they need, by their availability (F2.4, F2.22, F1.57).
#[test]
fn users_are_sent_to_servers_that_are_available_and_run() {
    use server::State::{Draining, FailedBack, FailedOver, Moving, Removed, Running, Stopped};
    let model = large(3, Version::Sfb2015, &[]);
    let of = |availability| {
        let mut state = model.instance().blank();
        state.servers[0].availability = availability;
        let judge = Judge::new(model.instance(), &state);
        (judge.takes_users(0), judge.replica_possible(0), judge.in_service(0), judge.out(0))
    };
    assert_eq!(of(Running), (true, true, true, false));
    assert_eq!(of(Moving), (true, true, false, true));
    assert_eq!(of(FailedBack), (true, true, false, true));
    assert_eq!(of(Stopped), (false, true, false, true));
    assert_eq!(of(Draining), (false, false, false, true));
    assert_eq!(of(FailedOver), (false, false, false, true));
    assert_eq!(of(Removed), (false, false, false, true));
}
