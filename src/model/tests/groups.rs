//! One arbitrary routing group (D1), held against two explicit ones.
//!
//! [`TwoGroups`] keeps a replica vector for each of two groups and everything else once. It is built over the
//! same steps: a group is put into the state, the step runs, and the group is taken out again. What depends on
//! all groups (a gate, the end of a fail-over's first phase) is asked of both.

use super::random::{Shape, Small, scenarios};
use super::tally::{Demand, Tally, examine};
use crate::check::model::{Assignment, Claim, Label, Packed, Property, Successors};
use crate::check::{self, Completeness, Options, PropertyResult};
use crate::lifecycle::routing_group;
use crate::model::oracle::Oracle;
use crate::model::state::State;
use crate::model::step::{KINDS, Step};
use crate::model::turn::Judge;
use crate::model::{Maintenance, Outcome};
use crate::runbook::{Op, Query};
use crate::scenario::Scenario;
use crate::scenario::readings::Reading;
use proptest::prelude::*;
use stateright::Model;
use std::collections::BTreeSet;

/// A model with two routing groups.
struct TwoGroups {
    model: Maintenance,
    /// The pools about all of whose groups somebody asks: such a pool has groups, and these two are among them. Of a pool
    /// without any there would be nothing to wait for.
    asked: Vec<usize>,
}

/// The state as each of two groups sees it; they agree on everything but the replicas.
type Pair = [State; 2];

/// A transition: where it leads, and what the checker has to know.
type Transition = (Pair, Label);

/// What is left of a state without its group.
fn shared(state: &State) -> State {
    let mut state = state.clone();
    state.servers.iter_mut().for_each(|server| server.replica = routing_group::State::Absent);
    // What both groups say together replaces what the abstraction says of all others.
    state.pools.iter_mut().for_each(|pool| pool.settled = true);
    state
}

fn settled(mut state: State) -> State {
    state.pools.iter_mut().for_each(|pool| pool.settled = true);
    state
}

impl TwoGroups {
    fn of(scenario: &Scenario) -> TwoGroups {
        let model = Maintenance::new(scenario);
        let instance = model.instance();
        let asked = crate::model::slice::queries(scenario).filter_map(|query| match query {
            Query::Readiness { pool, .. } | Query::ReplicasWhole { pool } => Some(*pool),
            Query::DomainReady { server } => Some(scenario.deployment.servers[server.0].pool),
            _ => None,
        });
        let index = |id| instance.pools.iter().position(|pool| pool.id == id && pool.fabric);
        let asked = asked.filter_map(index).collect();
        TwoGroups { model, asked }
    }

    fn outcomes(&self, state: &State, step: Step) -> Vec<Outcome> {
        let mut oracle = Oracle::default();
        let mut outcomes = Vec::new();
        loop {
            let outcome = self.model.run(state, step, &mut oracle);
            outcomes.push(Outcome { state: settled(outcome.state), events: outcome.events });
            if !oracle.advance() {
                return outcomes;
            }
        }
    }

    fn whole(&self, state: &State) -> bool {
        Judge::new(self.model.instance(), state).group().whole()
    }

    /// Whether a step reads something of the pool.
    fn observes(&self, state: &State, step: Step) -> bool {
        let Step::Advance { shell } = step else { return false };
        let script = self.model.instance().shells[usize::from(shell)].script();
        let at = usize::from(state.shells[usize::from(shell)].at);
        script.is_some_and(|script| matches!(script.procedure.nodes[at].op, Op::Observe { .. }))
    }

