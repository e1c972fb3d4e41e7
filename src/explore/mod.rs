//! A walk through the states of a scenario by hand: where one can be, what is to be seen there, where one can go.
//!
//! Invariant: this room opens no socket and no file. What is shown at a position is what the model does on the way
//! there, step by step from the beginning; nothing is remembered between two questions.
//! Cost: a run of the model for each step of the way and for each step that is possible at its end.

pub mod position;
mod properties;
pub mod service;
pub mod view;

use crate::check::Witness;
use crate::check::model::Packed;
use crate::lifecycle::routing_group;
use crate::model::Maintenance;
use crate::model::oracle::Oracle;
use crate::model::state::{Budgets, State};
use crate::model::step::Action;
use crate::model::turn::Judge;
use crate::report::wording;
use crate::scenario::Scenario;
use crate::verdict::judge::{self, CheckError};
use crate::verdict::options::CheckOptions;
use crate::verdict::{self, Moment, Outcome, ReadingValue};
use position::{Position, PositionError};
use properties::Seen;
use stateright::Model;
use view::{Beginning, Found, Overview, Server, StepView, Story, View, VotesView};

/// A scenario that somebody walks through.
#[derive(Debug, Clone)]
pub struct Explorer {
    scenario: Scenario,
    options: CheckOptions,
    model: Maintenance,
    beginnings: Vec<State>,
}

/// A way that was walked again.
struct Walk {
    seen: Seen,
    way: Vec<StepView>,
    state: State,
}

impl Explorer {
    /// For a scenario; the options say which properties are asked for, and how [`Explorer::check`] checks.
    pub fn new(scenario: &Scenario, options: &CheckOptions) -> Result<Explorer, CheckError> {
        let (scenario, model) = judge::model_of(scenario, options)?;
        let beginnings = model.init_states();
        Ok(Explorer { scenario, options: options.clone(), model, beginnings })
    }

    /// What is the same at every position.
    pub fn overview(&self) -> Overview {
        let instance = self.model.instance();
        let beginnings = self.beginnings.iter().enumerate().map(|(start, state)| Beginning {
            link: Position { start, ..Position::default() }.marked(self.mark(state)).to_string(),
            words: self.beginning_words(state),
        });
        let server = |info: &crate::model::instance::ServerInfo| Server {
            name: instance.deployment.short_name(info.id).to_owned(),
            pool: self.pool_name(info.pool).to_owned(),
        };
        Overview {
            title: self.scenario.title.clone(),
            file: self.options.file.clone(),
            servers: instance.servers.iter().map(server).collect(),
            operators: self.scenario.operators.iter().map(|operator| operator.name.clone()).collect(),
            beginnings: beginnings.collect(),
        }
    }

    /// What is to be seen at a position.
    pub fn view(&self, position: &Position) -> Result<View, PositionError> {
        let Walk { seen, way, state } = self.walk(position)?;
        let here = *seen.predicates.last().unwrap_or(&0);
        let steps = self.actions(&state).into_iter().enumerate();
        let steps = steps.map(|(index, action)| self.step(position, index, &state, here, &action).0).collect();
        let unmarked = Position { mark: None, ..position.clone() };
        let beginning = Position { start: position.start, ..Position::default() };
        let moment = judge::moment(&self.model, &state);
        Ok(View {
            link: unmarked.marked(self.mark(&state)).to_string(),
            beginning: beginning.marked(self.mark(&self.beginnings[position.start])).to_string(),
            way,
            votes: self.votes(&state, &moment),
            moment,
            assumed: self.assumed(&state),
            notes: self.notes(&state),
            properties: properties::properties(&self.model, &seen, &state),
            steps,
        })
    }

    /// Checks the scenario and gives each property's outcome with the way of its counterexample.
    pub fn check(&self, options: &CheckOptions) -> Result<Vec<Found>, CheckError> {
        let runs = judge::runs(&self.scenario, &self.model, options)?;
        runs.into_iter().map(|run| self.found(run)).collect()
    }

