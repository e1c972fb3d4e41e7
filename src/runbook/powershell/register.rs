//! Registers: which bits a shell has to remember of what it read.
//!
//! A bit exists only if something tests it. The read may be evaluated long before the test, so the
//! operation that reads is completed when the test is met: all reads into one snapshot write all bits
//! that any test on it needs, and a snapshot that is not read again stays as it was.

use super::super::{Condition, Op, Quantifier, Query, RegisterId, Shown};
use super::graph::Graph;
use super::value::{Formula, Question, READINESS, Snapshot};
use crate::topology::{ServerId, ServiceSet};
use rustc_hash::FxHashMap as HashMap;
use std::rc::Rc;

/// The registers of a procedure under construction.
#[derive(Debug, Default)]
pub(super) struct Registers {
    /// What each remembers, for stories.
    pub(super) texts: Vec<String>,
    by_query: HashMap<(Rc<Snapshot>, Query), RegisterId>,
    by_snapshot: HashMap<Rc<Snapshot>, Vec<(RegisterId, Query)>>,
    /// The nodes that read into a snapshot.
    readers: HashMap<Rc<Snapshot>, Vec<usize>>,
}

impl Registers {
    /// What a read into this snapshot has to write, as far as is known by now.
    pub(super) fn reads(&self, snapshot: &Rc<Snapshot>) -> Vec<(RegisterId, Query)> {
        self.by_snapshot.get(snapshot).cloned().unwrap_or_default()
    }

    /// Notes that a node reads into a snapshot.
    pub(super) fn read_by(&mut self, snapshot: &Rc<Snapshot>, node: usize) {
        self.readers.entry(Rc::clone(snapshot)).or_default().push(node);
    }

    fn register(&mut self, graph: &mut Graph, snapshot: &Rc<Snapshot>, query: Query, text: &str) -> RegisterId {
        if let Some(register) = self.by_query.get(&(Rc::clone(snapshot), query.clone())) {
            return *register;
        }
        let register = RegisterId(self.texts.len());
        self.texts.push(text.to_owned());
        self.by_query.insert((Rc::clone(snapshot), query.clone()), register);
        self.by_snapshot.entry(Rc::clone(snapshot)).or_default().push((register, query.clone()));
        for reader in self.readers.get(snapshot).into_iter().flatten() {
            if let Op::Observe { reads, .. } = &mut graph.nodes[*reader].op {
                reads.push((register, query.clone()));
            }
        }
        register
    }

    /// The condition on registers that a formula stands for; `text` is what it says in the source.
    pub(super) fn condition(&mut self, graph: &mut Graph, formula: &Formula, text: &str) -> Condition {
        match formula {
            Formula::True => Condition::All(Vec::new()),
            Formula::False => Condition::Any(Vec::new()),
            Formula::Unknown => Condition::Unknown,
            Formula::Not(inner) => negated(self.condition(graph, inner, text)),
            Formula::Atom { .. } => self.joined(graph, std::slice::from_ref(formula), Quantifier::Any, text),
            Formula::Any(parts) => self.joined(graph, parts, Quantifier::Any, text),
            Formula::All(parts) => self.joined(graph, parts, Quantifier::All, text),
        }
    }

    /// Joins parts; tests of one kind on several services of one server become one query.
    fn joined(&mut self, graph: &mut Graph, parts: &[Formula], quantifier: Quantifier, text: &str) -> Condition {
        let mut services: Vec<(Rc<Snapshot>, ServerId, u8, ServiceSet)> = Vec::new();
        let mut conditions = Vec::new();
        for part in parts {
            match part {
                Formula::Atom { snapshot, question: Question::Service(server, service), mask } => {
                    let own = ServiceSet::only(*service);
                    match services
                        .iter_mut()
                        .find(|group| group.0 == *snapshot && group.1 == *server && group.2 == *mask)
                    {
                        Some(group) => group.3 = group.3.or(own),
                        None => services.push((Rc::clone(snapshot), *server, *mask, own)),
                    }
                }
                Formula::Atom { snapshot, question, mask } => {
                    conditions.push(self.atom(graph, snapshot, *question, *mask, text));
                }
                other => conditions.push(self.condition(graph, other, text)),
            }
        }
        for (snapshot, server, mask, set) in services {
            conditions.push(self.services(graph, &snapshot, server, set, quantifier, mask, text));
        }
        match (conditions.len(), quantifier) {
            (1, _) => conditions.remove(0),
            (_, Quantifier::Any) => Condition::Any(conditions),
            (_, Quantifier::All) => Condition::All(conditions),
        }
    }

