//! Verdicts as the checker gives them, one for each kind of thing that a report has to say.

use poolproof::runbook::Source;
use poolproof::verdict::*;
use std::sync::Arc;

/// Four front ends, their pool, the tracked group on three of them.
pub fn moment(states: [&str; 4], replicas: [&str; 4], operators: &[&str]) -> Moment {
    let in_service = |state: &str| state == "Running";
    let servers: Vec<ServerMoment> = states
        .iter()
        .zip(replicas)
        .map(|(state, replica)| ServerMoment {
            state: (*state).to_owned(),
            power: "Up".to_owned(),
            services: if in_service(state) { "Running" } else { "Stopped (disabled)" }.to_owned(),
            replica: replica.to_owned(),
            serving: in_service(state),
            vote: Some(in_service(state)),
        })
        .collect();
    let up = states.iter().filter(|state| in_service(state)).count();
    let replicas_up = replicas.iter().filter(|replica| matches!(**replica, "Primary" | "Secondary")).count();
    let routing_group = if replicas_up == 3 { "whole".to_owned() } else { format!("{replicas_up} of 3 replicas up") };
    let votes_up = up + 1;
    let out_of_service = states
        .iter()
        .enumerate()
        .filter(|(_, state)| !in_service(state))
        .map(|(index, state)| format!("fe{}: {}", index + 1, state.to_lowercase()))
        .collect();
    Moment {
        servers,
        pools: vec![PoolMoment {
            name: "pool1".to_owned(),
            state: if votes_up >= 3 { "Running" } else { "Quorum lost" }.to_owned(),
            votes_up,
            quorum: 3,
            routing_group,
        }],
        operators: operators.iter().map(|operator| (*operator).to_owned()).collect(),
        out_of_service,
    }
}

/// A line of the runbook of the fixtures, with the server that its variable stood for.
pub fn place(line: usize, column: usize, text: &str, server: &str) -> Place {
    Place {
        file: "models/forgotten-fail-back/patch.ps1".to_owned(),
        line,
        column,
        offset: 100 + 10 * line,
        length: text.len(),
        text: text.to_owned(),
        bindings: if server.is_empty() { Vec::new() } else { vec![format!("$server = {server}")] },
    }
}

pub fn step(actor: &str, by: Actor, text: &str, place: Option<Place>, changes: &[&str], after: Moment) -> Step {
    Step {
        actor: actor.to_owned(),
        by,
        text: text.to_owned(),
        place,
        changes: changes.iter().map(|change| (*change).to_owned()).collect(),
        assuming: Vec::new(),
        after,
    }
}

pub fn value(reading: &str, value: &str) -> ReadingValue {
    ReadingValue { reading: reading.to_owned(), value: value.to_owned() }
}

const WHOLE: [&str; 4] = ["Primary", "Secondary", "Secondary", ""];
const FAIL_OVER: &str = "Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false";

/// A script that fails over one front end after another and never fails one back.
pub fn accumulation() -> Counterexample {
    let before = moment(["Running"; 4], WHOLE, &["ready"]);
    let fail_over = |server: &str, changes: &[&str], after: Moment, guard: bool| {
        let mut step = step(
            "alice",
            Actor::Operator,
            &format!("fails over {server}"),
            Some(place(12, 5, FAIL_OVER, server)),
            changes,
            after,
        );
        if guard {
            step.assuming.push(value("fabric-guard", "permits"));
        }
        step
    };
    let one_out =
        moment(["Failed over", "Running", "Running", "Running"], ["Down", "Primary", "Secondary", ""], &["line 13"]);
    let two_out =
        moment(["Failed over", "Failed over", "Running", "Running"], ["Down", "Down", "Primary", ""], &["line 13"]);
    let three_out =
        moment(["Failed over", "Failed over", "Failed over", "Running"], ["Down", "Down", "Down", ""], &["line 13"]);
    let installed = |server: &str, after: &Moment| {
        step(
            "alice",
            Actor::Operator,
            &format!("runs an installer on {server}, which needs no reboot"),
            Some(place(14, 5, "Install-Update $server", server)),
            &[],
            after.clone(),
        )
    };
    Counterexample {
        before,
        steps: vec![
            fail_over(
                "fe1",
                &[
                    "fe1: Running -> Failed over",
                    "replica on fe1: Primary -> Down",
                    "routing group: whole -> 2 of 3 replicas up, no primary",
                    "votes of pool1: 5 up, 3 needed -> 4 up, 3 needed",
                ],
                one_out.clone(),
                false,
            ),
            step(
                "fabric",
                Actor::System,
                "promotes the replica on fe2",
                None,
                &["fe2: Secondary -> Primary"],
                one_out.clone(),
            ),
            installed("fe1", &one_out),
            fail_over(
                "fe2",
                &["fe2: Running -> Failed over", "votes of pool1: 4 up, 3 needed -> 3 up, 3 needed"],
                two_out.clone(),
                true,
            ),
            installed("fe2", &two_out),
            fail_over(
                "fe3",
                &[
                    "fe3: Running -> Failed over",
                    "votes of pool1: 3 up, 3 needed -> 2 up, 3 needed",
                    "pool1: Running -> Quorum lost",
                ],
                three_out,
                true,
            ),
        ],
        loop_from: None,
    }
}

