//! What the stages of a fail-over of a pool and of a fail-back wait for, and what ends their wait.

use crate::lifecycle::Machine;
use crate::lifecycle::pool::{Event, Pool as PoolMachine, State as Pool};
use crate::lifecycle::server::Power;
use crate::lifecycle::service::{Startup, State};
use crate::model::commands::Progress::{Blocked, Done};
use crate::model::oracle::Oracle;
use crate::model::pairs::{proceed, stage_words};
use crate::model::state::{Database, Hang};
use crate::model::step::Step;
use crate::model::tests::bench::{Bench, deployed};
use crate::model::tests::build::{add_pool, command::*, pool_of};
use crate::model::turn::Turn;
use crate::runbook::{Command, Query, Reset};
use crate::scenario::Initially;
use crate::scenario::readings::Reading;
use crate::topology::{Deployment, PoolId, PoolKind, ServerId, ServiceSet};

const HOME: PoolId = PoolId(0);
const PARTNER: PoolId = PoolId(1);
const AT_HOME: [usize; 3] = [0, 1, 2];
const AT_PARTNER: [usize; 3] = [3, 4, 5];

fn fail_over() -> Command {
    Command::FailOverPool { pool: HOME, disaster: false }
}

fn fail_back(disaster: bool) -> Command {
    Command::FailBackPool { pool: HOME, disaster }
}

fn move_store(home: PoolId) -> Command {
    Command::MoveManagementStore { home, force: false }
}

fn only(name: &str) -> ServiceSet {
    ServiceSet::named(&[name])
}

fn pair() -> Deployment {
    let mut deployment = pool_of(3);
    add_pool(&mut deployment, PoolKind::Enterprise, 3);
    deployment.pools[0].paired_with = Some(PARTNER);
    deployment.pools[1].paired_with = Some(HOME);
    deployment
}

/// How a cmdlet that the first shell is blocked in stands.
#[derive(Debug, PartialEq, Eq)]
enum Wait {
    GoesOn,
    Lasts,
    Ends,
}
use Wait::{Ends, GoesOn, Lasts};

fn wait(bench: &Bench) -> Wait {
    match [Step::Advance { shell: 0 }, Step::Expire { shell: 0 }].map(|step| bench.can(step)) {
        [true, false] => GoesOn,
        [false, false] => Lasts,
        [false, true] => Ends,
        [true, true] => panic!("it can go on, and its wait ends"),
    }
}

/// D4: a wait ends only if what it is for does not come by itself.
#[test]
fn d4_a_fail_over_waits_for_a_partner_that_comes_up_and_for_no_other() {
    let menu = [fail_over(), stop(0, only("FabricHostSvc"))];
    let waits = |change: &dyn Fn(&mut Bench)| {
        let mut bench = deployed(pair(), &menu).with_group(&AT_HOME);
        assert_eq!(bench.issue(fail_over()), Blocked);
        change(&mut bench);
        wait(&bench)
    };
    fn set(bench: &mut Bench, servers: &[usize], service: &str, state: State, hang: Hang) {
        for server in servers {
            let group = bench.group_of(*server, service);
            (bench.state.services[group].state, bench.state.services[group].hang) = (state, hang);
        }
    }
    fn front_ends(bench: &mut Bench, servers: &[usize], state: State) {
        set(bench, servers, "RTCSRV", state, Hang::None);
    }
    fn off(bench: &mut Bench, power: Power, startup: Startup) {
        for server in AT_PARTNER {
            for group in bench.model.instance().servers[server].services.clone() {
                bench.state.services[group].state = State::Stopped;
            }
            bench.state.servers[server].power = Power::Lost;
        }
        let first = AT_PARTNER[0];
        bench.state.servers[first].power = power;
        for group in bench.model.instance().servers[first].services.clone() {
            bench.state.services[group].startup = startup;
        }
    }
    assert_eq!(waits(&|_| ()), GoesOn);
    assert_eq!(waits(&|it| front_ends(it, &AT_PARTNER, State::Stopped)), Ends);
    assert_eq!(waits(&|it| front_ends(it, &AT_PARTNER[..2], State::Stopped)), GoesOn, "one that answers is enough");
    assert_eq!(waits(&|it| front_ends(it, &AT_PARTNER, State::StartPending)), Lasts);
    assert_eq!(waits(&|it| set(it, &AT_PARTNER, "RTCSRV", State::StartPending, Hang::Ended)), Ends, "it hangs (R7)");
    let one_starts = |it: &mut Bench| {
        front_ends(it, &AT_PARTNER, State::Stopped);
        front_ends(it, &AT_PARTNER[..1], State::StartPending);
    };
    assert_eq!(waits(&one_starts), Lasts, "one that comes up is enough");
    let without_node = |it: &mut Bench| {
        front_ends(it, &AT_PARTNER, State::StartPending);
        set(it, &AT_PARTNER, "FabricHostSvc", State::StartPending, Hang::Ended);
    };
    assert_eq!(waits(&without_node), Ends, "the Front-End service needs the fabric node (F1.38)");
    for (power, startup, expected) in [
        (Power::Rebooting, Startup::Automatic, Lasts),
        (Power::Crashed, Startup::Automatic, Lasts),
        (Power::Rebooting, Startup::Manual, Ends),
        (Power::Lost, Startup::Automatic, Ends),
    ] {
        assert_eq!(waits(&|it| off(it, power, startup)), expected, "{power:?}, {startup:?}");
    }
    for (starting, expected) in [(3, Lasts), (2, Ends)] {
        let stopped = |it: &mut Bench| {
            front_ends(it, &AT_PARTNER, State::Stopped);
            front_ends(it, &AT_PARTNER[..starting], State::StartPending);
            it.state.pools[1].state = Pool::Stopped;
        };
        assert_eq!(waits(&stopped), expected, "a start of a pool of three needs all (F3.7): {starting}");
    }
    for database in [Database::Down, Database::Lost] {
        assert_eq!(waits(&|it| it.state.pools[1].database = database), Ends);
    }
    assert_eq!(waits(&|it| it.state.pools[1].database = Database::MirrorAlone), GoesOn);
    let backup = |it: &mut Bench, state| set(it, &AT_PARTNER, "LYNCBACKUP", state, Hang::None);
    assert_eq!(waits(&|it| backup(it, State::Stopped)), Ends);
    assert_eq!(waits(&|it| backup(it, State::StartPending)), Lasts);
}

