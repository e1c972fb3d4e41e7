//! Making a procedure as small as it can be without changing what it does.
//!
//! Unrolled loops leave copies: the first round of a loop that assigns a variable differs from the
//! second in what the reader knew, not in what happens. Nodes that do the same at the same place with
//! the same bindings, and go on to nodes that do the same, are one. Registers whose text is the same and
//! which are never both needed share a bit.
//!
//! Cost: O(nodes · log nodes) for the nodes (Hopcroft), O(nodes · registers) for the registers.

use super::super::{Condition, Node, NodeId, Op, PauseKind, Procedure, RegisterId};
use super::graph::{each_target, targets};
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// The same procedure with fewer nodes and registers.
pub(super) fn minimise(procedure: Procedure) -> Procedure {
    let smaller = share_registers(merged(procedure));
    // Rounds of a wait are alike once they share their registers.
    share_registers(merged(super::rounds::collapse(smaller)))
}

fn merged(mut procedure: Procedure) -> Procedure {
    loop {
        let before = procedure.nodes.len();
        procedure = merge_alike(skip_idle(procedure));
        if procedure.nodes.len() == before {
            return procedure;
        }
    }
}

/// The registers that a condition tests.
pub(super) fn registers_in(condition: &Condition) -> BTreeSet<RegisterId> {
    let mut found = BTreeSet::new();
    registers_of(condition, &mut found);
    found
}

/// Takes out reads that nobody tests, and branches both of whose ways are one.
fn skip_idle(mut procedure: Procedure) -> Procedure {
    let target = |nodes: &[Node], mut at: usize| {
        for _ in 0..nodes.len() {
            match &nodes[at].op {
                Op::Observe { reads, next } if reads.is_empty() => at = next.0,
                Op::Branch { yes, no, .. } if yes == no && yes.0 != at => at = yes.0,
                _ => break,
            }
        }
        at
    };
    let new: Vec<usize> = (0..procedure.nodes.len()).map(|at| target(&procedure.nodes, at)).collect();
    for node in &mut procedure.nodes {
        // What is left of these is a loop that only reads: for everybody else, time passes.
        if let Op::Observe { reads, next } = &node.op
            && reads.is_empty()
        {
            node.op = Op::Pause { kind: PauseKind::Sleep, next: *next };
        }
    }
    for node in &mut procedure.nodes {
        each_target(&mut node.op, |next| next.0 = new[next.0]);
    }
    renumbered(procedure, new.first().copied().unwrap_or(0))
}

/// Keeps what can be reached from `entry`, numbered in the order in which a reader meets it.
fn renumbered(procedure: Procedure, entry: usize) -> Procedure {
    let mut numbers = vec![usize::MAX; procedure.nodes.len()];
    let mut order = Vec::new();
    let mut stack = vec![entry];
    while let Some(at) = stack.pop() {
        if numbers.get(at).is_none_or(|number| *number != usize::MAX) {
            continue;
        }
        numbers[at] = order.len();
        order.push(at);
        let to: SmallVec<[usize; 2]> = targets(&procedure.nodes[at].op).collect();
        stack.extend(to.into_iter().rev());
    }
    let mut old: Vec<Option<Node>> = procedure.nodes.into_iter().map(Some).collect();
    let nodes = order
        .iter()
        .filter_map(|at| old[*at].take())
        .map(|mut node| {
            each_target(&mut node.op, |target| target.0 = numbers[target.0]);
            node
        })
        .collect();
    Procedure { nodes, registers: procedure.registers, remarks: procedure.remarks, jobs: procedure.jobs }
}

