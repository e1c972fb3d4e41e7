//! Prophecy for connections (D2), held against a model that counts them.
//!
//! [`Counted`] keeps, beside a state, how many conversations live on each group of services. One may begin while its
//! service runs and end at any time; a drain waits for zero; a conference that hangs is one that never ends, or one
//! that people have left and that stays open. What is cut is what is connected when a service stops by force. The
//! steps themselves are those of the model, which is shown of each group only whether somebody is connected.

use super::build::{self, Item};
use super::random::{Shape, Small, scenarios};
use super::tally::{Demand, Tally, examine};
use crate::check::model::{Assignment, Label, Packed, Property, Successors};
use crate::check::{self, Completeness, Options};
use crate::lifecycle::service;
use crate::model::Maintenance;
use crate::model::oracle::Oracle;
use crate::model::state::{Hang, State};
use crate::model::step::{Step, class};
use crate::runbook::Command;
use crate::scenario::Scenario;
use proptest::prelude::*;
use stateright::Model;
use std::collections::BTreeSet;

/// The model with connections that are counted, on some servers, so many on a group at most. On the others they are
/// guessed as in the model, so that deployments of several servers stay small.
struct Counted {
    model: Maintenance,
    servers: [usize; 2],
    most: u8,
}

/// A state, and the conversations that live on each group of services.
#[derive(Debug, Clone, PartialEq)]
struct Connected {
    state: State,
    live: Vec<u8>,
}

type Transition = (Connected, Label);

/// Beyond all fairness constraints of the model: conversations on a group that drains come to their end.
const LEAVE: u16 = 0x8000;

fn takes_part(state: service::State) -> bool {
    matches!(state, service::State::Running | service::State::Paused | service::State::Draining)
}

impl Counted {
    /// The groups whose connections are counted.
    fn talking(&self) -> impl Iterator<Item = usize> {
        let groups = &self.model.instance().groups;
        (0..groups.len()).filter(|group| groups[*group].talks && self.servers.contains(&self.server_of(*group)))
    }

    fn server_of(&self, group: usize) -> usize {
        let servers = &self.model.instance().servers;
        servers.iter().position(|server| server.services.contains(&group)).expect("a group is on a server")
    }

    /// The state as the steps see it: a group has somebody to cut, or nobody.
    fn shown(&self, connected: &Connected) -> State {
        let mut state = connected.state.clone();
        for group in self.talking() {
            let slot = &mut state.services[group];
            slot.hang = match (slot.state, connected.live[group]) {
                (service::State::Running | service::State::Paused | service::State::Draining, 0) => Hang::Ended,
                (service::State::Draining, _) => Hang::Live,
                _ => slot.hang,
            };
        }
        state
    }

    /// What became of the connections, and of conferences that hang, in a step that led to `after`.
    fn settle(&self, before: &Connected, after: State) -> Connected {
        let mut next = Connected { state: after, live: before.live.clone() };
        for group in self.talking() {
            let (was, is) = (before.state.services[group], &mut next.state.services[group]);
            if takes_part(was.state) {
                is.hang = if is.state == was.state { was.hang } else { Hang::None };
            }
            if !takes_part(next.state.services[group].state) {
                next.live[group] = 0;
            }
        }
        next
    }

    /// Whether connections keep a step of the model from happening.
    fn waits(&self, connected: &Connected, step: Step) -> bool {
        let draining = |group: usize| connected.state.services[group].state == service::State::Draining;
        let counted = |group: usize| self.talking().any(|other| other == group);
        match step {
            Step::Emptied { group } => connected.live[usize::from(group)] > 0,
            Step::TakenOut { server } => {
                let mut groups = self.model.instance().servers[usize::from(server)].services.clone();
                groups.any(|group| draining(group) && connected.live[group] > 0)
            }
            Step::Hang { group, .. } => counted(group.into()) && connected.live[usize::from(group)] == 0,
            _ => false,
        }
    }

    fn transitions(&self, connected: &Connected) -> Vec<(Option<Step>, Transition)> {
        let mut all = Vec::new();
        for group in self.talking() {
            let (slot, live) = (connected.state.services[group], connected.live[group]);
            let with = |live: u8| {
                let mut next = connected.clone();
                next.live[group] = live;
                next
            };
            if slot.state == service::State::Running && live < self.most {
                all.push((None, (with(live + 1), Label { classes: class::FAULT, ..Label::default() })));
            }
            // The last one who is in a conference that goes on and on does not leave.
            if live > u8::from(slot.hang == Hang::Live) {
                let fairness = (slot.state == service::State::Draining).then_some(LEAVE + group as u16);
                all.push((None, (with(live - 1), Label { classes: class::SYSTEM, fairness, events: 0 })));
            }
        }
        for step in self.model.steps(&connected.state) {
            if self.waits(connected, step) {
                continue;
            }
            let label = |events| Label { classes: step.class(), fairness: step.fairness(), events };
            if let Step::Hang { group, live } = step {
                let outcome = self.model.run(&connected.state, step, &mut Oracle::default());
                let mut next = Connected { state: outcome.state, live: connected.live.clone() };
                next.live[usize::from(group)] = connected.live[usize::from(group)].saturating_sub(u8::from(!live));
                all.push((Some(step), (next, label(outcome.events))));
                continue;
            }
            let shown = self.shown(connected);
            let mut oracle = Oracle::default();
            loop {
                let outcome = self.model.run(&shown, step, &mut oracle);
                all.push((Some(step), (self.settle(connected, outcome.state), label(outcome.events))));
                if !oracle.advance() {
                    break;
                }
            }
        }
        all
    }
}