/// A wait that tests a snapshot and therefore never ends.
pub fn endless_wait() -> Counterexample {
    let before = moment(["Running"; 4], WHOLE, &["ready", "ready"]);
    let out = moment(
        ["Failed over", "Running", "Running", "Running"],
        ["Down", "Primary", "Secondary", ""],
        &["line 22", "ready"],
    );
    let sleep = place(22, 9, "Start-Sleep -Seconds 60", "");
    let test = place(23, 3, "} until ($state -eq 'Ready')", "");
    Counterexample {
        before,
        steps: vec![
            step(
                "alice",
                Actor::Operator,
                "fails over fe1",
                Some(place(12, 5, FAIL_OVER, "fe1")),
                &["fe1: Running -> Failed over"],
                out.clone(),
            ),
            step("alice", Actor::Operator, "sleeps", Some(sleep), &[], out.clone()),
            step("alice", Actor::Operator, "finds that $state -eq 'Ready' is false", Some(test), &[], out),
        ],
        loop_from: Some(1),
    }
}

/// One crash more than a pool of three survives: no step of a runbook is to blame.
pub fn crash() -> Counterexample {
    let before = moment(["Running"; 4], WHOLE, &["ready"]);
    let one_out =
        moment(["Failed over", "Running", "Running", "Running"], ["Down", "Primary", "Secondary", ""], &["line 13"]);
    let crashed =
        moment(["Failed over", "Crashed", "Running", "Running"], ["Down", "Down", "Primary", ""], &["line 13"]);
    let mut fail_over = step(
        "alice",
        Actor::Operator,
        "fails over fe1",
        Some(place(12, 5, FAIL_OVER, "fe1")),
        &["fe1: Running -> Failed over"],
        one_out,
    );
    fail_over.assuming.push(value("failover-intent", "restart"));
    Counterexample {
        before,
        steps: vec![
            fail_over,
            step(
                "fault",
                Actor::Fault,
                "fe2 crashes and does not come back",
                None,
                &["fe2: Up -> Crashed", "routing group: 2 of 3 replicas up -> 1 of 3 replicas up, quorum lost"],
                crashed,
            ),
        ],
        loop_from: None,
    }
}

pub fn property(name: &str, outcome: Outcome) -> PropertyVerdict {
    let described = poolproof::scenario::property::PropertyName::named(name).expect("a property").describe();
    PropertyVerdict {
        name: name.to_owned(),
        kind: described.kind.words().to_owned(),
        meaning: described.meaning.to_owned(),
        facts: described.facts.iter().map(|fact| (*fact).to_owned()).collect(),
        outcome,
    }
}

pub fn violated(when: Vec<Vec<ReadingValue>>, failure: &str, counterexample: Option<Counterexample>) -> Outcome {
    Outcome::Violated {
        when,
        complete: true,
        failure: failure.to_owned(),
        unavoidable: None,
        why: Vec::new(),
        needless: None,
        counterexample: counterexample.map(Box::new),
    }
}

