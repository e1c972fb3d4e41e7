//! The state of an evaluation beside its place in the program: variables, temporaries, output.
//!
//! Two evaluations that arrive at one point with equal environments go on as one; that is what makes
//! loops end. So everything in here can be compared and hashed.

use super::ast::Span;
use super::value::{Snapshot, Value};
use crate::topology::ServerId;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::rc::Rc;

/// Variables of one call.
#[derive(Debug, Clone, Eq, Default)]
pub(super) struct Frame {
    /// The sum of the hashes of all variables, kept as they change: frames are compared far more often than they are alike.
    sum: u64,
    variables: BTreeMap<Rc<str>, Value>,
    /// A block that runs in another session, and the command that sent it there: variables and functions
    /// outside are not seen (variables through `$using:`).
    pub(super) remote: Option<Span>,
}

impl PartialEq for Frame {
    fn eq(&self, other: &Frame) -> bool {
        self.sum == other.sum && self.remote == other.remote && self.variables == other.variables
    }
}

impl Hash for Frame {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.sum, self.remote).hash(state);
    }
}

impl Frame {
    fn put(&mut self, name: Rc<str>, value: Value) {
        self.take(&name);
        self.sum = self.sum.wrapping_add(FxBuildHasher.hash_one((&name, &value)));
        self.variables.insert(name, value);
    }

    fn take(&mut self, name: &str) {
        if let Some((name, value)) = self.variables.remove_entry(name) {
            self.sum = self.sum.wrapping_sub(FxBuildHasher.hash_one((name, value)));
        }
    }
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
        Rc::make_mut(&mut self.frames[index]).put(Rc::from(name), value);
    }

    /// Forgets a variable of the innermost call.
    pub(super) fn restore(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.set(name, value),
            None => {
                let last = self.frames.len() - 1;
                Rc::make_mut(&mut self.frames[last]).take(name);
            }
        }
    }

    /// The value of a variable of the innermost call, for [`Env::restore`].
    pub(super) fn own(&self, name: &str) -> Option<Value> {
        self.frames.last().and_then(|frame| frame.variables.get(name)).cloned()
    }

    /// Forgets everything that was read into this snapshot: it is about to be read anew.
    pub(super) fn invalidate(&mut self, snapshot: &Snapshot) {
        self.change_each(|value| value.depends_on(snapshot).then_some(Value::Unknown));
    }

    /// Forgets what follows from an earlier read into this snapshot, but not the objects themselves: those are
    /// about to be refreshed.
    pub(super) fn outdate(&mut self, snapshot: &Snapshot) {
        self.change_each(|value| (value.depends_on(snapshot) && !value.is_rows()).then_some(Value::Unknown));
    }

    /// A table or a list was changed: whoever holds it sees that.
    pub(super) fn change(&mut self, old: &Value, new: &Value) {
        self.change_each(|value| value.changed(old, new).map(Value::bounded));
    }

    /// Makes unknown what a name stands for, in whatever call it was assigned.
    pub(super) fn forget(&mut self, name: &str) {
        let root = self.root();
        let name = global(name).unwrap_or_else(|| local(name));
        let frames = &mut self.frames[root..];
        if let Some(frame) = frames.iter_mut().rev().find(|frame| frame.variables.contains_key(name)) {
            Rc::make_mut(frame).put(Rc::from(name), Value::Unknown);
        }
    }

    /// Assigns so many calls further out: `Set-Variable -Scope 1`.
    pub(super) fn set_outside(&mut self, name: &str, calls: usize, value: Value) {
        let at = (self.frames.len() - 1).saturating_sub(calls).max(self.root());
        Rc::make_mut(&mut self.frames[at]).put(Rc::from(name), value);
    }

    /// Puts what `with` gives for a value in its place.
    fn change_each(&mut self, mut with: impl FnMut(&Value) -> Option<Value>) {
        for frame in &mut self.frames {
            let new = frame.variables.iter().filter_map(|(name, value)| Some((Rc::clone(name), with(value)?)));
            let new: Vec<(Rc<str>, Value)> = new.collect();
            if !new.is_empty() {
                let frame = Rc::make_mut(frame);
                new.into_iter().for_each(|(name, value)| frame.put(name, value));
            }
        }
        for value in self.temps.iter_mut().map(|(_, value)| value).chain(self.outputs.iter_mut().flatten()) {
            if let Some(new) = with(value) {
                *value = new;
            }
        }
    }

    /// Forgets everything that was read: another shell does not know it.
    pub(super) fn forget_reads(&mut self) {
        self.change_each(|value| value.is_read().then_some(Value::Unknown));
    }

    /// Puts a value wherever an item stands that is now decided.
    pub(super) fn decide(&mut self, item: &Value, value: &Value) {
        self.change_each(|own| own.decided(item, value));
    }

    /// Makes unknown whatever differs from another environment of the same shape.
    pub(super) fn widen(&mut self, other: &Env) {
        for (own, theirs) in self.frames.iter_mut().zip(&other.frames) {
            if own == theirs {
                continue;
            }
            let differs = |(name, value): &(&Rc<str>, &Value)| theirs.variables.get(*name) != Some(*value);
            let mut names: Vec<Rc<str>> =
                own.variables.iter().filter(differs).map(|(name, _)| Rc::clone(name)).collect();
            names.extend(theirs.variables.keys().filter(|name| !own.variables.contains_key(*name)).cloned());
            let own = Rc::make_mut(own);
            names.into_iter().for_each(|name| own.put(name, Value::Unknown));
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