/// Merges nodes that no run can tell apart.
fn merge_alike(mut procedure: Procedure) -> Procedure {
    let mut first: Vec<usize> = Vec::new();
    let mut known = HashMap::default();
    let mut edges: Vec<[usize; 2]> = Vec::new();
    for node in &procedure.nodes {
        let mut op = node.op.clone();
        let mut to = [usize::MAX; 2];
        let mut edge = 0;
        each_target(&mut op, |target| {
            to[edge] = target.0;
            edge += 1;
            *target = NodeId(0);
        });
        edges.push(to);
        let source = std::sync::Arc::as_ptr(&node.place.source);
        let key = (op, node.place.offset, node.place.length, source, node.bindings.as_slice());
        let number = known.len();
        first.push(*known.entry(key).or_insert(number));
    }
    let classes = refine(&first, &edges);
    let mut representative = vec![usize::MAX; classes.len()];
    for (at, class) in classes.iter().enumerate() {
        if representative[*class] == usize::MAX {
            representative[*class] = at;
        }
    }
    for node in &mut procedure.nodes {
        each_target(&mut node.op, |target| target.0 = representative[classes[target.0]]);
    }
    renumbered(procedure, 0)
}

/// Hopcroft's refinement: the coarsest partition that is finer than `first` and in which nodes of one
/// class go on to nodes of one class, edge by edge.
fn refine(first: &[usize], targets: &[[usize; 2]]) -> Vec<usize> {
    let number = first.len();
    let mut sources: [Vec<SmallVec<[usize; 2]>>; 2] = [vec![SmallVec::new(); number], vec![SmallVec::new(); number]];
    for (at, to) in targets.iter().enumerate() {
        for edge in 0..2 {
            if let Some(sources) = sources[edge].get_mut(to[edge]) {
                sources.push(at);
            }
        }
    }
    let mut class = first.to_vec();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); first.iter().max().map_or(0, |most| most + 1)];
    for (at, own) in class.iter().enumerate() {
        members[*own].push(at);
    }
    let mut waiting: Vec<(usize, usize)> = (0..members.len()).flat_map(|own| [(own, 0), (own, 1)]).collect();
    let mut is_waiting: Vec<[bool; 2]> = vec![[true; 2]; members.len()];
    let mut touched: Vec<(usize, usize)> = Vec::new();
    while let Some((splitter, edge)) = waiting.pop() {
        is_waiting[splitter][edge] = false;
        touched.clear();
        for node in &members[splitter] {
            touched.extend(sources[edge][*node].iter().map(|source| (class[*source], *source)));
        }
        touched.sort_unstable();
        for part in touched.chunk_by(|one, other| one.0 == other.0) {
            let own = part[0].0;
            if part.len() == members[own].len() {
                continue;
            }
            let new = members.len();
            for (_, node) in part {
                class[*node] = new;
            }
            members[own].retain(|node| class[*node] == own);
            members.push(part.iter().map(|(_, node)| *node).collect());
            is_waiting.push([false; 2]);
            for edge in [0, 1] {
                let smaller = if is_waiting[own][edge] || members[new].len() <= members[own].len() { new } else { own };
                is_waiting[smaller][edge] = true;
                waiting.push((smaller, edge));
            }
        }
    }
    class
}

impl Procedure {
    /// For each node, the registers whose value may still be tested when the procedure is there. What a
    /// register holds outside of these moments has no effect: a model may forget it.
    pub fn live_registers(&self) -> Vec<BTreeSet<RegisterId>> {
        self.live().into_iter().map(|live| live.into_iter().map(RegisterId).collect()).collect()
    }

    /// For each node, the registers that are live there, in order.
    fn live(&self) -> Vec<Vec<usize>> {
        let number = self.nodes.len();
        let mut sources: Vec<Vec<usize>> = vec![Vec::new(); number];
        for (at, node) in self.nodes.iter().enumerate() {
            targets(&node.op).for_each(|target| sources[target].push(at));
        }
        let mut live: Vec<Vec<usize>> = vec![Vec::new(); number];
        let mut waiting: Vec<usize> = (0..number).collect();
        let mut is_waiting = vec![true; number];
        let mut tested = BTreeSet::new();
        while let Some(at) = waiting.pop() {
            is_waiting[at] = false;
            let op = &self.nodes[at].op;
            let mut here: Vec<usize> = targets(op).flat_map(|target| live[target].iter().copied()).collect();
            match op {
                Op::Observe { reads, .. } => here.retain(|own| reads.iter().all(|(register, _)| register.0 != *own)),
                Op::Branch { condition, .. } => {
                    tested.clear();
                    registers_of(condition, &mut tested);
                    here.extend(tested.iter().map(|register: &RegisterId| register.0));
                }
                _ => {}
            }
            here.sort_unstable();
            here.dedup();
            if here != live[at] {
                live[at] = here;
                for source in &sources[at] {
                    if !std::mem::replace(&mut is_waiting[*source], true) {
                        waiting.push(*source);
                    }
                }
            }
        }
        live
    }
}

