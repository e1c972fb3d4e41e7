//! From the nodes of a procedure to steps in words.

use super::{ListedBound, ListedProcedure, ListedRemark, ListedStep, StepKind};
use crate::runbook::render::{command_text, numbers, query_text};
use crate::runbook::{
    Bound, Condition, Exit, NodeId, OnError, Op, PauseKind, Procedure, Query, RegisterId, RemarkKind,
};
use crate::scenario::Deployment;
use crate::verdict::Place;
use std::collections::HashMap;

/// A procedure in words.
pub(super) fn listed(
    operator: Option<&str>,
    on: Option<String>,
    procedure: &Procedure,
    deployment: &Deployment,
) -> ListedProcedure {
    let words = Words::new(procedure, deployment);
    ListedProcedure {
        operator: operator.map(str::to_owned),
        on,
        assumed: Vec::new(),
        acts: procedure.nodes.iter().any(|node| matches!(node.op, Op::Command { .. } | Op::StartJob { .. })),
        understood: procedure.remarks.iter().all(|remark| remark.kind != RemarkKind::NotUnderstood),
        steps: (0..procedure.nodes.len()).map(|at| words.step(at)).collect(),
        remarks: procedure
            .remarks
            .iter()
            .map(|remark| ListedRemark {
                kind: remark.kind.into(),
                code: remark.code.to_owned(),
                message: remark.message.clone(),
                help: remark.help.clone(),
                place: Place::of(&remark.place, &[]),
            })
            .collect(),
    }
}

struct Words<'a> {
    procedure: &'a Procedure,
    deployment: &'a Deployment,
    /// What is read into each register; of several queries, none is named. With a node, by the read before it.
    queries: HashMap<(Option<usize>, RegisterId), Option<&'a Query>>,
    /// The tests of waits, with their bounds.
    gates: HashMap<usize, (Exit, Bound)>,
}

impl<'a> Words<'a> {
    fn new(procedure: &'a Procedure, deployment: &'a Deployment) -> Words<'a> {
        let mut queries: HashMap<(Option<usize>, RegisterId), Option<&Query>> = HashMap::new();
        for node in &procedure.nodes {
            let Op::Observe { reads, next } = &node.op else { continue };
            for (register, query) in reads {
                for at in [None, Some(next.0)] {
                    let known = queries.entry((at, *register)).or_insert(Some(query));
                    if *known != Some(query) {
                        *known = None;
                    }
                }
            }
        }
        let waits = procedure.waits();
        let gates =
            waits.iter().flat_map(|wait| wait.tests.iter().map(|exit| (exit.at, (*exit, wait.bound)))).collect();
        Words { procedure, deployment, queries, gates }
    }

    fn step(&self, at: usize) -> ListedStep {
        let node = &self.procedure.nodes[at];
        let (kind, text) = self.kind_and_text(at);
        let number = |node: NodeId| node.0 + 1;
        let (next, otherwise) = node.op.successors();
        let (next, otherwise) = (next.map(number), otherwise.map(number));
        let bound = self.gates.get(&at).map(|(_, bound)| match bound {
            Bound::None => ListedBound::None,
            Bound::Unknown => ListedBound::Unknown,
            Bound::Rounds(rounds) => ListedBound::Rounds(*rounds),
        });
        let ends_if = self.gates.get(&at).and_then(|(exit, _)| exit.if_it_holds);
        let place = Place::of(&node.place, &node.bindings);
        ListedStep { number: at + 1, kind, text, place, next, otherwise, bound, ends_if }
    }

    fn kind_and_text(&self, at: usize) -> (StepKind, String) {
        match &self.procedure.nodes[at].op {
            Op::Command { command, on_error, .. } => {
                let error = match on_error {
                    OnError::Continue => "; an error is passed over",
                    OnError::Stop => "; an error ends the procedure",
                    OnError::Handler(_) => "",
                };
                (StepKind::Command, format!("{}{error}", command_text(command, self.deployment)))
            }
            Op::Observe { reads, .. } => {
                let reads: Vec<String> = reads.iter().map(|(_, query)| query_text(query, self.deployment)).collect();
                (StepKind::Read, format!("read whether {}", reads.join(", and whether ")))
            }
            Op::Branch { condition: Condition::Unknown, .. } => (StepKind::Unknown, self.written(at)),
            Op::Branch { condition, .. } => {
                let kind = if self.gates.contains_key(&at) { StepKind::Gate } else { StepKind::Branch };
                (kind, self.condition(condition, at))
            }
            Op::Pause { kind: PauseKind::Sleep, .. } => (StepKind::Sleep, "sleep; guarantees nothing".to_owned()),
            Op::Pause { kind: PauseKind::Ask, .. } => (StepKind::Ask, "ask a person; any answer".to_owned()),
            Op::TakeLock { lock, .. } => (StepKind::Lock, format!("wait for the lock {lock} and take it")),
            Op::ReleaseLock { lock, .. } => (StepKind::Lock, format!("give the lock {lock} back")),
            Op::StartJob { job, .. } => (StepKind::Job, format!("start job {}", job.0 + 1)),
            Op::AwaitStart { .. } => (StepKind::Job, "begin when it is started".to_owned()),
            Op::AwaitJobs { jobs, otherwise: None, .. } => {
                (StepKind::Job, format!("wait for the end of job {}", numbers(jobs)))
            }
            Op::AwaitJobs { jobs, .. } => (StepKind::Job, format!("look whether job {} has ended", numbers(jobs))),
            Op::StopJobs { jobs, .. } => (StepKind::Job, format!("stop job {} where it is", numbers(jobs))),
            Op::End { failed: true } => (StepKind::End, "end, with an error".to_owned()),
            Op::End { failed: false } => (StepKind::End, "end".to_owned()),
        }
    }

    /// What is written there, on its first line.
    fn written(&self, at: usize) -> String {
        let place = &self.procedure.nodes[at].place;
        let end = place.offset.saturating_add(place.length);
        let text = place.source.text.get(place.offset..end).unwrap_or("");
        match text.lines().next().map(str::trim) {
            Some(line) if !line.is_empty() => format!("`{line}`, which nobody can know"),
            _ => "something that nobody can know".to_owned(),
        }
    }

    fn condition(&self, condition: &Condition, at: usize) -> String {
        let several = |parts: &[Condition], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.condition(part, at)).collect();
            format!("({})", parts.join(word))
        };
        match condition {
            Condition::Register(register) => match self
                .queries
                .get(&(Some(at), *register))
                .or_else(|| self.queries.get(&(None, *register)))
            {
                Some(Some(query)) => query_text(query, self.deployment),
                _ => format!("`{}`", self.procedure.registers.get(register.0).map_or("what was read", String::as_str)),
            },
            Condition::Not(inner) => format!("not {}", self.condition(inner, at)),
            Condition::All(parts) => several(parts, " and "),
            Condition::Any(parts) => several(parts, " or "),
            Condition::Unknown => self.written(at),
        }
    }
}
