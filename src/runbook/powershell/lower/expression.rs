//! Expressions.

use super::{DEEPEST, Lowering, find, named, shortened, variable_name};
use crate::runbook::powershell::ast::{BinaryOp, Expr, Prepared, Statement, StatementKind, Target, Test, UnaryOp};
use crate::runbook::powershell::value::Value;
use std::rc::Rc;
use std::sync::LazyLock;
use tree_sitter::Node;

impl Lowering<'_> {
    /// An expression; what it does beside having a value is appended to `before`.
    pub(super) fn expression(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        if self.depth >= DEEPEST {
            return self.opaque(node, before, "an expression nested too deeply");
        }
        self.depth += 1;
        let expr = self.expression_here(node, before);
        self.depth -= 1;
        expr
    }

    fn expression_here(&mut self, mut node: Node, before: &mut Vec<Statement>) -> Expr {
        // One node per level of precedence, most with a single child.
        while node.child_count() == 1 && is_level(node) {
            let Some(child) = node.child(0) else { break };
            node = child;
        }
        match node.kind() {
            "logical_expression" | "logical_argument_expression" => self.logical(node, before),
            "bitwise_expression"
            | "comparison_expression"
            | "additive_expression"
            | "multiplicative_expression"
            | "format_expression"
            | "range_expression"
            | "bitwise_argument_expression"
            | "comparison_argument_expression"
            | "additive_argument_expression"
            | "multiplicative_argument_expression"
            | "format_argument_expression"
            | "range_argument_expression" => self.binary(node, before),
            "array_literal_expression" => {
                let mut cursor = node.walk();
                let items: Vec<Node> =
                    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect();
                Expr::Array(items.into_iter().map(|item| self.expression(item, before)).collect())
            }
            "expression_with_unary_operator" => self.unary(node, before),
            "cast_expression" => {
                let of = find(node, "type_literal").map(|of| self.type_name(of)).unwrap_or_else(|| "object".into());
                match find(node, "unary_expression") {
                    Some(inner) => Expr::Cast(of, Box::new(self.expression(inner, before))),
                    None => Expr::Opaque,
                }
            }
            "integer_literal" | "decimal_integer_literal" | "hexadecimal_integer_literal" => {
                integer(self.text_of(node))
                    .map_or(Expr::Literal(Value::Unknown), |number| Expr::Literal(Value::Int(number)))
            }
            "real_literal" => Expr::Literal(Value::Unknown),
            "string_literal"
            | "expandable_string_literal"
            | "verbatim_string_characters"
            | "expandable_here_string_literal"
            | "verbatim_here_string_characters" => self.string(node, before),
            "variable" | "braced_variable" => Expr::Variable(variable_name(self.text_of(node))),
            "attributed_variable" => match find(node, "variable") {
                Some(inner) => self.expression(inner, before),
                None => Expr::Opaque,
            },
            "parenthesized_expression" => match node.named_child(0) {
                Some(inner) => self.expression(inner, before),
                None => Expr::Opaque,
            },
            "pipeline" | "pipeline_chain" => self.pipeline_value(node, before),
            "sub_expression" => self.sub_expression(node, false, before),
            "array_expression" => self.sub_expression(node, true, before),
            "script_block_expression" => Expr::Literal(Value::Block(self.script_block(node))),
            "hash_literal_expression" => self.hash(node, before),
            "type_literal" => Expr::Opaque,
            "member_access" => self.member(node, before),
            "element_access" => {
                let (Some(object), Some(index)) = (node.named_child(0), node.named_child(1)) else {
                    return Expr::Opaque;
                };
                let object = Box::new(self.expression(object, before));
                Expr::Index { object, index: Box::new(self.expression(index, before)) }
            }
            "invokation_expression" => self.invocation(node, before),
            "post_increment_expression" | "post_decrement_expression" => {
                let old = self.step(node, before);
                old.map_or(Expr::Opaque, Expr::Temp)
            }
            "pre_increment_expression" | "pre_decrement_expression" => {
                self.step(node, before);
                node.named_child(0).map_or(Expr::Opaque, |inner| self.expression(inner, before))
            }
            "argument_expression" | "unary_expression" | "key_expression" | "member_name" | "command_name_expr" => {
                match node.named_child(0) {
                    Some(inner) => self.expression(inner, before),
                    None => Expr::Literal(Value::text(self.text_of(node))),
                }
            }
            "simple_name" | "generic_token" | "command_name" | "path_command_name" => {
                self.bare_word(self.text_of(node))
            }
            "ERROR" => self.opaque(node, before, &format!("syntax error at `{}`", shortened(self.text_of(node)))),
            other => self.opaque(node, before, &format!("the construct `{}` ({other})", shortened(self.text_of(node)))),
        }
    }

    /// The value of a pipeline inside an expression: commands run first and leave it in a temporary.
    fn pipeline_value(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let statement = self.statement(node);
        match statement.kind {
            StatementKind::Output(prepared) => {
                before.extend(prepared.before.iter().cloned());
                prepared.value
            }
            StatementKind::Assign { ref target, .. } => {
                let value = target.as_expression();
                before.push(statement);
                value
            }
            _ => {
                let temp = self.temp();
                let span = statement.span;
                before.push(Statement {
                    kind: StatementKind::Capture { temp, block: Rc::from([statement]), array: false },
                    span,
                });
                Expr::Temp(temp)
            }
        }
    }

    fn logical(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let (Some(left), Some(operator), Some(right)) = (node.child(0), node.child(1), node.child(2)) else {
            return Expr::Opaque;
        };
        let left = self.expression(left, before);
        let operator = operator.kind().to_ascii_lowercase();
        let mut right = self.prepared(right);
        // To look at a member is no reason to take one of two ways.
        if right.before.iter().all(|statement| matches!(statement.kind, StatementKind::Member { arguments: None, .. }))
        {
            before.extend(right.before.iter().cloned());
            right.before = Rc::from([]);
        }
        let op = match operator.as_str() {
            "-and" => BinaryOp::And,
            "-or" => BinaryOp::Or,
            _ => BinaryOp::Xor,
        };
        if right.before.is_empty() || op == BinaryOp::Xor {
            before.extend(right.before.iter().cloned());
            return Expr::Binary(op, Box::new(left), Box::new(right.value));
        }
        let temp = self.temp();
        let span = self.span(node);
        before.push(Statement {
            kind: StatementKind::ShortCircuit { temp, and: op == BinaryOp::And, left, right },
            span,
        });
        Expr::Temp(temp)
    }

    fn binary(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let (Some(left), Some(operator), Some(right)) = (node.child(0), node.child(1), node.child(2)) else {
            return Expr::Opaque;
        };
        let left = self.expression(left, before);
        let right = self.expression(right, before);
        Expr::Binary(
            operator_named(&self.text_of(operator).trim().to_ascii_lowercase()),
            Box::new(left),
            Box::new(right),
        )
    }

    fn unary(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let Some(operator) = node.child(0) else { return Expr::Opaque };
        if operator.is_named() {
            return self.expression(operator, before);
        }
        let Some(operand) = node.named_child(0) else { return Expr::Opaque };
        let inner = self.expression(operand, before);
        match self.text_of(operator).to_ascii_lowercase().as_str() {
            "!" | "-not" => Expr::Unary(UnaryOp::Not, Box::new(inner)),
            "-" => Expr::Unary(UnaryOp::Minus, Box::new(inner)),
            "+" => Expr::Unary(UnaryOp::Plus, Box::new(inner)),
            "-join" => Expr::Unary(UnaryOp::Join, Box::new(inner)),
            "-split" => Expr::Unary(UnaryOp::Split, Box::new(inner)),
            "," => Expr::Array(vec![inner]),
            _ => Expr::Opaque,
        }
    }

    pub(super) fn type_name(&self, node: Node) -> Rc<str> {
        let text = self.text_of(node);
        let inner = text.trim().trim_start_matches('[').strip_suffix(']').unwrap_or(text);
        Rc::from(inner.to_ascii_lowercase().trim_start_matches("system."))
    }

    fn member(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let (Some(object), Some(name)) = (node.named_child(0), find(node, "member_name")) else { return Expr::Opaque };
        if find(node, "::").is_some() {
            let of = if object.kind() == "type_literal" { self.type_name(object) } else { "".into() };
            return Expr::Static { of, name: self.text_of(name).to_ascii_lowercase().into(), arguments: None };
        }
        let object = self.expression(object, before);
        let name = self.expression(name, before);
        let this = matches!(&object, Expr::Variable(name) if matches!(&**name, "_" | "psitem"));
        match &name {
            // How a job stands is read anew each time.
            Expr::Literal(Value::Text(name)) if !this && is_live(name) => {
                let name = Rc::from(name.to_ascii_lowercase());
                self.member_effect(node, object, name, None, before)
            }
            _ => Expr::Member { object: Box::new(object), name: Box::new(name) },
        }
    }

    /// A member or a method that may have an effect: it is evaluated before the expression.
    fn member_effect(
        &mut self,
        node: Node,
        object: Expr,
        name: Rc<str>,
        arguments: Option<Vec<Expr>>,
        before: &mut Vec<Statement>,
    ) -> Expr {
        let temp = self.temp();
        let kind = StatementKind::Member { temp, object, name, arguments };
        before.push(Statement { kind, span: self.span(node) });
        Expr::Temp(temp)
    }

    fn invocation(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let Some(object) = node.named_child(0) else { return Expr::Opaque };
        // The grammar takes the name of `.ForEach( … )` for a word of its own.
        let name = find(node, "member_name").map_or("foreach", |name| self.text_of(name)).to_ascii_lowercase();
        let mut arguments = Vec::new();
        for list in named(node, "argument_list") {
            if let Some(list) = find(list, "argument_expression_list") {
                for argument in named(list, "argument_expression") {
                    arguments.push(self.expression(argument, before));
                }
            }
        }
        let name: Rc<str> = name.into();
        if find(node, "::").is_some() {
            let of = if object.kind() == "type_literal" { self.type_name(object) } else { "".into() };
            match (&*of, &*name) {
                ("environment", "exit") => {
                    let code = arguments.into_iter().next().unwrap_or(Expr::Literal(Value::Int(0)));
                    let code = Prepared { before: Rc::from([]), value: code, span: self.span(node) };
                    before.push(Statement { kind: StatementKind::Exit(Some(code)), span: self.span(node) });
                    return Expr::Literal(Value::Null);
                }
                ("diagnostics.process", "start") => {
                    let help = "write `Start-Process`, whose programs are followed";
                    before.push(self.unsupported(node, "a program that is started by a method", Some(help)));
                    return Expr::Opaque;
                }
                _ => return Expr::Static { of, name, arguments: Some(arguments) },
            }
        }
        let object = self.expression(object, before);
        self.method(node, object, &name, arguments, before)
    }

    /// A call of a method, which may have an effect.
    pub(super) fn method(
        &mut self,
        node: Node,
        object: Expr,
        name: &Rc<str>,
        arguments: Vec<Expr>,
        before: &mut Vec<Statement>,
    ) -> Expr {
        let name = Rc::clone(name);
        match is_pure(&name) {
            true => Expr::Method { object: Box::new(object), name, arguments },
            false => self.member_effect(node, object, name, Some(arguments), before),
        }
    }

    fn hash(&mut self, node: Node, before: &mut Vec<Statement>) -> Expr {
        let mut entries = Vec::new();
        for entry in find(node, "hash_literal_body").into_iter().flat_map(|body| named(body, "hash_entry")) {
            let Some(key) = find(entry, "key_expression") else { continue };
            let key = self.expression(key, before);
            let mut cursor = entry.walk();
            let value = entry
                .named_children(&mut cursor)
                .filter(|child| !matches!(child.kind(), "key_expression" | "comment"))
                .last();
            let value = match value {
                Some(value) => self.pipeline_value(value, before),
                None => Expr::Literal(Value::Null),
            };
            entries.push((key, value));
        }
        Expr::Hash(entries)
    }

    /// `$i++`: assigns, and gives the temporary that holds the old value.
    pub(super) fn step(&mut self, node: Node, before: &mut Vec<Statement>) -> Option<u32> {
        let inner = node.named_child(0)?;
        // What is counted up is lowered twice, to be read and to be written: a count inside would double the work.
        if counts(inner) {
            before.push(self.unsupported(node, "a step of a step", None));
            return None;
        }
        let target = self.target(inner, before);
        let old = self.expression(inner, before);
        let temp = self.temp();
        let span = self.span(node);
        let output = |value: Expr| {
            let prepared = Prepared { before: Rc::from([]), value, span };
            Rc::from([Statement { kind: StatementKind::Output(prepared), span }])
        };
        before.push(Statement { kind: StatementKind::Capture { temp, block: output(old), array: false }, span });
        let operator = if node.kind().ends_with("increment_expression") { BinaryOp::Add } else { BinaryOp::Subtract };
        let one = output(Expr::Literal(Value::Int(1)));
        before.push(Statement { kind: StatementKind::Assign { target, operator: Some(operator), value: one }, span });
        Some(temp)
    }

    /// What the left side of an assignment writes to.
    pub(super) fn target(&mut self, mut node: Node, before: &mut Vec<Statement>) -> Target {
        while node.named_child_count() == 1
            && (is_level(node)
                || matches!(
                    node.kind(),
                    "left_assignment_expression"
                        | "unary_expression"
                        | "parenthesized_expression"
                        | "pipeline"
                        | "pipeline_chain"
                ))
        {
            let Some(child) = node.named_child(0) else { break };
            node = child;
        }
        match node.kind() {
            "variable" | "braced_variable" => Target::Variable(variable_name(self.text_of(node))),
            "cast_expression" => {
                let of = find(node, "type_literal").map(|of| self.type_name(of)).unwrap_or_else(|| "object".into());
                match find(node, "unary_expression") {
                    Some(inner) => Target::Typed(of, Box::new(self.target(inner, before))),
                    None => Target::Opaque,
                }
            }
            "expression_with_unary_operator" => {
                match node.named_child(node.named_child_count().saturating_sub(1) as u32) {
                    Some(inner) if matches!(inner.kind(), "cast_expression" | "unary_expression" | "variable") => {
                        self.target(inner, before)
                    }
                    _ => Target::Opaque,
                }
            }
            "attributed_variable" => find(node, "variable").map_or(Target::Opaque, |inner| self.target(inner, before)),
            "array_literal_expression" => {
                let mut cursor = node.walk();
                let parts: Vec<Node> = node.named_children(&mut cursor).collect();
                Target::Several(parts.into_iter().map(|part| self.target(part, before)).collect())
            }
            "member_access" | "element_access" => {
                let (Some(object), Some(key)) = (node.named_child(0), node.named_child(1)) else {
                    return Target::Opaque;
                };
                if find(node, "::").is_some() {
                    return Target::Opaque;
                }
                let object = Box::new(self.expression(object, before));
                Target::Element { object, key: self.expression(key, before) }
            }
            _ => Target::Opaque,
        }
    }
}

