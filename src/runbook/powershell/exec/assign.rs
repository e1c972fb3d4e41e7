//! Assignments.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{BinaryOp, Block, Expr, Span, Statement, StatementKind, Target};
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::value::{MOST_ITEMS, Value};
use std::rc::Rc;

impl Reader<'_> {
    pub(super) fn assign(
        &mut self,
        target: &Target,
        operator: Option<BinaryOp>,
        value: &Block,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        // What a status cmdlet on the right reads is kept under the name of the variable: reading again refreshes.
        let home = match (target, operator) {
            (Target::Variable(name), None) => Some((Rc::clone(name), state.env.depth())),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.home, home);
        let outcomes: Vec<(Flow, State, Value)> = match &**value {
            // An expression keeps its array as it is; only the output of commands is taken apart.
            [Statement { kind: StatementKind::Output(prepared), .. }] => self
                .prepare(prepared, state, out)
                .into_iter()
                .map(|(state, value)| (Flow::Next, state, value))
                .collect(),
            _ => {
                let outcomes = self.captured(value, state).into_iter();
                outcomes.map(|(flow, state, values)| (flow, state, self.collected(values))).collect()
            }
        };
        self.home = outer;
        for (flow, mut state, value) in outcomes {
            if flow == Flow::Next {
                let value = match (operator, target) {
                    (Some(operator), _) => self.combined(target, operator, value, &state.env),
                    // What nobody can know, the scenario may say: the answer to a question, the lines of a file.
                    (None, Target::Variable(name)) if matches!(value, Value::Unknown | Value::Item(..)) => {
                        self.given(name).unwrap_or(value)
                    }
                    (None, _) => value,
                };
                if matches!(target, Target::Variable(name) if &**name == "ofs") {
                    let help = "leave it out, and write `-join`";
                    self.not_understood(span, "`$OFS`, which changes how lists become text,", Some(help.into()));
                }
                self.store(target, value, &mut state.env);
            }
            out.push((flow, state));
        }
    }

    fn combined(&self, target: &Target, operator: BinaryOp, value: Value, env: &Env) -> Value {
        let old = match target {
            Target::Typed(_, inner) => return self.combined(inner, operator, value, env),
            Target::Several(_) | Target::Opaque => return Value::Unknown,
            target => target.as_expression(),
        };
        self.eval(&Expr::Binary(operator, Box::new(old), Box::new(Expr::Literal(value))), env)
    }

    fn store(&self, target: &Target, value: Value, env: &mut Env) {
        match target {
            Target::Variable(name) if is_set_by_the_shell(name) => {}
            Target::Variable(name) => env.set(name, value.bounded()),
            Target::Typed(of, inner) => {
                let value = self.cast(of, value);
                self.store(inner, value, env);
            }
            Target::Element { object, key } => {
                let (old, key) = (self.eval(object, env), self.eval(key, env));
                let changed = match (&old, self.text(&key), &key) {
                    (Value::Record(fields), Some(key), _) => Some(with_field(fields, key, value)),
                    (Value::Array(items), _, Value::Int(at)) => {
                        let mut items = items.to_vec();
                        let at = if *at < 0 { at + items.len() as i64 } else { *at };
                        if let Some(item) = usize::try_from(at).ok().and_then(|at| items.get_mut(at)) {
                            *item = value;
                        }
                        Some(Value::array(items))
                    }
                    // The table of defaults is there from the start.
                    (Value::Null | Value::Unknown, Some(key), _) if is_defaults(object) => {
                        env.set("psdefaultparametervalues", Value::Record(Rc::new(vec![(key, value)])));
                        return;
                    }
                    _ => None,
                };
                match (changed, root(object)) {
                    (Some(changed), _) => env.change(&old, &changed),
                    (None, Some(name)) => env.forget(name),
                    (None, None) => {}
                }
            }
            Target::Several(targets) => {
                let items = match &value {
                    Value::Array(items) => items.to_vec(),
                    Value::Unknown => vec![Value::Unknown; targets.len()],
                    other => vec![other.clone()],
                };
                for (at, target) in targets.iter().enumerate() {
                    let value = match items.get(at) {
                        Some(_) if at + 1 == targets.len() && items.len() > targets.len() => {
                            Value::array(items[at..].to_vec())
                        }
                        Some(item) => item.clone(),
                        None => Value::Null,
                    };
                    self.store(target, value, env);
                }
            }
            Target::Opaque => {}
        }
    }
}

/// A table with one more field, or with another value for one that it has.
pub(in crate::runbook::powershell) fn with_field(fields: &[(Rc<str>, Value)], name: Rc<str>, value: Value) -> Value {
    let mut fields = fields.to_vec();
    match fields.iter().position(|(own, _)| own.eq_ignore_ascii_case(&name)) {
        Some(at) => fields[at].1 = value,
        None if fields.len() >= MOST_ITEMS => return Value::Unknown,
        None => fields.push((name, value)),
    }
    Value::Record(Rc::new(fields))
}

/// Variables that the shell sets after each command: what a script assigns to them does not last.
fn is_set_by_the_shell(name: &str) -> bool {
    let name = name.rsplit(':').next().unwrap_or(name);
    matches!(name, "?" | "lastexitcode" | "error" | "matches")
}

fn is_defaults(object: &Expr) -> bool {
    matches!(object, Expr::Variable(name) if &**name == "psdefaultparametervalues")
}

/// The variable that an expression begins with.
fn root(object: &Expr) -> Option<&str> {
    match object {
        Expr::Variable(name) => Some(name),
        Expr::Member { object, .. } | Expr::Index { object, .. } => root(object),
        _ => None,
    }
}