    /// Walks a way from its beginning.
    fn walk(&self, position: &Position) -> Result<Walk, PositionError> {
        let (asked, known) = (position.start, self.beginnings.len());
        let first = self.beginnings.get(asked).ok_or(PositionError::NoBeginning { asked, known })?;
        let mut walk = Walk {
            seen: Seen { predicates: vec![self.model.holding(first)], events: Vec::new() },
            way: Vec::new(),
            state: first.clone(),
        };
        let mut here = Position { start: position.start, ..Position::default() };
        for (after, &asked) in position.steps.iter().enumerate() {
            let actions = self.actions(&walk.state);
            let action = actions.get(asked).ok_or(PositionError::NoStep { after, asked, known: actions.len() })?;
            let before = walk.seen.predicates[after];
            let (told, state, events) = self.step(&here, asked, &walk.state, before, action);
            walk.way.push(told);
            walk.seen.predicates.push(self.model.holding(&state));
            walk.seen.events.push(events);
            walk.state = state;
            here = here.then(asked);
        }
        match position.mark {
            Some(mark) if mark != self.mark(&walk.state) => Err(PositionError::Changed),
            _ => Ok(walk),
        }
    }

    /// What is possible in a state, in the order of the model.
    fn actions(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        self.model.actions(state, &mut actions);
        actions
    }

    /// One step from a position: in words, where it leads, and what happens on it.
    fn step(&self, from: &Position, index: usize, state: &State, here: u64, action: &Action) -> (StepView, State, u32) {
        let outcome = self.model.run(state, action.step, &mut Oracle::scripted(&action.choices));
        let told = judge::step(&self.model, state, action, &outcome.state);
        let after = self.model.holding(&outcome.state);
        let view = StepView {
            link: from.then(index).marked(self.mark(&outcome.state)).to_string(),
            sentence: wording::sentence(&told),
            by: told.by,
            place: told.place,
            assuming: told.assuming,
            changes: told.changes,
            breaks: properties::broken_by(&self.model, here, after, outcome.events),
        };
        (view, outcome.state, outcome.events)
    }

