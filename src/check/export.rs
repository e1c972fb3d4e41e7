//! The state graph, written out: DOT for small graphs, JSON lines for any.
//!
//! Invariant: what is written is what the search stored, and it is the same for any number of threads. States
//! are numbered in the order of their layers, from 0. Of a search that hit a limit, the states are complete and
//! the transitions are those between stored states.
//! Cost: a search, then every transition once more through `actions` and `next_state`, on one thread.

use super::error::Error;
use super::limits::Limits;
use super::model::{Assignment, Packed, stored_form, successors_of};
use super::monitor::Monitors;
use super::observe::Observer;
use super::options::Options;
use super::outcome::Completeness;
use super::run::{initial_states, validate};
use super::search::Search;
use super::sets::{Set, Sets, View};
use super::witness::chosen_step;
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write};

/// The most states that are written as DOT; nobody can read a drawing of more.
const MOST_DRAWN: usize = 1000;

/// The form of an exported graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Graphviz, for up to 1000 states.
    Dot,
    /// One JSON object a line: `{"state":0,"layer":0,"caption":"...","words":["..."]}` for each state, in order, then
    /// `{"from":0,"to":1,"action":"...","classes":0,"fairness":null,"events":0,"when":[[2,1]]}` for each transition;
    /// this one exists if parameter 2 has value 1.
    JsonLines,
}

/// How states and actions are called in an exported graph.
pub struct Captions<'a, S, A> {
    /// A state.
    pub state: &'a dyn Fn(&S) -> String,
    /// An action in a state.
    pub action: &'a dyn Fn(&S, &A) -> String,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exported {
    /// Number of states.
    pub states: usize,
    /// Number of transitions.
    pub transitions: u64,
    /// Whether this is the whole graph.
    pub completeness: Completeness,
}

/// Why a graph was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The model cannot be explored.
    #[error(transparent)]
    Model(#[from] Error),
    /// The graph has more states than a drawing shows. Nothing was written.
    #[error("the graph has more than {0} states, and no drawing shows so many")]
    TooLarge(usize),
    /// The graph cannot be written.
    #[error("the graph cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Explores a model and writes its state graph. Properties are not looked at.
///
/// # Errors
/// A model that cannot be checked, a graph that is too large for its form, or a failure to write.
pub fn export<M: Packed>(
    model: &M,
    options: &Options,
    observer: &dyn Observer,
    format: Format,
    captions: &Captions<M::State, M::Action>,
    out: &mut dyn Write,
) -> Result<Exported, ExportError> {
    let parameters = model.parameters();
    validate(model, &parameters)?;
    let mut limits = Limits::new(options);
    if format == Format::Dot {
        // One more shows that there are too many.
        limits.states = limits.states.min(MOST_DRAWN + 1);
    }
    let sets = Sets::new(&parameters);
    let search = Search {
        model,
        sets: &sets,
        limits: &limits,
        threads: options.thread_count(),
        twice: options.self_check.twice,
        cover: false,
        record: None,
        observer,
    };
    let explored = search.run(&initial_states(model), &mut Monitors::new(&[]))?;
    let store = &explored.store;
    if format == Format::Dot && store.states() > MOST_DRAWN {
        return Err(ExportError::TooLarge(MOST_DRAWN));
    }
    // States in the order of their first arrivals, each with its layer.
    let mut states = Vec::with_capacity(store.states());
    let mut numbers = HashMap::with_capacity(store.states());
    for (layer, span) in explored.layers.iter().enumerate() {
        for id in span.ids(0..span.len()).filter(|id| store.first(*id) == *id) {
            numbers.insert(id, states.len());
            states.push((layer, id));
        }
    }
    let mut writer = Writer { format, out };
    writer.begin()?;
    for (number, (layer, id)) in states.iter().enumerate() {
        let words = store.words(*id);
        writer.state(number, *layer, &(captions.state)(&model.unpack(words)), words)?;
    }
    let mut view = View::new(&sets);
    let mut transitions = 0;
    for (from, (_, id)) in states.iter().enumerate() {
        let words = store.words(*id);
        let successors = successors_of(model, words, Assignment::default());
        for (to, label, when) in (0..successors.len()).map(|index| successors.get(index, words.len())) {
            let cube = view.cube(when);
            // Beyond a limit, a target may not be stored; for some valuations a state may not be reachable.
            let Some(target) = store.find(to) else { continue };
            if view.and(cube, store.all_of(*id)) == Set::NONE {
                continue;
            }
            let mut state = model.unpack(words);
            model.assume(&mut state, when);
            let leads = |next: &M::State| stored_form(model, next) == to && model.assignment(next).agrees(when);
            let step = chosen_step(model, &state, &label, leads);
            let action = step.map(|(action, _)| (captions.action)(&state, &action)).unwrap_or_default();
            writer.transition(from, numbers[&target], &action, label, when)?;
            transitions += 1;
        }
    }
    writer.end()?;
    Ok(Exported { states: states.len(), transitions, completeness: explored.completeness })
}

struct Writer<'a> {
    format: Format,
    out: &'a mut dyn Write,
}

impl Writer<'_> {
    fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Dot => writeln!(self.out, "digraph states {{\n  node [shape=box];"),
            Format::JsonLines => Ok(()),
        }
    }

    fn state(&mut self, number: usize, layer: usize, caption: &str, words: &[u64]) -> io::Result<()> {
        match self.format {
            Format::Dot => {
                let first = if layer == 0 { ", penwidth=2" } else { "" };
                writeln!(self.out, "  {number} [label={}{first}];", quoted(caption))
            }
            Format::JsonLines => {
                let words: Vec<String> = words.iter().map(|word| format!("{word:016x}")).collect();
                writeln!(self.out, "{}", json!({"state": number, "layer": layer, "caption": caption, "words": words}))
            }
        }
    }

    fn transition(
        &mut self,
        from: usize,
        to: usize,
        action: &str,
        label: super::Label,
        when: Assignment,
    ) -> io::Result<()> {
        match self.format {
            Format::Dot => writeln!(self.out, "  {from} -> {to} [label={}];", quoted(action)),
            Format::JsonLines => {
                let super::Label { classes, fairness, events } = label;
                let when: Vec<(usize, u8)> =
                    (0..Assignment::CAPACITY).filter_map(|index| Some((index, when.get(index)?))).collect();
                let line = json!({
                    "from": from, "to": to, "action": action,
                    "classes": classes, "fairness": fairness, "events": events, "when": when,
                });
                writeln!(self.out, "{line}")
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self.format {
            Format::Dot => writeln!(self.out, "}}"),
            Format::JsonLines => Ok(()),
        }
    }
}

/// A string in DOT: quotes and backslashes escaped, lines kept.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
