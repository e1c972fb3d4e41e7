//! The explicit state machines: service, server, pool and routing group.
//!
//! Each machine is a type for its states, a type for its events and ONE transition table. The checker
//! executes the table ([`Machine::next`]), the documentation is drawn from it, and coverage counts its
//! rows. A pair of state and event that the table does not list is not a transition: the cmdlet that
//! asked for it reports an error, never a silent no-op.
//!
//! Invariant: this room knows nothing else of the crate.
//! Cost: a look-up scans a `const` table of at most a few dozen rows.

pub mod pool;
pub mod routing_group;
pub mod server;
pub mod service;

use std::fmt::Debug;

/// One row of a transition table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<S: 'static, E: 'static> {
    /// The state before.
    pub from: S,
    /// What happens.
    pub event: E,
    /// The state after.
    pub to: S,
    /// The facts of the domain that the row rests on, such as `F2.4`; `D2` and the like name a
    /// modelling decision, `A3` an assumption about something that no source states.
    pub facts: &'static [&'static str],
    /// Why the row is as it is, in one sentence.
    pub why: &'static str,
}

/// A state machine that is given by its table.
///
/// ```
/// use poolproof::lifecycle::Machine;
/// use poolproof::lifecycle::service::{Event, State, Service};
/// assert_eq!(Service::next(State::Running, Event::Drain), Some(State::Draining));
/// assert_eq!(Service::next(State::Stopped, Event::Emptied), None);
/// ```
pub trait Machine {
    /// The states.
    type State: Copy + Eq + Debug + Words + 'static;
    /// The events.
    type Event: Copy + Eq + Debug + Words + 'static;
    /// What the machine is called on the command line: `service`, `server`, `pool`, `routing-group`.
    const NAME: &'static str;
    /// The state in which a drawing begins.
    const INITIAL: Self::State;
    /// The transition table.
    const TABLE: &'static [Row<Self::State, Self::Event>];

    /// The index of the row for `from` and `event`.
    fn row(from: Self::State, event: Self::Event) -> Option<usize> {
        Self::TABLE.iter().position(|row| row.from == from && row.event == event)
    }

    /// The state after `event` in `from`; `None` if the table has no such row.
    fn next(from: Self::State, event: Self::Event) -> Option<Self::State> {
        Self::row(from, event).map(|row| Self::TABLE[row].to)
    }
}

/// The names of a state or an event, in the words of the field.
pub trait Words {
    /// The name in a diagram or a story: `Failed over`.
    fn words(self) -> &'static str;
}

/// The parts of [`Machine`] that a reader of tables needs, without its types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Name of the machine.
    pub name: &'static str,
    /// The state in which the drawing begins.
    pub initial: &'static str,
    /// Every state that occurs in the table, in order of occurrence.
    pub states: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<DrawnRow>,
}

/// A row of a [`Drawing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnRow {
    /// The state before.
    pub from: &'static str,
    /// What happens.
    pub event: &'static str,
    /// The state after.
    pub to: &'static str,
    /// The facts behind the row.
    pub facts: &'static [&'static str],
    /// Why, in one sentence.
    pub why: &'static str,
}

/// The table of machine `M` as plain words.
pub fn drawing<M: Machine>() -> Drawing {
    let mut states = vec![M::INITIAL.words()];
    let rows: Vec<DrawnRow> = M::TABLE
        .iter()
        .map(|row| DrawnRow {
            from: row.from.words(),
            event: row.event.words(),
            to: row.to.words(),
            facts: row.facts,
            why: row.why,
        })
        .collect();
    for state in rows.iter().flat_map(|row| [row.from, row.to]) {
        if !states.contains(&state) {
            states.push(state);
        }
    }
    Drawing { name: M::NAME, initial: M::INITIAL.words(), states, rows }
}

/// The drawings of all machines.
pub fn drawings() -> Vec<Drawing> {
    vec![
        drawing::<service::Service>(),
        drawing::<server::Server>(),
        drawing::<pool::Pool>(),
        drawing::<routing_group::RoutingGroup>(),
    ]
}

