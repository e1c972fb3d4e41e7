//! One run of the checker, from the model to the outcome.

use super::after;
use super::cube::{self, Antichain};
use super::error::{Error, Fault};
use super::graph::lasso::fair_loop;
use super::graph::{Graph, NoGraph, liveness, possibility};
use super::limits::Limits;
use super::model::{Assignment, Claim, Packed, Parameter, Property};
use super::monitor::{Found, Monitors};
use super::observe::{Observer, Phase, Progress};
use super::options::{Options, Selection};
use super::outcome::{
    Completeness, Conclusion, Constant, Outcome, PropertyResult, Reason, Statistics, Violation, Witness,
};
use super::search::{Explored, Search};
use super::witness::{self, Trace, path_to, replay, steps_along};
use std::time::{Duration, Instant};

/// Explores a model and decides its properties.
///
/// # Errors
/// A model that cannot be checked as it is, or that breaks the contract of [`Packed`]. Limits are no errors.
pub fn run<M: Packed>(
    model: &M,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Outcome<M::State, M::Action>, Error> {
    let limits = Limits::new(options);
    let threads = options.thread_count();
    let parameters = model.parameters();
    let properties = select(model, options)?;
    validate(model, &parameters)?;
    let mut phases = Vec::new();
    let mut clock = Instant::now();
    let mut lap = |phase, phases: &mut Vec<(Phase, Duration)>| {
        phases.push((phase, clock.elapsed()));
        clock = Instant::now();
    };

    let mut monitors = Monitors::new(&properties, &parameters);
    let search = Search { model, limits: &limits, threads, twice: options.self_check.twice, observer };
    let mut explored = search.run(&initial_states(model), &mut monitors)?;
    if let Some(index) = undeclared(&explored, &parameters) {
        return Err(Error::Undeclared(index));
    }
    lap(Phase::Search, &mut phases);
    if options.self_check.replay {
        announce(observer, &limits, &explored, Phase::SelfCheck);
        // Who asks for this check has no proof without it.
        if let (Some(limit), Completeness::Complete) =
            (after::replay(model, &explored, &limits, threads)?, explored.completeness)
        {
            let explored_all = explored.tally.explored;
            explored.completeness =
                Completeness::Stopped { limit, explored: explored_all, frontier: 0, forecast: None };
        }
        lap(Phase::SelfCheck, &mut phases);
    }
    let announce = |phase| announce(observer, &limits, &explored, phase);
    let mut coverage = None;
    if options.coverage {
        announce(Phase::Coverage);
        coverage = after::cover(model, &explored, &limits, threads);
        lap(Phase::Coverage, &mut phases);
    }

    let mut judge =
        Judge { model, limits: &limits, threads, parameters: &parameters, explored: &explored, graph: None };
    let mut statistics = statistics(&explored);
    if explored.completeness == Completeness::Complete {
        announce(Phase::Graph);
        judge.build_graph(&properties)?;
        lap(Phase::Graph, &mut phases);
        if let Some(Ok(graph)) = &judge.graph {
            statistics.peak_bytes = statistics.peak_bytes.max(statistics.store_bytes + graph.bytes());
        }
        announce(Phase::Decide);
    }
    let results = properties.into_iter().zip(monitors.into_found());
    let properties = results.map(|(property, found)| judge.decide(property, found)).collect();
    lap(Phase::Decide, &mut phases);
    statistics.phases = phases;
    Ok(Outcome { completeness: explored.completeness, statistics, coverage, properties })
}

/// The selected properties.
fn select<M: Packed>(model: &M, options: &Options) -> Result<Vec<Property>, Error> {
    let all = model.specification();
    if let Some(wrong) = all.iter().find(|property| predicates(property.claim).any(|predicate| predicate > 63)) {
        return Err(Error::Predicate(wrong.name.clone()));
    }
    let Selection::Named(names) = &options.properties else { return Ok(all) };
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|property| property.name == **name)) {
        return Err(Error::UnknownProperty(unknown.clone()));
    }
    Ok(all.into_iter().filter(|property| names.contains(&property.name)).collect())
}

/// The predicates that a claim speaks of.
fn predicates(claim: Claim) -> impl Iterator<Item = u8> {
    let (one, other) = match claim {
        Claim::Always(predicate) | Claim::Sometimes(predicate) | Claim::Eventually(predicate) => {
            (Some(predicate), None)
        }
        Claim::NoDeadlock(predicate) | Claim::AlwaysPossibly { goal: predicate, .. } => (Some(predicate), None),
        Claim::LeadsTo { trigger, goal } => (Some(trigger), Some(goal)),
        Claim::Never(_) => (None, None),
    };
    one.into_iter().chain(other)
}

