//! The state of an evaluation beside its place in the program: variables, temporaries, output.
//!
//! Two evaluations that arrive at one point with equal environments go on as one; that is what makes
//! loops end. So everything in here can be compared and hashed.

use super::ast::Span;
use super::value::{Snapshot, Value};
use crate::topology::ServerId;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Variables of one call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Frame {
    variables: BTreeMap<Rc<str>, Value>,
    /// A block that runs in another session, and the command that sent it there: variables and functions
    /// outside are not seen (variables through `$using:`).
    pub(super) remote: Option<Span>,
}

/// What is known while a procedure is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Env {
    frames: Vec<Rc<Frame>>,
    /// Results of effects inside the statement at hand, innermost last.
    pub(super) temps: Vec<(u32, Value)>,
    /// Output that is being captured, innermost last.
    pub(super) outputs: Vec<Vec<Value>>,
    /// The server that the code runs on.
    pub(super) machine: Option<ServerId>,
}

impl Env {
    pub(super) fn new(machine: Option<ServerId>) -> Env {
        Env { frames: vec![Rc::default()], temps: Vec::new(), outputs: Vec::new(), machine }
    }

    /// Whether two evaluations know the same and nothing need be looked at to see it: the variables of neither were
    /// touched since they parted.
    pub(super) fn is_still(&self, other: &Env) -> bool {
        let frames = self.frames.len() == other.frames.len()
            && self.frames.iter().zip(&other.frames).all(|(own, theirs)| Rc::ptr_eq(own, theirs));
        frames && self.temps == other.temps && self.outputs == other.outputs && self.machine == other.machine
    }

    /// How many variables there are.
    pub(super) fn size(&self) -> usize {
        self.frames.iter().map(|frame| frame.variables.len()).sum()
    }