/// Members that show something that goes on.
fn is_live(name: &str) -> bool {
    ["state", "jobstateinfo", "hasexited"].iter().any(|live| live.eq_ignore_ascii_case(name))
}

/// Methods of texts, dates and lists that only look.
fn is_pure(name: &str) -> bool {
    ["to", "trim", "starts", "ends", "contains", "pad", "index", "lastindex", "get", "compare"]
        .iter()
        .any(|start| name.starts_with(start))
        || matches!(
            name,
            "replace" | "split" | "substring" | "equals" | "clone" | "subtract" | "shouldprocess" | "item"
        )
        || (name.starts_with("add")
            && !matches!(name, "add" | "addrange" | "addscript" | "addcommand" | "addfirst" | "addlast"))
}

/// Whether a node is a level of precedence.
fn is_level(node: Node) -> bool {
    static LEVELS: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let language = tree_sitter::Language::from(tree_sitter_powershell::LANGUAGE);
        let kinds = 0..language.node_kind_count() as u16;
        kinds.map(|kind| language.node_kind_for_id(kind).is_some_and(names_level)).collect()
    });
    LEVELS.get(usize::from(node.kind_id())).copied().unwrap_or(false)
}

fn names_level(kind: &str) -> bool {
    kind.ends_with("_expression")
        && (kind.contains("logical")
            || kind.contains("bitwise")
            || kind.contains("comparison")
            || kind.contains("additive")
            || kind.contains("multiplicative")
            || kind.contains("format")
            || kind.contains("range"))
        || matches!(kind, "array_literal_expression" | "unary_expression" | "argument_expression")
}