impl Model for Counted {
    type State = Connected;
    type Action = Connected;

    fn init_states(&self) -> Vec<Connected> {
        let nobody = vec![0; self.model.instance().groups.len()];
        self.model.init_states().into_iter().map(|state| Connected { state, live: nobody.clone() }).collect()
    }

    fn actions(&self, connected: &Connected, actions: &mut Vec<Connected>) {
        actions.extend(self.transitions(connected).into_iter().map(|(_, (next, _))| next));
    }

    fn next_state(&self, _: &Connected, action: Connected) -> Option<Connected> {
        Some(action)
    }
}

impl Packed for Counted {
    fn words(&self) -> usize {
        self.model.words() + self.model.instance().groups.len().div_ceil(32)
    }

    fn pack(&self, connected: &Connected, words: &mut [u64]) {
        let (state, live) = words.split_at_mut(self.model.words());
        self.model.pack(&connected.state, state);
        for (group, number) in connected.live.iter().enumerate() {
            live[group / 32] |= u64::from(*number) << (group % 32 * 2);
        }
    }

    fn unpack(&self, words: &[u64]) -> Connected {
        let (state, live) = words.split_at(self.model.words());
        let groups = 0..self.model.instance().groups.len();
        let number = |group: usize| (live[group / 32] >> (group % 32 * 2) & 3) as u8;
        Connected { state: self.model.unpack(state), live: groups.map(number).collect() }
    }

    fn successors(&self, words: &[u64], _: Assignment, out: &mut Successors) {
        let mut packed = vec![0; words.len()];
        for (_, (next, label)) in self.transitions(&self.unpack(words)) {
            packed.fill(0);
            self.pack(&next, &mut packed);
            out.push(&packed, label);
        }
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        self.model.holding(&self.unpack(words).state)
    }

    fn specification(&self) -> Vec<Property> {
        self.model.specification()
    }
}

/// The properties that a run found violated, and whether it saw everything.
fn violated<S, A>(outcome: &check::Outcome<S, A>) -> (BTreeSet<String>, bool) {
    let violated = outcome.properties.iter().filter(|result| result.violated());
    let names = violated.map(|result| result.property.name.clone()).collect();
    (names, outcome.completeness == Completeness::Complete)
}

fn explore<M: Packed>(model: &M, max_states: usize) -> check::Outcome<M::State, M::Action> {
    let options = Options { max_states: Some(max_states), threads: Some(1), coverage: true, ..Options::default() };
    check::run(model, &options, &()).unwrap()
}

const NO_CUT_CALLS: &str = "no-cut-calls";

/// Compares the verdicts of a scenario, if both models are no larger than this.
fn compare(
    scenario: &Scenario,
    limits: [usize; 2],
    (first, most): (usize, u8),
    tally: &mut Tally,
) -> Result<(), TestCaseError> {
    let model = Maintenance::new(scenario);
    let all = model.instance().servers.len();
    if model.words() > 8 || all == 0 {
        return Ok(());
    }
    let abstracted = explore(&model, limits[0]);
    let (guessed, all_guessed) = violated(&abstracted);
    if !all_guessed {
        return Ok(());
    }
    let counted = Counted { model: Maintenance::new(scenario), servers: [first % all, (first + 1) % all], most };
    let (counted, all_counted) = violated(&explore(&counted, limits[1]));
    let missed: Vec<_> = counted.difference(&guessed).collect();
    prop_assert!(missed.is_empty(), "the abstraction misses {:?}", missed);
    if all_counted {
        prop_assert_eq!(guessed, counted);
        tally.note(&model, &abstracted);
    }
    Ok(())
}

/// Somebody sees one of two drained services stopped and stops the rest by force: the other one has a call still.
#[test]
fn services_that_drain_stop_one_by_one() {
    use crate::runbook::{Quantifier, Query, Shown};
    use crate::topology::{ServerId, ServiceSet};
    let (av, im) = (ServiceSet::named(&["RTCAVMCU"]), ServiceSet::named(&["RTCIMMCU"]));
    let drain = |services| Command::StopServices { server: ServerId(0), services, graceful: true, wait: false };
    let stopped = |services, quantifier| Query::Services {
        server: ServerId(0),
        services,
        quantifier,
        shown: Shown { stopped: true, ..Shown::default() },
    };
    let any_of_all = stopped(ServiceSet::ALL, Quantifier::Any);
    for (drains, seen) in [(vec![av, im], stopped(im, Quantifier::All)), (vec![ServiceSet::ALL], any_of_all)] {
        let mut items: Vec<Item> = drains.into_iter().map(|services| build::run(drain(services))).collect();
        items.extend([Item::Poll(seen), build::run(build::command::stop(0, ServiceSet::ALL))]);
        let operators = vec![build::scripted("one", &items)];
        let mut scenario = build::scenario(build::pool_of(1), operators, Default::default());
        scenario.fixed_readings = build::readings(&[]);
        let (found, all) = violated(&explore(&Maintenance::new(&scenario), 20_000));
        assert!(all && found.contains(NO_CUT_CALLS), "{found:?}");
        compare(&scenario, [20_000, 40_000], (0, 1), &mut Tally::default()).unwrap();
    }
}

#[test]
fn counted_connections_give_the_verdicts_of_those_that_are_guessed() {
    let strategy = (scenarios(Shape::CONVERSATIONS), 0..5usize, 1..=2u8);
    let demand = Demand { compared: 30, but_kinds: &[8, 23], rows: 40 };
    examine(400, strategy, demand, |(Small(scenario), first, most), tally| {
        compare(scenario, [400, 4_000], (*first, *most), tally)
    });
}