#[test]
fn f6_9_a_fail_back_in_disaster_mode_waits_for_the_pool_at_home_alone() {
    let mut menu = AT_PARTNER.map(|server| stop(server, only("LYNCBACKUP"))).to_vec();
    menu.extend([fail_over(), fail_back(false), fail_back(true)]);
    for (disaster, after) in [(false, Pool::FailedOver), (true, Pool::Running)] {
        let mut bench = deployed(pair(), &menu).with_group(&AT_HOME);
        bench.carry_out(fail_over());
        AT_PARTNER.iter().for_each(|server| _ = bench.carry_out(stop(*server, only("LYNCBACKUP"))));
        assert_eq!(bench.carry_out(fail_back(disaster)), Blocked);
        assert_eq!(bench.state.pools[0].state, after, "disaster mode: {disaster}");
    }
}

/// F3.20: for some minutes a voter that returns saves the pool, and the fail-back goes on.
#[test]
fn f3_20_a_fail_back_waits_while_the_pool_at_home_may_still_be_saved() {
    let menu =
        [fail_over(), fail_back(false), stop(0, ServiceSet::ALL), stop(1, ServiceSet::ALL), start(0, ServiceSet::ALL)];
    let mut bench = deployed(pair(), &menu).with_group(&AT_HOME);
    bench.carry_out(fail_over());
    bench.issue(fail_back(false));
    bench.step(Step::Advance { shell: 0 }).step(Step::PoolStarts { pool: 0 });
    for server in [0, 1] {
        bench.issue(stop(server, ServiceSet::ALL));
        while bench.state.shells[1].at != 0 {
            bench.step(Step::Advance { shell: 1 });
        }
    }
    assert_eq!(bench.state.pools[0].state, Pool::FailedOverLost);
    assert_eq!(wait(&bench), Lasts);
    bench.carry_out(start(0, ServiceSet::ALL));
    assert_eq!(bench.state.pools[0].state, Pool::Running, "the users are at home");
}

#[test]
fn f6_13_the_backup_is_steady_while_both_pools_and_the_store_are_usable() {
    // The store is on a third pool, which has another partner.
    let mut deployment = pair();
    for paired in [3, 2] {
        add_pool(&mut deployment, PoolKind::StandardEdition, 1);
        deployment.pools.last_mut().expect("just added").paired_with = Some(PoolId(paired));
    }
    deployment.pools[2].hosts_management_store = true;
    let front_end = only("RTCSRV");
    let servers = || (0..8).map(|server| stop(server, front_end));
    let backups = || (0..6).map(|server| stop(server, only("LYNCBACKUP")));
    let menu: Vec<Command> = servers().chain(backups()).chain([move_store(PoolId(2)), fail_over()]).collect();
    let steady = |stops: &[Command]| {
        let mut bench = deployed(deployment.clone(), &menu).with_group(&AT_HOME);
        stops.iter().for_each(|it| _ = bench.issue(it.clone()));
        [HOME, PARTNER].map(|pool| bench.model.answer(&bench.state, &Query::BackupSteady { pool }))
    };
    let (servers, backups): (Vec<_>, Vec<_>) = (servers().collect(), backups().collect());
    assert_eq!(steady(&[]), [true; 2]);
    assert_eq!(steady(&servers[6..7]), [false; 2], "nothing can write the configuration");
    assert_eq!(steady(&servers[7..8]), [true; 2], "the store is not there");
    for of_pool in [&servers[..3], &servers[3..6], &backups[..3], &backups[3..6]] {
        assert_eq!(steady(of_pool), [false; 2], "{of_pool:?}");
        assert_eq!(steady(&of_pool[1..]), [true; 2], "one is left: {of_pool:?}");
    }
}

