//! Eventually and leads-to, under weak fairness.
//!
//! An obligation begins in a start state (an initial state, or one that satisfies the trigger) and is open
//! until a goal state. It is violated by a run that stays in states without the goal and either comes to rest there,
//! or goes on for ever and is fair: no constraint is enabled for ever from some point on without being served
//! again. A constraint is enabled in a state if some transition of the state serves it. A run may rest where no
//! constraint is enabled: there is no transition, or nobody promises that one of them ever happens.
//!
//! Why maximal components suffice. The states and transitions that an infinite run visits for ever form a
//! strongly connected part P of the states without the goal, within a maximal component C. The run is fair if
//! and only if every constraint is served by a transition of P or disabled in a state of P. Both stay true of
//! C, which has more states and more transitions. So if some run in C is fair, the run that goes round all
//! states and transitions of C for ever is fair too. Hence it is enough to look at each C as a whole. (For
//! strong fairness this would be wrong: a larger component can enable more.)
//!
//! Parameters. Every valuation has a graph of its own, in which all of this is decided without regard to the
//! others; valuations whose graphs are the same are decided once, and several at a time on several threads.
//! Cost: a few passes over the transitions for each such graph, and 12 bytes for each state and thread.

use super::components::Components;
use super::valuations::{Valuations, World, in_groups};
use super::{Graph, Node};
use crate::check::limits::Limits;
use crate::check::model::{Assignment, Packed, Parameter};
use crate::check::outcome::Reason;
use crate::check::parallel::for_each;
use crate::check::store::prefetch;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// How an obligation stays open for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ending {
    /// Transitions from an initial state to `node`.
    pub(crate) length: u32,
    /// Where the run rests, or where its loop begins.
    pub(crate) node: Node,
    /// Whether there is a loop; otherwise the run rests.
    pub(crate) looping: bool,
}

/// The states in which an obligation can be open.
pub(crate) struct Region {
    /// The state before, on a shortest path; [`START`] where an obligation begins, [`UNSEEN`] or [`CLOSED`] outside.
    parents: Vec<Node>,
    /// The states, by the number of transitions from an initial state by way of where the obligation begins.
    order: Vec<Node>,
    /// For each number of transitions, where its states end in `order`.
    ends: Vec<usize>,
}

const UNSEEN: Node = Node::MAX;
const START: Node = Node::MAX - 1;
const CLOSED: Node = Node::MAX - 2;

/// States whose transitions are followed together.
const GROUP: usize = 16;

impl Region {
    /// The states that are reached from `starts`, which come with their number of transitions in ascending order,
    /// by states that are not `closed`.
    fn new<M: Packed>(world: &World<M>, starts: &[(Node, u32)], closed: impl Fn(Node) -> bool) -> Region {
        let parents = (0..world.graph.len() as Node).map(|node| if closed(node) { CLOSED } else { UNSEEN });
        let mut region = Region { parents: parents.collect(), order: Vec::new(), ends: Vec::new() };
        let mut starts = starts.iter().peekable();
        let (mut done, mut depth) = (0, 0);
        while starts.peek().is_some() || done < region.order.len() {
            while let Some((node, _)) = starts.next_if(|(_, length)| *length == depth) {
                region.reach(*node, START);
            }
            let end = region.order.len();
            region.ends.push(end);
            depth += 1;
            while done < end {
                let group = done..end.min(done + GROUP);
                for &node in &region.order[group.clone()] {
                    world.graph.targets(node).iter().for_each(|&target| prefetch(&region.parents, target as usize));
                }
                for at in group.clone() {
                    let node = region.order[at];
                    for (target, _) in world.edges(node) {
                        region.reach(target, node);
                    }
                }
                done = group.end;
            }
        }
        region
    }

    #[inline(always)]
    fn reach(&mut self, node: Node, parent: Node) {
        if self.parents[node as usize] == UNSEEN {
            self.parents[node as usize] = parent;
            self.order.push(node);
        }
    }

    fn contains(&self, node: Node) -> bool {
        !matches!(self.parents[node as usize], UNSEEN | CLOSED)
    }

    /// The states of the region, each with the number of transitions from an initial state.
    fn with_lengths(&self) -> impl Iterator<Item = (Node, u32)> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let layers = starts.zip(&self.ends).enumerate();
        layers.flat_map(|(length, (start, &end))| self.order[start..end].iter().map(move |&node| (node, length as u32)))
    }

    /// The states from where the obligation begins to `node`.
    pub(crate) fn path(&self, mut node: Node) -> Vec<Node> {
        let mut path = vec![node];
        while self.parents[node as usize] != START {
            node = self.parents[node as usize];
            path.push(node);
        }
        path.reverse();
        path
    }
}

/// An obligation in one world.
pub(crate) struct Obligation<'w, 'a, 'g, M> {
    world: &'w World<'a, 'g, M>,
    trigger: Option<u8>,
    goal: u8,
}

impl<'w, 'a, 'g, M: Packed> Obligation<'w, 'a, 'g, M> {
    /// An obligation to reach the goal, from where the trigger holds (`None`: from the beginning).
    pub(crate) fn new(world: &'w World<'a, 'g, M>, trigger: Option<u8>, goal: u8) -> Self {
        Obligation { world, trigger, goal }
    }

