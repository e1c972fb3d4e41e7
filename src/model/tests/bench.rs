//! A deployment on the bench: commands are issued and steps are taken one by one.

use super::build::{free, pool_of, readings, scenario};
use crate::lifecycle::{pool, routing_group, server, service};
use crate::model::Maintenance;
use crate::model::commands::{self, Progress};
use crate::model::oracle::Oracle;
use crate::model::state::State;
use crate::model::step::Step;
use crate::model::turn::{Judge, Turn};
use crate::runbook::Command;
use crate::scenario::readings::Reading;
use crate::scenario::{Faults, Initially, Operator, Scenario};
use crate::topology::{Deployment, ServiceSet};
use stateright::Model;

/// A model, the state it is in, and the menu of the operators who act on it.
pub struct Bench {
    pub model: Maintenance,
    pub state: State,
    menu: Vec<Command>,
    /// The events of the last step.
    pub events: u32,
}

/// What is put on a bench.
pub struct Setup(Scenario);

/// Two free operators with these commands, in a pool of so many front ends.
pub fn pool(front_ends: usize, menu: &[Command]) -> Setup {
    deployed(pool_of(front_ends), menu)
}

/// Two free operators with these commands; every reading has its first value.
pub fn deployed(deployment: Deployment, menu: &[Command]) -> Setup {
    let operators = vec![free("first", menu, None), free("second", menu, None)];
    let mut scenario = scenario(deployment, operators, Faults::default());
    scenario.fixed_readings = readings(&[]);
    Setup(scenario)
}

impl Setup {
    /// With other values of readings.
    pub fn reading(mut self, others: &[(Reading, u8)]) -> Setup {
        self.0.fixed_readings = readings(others);
        self
    }

    /// With some readings open.
    pub fn open(mut self, readings: &[Reading]) -> Setup {
        self.0.fixed_readings.retain(|(reading, _)| !readings.contains(reading));
        self
    }

    /// With operators who follow procedures, beside the two free ones.
    pub fn with(mut self, operators: &[Operator]) -> Setup {
        self.0.operators.extend_from_slice(operators);
        self
    }

    /// With faults.
    pub fn faults(mut self, faults: Faults) -> Setup {
        self.0.faults = faults;
        self
    }

    /// With a number of servers that have to take users.
    pub fn capacity(mut self, pool: crate::topology::PoolId, at_least: usize) -> Setup {
        self.0.capacity = vec![(pool, at_least)];
        self
    }

    /// With deviations at the beginning.
    pub fn initially(mut self, initially: &[Initially]) -> Setup {
        self.0.initially = initially.to_vec();
        self
    }

    /// With the tracked group on these servers, the first of them being the primary.
    pub fn with_group(self, servers: &[usize]) -> Bench {
        let menu = match &self.0.operators[0].acts {
            crate::scenario::Acts::Free { menu, .. } => menu.iter().map(|item| item.command.clone()).collect(),
            crate::scenario::Acts::Scripted { .. } => unreachable!("both operators are free"),
        };
        let model = Maintenance::new(&self.0);
        let placed = |state: &State| {
            let replica = |server: usize| state.servers[server].replica;
            let holds = |server: &usize| replica(*server) != routing_group::State::Absent;
            let down = |server: usize| replica(server) == routing_group::State::Down;
            (0..state.servers.len()).filter(holds).eq({
                let mut sorted = servers.to_vec();
                sorted.sort_unstable();
                sorted
            }) && servers.first().is_none_or(|first| replica(*first) == routing_group::State::Primary || down(*first))
        };
        let state = model.init_states().into_iter().find(placed).expect("such a placement exists");
        Bench { model, state, menu, events: 0 }
    }
}

impl Bench {
    fn take(&mut self, step: Step) {
        assert!(self.model.steps(&self.state).contains(&step), "{step:?} is not enabled in {:?}", self.state);
        let outcome = self.model.run(&self.state, step, &mut Oracle::default());
        (self.state, self.events) = (outcome.state, outcome.events);
        assert_eq!(super::invariants::broken(&self.model, &self.state), None);
    }

    /// Takes a step that has to be enabled.
    pub fn step(&mut self, step: Step) -> &mut Bench {
        self.take(step);
        self
    }