/// R29: whoever stops before the move is known everywhere; the pool that the store has come to knows.
#[test]
fn r29_only_the_former_master_can_have_missed_a_move() {
    let over = Command::FailOverPool { pool: PARTNER, disaster: false };
    let mut deployment = pair();
    deployment.pools[0].hosts_management_store = true;
    let menu = [move_store(HOME), over.clone()];
    let setup = deployed(deployment, &menu).reading(&[(Reading::StoreGuard, 1), (Reading::OldMaster, 1)]);
    let mut bench = setup.with_group(&AT_HOME);
    assert_eq!(bench.issue(move_store(HOME)), Done);
    bench.issue(over);
    for _ in 0..3 {
        bench.step(Step::Advance { shell: 0 });
    }
    assert_eq!(bench.state.pools[1].state, Pool::FailedOver);
    assert!(bench.state.store.replicating && !bench.state.store.unaware);
}

#[test]
fn f4_17_a_start_of_the_pool_leaves_a_removed_server_alone() {
    let removal = reset(Reset::MachineStateRemoved(ServerId(3)));
    let menu = [stop(3, ServiceSet::ALL), removal.clone(), start_pool(true)];
    let mut bench = deployed(pool_of(4), &menu).with_group(&AT_HOME);
    bench.carry_out(menu[0].clone());
    assert_eq!(bench.carry_out(removal), Done);
    assert_eq!(bench.carry_out(start_pool(true)), Done);
    assert_eq!(bench.service(3, "RTCSRV"), State::Stopped);
}

#[test]
fn f4_17_a_start_of_the_pool_leaves_a_server_alone_that_is_failed_over() {
    // Whoever has set its services to start automatically has not failed it back.
    let menu = [startup(3, Startup::Automatic), start_pool(true)];
    let setup = deployed(pool_of(4), &menu).initially(&[Initially::FailedOver(ServerId(3))]);
    let mut bench = setup.with_group(&AT_HOME);
    assert_eq!((bench.carry_out(menu[0].clone()), bench.startup(3, "RTCSRV")), (Done, Startup::Automatic));
    assert_eq!(bench.carry_out(start_pool(true)), Done);
    assert_eq!(bench.service(3, "RTCSRV"), State::Stopped);
}

/// Which row of the pool's table a stage takes, which the coverage of a run tells.
#[test]
fn f6_7_f6_8_disaster_mode_takes_another_row_to_the_same_state() {
    let menu = [fail_over()];
    for (disaster, event) in [(false, Event::FailOverDone), (true, Event::DisasterFailOver)] {
        let mut bench = deployed(pair(), &menu).with_group(&AT_HOME);
        bench.issue(fail_over());
        bench.step(Step::Advance { shell: 0 });
        assert_eq!(bench.state.pools[0].state, Pool::Draining);
        let (mut oracle, mut rows) = (Oracle::default(), Vec::new());
        let instance = bench.model.instance();
        let state = bench.state.clone();
        let mut turn = Turn { instance, state, oracle: &mut oracle, events: 0, rows: Some(&mut rows) };
        proceed(&mut turn, &Command::FailOverPool { pool: HOME, disaster }, if disaster { 1 } else { 2 });
        assert_eq!(turn.state.pools[0].state, Pool::FailedOverUp);
        let row = PoolMachine::row(Pool::Draining, event).expect("the table has it");
        assert_eq!(rows.iter().find(|(machine, _)| *machine == 2), Some(&(2, row)));
    }
}

#[test]
fn f6_7_the_stages_have_words() {
    let words = |command: &Command| (0..5).map(|phase| stage_words(command, phase)).collect::<Vec<_>>();
    let steady = Some("the backup is steady, and the pool goes read-only");
    let (switch, stop) = (Some("the users switch to the paired pool"), Some("the services at home stop"));
    assert_eq!(words(&fail_over()), [None, steady, switch, stop, None]);
    let disaster = Command::FailOverPool { pool: HOME, disaster: true };
    assert_eq!(words(&disaster), [None, switch, stop, None, None]);
    let back = [
        None,
        Some("the services at home are asked to start"),
        Some("the pool at home runs and synchronises"),
        Some("the users are at home again"),
        None,
    ];
    assert_eq!(words(&fail_back(false)), back);
    assert_eq!(words(&fail_back(true)), back);
    assert_eq!(words(&restart(0)), [None; 5]);
}