    /// How many calls deep the evaluation is.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn enter(&mut self, remote: Option<Span>) {
        self.frames.push(Rc::new(Frame { remote, ..Frame::default() }));
    }

    /// Leaves calls until `depth` are left.
    pub(super) fn leave_to(&mut self, depth: usize) {
        self.frames.truncate(depth.max(1));
    }

    /// The value of a variable; `None` if it was never assigned.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        if let Some(name) = global(name) {
            return self.frames[self.root()].variables.get(name);
        }
        let (name, frames) = match name.strip_prefix("using:") {
            // What was there when the block was sent to the other machine.
            Some(name) if self.frames.iter().any(|frame| frame.remote.is_some()) => (name, &self.frames[..self.root()]),
            Some(name) => (name, &self.frames[..]),
            None => (local(name), &self.frames[..]),
        };
        for frame in frames.iter().rev() {
            if let Some(value) = frame.variables.get(name) {
                return Some(value);
            }
            if frame.remote.is_some() {
                break;
            }
        }
        None
    }

    /// The outermost call of the session at hand.
    fn root(&self) -> usize {
        self.frames.iter().rposition(|frame| frame.remote.is_some()).unwrap_or(0)
    }

    /// The command that sent the code at hand to another session.
    pub(super) fn session(&self) -> Option<Span> {
        self.frames[self.root()].remote
    }

    /// Assigns in the innermost call, or where the scope of the name says.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let (index, name) = match global(name) {
            Some(name) => (self.root(), name),
            None => (self.frames.len() - 1, local(name)),
        };
        Rc::make_mut(&mut self.frames[index]).variables.insert(Rc::from(name), value);
    }

    /// Forgets a variable of the innermost call.
    pub(super) fn restore(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.set(name, value),
            None => {
                let last = self.frames.len() - 1;
                Rc::make_mut(&mut self.frames[last]).variables.remove(name);
            }
        }
    }

    /// The value of a variable of the innermost call, for [`Env::restore`].
    pub(super) fn own(&self, name: &str) -> Option<Value> {
        self.frames.last().and_then(|frame| frame.variables.get(name)).cloned()
    }

    /// Forgets everything that was read into this snapshot: it is about to be read anew.
    pub(super) fn invalidate(&mut self, snapshot: &Snapshot) {
        let stale = |value: &Value| value.depends_on(snapshot);
        for frame in &mut self.frames {
            if frame.variables.values().any(stale) {
                for value in Rc::make_mut(frame).variables.values_mut().filter(|value| stale(value)) {
                    *value = Value::Unknown;
                }
            }
        }
        for value in self.temps.iter_mut().map(|(_, value)| value).chain(self.outputs.iter_mut().flatten()) {
            if stale(value) {
                *value = Value::Unknown;
            }
        }
    }

    /// Forgets what follows from an earlier read into this snapshot, but not the objects themselves: those are
    /// about to be refreshed.
    pub(super) fn outdate(&mut self, snapshot: &Snapshot) {
        self.each_value(|value| {
            if value.depends_on(snapshot) && !value.is_rows() {
                *value = Value::Unknown;
            }
        });
    }

    /// A table or a list was changed: whoever holds it sees that.
    pub(super) fn change(&mut self, old: &Value, new: &Value) {
        self.each_value(|value| {
            if let Some(changed) = value.changed(old, new) {
                *value = changed.bounded();
            }
        });
    }

    /// Makes unknown what a name stands for, in whatever call it was assigned.
    pub(super) fn forget(&mut self, name: &str) {
        let root = self.root();
        let name = global(name).unwrap_or_else(|| local(name));
        let frames = &mut self.frames[root..];
        if let Some(frame) = frames.iter_mut().rev().find(|frame| frame.variables.contains_key(name)) {
            Rc::make_mut(frame).variables.insert(Rc::from(name), Value::Unknown);
        }
    }

    /// Assigns so many calls further out: `Set-Variable -Scope 1`.
    pub(super) fn set_outside(&mut self, name: &str, calls: usize, value: Value) {
        let at = (self.frames.len() - 1).saturating_sub(calls).max(self.root());
        Rc::make_mut(&mut self.frames[at]).variables.insert(Rc::from(name), value);
    }

    fn each_value(&mut self, mut visit: impl FnMut(&mut Value)) {
        for frame in &mut self.frames {
            let mut copy = (**frame).clone();
            copy.variables.values_mut().for_each(&mut visit);
            if copy != **frame {
                *frame = Rc::new(copy);
            }
        }
        self.temps.iter_mut().map(|(_, value)| value).for_each(&mut visit);
        self.outputs.iter_mut().flatten().for_each(visit);
    }

    /// Forgets everything that was read: another shell does not know it.
    pub(super) fn forget_reads(&mut self) {
        for frame in &mut self.frames {
            for value in Rc::make_mut(frame).variables.values_mut().filter(|value| value.is_read()) {
                *value = Value::Unknown;
            }
        }
        for value in self.temps.iter_mut().map(|(_, value)| value).chain(self.outputs.iter_mut().flatten()) {
            if value.is_read() {
                *value = Value::Unknown;
            }
        }
    }

    /// Puts a value wherever an item stands that is now decided.
    pub(super) fn decide(&mut self, item: &Value, value: &Value) {
        for frame in &mut self.frames {
            for own in Rc::make_mut(frame).variables.values_mut() {
                *own = own.decided(item, value);
            }
        }
        for own in self.temps.iter_mut().map(|(_, own)| own).chain(self.outputs.iter_mut().flatten()) {
            *own = own.decided(item, value);
        }
    }

    /// Makes unknown whatever differs from another environment of the same shape.
    pub(super) fn widen(&mut self, other: &Env) {
        for (own, theirs) in self.frames.iter_mut().zip(&other.frames) {
            if own == theirs {
                continue;
            }
            let own = Rc::make_mut(own);
            for (name, value) in &mut own.variables {
                if theirs.variables.get(name) != Some(value) {
                    *value = Value::Unknown;
                }
            }
            for name in theirs.variables.keys() {
                if !own.variables.contains_key(name) {
                    own.variables.insert(Rc::clone(name), Value::Unknown);
                }
            }
        }
        for (own, theirs) in self.outputs.iter_mut().zip(&other.outputs) {
            if own != theirs {
                *own = vec![Value::Unknown];
            }
        }
    }

    /// Adds to the output that is being captured, if one is.
    pub(super) fn output(&mut self, value: Value) {
        let Some(output) = self.outputs.last_mut() else { return };
        match value {
            Value::Array(items) => output.extend(items.iter().cloned()),
            other => output.push(other),
        }
    }

    /// The result that an effect left in a temporary.
    pub(super) fn temp(&self, temp: u32) -> Value {
        self.temps.iter().rev().find(|(number, _)| *number == temp).map_or(Value::Null, |(_, value)| value.clone())
    }
}

fn global(name: &str) -> Option<&str> {
    name.strip_prefix("script:").or_else(|| name.strip_prefix("global:"))
}

fn local(name: &str) -> &str {
    name.strip_prefix("local:").or_else(|| name.strip_prefix("private:")).unwrap_or(name)
}
