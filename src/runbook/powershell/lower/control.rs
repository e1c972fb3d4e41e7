//! Statements: assignments, conditions, loops, definitions.

use super::{Lowering, broken, find, named, shortened, variable_name};
use crate::runbook::powershell::ast::Expr;
use crate::runbook::powershell::ast::{
    Block, Clause, Function, Label, Matching, Prepared, ScriptBlock, Statement, StatementKind,
};
use crate::runbook::powershell::value::Value;
use std::rc::Rc;
use tree_sitter::Node;

impl Lowering<'_> {
    /// One statement.
    pub(super) fn statement(&mut self, node: Node) -> Statement {
        let span = self.span(node);
        if broken(node) {
            let text = self.text_of(node);
            return self.unsupported(node, format!("syntax error in `{}`", shortened(text)), None);
        }
        let kind = match node.kind() {
            "pipeline" => return self.pipeline(node),
            "pipeline_chain" => return self.pipeline_chain(node),
            "if_statement" => self.if_statement(node),
            "while_statement" | "do_statement" => self.while_statement(node),
            "for_statement" => self.for_statement(node),
            "foreach_statement" => {
                let (Some(variable), Some(list)) = (find(node, "variable"), find(node, "pipeline")) else {
                    return self.unsupported(node, "an incomplete `foreach`", None);
                };
                StatementKind::ForEach {
                    label: label_before(node, self),
                    variable: variable_name(self.text_of(variable)),
                    list: self.prepared(list),
                    body: self.block(find(node, "statement_block")),
                    parallel: find(node, "foreach_parameter").is_some(),
                }
            }
            "switch_statement" => self.switch_statement(node),
            "function_statement" => self.function_statement(node),
            "try_statement" => StatementKind::Try {
                body: self.block(find(node, "statement_block")),
                catches: find(node, "catch_clauses")
                    .into_iter()
                    .flat_map(|clauses| named(clauses, "catch_clause"))
                    .map(|clause| self.block(find(clause, "statement_block")))
                    .collect(),
                finally: find(node, "finally_clause").map(|clause| self.block(find(clause, "statement_block"))),
            },
            "trap_statement" => StatementKind::Trap {
                body: self.block(find(node, "statement_block")),
                every: find(node, "type_literal").is_none(),
            },
            "flow_control_statement" => self.flow_control(node),
            "label" | "comment" | "empty_statement" => StatementKind::Nothing,
            "parallel_statement" => {
                let all = self.block(find(node, "statement_block"));
                StatementKind::Parallel(all.iter().map(|statement| Rc::from([statement.clone()])).collect())
            }
            "class_statement" | "enum_statement" | "data_statement" => {
                return self.unsupported(node, format!("`{}`", node.kind().trim_end_matches("_statement")), None);
            }
            "assignment_expression" => self.assignment(node),
            _ => {
                let value = self.prepared(node);
                StatementKind::Output(value)
            }
        };
        Statement { kind, span }
    }

    fn if_statement(&mut self, node: Node) -> StatementKind {
        let mut arms = Vec::new();
        let mut arm = |lowering: &mut Self, clause: Node| {
            if let Some(condition) = clause.child_by_field_name("condition") {
                let condition = lowering.prepared(condition);
                arms.push((condition, lowering.block(find(clause, "statement_block"))));
            }
        };
        arm(self, node);
        for clause in find(node, "elseif_clauses").into_iter().flat_map(|clauses| named(clauses, "elseif_clause")) {
            arm(self, clause);
        }
        let otherwise = find(node, "else_clause").map(|clause| self.block(find(clause, "statement_block")));
        StatementKind::If { arms, otherwise }
    }

    fn while_statement(&mut self, node: Node) -> StatementKind {
        let body = self.block(find(node, "statement_block"));
        let condition = match node.child_by_field_name("condition").and_then(|condition| condition.named_child(0)) {
            Some(condition) => self.prepared(condition),
            None => Prepared { before: Rc::from([]), value: Expr::Opaque, span: self.span(node) },
        };
        StatementKind::While {
            label: label_before(node, self),
            condition,
            until: find(node, "until").is_some(),
            body_first: node.kind() == "do_statement",
            body,
        }
    }

    fn for_statement(&mut self, node: Node) -> StatementKind {
        let part = |lowering: &mut Self, name: &str| -> Block {
            lowering.block(node.child_by_field_name(name).and_then(|part| part.named_child(0)))
        };
        let start = part(self, "for_initializer");
        let step = part(self, "for_iterator");
        let condition = node
            .child_by_field_name("for_condition")
            .and_then(|part| part.named_child(0))
            .map(|inner| self.prepared(inner));
        StatementKind::For {
            label: label_before(node, self),
            start,
            condition,
            step,
            body: self.block(find(node, "statement_block")),
        }
    }

    fn switch_statement(&mut self, node: Node) -> StatementKind {
        let Some(subject) = find(node, "switch_condition").and_then(|condition| find(condition, "pipeline")) else {
            return StatementKind::Unsupported { what: "`switch -file`".into(), help: None };
        };
        let subject = self.prepared(subject);
        let (mut matching, mut cased) = (Matching::Exact, false);
        for parameter in find(node, "switch_parameters").into_iter().flat_map(|list| named(list, "switch_parameter")) {
            match self.text_of(parameter).to_ascii_lowercase().as_str() {
                "-regex" => matching = Matching::Regex,
                "-wildcard" => matching = Matching::Wildcard,
                "-casesensitive" => cased = true,
                _ => {}
            }
        }
        let mut clauses = Vec::new();
        let nodes = find(node, "switch_body").and_then(|body| find(body, "switch_clauses"));
        for clause in nodes.into_iter().flat_map(|list| named(list, "switch_clause")) {
            let Some(condition) = find(clause, "switch_clause_condition") else { continue };
            let text = self.text_of(condition).trim().to_owned();
            let condition = match condition.named_child(0) {
                _ if text.eq_ignore_ascii_case("default") => Clause::Default,
                Some(inner) if inner.kind() == "script_block_expression" => Clause::Block(self.script_block(inner)),
                Some(inner) => {
                    let mut before = Vec::new();
                    let value = self.expression(inner, &mut before);
                    if before.is_empty() { Clause::Value(value) } else { Clause::Value(Expr::Opaque) }
                }
                // To the grammar it is a word, in quotes or not.
                None => {
                    Clause::Value(match (text.parse(), text.strip_prefix('\'').and_then(|it| it.strip_suffix('\''))) {
                        (Ok(number), _) => Expr::Literal(Value::Int(number)),
                        (_, Some(plain)) => Expr::Literal(Value::text(plain.replace("''", "'"))),
                        _ if text.contains("$(") || text.contains("`$") => Expr::Opaque,
                        _ => self.bare_word(text.trim_matches('"')),
                    })
                }
            };
            clauses.push((condition, self.block(find(clause, "statement_block"))));
        }
        // Wherever it stands, `default` is for what nothing else has matched.
        clauses.sort_by_key(|(clause, _)| matches!(clause, Clause::Default));
        StatementKind::Switch { label: label_before(node, self), subject, matching, cased, clauses }
    }

    fn function_statement(&mut self, node: Node) -> StatementKind {
        let Some(name) = find(node, "function_name") else { return StatementKind::Nothing };
        let name = self.text_of(name).to_ascii_lowercase();
        let (scope, name) = name.rsplit_once(':').unwrap_or(("", &name));
        let everywhere = matches!(scope, "script" | "global");
        let name = Rc::from(name);
        let parameters = find(node, "function_parameter_declaration").map(|list| self.parameters(list));
        let filter = node.child(0).is_some_and(|word| self.text_of(word).eq_ignore_ascii_case("filter"));
        let block = match find(node, "script_block") {
            Some(block) => self.block_of(block, parameters, filter),
            None => ScriptBlock {
                parameters: parameters.unwrap_or_default(),
                body: Rc::from([]),
                stages: None,
                advanced: false,
            },
        };
        let function = Rc::new(Function { name, everywhere, block, span: self.span(node) });
        self.shared.functions.push(Rc::clone(&function));
        StatementKind::Define(function)
    }

    fn flow_control(&mut self, node: Node) -> StatementKind {
        let value = |lowering: &mut Self| find(node, "pipeline").map(|inner| lowering.prepared(inner));
        let label = || -> Label {
            let text = self.text_of(find(node, "label_expression")?);
            Some(Rc::from(text.trim().trim_start_matches(':').to_ascii_lowercase()))
        };
        match node.child(0).map(|word| word.kind()) {
            Some("break") => StatementKind::Break(label()),
            Some("continue") => StatementKind::Continue(label()),
            Some("return") => StatementKind::Return(value(self)),
            Some("exit") => StatementKind::Exit(value(self)),
            _ => StatementKind::Throw,
        }
    }

    /// `target = value`.
    pub(super) fn assignment(&mut self, node: Node) -> StatementKind {
        let Some(left) = find(node, "left_assignment_expression") else { return StatementKind::Nothing };
        let mut before = Vec::new();
        let target = self.target(left, &mut before);
        let operator = match find(node, "assignement_operator").map(|operator| self.text_of(operator).trim()) {
            Some("=") | None => None,
            Some(operator) => Some(super::expression::operator_named(operator.trim_end_matches('='))),
        };
        let value = node.child_by_field_name("value");
        let value = match value.filter(|value| super::counter(*value).is_some()) {
            Some(count) => {
                let span = self.span(count);
                Rc::from([Statement { kind: StatementKind::Output(self.prepared(count)), span }])
            }
            None => self.block(value),
        };
        before.extend(value.iter().cloned());
        // `$a = $b = 1`: an assignment gives no output, but as the value of another one it has a value.
        if let Some(Statement { kind: StatementKind::Assign { target, .. }, span }) = before.last() {
            let value = target.as_expression();
            let span = *span;
            let prepared = Prepared { before: Rc::from([]), value, span };
            before.push(Statement { kind: StatementKind::Output(prepared), span });
        }
        StatementKind::Assign { target, operator, value: before.into() }
    }
}

/// The label in front of a loop; the grammar makes it a sibling.
fn label_before(node: Node, lowering: &Lowering) -> Label {
    let label = node.prev_sibling().filter(|sibling| sibling.kind() == "label")?;
    Some(Rc::from(lowering.text_of(label).trim_start_matches(':').to_ascii_lowercase()))
}
