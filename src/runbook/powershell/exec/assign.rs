//! Assignments.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{BinaryOp, Block, Expr, Statement, StatementKind, Target};
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::value::Value;
use std::rc::Rc;

impl Reader<'_> {
    pub(super) fn assign(
        &mut self,
        target: &Target,
        operator: Option<BinaryOp>,
        value: &Block,
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
                self.store(target, value, &mut state.env);
            }
            out.push((flow, state));
        }
    }

    fn combined(&self, target: &Target, operator: BinaryOp, value: Value, env: &Env) -> Value {
        let old = match target {
            Target::Variable(name) => Expr::Variable(Rc::clone(name)),
            Target::Element { variable, key } => {
                Expr::Index { object: Box::new(Expr::Variable(Rc::clone(variable))), index: Box::new(key.clone()) }
            }
            Target::Typed(_, inner) => return self.combined(inner, operator, value, env),
            Target::Several(_) | Target::Opaque => return Value::Unknown,
        };
        self.eval(&Expr::Binary(operator, Box::new(old), Box::new(Expr::Literal(value))), env)
    }

    fn store(&self, target: &Target, value: Value, env: &mut Env) {
        match target {
            Target::Variable(name) => env.set(name, value.bounded()),
            Target::Typed(of, inner) => {
                let value = self.cast(of, value);
                self.store(inner, value, env);
            }
            Target::Element { variable, key } => {
                let key = self.eval(key, env);
                let changed = match (env.get(variable), self.text(&key), &key) {
                    (Some(Value::Record(fields)), Some(key), _) => {
                        let mut fields = fields.to_vec();
                        match fields.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(&key)) {
                            Some((_, old)) => *old = value,
                            None => fields.push((key, value)),
                        }
                        Value::Record(Rc::new(fields))
                    }
                    (Some(Value::Array(items)), _, Value::Int(at)) => {
                        let mut items = items.to_vec();
                        if let Some(item) = usize::try_from(*at).ok().and_then(|at| items.get_mut(at)) {
                            *item = value;
                        }
                        Value::array(items)
                    }
                    _ => Value::Unknown,
                };
                env.set(variable, changed.bounded());
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
