//! Pipelines, calls of functions and script blocks, and the arguments that they pass.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{
    Command, Element, Function, Invocation, Pipeline, Prepared, ScriptBlock, Span, StatementKind,
};
use crate::runbook::powershell::bind::{Argument, Arguments, Formal, bind};
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::value::Value;
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
        if let Some(input) = input {
            state.env.set("input", input.clone());
            state.env.set("_", input);
        }
        let mut results = Vec::new();
        for state in self.bind_parameters(block, arguments, span, state, out) {
            for (flow, mut state, values) in self.captured(&block.body, state) {
                state.env.leave_to(depth);
                match flow {
                    Flow::Next | Flow::Return => results.push((state, self.collected(values))),
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
        arguments: Arguments,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<State> {
        let formals: Vec<Formal> = block
            .parameters
            .iter()
            .map(|parameter| Formal {
                name: &parameter.name,
                aliases: parameter.aliases.iter().map(|alias| &**alias).collect(),
                switch: parameter.switch,
                positional: !parameter.switch,
            })
            .collect();
        let bound = bind(&formals, &arguments);
        if !block.parameters.is_empty() {
            for problem in &bound.problems {
                self.not_understood(problem.span.unwrap_or(span), problem.message.clone(), problem.help.clone());
            }
        }
        let mut states = vec![state];
        for (at, parameter) in block.parameters.iter().enumerate() {
            let given = bound.values.iter().find(|(index, _)| *index == at).map(|(_, value)| value.clone());
            let mut next = Vec::new();
            for mut state in states {
                match (&given, &parameter.default) {
                    (Some(value), _) => {
                        state.env.set(&parameter.name, value.clone());
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
        }
        states
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
