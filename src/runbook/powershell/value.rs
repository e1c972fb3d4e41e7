//! What the evaluation knows about a value, and formulas over what was read from the pool.
//!
//! A value that depends on the state of the pool is a [`Value::Cases`]: one plain value for each state
//! that the read could have shown. Operations act on every case, so `.Status -eq 'Running'` and
//! `-match '^Run'` need no rules of their own: what counts is in which cases a condition comes out true.

use super::super::Readiness;
use crate::topology::{PoolId, ServerId, Service};
use std::rc::Rc;

/// How many elements a list or a table may grow to, one by one; what a longer one holds is not known.
pub(super) const MOST_ITEMS: usize = 1_000;

/// A value, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(Rc<str>),
    Array(Rc<Vec<Value>>),
    /// An array whose elements are there under a condition.
    Maybe(Rc<Vec<(Formula, Value)>>),
    /// How many elements of a [`Value::Maybe`] there are.
    Count(Rc<Vec<Formula>>),
    /// A hashtable or an object of named values, in order.
    Record(Rc<Vec<(Rc<str>, Value)>>),
    /// What `Get-CsComputer` gives.
    Server(ServerId),
    /// What `Get-CsPool` gives.
    Pool(PoolId),
    /// What `Get-CsService` gives.
    PoolService(PoolId, Rc<str>),
    /// A session to a server (`New-PSSession`).
    Session(Rc<Vec<Value>>),
    /// A script block, by number.
    Block(u32),
    /// A function of the script, by number.
    Function(u32),
    /// An object that has nothing to do with servers or services, such as a stop watch.
    Other,
    /// Jobs that were started, by number.
    Jobs(Rc<Vec<usize>>),
    /// A row of `Get-CsWindowsService` or `Get-Service`.
    Service(Rc<Snapshot>, Service),
    /// What a readiness cmdlet gives.
    Readiness(Rc<Snapshot>),
    /// What `Test-NetConnection` gives.
    Connection(Rc<Snapshot>),
    /// A row of the upgrade domains in a readiness answer.
    Domain(Rc<Snapshot>, ServerId),
    /// One value for each state that the read could have shown.
    Cases(Rc<Cases>),
    /// True or false by what was read.
    Truth(Rc<Formula>),
    /// One of a list that is not known, or an answer: the same wherever it stands, and decided when it is used.
    /// Where it comes from, and at which depth of calls.
    Item(super::ast::Span, usize),
    /// Nothing is known.
    Unknown,
}

impl Value {
    pub(super) fn text(text: impl Into<Rc<str>>) -> Value {
        Value::Text(text.into())
    }

    pub(super) fn array(values: Vec<Value>) -> Value {
        Value::Array(Rc::new(values))
    }

    /// What a pipeline that gave these values leaves: nothing, the value, or an array.
    pub(super) fn collected(mut values: Vec<Value>) -> Value {
        match values.len() {
            0 => Value::Null,
            1 => values.remove(0),
            _ => Value::array(values),
        }
    }

    /// The value, or nothing known if it is nested so deeply that walking it could exhaust the stack.
    pub(super) fn bounded(self) -> Value {
        if self.deeper_than(24) { Value::Unknown } else { self }
    }

    fn deeper_than(&self, levels: usize) -> bool {
        let Some(rest) = levels.checked_sub(1) else { return true };
        match self {
            Value::Array(items) | Value::Session(items) => items.iter().any(|item| item.deeper_than(rest)),
            Value::Maybe(items) => items.iter().any(|(when, item)| when.deeper_than(rest) || item.deeper_than(rest)),
            Value::Count(items) => items.iter().any(|when| when.deeper_than(rest)),
            Value::Record(fields) => fields.iter().any(|(_, value)| value.deeper_than(rest)),
            Value::Cases(cases) => cases.values.iter().any(|value| value.deeper_than(rest)),
            Value::Truth(formula) => formula.deeper_than(rest),
            _ => false,
        }
    }