/// What the checker adds to the story of [`accumulation`]: the first fail-over need not have been patched.
fn explained(mut outcome: Outcome, clause: &str, read: &[&str]) -> Outcome {
    if let Outcome::Violated { why, needless, .. } = &mut outcome {
        why.push(Clause { clause: clause.to_owned(), read: read.iter().map(|value| (*value).to_owned()).collect() });
        *needless = Some(vec![2, 4]);
    }
    outcome
}

fn reading(name: &str, treatment: Treatment) -> ReadingUse {
    let described = poolproof::scenario::readings::Reading::named(name).expect("a reading").describe();
    ReadingUse {
        reading: name.to_owned(),
        question: described.question.to_owned(),
        facts: described.facts.iter().map(|fact| (*fact).to_owned()).collect(),
        treatment,
    }
}

pub fn scenario(name: &str, title: &str, properties: Vec<PropertyVerdict>) -> ScenarioVerdict {
    let both = |name: &str| {
        let values = poolproof::scenario::readings::Reading::named(name).expect("a reading").describe().values;
        Treatment::Explored { values: values.iter().map(|value| value.name.to_owned()).collect() }
    };
    ScenarioVerdict {
        file: format!("models/{name}/scenario.toml"),
        title: title.to_owned(),
        description: "The script patches every front end in turn.\nIt fails a server back only after a reboot.\n\nMany updates need none.".to_owned(),
        servers: (1..=4).map(|number| format!("fe{number}")).collect(),
        operators: vec!["alice".to_owned()],
        properties,
        explored: Explored {
            engine: "exact".to_owned(),
            complete: true,
            limit: None,
            states: 18_204,
            transitions: 71_377,
            depth: 63,
            state_bytes: 24,
            told_apart: Vec::new(),
        },
        readings: vec![
            reading("sql-vote", Treatment::Fixed { value: "even-pools".to_owned() }),
            reading("fabric-guard", both("fabric-guard")),
            reading("failover-intent", both("failover-intent")),
            reading("cold-start", Treatment::Irrelevant),
            reading("max-voters-12", Treatment::Irrelevant),
        ],
        assumptions: vec![
            "One routing group is tracked; its replicas and its primary are chosen in every possible way (D1).".to_owned(),
            "Time is order, not seconds: whatever can expire may expire at any moment of its wait (D4).".to_owned(),
        ],
        never: Never {
            steps: vec![place(18, 5, "Invoke-CsComputerFailBack -ComputerName $server", "fe4")],
            actions: vec!["a front end crashes while it is failed over".to_owned()],
            rows: vec![
                "server: Failed over, full reset -> Failed back".to_owned(),
                "pool: Stopped, start -> Running".to_owned(),
            ],
        },
        remarks: vec![
            Remark {
                kind: "suspicious".to_owned(),
                message: "the path is printed, not run".to_owned(),
                help: Some("put & before it".to_owned()),
                place: place(15, 5, "\"$share\\SkypeServerUpdateInstaller.exe\"", ""),
            },
            Remark {
                kind: "ignored".to_owned(),
                message: "Write-Host has no effect on a pool".to_owned(),
                help: None,
                place: place(11, 5, "Write-Host \"patching $server\"", "fe1"),
            },
        ],
    }
}

/// Two properties with one story, one that fails under one reading, one that cannot be completed, others.
pub fn forgotten_fail_back() -> ScenarioVerdict {
    let permits = || vec![vec![value("fabric-guard", "permits")]];
    let mut crash_outcome = violated(
        vec![
            vec![value("failover-intent", "restart")],
            vec![value("fabric-guard", "permits"), value("sql-vote", "always")],
        ],
        "One further crash leaves the routing group with 1 of 3 replicas.",
        Some(crash()),
    );
    if let Outcome::Violated { unavoidable, .. } = &mut crash_outcome {
        *unavoidable = Some("with 3 replicas a group that misses one cannot miss another (F4.6).".to_owned());
    }
    scenario(
        "forgotten-fail-back",
        "A script forgets to fail back where no reboot was needed",
        vec![
            property(
                "pool-quorum",
                explained(
                    violated(permits(), "pool1 has 2 votes up and needs 3.", Some(accumulation())),
                    "pool1 has as many votes up as it needs",
                    &["voters up: fe4", "voters down: fe1, fe2, fe3", "votes: 2 up, 3 needed"],
                ),
            ),
            property(
                "routing-group-quorum",
                explained(
                    violated(permits(), "The routing group has 0 of 3 replicas up.", Some(accumulation())),
                    "every routing group has a majority of its replicas up",
                    &["replicas down: fe1, fe2, fe3", "0 up, 2 needed"],
                ),
            ),
            property("no-cut-calls", Outcome::Holds),
            property("survives-one-more-crash", crash_outcome),
            property(
                "isolated-while-patched",
                Outcome::NotApplicable { reason: "no runbook installs anything".to_owned() },
            ),
            property(
                "runbook-completes",
                violated(vec![Vec::new()], "alice waits for ever in line 22.", Some(endless_wait())),
            ),
            property("can-complete", violated(vec![Vec::new()], "No run reaches the end of every runbook.", None)),
        ],
    )
}

