//! Pipelines, calls of functions and script blocks, and the arguments that they pass.

use super::{Flow, Outcome, Over, Reader, State};
use crate::runbook::powershell::ast::{
    Block, Command, Element, Expr, Function, Invocation, Parameter, Piped, Pipeline, Prepared, ScriptBlock, Span,
    Statement, StatementKind, Target,
};
use crate::runbook::powershell::bind::{Argument, Arguments, Formal, bind};
use crate::runbook::powershell::cmdlet::common_parameters;
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::value::{Formula, Value};
use std::rc::Rc;

/// How often a function may be under way at once.
const DEEPEST_RECURSION: usize = 4;
/// How deep calls may nest; recursion beyond it is not followed.
const DEEPEST_CALL: usize = 24;

impl Reader<'_> {
    /// A pipeline, each command fed with what the one before it gave.
    pub(super) fn pipeline(
        &mut self,
        pipeline: &Pipeline,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let mut stage: Vec<(State, Option<Value>)> = match &pipeline.head {
            Some(head) => {
                let sorts = |command: &Command| matches!(&command.name, Expr::Literal(Value::Text(name)) if name.to_ascii_lowercase().starts_with("sort"));
                if !pipeline.commands.first().is_some_and(sorts) {
                    self.notice_order(head, &state.env);
                }
                self.prepare(head, state, out).into_iter().map(|(state, value)| (state, Some(value))).collect()
            }
            None => vec![(state, None)],
        };
        for command in &pipeline.commands {
            let mut next = Vec::new();
            for (state, input) in stage {
                let results = self.invoke(command, input, state, out);
                next.extend(results.into_iter().map(|(state, value)| (state, Some(value))));
            }
            stage = next;
        }
        stage.into_iter().map(|(state, value)| (state, value.unwrap_or(Value::Null))).collect()
    }

    /// One command of a pipeline.
    fn invoke(
        &mut self,
        command: &Command,
        input: Option<Value>,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let mut results = Vec::new();
        for state in self.before(&command.before, state, out) {
            let name = self.eval(&command.name, &state.env);
            let arguments = self.arguments(command, &state.env);
            let kept = kept_in_variables(&arguments, |value| self.text(value));
            let first = results.len();
            match name {
                Value::Block(block) => {
                    let block = Rc::clone(&self.shared.blocks[block as usize]);
                    let own_scope = command.invocation != Invocation::Source;
                    results.extend(self.call_block(
                        &block,
                        arguments,
                        input.clone(),
                        own_scope,
                        command.span,
                        state,
                        out,
                    ));
                }
                other => match self.text(&other).filter(|name| !name.is_empty()) {
                    Some(name) => results.extend(self.dispatch(&name, command, arguments, input.clone(), state, out)),
                    None => {
                        let written = self.source_text(command.span);
                        self.not_understood(
                            command.span,
                            format!("which command `{written}` runs is not known"),
                            Some(
                                "give the variable a value: `[[operator]] arguments` of the scenario, or a literal"
                                    .into(),
                            ),
                        );
                        results.push((state, Value::Unknown));
                    }
                },
            }
            for (state, value) in &mut results[first..] {
                for (name, output) in &kept {
                    let value = if *output { value.clone() } else { Value::Unknown };
                    state.env.set(name, value);
                }
            }
        }
        results
    }

    /// The arguments of a command, splatted ones in their place.
    pub(in crate::runbook::powershell) fn arguments(&self, command: &Command, env: &Env) -> Arguments {
        let mut list = Vec::new();
        for element in &command.elements {
            match element {
                Element::Parameter { name, value, span } => list.push(Argument::Named {
                    name: Rc::clone(name),
                    value: value.as_ref().map(|value| self.eval(value, env)),
                    span: *span,
                }),
                Element::Argument(expr) => list.push(Argument::Positional(self.eval(expr, env))),
                Element::Splat(name) => {
                    match env.get(name) {
                        Some(Value::Record(fields)) => list.extend(fields.iter().map(|(name, value)| {
                            Argument::Named { name: Rc::clone(name), value: Some(value.clone()), span: command.span }
                        })),
                        Some(Value::Array(items)) => list.extend(items.iter().cloned().map(Argument::Positional)),
                        Some(Value::Null) | None if &**name != "args" => {}
                        _ => list.push(Argument::Unknown),
                    }
                }
            }
        }
        Arguments { list, span: command.span }
    }

    /// Calls a function of the script.
    pub(in crate::runbook::powershell) fn call_function(
        &mut self,
        function: &Rc<Function>,
        arguments: Arguments,
        input: Option<Value>,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let span = arguments.span;
        let within = self.calling.iter().filter(|other| ***other == *function.name).count();
        if within >= DEEPEST_RECURSION {
            let name = self.as_written(function.span, &function.name);
            let message = format!("`{name}` calls itself, and is not followed further");
            self.not_understood(span, message, Some("write a loop".to_owned()));
            return vec![(state, Value::Unknown)];
        }
        self.calling.push(Rc::clone(&function.name));
        let results = self.call_block(&function.block, arguments, input, true, span, state, out);
        self.calling.pop();
        results
    }

    /// Calls a script block with arguments.
    #[expect(clippy::too_many_arguments, reason = "what a call consists of")]
    pub(in crate::runbook::powershell) fn call_block(
        &mut self,
        block: &ScriptBlock,
        arguments: Arguments,
        input: Option<Value>,
        own_scope: bool,
        span: Span,
        mut state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let depth = state.env.depth();
        if depth > DEEPEST_CALL {
            self.not_understood(span, "calls nest too deeply here (recursion?) and are not followed", None);
            return vec![(state, Value::Unknown)];
        }
        let outer = self.home.take();
        if own_scope {
            state.env.enter(None);
        }
        let mut results = Vec::new();
        for state in self.bind_parameters(block, &arguments, input.as_ref(), state, out) {
            let ended = match (&block.stages, &input) {
                (Some(stages), Some(input)) => {
                    let body = per_object(block, &stages[1], span);
                    let over = Over { variable: "_".into(), label: None, pipeline: true };
                    self.captured_of(state, |reader, state| {
                        let mut out = Vec::new();
                        let begun = reader.run(&stages[0], vec![state]);
                        for state in returned(begun, &mut out) {
                            let mut each = Vec::new();
                            reader.for_each(&over, input, &body, span, state, &mut each);
                            let ended = returned(each, &mut out);
                            out.extend(reader.run(&stages[2], ended));
                        }
                        out
                    })
                }
                _ => {
                    let mut state = state;
                    if let Some(input) = &input {
                        state.env.set("input", input.clone());
                        state.env.set("_", input.clone());
                    }
                    self.captured(&block.body, state)
                }
            };
            for (flow, mut state, values) in ended {
                state.env.leave_to(depth);
                match flow {
                    Flow::Next | Flow::Return => results.push((state, self.given_out(values))),
                    other => out.push((other, state)),
                }
            }
        }
        self.home = outer;
        results
    }

    fn bind_parameters(
        &mut self,
        block: &ScriptBlock,
        arguments: &Arguments,
        input: Option<&Value>,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<State> {
        let span = arguments.span;
        // Where positions are given, they count, and what has none is taken by name only.
        let placed = block.parameters.iter().any(|parameter| parameter.position.is_some());
        let mut order: Vec<usize> = (0..block.parameters.len()).collect();
        order.sort_by_key(|at| block.parameters[*at].position.unwrap_or(u32::MAX));
        let own = order.iter().map(|at| &block.parameters[*at]).map(|parameter| Formal {
            name: &parameter.name,
            aliases: parameter.aliases.iter().map(|alias| &**alias).collect(),
            switch: parameter.switch,
            positional: !parameter.switch && (!placed || parameter.position.is_some()),
        });
        let mut formals: Vec<Formal> = own.collect();
        if block.advanced {
            let declared = |name: &str| block.parameters.iter().any(|own| own.name.eq_ignore_ascii_case(name));
            formals.extend(common_parameters().into_iter().filter(|formal| !declared(formal.name)));
        }
        let bound = bind(&formals, arguments);
        if !block.parameters.is_empty() || block.advanced {
            for problem in &bound.problems {
                self.not_understood(problem.span.unwrap_or(span), problem.message.clone(), problem.help.clone());
            }
        }
        let mut states = vec![state];
        for (at, parameter) in block.parameters.iter().enumerate() {
            let given = bound.values.iter().find(|(index, _)| order.get(*index) == Some(&at));
            let given = given.map(|(_, value)| value.clone()).or_else(|| self.piped(block, parameter, input));
            let mut next = Vec::new();
            for mut state in states {
                match (&given, &parameter.default) {
                    (Some(value), _) => {
                        self.check_allowed(parameter, value, span);
                        let value = match &parameter.of {
                            Some(of) if !parameter.switch => self.cast(of, value.clone()),
                            _ => value.clone(),
                        };
                        state.env.set(&parameter.name, value);
                        next.push(state);
                    }
                    (None, Some(default)) => next.extend(self.default_value(&parameter.name, default, state, out)),
                    (None, None) => {
                        let mut value = if parameter.switch { Value::Bool(false) } else { Value::Null };
                        if parameter.mandatory {
                            self.not_understood(
                                span,
                                format!(
                                    "the mandatory parameter `-{}` is not given",
                                    self.as_written(parameter.span, &parameter.name)
                                ),
                                None,
                            );
                            value = Value::Unknown;
                        }
                        state.env.set(&parameter.name, value);
                        next.push(state);
                    }
                }
            }
            states = next;
        }
        for state in &mut states {
            state.env.set("args", Value::array(bound.rest.clone()));
            for (at, value) in bound.values.iter().filter(|(at, _)| *at >= block.parameters.len()) {
                match formals[*at].name {
                    "ErrorAction" => state.env.set("erroractionpreference", value.clone()),
                    "WhatIf" => state.env.set("whatifpreference", value.clone()),
                    _ => {}
                }
            }
        }
        states
    }

    /// What the pipeline gives to a parameter before the block runs: with a `process`, that gives it each time;
    /// without one, the last object is left.
    fn piped(&self, block: &ScriptBlock, parameter: &Parameter, input: Option<&Value>) -> Option<Value> {
        let (piped, input) = (parameter.piped?, input?);
        if block.stages.is_some() {
            return Some(Value::Null);
        }
        let last = match self.elements(input) {
            Some(items) => match items.last() {
                Some((Formula::True, item)) => item.clone(),
                Some(_) => Value::Unknown,
                None => return None,
            },
            None => Value::Unknown,
        };
        Some(match piped {
            Piped::Whole => last,
            Piped::Property => self.member(&last, &parameter.name),
        })
    }

    /// Says that a value is not one that the parameter takes: the call then ends in an error.
    pub(in crate::runbook::powershell) fn check_allowed(&mut self, parameter: &Parameter, value: &Value, span: Span) {
        let Some(text) = self.text(value).filter(|_| !parameter.allowed.is_empty()) else { return };
        if !parameter.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&text)) {
            let name = self.as_written(parameter.span, &parameter.name);
            let help = format!("it takes {}", parameter.allowed.join(", "));
            self.not_understood(span, format!("`{text}` is no value for `-{name}`: this ends in an error"), Some(help));
        }
    }

    /// From here on there is a function.
    pub(super) fn define(&mut self, function: &Rc<Function>, state: &mut State) {
        let Some(number) = self.shared.functions.iter().position(|own| Rc::ptr_eq(own, function)) else { return };
        let scope = if function.everywhere { "script:" } else { "" };
        state.env.set(&format!("{scope}function:{}", function.name), Value::Function(number as u32));
    }

    /// Evaluates the default of a parameter and assigns it.
    pub(in crate::runbook::powershell) fn default_value(
        &mut self,
        name: &Rc<str>,
        default: &Prepared,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<State> {
        let mut states = Vec::new();
        for (mut state, value) in self.prepare(default, state, out) {
            state.env.temps.clear();
            state.env.set(name, value);
            states.push(state);
        }
        states
    }

    /// The value of a block that is one expression without effects, with `$_` as given.
    pub(in crate::runbook::powershell) fn predicate(&self, block: u32, item: &Value, env: &Env) -> Option<Value> {
        let block = &self.shared.blocks[block as usize];
        let [statement] = &*block.body else { return None };
        let StatementKind::Output(prepared) = &statement.kind else { return None };
        if !prepared.before.is_empty() {
            return None;
        }
        let mut env = env.clone();
        env.set("_", item.clone());
        env.set("psitem", item.clone());
        Some(self.eval(&prepared.value, &env))
    }
}