fn registers_of(condition: &Condition, out: &mut BTreeSet<RegisterId>) {
    match condition {
        Condition::Register(register) => {
            out.insert(*register);
        }
        Condition::Not(inner) => registers_of(inner, out),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| registers_of(part, out)),
        Condition::Unknown => {}
    }
}

/// Gives registers of one text the same bit where their lives do not meet.
fn share_registers(mut procedure: Procedure) -> Procedure {
    let number = procedure.registers.len();
    let live = procedure.live();
    let mut meet: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); number];
    let mut note = |set: &[usize]| {
        for one in set {
            meet[*one].extend(set.iter().filter(|other| *other != one));
        }
    };
    for (at, node) in procedure.nodes.iter().enumerate() {
        note(&live[at]);
        if let Op::Observe { reads, next } = &node.op {
            // What is written together, and what lives on beside it, must stay apart.
            let mut after = live[next.0].clone();
            after.extend(reads.iter().map(|(register, _)| register.0));
            after.sort_unstable();
            after.dedup();
            note(&after);
        }
    }
    let mut used = BTreeSet::new();
    for node in &procedure.nodes {
        match &node.op {
            Op::Branch { condition, .. } => registers_of(condition, &mut used),
            Op::Observe { reads, .. } => used.extend(reads.iter().map(|(register, _)| *register)),
            _ => {}
        }
    }
    let mut shared: Vec<(String, Vec<usize>)> = Vec::new();
    let mut of_text: HashMap<&str, Vec<usize>> = HashMap::default();
    let mut place = vec![0; number];
    for register in used.iter().map(|register| register.0) {
        let text = procedure.registers[register].as_str();
        let candidates = of_text.entry(text).or_default();
        let free = |at: &&usize| shared[**at].1.iter().all(|member| !meet[register].contains(member));
        let at = match candidates.iter().find(free) {
            Some(at) => *at,
            None => {
                shared.push((text.to_owned(), Vec::new()));
                candidates.push(shared.len() - 1);
                shared.len() - 1
            }
        };
        shared[at].1.push(register);
        place[register] = at;
    }
    for node in &mut procedure.nodes {
        match &mut node.op {
            Op::Branch { condition, .. } => rename(condition, &place),
            Op::Observe { reads, .. } => reads.iter_mut().for_each(|(register, _)| register.0 = place[register.0]),
            _ => {}
        }
    }
    procedure.registers = shared.into_iter().map(|(text, _)| text).collect();
    procedure
}

