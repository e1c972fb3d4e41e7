//! From the syntax tree of the grammar to [`super::ast`].
//!
//! Invariant: nothing is dropped. A statement that the grammar could not read, or that has no counterpart,
//! becomes [`StatementKind::Unsupported`] and is reported when (and only when) the evaluation gets there.
//! Cost: linear in the text; nesting beyond [`DEEPEST`] is given up, so that no input exhausts the stack.

mod chunk;
mod command;
mod control;
mod expression;
mod string;

pub(super) use chunk::code;
pub(super) use expression::operator_named;

use super::ast::{Block, Expr, Function, Parameter, Piped, Prepared, ScriptBlock, Span, Statement, StatementKind};
use rustc_hash::FxHashMap as HashMap;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use tree_sitter::{Node, Parser, Point, Tree};

/// How deep statements and expressions may nest.
const DEEPEST: usize = 120;

/// Syntax trees by their texts: a script that is read several times is parsed once.
pub(super) type Trees = Rc<RefCell<HashMap<String, Tree>>>;

/// What the lowering of all units of a procedure shares.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) trees: Trees,
    pub(super) temps: u32,
    pub(super) blocks: Vec<Rc<ScriptBlock>>,
    pub(super) functions: Vec<Rc<Function>>,
}

/// A script, lowered.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Block,
}

/// Parses and lowers one unit.
pub(super) fn script(unit: u32, text: &str, shared: &mut Shared) -> Script {
    let nothing = Script { parameters: Vec::new(), body: Rc::from([]) };
    let mut parser = Parser::new();
    if parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).is_err() {
        return nothing;
    }
    let known = shared.trees.borrow().get(text).cloned();
    let Some(tree) = known.or_else(|| parser.parse(text, None)) else { return nothing };
    shared.trees.borrow_mut().entry(text.to_owned()).or_insert_with(|| tree.clone());
    let mut lowering = Lowering { unit, text, shared, depth: 0, stands_for: None };
    let mut found = Found::default();
    if tree.root_node().has_error() {
        lowering.by_chunks(&mut parser, &mut found);
    } else {
        lowering.program(tree.root_node(), &mut found);
    }
    Script { parameters: found.parameters, body: found.statements.into() }
}

/// What has been found of a script.
#[derive(Default)]
struct Found {
    parameters: Vec<Parameter>,
    statements: Vec<Statement>,
}

/// How many stretches with unbalanced brackets are looked at line by line.
const MOST_UNBALANCED: usize = 100;
/// How many bytes of them are given to the grammar as a whole before: it may know better than the brackets do, and
/// takes long for much text that it cannot read.
const MOST_TRIED: usize = 1 << 16;

/// The lowering of one unit.
struct Lowering<'a> {
    unit: u32,
    text: &'a str,
    shared: &'a mut Shared,
    depth: usize,
    /// The text is a repaired version of what stands here.
    stands_for: Option<Span>,
}

impl<'a> Lowering<'a> {
    /// The statements of a whole tree.
    fn program(&mut self, root: Node, found: &mut Found) {
        let mut cursor = root.walk();
        for child in root.children(&mut cursor) {
            match child.kind() {
                "param_block" if !child.has_error() => {
                    found.parameters = self.parameters(child);
                }
                _ => self.statements_of(child, &mut found.statements),
            }
        }
    }