    /// The mark of a state: its packed words and its readings, folded (FNV-1a), the same on every machine.
    fn mark(&self, state: &State) -> u32 {
        let mut words = vec![0; self.model.words()];
        self.model.pack(state, &mut words);
        words.push(state.readings.0);
        let bytes = words.iter().flat_map(|word| word.to_le_bytes());
        bytes.fold(0x811c_9dc5, |mark: u32, byte| (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    fn found(&self, run: judge::Run) -> Result<Found, CheckError> {
        let verdict::PropertyVerdict { name, outcome, .. } = run.verdict;
        let (detail, failure) = match &outcome {
            Outcome::Violated { when, complete, failure, .. } => {
                (wording::short_condition(when, *complete), failure.clone())
            }
            Outcome::NotProved { reason } | Outcome::NotApplicable { reason } => (reason.clone(), String::new()),
            Outcome::Holds => (String::new(), String::new()),
        };
        Ok(Found {
            property: name,
            outcome: wording::outcome(&outcome).to_owned(),
            violated: outcome.violated(),
            detail,
            failure,
            story: run.witness.map(|witness| self.story(&witness)).transpose()?,
        })
    }

    /// The way of a counterexample, found step by step among what is possible.
    fn story(&self, witness: &Witness<State, Action>) -> Result<Story, CheckError> {
        let gone = || CheckError::Internal("a replayed run is not among the steps of its states".to_owned());
        let start = self.beginnings.iter().position(|state| *state == witness.initial).ok_or_else(gone)?;
        let mut position = Position { start, ..Position::default() };
        let mut state = &witness.initial;
        let mut links = vec![position.clone().marked(self.mark(state)).to_string()];
        for (action, after) in &witness.steps {
            let index = self.actions(state).iter().position(|known| known == action).ok_or_else(gone)?;
            position = position.then(index);
            state = after;
            links.push(position.clone().marked(self.mark(state)).to_string());
        }
        Ok(Story { links, loop_from: witness.loop_start })
    }

    fn pool_name(&self, pool: usize) -> &str {
        let instance = self.model.instance();
        &instance.deployment.pools[instance.pools[pool].id.0].fqdn
    }

    /// `primary on fe1, secondaries on fe2 and fe3; assuming sql-vote = always`.
    fn beginning_words(&self, state: &State) -> String {
        let instance = self.model.instance();
        let holding = |wanted: routing_group::State| -> Vec<&str> {
            let servers = instance.servers.iter().zip(&state.servers);
            let held = servers.filter(|(_, slot)| slot.replica == wanted);
            held.map(|(info, _)| instance.deployment.short_name(info.id)).collect()
        };
        let mut parts = Vec::new();
        let kinds = [
            (routing_group::State::Primary, "primary on"),
            (routing_group::State::Secondary, "secondary on"),
            (routing_group::State::Building, "being built on"),
            (routing_group::State::Down, "down on"),
        ];
        for (kind, words) in kinds {
            let names = holding(kind);
            if !names.is_empty() {
                parts.push(format!("{words} {}", wording::list(&names)));
            }
        }
        let mut words = match parts.is_empty() {
            true => "no routing group".to_owned(),
            false => format!("routing group: {}", parts.join(", ")),
        };
        let assumed = self.assumed(state);
        if !assumed.is_empty() {
            words += &format!("; assuming {}", wording::reading_values(&assumed));
        }
        words
    }

    fn assumed(&self, state: &State) -> Vec<ReadingValue> {
        let open = self.model.instance().open_readings.iter().enumerate();
        let value = |(index, reading): (usize, &_)| {
            state.readings.get(index).map(|value| judge::reading_value(*reading, value))
        };
        open.filter_map(value).collect()
    }

    /// The votes of each pool that has a quorum, in the numbers of the moment.
    fn votes(&self, state: &State, moment: &Moment) -> Vec<VotesView> {
        let instance = self.model.instance();
        let judge = Judge::new(instance, state);
        let pools = (0..instance.pools.len()).filter(|pool| instance.pools[*pool].fabric);
        let votes = |pool: usize| {
            let stands = moment.pools.iter().find(|stands| stands.name == self.pool_name(pool))?;
            let votes = judge.votes(pool);
            Some(VotesView {
                pool: stands.name.clone(),
                all: votes.voters + usize::from(votes.sql_votes),
                up: stands.votes_up,
                needed: stands.quorum,
            })
        };
        pools.filter_map(votes).collect()
    }

    /// Locks that are held, and what may still go wrong.
    fn notes(&self, state: &State) -> Vec<String> {
        let instance = self.model.instance();
        let held = instance.locks.iter().zip(&state.locks).filter(|(_, holder)| **holder > 0);
        let mut notes: Vec<String> = held
            .map(|(lock, holder)| {
                format!("lock '{lock}' is held by {}", instance.shells[usize::from(*holder) - 1].name)
            })
            .collect();
        let left = budgets(&state.budgets, &instance.budgets);
        if !left.is_empty() {
            notes.push(format!("may still happen: {}", left.join(", ")));
        }
        notes
    }
}

/// What is left of each budget that the scenario has.
fn budgets(left: &Budgets, full: &Budgets) -> Vec<String> {
    let budgets = [
        (left.crashes, full.crashes, "crash", "crashes"),
        (left.hangs, full.hangs, "hung conference", "hung conferences"),
        (left.policy, full.policy, "reboot by the update policy", "reboots by the update policy"),
        (left.watchdog, full.watchdog, "start by the watchdog", "starts by the watchdog"),
        (left.failing, full.failing, "failing cmdlet", "failing cmdlets"),
        (left.principal, full.principal, "failure of an SQL principal", "failures of an SQL principal"),
        (left.starts, full.starts, "start that hangs", "starts that hang"),
        (left.publications, full.publications, "publication of a topology", "publications of a topology"),
    ];
    let budgets = budgets.into_iter().filter(|(_, full, _, _)| *full > 0);
    budgets.map(|(left, _, one, many)| wording::count(left.into(), one, many)).collect()
}
