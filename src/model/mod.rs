//! The maintenance model: what operators, fabric, machines and faults can do, and in what order.
//!
//! Purpose: everything that a scenario allows, as a [`stateright::Model`]. Invariant: this room knows no
//! threads, no hash tables, no terminals, no files; every change of a machine is a row of its table in
//! [`crate::lifecycle`]. Cost: a state is a few words; a step is a copy of one and a handful of table rows.

pub mod claims;
mod commands;
mod consequences;
mod fabric;
mod faults;
mod initial;
pub mod instance;
mod layout;
mod machines;
pub mod oracle;
pub mod pairs;
pub mod program;
mod queries;
mod shells;
pub mod slice;
pub mod state;
pub mod step;
pub mod symmetry;
#[cfg(test)]
mod tests;
pub mod turn;
pub mod view;

use crate::check::model::{Assignment, Label, Packed, Parameter, Property, Successors};
use crate::lifecycle;
use crate::scenario::Scenario;
use crate::topology::ServiceSet;
use consequences::Servers;
use instance::Instance;
use oracle::Oracle;
use state::{Database, State};
use step::{Action, KINDS, Step};
use symmetry::Symmetry;
use turn::{TakenRow, Turn};

/// The maintenance model of one scenario.
#[derive(Debug, Clone)]
pub struct Maintenance {
    instance: Instance,
    symmetry: Symmetry,
    coverage: Coverage,
    words: usize,
}

/// What a model tells apart although no property can: it has more states and the same verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TellApart {
    /// Each of these services, from all others of its server (D6).
    pub services: ServiceSet,
    /// Interchangeable servers and operators (D7).
    pub servers: bool,
}

/// The outcome of a step.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The state after the step and everything that follows from it at once.
    pub state: State,
    /// What happened on the way, as bits of [`step::event`].
    pub events: u32,
}

impl Maintenance {
    /// The model of a scenario.
    pub fn new(scenario: &Scenario) -> Maintenance {
        Maintenance::of(Instance::new(scenario))
    }

    /// The model of a scenario without some of what makes it small.
    pub fn telling_apart(scenario: &Scenario, apart: TellApart) -> Maintenance {
        let mut distinctions = slice::distinctions(scenario);
        distinctions.extend(apart.services.iter().map(ServiceSet::only));
        let model = Maintenance::of(Instance::telling_apart(scenario, &distinctions));
        if apart.servers { Maintenance { symmetry: Symmetry::default(), ..model } } else { model }
    }

    fn of(instance: Instance) -> Maintenance {
        let words = layout::words(&instance);
        let symmetry = Symmetry::new(&instance);
        let coverage = Coverage::new(&instance);
        Maintenance { instance, symmetry, coverage, words }
    }

    /// What no step changes.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The numbering of this model's coverage points.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Which servers are interchangeable.
    pub fn symmetry(&self) -> &Symmetry {
        &self.symmetry
    }

    /// The steps that are enabled in a state, in a fixed order.
    pub fn steps(&self, state: &State) -> Vec<Step> {
        let mut oracle = Oracle::default();
        let turn = self.turn(state, &mut oracle);
        let mut steps = Vec::new();
        Self::enabled(&turn, &mut steps);
        steps
    }

    fn enabled(turn: &Turn, steps: &mut Vec<Step>) {
        shells::enabled(turn, steps);
        machines::enabled(turn, steps);
        fabric::enabled(&turn::Judge::new(turn.instance, &turn.state), steps);
        faults::enabled(turn, steps);
    }

    /// A step from a state in the making.
    fn turn<'t>(&'t self, state: &State, oracle: &'t mut Oracle) -> Turn<'t> {
        Turn { instance: &self.instance, state: state.clone(), oracle, events: 0, rows: None }
    }

    /// Runs a step with the answers of an oracle, and resolves the readings on which it depends what happens next.
    pub fn run(&self, state: &State, step: Step, oracle: &mut Oracle) -> Outcome {
        let mut turn = self.turn(state, oracle);
        Self::take(&mut turn, consequences::replicas_possible(&self.instance, state), step);
        fabric::resolve(&mut turn);
        Outcome { state: turn.state, events: turn.events }
    }

