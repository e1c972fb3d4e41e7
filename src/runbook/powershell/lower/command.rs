//! Pipelines and commands.

use super::{Lowering, find, named, variable_name};
use crate::runbook::powershell::ast::{
    BinaryOp, Command, Element, Expr, Invocation, Pipeline, Prepared, Statement, StatementKind,
};
use crate::runbook::powershell::value::Value;
use std::rc::Rc;
use tree_sitter::Node;

impl Lowering<'_> {
    /// A pipeline as a statement: an assignment, an expression, or commands.
    pub(super) fn pipeline(&mut self, node: Node) -> Statement {
        let span = self.span(node);
        if let Some(assignment) = find(node, "assignment_expression") {
            return Statement { kind: self.assignment(assignment), span };
        }
        let chains = named(node, "pipeline_chain");
        match chains.as_slice() {
            [chain] => self.pipeline_chain(*chain),
            _ => self.unsupported(node, "`&&` or `||` between commands", Some("write an `if`")),
        }
    }

    /// What stands between `&&` and `||`.
    pub(super) fn pipeline_chain(&mut self, node: Node) -> Statement {
        let span = self.span(node);
        let mut head = None;
        let mut range = None;
        let mut commands = Vec::new();
        let mut cursor = node.walk();
        let children: Vec<Node> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                // The grammar takes `1..3` for the name of a command.
                "command" if commands.is_empty() && head.is_none() && self.range(child).is_some() => {
                    range = self.range(child);
                }
                "command" => commands.push(self.command(child)),
                "redirections" | "verbatim_command_argument" | "comment" => {}
                _ => head = Some(child),
            }
        }
        if let (Some(only), true) = (head, commands.is_empty()) {
            return Statement { kind: StatementKind::Output(self.prepared(only)), span };
        }
        let range = range.map(|value| Prepared { before: Rc::from([]), value, span });
        if let (Some(range), true) = (&range, commands.is_empty()) {
            return Statement { kind: StatementKind::Output(range.clone()), span };
        }
        let head = head.map(|head| self.prepared(head)).or(range);
        Statement { kind: StatementKind::Pipeline(Pipeline { head, commands }), span }
    }

    /// `1..3`, `1..$n`.
    fn range(&self, node: Node) -> Option<Expr> {
        let (from, to) = self.text_of(node).trim().split_once("..")?;
        let from = from.parse().ok()?;
        let to = match to.parse() {
            Ok(to) => Expr::Literal(Value::Int(to)),
            Err(_) => Expr::Variable(variable_name(
                to.strip_prefix('$').filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'))?,
            )),
        };
        Some(Expr::Binary(BinaryOp::Range, Box::new(Expr::Literal(Value::Int(from))), Box::new(to)))
    }

    fn command(&mut self, node: Node) -> Command {
        let mut before = Vec::new();
        let invocation = match find(node, "command_invokation_operator").map(|operator| self.text_of(operator).trim()) {
            Some("&") => Invocation::Call,
            Some(".") => Invocation::Source,
            _ => Invocation::Plain,
        };
        let name = match node.child_by_field_name("command_name") {
            Some(name) => self.command_name(name, &mut before),
            None => Expr::Opaque,
        };
        let mut elements = Vec::new();
        if let Some(list) = node.child_by_field_name("command_elements") {
            self.elements(list, &mut elements, &mut before);
        }
        Command { before: before.into(), invocation, name, elements, span: self.span(node) }
    }

    fn command_name(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        if node.kind() == "command_name_expr" {
            return match node.named_child(0) {
                Some(inner) => self.command_name(inner, before),
                None => Expr::Literal(Value::text(self.text_of(node))),
            };
        }
        if matches!(node.kind(), "command_name" | "path_command_name") {
            let text: String = self.text_of(node).chars().filter(|c| !matches!(c, '`' | '"' | '\'')).collect();
            return self.bare_word(&text);
        }
        self.expression(node, before)
    }

    fn elements(&mut self, list: Node, elements: &mut Vec<Element>, before: &mut Vec<Statement>) {
        let mut cursor = list.walk();
        let children: Vec<Node> = list.children(&mut cursor).collect();
        // `-Name:value` binds the value that follows the colon.
        let mut colon = false;
        let mut comma = false;
        for child in children {
            match child.kind() {
                "command_argument_sep" => {
                    colon |= self.text_of(child).contains(':')
                        && matches!(elements.last(), Some(Element::Parameter { value: None, .. }));
                }
                "," => comma = true,
                "command_parameter" => {
                    let text = self.text_of(child);
                    let name = text.trim_start_matches('-').replace('`', "");
                    elements.push(Element::Parameter { name: name.into(), value: None, span: self.span(child) });
                    (colon, comma) = (false, false);
                }
                "redirection" | "stop_parsing" | "comment" => {}
                "argument_list" => {
                    let mut arguments = Vec::new();
                    for list in named(child, "argument_expression_list") {
                        for argument in named(list, "argument_expression") {
                            arguments.push(self.expression(argument, before));
                        }
                    }
                    // `Verb-Noun $x.Trim()` calls a method; `Verb-Noun (a)(b)` has one more argument.
                    let follows = child.prev_sibling().is_some_and(|other| other.end_byte() == child.start_byte());
                    if follows && let Some((last, object, name)) = called(elements) {
                        *last = self.method(child, *object, &name, arguments, before);
                        continue;
                    }
                    // `fe$($n - 2)` is one word, of which the grammar makes two arguments.
                    if follows && let Some(word) = unfinished(elements) {
                        let more = child.next_sibling().is_some_and(|other| other.start_byte() == child.end_byte());
                        let mut parts = vec![std::mem::replace(word, Expr::Opaque)];
                        parts.extend(arguments);
                        if !more {
                            *word = Expr::Joined(parts);
                        }
                        continue;
                    }
                    elements.extend(arguments.into_iter().map(Element::Argument));
                }
                _ if child.is_named() => {
                    if let Some(name) = self.splatted(child) {
                        elements.push(Element::Splat(name));
                        continue;
                    }
                    let value = match child.kind() {
                        "generic_token" => self.bare_argument(child),
                        _ => self.expression(child, before),
                    };
                    attach(elements, value, std::mem::take(&mut colon), std::mem::take(&mut comma));
                }
                _ => {}
            }
        }
    }

    fn bare_argument(&self, node: Node) -> Expr {
        let text = self.text_of(node);
        if let Ok(number) = text.parse() {
            return Expr::Literal(Value::Int(number));
        }
        self.bare_word(text)
    }

    fn splatted(&self, node: Node) -> Option<Rc<str>> {
        let text = self.text_of(node);
        let name = text.strip_prefix('@')?;
        let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ':');
        word.then(|| variable_name(text))
    }
}