    fn transitions(&self, pair: &Pair) -> Vec<Transition> {
        let steps = [0, 1].map(|group| self.model.steps(&pair[group]));
        let mut all = Vec::new();
        let mut add = |pair: Pair, step: Step, events: u32, group: usize| {
            // Each group has fabric constraints of its own.
            let apart = if is_of_group(step) { group as u16 * KINDS as u16 * 64 } else { 0 };
            let fairness = step.fairness().map(|constraint| constraint + apart);
            all.push((pair, Label { classes: step.class(), fairness, events }));
        };
        for group in [0, 1] {
            for step in steps[group].iter().copied().filter(|step| is_of_group(*step)) {
                for outcome in self.outcomes(&pair[group], step) {
                    assert_eq!(shared(&outcome.state), shared(&pair[group]), "{step:?} is about one group");
                    let mut next = pair.clone();
                    next[group] = outcome.state;
                    add(next, step, outcome.events, group);
                }
            }
        }
        let mut common: Vec<Step> = steps[0].clone();
        common.extend(steps[1].iter().copied().filter(|step| !steps[0].contains(step)));
        for step in common.into_iter().filter(|step| !is_of_group(*step) && !matches!(step, Step::Settle { .. })) {
            let enabled = [0, 1].map(|group| steps[group].contains(&step));
            let takes_all = matches!(step, Step::UsersMoved { .. });
            if takes_all && enabled != [true, true] {
                continue;
            }
            if !matches!(step, Step::Expire { .. }) {
                assert_eq!(enabled, [true, true], "{step:?} does not depend on a group");
            }
            if self.observes(&pair[0], step) {
                // A gate sees the group that is not whole, if there is one.
                let seen = usize::from(self.whole(&pair[0]));
                for outcome in self.outcomes(&pair[seen], step) {
                    let next = [0, 1].map(|group| with_group(&outcome.state, &pair[group]));
                    add(next, step, outcome.events, 0);
                }
                continue;
            }
            let outcomes = [0, 1].map(|group| self.outcomes(&pair[group], step));
            let mut met = false;
            for first in &outcomes[0] {
                for second in outcomes[1].iter().filter(|second| shared(&first.state) == shared(&second.state)) {
                    met = true;
                    add([first.state.clone(), second.state.clone()], step, first.events | second.events, 0);
                }
            }
            assert!(met, "{step:?} leads the groups apart");
        }
        all
    }
}

/// This state with the group of another one.
fn with_group(state: &State, group: &State) -> State {
    let mut state = state.clone();
    for (server, other) in state.servers.iter_mut().zip(&group.servers) {
        server.replica = other.replica;
    }
    state
}

fn is_of_group(step: Step) -> bool {
    matches!(step, Step::Swap { .. } | Step::Promote { .. } | Step::BuildBegins { .. } | Step::Built { .. })
}

impl Model for TwoGroups {
    type State = Pair;
    type Action = Pair;

    fn init_states(&self) -> Vec<Pair> {
        let states: Vec<State> = self.model.init_states().into_iter().map(settled).collect();
        let home = |state: &State| {
            usize::from(if self.model.instance().pools_fail_over { state.tracked_home } else { state.tracked_pool })
        };
        let mut pairs = Vec::new();
        let of_those = |state: &&State| self.asked.iter().all(|pool| home(state) == *pool);
        for (index, first) in states.iter().enumerate().filter(|(_, state)| of_those(state)) {
            for second in states[index..].iter().filter(|second| shared(first) == shared(second)) {
                pairs.push([first.clone(), second.clone()]);
            }
        }
        pairs
    }

    fn actions(&self, pair: &Pair, actions: &mut Vec<Pair>) {
        actions.extend(self.transitions(pair).into_iter().map(|(next, _)| next));
    }

    fn next_state(&self, _: &Pair, action: Pair) -> Option<Pair> {
        Some(action)
    }
}

impl Packed for TwoGroups {
    fn words(&self) -> usize {
        2 * self.model.words()
    }

    fn pack(&self, pair: &Pair, words: &mut [u64]) {
        let (first, second) = words.split_at_mut(self.model.words());
        self.model.pack(&pair[0], first);
        self.model.pack(&pair[1], second);
    }

    fn unpack(&self, words: &[u64]) -> Pair {
        let (first, second) = words.split_at(self.model.words());
        [self.model.unpack(first), self.model.unpack(second)]
    }

    fn successors(&self, words: &[u64], _: Assignment, out: &mut Successors) {
        let mut packed = vec![0; words.len()];
        for (pair, label) in self.transitions(&self.unpack(words)) {
            packed.fill(0);
            self.pack(&pair, &mut packed);
            out.push(&packed, label);
        }
    }

    /// Every predicate speaks of all groups, or of none.
    fn predicates(&self, words: &[u64]) -> u64 {
        let (first, second) = words.split_at(self.model.words());
        self.model.holding(&self.model.unpack(first)) & self.model.holding(&self.model.unpack(second))
    }

    fn specification(&self) -> Vec<Property> {
        self.model.specification()
    }
}

/// What a run found violated, what it found possible, and whether it saw everything.
struct Found {
    violated: BTreeSet<String>,
    possible: BTreeSet<String>,
    all: bool,
}

fn found<S, A>(outcome: &check::Outcome<S, A>) -> Found {
    let names = |wanted: fn(&PropertyResult<S, A>) -> bool| {
        outcome.properties.iter().filter(|it| wanted(it)).map(|it| it.property.name.clone()).collect()
    };
    Found {
        violated: names(|it| it.violated() && !matches!(it.property.claim, Claim::Sometimes(_))),
        possible: names(|it| it.evidence.is_some()),
        all: outcome.completeness == Completeness::Complete,
    }
}

