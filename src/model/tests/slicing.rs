//! Services that a scenario cannot tell apart are one (D6): the verdicts are those of finer slices.

use super::build;
use super::random::{Shape, Small, scenarios};
use super::tally::{Demand, Tally, examine};
use crate::check::{self, Assignment, Completeness, Options};
use crate::model::state::State;
use crate::model::step::Action;
use crate::model::{Maintenance, TellApart, slice};
use crate::runbook::{Command, Reset};
use crate::scenario::{Acts, Crash, Faults, Initially, OnServers, Returns, Scenario};
use crate::topology::services::{CATALOGUE, Service};
use crate::topology::{PoolId, ServerId, ServiceSet};
use proptest::prelude::*;
use proptest::sample::subsequence;

/// The slice as it is, with these services told apart from all others besides.
fn finer(scenario: &Scenario, apart: &[&str]) -> Maintenance {
    Maintenance::telling_apart(scenario, TellApart { services: ServiceSet::named(apart), servers: false })
}

type Verdicts = Vec<(String, bool, Vec<Assignment>)>;

/// What an exploration says of each property, and under which readings.
fn verdicts(model: &Maintenance, outcome: &Explored) -> Verdicts {
    let parameters = check::Packed::parameters(model);
    let verdict = |result: &check::PropertyResult<_, _>| {
        let when = check::cover(&result.violated_when(), &parameters);
        (result.property.name.clone(), result.holds(), when)
    };
    outcome.properties.iter().map(verdict).collect()
}

type Explored = check::Outcome<State, Action>;

/// Explores a model, unless it has more states than so many.
fn explore(model: &Maintenance, max_states: usize) -> Option<Explored> {
    let options = Options { max_states: Some(max_states), threads: Some(1), coverage: true, ..Options::default() };
    let outcome = check::run(model, &options, &()).unwrap();
    (outcome.completeness == Completeness::Complete).then_some(outcome)
}

/// Compares the verdicts of the slice with those of a finer one, if both models are no larger than this.
fn compare(scenario: &Scenario, apart: &[&str], limits: [usize; 2], tally: &mut Tally) -> Result<(), TestCaseError> {
    let (coarse, fine) = (Maintenance::new(scenario), finer(scenario, apart));
    if fine.words > 16 {
        return Ok(());
    }
    if let Some(sliced) = explore(&coarse, limits[0])
        && let Some(finer) = explore(&fine, limits[1])
    {
        prop_assert_eq!(verdicts(&coarse, &sliced), verdicts(&fine, &finer));
        tally.note(&coarse, &sliced);
    }
    Ok(())
}

/// Pairs of pools are of few servers, so there is nowhere to build; nobody asks about all groups.
const PAIRS: Demand = Demand { but_kinds: &[8, 11, 12, 13], ..FINER };
/// A management store takes part in pairs only; that the shell of a fail-over goes is rare.
const FINER: Demand = Demand { compared: 20, but_kinds: &[8, 11, 12, 23], rows: 40 };