    /// Takes a step from a state in which the servers `before` could hold an open replica.
    fn take(turn: &mut Turn, before: Servers, step: Step) {
        match step {
            Step::Advance { shell } => shells::advance(turn, shell.into()),
            Step::Issue { shell, item } => shells::issue(turn, shell.into(), item.into()),
            Step::Expire { shell } => shells::expire(turn, shell.into()),
            Step::Boot { server } => machines::boot(turn, server.into()),
            Step::ServicesStart { group } => {
                turn.service(group.into(), lifecycle::service::Event::Started);
            }
            Step::Emptied { group } => {
                turn.service(group.into(), lifecycle::service::Event::Emptied);
            }
            Step::UsersMoved { server } => machines::users_moved(turn, server.into()),
            Step::TakenOut { server } => machines::taken_out(turn, server.into()),
            Step::Orphaned { server } => machines::orphaned(turn, server.into()),
            Step::Swap { to } => fabric::swap(turn, to.into()),
            Step::Promote { to } => {
                turn.replica(to.into(), lifecycle::routing_group::Event::Promoted);
            }
            Step::BuildBegins { on } => {
                turn.replica(on.into(), lifecycle::routing_group::Event::BuildBegins);
            }
            Step::Built { on } => fabric::built(turn, on.into()),
            Step::Settle { pool } => turn.state.pools[usize::from(pool)].settled = true,
            Step::PoolStops { pool } => fabric::pool_stops(turn, pool.into()),
            Step::PoolStarts { pool } => {
                fabric::pool_starts(turn, pool.into(), lifecycle::pool::Event::FirstStart);
            }
            Step::MirrorTakesOver { pool } => turn.state.pools[usize::from(pool)].database = Database::MirrorAlone,
            Step::Crash { server, to } => faults::crash(turn, server.into(), to),
            Step::Hang { group, live } => faults::hang(turn, group.into(), live),
            Step::PolicyReboot { server } => faults::policy_reboot(turn, server.into()),
            Step::Watchdog { server } => faults::watchdog(turn, server.into()),
            Step::FailCmdlet { shell } => shells::fail(turn, shell.into()),
            Step::StartHangs { group } => faults::start_hangs(turn, group.into()),
            Step::Published { pool } => faults::published(turn, pool.into()),
            Step::Replicated => turn.state.store.replicating = false,
            Step::PrincipalFails { pool } => faults::principal_fails(turn, pool.into()),
        }
        consequences::follow(turn, before);
    }

    /// The predicates that hold in a state whose readings are resolved as far as that depends on them.
    pub fn holding(&self, state: &State) -> u64 {
        claims::predicates(&self.instance, state)
    }

    /// What a status cmdlet shows in a state; readings that the state leaves open take their first value.
    pub fn answer(&self, state: &State, query: &crate::runbook::Query) -> bool {
        let mut oracle = Oracle::default();
        let mut turn = self.turn(state, &mut oracle);
        queries::answer(&mut turn, query)
    }

    /// Every outcome of every enabled step, in a fixed order.
    fn outcomes(&self, state: &State, mut each: impl FnMut(Step, &Oracle, Outcome)) {
        for step in self.steps(state) {
            let mut oracle = Oracle::default();
            loop {
                let outcome = self.run(state, step, &mut oracle);
                each(step, &oracle, outcome);
                if !oracle.advance() {
                    break;
                }
            }
        }
    }

    /// Pushes every outcome of some steps.
    fn push_outcomes(&self, state: &State, steps: &[Step], out: &mut Successors) {
        let before = consequences::replicas_possible(&self.instance, state);
        let (mut packed, mut rows) = ([0; 16], Vec::new());
        let mut oracle = Oracle::default();
        for &step in steps {
            out.touch(self.coverage.kind(step.kind()));
            loop {
                let mut turn = self.turn(state, &mut oracle);
                turn.rows = out.covers().then_some(&mut rows);
                Self::take(&mut turn, before, step);
                let (mut next, events) = (turn.state, turn.events);
                rows.drain(..).for_each(|row| out.touch(self.coverage.row(row)));
                if out.wants(next.readings) {
                    self.symmetry.canonicalize(&self.instance, &mut next);
                    let packed = &mut packed[..self.words];
                    packed.fill(0);
                    layout::pack(&self.instance, &mut next, packed);
                    out.push_when(packed, Self::label_of(step, events), next.readings);
                }
                if !oracle.advance() {
                    break;
                }
            }
        }
    }

