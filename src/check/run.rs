//! One run of the checker, from the model to the outcome.

use super::after;
use super::cube;
use super::error::{Error, Fault};
use super::evidence::Evidence;
use super::graph::lasso::fair_loop;
use super::graph::{Graph, liveness, possibility};
use super::limits::Limits;
use super::model::{Assignment, Claim, Packed, Parameter, Property, stored_form};
use super::monitor::{Found, Monitors};
use super::observe::{Observer, Phase, Progress};
use super::options::{Options, Selection};
use super::outcome::{
    Completeness, Conclusion, Constant, Coverage, Outcome, PropertyResult, Reason, Statistics, Violation, Witness,
};
use super::record::{Matters, Noted};
use super::search::{Explored, Search};
use super::sets::Sets;
use super::store::Store;
use super::witness::{Trace, replay};
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
    run_and_show(model, options, observer, |_| ()).map(|(outcome, ())| outcome)
}

/// Does as [`run`], and shows what the search knows of the model before it is forgotten.
///
/// # Errors
/// As for [`run`].
pub fn run_and_show<M: Packed, T>(
    model: &M,
    options: &Options,
    observer: &dyn Observer,
    look: impl FnOnce(&Evidence<'_, M>) -> T,
) -> Result<(OutcomeOf<M>, T), Error> {
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

    let sets = Sets::new(&parameters);
    let mut monitors = Monitors::new(&properties);
    let search = Search {
        model,
        sets: &sets,
        limits: &limits,
        threads,
        twice: options.self_check.twice,
        cover: options.coverage,
        record: Matters::to(&properties),
        observer,
    };
    let mut explored = search.run(&initial_states(model), &mut monitors)?;
    if let Some(index) = undeclared(&explored, &parameters) {
        return Err(Error::Undeclared(index));
    }
    lap(Phase::Search, &mut phases);
    if options.self_check.replay {
        announce(observer, &limits, &explored, Phase::SelfCheck);
        // Who asks for this check has no proof without it.
        if let (Some(limit), Completeness::Complete) =
            (after::replay(model, &sets, &explored, &limits, threads)?, explored.completeness)
        {
            let all = explored.tally.explored;
            explored.completeness = Completeness::Stopped { limit, explored: all, frontier: 0, forecast: None };
        }
        lap(Phase::SelfCheck, &mut phases);
    }
    let coverage = options.coverage.then(|| Coverage { touched: std::mem::take(&mut explored.touched) });
    let mut statistics = statistics(&explored);
    announce(observer, &limits, &explored, Phase::Graph);
    let noted = std::mem::replace(&mut explored.noted, Noted::NotNeeded);
    let graph = match (noted, explored.completeness) {
        (_, Completeness::Stopped { limit, .. }) => Err(Reason::Limit(limit)),
        (Noted::Going(recorder), _) => Ok(Graph::new(&sets, &explored, recorder.finish(), threads)),
        (Noted::GivenUp(reason), _) => Err(reason),
        (Noted::NotNeeded, _) => Err(Reason::Fault(Fault { what: "there is no graph", step: 0, state: String::new() })),
    };
    if let Ok(graph) = &graph {
        statistics.peak_bytes = statistics.peak_bytes.max(statistics.store_bytes + graph.bytes());
    }
    lap(Phase::Graph, &mut phases);
    announce(observer, &limits, &explored, Phase::Decide);
    let judge =
        Judge { model, sets: &sets, limits: &limits, threads, parameters: &parameters, explored: &explored, graph };
    let results = properties.into_iter().zip(monitors.into_found());
    let (properties, found): (Vec<_>, Vec<_>) =
        results.map(|(property, found)| (judge.decide(property, &found), found)).unzip();
    let seen = look(&Evidence::new(&judge, &properties, &found));
    lap(Phase::Decide, &mut phases);
    statistics.phases = phases;
    Ok((Outcome { completeness: explored.completeness, statistics, coverage, properties }, seen))
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

/// The packed initial states, each with what its run has read.
pub(super) fn initial_states<M: Packed>(model: &M) -> Vec<(Vec<u64>, Assignment)> {
    let states = model.init_states().into_iter().filter(|state| model.within_boundary(state));
    states.map(|state| (stored_form(model, &state), model.assignment(&state))).collect()
}

/// A parameter that a state has read and the model did not declare.
fn undeclared(explored: &Explored, parameters: &[Parameter]) -> Option<usize> {
    (parameters.len()..Assignment::CAPACITY).find(|&index| Assignment(explored.tally.resolved).get(index).is_some())
}

fn announce(observer: &dyn Observer, limits: &Limits, explored: &Explored, phase: Phase) {
    let elapsed = limits.start.elapsed();
    observer.progress(&Progress {
        phase,
        states: explored.store.states(),
        transitions: explored.tally.transitions,
        rate: explored.store.states() as f64 / elapsed.as_secs_f64().max(1e-9),
        frontier: explored.store.len() - explored.tally.explored,
        depth: explored.layers.len().saturating_sub(1),
        memory: explored.store.bytes(),
        elapsed,
    });
}

fn statistics(explored: &Explored) -> Statistics {
    let resolved = cube::set_parameters(Assignment(explored.tally.resolved));
    Statistics {
        states: explored.store.states(),
        arrivals: explored.store.len(),
        transitions: explored.tally.transitions,
        depth: explored.layers.len().saturating_sub(1),
        layers: explored.layer_states.clone(),
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
pub(super) struct Judge<'a, M: Packed> {
    pub(super) model: &'a M,
    pub(super) sets: &'a Sets,
    pub(super) limits: &'a Limits,
    threads: usize,
    pub(super) parameters: &'a [Parameter],
    pub(super) explored: &'a Explored,
    graph: Result<Graph<'a, M>, Reason>,
}

/// The result of a run on a model.
pub type OutcomeOf<M> = Outcome<<M as stateright::Model>::State, <M as stateright::Model>::Action>;
/// The result of a property on a model.
pub(super) type ResultOf<M> = PropertyResult<<M as stateright::Model>::State, <M as stateright::Model>::Action>;
/// The witness of a model.
type WitnessOf<M> = Witness<<M as stateright::Model>::State, <M as stateright::Model>::Action>;

impl<'a, M: Packed> Judge<'a, M> {
    fn decide(&self, property: Property, found: &[Found]) -> ResultOf<M> {
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

    fn safety(&self, result: &mut ResultOf<M>, found: &[Found]) -> Result<(), Reason> {
        let claim = result.property.claim;
        for found in found {
            let (when, witness) = self.witness(found, claim)?;
            result.violations.push(Violation { when, witness: Some(witness) });
        }
        let cubes: Vec<Assignment> = found.iter().flat_map(|found| self.sets.cubes(found.set)).collect();
        if !found.is_empty() && cube::complement(&cubes, self.parameters).is_empty() {
            result.conclusion = Conclusion::Conclusive;
        }
        Ok(())
    }

    fn sometimes(&self, result: &mut ResultOf<M>, found: &[Found]) -> Result<(), Reason> {
        if let Some(first) = found.first() {
            result.evidence = Some(self.witness(first, result.property.claim)?.1);
        }
        let cubes: Vec<Assignment> = found.iter().flat_map(|found| self.sets.cubes(found.set)).collect();
        let missing = cube::complement(&cubes, self.parameters);
        if missing.is_empty() {
            result.conclusion = Conclusion::Conclusive;
        } else if self.explored.completeness == Completeness::Complete {
            result.violations.push(Violation { when: missing, witness: None });
        }
        Ok(())
    }

    /// What a finding shows for one of its valuations; and all of these.
    fn witness(&self, found: &Found, claim: Claim) -> Result<(Vec<Assignment>, WitnessOf<M>), Reason> {
        let cubes = self.sets.cubes(found.set);
        let valuation = self.one_of(&cubes);
        let shown = self.found_trace(found, claim, valuation).and_then(|trace| replay(self.model, &trace, claim));
        Ok((cubes, shown.map_err(Reason::Fault)?))
    }

    /// The run to a finding, for one of its valuations.
    pub(super) fn found_trace(&self, found: &Found, claim: Claim, valuation: Assignment) -> Result<Trace, Fault> {
        let mut trace = Trace::to(self.model, self.stored(), found.state, valuation)?;
        if let (Some(_), Claim::Never(events)) = (found.step, claim) {
            trace.step(self.model, None, |label| label.events & events != 0)?;
        }
        Ok(trace)
    }

    /// The first valuation that extends the first of some cubes.
    fn one_of(&self, cubes: &[Assignment]) -> Assignment {
        let cube = cubes.first().copied().unwrap_or_default();
        let open = (0..self.parameters.len()).filter(|parameter| cube.get(*parameter).is_none());
        open.fold(cube, |valuation, parameter| valuation.with(parameter, 0))
    }

    pub(super) fn stored(&self) -> (&Store, &Sets) {
        (&self.explored.store, self.sets)
    }

    pub(super) fn graph(&self) -> Result<&Graph<'a, M>, Reason> {
        self.graph.as_ref().map_err(Reason::clone)
    }

    fn possibility(&self, result: &mut ResultOf<M>, goal: u8, through: u32) -> Result<(), Reason> {
        let graph = self.graph()?;
        for lost in possibility::decide(graph, self.limits, self.parameters, goal, through)? {
            let valuation = self.one_of(&lost.when);
            let trace = Trace::to(self.model, self.stored(), lost.arrival, valuation);
            let witness = trace.and_then(|trace| replay(self.model, &trace, result.property.claim));
            result.violations.push(Violation { when: lost.when, witness: Some(witness.map_err(Reason::Fault)?) });
        }
        Ok(())
    }

    fn liveness(&self, result: &mut ResultOf<M>, trigger: Option<u8>, goal: u8) -> Result<(), Reason> {
        let graph = self.graph()?;
        for open in liveness::decide(graph, self.limits, self.threads, self.parameters, trigger, goal)? {
            let witness = self.open_trace(graph, &open, trigger, goal);
            let witness = witness.and_then(|trace| replay(self.model, &trace, result.property.claim));
            result.violations.push(Violation { when: open.when, witness: Some(witness.map_err(Reason::Fault)?) });
        }
        Ok(())
    }

    /// A run that leaves an obligation open.
    pub(super) fn open_trace(
        &self,
        graph: &Graph<'_, M>,
        open: &liveness::Open<'_, '_, M>,
        trigger: Option<u8>,
        goal: u8,
    ) -> Result<Trace, Fault> {
        let store = &self.explored.store;
        let valuation = self.one_of(&[open.world.valuation()]);
        let obligation = open.obligation(trigger, goal);
        let region = obligation.region();
        let path = region.path(open.ending.node);
        let mut trace = Trace::to(self.model, self.stored(), graph.arrival(path[0], valuation)?, valuation)?;
        for &node in &path[1..] {
            trace.step(self.model, Some(store.words(graph.first(node))), |_| true)?;
        }
        if open.ending.looping {
            trace.begin_loop();
            let components = obligation.components(&region);
            let rounds = fair_loop(&open.world, &components, open.ending.node).ok_or_else(|| Fault {
                what: "there is no fair loop",
                step: 0,
                state: super::error::hexadecimal(store.words(graph.first(open.ending.node))),
            })?;
            for (node, serves) in rounds {
                let words = store.words(graph.first(node));
                trace.step(self.model, Some(words), |label| serves.is_none() || label.fairness == serves)?;
            }
        }
        Ok(trace)
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
