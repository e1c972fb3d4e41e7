//! What never happened: the check against a proof that holds because nothing happens.

use crate::check::Coverage;
use crate::lifecycle;
use crate::model::Maintenance;
use crate::model::program::Kind;
use crate::runbook::Op;
use crate::scenario::Scenario;
use crate::verdict::{Never, Place};

/// What no run of a completely explored scenario did.
pub fn never(scenario: &Scenario, model: &Maintenance, coverage: &Coverage) -> Never {
    let instance = model.instance();
    let points = model.coverage();
    let missed = |point: usize| !coverage.touches(point);
    let mut never = Never::default();
    for (shell, program) in instance.shells.iter().enumerate() {
        let Kind::Scripted(script) = &program.kind else { continue };
        for (index, node) in script.procedure.nodes.iter().enumerate() {
            // Decisions are taken on the way and an end is no step.
            let is_step = !matches!(node.op, Op::Branch { .. } | Op::AwaitStart { .. } | Op::End { .. });
            if is_step && missed(points.node(shell, index)) {
                let place = Place::of(&node.place, &node.bindings);
                if !never.steps.contains(&place) {
                    never.steps.push(place);
                }
            }
        }
    }
    let faults = &scenario.faults;
    let mut action = |allowed: bool, kind: usize, words: &str| {
        if allowed && missed(points.kind(kind)) {
            never.actions.push(words.into());
        }
    };
    action(faults.crash.is_some(), 17, "no server crashes");
    action(faults.hung_conferences > 0, 18, "no conference hangs");
    action(faults.update_policy.is_some(), 19, "no update policy reboots a server");
    action(faults.watchdog.is_some(), 20, "no watchdog starts anything");
    action(faults.failing_cmdlets > 0 && instance.scripted(), 21, "no cmdlet fails for want of a reason");
    action(faults.sql_principal_failures > 0, 22, "no SQL principal fails");
    action(faults.hung_starts > 0, 24, "no start hangs");
    action(faults.publications > 0, 25, "no topology is published");
    action(instance.shells.iter().any(|program| program.is_free()), 1, "no free operator issues a command");
    for (machine, drawing) in lifecycle::drawings().iter().enumerate() {
        for (row, words) in drawing.rows.iter().enumerate() {
            if missed(points.row((machine, row))) {
                never.rows.push(format!("{}: {}, {} -> {}", drawing.name, words.from, words.event, words.to));
            }
        }
    }
    never
}