    /// Where it can be open.
    pub(crate) fn region(&self) -> Region {
        let (world, valuation) = (self.world, self.world.valuation());
        let begins = |set| world.graph.contains(set, valuation);
        let mut starts: Vec<(Node, u32)> =
            world.graph.initial().filter(|(_, set)| begins(*set)).map(|(node, _)| (node, 0)).collect();
        if let Some(trigger) = self.trigger {
            let everything = Region::new(world, &starts, |_| false);
            starts = everything.with_lengths().filter(|(node, _)| world.holds(*node, trigger)).collect();
        }
        Region::new(world, &starts, |node| world.holds(node, self.goal))
    }

    /// The components of the states in which it can be open.
    pub(crate) fn components(&self, region: &Region) -> Components {
        Components::new(self.world, |node| region.contains(node))
    }

    /// The first way in which it stays open for ever.
    fn ending(&self, limits: &Limits) -> Option<Ending> {
        let region = self.region();
        let rest = region.with_lengths().find(|(node, _)| self.world.rests(*node));
        let rest = rest.map(|(node, length)| Ending { length, node, looping: false });
        if limits.urgent().is_some() {
            return None;
        }
        let components = self.components(&region);
        // The components in which a run can stay, until their first state is met.
        let mut unmet = vec![false; components.len()];
        components.cyclic().for_each(|component| unmet[component] = true);
        let round = region.with_lengths().find(|(node, _)| {
            let component = components.of(*node) as usize;
            std::mem::take(&mut unmet[component]) && self.fair(&components, component)
        });
        let round = round.map(|(node, length)| Ending { length, node, looping: true });
        rest.into_iter().chain(round).min()
    }

    /// Whether the run around a whole component is fair.
    fn fair(&self, components: &Components, component: usize) -> bool {
        let world = self.world;
        if !world.fairness {
            return true;
        }
        let members = components.members(component);
        let mut demanded = world.enabled(members[0]);
        let mut served = BTreeSet::new();
        for &node in members {
            for (target, kind) in world.edges(node) {
                if components.of(target) as usize == component {
                    served.extend(world.graph.kinds[kind].fairness);
                }
            }
            if !demanded.is_empty() {
                let here = world.enabled(node);
                demanded.retain(|constraint| here.binary_search(constraint).is_ok());
            }
        }
        demanded.iter().all(|constraint| served.contains(constraint))
    }
}

/// A way in which an obligation stays open, the first one for these valuations.
pub(crate) struct Open<'a, 'g, M> {
    /// How.
    pub(crate) ending: Ending,
    /// The valuations, in cubes.
    pub(crate) when: Vec<Assignment>,
    /// The graph for one of them.
    pub(crate) world: World<'a, 'g, M>,
}

impl<'a, 'g, M: Packed> Open<'a, 'g, M> {
    /// The obligation in that graph.
    pub(crate) fn obligation(&self, trigger: Option<u8>, goal: u8) -> Obligation<'_, 'a, 'g, M> {
        Obligation::new(&self.world, trigger, goal)
    }
}

/// How an obligation that is violated for a valuation stays open for it.
pub(crate) fn open_for<'a, 'g, M: Packed>(
    graph: &'a Graph<'g, M>,
    limits: &Limits,
    parameters: &[Parameter],
    (trigger, goal): (Option<u8>, u8),
    valuation: Assignment,
) -> Result<Option<Open<'a, 'g, M>>, Reason> {
    let worlds = World::all(graph, &Valuations::of(graph, parameters)?);
    let this = worlds.into_iter().find(|world| world.valuations.iter().any(|other| other.agrees(valuation)));
    let open = this.and_then(|world| {
        let ending = Obligation::new(&world, trigger, goal).ending(limits)?;
        Some(Open { ending, when: world.valuations.clone(), world })
    });
    Ok(open)
}

/// Decides whether every fair run satisfies `goal` after it satisfied `trigger` (`None`: from the beginning); the
/// ways in which it does not, in the order of their length.
pub(crate) fn decide<'a, 'g, M: Packed>(
    graph: &'a Graph<'g, M>,
    limits: &Limits,
    threads: usize,
    parameters: &[Parameter],
    trigger: Option<u8>,
    goal: u8,
) -> Result<Vec<Open<'a, 'g, M>>, Reason> {
    let valuations = Valuations::of(graph, parameters)?;
    let mut worlds = World::all(graph, &valuations);
    let endings: Mutex<Vec<Option<Ending>>> = Mutex::new(vec![None; worlds.len()]);
    for_each(
        threads,
        worlds.iter().enumerate(),
        || (),
        |(), (number, world)| {
            if limits.urgent().is_none() {
                let ending = Obligation::new(world, trigger, goal).ending(limits);
                endings.lock().unwrap_or_else(|poisoned| poisoned.into_inner())[number] = ending;
            }
        },
    );
    if let Some(limit) = limits.urgent() {
        return Err(Reason::Limit(limit));
    }
    let endings = endings.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut found = Vec::new();
    let mut shown: Vec<(Ending, usize)> = Vec::new();
    for (number, (world, ending)) in worlds.iter().zip(endings).enumerate() {
        let Some(ending) = ending else { continue };
        found.extend(world.valuations.iter().map(|valuation| (*valuation, ending)));
        if !shown.iter().any(|(other, _)| *other == ending) {
            shown.push((ending, number));
        }
    }
    shown.sort_unstable();
    let groups = in_groups(found.into_iter(), valuations.all());
    let mut taken: Vec<Option<World<M>>> = worlds.drain(..).map(Some).collect();
    let ways = groups
        .into_iter()
        .zip(shown)
        .filter_map(|((ending, when), (_, number))| Some(Open { ending, when, world: taken[number].take()? }));
    Ok(ways.collect())
}