    /// A text that does not parse as a whole: statement by statement, and where brackets are not
    /// balanced line by line.
    fn by_chunks(&mut self, parser: &mut Parser, found: &mut Found) {
        let mut from = 0;
        let (mut unbalanced, mut tried) = (0, 0);
        loop {
            let mut next = None;
            for (range, balanced) in chunk::chunks(self.text, from) {
                let line = self.text[range.clone()].find('\n').map_or(range.end, |at| range.start + at + 1);
                let cut = !balanced && unbalanced < MOST_UNBALANCED && line < range.end;
                let whole = cut && tried + range.len() <= MOST_TRIED;
                if whole {
                    tried += range.len();
                }
                if cut && !(whole && self.parses(parser, &range)) {
                    unbalanced += 1;
                    self.one_chunk(parser, range.start..line, found);
                    next = Some(line);
                } else {
                    self.one_chunk(parser, range, found);
                }
            }
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
    }

    fn tree_of(&self, parser: &mut Parser, range: &Range<usize>) -> Option<Tree> {
        let whole = tree_sitter::Range {
            start_byte: range.start,
            end_byte: range.end,
            start_point: Point::default(),
            end_point: Point { row: usize::MAX >> 40, column: 0 },
        };
        parser.set_included_ranges(&[whole]).ok()?;
        let tree = parser.parse(self.text, None);
        let _ = parser.set_included_ranges(&[]);
        tree
    }

    fn parses(&self, parser: &mut Parser, range: &Range<usize>) -> bool {
        self.tree_of(parser, range).is_some_and(|tree| !tree.root_node().has_error())
    }

    fn one_chunk(&mut self, parser: &mut Parser, range: Range<usize>, found: &mut Found) {
        let Some(tree) = self.tree_of(parser, &range) else { return };
        let root = tree.root_node();
        if !root.has_error() {
            return self.program(root, found);
        }
        let text = self.text[range.clone()].trim();
        // A line that is no statement costs itself; a longer stretch may have good statements in its blocks.
        if !text.contains('\n') || root.is_error() {
            let start = range.start + self.text[range.clone()].find(text).unwrap_or(0);
            let span = Span { unit: self.unit, start: start as u32, end: (start + text.len()) as u32 };
            if let Some(repaired) = self.repaired(text, span) {
                found.statements.extend(repaired);
                return;
            }
            let what = format!("syntax error: `{}`", shortened(text));
            found.statements.push(Statement { kind: StatementKind::Unsupported { what, help: None }, span });
            return;
        }
        self.program(root, found);
    }

    /// Statements that the grammar does not know in this form, read from a form that it knows.
    fn repaired(&mut self, text: &str, span: Span) -> Option<Vec<Statement>> {
        if self.stands_for.is_some() {
            return None;
        }
        let fixed = chunk::with_quoted_words(text)?;
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_powershell::LANGUAGE.into()).ok()?;
        let tree = parser.parse(&fixed, None).filter(|tree| !tree.root_node().has_error())?;
        let mut found = Found::default();
        let mut inner = Lowering {
            unit: self.unit,
            text: &fixed,
            shared: &mut *self.shared,
            depth: self.depth,
            stands_for: Some(span),
        };
        inner.program(tree.root_node(), &mut found);
        Some(found.statements)
    }

