//! Binding arguments to parameters: by name in any case, by an abbreviation that fits one parameter
//! only, by alias, by position.

use super::ast::Span;
use super::value::Value;
use std::rc::Rc;

/// An argument as it was written.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    /// `-Name`, `-Name:value`, or an entry of a splatted table.
    Named {
        name: Rc<str>,
        value: Option<Value>,
        span: Span,
    },
    Positional(Value),
    /// A splatted variable of which nothing is known.
    Unknown,
}

/// The arguments of a command.
#[derive(Debug, Clone)]
pub(super) struct Arguments {
    pub(super) list: Vec<Argument>,
    pub(super) span: Span,
}

/// A parameter that can be bound.
#[derive(Debug, Clone)]
pub(super) struct Formal<'a> {
    pub(super) name: &'a str,
    pub(super) aliases: Vec<&'a str>,
    pub(super) switch: bool,
    pub(super) positional: bool,
}

/// What was wrong with an argument.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) span: Option<Span>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Arguments by the index of their parameter.
#[derive(Debug, Clone, Default)]
pub(super) struct Bound {
    pub(super) values: Vec<(usize, Value)>,
    /// Positional arguments that no parameter takes.
    pub(super) rest: Vec<Value>,
    pub(super) problems: Vec<Problem>,
}

/// Binds arguments.
pub(super) fn bind(formals: &[Formal], arguments: &Arguments) -> Bound {
    let mut bound = Bound::default();
    let mut positional = Vec::new();
    let mut list = arguments.list.iter().peekable();
    while let Some(argument) = list.next() {
        match argument {
            Argument::Positional(value) => positional.push(value.clone()),
            Argument::Unknown => bound.problems.push(Problem {
                span: None,
                message: "the splatted arguments are not known".into(),
                help: Some("assign the table in the script, with literal keys".into()),
            }),
            Argument::Named { name, value, span } => match find(formals, name) {
                Ok(at) if bound.values.iter().any(|(taken, _)| *taken == at) => {
                    bound.problems.push(Problem {
                        span: Some(*span),
                        message: format!("there are two values for the parameter `-{name}`"),
                        help: Some("Windows PowerShell refuses such a command; give it once".into()),
                    });
                    if value.is_none() && !formals[at].switch {
                        list.next_if(|next| matches!(next, Argument::Positional(_)));
                    }
                }
                Ok(at) if formals[at].switch => bound.values.push((at, value.clone().unwrap_or(Value::Bool(true)))),
                Ok(at) => match value {
                    Some(value) => bound.values.push((at, value.clone())),
                    None => match list.next_if(|next| matches!(next, Argument::Positional(_))) {
                        Some(Argument::Positional(value)) => bound.values.push((at, value.clone())),
                        _ => bound.problems.push(Problem {
                            span: Some(*span),
                            message: format!("the parameter `-{name}` has no value"),
                            help: None,
                        }),
                    },
                },
                Err((message, help)) => {
                    bound.problems.push(Problem { span: Some(*span), message, help });
                    // The value of a parameter that does not exist must not fill a position.
                    if value.is_none() {
                        list.next_if(|next| matches!(next, Argument::Positional(_)));
                    }
                }
            },
        }
    }
    let mut free = (0..formals.len()).filter(|at| formals[*at].positional);
    for value in positional {
        match free.find(|at| bound.values.iter().all(|(taken, _)| taken != at)) {
            Some(at) => bound.values.push((at, value)),
            None => bound.rest.push(value),
        }
    }
    bound
}

fn find(formals: &[Formal], name: &str) -> Result<usize, (String, Option<String>)> {
    let names = |formal: &Formal| {
        std::iter::once(formal.name).chain(formal.aliases.iter().copied()).map(str::to_owned).collect::<Vec<_>>()
    };
    if let Some(at) = formals.iter().position(|formal| names(formal).iter().any(|own| own.eq_ignore_ascii_case(name))) {
        return Ok(at);
    }
    let starts = |own: &str| own.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let fitting: Vec<usize> =
        (0..formals.len()).filter(|at| names(&formals[*at]).iter().any(|own| starts(own))).collect();
    match fitting.as_slice() {
        [only] => Ok(*only),
        [] => {
            let nearest = super::words::nearest(name, formals.iter().map(|formal| formal.name));
            Err((
                format!("there is no parameter `-{name}`"),
                nearest.map(|nearest| format!("did you mean `-{nearest}`?")),
            ))
        }
        several => {
            let several: Vec<String> = several.iter().map(|at| format!("`-{}`", formals[*at].name)).collect();
            Err((format!("`-{name}` may stand for {}", several.join(" or ")), Some("write the parameter out".into())))
        }
    }
}