fn rename(condition: &mut Condition, place: &[usize]) {
    match condition {
        Condition::Register(register) => register.0 = place[register.0],
        Condition::Not(inner) => rename(inner, place),
        Condition::All(parts) | Condition::Any(parts) => parts.iter_mut().for_each(|part| rename(part, place)),
        Condition::Unknown => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Command, OnError, Place, Query, Source};
    use crate::topology::ServerId;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A procedure from numbers: whatever they are, it hangs together.
    fn procedure(numbers: &[(u8, u8, u8, u8)]) -> Procedure {
        let source = Arc::new(Source::new("x", ""));
        let number = numbers.len();
        // The first three read every register, so that nothing is tested before it is read.
        let id = |of: u8| NodeId(3 + usize::from(of) % number);
        let read = |register, server, next, offset| Node {
            op: Op::Observe {
                reads: vec![(RegisterId(register), Query::Reachable { server: ServerId(server) })],
                next: NodeId(next),
            },
            place: Place { source: Arc::clone(&source), offset, length: 2 },
            bindings: Vec::new(),
            rounds: None,
        };
        let first = [read(0, 0, 1, 0), read(1, 1, 2, 1), read(2, 0, 3, 2)];
        let rest = numbers.iter().map(|(kind, what, first, second)| {
            let (next, server) = (id(*first), ServerId(usize::from(*what % 2)));
            let register = RegisterId(usize::from(*what % 3));
            let op = match kind % 8 {
                0 => Op::End { failed: *what % 2 == 0 },
                1 => Op::Command { command: Command::Install { server }, next, on_error: OnError::Continue },
                2 => {
                    Op::Command { command: Command::Install { server }, next, on_error: OnError::Handler(id(*second)) }
                }
                3 => Op::Pause { kind: PauseKind::Ask, next },
                4 | 5 => Op::Observe { reads: vec![(register, Query::Reachable { server })], next },
                _ => Op::Branch { condition: Condition::Register(register), yes: next, no: id(*second) },
            };
            // Few places, so that many nodes look alike.
            let place = Place { source: Arc::clone(&source), offset: usize::from(kind % 8), length: 1 };
            Node { op, place, bindings: Vec::new(), rounds: None }
        });
        let nodes = first.into_iter().chain(rest).collect();
        Procedure {
            nodes,
            registers: vec!["same".into(), "same".into(), "other".into()],
            remarks: Vec::new(),
            jobs: Vec::new(),
        }
    }

    /// What a shell does in a world that answers reads by `seed` and by how much has been done.
    fn deeds(procedure: &Procedure, seed: u64) -> Vec<String> {
        let mut registers = vec![None; procedure.registers.len()];
        let (mut at, mut deeds) = (0, Vec::new());
        let answer = |done: usize, salt: u64| {
            let mixed = (seed ^ salt ^ ((done as u64) << 8)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed >> 63 == 1
        };
        for _ in 0..400 {
            match &procedure.nodes[at].op {
                Op::End { failed } => {
                    deeds.push(format!("end {failed}"));
                    break;
                }
                Op::Command { command, next, on_error } => {
                    deeds.push(format!("{command:?}"));
                    at = match on_error {
                        OnError::Handler(handler) if answer(deeds.len(), 7) => handler.0,
                        _ => next.0,
                    };
                }
                Op::Observe { reads, next } => {
                    for (register, query) in reads {
                        let Query::Reachable { server } = query else { continue };
                        registers[register.0] = Some(answer(deeds.len(), 11 + server.0 as u64));
                    }
                    at = next.0;
                }
                Op::Branch { condition: Condition::Register(register), yes, no } => {
                    // What was never read is false on both sides, whatever the register shares its bit with.
                    at = if registers[register.0].unwrap_or(false) { yes.0 } else { no.0 };
                }
                Op::Pause { next, .. } => {
                    deeds.push("ask".into());
                    at = next.0;
                }
                _ => break,
            }
            if deeds.len() > 30 {
                break;
            }
        }
        deeds.truncate(30);
        deeds
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_same_is_done_in_every_world(
            numbers in prop::collection::vec(any::<(u8, u8, u8, u8)>(), 1..14),
            seeds in prop::collection::vec(any::<u64>(), 8),
        ) {
            let before = procedure(&numbers);
            prop_assert!(before.live_registers()[0].is_empty());
            let merged_only = merged(before.clone());
            let after = minimise(before.clone());
            prop_assert!(after.nodes.len() <= before.nodes.len());
            for seed in seeds {
                prop_assert_eq!(deeds(&before, seed), deeds(&merged_only, seed));
                prop_assert_eq!(deeds(&before, seed), deeds(&after, seed));
            }
        }
    }

    #[test]
    fn an_unrolled_loop_is_rolled_up() {
        // Read, test, and both again: the second copy leads back to the first.
        let numbers = [(4, 0, 1, 0), (6, 0, 2, 4), (4, 0, 3, 0), (6, 0, 0, 4), (0, 1, 0, 0)];
        assert_eq!(minimise(procedure(&numbers)).nodes.len(), 6);
    }
}
