//! What runs beside the script: jobs, parallel loops and branches, blocks sent to several machines at once.
//!
//! Each becomes a procedure of its own that another shell follows. It knows what the script knew when it was
//! started, but nothing that was read from the pool, since that is remembered by the shell that read it.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::ast::{Block, ScriptBlock, Span};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::exec::{Flow, Outcome, State};
use crate::runbook::powershell::graph::Label;
use crate::runbook::powershell::value::{Formula, Value};
use crate::runbook::{JobId, Op};
use crate::topology::ServerId;
use std::rc::Rc;

/// Jobs of one procedure, at most: each is a shell.
const MOST_JOBS: usize = 48;

/// A job under construction.
#[derive(Debug)]
pub(in crate::runbook::powershell) struct Draft {
    /// Its first node.
    pub(in crate::runbook::powershell) start: Label,
    /// What starts it.
    pub(in crate::runbook::powershell) span: Span,
    /// The name that the script gave it.
    name: Option<Rc<str>>,
}

impl Reader<'_> {
    /// Starts what `run` does in a shell of its own. The environment is that of the script at this moment.
    pub(super) fn start_job(
        &mut self,
        span: Span,
        state: &mut State,
        run: impl FnOnce(&mut Self, State) -> Vec<Outcome>,
    ) -> usize {
        if self.jobs.len() >= MOST_JOBS {
            let help = "start fewer of them, or check a part of it";
            self.not_understood(span, "more jobs are started here than are followed", Some(help.to_owned()));
            return self.jobs.len().saturating_sub(1);
        }
        let job = self.jobs.len();
        let start = self.graph.label();
        self.jobs.push(Draft { start, span, name: None });
        // Errors and output of the job stay there.
        let handlers = std::mem::take(&mut self.handlers);
        let home = self.home.take();
        let mut inner = State { at: start, env: state.env.clone() };
        inner.env.forget_reads();
        self.step(&mut inner, span, |next| Op::AwaitStart { next });
        let ended = run(self, inner);
        self.ends(ended, span);
        self.handlers = handlers;
        self.home = home;
        self.step(state, span, |next| Op::StartJob { job: JobId(job), next });
        job
    }

    /// Goes on when these jobs have ended.
    pub(super) fn await_jobs(&mut self, jobs: &[usize], span: Span, state: &mut State) {
        if !jobs.is_empty() {
            let jobs = jobs.iter().map(|job| JobId(*job)).collect();
            self.step(state, span, |next| Op::AwaitJobs { jobs, next });
        }
    }

    /// A block in another session, as a job; `machine` is where it runs.
    pub(super) fn block_as_job(
        &mut self,
        block: &Rc<ScriptBlock>,
        arguments: &Arguments,
        machine: Option<ServerId>,
        input: Option<Value>,
        span: Span,
        state: &mut State,
    ) -> usize {
        self.start_job(span, state, |reader, mut inner| {
            inner.env.enter(Some(span));
            inner.env.machine = machine;
            let mut out = Vec::new();
            let results = reader.call_block(block, arguments.clone(), input, true, span, inner, &mut out);
            out.extend(results.into_iter().map(|(state, _)| (Flow::Next, state)));
            out
        })
    }

    /// `Start-Job`, `Start-ThreadJob`.
    pub(super) fn start_job_cmdlet(&mut self, call: &Call, mut state: State) -> Vec<(State, Value)> {
        let Some(Value::Block(block)) = call.get("ScriptBlock") else {
            let help = "write `Start-Job -ScriptBlock { … }`";
            self.not_understood(call.span, "which commands the job runs is not known", Some(help.to_owned()));
            return vec![(state, Value::Unknown)];
        };
        let block = Rc::clone(&self.shared.blocks[*block as usize]);
        let arguments = self.argument_list(call);
        let machine = state.env.machine;
        let job = self.block_as_job(&block, &arguments, machine, None, call.span, &mut state);
        self.name_job(job, call);
        vec![(state, Value::Jobs(Rc::new(vec![job])))]
    }

    fn name_job(&mut self, job: usize, call: &Call) {
        let name = call.get("Name").or(call.get("JobName")).and_then(|name| self.text(name));
        if let Some(draft) = self.jobs.get_mut(job) {
            draft.name = name;
        }
    }

    /// The values of `-ArgumentList`.
    pub(super) fn argument_list(&self, call: &Call) -> Arguments {
        let list = match call.get("ArgumentList") {
            Some(Value::Array(items)) => items.iter().cloned().map(Argument::Positional).collect(),
            Some(Value::Unknown) => vec![Argument::Unknown],
            Some(other) => vec![Argument::Positional(other.clone())],
            None => Vec::new(),
        };
        Arguments { list, span: call.span }
    }

    /// Blocks on several machines at once, each a job. They are waited for unless the call is `-AsJob`.
    pub(super) fn blocks_on_machines(
        &mut self,
        block: &Rc<ScriptBlock>,
        arguments: &Arguments,
        targets: Vec<(Formula, ServerId)>,
        call: &Call,
        state: State,
    ) -> Vec<(State, Value)> {
        let mut states = vec![state];
        let mut jobs = Vec::new();
        for (when, server) in targets {
            let mut next = Vec::new();
            for state in states {
                let (entering, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in entering {
                    let job = self.block_as_job(block, arguments, Some(server), None, call.span, &mut state);
                    self.name_job(job, call);
                    jobs.push(job);
                    next.push(state);
                }
            }
            states = self.joined(next);
        }
        let as_job = call.on("AsJob");
        let mut results = Vec::new();
        for mut state in states {
            if !as_job {
                self.await_jobs(&jobs, call.span, &mut state);
            }
            let value = if as_job { Value::Jobs(Rc::new(jobs.clone())) } else { Value::Unknown };
            results.push((state, value));
        }
        results
    }

    /// Whether a block acts when it runs elsewhere; if it only reads, one machine after another is as good as
    /// all at once. It is tried out in a part of the graph that nothing leads to.
    pub(super) fn acts_when_run(
        &mut self,
        block: &Rc<ScriptBlock>,
        arguments: &Arguments,
        call: &Call,
        state: &State,
    ) -> bool {
        let (nodes, jobs) = (self.graph.nodes.len(), self.jobs.len());
        let mut trial = State { at: self.graph.label(), env: state.env.clone() };
        self.block_as_job(block, arguments, Some(ServerId(0)), None, call.span, &mut trial);
        self.jobs.truncate(jobs);
        self.graph.nodes[nodes..]
            .iter()
            .any(|node| matches!(node.op, Op::Command { .. } | Op::TakeLock { .. } | Op::ReleaseLock { .. }))
    }

    /// `ForEach-Object -Parallel`, `foreach -parallel`: a shell for each item.
    pub(in crate::runbook::powershell) fn each_in_parallel(
        &mut self,
        items: Vec<(Formula, Value)>,
        span: Span,
        waits: bool,
        state: State,
        mut run: impl FnMut(&mut Self, Value, State) -> Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let mut states = vec![state];
        let mut jobs = Vec::new();
        for (when, item) in items {
            let mut next = Vec::new();
            for state in states {
                let (entering, passing) = self.divide(&when, state, span);
                next.extend(passing);
                for mut state in entering {
                    jobs.push(self.start_job(span, &mut state, |reader, inner| run(reader, item.clone(), inner)));
                    next.push(state);
                }
            }
            states = self.joined(next);
        }
        let mut results = Vec::new();
        for mut state in states {
            if waits {
                self.await_jobs(&jobs, span, &mut state);
            }
            results.push((state, if waits { Value::Unknown } else { Value::Jobs(Rc::new(jobs.clone())) }));
        }
        results
    }

    /// The branches of `parallel { … }`.
    pub(in crate::runbook::powershell) fn branches(
        &mut self,
        branches: &[Block],
        span: Span,
        mut state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut jobs = Vec::new();
        for branch in branches {
            jobs.push(self.start_job(span, &mut state, |reader, inner| reader.run(branch, vec![inner])));
        }
        self.await_jobs(&jobs, span, &mut state);
        out.push((Flow::Next, state));
    }

    /// `Wait-Job`, `Receive-Job`, `Get-Job`.
    pub(super) fn job_cmdlet(&mut self, call: &Call, mut state: State) -> Vec<(State, Value)> {
        let jobs = self.jobs_meant(call);
        if call.cmdlet.kind == Kind::GetJob {
            let filtered = ["State", "HasMoreData", "Id", "Filter"].iter().any(|name| call.get(name).is_some());
            if filtered {
                self.ignored(call.span, "how a job stands is taken as not known; `Wait-Job` is followed");
            }
            return vec![(state, if filtered { Value::Unknown } else { Value::Jobs(Rc::new(jobs)) })];
        }
        let waits = call.cmdlet.kind == Kind::WaitJob || call.on("Wait");
        if !waits {
            return vec![(state, Value::Unknown)];
        }
        // Which of several is first nobody knows, and a time-out ends a wait at any time.
        if call.on("Any") {
            self.pause(&mut state, crate::runbook::PauseKind::Sleep, call.span);
            return vec![(state, Value::Jobs(Rc::new(jobs)))];
        }
        let mut results = Vec::new();
        let mut waiting = vec![state];
        if call.get("Timeout").is_some() {
            let (stays, gives_up) = match waiting.pop() {
                Some(state) => self.divide(&Formula::Unknown, state, call.span),
                None => (Vec::new(), Vec::new()),
            };
            waiting = stays;
            for mut state in gives_up {
                self.pause(&mut state, crate::runbook::PauseKind::Sleep, call.span);
                results.push((state, Value::Jobs(Rc::new(jobs.clone()))));
            }
        }
        for mut state in waiting {
            self.await_jobs(&jobs, call.span, &mut state);
            results.push((state, Value::Jobs(Rc::new(jobs.clone()))));
        }
        results
    }

    /// The jobs that a call is about: those of a value, those of a name, otherwise all that were started.
    fn jobs_meant(&mut self, call: &Call) -> Vec<usize> {
        let given = call.get("Id").or(call.get("Job")).or(call.input.as_ref()).cloned();
        if let Some(value) = given {
            let mut jobs = Vec::new();
            if self.jobs_in(&value, &mut jobs) {
                return jobs;
            }
            self.not_understood(call.span, "which jobs are meant is not known", None);
            return Vec::new();
        }
        let all = 0..self.jobs.len();
        match call.get("Name").map(|name| self.text(name)) {
            None => all.collect(),
            Some(Some(name)) => all
                .filter(|job| {
                    let own = self.jobs[*job].name.as_deref();
                    own.is_none_or(|own| {
                        crate::runbook::powershell::eval::pattern::like(own, &name, false) != Some(false)
                    })
                })
                .collect(),
            Some(None) => {
                self.not_understood(call.span, "which jobs are meant is not known", None);
                Vec::new()
            }
        }
    }

    fn jobs_in(&self, value: &Value, jobs: &mut Vec<usize>) -> bool {
        match value {
            Value::Jobs(own) => {
                jobs.extend(own.iter().filter(|job| !jobs.contains(job)).copied().collect::<Vec<_>>());
                true
            }
            Value::Array(items) => items.iter().all(|item| self.jobs_in(item, jobs)),
            Value::Null => true,
            _ => false,
        }
    }
}
