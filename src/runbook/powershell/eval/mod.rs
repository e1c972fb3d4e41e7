//! Evaluation of expressions: values from values, without effects.
//!
//! What cannot be known comes out as [`Value::Unknown`]; nothing here fails.

mod member;
pub(super) use member::{OPEN, by_answer, made};
pub(super) use operator::compared;
mod operator;
pub(super) mod pattern;

use super::Reader;
use super::ast::{Expr, UnaryOp};
use super::env::Env;
use super::value::{Formula, Value};
use std::rc::Rc;

impl Reader<'_> {
    /// The value of an expression.
    pub(super) fn eval(&self, expr: &Expr, env: &Env) -> Value {
        match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Joined(parts) => self.concatenated(parts.iter().map(|part| self.eval(part, env)).collect()),
            Expr::Variable(name) => self.variable(name, env),
            Expr::Temp(temp) => env.temp(*temp),
            Expr::Member { object, name } => {
                let object = self.eval(object, env);
                match self.eval(name, env) {
                    Value::Text(name) => self.member(&object, &name.to_ascii_lowercase()),
                    _ => Value::Unknown,
                }
            }
            Expr::Index { object, index } => self.element(&self.eval(object, env), &self.eval(index, env)),
            // Without `-WhatIf` the answer is yes; what `-Confirm` asks is answered with yes as well.
            Expr::Method { object, name, .. } if is_cmdlet_itself(object) && &**name == "shouldprocess" => {
                let rehearses = self.truth(&env.get("whatifpreference").cloned().unwrap_or(Value::Null));
                rehearses.not().value()
            }
            Expr::Method { object, name, arguments } => {
                let arguments: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, env)).collect();
                self.method(&self.eval(object, env), name, &arguments)
            }
            Expr::Static { of, name, arguments } => {
                let arguments =
                    arguments.as_ref().map(|list| list.iter().map(|item| self.eval(item, env)).collect::<Vec<_>>());
                self.static_member(of, name, arguments.as_deref(), env)
            }
            Expr::Unary(op, inner) => self.unary(*op, self.eval(inner, env)),
            Expr::Binary(op, left, right) => self.binary(*op, &self.eval(left, env), &self.eval(right, env)),
            Expr::Cast(of, inner) => self.cast(of, self.eval(inner, env)),
            Expr::Array(items) => {
                let values: Vec<Value> = items.iter().map(|item| self.eval(item, env)).collect();
                Value::array(values)
            }
            Expr::Hash(entries) => {
                let mut fields: Vec<(Rc<str>, Value)> = Vec::new();
                for (key, value) in entries {
                    match self.text(&self.eval(key, env)) {
                        Some(key) => fields.push((key, self.eval(value, env))),
                        None => return Value::Unknown,
                    }
                }
                Value::Record(Rc::new(fields))
            }
            Expr::Opaque => Value::Unknown,
        }
    }

    fn variable(&self, name: &str, env: &Env) -> Value {
        match name {
            "true" => return Value::Bool(true),
            "false" => return Value::Bool(false),
            "null" => return Value::Null,
            "env:computername" => {
                let machine = env.machine.map(|machine| &*self.context.deployment.servers[machine.0].fqdn);
                return machine.map_or(Value::Unknown, |fqdn| Value::text(fqdn.split('.').next().unwrap_or(fqdn)));
            }
            "env:userdnsdomain" => {
                let machine = env.machine.map(|machine| &*self.context.deployment.servers[machine.0].fqdn);
                return machine
                    .and_then(|fqdn| fqdn.split_once('.'))
                    .map_or(Value::Unknown, |(_, domain)| Value::text(domain));
            }
            // Paths are relative to the folder of the script.
            "psscriptroot" => return Value::text("."),
            "pscommandpath" => return Value::text(".\\script.ps1"),
            "myinvocation" => {
                let path = || Value::text(".\\script.ps1");
                let command = vec![
                    ("Path".into(), path()),
                    ("Definition".into(), path()),
                    ("Name".into(), Value::text("script.ps1")),
                ];
                return Value::Record(Rc::new(vec![("MyCommand".into(), Value::Record(Rc::new(command)))]));
            }
            _ => {}
        }
        match env.get(name) {
            Some(value) => value.clone(),
            None if is_automatic(name) => Value::Unknown,
            // PowerShell reads a variable that was never assigned as nothing.
            None => Value::Null,
        }
    }

    /// The text of a value in a string or as an argument, if it is known.
    pub(super) fn text(&self, value: &Value) -> Option<Rc<str>> {
        Some(match value {
            Value::Null => "".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(number) => number.to_string().into(),
            Value::Text(text) => Rc::clone(text),
            Value::Server(server) => self.context.deployment.servers[server.0].fqdn.as_str().into(),
            Value::Pool(pool) => self.context.deployment.pools[pool.0].fqdn.as_str().into(),
            Value::PoolService(pool, role) => format!("{role}:{}", self.context.deployment.pools[pool.0].fqdn).into(),
            Value::Array(items) => {
                let texts: Option<Vec<Rc<str>>> = items.iter().map(|item| self.text(item)).collect();
                texts?.join(" ").into()
            }
            _ => return None,
        })
    }

    fn concatenated(&self, parts: Vec<Value>) -> Value {
        if let Some((at, cases)) = parts.iter().enumerate().find_map(|(at, part)| match part {
            Value::Cases(cases) => Some((at, Rc::clone(cases))),
            _ => None,
        }) {
            return cases.map(|case| {
                let mut parts = parts.clone();
                parts[at] = case.clone();
                self.concatenated(parts)
            });
        }
        if let [only @ Value::Item(..)] = parts.as_slice() {
            return only.clone();
        }
        let texts: Option<Vec<Rc<str>>> = parts.iter().map(|part| self.text(part)).collect();
        texts.map_or(Value::Unknown, |texts| Value::text(texts.concat()))
    }

    /// Whether a value counts as true.
    pub(super) fn truth(&self, value: &Value) -> Formula {
        match value {
            Value::Null => Formula::False,
            Value::Bool(value) => Formula::known(*value),
            Value::Int(number) => Formula::known(*number != 0),
            Value::Text(text) => Formula::known(!text.is_empty()),
            Value::Array(items) => match items.as_slice() {
                [] => Formula::False,
                [only] => self.truth(only),
                _ => Formula::True,
            },
            Value::Maybe(items) => Formula::any(items.iter().map(|(when, _)| when.clone())),
            Value::Count(items) => Formula::any(items.iter().cloned()),
            Value::Cases(cases) => {
                let mut mask = 0;
                for (at, case) in cases.values.iter().enumerate() {
                    match self.truth(case) {
                        Formula::True => mask |= 1 << at,
                        Formula::False => {}
                        _ => return Formula::Unknown,
                    }
                }
                Formula::atom(&cases.snapshot, cases.question, mask)
            }
            Value::Truth(formula) => (**formula).clone(),
            Value::Unknown | Value::Item(..) => Formula::Unknown,
            _ => Formula::True,
        }
    }

    fn unary(&self, op: UnaryOp, value: Value) -> Value {
        match (op, &value) {
            (UnaryOp::Not, Value::Cases(cases)) => cases.map(|case| self.unary(op, case.clone())),
            (UnaryOp::Not, _) => self.truth(&value).not().value(),
            (UnaryOp::Minus, Value::Int(number)) => number.checked_neg().map_or(Value::Unknown, Value::Int),
            (UnaryOp::Plus, Value::Int(_)) => value,
            (UnaryOp::Join, _) => match &value {
                Value::Array(items) => {
                    let texts: Option<Vec<Rc<str>>> = items.iter().map(|item| self.text(item)).collect();
                    texts.map_or(Value::Unknown, |texts| Value::text(texts.concat()))
                }
                other => self.text(other).map_or(Value::Unknown, Value::Text),
            },
            (UnaryOp::Split, Value::Text(text)) => Value::array(text.split_whitespace().map(Value::text).collect()),
            _ => Value::Unknown,
        }
    }

    pub(super) fn cast(&self, of: &str, value: Value) -> Value {
        match of {
            "string" => self.text(&value).map_or(value, Value::Text),
            "int" | "int32" | "int64" | "long" => match &value {
                Value::Text(text) => text.trim().parse().map_or(Value::Unknown, Value::Int),
                Value::Null => Value::Int(0),
                Value::Bool(flag) => Value::Int(i64::from(*flag)),
                _ => value,
            },
            "bool" | "boolean" => match value {
                Value::Cases(_) => value,
                other => self.truth(&other).value(),
            },
            "void" => Value::array(Vec::new()),
            "array" | "string[]" | "object[]" | "psobject[]" => match value {
                Value::Array(_) | Value::Maybe(_) | Value::Unknown => value,
                Value::Null => Value::array(Vec::new()),
                other => Value::array(vec![other]),
            },
            _ => value,
        }
    }

    /// The elements of a value that a loop or a pipeline goes over, with the condition of each;
    /// `None` if they are not known.
    pub(super) fn elements(&self, value: &Value) -> Option<Vec<(Formula, Value)>> {
        match value {
            Value::Null => Some(Vec::new()),
            Value::Array(items) => Some(items.iter().map(|item| (Formula::True, item.clone())).collect()),
            Value::Maybe(items) => Some(items.to_vec()),
            Value::Unknown => None,
            Value::Cases(cases) if cases.values.iter().any(|case| matches!(case, Value::Array(_) | Value::Null)) => {
                None
            }
            other => Some(vec![(Formula::True, other.clone())]),
        }
    }

    /// An array of elements that are there under conditions; plain if all conditions are known.
    pub(super) fn sifted(&self, items: Vec<(Formula, Value)>) -> Value {
        let items: Vec<(Formula, Value)> = items.into_iter().filter(|(when, _)| *when != Formula::False).collect();
        if items.iter().all(|(when, _)| *when == Formula::True) {
            return Value::array(items.into_iter().map(|(_, value)| value).collect());
        }
        Value::Maybe(Rc::new(items))
    }
}

