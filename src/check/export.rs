//! The state graph, written out: DOT for small graphs, JSON lines for any.
//!
//! Invariant: what is written is what the search stored, and it is the same for any number of threads. States
//! are numbered in the order of their layers, from 0. Of a search that hit a limit, the states are complete and
//! the transitions are those between stored states.
//! Cost: a search, then every transition once more through `actions` and `next_state`, on one thread.

use super::error::Error;
use super::limits::Limits;
use super::model::{Packed, Successors};
use super::monitor::Monitors;
use super::observe::Observer;
use super::options::Options;
use super::outcome::Completeness;
use super::run::{initial_states, validate};
use super::search::Search;
use super::witness::next_step;
use serde_json::json;
use std::io::{self, Write};

/// The most states that are written as DOT; nobody can read a drawing of more.
const MOST_DRAWN: usize = 1000;

/// The form of an exported graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Graphviz, for up to 1000 states.
    Dot,
    /// One JSON object a line: `{"state":0,"layer":0,"caption":"...","words":["..."]}` for each state, in order, then
    /// `{"from":0,"to":1,"action":"...","classes":0,"fairness":null,"events":0}` for each transition.
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
    validate(model, &model.parameters())?;
    let mut limits = Limits::new(options);
    if format == Format::Dot {
        // One more shows that there are too many.
        limits.states = limits.states.min(MOST_DRAWN + 1);
    }
    let threads = options.thread_count();
    let search = Search { model, limits: &limits, threads, twice: options.self_check.twice, observer };
    let explored = search.run(&initial_states(model), &mut Monitors::new(&[], &[]))?;
    let (store, all) = (&explored.store, explored.all());
    if format == Format::Dot && all.len() > MOST_DRAWN {
        return Err(ExportError::TooLarge(MOST_DRAWN));
    }
    let mut numbers = vec![0u32; all.len()];
    let layers = || {
        explored.layers.iter().enumerate().flat_map(|(layer, span)| {
            let ids: Vec<_> = span.ids(0..span.len()).collect();
            ids.into_iter().map(move |id| (layer, id))
        })
    };
    for (number, (_, id)) in layers().enumerate() {
        numbers[all.number(id)] = number as u32;
    }
    let mut writer = Writer { format, out };
    writer.begin()?;
    for (number, (layer, id)) in layers().enumerate() {
        let words = store.words(id);
        writer.state(number, layer, &(captions.state)(&model.unpack(words)), words)?;
    }
    let mut successors = Successors::default();
    let mut transitions = 0;
    for (from, (_, id)) in layers().enumerate() {
        let words = store.words(id);
        let state = model.unpack(words);
        successors.clear();
        model.successors(words, &mut successors);
        for (index, (to, label)) in successors.iter(store.width()).enumerate() {
            // Beyond a limit, a target may not be stored.
            let Some(target) = store.find(store.width(), to) else { continue };
            let action = next_step(model, &state, index).map(|(action, _)| (captions.action)(&state, &action));
            writer.transition(from, numbers[all.number(target)], &action.unwrap_or_default(), label)?;
            transitions += 1;
        }
    }
    writer.end()?;
    Ok(Exported { states: all.len(), transitions, completeness: explored.completeness })
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

    fn transition(&mut self, from: usize, to: u32, action: &str, label: super::Label) -> io::Result<()> {
        match self.format {
            Format::Dot => writeln!(self.out, "  {from} -> {to} [label={}];", quoted(action)),
            Format::JsonLines => {
                let super::Label { classes, fairness, events } = label;
                let line = json!({
                    "from": from, "to": to, "action": action,
                    "classes": classes, "fairness": fairness, "events": events,
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