    fn label_of(step: Step, events: u32) -> Label {
        Label { classes: step.class(), fairness: step.fairness(), events }
    }
}

impl stateright::Model for Maintenance {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        initial::states(&self.instance)
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.outcomes(state, |step, oracle, _| actions.push(Action { step, choices: oracle.answers().into() }));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        Some(self.run(state, action.step, &mut Oracle::scripted(&action.choices)).state)
    }
}

impl Packed for Maintenance {
    fn words(&self) -> usize {
        self.words
    }

    fn pack(&self, state: &State, words: &mut [u64]) {
        layout::pack(&self.instance, &mut state.clone(), words);
    }

    fn unpack(&self, words: &[u64]) -> State {
        layout::unpack(&self.instance, words)
    }

    fn canonical(&self, words: &mut [u64]) {
        if self.symmetry.is_trivial() {
            return;
        }
        let mut state = self.unpack(words);
        if self.symmetry.canonicalize(&self.instance, &mut state) {
            words.fill(0);
            self.pack(&state, words);
        }
    }

    fn label(&self, from: &State, action: &Action, _: &State) -> Label {
        let outcome = self.run(from, action.step, &mut Oracle::scripted(&action.choices));
        Self::label_of(action.step, outcome.events)
    }

    /// One case for each way in which the readings matter to what is enabled and what holds in the state.
    fn successors(&self, words: &[u64], when: Assignment, out: &mut Successors) {
        let mut state = self.unpack(words);
        state.readings = when;
        if out.covers() {
            let shells = state.shells.iter().enumerate();
            shells.for_each(|(shell, slot)| out.touch(self.coverage.node(shell, slot.at.into())));
        }
        let mut oracle = Oracle::default();
        let mut steps = Vec::new();
        loop {
            let mut turn = self.turn(&state, &mut oracle);
            fabric::resolve(&mut turn);
            if out.wants(turn.state.readings) {
                out.case(turn.state.readings, self.holding(&turn.state));
                steps.clear();
                Self::enabled(&turn, &mut steps);
                self.push_outcomes(&turn.state, &steps, out);
            }
            if !oracle.advance() {
                break;
            }
        }
    }

    fn specification(&self) -> Vec<Property> {
        claims::specification(&self.instance)
    }

    fn parameters(&self) -> Vec<Parameter> {
        let values = |reading: &crate::scenario::readings::Reading| reading.describe().values.len() as u8;
        self.instance.open_readings.iter().map(|reading| Parameter { values: values(reading) }).collect()
    }

    fn assignment(&self, state: &State) -> Assignment {
        state.readings
    }

    fn assume(&self, state: &mut State, when: Assignment) {
        state.readings = when;
    }

    fn coverage_points(&self) -> usize {
        self.coverage.points()
    }
}

/// The numbering of coverage points: kinds of steps, rows of tables, nodes of procedures.
#[derive(Debug, Clone)]
pub struct Coverage {
    tables: Vec<usize>,
    nodes: Vec<usize>,
    points: usize,
}

impl Coverage {
    fn new(instance: &Instance) -> Coverage {
        let mut points = KINDS;
        let mut claim = |count: usize| {
            points += count;
            points - count
        };
        let tables = lifecycle::drawings().iter().map(|drawing| claim(drawing.rows.len())).collect();
        let nodes = instance.shells.iter().map(|program| claim(program.last_position() + 1)).collect();
        Coverage { tables, nodes, points }
    }

    /// How many points there are.
    pub fn points(&self) -> usize {
        self.points
    }

    /// A kind of step happened.
    pub fn kind(&self, kind: usize) -> usize {
        kind
    }

    /// A row of a table was taken.
    pub fn row(&self, (machine, row): TakenRow) -> usize {
        self.tables[machine] + row
    }

    /// A shell was at a node.
    pub fn node(&self, shell: usize, node: usize) -> usize {
        self.nodes[shell] + node
    }
}
