//! What a shell executes: a procedure or a menu, prepared for exploration.

use crate::runbook::{Command, Op, Procedure, RegisterId};
use crate::scenario::{Acts, MenuItem, Operator};
use crate::topology::ServerId;
use std::collections::BTreeSet;

/// What a shell executes.
#[derive(Debug, Clone)]
pub struct Program {
    /// The operator's name.
    pub name: String,
    /// What it does.
    pub kind: Kind,
}

/// The two kinds of operators.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Follows a procedure.
    Scripted(Script),
    /// Issues any command of a menu.
    Free {
        /// The commands.
        menu: Vec<MenuItem>,
        /// How many at most.
        at_most: Option<u8>,
    },
}

/// A procedure, prepared.
#[derive(Debug, Clone)]
pub struct Script {
    /// The procedure.
    pub procedure: Procedure,
    /// For each node, the registers whose value may still be read from there on.
    live: Vec<u64>,
    /// The lock of each node that takes or releases one.
    locks: Vec<Option<usize>>,
    /// The shells of the jobs that it may start, by their number.
    pub jobs: Vec<usize>,
    /// The server that the shell runs on.
    pub machine: Option<ServerId>,
    /// Whether a person goes on after the machine is back.
    pub person: bool,
}

impl Program {
    /// Prepares what the operator with this index does.
    pub fn new(operators: &[Operator], index: usize, locks: &[String]) -> Program {
        let operator = &operators[index];
        // A job counts jobs as its procedure does that started it.
        let family = operator.job_of.unwrap_or(index);
        let kind = match &operator.acts {
            Acts::Scripted { procedure, machine, person } => Kind::Scripted(Script {
                live: live_registers(procedure),
                locks: procedure
                    .nodes
                    .iter()
                    .map(|node| match &node.op {
                        Op::TakeLock { lock, .. } | Op::ReleaseLock { lock, .. } => {
                            locks.iter().position(|other| other == lock)
                        }
                        _ => None,
                    })
                    .collect(),
                jobs: (0..operators.len()).filter(|other| operators[*other].job_of == Some(family)).collect(),
                procedure: procedure.clone(),
                machine: *machine,
                person: *person,
            }),
            Acts::Free { menu, at_most } => Kind::Free { menu: menu.clone(), at_most: *at_most },
        };
        Program { name: operator.name.clone(), kind }
    }

    /// Whether it is a free operator.
    pub fn is_free(&self) -> bool {
        matches!(self.kind, Kind::Free { .. })
    }

    /// The procedure, unless it is a free operator.
    pub fn script(&self) -> Option<&Script> {
        match &self.kind {
            Kind::Scripted(script) => Some(script),
            Kind::Free { .. } => None,
        }
    }

    /// The largest value of a shell's position.
    pub fn last_position(&self) -> usize {
        match &self.kind {
            // One more than there are nodes: the shell that died with its machine.
            Kind::Scripted(script) => script.procedure.nodes.len(),
            Kind::Free { menu, .. } => menu.len(),
        }
    }

    /// The largest phase of a cmdlet; a service group a phase for a stop, and one to wait.
    pub fn last_phase(&self) -> usize {
        match &self.kind {
            Kind::Scripted(script) if !script.has_commands() => 0,
            _ => 31,
        }
    }

    /// The number of registers.
    pub fn registers(&self) -> u32 {
        self.script().map_or(0, |script| script.procedure.registers.len() as u32)
    }

    /// How many commands a free operator with a budget may issue.
    pub fn budget(&self) -> u8 {
        match &self.kind {
            Kind::Free { at_most: Some(budget), .. } => *budget,
            _ => 0,
        }
    }

    /// The command at a position.
    pub fn command(&self, at: u16) -> Option<&Command> {
        match &self.kind {
            Kind::Scripted(script) => match &script.procedure.nodes.get(usize::from(at))?.op {
                Op::Command { command, .. } => Some(command),
                _ => None,
            },
            Kind::Free { menu, .. } => menu.get(usize::from(at).checked_sub(1)?).map(|item| &item.command),
        }
    }

    /// Whether a scripted shell at this position has ended; `Some(true)` if in good order. A job that was not
    /// started has nothing to do, as one that has ended.
    pub fn ended(&self, at: u16) -> Option<bool> {
        let script = self.script()?;
        match script.procedure.nodes.get(usize::from(at)) {
            None => Some(false),
            Some(node) => match node.op {
                Op::End { failed } => Some(!failed),
                Op::AwaitStart { .. } => Some(true),
                _ => None,
            },
        }
    }
}

impl Script {
    fn has_commands(&self) -> bool {
        self.procedure.nodes.iter().any(|node| matches!(node.op, Op::Command { .. }))
    }

    /// The registers that matter from a node on.
    pub fn live(&self, node: usize) -> u64 {
        self.live.get(node).copied().unwrap_or(0)
    }

    /// The lock that a node takes or releases.
    pub fn lock(&self, node: usize) -> usize {
        self.locks[node].expect("only asked for nodes that have a lock")
    }
}

/// The live registers of each node as bits: one that nobody reads again is kept at 0, so that states that differ in
/// nothing that matters are one.
fn live_registers(procedure: &Procedure) -> Vec<u64> {
    let bits = |live: &BTreeSet<RegisterId>| live.iter().fold(0, |bits, register| bits | 1 << register.0);
    procedure.live_registers().iter().map(bits).collect()
}
