//! Verdicts that must come out, on procedures built by hand.

use super::build::command::{fail_back, fail_over, install, restart};
use super::build::{self, Failing, Item, pool_of, query};
use crate::check::{self, Options};
use crate::model::Maintenance;
use crate::scenario::readings::Reading;
use crate::scenario::{Crash, Faults, Returns, Scenario};
use crate::topology::ServerId;

/// Fail over, install, reboot, fail back, wait for whole groups; for each server.
fn patch(servers: &[usize], gate: bool, back: bool) -> Vec<Item> {
    let go_on = |command| Item::Do(command, Failing::Continue);
    let mut items = Vec::new();
    for &server in servers {
        items.extend(gate.then(|| Item::Poll(query::ready())));
        items.extend([fail_over(server), install(server), restart(server)].map(go_on));
        items.extend(back.then(|| go_on(fail_back(server))));
    }
    items
}

fn scenario(front_ends: usize, procedures: &[Vec<Item>], faults: Faults) -> Scenario {
    let operators = procedures.iter().enumerate();
    let operators = operators.map(|(i, items)| build::scripted(&format!("operator {}", i + 1), items)).collect();
    build::scenario(pool_of(front_ends), operators, faults)
}

/// The verdicts of a scenario, one a line; counts of states are left to the matrix of shipped scenarios.
fn verdicts(scenario: &Scenario) -> String {
    let model = Maintenance::new(scenario);
    let outcome = check::run(&model, &Options::default(), &()).unwrap();
    let open = &model.instance().open_readings;
    let mut lines = Vec::new();
    for property in &outcome.properties {
        let cubes = check::cover(&property.violated_when(), &check::Packed::parameters(&model));
        let in_words = |cube: &check::Assignment| {
            let values = open.iter().enumerate().filter_map(|(index, reading)| {
                cube.get(index).map(|value| format!("{}={}", reading.describe().name, reading.value_name(value)))
            });
            values.collect::<Vec<_>>().join(" + ")
        };
        let mut cubes: Vec<String> = cubes.iter().map(in_words).collect();
        cubes.sort();
        let verdict = match (property.holds(), cubes.as_slice()) {
            (true, _) => "holds".into(),
            (false, [only]) if only.is_empty() => "fails".into(),
            (false, cubes) => format!("fails if {}", cubes.join(" or ")),
        };
        lines.push(format!("{}: {verdict}", property.property.name));
    }
    lines.join("\n")
}

#[test]
fn official_procedure_on_four() {
    insta::assert_snapshot!(verdicts(&scenario(4, &[patch(&[0, 1, 2, 3], true, true)], Faults::default())), @r"
    pool-quorum: holds
    routing-group-quorum: holds
    no-stranded-routing-group: holds
    no-cut-calls: holds
    survives-one-more-crash: fails if failover-intent=restart
    no-failed-step: holds
    one-out-at-a-time: holds
    isolated-while-patched: holds
    capacity: holds
    full-service: holds
    runbook-completes: holds
    returns-to-service: holds
    recoverable: holds
    can-complete: holds
    ");
}

#[test]
fn official_procedure_on_three_with_a_crash() {
    let crash = Crash { at_most: 1, servers: (0..3).map(ServerId).collect(), returns: Returns::Yes };
    let faults = Faults { crash: Some(crash), ..Faults::default() };
    insta::assert_snapshot!(verdicts(&scenario(3, &[patch(&[0, 1, 2], true, true)], faults)), @r"
    pool-quorum: fails
    routing-group-quorum: fails
    no-stranded-routing-group: fails
    no-cut-calls: fails
    survives-one-more-crash: fails
    no-failed-step: fails
    one-out-at-a-time: fails
    isolated-while-patched: fails
    capacity: fails
    full-service: fails
    runbook-completes: fails
    returns-to-service: fails
    recoverable: fails
    can-complete: holds
    ");
}

#[test]
fn skipped_fail_back() {
    insta::assert_snapshot!(verdicts(&scenario(4, &[patch(&[0, 1, 2, 3], false, false)], Faults::default())), @r"
    pool-quorum: fails
    routing-group-quorum: fails
    no-stranded-routing-group: fails
    no-cut-calls: fails if capacity-check=refuses or fabric-guard=refuses
    survives-one-more-crash: fails
    no-failed-step: fails
    one-out-at-a-time: fails
    isolated-while-patched: fails if capacity-check=refuses or wait-expiry=force-disconnect + fabric-guard=refuses or wait-expiry=no-action + fabric-guard=refuses
    capacity: fails
    full-service: fails
    runbook-completes: holds
    returns-to-service: fails
    recoverable: fails
    can-complete: holds
    ");
}

#[test]
fn two_shells_on_three() {
    let mut scenario = scenario(3, &[patch(&[0], false, true), patch(&[1], false, true)], Faults::default());
    scenario.fixed_readings = vec![(Reading::FabricGuard, 1)];
    insta::assert_snapshot!(verdicts(&scenario), @r"
    pool-quorum: fails
    routing-group-quorum: fails
    no-stranded-routing-group: fails
    no-cut-calls: fails if capacity-check=refuses
    survives-one-more-crash: fails
    no-failed-step: fails
    one-out-at-a-time: fails
    isolated-while-patched: fails if capacity-check=refuses
    capacity: fails
    full-service: fails
    runbook-completes: holds
    returns-to-service: fails
    recoverable: fails
    can-complete: holds
    ");
}
