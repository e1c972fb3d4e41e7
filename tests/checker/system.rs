//! Small transition systems given by a list of edges, some of which read a parameter.

use poolproof::check::{Assignment, Label, Packed, Parameter, Property, Successors};
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
    /// For each location, a parameter whose value is added to the predicates, if any. None if the list is short.
    pub told_by: Vec<Option<u8>>,
    pub parameters: Vec<u8>,
    pub properties: Vec<Property>,
}

/// A location, and what was read on the way to it and in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub location: u8,
    pub known: Assignment,
}

impl System {
    /// The predicates of a location for a valuation of the parameter that tells them, if there is one.
    pub fn told(&self, location: u8, known: Assignment) -> u64 {
        let told_by = self.told_by.get(usize::from(location)).copied().flatten();
        let value = told_by.and_then(|parameter| known.get(usize::from(parameter))).unwrap_or(0);
        self.predicates[usize::from(location)] ^ u64::from(value)
    }

    /// The ways in which a parameter can be known: as it is, or one for each value.
    fn ways(&self, parameter: Option<u8>, known: Assignment) -> Vec<Assignment> {
        match parameter.map(usize::from) {
            Some(parameter) if known.get(parameter).is_none() => {
                (0..self.parameters[parameter]).map(|value| known.with(parameter, value)).collect()
            }
            _ => vec![known],
        }
    }

    /// A location that is reached: its predicates are told.
    fn arrive(&self, location: u8, known: Assignment) -> Vec<Place> {
        let told_by = self.told_by.get(usize::from(location)).copied().flatten();
        self.ways(told_by, known).into_iter().map(|known| Place { location, known }).collect()
    }

    /// The transitions of a location, in order: edge, and for each way to read its parameter the target.
    fn open_steps(&self, place: &Place) -> Vec<(usize, u8, Assignment)> {
        let mut steps = Vec::new();
        for (index, edge) in self.edges.iter().enumerate().filter(|(_, edge)| edge.from == place.location) {
            for known in self.ways(edge.reads, place.known) {
                let value = edge.reads.and_then(|parameter| known.get(usize::from(parameter))).unwrap_or(0);
                if let Some(location) = edge.to[usize::from(value)] {
                    steps.push((index, location, known));
                }
            }
        }
        steps
    }

    /// The successors of a place, in order: edge and target.
    fn steps(&self, place: &Place) -> Vec<(usize, Place)> {
        let steps = self.open_steps(place).into_iter();
        steps.flat_map(|(edge, to, known)| self.arrive(to, known).into_iter().map(move |next| (edge, next))).collect()
    }
}

impl Model for System {
    type State = Place;
    type Action = (usize, Place);

    fn init_states(&self) -> Vec<Place> {
        self.initial.iter().flat_map(|&location| self.arrive(location, Assignment::default())).collect()
    }

    fn actions(&self, state: &Place, actions: &mut Vec<(usize, Place)>) {
        actions.extend(self.steps(state));
    }

    fn next_state(&self, _: &Place, action: (usize, Place)) -> Option<Place> {
        Some(action.1)
    }
}

impl Packed for System {
    fn words(&self) -> usize {
        self.width
    }

    fn pack(&self, state: &Place, words: &mut [u64]) {
        words.fill(0);
        words[self.width - 1] = u64::from(state.location);
    }

    fn unpack(&self, words: &[u64]) -> Place {
        Place { location: words[self.width - 1] as u8, known: Assignment::default() }
    }

    fn successors(&self, words: &[u64], when: Assignment, out: &mut Successors) {
        let mut packed = vec![0; self.width];
        for place in self.arrive(self.unpack(words).location, when) {
            out.case(place.known, self.told(place.location, place.known));
            for (edge, location, known) in self.open_steps(&place) {
                self.pack(&Place { location, known }, &mut packed);
                out.push_when(&packed, self.edges[edge].label, known);
            }
        }
    }

    fn label(&self, _: &Place, action: &(usize, Place), _: &Place) -> Label {
        self.edges[action.0].label
    }

    fn specification(&self) -> Vec<Property> {
        self.properties.clone()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.iter().map(|&values| Parameter { values }).collect()
    }

    fn assignment(&self, state: &Place) -> Assignment {
        state.known
    }

    fn assume(&self, state: &mut Place, when: Assignment) {
        state.known = when;
    }
}
