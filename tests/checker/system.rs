//! Small transition systems given by a list of edges, some of which read a parameter.

use poolproof::check::{Assignment, Label, Packed, Parameter, Property};
use stateright::Model;

/// An edge between locations.
#[derive(Debug, Clone)]
pub struct Edge {
    pub from: u8,
    pub label: Label,
    /// The parameter that the edge reads, if any.
    pub reads: Option<u8>,
    /// Where it leads: for each value of the parameter (one entry if it reads none); `None` if it does not exist.
    pub to: Vec<Option<u8>>,
}

/// A system of locations and edges.
#[derive(Debug, Clone)]
pub struct System {
    pub width: usize,
    pub initial: Vec<u8>,
    pub edges: Vec<Edge>,
    /// The predicates of each location.
    pub predicates: Vec<u64>,
    pub parameters: Vec<u8>,
    pub properties: Vec<Property>,
}

/// A location, and what was read on the way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub location: u8,
    pub known: Assignment,
}

impl System {
    /// The successors of a place, in order: edge, value, and target.
    fn steps(&self, place: &Place) -> Vec<(usize, u8, Place)> {
        let mut steps = Vec::new();
        for (index, edge) in self.edges.iter().enumerate().filter(|(_, edge)| edge.from == place.location) {
            let values = match edge.reads {
                None => vec![(0, place.known)],
                Some(parameter) => match place.known.get(usize::from(parameter)) {
                    Some(value) => vec![(value, place.known)],
                    None => (0..self.parameters[usize::from(parameter)])
                        .map(|value| (value, place.known.with(usize::from(parameter), value)))
                        .collect(),
                },
            };
            for (value, known) in values {
                if let Some(location) = edge.to[usize::from(value)] {
                    steps.push((index, value, Place { location, known }));
                }
            }
        }
        steps
    }
}

impl Model for System {
    type State = Place;
    type Action = (usize, u8);

    fn init_states(&self) -> Vec<Place> {
        self.initial.iter().map(|&location| Place { location, known: Assignment::default() }).collect()
    }

    fn actions(&self, state: &Place, actions: &mut Vec<(usize, u8)>) {
        actions.extend(self.steps(state).into_iter().map(|(edge, value, _)| (edge, value)));
    }

    fn next_state(&self, state: &Place, action: (usize, u8)) -> Option<Place> {
        self.steps(state).into_iter().find(|(edge, value, _)| (*edge, *value) == action).map(|(_, _, next)| next)
    }
}

impl Packed for System {
    fn words(&self) -> usize {
        self.width
    }

    fn pack(&self, state: &Place, words: &mut [u64]) {
        words.fill(0);
        words[self.width - 1] = state.known.0 << 8;
        words[0] |= u64::from(state.location);
    }

    fn unpack(&self, words: &[u64]) -> Place {
        Place { location: words[0] as u8, known: Assignment(words[self.width - 1] >> 8) }
    }

    fn label(&self, _: &Place, action: &(usize, u8), _: &Place) -> Label {
        self.edges[action.0].label
    }

    fn predicates(&self, words: &[u64]) -> u64 {
        self.predicates[usize::from(words[0] as u8)]
    }

    fn specification(&self) -> Vec<Property> {
        self.properties.clone()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.iter().map(|&values| Parameter { values }).collect()
    }

    fn assignment(&self, words: &[u64]) -> Assignment {
        self.unpack(words).known
    }
}
