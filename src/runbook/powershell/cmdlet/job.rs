//! What runs beside the script: jobs, parallel loops and branches, blocks sent to several machines at once.
//!
//! Each becomes a procedure of its own that another shell follows. It knows what the script knew when it was
//! started, but nothing that was read from the pool, since that is remembered by the shell that read it.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::ast::{Block, ScriptBlock, Span};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::eval::OPEN;
use crate::runbook::powershell::exec::{ErrorAction, Flow, Outcome, State};
use crate::runbook::powershell::graph::Label;
use crate::runbook::powershell::value::{Formula, Value};
use crate::runbook::{Command, JobId, Node, OnError, Op};
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
    /// It may end in an error, or be stopped: how it has ended is then not known.
    may_fail: bool,
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
        self.jobs.push(Draft { start, span, name: None, may_fail: false });
        let nodes = self.graph.nodes.len();
        // Errors and output of the job stay there.
        let handlers = std::mem::take(&mut self.handlers);
        let home = self.home.take();
        let mut inner = State { at: start, env: state.env.clone() };
        inner.env.forget_reads();
        self.step(&mut inner, span, |next| Op::AwaitStart { next });
        let ended = run(self, inner);
        self.ends(ended, span);
        let fails =
            |node: &Node| matches!(node.op, Op::End { failed: true } | Op::Command { on_error: OnError::Stop, .. });
        self.jobs[job].may_fail = self.graph.nodes[nodes..].iter().any(fails);
        self.handlers = handlers;
        self.home = home;
        self.step(state, span, |next| Op::StartJob { job: JobId(job), next });
        job
    }

    /// Goes on when these jobs have ended.
    pub(super) fn await_jobs(&mut self, jobs: &[usize], span: Span, state: &mut State) {
        if !jobs.is_empty() {
            let jobs = jobs.iter().map(|job| JobId(*job)).collect();
            self.step(state, span, |next| Op::AwaitJobs { jobs, next, otherwise: None });
        }
    }

    /// Looks whether these jobs have ended: where it goes on if they have, and if one of them has not.
    fn look_at_jobs(&mut self, jobs: &[usize], span: Span, state: State) -> (State, State) {
        let jobs = jobs.iter().map(|job| JobId(*job)).collect();
        let (ended, running) = (self.graph.label(), self.graph.label());
        let op = Op::AwaitJobs { jobs, next: ended.target(), otherwise: Some(running.target()) };
        self.put(&state, op, span);
        let other = State { at: running, env: state.env.clone() };
        (State { at: ended, env: state.env }, other)
    }

    /// `Stop-Job`, `Remove-Job -Force`.
    fn stop_jobs(&mut self, jobs: &[usize], span: Span, state: &mut State) {
        for job in jobs {
            if let Some(draft) = self.jobs.get_mut(*job) {
                draft.may_fail = true;
            }
        }
        let jobs: Vec<JobId> = jobs.iter().map(|job| JobId(*job)).collect();
        if !jobs.is_empty() {
            self.step(state, span, |next| Op::StopJobs { jobs, next });
        }
    }

    /// A member of jobs, or of processes that were started: how they stand, or a wait for their end.
    pub(super) fn job_member(
        &mut self,
        jobs: &[usize],
        name: &str,
        arguments: Option<&[Value]>,
        span: Span,
        mut state: State,
    ) -> Vec<(State, Value)> {
        match (name, arguments) {
            ("state" | "jobstateinfo", None) => {
                let (ended, running) = self.look_at_jobs(jobs, span, state);
                let mut results = Vec::new();
                let wrapped = |text: Value| match name {
                    "state" => text,
                    _ => Value::Record(Rc::new(vec![("State".into(), text), (OPEN.into(), Value::Unknown)])),
                };
                match jobs {
                    [only] => {
                        let (completed, failed) = match self.jobs.get(*only).is_some_and(|draft| draft.may_fail) {
                            true => self.divide(&Formula::Unknown, ended, span),
                            false => (vec![ended], Vec::new()),
                        };
                        results.extend(completed.into_iter().map(|state| (state, wrapped(Value::text("Completed")))));
                        results.extend(failed.into_iter().map(|state| (state, wrapped(Value::text("Failed")))));
                        results.push((running, wrapped(Value::text("Running"))));
                    }
                    several => {
                        let states =
                            several.iter().map(|job| match self.jobs.get(*job).is_some_and(|draft| draft.may_fail) {
                                true => Value::Unknown,
                                false => Value::text("Completed"),
                            });
                        let states: Vec<Value> = states.map(wrapped).collect();
                        results.push((ended, Value::array(states)));
                        // One of them runs; of the others nothing is known.
                        let mut states = vec![(Formula::True, wrapped(Value::text("Running")))];
                        for _ in 1..several.len() {
                            states.push((Formula::Unknown, wrapped(Value::text("Running"))));
                            states.push((Formula::Unknown, wrapped(Value::Unknown)));
                        }
                        results.push((running, Value::Maybe(Rc::new(states))));
                    }
                }
                results
            }
            ("hasexited", None) => {
                let (ended, running) = self.look_at_jobs(jobs, span, state);
                vec![(ended, Value::Bool(true)), (running, Value::Bool(false))]
            }
            ("waitforexit", Some([])) => {
                self.await_jobs(jobs, span, &mut state);
                vec![(state, Value::array(Vec::new()))]
            }
            ("waitforexit", Some(_)) => {
                let (ended, running) = self.look_at_jobs(jobs, span, state);
                vec![(ended, Value::Bool(true)), (running, Value::Bool(false))]
            }
            ("stopjob" | "kill", Some(_)) => {
                self.stop_jobs(jobs, span, &mut state);
                vec![(state, Value::array(Vec::new()))]
            }
            (_, None) => {
                let value = self.member(&Value::Jobs(Rc::new(jobs.to_vec())), name);
                vec![(state, value)]
            }
            _ => vec![(state, Value::Unknown)],
        }
    }

    /// A command that is left to run beside the script, such as a restart by `-AsJob`.
    pub(super) fn command_as_job(&mut self, command: Command, span: Span, state: &mut State) -> usize {
        self.start_job(span, state, |reader, mut inner| {
            reader.act(&mut inner, command, ErrorAction::Continue, span);
            vec![(Flow::Next, inner)]
        })
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

    /// `Wait-Job`, `Receive-Job`, `Get-Job`, `Stop-Job`, `Remove-Job`.
    pub(super) fn job_cmdlet(&mut self, call: &Call, mut state: State) -> Vec<(State, Value)> {
        let jobs = self.jobs_meant(call);
        let nothing = || Value::array(Vec::new());
        match call.cmdlet.kind {
            Kind::GetJob => return self.get_job(call, &jobs, state),
            Kind::StopJob => {
                self.stop_jobs(&jobs, call.span, &mut state);
                return vec![(state, nothing())];
            }
            Kind::RemoveJob => {
                // Without `-Force`, a job that runs is not removed.
                if call.on("Force") {
                    self.stop_jobs(&jobs, call.span, &mut state);
                }
                return vec![(state, nothing())];
            }
            _ => {}
        }
        if jobs.is_empty() {
            return vec![(state, Value::Null)];
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
        let given = || match call.cmdlet.kind {
            Kind::WaitJob => Value::Jobs(Rc::new(jobs.clone())),
            // What a job has put out is not followed.
            _ => Value::Unknown,
        };
        if call.get("Timeout").is_some() {
            let (ended, running) = self.look_at_jobs(&jobs, call.span, state);
            // Those that have ended come out; if there is one only, none.
            let late = if jobs.len() == 1 { Value::Null } else { Value::Unknown };
            return vec![(ended, given()), (running, late)];
        }
        self.await_jobs(&jobs, call.span, &mut state);
        vec![(state, given())]
    }

    /// `Wait-Process`, of a process that the script has started.
    pub(super) fn wait_process(&mut self, call: &Call, mut state: State) -> Vec<(State, Value)> {
        let mut jobs = Vec::new();
        let given = call.get("Id").or(call.get("InputObject")).or(call.input.as_ref());
        if given.is_none_or(|value| !self.jobs_in(value, &mut jobs)) || jobs.is_empty() {
            // Some other process: time passes, which guarantees nothing.
            self.pause(&mut state, crate::runbook::PauseKind::Sleep, call.span);
            return vec![(state, Value::array(Vec::new()))];
        }
        if call.get("Timeout").is_some() {
            let (ended, running) = self.look_at_jobs(&jobs, call.span, state);
            return [ended, running].map(|state| (state, Value::array(Vec::new()))).into();
        }
        self.await_jobs(&jobs, call.span, &mut state);
        vec![(state, Value::array(Vec::new()))]
    }

    /// `Get-Job`, with how the jobs stand.
    fn get_job(&mut self, call: &Call, jobs: &[usize], state: State) -> Vec<(State, Value)> {
        if ["HasMoreData", "Filter", "Before", "After", "Newest", "ChildJobState", "Command", "InstanceId"]
            .iter()
            .any(|name| call.get(name).is_some())
        {
            return vec![(state, Value::Unknown)];
        }
        let all = || if jobs.is_empty() { Value::Null } else { Value::Jobs(Rc::new(jobs.to_vec())) };
        let Some(wanted) = call.get("State") else {
            let value = all();
            return vec![(state, value)];
        };
        let wanted = self.text(wanted).map(|text| text.to_ascii_lowercase());
        if jobs.is_empty() {
            return vec![(state, Value::Null)];
        }
        let may_fail = jobs.iter().any(|job| self.jobs.get(*job).is_some_and(|draft| draft.may_fail));
        let some = |sure: bool| {
            let items = jobs.iter().enumerate().map(|(at, job)| {
                let when = if sure && at == 0 { Formula::True } else { Formula::Unknown };
                // Which of them it is, is known only if there is one.
                let item = if jobs.len() == 1 { Value::Jobs(Rc::new(vec![*job])) } else { Value::Unknown };
                (when, item)
            });
            Value::Maybe(Rc::new(items.collect()))
        };
        let (ended, running) = self.look_at_jobs(jobs, call.span, state);
        match wanted.as_deref() {
            Some("running") => {
                let value = if jobs.len() == 1 { all() } else { some(true) };
                vec![(ended, Value::Null), (running, value)]
            }
            Some("completed") if !may_fail => {
                let late = if jobs.len() == 1 { Value::Null } else { some(false) };
                vec![(ended, all()), (running, late)]
            }
            _ => vec![(ended, some(false)), (running, some(false))],
        }
    }

    /// The jobs that a call is about: those of a value, those of a name, otherwise all that were started.
    fn jobs_meant(&mut self, call: &Call) -> Vec<usize> {
        let given = call.get("Id").or(call.get("Job")).or(call.input.as_ref()).cloned();
        if let Some(name @ Value::Text(_)) = call.get("Id") {
            // `Wait-Job name`, for the shell takes it for a name where it is no number.
            let name = name.clone();
            return self.jobs_named(Some(name), call);
        }
        if let Some(value) = given {
            let mut jobs = Vec::new();
            if self.jobs_in(&value, &mut jobs) {
                return jobs;
            }
            self.not_understood(call.span, "which jobs are meant is not known", None);
            return Vec::new();
        }
        self.jobs_named(call.get("Name").cloned(), call)
    }

    fn jobs_named(&mut self, name: Option<Value>, call: &Call) -> Vec<usize> {
        let all = 0..self.jobs.len();
        match name.map(|name| self.text(&name)) {
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

    pub(super) fn jobs_in(&self, value: &Value, jobs: &mut Vec<usize>) -> bool {
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