/// Everything holds.
pub fn official_procedure() -> ScenarioVerdict {
    let mut verdict = scenario(
        "official-procedure",
        "The documented patch procedure",
        vec![
            property("pool-quorum", Outcome::Holds),
            property("runbook-completes", Outcome::Holds),
            property("one-out-at-a-time", Outcome::NotApplicable { reason: "the pool has one front end".to_owned() }),
        ],
    );
    verdict.never = Never::default();
    verdict.remarks.clear();
    verdict
}

/// A limit was hit.
pub fn too_large() -> ScenarioVerdict {
    let reason = "the limit of 1,000,000 states was reached".to_owned();
    let mut verdict = scenario(
        "sixteen-front-ends",
        "Two free operators on 16 front ends",
        vec![
            property("pool-quorum", Outcome::NotProved { reason: reason.clone() }),
            property("no-cut-calls", Outcome::NotProved { reason: reason.clone() }),
            property("can-complete", Outcome::Holds),
        ],
    );
    verdict.explored.complete = false;
    verdict.explored.limit = Some(format!("{reason}; at this rate about 40 million are left"));
    verdict.explored.states = 1_000_000;
    verdict.never = Never::default();
    verdict.remarks.clear();
    verdict
}

/// A violation that was found before a limit was hit.
pub fn incomplete_violation() -> ScenarioVerdict {
    let mut verdict = too_large();
    verdict.properties[0].outcome = violated(
        vec![vec![value("fabric-guard", "permits")]],
        "pool1 has 2 votes up and needs 3.",
        Some(accumulation()),
    );
    if let Outcome::Violated { complete, .. } = &mut verdict.properties[0].outcome {
        *complete = false;
    }
    verdict
}

pub fn report(scenarios: Vec<ScenarioVerdict>) -> Report {
    Report { schema_version: SCHEMA_VERSION, poolproof: "0.1.0".to_owned(), scenarios }
}

/// All kinds of scenarios in one report.
pub fn everything() -> Report {
    report(vec![official_procedure(), forgotten_fail_back(), too_large()])
}

/// The runbook of the fixtures; the places of the report are moved to where its lines stand.
pub fn runbook(report: &mut Report) -> poolproof::report::sources::Sources {
    let mut lines = vec![String::from("# patches every front end"); 30];
    for (line, text) in [
        (10, "foreach ($server in $servers) {"),
        (11, "    Write-Host \"patching $server\""),
        (12, "    Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false"),
        (14, "    Install-Update $server"),
        (18, "    Invoke-CsComputerFailBack -ComputerName $server"),
        (22, "        Start-Sleep -Seconds 60"),
        (23, "  } until ($state -eq 'Ready')"),
    ] {
        lines[line - 1] = text.to_owned();
    }
    for scenario in &mut report.scenarios {
        for property in &mut scenario.properties {
            let Outcome::Violated { counterexample: Some(counterexample), .. } = &mut property.outcome else {
                continue;
            };
            for place in counterexample.steps.iter_mut().filter_map(|step| step.place.as_mut()) {
                let before: usize = lines[..place.line - 1].iter().map(|line| line.len() + 1).sum();
                place.offset = before + place.column - 1;
            }
        }
    }
    let mut sources = poolproof::report::sources::Sources::none();
    sources.insert(&Arc::new(Source::new("models/forgotten-fail-back/patch.ps1", lines.join("\n"))));
    sources
}
