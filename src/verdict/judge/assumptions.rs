//! What a verdict takes for granted, in sentences.

use crate::lifecycle::pool;
use crate::model::Maintenance;
use crate::runbook::Command;
use crate::scenario::{Acts, Scenario};
use crate::topology::BackEnd;

/// The assumptions that matter for a scenario.
pub fn assumptions(scenario: &Scenario, model: &Maintenance) -> Vec<String> {
    let instance = model.instance();
    let mut said = Vec::new();
    let mut say = |sentence: &str| said.push(sentence.to_string());
    let fabric = instance.pools.iter().any(|pool| pool.fabric);
    if fabric {
        say("One arbitrary routing group stands for all: every placement of its replicas is explored (D1, A12).");
        say("A replica that is lost is rebuilt after a time that nobody bounds, but at last (A13).");
        say("A failed-over front end has no vote while its fabric host is stopped (A4).");
    }
    say("Time is order: a wait ends early only where the system would never end it (D2, D4).");
    if instance.faults.hung_conferences == 0 {
        say("Every conference ends by itself in time: the scenario has no hung conference.");
    }
    if instance.faults.crash.is_none() {
        say("No server crashes: the scenario has no crash.");
    }
    if instance.faults.failing_cmdlets == 0 {
        say("A cmdlet fails only for a reason that the model contains.");
    }
    if instance.pools_fail_over {
        say("A pool fail-over stops the services at home without a drain, after its users have switched (A26).");
        say("A pool fail-over or fail-back that was broken off leaves the pool where it was (A25).");
    }
    for operator in &scenario.operators {
        if let Acts::Scripted { machine: None, .. } = &operator.acts {
            say(&format!("The shell of {} runs outside the pool.", operator.name));
        }
    }
    if scenario.initially.is_empty() {
        say("In the beginning everything runs and every routing group is whole.");
    }
    let patches = |command: &Command| matches!(command, Command::Install { .. });
    if crate::model::slice::commands(scenario).any(patches) {
        say(
            "An installer leaves services, startup types and power as they are; what it needs to reboot is a step of the runbook.",
        );
    }
    if instance.database_moves && instance.pools.iter().any(|pool| pool.back_end == BackEnd::AlwaysOn) {
        say("The listener of an availability group keeps its vote when the replica behind it changes (A17).");
    }
    let starts_stopped = instance.pools.iter().any(|info| info.stopped_initially);
    if starts_stopped {
        say(&format!(
            "A pool that begins as '{}' is not meant to be up until it runs.",
            crate::lifecycle::Words::words(pool::State::Stopped)
        ));
    }
    said
}