/// Whether the checker can work with the model.
pub(super) fn validate<M: Packed>(model: &M, parameters: &[Parameter]) -> Result<(), Error> {
    if !(1..=16).contains(&model.words()) {
        return Err(Error::Width(model.words()));
    }
    if parameters.len() > Assignment::CAPACITY {
        return Err(Error::Parameters(parameters.len()));
    }
    match parameters.iter().position(|parameter| !(1..=15).contains(&parameter.values)) {
        Some(index) => Err(Error::ParameterValues { index, values: parameters[index].values }),
        None => Ok(()),
    }
}

/// The packed initial states.
pub(super) fn initial_states<M: Packed>(model: &M) -> Vec<Vec<u64>> {
    let states = model.init_states().into_iter().filter(|state| model.within_boundary(state));
    let pack = |state| {
        let mut words = vec![0; model.words()];
        model.pack(&state, &mut words);
        model.canonical(&mut words);
        words
    };
    states.map(pack).collect()
}

/// A parameter that a state has read and the model did not declare.
fn undeclared(explored: &Explored, parameters: &[Parameter]) -> Option<usize> {
    (parameters.len()..Assignment::CAPACITY).find(|&index| Assignment(explored.tally.resolved).get(index).is_some())
}

fn announce(observer: &dyn Observer, limits: &Limits, explored: &Explored, phase: Phase) {
    let elapsed = limits.start.elapsed();
    observer.progress(&Progress {
        phase,
        states: explored.store.len(),
        transitions: explored.tally.transitions,
        rate: explored.store.len() as f64 / elapsed.as_secs_f64().max(1e-9),
        frontier: explored.store.len() - explored.tally.explored,
        depth: explored.layers.len().saturating_sub(1),
        memory: explored.store.bytes(),
        elapsed,
    });
}

fn statistics(explored: &Explored) -> Statistics {
    let resolved = cube::set_parameters(Assignment(explored.tally.resolved));
    Statistics {
        states: explored.store.len(),
        transitions: explored.tally.transitions,
        depth: explored.layers.len().saturating_sub(1),
        layers: explored.layers.sizes().to_vec(),
        deadlocks: explored.tally.deadlocks,
        max_degree: explored.tally.max_degree,
        store_bytes: explored.store.bytes(),
        table_load: explored.store.load(),
        words: explored.store.width(),
        peak_bytes: explored.peak_bytes,
        resolved: (0..Assignment::CAPACITY).filter(|index| resolved >> index & 1 == 1).collect(),
        phases: Vec::new(),
    }
}

/// Whoever turns findings into results.
struct Judge<'a, M: Packed> {
    model: &'a M,
    limits: &'a Limits,
    threads: usize,
    parameters: &'a [Parameter],
    explored: &'a Explored,
    graph: Option<Result<Graph<'a, M>, Reason>>,
}

/// The result of a property on a model.
type ResultOf<M> = PropertyResult<<M as stateright::Model>::State, <M as stateright::Model>::Action>;
/// The witness of a model.
type WitnessOf<M> = Witness<<M as stateright::Model>::State, <M as stateright::Model>::Action>;

impl<'a, M: Packed> Judge<'a, M> {
    fn build_graph(&mut self, properties: &[Property]) -> Result<(), Error> {
        let mut needed = false;
        let mut fairness = false;
        let mut classes = 0;
        for property in properties {
            match property.claim {
                Claim::AlwaysPossibly { through, .. } => {
                    needed = true;
                    classes |= if through == u32::MAX { 0 } else { through };
                }
                Claim::Eventually(_) | Claim::LeadsTo { .. } => {
                    needed = true;
                    fairness = true;
                }
                _ => {}
            }
        }
        if needed {
            let built = Graph::build(self.model, self.explored, self.limits, self.threads, classes, fairness);
            self.graph = Some(match built {
                Ok(graph) => Ok(graph),
                Err(NoGraph::Reason(reason)) => Err(reason),
                Err(NoGraph::Error(error)) => return Err(error),
            });
        }
        Ok(())
    }

    fn decide(&self, property: Property, found: Antichain<Found>) -> ResultOf<M> {
        let mut result = PropertyResult {
            vacuous: self.vacuous(property.claim),
            property,
            violations: Vec::new(),
            evidence: None,
            conclusion: match self.explored.completeness {
                Completeness::Complete => Conclusion::Conclusive,
                Completeness::Stopped { limit, .. } => Conclusion::Inconclusive(Reason::Limit(limit)),
            },
        };
        let decided = match result.property.claim {
            Claim::Always(_) | Claim::Never(_) | Claim::NoDeadlock(_) => self.safety(&mut result, found),
            Claim::Sometimes(_) => self.sometimes(&mut result, found),
            Claim::AlwaysPossibly { goal, through } => self.possibility(&mut result, goal, through),
            Claim::Eventually(goal) => self.liveness(&mut result, None, goal),
            Claim::LeadsTo { trigger, goal } => self.liveness(&mut result, Some(trigger), goal),
        };
        if let Err(reason) = decided {
            result.conclusion = Conclusion::Inconclusive(reason);
        }
        result
    }