    fn span(&self, node: Node) -> Span {
        if let Some(span) = self.stands_for {
            return span;
        }
        let mut end = node.end_byte();
        while end > node.start_byte() && self.text.as_bytes()[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        Span { unit: self.unit, start: node.start_byte() as u32, end: end as u32 }
    }

    fn text_of(&self, node: Node) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn temp(&mut self) -> u32 {
        self.shared.temps += 1;
        self.shared.temps
    }

    fn unsupported(&self, node: Node, what: impl Into<String>, help: Option<&str>) -> Statement {
        let kind = StatementKind::Unsupported { what: what.into(), help: help.map(str::to_owned) };
        Statement { kind, span: self.span(node) }
    }

    /// The statements in a node that may be a list, a block, or an error that contains some.
    fn statements_of(&mut self, node: Node, out: &mut Vec<Statement>) {
        if self.depth >= DEEPEST {
            out.push(self.unsupported(node, "statements nested too deeply", None));
            return;
        }
        self.depth += 1;
        match node.kind() {
            "statement_list"
            | "statement_block"
            | "script_block"
            | "script_block_body"
            | "named_block_list"
            | "named_block"
            | "inlinescript_statement"
            | "sequence_statement" => {
                let mut cursor = node.walk();
                for child in node.children(&mut cursor) {
                    self.statements_of(child, out);
                }
            }
            "ERROR" => self.recover(node, out),
            "{" | "}" | "inlinescript" | "sequence" | "comment" | "empty_statement" | ";" => {}
            "block_name" if !self.text_of(node).eq_ignore_ascii_case("dynamicparam") => {}
            "param_block" => {}
            _ if node.is_missing() => {}
            _ => {
                let repaired = if node.kind() == "pipeline" && broken(node) {
                    let span = self.span(node);
                    self.repaired(self.text_of(node), span)
                } else {
                    None
                };
                match (repaired, counter(node)) {
                    (Some(statements), _) => out.extend(statements),
                    // Standing alone it gives no output.
                    (None, Some(counter)) if !broken(node) => {
                        self.step(counter, out);
                    }
                    _ => {
                        let statement = self.statement(node);
                        out.push(statement);
                    }
                }
            }
        }
        self.depth -= 1;
    }

    /// What can be saved of a stretch that does not parse: whole statements inside it.
    fn recover(&mut self, node: Node, out: &mut Vec<Statement>) {
        let mut cursor = node.walk();
        let mut saved = Vec::new();
        for child in node.children(&mut cursor) {
            if is_statement(child) || matches!(child.kind(), "statement_list" | "statement_block" | "ERROR") {
                saved.push(child);
            }
        }
        let text = self.text_of(node).trim();
        if !text.is_empty() {
            out.push(self.unsupported(node, format!("syntax error at `{}`", shortened(text)), None));
        }
        for child in saved {
            self.statements_of(child, out);
        }
    }

    fn block(&mut self, node: Option<Node>) -> Block {
        let mut statements = Vec::new();
        if let Some(node) = node {
            self.statements_of(node, &mut statements);
        }
        statements.into()
    }

    /// An expression with what has to run before it.
    fn prepared(&mut self, node: Node) -> Prepared {
        let mut before = Vec::new();
        let value = self.expression(node, &mut before);
        Prepared { before: before.into(), value, span: self.span(node) }
    }

    /// Declared parameters, in a `param` block or in the parentheses after a function's name.
    fn parameters(&mut self, node: Node) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for parameter in descend(node, "parameter_list").into_iter().flat_map(|list| named(list, "script_parameter")) {
            let Some(variable) = find(parameter, "variable") else { continue };
            let attributes: Vec<Node> =
                find(parameter, "attribute_list").into_iter().flat_map(|list| named(list, "attribute")).collect();
            let texts: Vec<String> = attributes
                .iter()
                .map(|node| self.text_of(*node).to_ascii_lowercase().split_whitespace().collect::<String>())
                .collect();
            let default = find(parameter, "script_parameter_default")
                .and_then(|node| node.named_child(0))
                .map(|node| self.prepared(node));
            let aliases = attributes
                .iter()
                .filter(|node| self.text_of(**node).to_ascii_lowercase().starts_with("[alias"))
                .flat_map(|node| self.text_of(*node).split(['\'', '"']).skip(1).step_by(2))
                .map(|alias| Rc::from(alias.to_ascii_lowercase()))
                .collect();
            let says =
                |word: &str| texts.iter().any(|text| text.contains(word) && !text.contains(&format!("{word}=$false")));
            let piped = match (says("valuefrompipelinebypropertyname"), texts.iter().any(|text| from_pipeline(text))) {
                (_, true) => Some(Piped::Whole),
                (true, false) => Some(Piped::Property),
                _ => None,
            };
            let of = attributes.iter().rev().find_map(|node| find(*node, "type_literal")).map(|of| self.type_name(of));
            let allowed = attributes
                .iter()
                .map(|node| self.text_of(*node))
                .filter(|text| text.to_ascii_lowercase().starts_with("[validateset("))
                .flat_map(|text| text.split(['\'', '"']).skip(1).step_by(2))
                .map(Rc::from)
                .collect();
            parameters.push(Parameter {
                name: variable_name(self.text_of(variable)),
                of,
                position: texts.iter().find_map(|text| {
                    let (_, rest) = text.split_once("position=")?;
                    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
                }),
                piped,
                allowed,
                mandatory: texts.iter().any(|text| text.contains("mandatory") && !text.contains("mandatory=$false")),
                switch: texts.iter().any(|text| text == "[switch]"),
                array: texts.iter().any(|text| text.ends_with("[]]")),
                aliases,
                default,
                span: self.span(variable),
            });
        }
        parameters
    }

    /// A script block as a value.
    fn script_block(&mut self, node: Node) -> u32 {
        let block = match find(node, "script_block") {
            Some(inner) => self.block_of(inner, None, false),
            None => {
                let mut statements = Vec::new();
                let mut cursor = node.walk();
                let children: Vec<Node> = node.children(&mut cursor).collect();
                for child in children {
                    self.statements_of(child, &mut statements);
                }
                ScriptBlock { parameters: Vec::new(), body: statements.into(), stages: None, advanced: false }
            }
        };
        self.shared.blocks.push(Rc::new(block));
        (self.shared.blocks.len() - 1) as u32
    }