fn is_cmdlet_itself(object: &Expr) -> bool {
    matches!(object, Expr::Variable(name) if &**name == "pscmdlet")
}

/// Variables that PowerShell sets itself; their values are not followed.
pub(super) fn is_automatic(name: &str) -> bool {
    name.starts_with("env:")
        || matches!(
            name,
            "_" | "?"
                | "^"
                | "$"
                | "args"
                | "error"
                | "erroractionpreference"
                | "executioncontext"
                | "foreach"
                | "home"
                | "host"
                | "input"
                | "lastexitcode"
                | "matches"
                | "myinvocation"
                | "ofs"
                | "pid"
                | "profile"
                | "psboundparameters"
                | "pscmdlet"
                | "pscommandpath"
                | "psculture"
                | "psitem"
                | "psscriptroot"
                | "psuiculture"
                | "psversiontable"
                | "pwd"
                | "sender"
                | "shellid"
                | "stacktrace"
                | "switch"
                | "this"
                | "verbosepreference"
                | "warningpreference"
                | "debugpreference"
                | "confirmpreference"
                | "whatifpreference"
                | "progresspreference"
                | "informationpreference"
                | "iswindows"
                | "islinux"
                | "ismacos"
                | "nestedpromptlevel"
                | "psemailserver"
                | "maximumhistorycount"
                | "outputencoding"
                | "formatenumerationlimit"
                | "event"
                | "eventargs"
        )
}