/// Declares a field-less enum whose variants have a name in the words of the field and a fixed number
/// for packing.
macro_rules! states {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $words:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }
        impl $name {
            /// All values, in the order of their codes.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The number of the value, from 0.
            pub const fn code(self) -> u8 { self as u8 }
            /// The value of a number that [`Self::code`] gave.
            pub fn from_code(code: u8) -> $name { Self::ALL[code as usize] }
        }
        impl $crate::lifecycle::Words for $name {
            fn words(self) -> &'static str { match self { $($name::$variant => $words),+ } }
        }
    };
}
pub(crate) use states;

/// Declares a transition table, a line a row: `From, Event => To, ["F1.1"], "why";`.
macro_rules! table {
    ($($from:ident, $event:ident => $to:ident, [$($fact:literal),+], $why:literal;)+) => {
        &[$(Row { from: State::$from, event: Event::$event, to: State::$to, facts: &[$($fact),+], why: $why }),+]
    };
}
pub(crate) use table;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn well_formed<M: Machine>() {
        let mut seen = HashSet::new();
        for row in M::TABLE {
            assert!(seen.insert((row.from.words(), row.event.words())), "{}: two rows for {row:?}", M::NAME);
            assert!(!row.facts.is_empty(), "{}: a row without a fact: {row:?}", M::NAME);
            assert!(row.why.ends_with('.'), "{}: 'why' is a sentence: {row:?}", M::NAME);
        }
        let drawing = drawing::<M>();
        for state in &drawing.states {
            assert!(
                *state == drawing.initial || drawing.rows.iter().any(|row| row.to == *state && row.from != *state),
                "{}: nothing leads to {state}",
                M::NAME
            );
        }
    }

    #[test]
    fn tables_are_deterministic_cite_facts_and_reach_every_state() {
        well_formed::<service::Service>();
        well_formed::<server::Server>();
        well_formed::<pool::Pool>();
        well_formed::<routing_group::RoutingGroup>();
    }

    /// The tables were written down a second time, for TLC: `<<"Running", "drain", "Draining">>, \* F1.48`.
    fn reference(table: &str) -> Vec<[String; 4]> {
        let text = include_str!("../../models/reference/Lifecycle.tla");
        let (_, rows) = text.split_once(&format!("{table} == Table({{")).expect("the reference has the table");
        let rows = rows.lines().skip(1).take_while(|line| !line.starts_with("})"));
        let row = regex::Regex::new(r#"^ +<<"(.*)", "(.*)", "(.*)">>,? +\\\* (.*)$"#).expect("a pattern");
        rows.map(|line| row.captures(line).expect("a row").extract::<4>().1.map(str::to_owned)).collect()
    }

    fn as_in_the_reference<M: Machine>(table: &str, states: &[M::State], events: &[M::Event])
    where
        M::State: std::fmt::Debug,
    {
        let mut listed = Vec::new();
        for (from, event) in states.iter().flat_map(|from| events.iter().map(move |event| (*from, *event))) {
            if let Some(to) = M::next(from, event) {
                let row = M::TABLE.iter().find(|row| (row.from, row.event) == (from, event)).expect("it was taken");
                listed.push([format!("{from:?}"), event.words().into(), format!("{to:?}"), row.facts.join(", ")]);
            }
        }
        let mut reference = reference(table);
        listed.sort();
        reference.sort();
        assert_eq!(listed, reference, "{table}");
    }

    #[test]
    fn the_tables_are_those_of_the_reference() {
        as_in_the_reference::<service::Service>("ServiceTable", service::State::ALL, service::Event::ALL);
        as_in_the_reference::<server::Server>("ServerTable", server::State::ALL, server::Event::ALL);
        as_in_the_reference::<pool::Pool>("PoolTable", pool::State::ALL, pool::Event::ALL);
        as_in_the_reference::<routing_group::RoutingGroup>(
            "ReplicaTable",
            routing_group::State::ALL,
            routing_group::Event::ALL,
        );
    }

    #[test]
    fn a_drawing_has_every_state_once_in_order_of_occurrence() {
        let states = drawing::<service::Service>().states;
        assert_eq!(states, ["Running", "Stopped", "Start pending", "Paused", "Draining", "Paused, empty"]);
        let sizes: Vec<_> = drawings().iter().map(|it| (it.name, it.states.len())).collect();
        assert_eq!(sizes, [("service", 6), ("server", 7), ("pool", 8), ("routing-group", 5)]);
    }
}