/// The last argument, or the last of a list.
fn last_argument(elements: &mut [Element]) -> Option<&mut Expr> {
    let last = match elements.last_mut()? {
        Element::Argument(last) | Element::Parameter { value: Some(last), .. } => last,
        _ => return None,
    };
    match last {
        Expr::Array(items) => items.last_mut(),
        other => Some(other),
    }
}

/// The last argument, if it is a word that ends in a `$` for the brackets after it to go on; the `$` is gone then.
fn unfinished(elements: &mut [Element]) -> Option<&mut Expr> {
    let word = last_argument(elements)?;
    let end = match &mut *word {
        Expr::Joined(parts) => parts.last_mut()?,
        other => other,
    };
    let Expr::Literal(Value::Text(text)) = end else { return None };
    let begin = Value::text(text.strip_suffix('$')?);
    *end = Expr::Literal(begin);
    Some(word)
}

/// The last argument, if it is a member, with the object and the name: what is called by the brackets after it.
fn called(elements: &mut [Element]) -> Option<(&mut Expr, Box<Expr>, Rc<str>)> {
    let last = last_argument(elements)?;
    let Expr::Member { object, name } = &*last else { return None };
    let Expr::Literal(Value::Text(name)) = &**name else { return None };
    let (object, name) = (object.clone(), Rc::from(name.to_ascii_lowercase()));
    Some((last, object, name))
}

/// Adds an argument: to the parameter before a colon, to the list before a comma, or as one of its own.
fn attach(elements: &mut Vec<Element>, argument: Expr, colon: bool, comma: bool) {
    match elements.last_mut() {
        Some(Element::Parameter { value: value @ None, .. }) if colon => *value = Some(argument),
        Some(Element::Argument(last) | Element::Parameter { value: Some(last), .. }) if comma => {
            let mut items = match std::mem::replace(last, Expr::Opaque) {
                Expr::Array(items) => items,
                other => vec![other],
            };
            items.push(argument);
            *last = Expr::Array(items);
        }
        _ => elements.push(Element::Argument(argument)),
    }
}
