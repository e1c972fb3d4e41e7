//! Strings: quotes, escapes, and the variables inside.

use super::{Lowering, variable_name};
use crate::runbook::powershell::ast::{Expr, Statement, StatementKind};
use crate::runbook::powershell::value::Value;
use tree_sitter::Node;

impl Lowering<'_> {
    /// A string literal of any of the four kinds.
    pub(super) fn string(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let text = self.text_of(node);
        match node.kind() {
            "verbatim_string_characters" => Expr::Literal(Value::text(
                text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap_or(text).replace("''", "'"),
            )),
            "verbatim_here_string_characters" => Expr::Literal(Value::text(here_string(text))),
            "expandable_string_literal" | "expandable_here_string_literal" => self.expandable(node, before),
            _ => match node.named_child(0) {
                Some(inner) => self.string(inner, before),
                None => Expr::Literal(Value::text(text)),
            },
        }
    }

    fn expandable(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let here = node.kind() == "expandable_here_string_literal";
        let text = self.text_of(node);
        let (mut from, to) = if here {
            let first = text.find('\n').map_or(text.len(), |at| at + 1);
            (node.start_byte() + first, node.start_byte() + text.rfind('\n').unwrap_or(text.len()).max(first))
        } else {
            (node.start_byte() + 1, node.end_byte().saturating_sub(1))
        };
        let mut parts = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.plain_part(from, child.start_byte().min(to), &mut parts);
            match child.kind() {
                "variable" => parts.push(Expr::Variable(variable_name(self.text_of(child)))),
                "sub_expression" => parts.push(self.sub_expression(child, false, before)),
                _ => {}
            }
            from = child.end_byte();
        }
        self.plain_part(from, to, &mut parts);
        match parts.as_slice() {
            [] => Expr::Literal(Value::text("")),
            [Expr::Literal(_)] => parts.remove(0),
            _ => Expr::Joined(parts),
        }
    }

    fn plain_part(&self, from: usize, to: usize, parts: &mut Vec<Expr>) {
        if let Some(text) = self.text.get(from..to).filter(|text| !text.is_empty()) {
            parts.push(Expr::Literal(Value::text(unescaped(text))));
        }
    }

    /// `$( … )` or `@( … )`: runs before the expression and leaves its output in a temporary.
    pub(super) fn sub_expression(&mut self, node: Node, array: bool, before: &mut Vec<Statement>) -> Expr {
        let block = self.block(node.child_by_field_name("statements"));
        if let ([Statement { kind: StatementKind::Output(only), .. }], false) = (&*block, array) {
            before.extend(only.before.iter().cloned());
            return only.value.clone();
        }
        let temp = self.temp();
        before.push(Statement { kind: StatementKind::Capture { temp, block, array }, span: self.span(node) });
        Expr::Temp(temp)
    }

    /// A word without quotes, in which variables are expanded: `\\$server\share`.
    pub(super) fn bare_word(&self, text: &str) -> Expr {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let length = match after.strip_prefix('{') {
                Some(inner) => inner.find('}').map_or(0, |end| end + 2),
                None => after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(after.len()),
            };
            if length == 0 {
                plain.push('$');
            } else {
                if !plain.is_empty() {
                    parts.push(Expr::Literal(Value::text(std::mem::take(&mut plain))));
                }
                parts.push(Expr::Variable(variable_name(&after[..length])));
            }
            rest = &after[length..];
        }
        plain.push_str(rest);
        let plain = unescaped(&plain);
        if parts.is_empty() {
            return Expr::Literal(Value::text(plain));
        }
        if !plain.is_empty() {
            parts.push(Expr::Literal(Value::text(plain)));
        }
        match parts.as_slice() {
            [Expr::Variable(_)] => parts.remove(0),
            _ => Expr::Joined(parts),
        }
    }
}

fn here_string(text: &str) -> &str {
    let first = text.find('\n').map_or(text.len(), |at| at + 1);
    let last = text.rfind('\n').unwrap_or(text.len()).max(first);
    text[first..last].trim_end_matches('\r')
}

/// Resolves backtick escapes and doubled quotes.
fn unescaped(text: &str) -> String {
    if !text.contains(['`', '"']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '`' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some('0') => out.push('\0'),
                Some('\n') | None => {}
                Some(other) => out.push(other),
            },
            '"' => {
                characters.next_if_eq(&'"');
                out.push('"');
            }
            other => out.push(other),
        }
    }
    out
}