    /// The undecided item in it, if there is one.
    pub(super) fn item(&self) -> Option<Value> {
        match self {
            Value::Item(..) => Some(self.clone()),
            Value::Array(items) | Value::Session(items) => items.iter().find_map(Value::item),
            _ => None,
        }
    }

    /// The value with an item decided; `None` if the item is nowhere in it.
    pub(super) fn decided(&self, item: &Value, value: &Value) -> Option<Value> {
        self.replaced(&|own| (own == item).then(|| value.clone()))
    }

    /// The value with the object `old` changed to `new`, wherever it is in it; `None` if it is nowhere. A table or
    /// a list is one object however many variables hold it.
    pub(super) fn changed(&self, old: &Value, new: &Value) -> Option<Value> {
        self.replaced(&|own| own.is_same_object(old).then(|| new.clone()))
    }

    fn is_same_object(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Array(own), Value::Array(other)) => Rc::ptr_eq(own, other),
            (Value::Record(own), Value::Record(other)) => Rc::ptr_eq(own, other),
            (Value::Maybe(own), Value::Maybe(other)) => Rc::ptr_eq(own, other),
            _ => false,
        }
    }

    /// The value with what `with` gives for parts of it; `None` if it gives nothing.
    fn replaced(&self, with: &dyn Fn(&Value) -> Option<Value>) -> Option<Value> {
        if let Some(value) = with(self) {
            return Some(value);
        }
        let list = |items: &[Value]| {
            let new: Vec<Option<Value>> = items.iter().map(|own| own.replaced(with)).collect();
            new.iter().any(Option::is_some).then(|| {
                Rc::new(new.into_iter().zip(items).map(|(new, own)| new.unwrap_or_else(|| own.clone())).collect())
            })
        };
        match self {
            Value::Array(items) => list(items).map(Value::Array),
            Value::Session(items) => list(items).map(Value::Session),
            Value::Record(fields) => {
                let new: Vec<Option<Value>> = fields.iter().map(|(_, own)| own.replaced(with)).collect();
                new.iter().any(Option::is_some).then(|| {
                    let fields = fields.iter().zip(new);
                    let fields = fields.map(|((name, own), new)| (Rc::clone(name), new.unwrap_or_else(|| own.clone())));
                    Value::Record(Rc::new(fields.collect()))
                })
            }
            Value::Maybe(items) => {
                let new: Vec<Option<Value>> = items.iter().map(|(_, own)| own.replaced(with)).collect();
                new.iter().any(Option::is_some).then(|| {
                    let items = items.iter().zip(new);
                    let items = items.map(|((when, own), new)| (when.clone(), new.unwrap_or_else(|| own.clone())));
                    Value::Maybe(Rc::new(items.collect()))
                })
            }
            _ => None,
        }
    }

    /// Whether the value or a part of it depends on this read.
    pub(super) fn depends_on(&self, snapshot: &Snapshot) -> bool {
        self.depends(&|own| own == snapshot)
    }

    /// Whether the value or a part of it depends on any read.
    pub(super) fn is_read(&self) -> bool {
        self.depends(&|_| true)
    }

    fn depends(&self, on: &dyn Fn(&Snapshot) -> bool) -> bool {
        match self {
            Value::Array(items) | Value::Session(items) => items.iter().any(|item| item.depends(on)),
            Value::Maybe(items) => items.iter().any(|(when, item)| when.depends(on) || item.depends(on)),
            Value::Count(items) => items.iter().any(|when| when.depends(on)),
            Value::Record(fields) => fields.iter().any(|(_, value)| value.depends(on)),
            Value::Service(own, _) | Value::Readiness(own) | Value::Connection(own) | Value::Domain(own, _) => on(own),
            Value::Cases(cases) => on(&cases.snapshot),
            Value::Truth(formula) => formula.depends(on),
            _ => false,
        }
    }

    /// Whether it is nothing but rows of a read, which are still the same objects when they are read again.
    pub(super) fn is_rows(&self) -> bool {
        match self {
            Value::Service(..) => true,
            Value::Array(items) => items.iter().all(Value::is_rows),
            _ => false,
        }
    }

    /// The snapshot that the value comes from, if it comes from one as a whole.
    pub(super) fn snapshot(&self) -> Option<&Rc<Snapshot>> {
        match self {
            Value::Service(own, _) | Value::Readiness(own) | Value::Connection(own) | Value::Domain(own, _) => {
                Some(own)
            }
            Value::Cases(cases) => Some(&cases.snapshot),
            Value::Array(items) => items.first().and_then(Value::snapshot),
            Value::Maybe(items) => items.first().and_then(|(_, item)| item.snapshot()),
            _ => None,
        }
    }
}

