//! One step in the making: the state that is being changed, the questions that are being answered.
//!
//! Everything that a step does to a machine goes through here, so that every change is a row of a
//! transition table, and is counted as one.

use super::instance::Instance;
use super::oracle::Oracle;
use super::state::{Hang, State};
use super::step::event;
use crate::lifecycle::{Machine, pool, routing_group, server, service};
use crate::scenario::readings::Reading;

/// A row of a transition table that was taken: the machine's position in `lifecycle::drawings()`, the row.
pub type TakenRow = (usize, usize);

/// One step in the making.
pub struct Turn<'a> {
    /// What no step changes.
    pub instance: &'a Instance,
    /// The state, being changed.
    pub state: State,
    /// The answers to open questions.
    pub oracle: &'a mut Oracle,
    /// What happens on this transition.
    pub events: u32,
    /// The rows that were taken, if somebody counts them.
    pub rows: Option<&'a mut Vec<TakenRow>>,
}

impl Turn<'_> {
    /// The value of a reading in this run, resolving it if the run has not depended on it before.
    ///
    /// Only effects ask; whether a step is enabled never does (see `guard.rs`), so that a step that is
    /// enabled is enabled under every value, and fairness can be judged without regard to readings.
    pub fn read(&mut self, reading: Reading) -> u8 {
        match self.known(reading) {
            Some(value) => value,
            None => {
                let index = self.instance.open(reading).expect("a reading is fixed or open");
                let value = self.oracle.choose(reading.describe().values.len()) as u8;
                self.state.readings = self.state.readings.with(index, value);
                value
            }
        }
    }

    /// The value of a reading, if it is fixed or this run has depended on it.
    pub fn known(&self, reading: Reading) -> Option<u8> {
        known(self.instance, &self.state, reading)
    }

    /// Resolves of these readings those, and only those, on which `judgement` depends in this state.
    pub fn settle_readings<T: PartialEq>(&mut self, readings: &[Reading], judgement: impl Fn(&Judge) -> T) -> T {
        loop {
            let judge = Judge { instance: self.instance, state: &self.state, supposed: [None; 4] };
            match judge.depends(readings, &judgement) {
                Ok(value) => return value,
                Err(reading) => {
                    self.read(reading);
                }
            }
        }
    }

    /// The readings on which the votes of a pool depend in this state.
    pub fn voting(&self, pool: usize) -> &'static [Reading] {
        Judge::new(self.instance, &self.state).voting(pool)
    }

    /// Applies an event to a server's availability; `false` if the table has no such row.
    pub fn server(&mut self, server: usize, event: server::Event) -> bool {
        let slot = &mut self.state.servers[server].availability;
        take::<server::Server>(slot, event, 1, &mut self.rows)
    }

    /// Applies an event to a group of services; `false` if the table has no such row.
    pub fn service(&mut self, group: usize, event: service::Event) -> bool {
        let slot = &mut self.state.services[group];
        let taken = take::<service::Service>(&mut slot.state, event, 0, &mut self.rows);
        if !matches!(slot.state, service::State::Draining | service::State::StartPending) {
            slot.hang = Hang::None;
        }
        taken
    }

    /// Applies an event to a pool; `false` if the table has no such row.
    pub fn pool(&mut self, pool: usize, event: pool::Event) -> bool {
        take::<pool::Pool>(&mut self.state.pools[pool].state, event, 2, &mut self.rows)
    }

    /// Applies an event to the tracked group's replica on a server; `false` if the table has no such row.
    pub fn replica(&mut self, server: usize, event: routing_group::Event) -> bool {
        take::<routing_group::RoutingGroup>(&mut self.state.servers[server].replica, event, 3, &mut self.rows)
    }

    /// Notes that a live conversation was ended by force.
    pub fn cut(&mut self) {
        self.events |= event::CALL_CUT;
    }

    /// Notes that something which users have produced is lost.
    pub fn lose_data(&mut self) {
        self.events |= event::DATA_LOST;
    }

    /// Stops a group of services without waiting for anybody.
    pub fn stop_hard(&mut self, group: usize) {
        let slot = self.state.services[group];
        let busy = matches!(slot.state, service::State::Running | service::State::Paused | service::State::Draining);
        // Where a drain has not said whether it will end, somebody is still connected (D2).
        if busy && self.instance.groups[group].talks && slot.hang != Hang::Ended {
            self.cut();
        }
        self.service(group, service::Event::Stop);
    }
}

fn take<M: Machine>(
    slot: &mut M::State,
    event: M::Event,
    machine: usize,
    rows: &mut Option<&mut Vec<TakenRow>>,
) -> bool {
    let Some(row) = M::row(*slot, event) else {
        return false;
    };
    *slot = M::TABLE[row].to;
    if let Some(rows) = rows {
        rows.push((machine, row));
    }
    true
}

/// The value of a reading, if it is fixed or the run has depended on it.
pub fn known(instance: &Instance, state: &State, reading: Reading) -> Option<u8> {
    match instance.open(reading) {
        None => instance.fixed(reading),
        Some(index) => state.readings.get(index),
    }
}

/// A state as it looks under supposed values of readings.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// What no step changes.
    pub instance: &'a Instance,
    /// The state.
    pub state: &'a State,
    supposed: [Option<(Reading, u8)>; 4],
}

impl<'a> Judge<'a> {
    /// A state under the readings that its run has depended on.
    pub fn new(instance: &'a Instance, state: &'a State) -> Self {
        Judge { instance, state, supposed: [None; 4] }
    }

    /// The value of a reading; the first one if it is open, which a judgement never asks without
    /// [`Turn::settle_readings`].
    pub fn reading(&self, reading: Reading) -> u8 {
        let supposed = self.supposed.iter().flatten().find(|(other, _)| *other == reading).map(|(_, value)| *value);
        supposed.or_else(|| known(self.instance, self.state, reading)).unwrap_or(0)
    }

    /// The judgement, or the first reading that it depends on.
    fn depends<T: PartialEq>(&self, readings: &[Reading], judgement: &impl Fn(&Judge) -> T) -> Result<T, Reading> {
        let open = |reading: &Reading| known(self.instance, self.state, *reading).is_none();
        let Some(first) = readings.iter().position(open) else {
            return Ok(judgement(self));
        };
        let (first, rest) = (readings[first], &readings[first + 1..]);
        let mut common = None;
        for value in 0..first.describe().values.len() as u8 {
            let mut supposed = *self;
            let slot = supposed.supposed.iter_mut().find(|slot| slot.is_none()).expect("at most four readings at once");
            *slot = Some((first, value));
            let value = supposed.depends(rest, judgement)?;
            match &common {
                None => common = Some(value),
                Some(other) if *other == value => {}
                Some(_) => return Err(first),
            }
        }
        Ok(common.expect("a reading has values"))
    }
}