    fn atom(
        &mut self,
        graph: &mut Graph,
        snapshot: &Rc<Snapshot>,
        question: Question,
        mask: u8,
        text: &str,
    ) -> Condition {
        let query = match question {
            Question::Readiness(pool) => {
                if mask.count_ones() > 1 {
                    return negated(self.atom(graph, snapshot, question, !mask & question.every(), text));
                }
                let (is, _) = READINESS[(mask.trailing_zeros() as usize).min(READINESS.len() - 1)];
                Query::Readiness { pool, is }
            }
            Question::DomainReady(server) => Query::DomainReady { server },
            Question::Whole(pool) => Query::ReplicasWhole { pool },
            Question::Reachable(server) => Query::Reachable { server },
            Question::Backup(pool) => {
                let steady = Condition::Register(self.register(graph, snapshot, Query::BackupSteady { pool }, text));
                return backup(steady, mask);
            }
            Question::Replicated(home) => Query::ManagementStoreReplicated { home },
            Question::Service(server, service) => {
                return self.services(graph, snapshot, server, ServiceSet::only(service), Quantifier::Any, mask, text);
            }
        };
        let register = Condition::Register(self.register(graph, snapshot, query, text));
        if question.answers() == 2 && mask == 2 { negated(register) } else { register }
    }

    /// A query on how services stand. That a service is paused but not draining is not shown as such;
    /// its opposite is.
    #[expect(clippy::too_many_arguments, reason = "the parts of one query")]
    fn services(
        &mut self,
        graph: &mut Graph,
        snapshot: &Rc<Snapshot>,
        server: ServerId,
        services: ServiceSet,
        quantifier: Quantifier,
        mask: u8,
        text: &str,
    ) -> Condition {
        let (paused, draining) = (mask & 8 != 0, mask & 16 != 0);
        if paused && !draining {
            let opposite = match quantifier {
                Quantifier::Any => Quantifier::All,
                Quantifier::All => Quantifier::Any,
            };
            return negated(self.services(graph, snapshot, server, services, opposite, !mask & 31, text));
        }
        // Of one service, any and all are the same.
        let quantifier = if services.iter().count() == 1 { Quantifier::All } else { quantifier };
        let shown = Shown {
            stopped: mask & 1 != 0,
            start_pending: mask & 2 != 0,
            running: mask & 4 != 0,
            paused,
            draining: draining && !paused,
        };
        let query = Query::Services { server, services, quantifier, shown };
        Condition::Register(self.register(graph, snapshot, query, text))
    }
}

/// That the backup is steady, or is not; which of the other states it is in, nobody knows.
fn backup(steady: Condition, mask: u8) -> Condition {
    let (is_steady, others) = (mask & 1 != 0, mask >> 1);
    match (is_steady, others) {
        (true, 0) => steady,
        (true, _) => Condition::Any(vec![steady, Condition::Unknown]),
        (false, 0b111) => negated(steady),
        (false, _) => Condition::All(vec![negated(steady), Condition::Unknown]),
    }
}

fn negated(condition: Condition) -> Condition {
    match condition {
        Condition::Not(inner) => *inner,
        Condition::Unknown => Condition::Unknown,
        other => Condition::Not(Box::new(other)),
    }
}