/// A read of the pool: where its outcome is kept and what was read. Reading the same again to the same
/// home refreshes; what is still held of the earlier read is then unknown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Snapshot {
    pub(super) home: Home,
    pub(super) what: What,
}

/// Where the outcome of a read is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Home {
    /// A variable, at a depth of calls.
    Variable(Rc<str>, usize),
    /// The place of the cmdlet: used at once.
    Site(super::ast::Span, usize),
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    Readiness(PoolId),
    Replicas(PoolId),
    Services(ServerId),
    Reachable(ServerId),
    Store(PoolId),
    Backup(PoolId),
}

/// A question with few answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Answers [`READINESS`].
    Readiness(PoolId),
    /// Yes, no.
    DomainReady(ServerId),
    /// Yes, no.
    Whole(PoolId),
    /// Yes, no.
    Reachable(ServerId),
    /// Yes, no.
    Replicated(PoolId),
    /// Answers [`BACKUP_STATES`].
    Backup(PoolId),
    /// Answers [`SERVICE_STATES`].
    Service(ServerId, Service),
}

/// The answers to [`Question::Readiness`].
pub(super) const READINESS: [(Readiness, &str); 3] = [
    (Readiness::Ready, "Ready"),
    (Readiness::Busy, "Busy"),
    (Readiness::InsufficientActiveFrontEnds, "InsufficientActiveFrontEnds"),
];

/// The answers to [`Question::Backup`] (F6.13); the model knows the first of them from the others.
pub(super) const BACKUP_STATES: [&str; 4] = ["SteadyState", "NonSteadyState", "NotInitialized", "ErrorState"];

/// The answers to [`Question::Service`], as `ServiceStatus` names them; as `Status`, the last is `Paused` (F1.53).
pub(super) const SERVICE_STATES: [&str; 5] = ["Stopped", "StartPending", "Running", "Paused", "Draining"];

impl Question {
    /// How many answers there are.
    pub(super) fn answers(self) -> usize {
        match self {
            Question::Readiness(_) => READINESS.len(),
            Question::Service(..) => SERVICE_STATES.len(),
            Question::Backup(_) => BACKUP_STATES.len(),
            Question::DomainReady(_) | Question::Whole(_) | Question::Reachable(_) | Question::Replicated(_) => 2,
        }
    }

    /// The mask of all answers.
    pub(super) fn every(self) -> u8 {
        (1 << self.answers()) - 1
    }
}

/// A value per answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Cases {
    pub(super) snapshot: Rc<Snapshot>,
    pub(super) question: Question,
    /// One for each answer, in order.
    pub(super) values: Vec<Value>,
}

impl Cases {
    /// The value with `f` applied in every case; plain if all cases agree.
    pub(super) fn map(&self, mut f: impl FnMut(&Value) -> Value) -> Value {
        Cases {
            snapshot: Rc::clone(&self.snapshot),
            question: self.question,
            values: self.values.iter().map(&mut f).collect(),
        }
        .simplified()
    }