/// The variables that `-OutVariable` (true), `-ErrorVariable` and their kin name.
fn kept_in_variables(arguments: &Arguments, text: impl Fn(&Value) -> Option<Rc<str>>) -> Vec<(String, bool)> {
    let mut kept = Vec::new();
    for (at, argument) in arguments.list.iter().enumerate() {
        let Argument::Named { name, value, .. } = argument else { continue };
        let name = name.to_ascii_lowercase();
        let long = [("errorvariable", 6), ("warningvariable", 8), ("informationvariable", 12), ("pipelinevariable", 1)];
        let output = name == "ov" || (name.len() > 3 && "outvariable".starts_with(&name));
        let other = matches!(&*name, "ev" | "wv" | "iv" | "pv")
            || long.iter().any(|(full, least)| name.len() >= *least && full.starts_with(&name));
        if !(output || other) {
            continue;
        }
        let value = value.as_ref().or(match arguments.list.get(at + 1) {
            Some(Argument::Positional(value)) => Some(value),
            _ => None,
        });
        if let Some(variable) = value.and_then(&text) {
            let added = variable.starts_with('+');
            kept.push((variable.trim_start_matches('+').to_ascii_lowercase(), output && !added));
        }
    }
    kept
}

/// What runs for each object: the parameters that take it, then the `process` of the block.
fn per_object(block: &ScriptBlock, process: &Block, span: Span) -> Block {
    let takes = block.parameters.iter().filter_map(|parameter| {
        let this = Expr::Variable("_".into());
        let value = match parameter.piped? {
            Piped::Whole => this,
            Piped::Property => Expr::Member {
                object: Box::new(this),
                name: Box::new(Expr::Literal(Value::Text(Rc::clone(&parameter.name)))),
            },
        };
        let prepared = Prepared { before: Rc::from([]), value, span };
        let value = Rc::from([Statement { kind: StatementKind::Output(prepared), span }]);
        let target = Target::Variable(Rc::clone(&parameter.name));
        Some(Statement { kind: StatementKind::Assign { target, operator: None, value }, span })
    });
    takes.chain(process.iter().cloned()).collect()
}

/// The evaluations that go on after a stage: `return` ends the stage only.
fn returned(ended: Vec<Outcome>, out: &mut Vec<Outcome>) -> Vec<State> {
    let mut live = Vec::new();
    for (flow, state) in ended {
        match flow {
            Flow::Next | Flow::Return => live.push(state),
            other => out.push((other, state)),
        }
    }
    live
}