    fn safety(&self, result: &mut ResultOf<M>, found: Antichain<Found>) -> Result<(), Reason> {
        let claim = result.property.claim;
        for (when, found) in found.into_sorted() {
            let witness = self.witness(found, claim, when)?;
            result.violations.push(Violation { when: vec![when], witness: Some(witness) });
        }
        if !result.violations.is_empty() && result.violated_when() == [Assignment::default()] {
            result.conclusion = Conclusion::Conclusive;
        }
        Ok(())
    }

    fn sometimes(&self, result: &mut ResultOf<M>, found: Antichain<Found>) -> Result<(), Reason> {
        if let Some((when, found)) = found.first() {
            result.evidence = Some(self.witness(*found, result.property.claim, *when)?);
        }
        let missing = cube::complement(&found.cubes(), self.parameters);
        if missing.is_empty() {
            result.conclusion = Conclusion::Conclusive;
        } else if self.explored.completeness == Completeness::Complete {
            result.violations.push(Violation { when: missing, witness: None });
        }
        Ok(())
    }

    fn witness(&self, found: Found, claim: Claim, when: Assignment) -> Result<WitnessOf<M>, Reason> {
        let store = &self.explored.store;
        let trace = path_to(self.model, store, found.state).map(|mut trace| {
            trace.steps.extend(found.step);
            trace
        });
        trace.and_then(|trace| replay(self.model, store, &trace, claim, &[when])).map_err(Reason::Fault)
    }

    /// The graph, unless the search was cut or the graph could not be built.
    fn graph(&self) -> Result<&Graph<'a, M>, Reason> {
        match (&self.graph, self.explored.completeness) {
            (_, Completeness::Stopped { limit, .. }) => Err(Reason::Limit(limit)),
            (Some(Ok(graph)), _) => Ok(graph),
            (Some(Err(reason)), _) => Err(reason.clone()),
            (None, _) => Err(Reason::Fault(Fault { what: "there is no graph", step: 0, state: String::new() })),
        }
    }

    fn possibility(&self, result: &mut ResultOf<M>, goal: u8, through: u32) -> Result<(), Reason> {
        let graph = self.graph()?;
        for lost in possibility::decide(graph, self.limits, self.parameters, goal, through)? {
            let store = &self.explored.store;
            let trace = path_to(self.model, store, graph.id(lost.node)).map_err(Reason::Fault)?;
            let claim = result.property.claim;
            let witness = replay(self.model, store, &trace, claim, &lost.when).map_err(Reason::Fault)?;
            result.violations.push(Violation { when: lost.when, witness: Some(witness) });
        }
        Ok(())
    }

    fn liveness(&self, result: &mut ResultOf<M>, trigger: Option<u8>, goal: u8) -> Result<(), Reason> {
        let graph = self.graph()?;
        let store = &self.explored.store;
        let open = liveness::decide(graph, self.limits, self.parameters, trigger, goal)?;
        for (when, ending) in &open.endings {
            let path = open.region.path(ending.node);
            let begin = path_to(self.model, store, graph.id(path[0])).map_err(Reason::Fault)?;
            let ids: Vec<_> = path.iter().map(|&node| graph.id(node)).collect();
            let mut steps = begin.steps;
            let open_from = steps.len();
            steps.extend(steps_along(self.model, store, &ids).map_err(Reason::Fault)?);
            let mut loop_start = None;
            if ending.looping {
                loop_start = Some(steps.len());
                let way = fair_loop(graph, &open.components, ending.node, *when).ok_or_else(|| {
                    let state = super::error::hexadecimal(graph.words(ending.node));
                    Reason::Fault(Fault { what: "there is no fair loop", step: steps.len(), state })
                })?;
                steps.extend(way);
            }
            let trace = Trace { initial: begin.initial, steps, loop_start, open_from };
            let witness = witness::replay(self.model, store, &trace, result.property.claim, &[*when]);
            result.violations.push(Violation { when: vec![*when], witness: Some(witness.map_err(Reason::Fault)?) });
        }
        Ok(())
    }

    /// What never changed among the things that make a claim interesting.
    fn vacuous(&self, claim: Claim) -> Vec<Constant> {
        let tally = &self.explored.tally;
        let always = |predicate: u8| {
            (tally.zeros >> predicate & 1 == 0).then_some(Constant::Predicate { predicate, value: true })
        };
        let never = |predicate: u8| {
            (tally.ones >> predicate & 1 == 0).then_some(Constant::Predicate { predicate, value: false })
        };
        let constants = match claim {
            Claim::Always(_) | Claim::Never(_) => [None, None],
            Claim::Sometimes(predicate) | Claim::Eventually(predicate) => [always(predicate), None],
            Claim::NoDeadlock(done) => [never(done), None],
            Claim::AlwaysPossibly { goal, through } => {
                let none = through != u32::MAX && tally.classes & through == 0;
                [always(goal), none.then_some(Constant::Classes(through))]
            }
            Claim::LeadsTo { trigger, goal } => [never(trigger), always(goal)],
        };
        constants.into_iter().flatten().collect()
    }
}