fn integer(text: &str) -> Option<i64> {
    let text = text.to_ascii_lowercase();
    let (digits, factor) = ["kb", "mb", "gb", "tb"]
        .iter()
        .zip([1_i64 << 10, 1 << 20, 1 << 30, 1 << 40])
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|digits| (digits.to_owned(), factor)))
        .unwrap_or((text, 1));
    let number = match digits.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex.trim_end_matches('l'), 16).ok()?,
        None => digits.trim_end_matches(['l', 'd']).parse().ok()?,
    };
    number.checked_mul(factor)
}

/// The operator of this spelling, in lower case.
pub(in crate::runbook::powershell) fn operator_named(text: &str) -> BinaryOp {
    match text {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        ".." => BinaryOp::Range,
        "-f" => BinaryOp::Format,
        "-join" => BinaryOp::Join,
        "-split" | "-csplit" | "-isplit" => BinaryOp::Split,
        "-replace" | "-creplace" | "-ireplace" => BinaryOp::Replace,
        "-is" => BinaryOp::Is(true),
        "-isnot" => BinaryOp::Is(false),
        "-as" => BinaryOp::As,
        other => comparison(other).unwrap_or(BinaryOp::Opaque),
    }
}

fn comparison(text: &str) -> Option<BinaryOp> {
    let word = text.strip_prefix('-')?;
    for (word, cased) in [(Some(word), false), (word.strip_prefix('i'), false), (word.strip_prefix('c'), true)] {
        let (test, negated) = match word {
            Some("eq") => (Test::Equal, false),
            Some("ne") => (Test::Equal, true),
            Some("gt") => (Test::Greater, false),
            Some("le") => (Test::Greater, true),
            Some("lt") => (Test::Less, false),
            Some("ge") => (Test::Less, true),
            Some("like") => (Test::Like, false),
            Some("notlike") => (Test::Like, true),
            Some("match") => (Test::Match, false),
            Some("notmatch") => (Test::Match, true),
            Some("contains") => (Test::Contains, false),
            Some("notcontains") => (Test::Contains, true),
            Some("in") => (Test::In, false),
            Some("notin") => (Test::In, true),
            _ => continue,
        };
        return Some(BinaryOp::Compare { test, negated, cased });
    }
    None
}

/// Whether something in it is counted up or down.
fn counts(node: Node) -> bool {
    let mut cursor = node.walk();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if node.kind().contains("increment_expression") || node.kind().contains("decrement_expression") {
            return true;
        }
        stack.extend(node.children(&mut cursor));
    }
    false
}