    /// A script block: its parameters, unless they stand in front of it, and its body; whether it is a `filter`,
    /// whose body is a `process`.
    fn block_of(&mut self, node: Node, before: Option<Vec<Parameter>>, filter: bool) -> ScriptBlock {
        let list = find(node, "param_block");
        let attributes = list.map(|list| self.text_of(list).to_ascii_lowercase()).unwrap_or_default();
        let advanced = attributes.contains("[cmdletbinding") || attributes.contains("[parameter(");
        let parameters = match list {
            Some(list) => self.parameters(list),
            None => before.unwrap_or_default(),
        };
        let mut stages: [Vec<Statement>; 3] = Default::default();
        let list = find(node, "script_block_body").and_then(|body| find(body, "named_block_list"));
        let mut per_object = filter;
        match list {
            Some(list) => {
                for named_block in named(list, "named_block") {
                    let name =
                        find(named_block, "block_name").map_or("", |name| self.text_of(name)).to_ascii_lowercase();
                    let at = match name.as_str() {
                        "process" => 1,
                        "end" => 2,
                        _ => 0,
                    };
                    per_object |= at == 1;
                    let mut statements = std::mem::take(&mut stages[at]);
                    self.statements_of(named_block, &mut statements);
                    stages[at] = statements;
                }
            }
            None => {
                let mut statements = Vec::new();
                self.statements_of(node, &mut statements);
                stages[usize::from(filter)] = statements;
            }
        }
        let body = stages.concat().into();
        let stages = per_object.then(|| stages.map(Block::from));
        ScriptBlock { parameters, body, stages, advanced }
    }

    fn opaque(&mut self, node: Node, before: &mut Vec<Statement>, what: &str) -> Expr {
        before.push(self.unsupported(node, what, None));
        Expr::Opaque
    }
}

fn is_statement(node: Node) -> bool {
    node.kind().ends_with("_statement") || node.kind() == "pipeline"
}

/// `$i++` or its kin, if that is all there is.
fn counter(mut node: Node) -> Option<Node> {
    while node.named_child_count() == 1 && node.child_count() == 1 {
        node = node.named_child(0)?;
    }
    let kind = node.kind();
    (kind.ends_with("increment_expression") || kind.ends_with("decrement_expression")).then_some(node)
}

/// The first child of a kind.
fn find<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).find(|child| child.kind() == kind)
}

/// The children of a kind.
fn named<'t>(node: Node<'t>, kind: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| child.kind() == kind).collect()
}

/// Whether an attribute of a parameter, without blanks and in lower case, says that it takes what the pipeline brings.
fn from_pipeline(text: &str) -> bool {
    text.match_indices("valuefrompipeline").any(|(at, word)| {
        let rest = &text[at + word.len()..];
        !rest.starts_with("bypropertyname") && !rest.starts_with("=$false")
    })
}

/// The first child or grandchild of a kind; script blocks wrap their parameters in one more node.
fn descend<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    find(node, kind).or_else(|| {
        let mut cursor = node.walk();
        node.children(&mut cursor).find_map(|child| {
            matches!(child.kind(), "script_block" | "function_parameter_declaration")
                .then(|| find(child, kind))
                .flatten()
        })
    })
}

/// Whether a node holds an error outside the blocks in it; errors in blocks are for the blocks' statements.
fn broken(node: Node) -> bool {
    if !node.has_error() {
        return false;
    }
    if node.is_error() || node.is_missing() {
        return true;
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| {
        !matches!(child.kind(), "statement_block" | "statement_list" | "script_block_body") && broken(child)
    })
}

/// The name of a variable without `$`, `@`, braces; in lower case, since names have no case.
fn variable_name(text: &str) -> Rc<str> {
    let name = text.trim_start_matches(['$', '@']);
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    match name.to_ascii_lowercase().as_str() {
        // The long name of the same variable.
        "psitem" => Rc::from("_"),
        name => Rc::from(name),
    }
}

fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim();
    match line.char_indices().nth(50) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
