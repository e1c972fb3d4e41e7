//! The model against verdicts that must come out, on procedures built by hand.

use super::Maintenance;
use crate::check::{self, Options};
use crate::runbook::*;
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use crate::scenario::{Acts, Crash, Faults, Operator, Returns, Scenario};
use crate::topology::{BackEnd, Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};
use std::sync::Arc;

fn place() -> Place {
    Place { source: Arc::new(Source { name: "test".into(), text: String::new() }), offset: 0, length: 0 }
}

fn node(op: Op) -> Node {
    Node { op, place: place(), bindings: vec![] }
}

fn pool_of(front_ends: usize) -> Deployment {
    Deployment {
        version: Version::Sfb2015,
        pools: vec![Pool {
            fqdn: "pool1".into(),
            kind: PoolKind::Enterprise,
            members: (0..front_ends).map(ServerId).collect(),
            back_end: Some(BackEnd::Single),
            hosts_management_store: false,
            paired_with: None,
        }],
        servers: (0..front_ends)
            .map(|i| Server { fqdn: format!("fe{}", i + 1), pool: PoolId(0), upgrade_domain: None })
            .collect(),
    }
}

/// Fail over, install, reboot, fail back, wait for whole groups; for each server.
fn patch(servers: &[usize], gate: bool, fail_back: bool) -> Procedure {
    let mut ops: Vec<Box<dyn Fn(usize) -> Op>> = Vec::new();
    fn command(ops: &mut Vec<Box<dyn Fn(usize) -> Op>>, c: Command) {
        ops.push(Box::new(move |at| Op::Command {
            command: c.clone(),
            next: NodeId(at + 1),
            on_error: OnError::Continue,
        }));
    }
    for &s in servers {
        let server = ServerId(s);
        if gate {
            ops.push(Box::new(|at| Op::Observe {
                reads: vec![(RegisterId(0), Query::Readiness { pool: PoolId(0), is: Readiness::Ready })],
                next: NodeId(at + 1),
            }));
            ops.push(Box::new(|at| Op::Branch {
                condition: Condition::Register(RegisterId(0)),
                yes: NodeId(at + 2),
                no: NodeId(at + 1),
            }));
            ops.push(Box::new(|at| Op::Pause { kind: PauseKind::Sleep, next: NodeId(at - 2) }));
        }
        command(&mut ops, Command::FailOver { server, no_stop: false, force: false, draining_timeout: false });
        command(&mut ops, Command::Install { server });
        command(&mut ops, Command::Restart { server, wait: true });
        if fail_back {
            command(&mut ops, Command::FailBack { server, no_start: false });
        }
    }
    ops.push(Box::new(|_| Op::End { failed: false }));
    Procedure {
        nodes: ops.iter().enumerate().map(|(at, op)| node(op(at))).collect(),
        registers: vec!["ready".into()],
        remarks: vec![],
    }
}

fn scenario(front_ends: usize, procedures: Vec<Procedure>, faults: Faults) -> Scenario {
    Scenario {
        title: String::new(),
        description: String::new(),
        deployment: pool_of(front_ends),
        initially: vec![],
        operators: procedures
            .into_iter()
            .enumerate()
            .map(|(i, procedure)| Operator {
                name: format!("operator {}", i + 1),
                acts: Acts::Scripted { procedure, machine: None, person: false },
            })
            .collect(),
        faults,
        fixed_readings: vec![],
        properties: PropertyName::ALL.to_vec(),
        expectations: vec![],
    }
}

fn verdicts(scenario: &Scenario) -> String {
    let model = Maintenance::new(scenario);
    let outcome = check::run(&model, &Options::default(), &()).unwrap();
    let mut text = format!(
        "{} states, {} transitions, {} words\n",
        outcome.statistics.states, outcome.statistics.transitions, model.words
    );
    for property in &outcome.properties {
        let when: Vec<String> = property
            .violated_when()
            .iter()
            .map(|assignment| {
                model
                    .instance()
                    .open_readings
                    .iter()
                    .enumerate()
                    .filter_map(|(i, r)| {
                        assignment.get(i).map(|v| format!("{}={}", r.describe().name, r.value_name(v)))
                    })
                    .collect::<Vec<_>>()
                    .join("+")
            })
            .collect();
        text += &format!(
            "{}: {}\n",
            property.property.name,
            if property.holds() { "holds".into() } else { format!("fails {when:?}") }
        );
        if std::env::var("STORY").is_ok()
            && let Some(witness) = property.violations.first().and_then(|v| v.witness.as_ref())
        {
            for (action, _) in &witness.steps {
                text += &format!("      {:?} {:?}\n", action.step, action.choices);
            }
        }
    }
    println!("{text}");
    text
}

#[test]
fn official_procedure_on_four() {
    insta::assert_snapshot!(verdicts(&scenario(4, vec![patch(&[0, 1, 2, 3], true, true)], Faults::default())), @"");
}

#[test]
fn official_procedure_on_three_with_a_crash() {
    let faults = Faults {
        crash: Some(Crash { at_most: 1, servers: (0..3).map(ServerId).collect(), returns: Returns::Yes }),
        ..Faults::default()
    };
    insta::assert_snapshot!(verdicts(&scenario(3, vec![patch(&[0, 1, 2], true, true)], faults)), @"");
}

#[test]
fn skipped_fail_back() {
    insta::assert_snapshot!(verdicts(&scenario(4, vec![patch(&[0, 1, 2, 3], false, false)], Faults::default())), @"");
}

#[test]
fn two_shells_on_three() {
    let mut scenario = scenario(3, vec![patch(&[0], false, true), patch(&[1], false, true)], Faults::default());
    scenario.fixed_readings = vec![(Reading::FabricGuard, 1)];
    insta::assert_snapshot!(verdicts(&scenario), @"");
}

#[test]
fn story() {
    let scenario = scenario(3, vec![patch(&[0], false, true), patch(&[1], false, true)], Faults::default());
    let verdict = crate::verdict::check_scenario(&scenario, &Default::default()).unwrap();
    println!("{}", serde_json::to_string_pretty(&verdict.properties[0]).unwrap());
}