    /// As a value; plain if all cases agree.
    pub(super) fn simplified(self) -> Value {
        if self.values.windows(2).all(|pair| pair[0] == pair[1]) {
            return self.values.into_iter().next().unwrap_or(Value::Null);
        }
        Value::Cases(Rc::new(self))
    }
}

/// A condition on what was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Formula {
    True,
    False,
    /// The answer to the question is one of the mask's.
    Atom {
        snapshot: Rc<Snapshot>,
        question: Question,
        mask: u8,
    },
    Not(Rc<Formula>),
    All(Rc<Vec<Formula>>),
    Any(Rc<Vec<Formula>>),
    /// Nobody can know.
    Unknown,
}

impl Formula {
    pub(super) fn known(value: bool) -> Formula {
        if value { Formula::True } else { Formula::False }
    }

    pub(super) fn atom(snapshot: &Rc<Snapshot>, question: Question, mask: u8) -> Formula {
        match mask & question.every() {
            0 => Formula::False,
            mask if mask == question.every() => Formula::True,
            mask => Formula::Atom { snapshot: Rc::clone(snapshot), question, mask },
        }
    }

    pub(super) fn not(self) -> Formula {
        match self {
            Formula::True => Formula::False,
            Formula::False => Formula::True,
            Formula::Unknown => Formula::Unknown,
            Formula::Not(inner) => (*inner).clone(),
            Formula::Atom { snapshot, question, mask } => {
                Formula::Atom { snapshot, question, mask: !mask & question.every() }
            }
            other => Formula::Not(Rc::new(other)),
        }
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
        Formula::joined(parts, Formula::False, Formula::True, |part| match part {
            Formula::All(inner) => Ok(inner),
            other => Err(other),
        })
        .unwrap_or_else(|kept| Formula::All(Rc::new(kept)))
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
        Formula::joined(parts, Formula::True, Formula::False, |part| match part {
            Formula::Any(inner) => Ok(inner),
            other => Err(other),
        })
        .unwrap_or_else(|kept| Formula::Any(Rc::new(kept)))
    }

    /// Joins parts: `decisive` decides alone, `neutral` adds nothing. `Err` with the parts if several are left.
    fn joined(
        parts: impl IntoIterator<Item = Formula>,
        decisive: Formula,
        neutral: Formula,
        flatten: impl Fn(Formula) -> Result<Rc<Vec<Formula>>, Formula>,
    ) -> Result<Formula, Vec<Formula>> {
        let mut kept = Vec::new();
        for part in parts {
            if part == decisive {
                return Ok(decisive);
            }
            match flatten(part) {
                Ok(inner) => kept.extend(inner.iter().cloned()),
                Err(other) if other == neutral || kept.contains(&other) => {}
                Err(other) => kept.push(other),
            }
        }
        match kept.len() {
            0 => Ok(neutral),
            1 => Ok(kept.remove(0)),
            _ => Err(kept),
        }
    }

    fn deeper_than(&self, levels: usize) -> bool {
        let Some(rest) = levels.checked_sub(1) else { return true };
        match self {
            Formula::Not(inner) => inner.deeper_than(rest),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().any(|part| part.deeper_than(rest)),
            _ => false,
        }
    }

    fn depends(&self, on: &dyn Fn(&Snapshot) -> bool) -> bool {
        match self {
            Formula::Atom { snapshot, .. } => on(snapshot),
            Formula::Not(inner) => inner.depends(on),
            Formula::All(parts) | Formula::Any(parts) => parts.iter().any(|part| part.depends(on)),
            Formula::True | Formula::False | Formula::Unknown => false,
        }
    }

    pub(super) fn value(self) -> Value {
        match self {
            Formula::True => Value::Bool(true),
            Formula::False => Value::Bool(false),
            Formula::Unknown => Value::Unknown,
            other => Value::Truth(Rc::new(other)),
        }
    }
}