#[test]
fn a_finer_slice_gives_the_same_verdicts() {
    let strategy = (
        scenarios(Shape { front_ends: 2..=4, items: 3, gates: false, ..Shape::FULL }),
        subsequence(vec!["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "RTCIMMCU", "RTCMEDSRV"], 1..=2),
    );
    examine(400, strategy, FINER, |(Small(scenario), apart), tally| compare(scenario, apart, [500, 2_000], tally));
}

#[test]
fn finer_slices_of_pairs_give_the_same_verdicts() {
    let strategy = (
        scenarios(Shape { items: 2, gates: false, open: 0.1, ..Shape::PAIRS }),
        subsequence(vec!["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "REPLICA", "LYNCBACKUP"], 1..=2),
    );
    examine(400, strategy, PAIRS, |(Small(scenario), apart), tally| compare(scenario, apart, [400, 2_000], tally));
}

/// Services that drain, each in its own time, with conferences that hang.
#[test]
fn finer_slices_give_the_same_verdicts_where_services_drain() {
    let strategy = (
        scenarios(Shape { open: 0.1, ..Shape::CONVERSATIONS }),
        subsequence(vec!["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "RTCIMMCU", "RTCMEDSRV"], 1..=2),
    );
    examine(400, strategy, FINER, |(Small(scenario), apart), tally| compare(scenario, apart, [500, 2_000], tally));
}

/// A pool that began stopped, and was started, loses its quorum with the last fabric node while a conference goes on.
#[test]
fn a_pool_that_began_stopped_can_lose_its_quorum() {
    use build::command::{drain, start};
    let all = ServiceSet::ALL;
    let scripts = [("one", drain(0, all)), ("two", start(0, all))];
    let operators = scripts.map(|(name, command)| build::scripted(name, &[build::run(command)])).to_vec();
    let mut scenario = build::scenario(build::pool_of(2), operators, Faults::default());
    scenario.initially = vec![Initially::PoolStopped(PoolId(0))];
    let outcome = check::run(&Maintenance::new(&scenario), &Options::default(), &()).unwrap();
    assert!(outcome.properties.iter().any(|it| it.property.name == "pool-quorum" && it.violated()));
}

/// The pool stays down: what users connect to goes on starting, the rest comes up, and a script waits for all to be pending.
#[test]
fn what_does_not_wait_for_the_pool_comes_up_without_it() {
    use crate::runbook::{Quantifier, Query, Shown};
    let shown = Shown { start_pending: true, ..Shown::default() };
    let all_pending =
        Query::Services { server: ServerId(0), services: ServiceSet::ALL, quantifier: Quantifier::All, shown };
    let publish = build::run(Command::PublishMembers { pool: PoolId(0) });
    let scripts = [("one", publish), ("two", build::Item::Poll(all_pending))];
    let operators = scripts.map(|(name, item)| build::scripted(name, &[item])).to_vec();
    let mut scenario = build::scenario(build::pool_of(3), operators, Faults::default());
    scenario.initially = vec![Initially::Lost(ServerId(1))];
    let mut tally = Tally::default();
    compare(&scenario, &["FabricHostSvc", "RTCMEDSRV"], [20_000, 50_000], &mut tally).unwrap();
    assert_eq!(tally.compared, 1);
}

/// A watchdog that comes between the stop of one service and of the next starts the first, and the next stays stopped.
#[test]
fn a_watchdog_comes_between_the_stops_of_two_services() {
    let two = ServiceSet::named(&["RTCAVMCU", "RTCIMMCU"]);
    let stop = build::run(build::command::stop(0, two));
    let watchdog = Some(OnServers { at_most: Some(1), servers: vec![ServerId(0)] });
    let faults = Faults { watchdog, ..Faults::default() };
    let mut scenario = build::scenario(build::pool_of(3), vec![build::scripted("one", &[stop])], faults);
    scenario.fixed_readings = build::readings(&[]);
    let outcome = check::run(&Maintenance::new(&scenario), &Options::default(), &()).unwrap();
    let violated = |name: &str| outcome.properties.iter().any(|it| it.property.name == name && it.violated());
    assert!(violated("recoverable") && violated("returns-to-service"));
}

/// It comes between the stops of two services that drain as well.
#[test]
fn a_watchdog_comes_between_the_ends_of_two_services_that_drain() {
    let drain = build::run(build::command::drain(0, ServiceSet::named(&["RTCAVMCU", "RTCASMCU"])));
    let watchdog = Some(OnServers { at_most: Some(1), servers: vec![ServerId(0)] });
    let faults = Faults { watchdog, ..Faults::default() };
    let scenario = build::scenario(build::pool_of(2), vec![build::scripted("one", &[drain])], faults);
    assert_eq!(violated_in_slices(&scenario, &every_service(), "recoverable"), (true, true));
}

/// What still starts as a fail-over begins to drain stops at once; the watchdog starts it, and the fail-over cuts it.
#[test]
fn a_watchdog_starts_what_a_fail_over_did_not_have_to_drain() {
    use build::{Failing, Item, command};
    let out = build::scripted("one", &[Item::Do(command::fail_over(0), Failing::Continue)]);
    let crash = Some(Crash { at_most: 1, servers: vec![ServerId(0)], returns: Returns::Yes });
    let watchdog = Some(OnServers { at_most: None, servers: vec![ServerId(0)] });
    let scenario = build::scenario(build::pool_of(2), vec![out], Faults { crash, watchdog, ..Faults::default() });
    assert_eq!(violated_in_slices(&scenario, &["RTCMEDSRV"], "no-cut-calls"), (true, true));
}

/// The reset stops the fabric under a fail-back that has some of its services up, and calls on them.
#[test]
fn a_fail_back_that_is_given_up_cuts_what_is_up_already() {
    use build::{Failing, Item, command, free, scripted};
    let back = scripted("one", &[Item::Do(command::fail_back(0), Failing::Continue)]);
    for reset in [Reset::Service, Reset::Full] {
        let reset = Command::ResetPool { pool: PoolId(0), reset, no_restart: true };
        let operators = vec![back.clone(), free("two", std::slice::from_ref(&reset), None)];
        let mut scenario = build::scenario(build::pool_of(2), operators, Faults::default());
        scenario.initially = vec![Initially::PoolStopped(PoolId(0))];
        assert_eq!(violated_in_slices(&scenario, &["RTCAVMCU"], "no-cut-calls"), (true, true), "{reset:?}");
    }
}

/// A fail-back starts again what a stop has stopped first, and does not see the server in service.
#[test]
fn somebody_comes_between_the_stops_of_two_services() {
    use build::{Failing, Item, command};
    let commands = [command::fail_back(0), command::stop(0, ServiceSet::named(&["RTCSRV", "RTCIMMCU"]))];
    let operators = commands.map(|command| build::scripted("one", &[Item::Do(command, Failing::Continue)])).to_vec();
    let scenario = build::scenario(build::pool_of(2), operators, Faults::default());
    assert_eq!(violated_in_slices(&scenario, &["RTCIMMCU"], "no-failed-step"), (true, true));
}

/// A server that is starting has some services that can be paused; the script ends there, and they stay paused.
#[test]
fn a_pause_finds_a_server_that_is_starting() {
    let pause = build::run(Command::PauseServices { server: ServerId(1), services: ServiceSet::ALL });
    let script = build::scripted("one", &[pause, build::run(build::command::restart(1))]);
    let crash = Some(Crash { at_most: 1, servers: vec![ServerId(1)], returns: Returns::Yes });
    let mut scenario = build::scenario(build::pool_of(2), vec![script], Faults { crash, ..Faults::default() });
    scenario.fixed_readings = build::readings(&[]);
    assert_eq!(violated_in_slices(&scenario, &["RTCAVMCU"], "recoverable"), (true, true));
}

/// The machine crashes when one service has stopped, and the person at it has seen the cmdlet begin and not end.
#[test]
fn a_stop_is_lost_between_two_services_with_the_machine_it_runs_on() {
    let stop = build::Item::Do(build::command::stop(0, ServiceSet::ALL), build::Failing::Continue);
    let mut operator = build::scripted("one", &[stop]);
    if let Acts::Scripted { machine, person, .. } = &mut operator.acts {
        (*machine, *person) = (Some(ServerId(0)), true);
    }
    let crash = Some(Crash { at_most: 1, servers: vec![ServerId(0)], returns: Returns::Yes });
    let scenario = build::scenario(build::pool_of(3), vec![operator], Faults { crash, ..Faults::default() });
    assert_eq!(violated_in_slices(&scenario, &["RTCCAA"], "no-failed-step"), (true, true));
}

/// Whether a property is violated in the slice, and in one that tells these services apart as well.
fn violated_in_slices(scenario: &Scenario, apart: &[&str], property: &str) -> (bool, bool) {
    let violated = |model: Maintenance| explore(&model, 100_000).unwrap().property(property).unwrap().violated();
    (violated(Maintenance::new(scenario)), violated(finer(scenario, apart)))
}

fn every_service() -> Vec<&'static str> {
    CATALOGUE.iter().map(|row| row.name).collect()
}

#[test]
fn a_service_that_is_told_apart_is_a_group_of_its_own() {
    let scenario = build::scenario(build::pool_of(2), vec![], Faults::default());
    let groups = |apart: &[&str]| {
        let model = finer(&scenario, apart);
        model.instance().groups.iter().map(|group| group.services).collect::<Vec<_>>()
    };
    let all = scenario.deployment.services_of(ServerId(0));
    assert_eq!(groups(&[]), [all, all]);
    let one = ServiceSet::named(&["RTCAVMCU"]);
    assert_eq!(groups(&["RTCAVMCU"]).iter().filter(|services| **services == one).count(), 2);
    assert_eq!(groups(&every_service()).len(), 2 * all.iter().count());
}

#[test]
fn every_service_on_its_own_gives_the_same_verdicts() {
    let all = every_service();
    let strategy =
        scenarios(Shape { front_ends: 2..=3, items: 2, gates: false, other_roles: false, open: 0.1, ..Shape::FULL });
    examine(400, strategy, FINER, |Small(scenario), tally| {
        let groups = |model: &Maintenance| model.instance().groups.len();
        prop_assert!(groups(&finer(scenario, &all)) > groups(&Maintenance::new(scenario)));
        compare(scenario, &all, [200, 2_000], tally)
    });
}

/// A Mediation service must not be in use on a front end whose pool is stopped, whether it is told apart or not.
#[test]
fn a_stopped_pool_holds_all_that_users_connect_to() {
    let restart = Command::Restart { server: ServerId(2), wait: false };
    let mut scenario =
        build::scenario(build::pool_of(3), vec![build::free("one", &[restart], None)], Faults::default());
    scenario.initially = vec![Initially::PoolStopped(PoolId(0))];
    let mut tally = Tally::default();
    compare(&scenario, &["RTCMEDSRV"], [10_000, 10_000], &mut tally).unwrap();
    assert_eq!(tally.compared, 1);
}

/// Somebody publishes for ever: the pool starts again and again, and IIS need not be up at any of these moments.
#[test]
fn what_a_start_of_the_pool_does_not_bring_up_may_never_be_up() {
    let operators = vec![
        build::scripted("one", &[build::Item::Sleep]),
        build::free("two", &[Command::PublishMembers { pool: PoolId(0) }], None),
    ];
    let mut scenario = build::scenario(build::pool_of(3), operators, Faults::default());
    scenario.fixed_readings = build::readings(&[]);
    let mut tally = Tally::default();
    compare(&scenario, &["W3SVC"], [10_000, 20_000], &mut tally).unwrap();
    assert_eq!(tally.compared, 1);
    let returns = explore(&Maintenance::new(&scenario), 10_000).unwrap();
    assert!(returns.property("returns-to-service").is_some_and(|result| result.violated()));
}

#[test]
fn a_slice_tells_apart_exactly_what_the_scenario_does() {
    let set = |names: &[&str]| ServiceSet::named(names);
    let installed = set(&["W3SVC", "FabricHostSvc", "RTCSRV", "RTCAVMCU", "RTCASMCU"]);
    let groups = slice::groups(installed, &[set(&["RTCAVMCU"]), set(&["FabricHostSvc"]).with_dependents()]);
    let found: Vec<ServiceSet> = groups.iter().map(|group| group.services).collect();
    assert_eq!(found, [set(&["W3SVC", "RTCASMCU"]), set(&["FabricHostSvc", "RTCSRV"]), set(&["RTCAVMCU"])]);
    assert!(groups[1].fabric && groups[1].registrar && !groups[0].fabric);
    assert!(groups[0].talks && groups[2].talks && !groups[1].talks);
    let one = slice::groups(installed, &[]);
    assert_eq!(one.len(), 1);
    assert!(installed.iter().all(|service: Service| one[0].services.contains(service)));
}

/// Scenarios in each of which one thing tells services apart; what it tells apart.
#[test]
fn a_scenario_tells_apart_what_it_names_and_what_can_happen_to_some_alone() {
    use crate::lifecycle::service::Startup;
    use crate::runbook::{Quantifier, Query, Reset, Shown};
    use crate::scenario::OnServers;
    use crate::scenario::property::PropertyName;
    use build::{Item, command, free, run, scripted};

    let set = |names: &[&str]| ServiceSet::named(names);
    let told = |operators: Vec<crate::scenario::Operator>, faults: Faults| {
        slice::distinctions(&build::scenario(build::pool_of(3), operators, faults))
    };
    let sorted = |mut sets: Vec<ServiceSet>| {
        sets.sort_unstable();
        sets
    };
    let by = |command: Command| told(vec![free("free", &[command], None)], Faults::default());
    let front_end = set(&["RTCSRV"]);
    let around = |named: ServiceSet| {
        let mut sets = sorted(vec![named, named.with_dependencies(), named.with_dependents()]);
        sets.dedup();
        sets
    };
    assert_eq!(around(front_end).len(), 2, "what the Front-End service needs, and itself");

    // Commands tell apart the services that they are about, with what these need and what needs them.
    for command in [command::stop(0, front_end), command::drain(0, front_end), command::start(0, front_end)] {
        assert_eq!(by(command.clone()), around(front_end), "{command:?}");
    }
    let (server, services, startup) = (ServerId(0), front_end, Startup::Manual);
    assert_eq!(by(Command::PauseServices { server, services }), around(front_end));
    let several = Command::PauseServices { server, services: set(&["RTCCAA", "RTCCAS"]) };
    assert!(by(several).contains(&set(&["RTCCAA"])), "of what is starting some can be paused");
    assert_eq!(by(Command::SetStartup { server, services, startup }), around(front_end));
    let reset = set(&["RTCSRV", "FabricHostSvc"]);
    assert_eq!(by(command::reset(Reset::Service)), around(reset));
    assert_eq!(by(command::reset(Reset::Full)), around(reset));
    let kept = set(&["REPLICA", "RTCCLSAGT", "LYNCBACKUP"]);
    assert_eq!(by(Command::FailOverPool { pool: PoolId(0), disaster: false }), around(kept));
    assert_eq!(by(Command::FailBackPool { pool: PoolId(0), disaster: true }), around(kept));
    for command in [command::restart(0), command::fail_over(0), command::reset(Reset::QuorumLossRecovery)] {
        assert_eq!(by(command.clone()), [], "{command:?}");
    }

    use crate::topology::services::Work;
    let holding = ServiceSet::holding;
    // Queries tell apart what they show, and of several services the first that is in another state than the rest.
    let shown = Shown { stopped: true, start_pending: false, running: false, paused: false, draining: false };
    let quantifier = Quantifier::All;
    let seen = |query: Query| told(vec![scripted("script", &[Item::Poll(query)])], Faults::default());
    let shows = |services: ServiceSet| seen(Query::Services { server, services, quantifier, shown });
    assert_eq!(shows(set(&["W3SVC"])), [set(&["W3SVC"])]);
    assert_eq!(shows(set(&["W3SVC", "RTCSRV"])), sorted(vec![set(&["W3SVC", "RTCSRV"]), set(&["W3SVC"])]));
    let talking = set(&["RTCSRV", "RTCIMMCU", "RTCAVMCU"]);
    assert_eq!(shows(talking), sorted(vec![talking, set(&["RTCIMMCU"])]), "one that a conversation can live on");
    // While a pool is down the Front-End service stays pending and the Replica agent comes up: two queries tell.
    let users = set(&["RTCSRV"]).or(holding(Work::Conferences)).or(holding(Work::Calls));
    for (quantifier, start_pending, running, tells) in [
        (Quantifier::All, true, false, true),
        (Quantifier::All, true, true, false),
        (Quantifier::All, false, true, false),
        (Quantifier::Any, false, true, true),
        (Quantifier::Any, true, true, false),
        (Quantifier::Any, true, false, false),
    ] {
        let shown = Shown { start_pending, running, ..shown };
        let told = seen(Query::Services { server, services: ServiceSet::ALL, quantifier, shown });
        assert_eq!(told.contains(&users), tells, "{quantifier:?} {start_pending} {running}");
    }
    assert_eq!(seen(Query::BackupSteady { pool: PoolId(0) }), [set(&["LYNCBACKUP"])]);
    for query in [build::query::ready(), build::query::whole(), Query::Reachable { server }] {
        assert_eq!(seen(query.clone()), [], "{query:?}");
    }

    // Faults: what hangs hangs alone.
    let talks = holding(Work::Conferences).or(holding(Work::Calls));
    let drain = || vec![free("free", &[command::drain(0, ServiceSet::ALL)], None)];
    let with_all = |mut sets: Vec<ServiceSet>| {
        sets.push(ServiceSet::ALL);
        sorted(sets)
    };
    let hung = Faults { hung_starts: 1, ..Faults::default() };
    assert_eq!(told(vec![], hung), sorted(vec![holding(Work::Fabric), holding(Work::Registrar), talks]));
    let hung = Faults { hung_conferences: 1, ..Faults::default() };
    assert_eq!(told(drain(), hung.clone()), with_all(vec![talks]));
    assert_eq!(told(vec![free("free", &[command::restart(0)], None)], hung), [], "nothing drains");
    // A watchdog sees as many services stopped before the others as it may start, or one.
    let watchdog =
        |at_most| Faults { watchdog: Some(OnServers { at_most, servers: vec![ServerId(0)] }), ..Faults::default() };
    let installed = build::pool_of(3).services_of(ServerId(0));
    let firsts = |number| installed.and(talks).iter().take(number).map(ServiceSet::only).collect::<Vec<_>>();
    assert_eq!(told(drain(), watchdog(Some(2))), with_all(firsts(2)));
    assert_eq!(told(drain(), watchdog(None)), with_all(firsts(1)));
    assert_eq!(told(vec![], watchdog(Some(2))), []);
    let out = |no_stop| Command::FailOver { server, no_stop, force: false, draining_timeout: false };
    assert_eq!(told(vec![free("free", &[out(false)], None)], watchdog(Some(2))), sorted(firsts(2)));
    assert_eq!(told(vec![free("free", &[out(true)], None)], watchdog(Some(2))), [], "nothing is stopped");
    // It comes between the stops of several.
    let alone = |graceful| {
        let stop = Command::StopServices { server, services: set(&["RTCCAA", "RTCCAS"]), graceful, wait: true };
        told(vec![free("free", &[stop], None)], watchdog(Some(1)))
    };
    assert!([true, false].into_iter().all(|graceful| alone(graceful).contains(&set(&["RTCCAA"]))));
    assert!(alone(false).contains(&holding(Work::Registrar)) && !alone(true).contains(&holding(Work::Registrar)));

    let policy = |at_most| Faults {
        update_policy: Some(OnServers { at_most, servers: vec![ServerId(0)] }),
        ..Faults::default()
    };
    // Somebody else comes between the stops of several, if there is somebody and they go one by one.
    let between = |graceful, wait, others: Vec<crate::scenario::Operator>, faults: Faults| {
        let stop = Command::StopServices { server, services: set(&["RTCCAA", "RTCCAS"]), graceful, wait };
        let operators = [vec![scripted("one", &[run(stop)])], others].concat();
        told(operators, faults).contains(&set(&["RTCCAA"]))
    };
    let other = || vec![scripted("other", &[run(command::restart(1))])];
    let crash =
        Faults { crash: Some(Crash { at_most: 1, servers: vec![server], returns: Returns::Yes }), ..Faults::default() };
    assert!(between(false, true, other(), Faults::default()));
    assert!(between(false, true, vec![], crash) && between(false, true, vec![], policy(Some(1))));
    assert!(!between(false, true, vec![], Faults::default()), "nobody else acts");
    assert!(!between(false, false, other(), Faults::default()), "all at once");
    assert!(!between(true, true, other(), Faults::default()), "what drains may still be called off");

    // A reset takes the pool from under a fail-back.
    let beside = |reset, no_start| {
        let menu = [command::reset(reset), Command::FailBack { server, no_start }];
        told(vec![free("free", &menu, None)], Faults::default()).contains(&firsts(1)[0])
    };
    assert!(beside(Reset::Full, false) && beside(Reset::Service, false));
    assert!(!beside(Reset::QuorumLossRecovery, false) && !beside(Reset::Full, true));
    assert!(!by(command::reset(Reset::Full)).contains(&firsts(1)[0]) && by(command::fail_back(0)).is_empty());

    // A pool that is failed over from the beginning has some services running.
    let mut scenario = build::scenario(build::pool_of(3), vec![], Faults::default());
    scenario.initially = vec![Initially::PoolStopped(PoolId(0))];
    assert_eq!(slice::distinctions(&scenario), []);
    scenario.initially = vec![Initially::PoolFailedOver(PoolId(0))];
    assert_eq!(slice::distinctions(&scenario), [kept]);

    // Somebody can take the pool down for ever after the last runbook: it comes back with what it needs, and no more.
    let needed = sorted(vec![holding(Work::Fabric), holding(Work::Registrar)]);
    let endless = |at_most| free("free", &[command::restart(0)], at_most);
    let script = || scripted("script", &[run(command::restart(0))]);
    assert_eq!(told(vec![script(), endless(None)], Faults::default()), needed);
    assert_eq!(told(vec![script(), endless(Some(9))], Faults::default()), []);
    assert_eq!(told(vec![endless(None)], Faults::default()), [], "no runbook ends");
    assert_eq!(told(vec![script()], policy(None)), needed);
    assert_eq!(told(vec![script()], policy(Some(1))), []);
    let mut scenario = build::scenario(build::pool_of(3), vec![script()], policy(None));
    scenario.properties.retain(|property| *property != PropertyName::ReturnsToService);
    assert_eq!(slice::distinctions(&scenario), [], "nobody asks whether it comes back");
}