    /// Whether a step is enabled.
    pub fn can(&self, step: Step) -> bool {
        self.model.steps(&self.state).contains(&step)
    }

    /// Every state that a step can lead to.
    pub fn outcomes(&self, step: Step) -> Vec<State> {
        let (mut oracle, mut states) = (Oracle::default(), Vec::new());
        loop {
            states.push(self.model.run(&self.state, step, &mut oracle).state);
            if !oracle.advance() {
                return states;
            }
        }
    }

    /// The first idle operator issues a command; how it stands then.
    pub fn issue(&mut self, command: Command) -> Progress {
        let mut oracle = Oracle::default();
        let instance = self.model.instance();
        let mut turn = Turn { instance, state: self.state.clone(), oracle: &mut oracle, events: 0, rows: None };
        let progress = commands::issue(&mut turn, &command);
        let item = self.menu.iter().position(|other| *other == command).expect("the menu has it") as u16;
        let shell = self.state.shells[..2].iter().position(|shell| shell.at == 0).expect("somebody is idle") as u8;
        self.take(Step::Issue { shell, item });
        progress
    }

    /// Takes steps of the system and of blocked cmdlets until nothing is left to do. No wait ends.
    pub fn quiet(&mut self) -> &mut Bench {
        for _ in 0..500 {
            let steps = self.model.steps(&self.state).into_iter();
            let mut steps = steps.filter(|step| {
                let fabric = step.fairness().is_some() && !matches!(step, Step::Expire { .. } | Step::Orphaned { .. });
                fabric && !matches!(step, Step::PoolStops { .. })
            });
            let Some(step) = steps.next() else { return self };
            self.take(step);
        }
        panic!("it never becomes quiet: {:?}", self.state);
    }

    /// All services of a server that were asked to start come up, one group after the other.
    pub fn services_start(&mut self, server: usize) -> &mut Bench {
        let of_server = self.model.instance().servers[server].services.clone();
        let next = |bench: &Bench| {
            let mut steps = bench.model.steps(&bench.state).into_iter();
            steps.find(|step| matches!(step, Step::ServicesStart { group } if of_server.contains(&usize::from(*group))))
        };
        while let Some(step) = next(self) {
            self.take(step);
        }
        self
    }

    /// Issues a command and lets everything happen that follows.
    pub fn carry_out(&mut self, command: Command) -> Progress {
        let progress = self.issue(command);
        self.quiet();
        progress
    }

    pub fn availability(&self, server: usize) -> server::State {
        self.state.servers[server].availability
    }

    pub fn replica(&self, server: usize) -> routing_group::State {
        self.state.servers[server].replica
    }

    pub fn pool_state(&self) -> pool::State {
        self.state.pools[0].state
    }

    /// The state of the group that holds this service.
    pub fn service(&self, server: usize, name: &str) -> service::State {
        self.state.services[self.group_of(server, name)].state
    }

    /// The startup type of the group that holds this service.
    pub fn startup(&self, server: usize, name: &str) -> service::Startup {
        self.state.services[self.group_of(server, name)].startup
    }

    /// The group that holds this service.
    pub fn group_of(&self, server: usize, name: &str) -> usize {
        let wanted = ServiceSet::named(&[name]);
        let mut range = self.model.instance().servers[server].services.clone();
        range
            .find(|group| !self.model.instance().groups[*group].services.and(wanted).is_empty())
            .expect("it is installed")
    }

    /// How the deployment looks.
    pub fn judge(&self) -> Judge<'_> {
        Judge::new(self.model.instance(), &self.state)
    }

    /// Whether a predicate of the specification holds, or the goal of one; by the name of its property.
    pub fn holds(&self, property: crate::scenario::property::PropertyName) -> bool {
        use crate::check::model::Claim::{Always, AlwaysPossibly, Eventually, LeadsTo, Sometimes};
        match crate::model::claims::claim(property) {
            Always(bit)
            | AlwaysPossibly { goal: bit, .. }
            | Eventually(bit)
            | LeadsTo { goal: bit, .. }
            | Sometimes(bit) => self.model.holding(&self.state) >> bit & 1 == 1,
            claim => panic!("{claim:?} is no claim about a state"),
        }
    }
}