fn explore<M: Packed>(model: &M, max_states: usize) -> check::Outcome<M::State, M::Action> {
    let options = Options { max_states: Some(max_states), threads: Some(1), coverage: true, ..Options::default() };
    check::run(model, &options, &()).unwrap()
}

/// Whether somebody asks about all groups.
fn has_gates(scenario: &Scenario) -> bool {
    let gate = |query: &Query| {
        matches!(query, Query::Readiness { .. } | Query::DomainReady { .. } | Query::ReplicasWhole { .. })
    };
    crate::model::slice::queries(scenario).any(gate)
}

const PERMITS: u8 = 1;

/// Nothing that two groups do may be missing from what one does: no violation, and nothing that is possible. Where nobody asks
/// about all groups the two do the same.
fn compare(scenario: &Scenario, limits: [usize; 2], tally: &mut Tally) -> Result<(), TestCaseError> {
    let model = Maintenance::new(scenario);
    if !model.instance().open_readings.is_empty() || model.words() > 8 {
        return Ok(());
    }
    let explored = explore(&model, limits[0]);
    let one = found(&explored);
    if !one.all {
        return Ok(());
    }
    let two = TwoGroups::of(scenario);
    if two.init_states().is_empty() {
        return Ok(());
    }
    let two = found(&explore(&two, limits[1]));
    let missed: Vec<_> = two.violated.difference(&one.violated).chain(two.possible.difference(&one.possible)).collect();
    prop_assert!(missed.is_empty(), "the abstraction misses {:?}", missed);
    let permits = scenario.fixed_readings.contains(&(Reading::FabricGuard, PERMITS));
    if two.all {
        tally.note(&model, &explored);
        if permits && !has_gates(scenario) {
            prop_assert_eq!(one.violated, two.violated, "without gates and without a guard nothing is lost");
            prop_assert_eq!(one.possible, two.possible);
        }
    }
    Ok(())
}

/// A second shell that polls until it sees a group rebuild; the server that is out may hold none.
#[test]
fn nobody_has_to_have_a_replica_on_a_server_that_is_out() {
    use super::build::{self, Item, command::fail_over, query};
    let operators =
        vec![build::scripted("one", &[build::run(fail_over(0))]), build::scripted("two", &[Item::Poll(query::busy())])];
    let mut scenario = build::scenario(build::pool_of(4), operators, Default::default());
    scenario.fixed_readings = build::readings(&[(Reading::FailOverIntent, 1), (Reading::ReadyWithOneOut, 1)]);
    let mut tally = Tally::default();
    compare(&scenario, [20_000, 20_000], &mut tally).unwrap();
    assert_eq!(tally.compared, 1);
}

/// The users of a pool fail over, and its groups with them; a gate on them passes although a server is stopped.
#[test]
fn no_group_is_left_on_a_pool_whose_users_have_gone() {
    use super::build::{self, Item, query};
    use crate::runbook::Command;
    use crate::topology::{PoolId, PoolKind, ServiceSet};
    let mut deployment = build::pool_of(2);
    build::add_pool(&mut deployment, PoolKind::Enterprise, 1);
    (deployment.pools[0].paired_with, deployment.pools[1].paired_with) = (Some(PoolId(1)), Some(PoolId(0)));
    let moves = Command::FailOverPool { pool: PoolId(0), disaster: false };
    let stops = build::run(build::command::stop(0, ServiceSet::ALL));
    let operators = vec![
        build::scripted("one", &[build::run(moves)]),
        build::scripted("two", &[stops, Item::Poll(query::whole())]),
    ];
    let mut scenario = build::scenario(deployment, operators, Default::default());
    scenario.fixed_readings = build::readings(&[]);
    let mut tally = Tally::default();
    compare(&scenario, [20_000, 40_000], &mut tally).unwrap();
    assert_eq!(tally.compared, 1);
    assert!(found(&explore(&Maintenance::new(&scenario), 20_000)).possible.contains("can-complete"));
}

#[test]
fn one_arbitrary_group_finds_what_two_explicit_ones_find() {
    let demand = Demand { compared: 20, but_kinds: &[8, 23], rows: 40 };
    let strategy = scenarios(Shape::FIXED);
    examine(400, strategy, demand, |Small(scenario), tally| compare(scenario, [600, 1_200], tally));
}

#[test]
fn one_arbitrary_group_stands_for_two_where_pools_fail_over() {
    let demand = Demand { compared: 20, but_kinds: &[8, 11, 12], rows: 40 };
    let strategy = scenarios(Shape { open: 0.0, items: 3, ..Shape::PAIRS });
    examine(400, strategy, demand, |Small(scenario), tally| compare(scenario, [600, 1_200], tally));
}
