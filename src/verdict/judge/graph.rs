//! The state graph of a scenario, written out in the words of the domain.
//!
//! Cost: a search of its own, and every transition twice more.

use super::moments::{lower, moment};
use super::{CheckError, Watch, limit_in_words, model_of, settings, story};
pub use crate::check::Format as GraphFormat;
use crate::check::{self, Captions, ExportError};
use crate::model::Maintenance;
use crate::model::state::State;
use crate::scenario::Scenario;
use crate::verdict::options::CheckOptions;
use std::io::Write;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenGraph {
    /// States.
    pub states: u64,
    /// Transitions.
    pub transitions: u64,
    /// The limit that was hit, in words; without one the graph is whole.
    pub limit: Option<String>,
}

/// Why a graph was not written.
#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    /// The scenario cannot be explored.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// There are too many states for a drawing.
    #[error("the graph has more than {0} states, and no drawing shows so many")]
    TooLarge(usize),
    /// The graph cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
}

/// Explores a scenario as the exact engine does for a check with the same options, and writes its state graph.
pub fn write_graph(
    scenario: &Scenario,
    options: &CheckOptions,
    format: GraphFormat,
    out: &mut dyn Write,
) -> Result<WrittenGraph, GraphError> {
    let (_, model) = model_of(scenario, options)?;
    // A drawing has lines of its own, JSON has one.
    let separator = if format == GraphFormat::Dot { "\n" } else { "; " };
    let captions = Captions {
        state: &|state: &State| caption(&model, state).join(separator),
        action: &|before: &State, action| story::caption(&model, before, action),
    };
    let written = check::export(&model, &settings(options), &Watch(options), format, &captions, out);
    match written {
        Ok(written) => Ok(WrittenGraph {
            states: written.states as u64,
            transitions: written.transitions,
            limit: limit_in_words(&written.completeness),
        }),
        Err(ExportError::Model(error)) => Err(CheckError::Internal(error.to_string()).into()),
        Err(ExportError::TooLarge(most)) => Err(GraphError::TooLarge(most)),
        Err(ExportError::Write(error)) => Err(GraphError::Write(error)),
    }
}

/// A state in a few lines: where each operator is, what is out of service, how the routing group stands.
fn caption(model: &Maintenance, state: &State) -> Vec<String> {
    let moment = moment(model, state);
    let operators = model.instance().shells.iter().zip(&moment.operators);
    let mut lines: Vec<String> = operators.map(|(program, at)| format!("{}: {at}", program.name)).collect();
    if moment.out_of_service.is_empty() {
        lines.push("everything is in service".into());
    } else {
        lines.extend(moment.out_of_service.iter().cloned());
    }
    for pool in moment.pools.iter().filter(|pool| !pool.routing_group.is_empty()) {
        let replicas =
            moment.servers.iter().zip(&model.instance().servers).filter(|(server, _)| !server.replica.is_empty());
        let replicas: Vec<String> = replicas
            .map(|(server, info)| {
                format!("{} on {}", lower(&server.replica), model.instance().deployment.short_name(info.id))
            })
            .collect();
        lines.push(format!("routing group of {}: {} ({})", pool.name, pool.routing_group, replicas.join(", ")));
    }
    lines
}
