//! Pipelines of objects: filtering, going over, selecting, sorting, counting.

use super::{Call, Reader};
use crate::runbook::powershell::ast::{BinaryOp, Expr, Span};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::eval::OPEN;
use crate::runbook::powershell::exec::{Flow, Outcome, Over, State};
use crate::runbook::powershell::value::{Formula, Value};
use std::collections::VecDeque;
use std::rc::Rc;

impl Reader<'_> {
    /// `Where-Object { … }` and `where Property -eq value`.
    pub(super) fn where_object(
        &mut self,
        arguments: Arguments,
        input: Option<Value>,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let input = input.unwrap_or(Value::Null);
        let Some(items) = self.elements(&input) else { return vec![(state, Value::Unknown)] };
        let block = arguments.list.iter().find_map(|argument| match argument {
            Argument::Positional(Value::Block(block)) | Argument::Named { value: Some(Value::Block(block)), .. } => {
                Some(*block)
            }
            _ => None,
        });
        let Some(block) = block else {
            let kept = items.into_iter().map(|(when, item)| {
                let holds = self.simple_filter(&arguments, &item);
                (Formula::all([when, self.truth(&holds)]), item)
            });
            let kept = kept.collect();
            return vec![(state, self.sifted(kept))];
        };
        let mut results = vec![(state, Vec::new())];
        for (when, item) in items {
            let mut next = Vec::new();
            for (state, mut kept) in results {
                if let Some(value) = self.predicate(block, &item, &state.env) {
                    if let (Value::Unknown, Some(snapshot)) = (&value, item.snapshot()) {
                        let snapshot = Rc::clone(snapshot);
                        self.used(&snapshot);
                    }
                    kept.push((Formula::all([when.clone(), self.truth(&value)]), item.clone()));
                    next.push((state, kept));
                    continue;
                }
                for (state, value) in self.with_item(block, &item, state, out) {
                    let mut kept = kept.clone();
                    kept.push((Formula::all([when.clone(), self.truth(&value)]), item.clone()));
                    next.push((state, kept));
                }
            }
            results = next;
        }
        if results.len() > 64 {
            self.not_understood(span, "the filter has too many outcomes to be followed", None);
        }
        results.into_iter().map(|(state, kept)| (state, self.sifted(kept))).collect()
    }

    /// `Status -eq 'Running'`, `-not`-less simple syntax.
    fn simple_filter(&self, arguments: &Arguments, item: &Value) -> Value {
        let mut property = None;
        let mut operator = None;
        let mut operand = None;
        for argument in &arguments.list {
            match argument {
                Argument::Positional(value) if property.is_none() => property = self.text(value),
                Argument::Positional(value) => operand = Some(value.clone()),
                Argument::Named { name, value, .. } => match name.to_ascii_lowercase().as_str() {
                    "property" => {}
                    "value" => {}
                    name => {
                        operator = Some(format!("-{name}"));
                        operand = value.clone().or(operand);
                    }
                },
                Argument::Unknown => return Value::Unknown,
            }
        }
        let Some(property) = property else { return Value::Unknown };
        let member = self.member(item, &property.to_ascii_lowercase());
        let Some(operator) = operator else { return member };
        let op = crate::runbook::powershell::lower::operator_named(&operator);
        if op == BinaryOp::Opaque {
            return Value::Unknown;
        }
        let compared =
            Expr::Binary(op, Box::new(Expr::Literal(member)), Box::new(Expr::Literal(operand.unwrap_or(Value::Null))));
        self.eval(&compared, &super::super::env::Env::new(None))
    }

    /// Runs a block for one item, as `$_`; gives the output.
    fn with_item(&mut self, block: u32, item: &Value, mut state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let block = Rc::clone(&self.shared.blocks[block as usize]);
        let (this, long) = (state.env.own("_"), state.env.own("psitem"));
        state.env.set("_", item.clone());
        state.env.set("psitem", item.clone());
        let mut results = Vec::new();
        for (flow, mut state, values) in self.captured(&block.body, state) {
            state.env.restore("_", this.clone());
            state.env.restore("psitem", long.clone());
            match flow {
                Flow::Next | Flow::Return => results.push((state, self.given_out(values))),
                other => out.push((other, state)),
            }
        }
        results
    }

    /// `ForEach-Object { … }`, `% Property`, `% Method`.
    pub(super) fn for_each_object(
        &mut self,
        arguments: Arguments,
        input: Option<Value>,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let input = input.unwrap_or(Value::Null);
        let parallel = arguments.list.iter().position(
            |argument| matches!(argument, Argument::Named { name, .. } if name.to_ascii_lowercase().starts_with("par")),
        );
        if let Some(at) = parallel {
            return self.for_each_parallel(&arguments, at, &input, span, state);
        }
        // As the cmdlet counts them: of several blocks the first begins, unless one is named so, and of three or more
        // the last ends. `-Begin` comes first and `-End` last wherever they are written.
        let mut blocks: VecDeque<u32> = VecDeque::new();
        let mut last = None;
        let mut member = None;
        let mut name = String::new();
        for argument in &arguments.list {
            let block = match argument {
                Argument::Positional(Value::Block(block)) => block,
                Argument::Named { name: own, value, .. } => {
                    name = own.to_ascii_lowercase();
                    match value {
                        Some(Value::Block(block)) => block,
                        _ => continue,
                    }
                }
                Argument::Positional(value) => {
                    member = self.text(value);
                    continue;
                }
                Argument::Unknown => continue,
            };
            match std::mem::take(&mut name).chars().next() {
                Some('b') => blocks.push_front(*block),
                Some('e') => last = Some(*block),
                _ => blocks.push_back(*block),
            }
        }
        let first = if blocks.len() > 1 { blocks.pop_front() } else { None };
        if blocks.len() > 1 && last.is_none() {
            last = blocks.pop_back();
        }
        if blocks.len() > 1 {
            self.not_understood(span, "several blocks for each object are not followed", Some("make it one".into()));
            return vec![(state, Value::Unknown)];
        }
        let middle = blocks.pop_front();
        let Some(middle) = middle else {
            let value = match (member, self.elements(&input)) {
                (Some(name), Some(_)) => self.member(&input, &name.to_ascii_lowercase()),
                _ => Value::Unknown,
            };
            return vec![(state, value)];
        };
        let Some(items) = self.elements(&input) else {
            return self.for_each_unknown_object(middle, span, state, out);
        };
        let items: Vec<(Formula, Value)> =
            items.into_iter().filter(|(_, item)| *item != Value::Null || matches!(input, Value::Array(_))).collect();
        let mut live: Vec<(State, Vec<Value>)> = vec![(state, Vec::new())];
        let run = |reader: &mut Self,
                   live: Vec<(State, Vec<Value>)>,
                   block: u32,
                   when: &Formula,
                   item: &Value,
                   out: &mut Vec<Outcome>| {
            let mut next: Vec<(State, Vec<Value>)> = Vec::new();
            for (state, values) in live {
                let (entering, passing) = reader.divide(when, state, span);
                next.extend(passing.into_iter().map(|state| (state, values.clone())));
                for state in entering {
                    for (state, value) in reader.with_item(block, item, state, out) {
                        let mut values = values.clone();
                        match value {
                            Value::Array(more) => values.extend(more.iter().cloned()),
                            Value::Null => {}
                            other => values.push(other),
                        }
                        next.push((state, values));
                    }
                }
            }
            reader.joined_with(next)
        };
        if let Some(first) = first {
            live = run(self, live, first, &Formula::True, &Value::Null, out);
        }
        for (when, item) in items {
            live = run(self, live, middle, &when, &item, out);
        }
        if let Some(last) = last {
            live = run(self, live, last, &Formula::True, &Value::Null, out);
        }
        live.into_iter().map(|(state, values)| (state, self.gathered_or_one(values))).collect()
    }

    /// `ForEach-Object -Parallel { … }`.
    fn for_each_parallel(
        &mut self,
        arguments: &Arguments,
        at: usize,
        input: &Value,
        span: Span,
        state: State,
    ) -> Vec<(State, Value)> {
        let block = match (&arguments.list[at], arguments.list.get(at + 1)) {
            (Argument::Named { value: Some(Value::Block(block)), .. }, _)
            | (_, Some(Argument::Positional(Value::Block(block)))) => *block,
            _ => {
                self.not_understood(span, "which commands run in parallel is not known", None);
                return vec![(state, Value::Unknown)];
            }
        };
        let Some(items) = self.elements(input) else {
            self.not_understood(span, "over what a parallel loop goes is not known", None);
            return vec![(state, Value::Unknown)];
        };
        let named = |wanted: &str| {
            arguments
                .list
                .iter()
                .any(|argument| matches!(argument, Argument::Named { name, .. } if name.eq_ignore_ascii_case(wanted)))
        };
        if items.len() > 5 || named("ThrottleLimit") {
            self.ignored(span, "how many run at once is not limited for the checker: all of them may");
        }
        let body = Rc::clone(&self.shared.blocks[block as usize]).body.clone();
        self.each_in_parallel(items, span, !named("AsJob"), state, |reader, item, mut inner| {
            inner.env.enter(Some(span));
            inner.env.set("_", item.clone());
            inner.env.set("psitem", item);
            reader.run(&body, vec![inner])
        })
    }

    fn gathered_or_one(&self, values: Vec<Value>) -> Value {
        if values.contains(&Value::Unknown) { Value::Unknown } else { self.gathered(values) }
    }

    /// Joins evaluations that know the same and gave the same.
    fn joined_with(&mut self, states: Vec<(State, Vec<Value>)>) -> Vec<(State, Vec<Value>)> {
        let states = states.into_iter().map(|(mut state, values)| {
            state.env.outputs.push(values);
            state
        });
        let states = states.collect();
        let joined = self.joined(states);
        joined
            .into_iter()
            .map(|mut state| {
                let values = state.env.outputs.pop().unwrap_or_default();
                (state, values)
            })
            .collect()
    }

    /// Nobody knows what comes through the pipeline: the block runs any number of times.
    fn for_each_unknown_object(
        &mut self,
        block: u32,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let body = Rc::clone(&self.shared.blocks[block as usize]).body.clone();
        let mut inner = Vec::new();
        let over = Over { variable: "_".into(), label: None, pipeline: true };
        self.for_each_unknown(&over, &body, span, state, &mut inner);
        let mut results = Vec::new();
        for (flow, state) in inner {
            match flow {
                Flow::Next => results.push((state, Value::Unknown)),
                other => out.push((other, state)),
            }
        }
        results
    }

    /// A list of which nobody knows what it has: any part of what comes in.
    pub(super) fn any_part(&self, input: &Value) -> Value {
        match self.elements(input) {
            Some(items) => Value::Maybe(Rc::new(items.into_iter().map(|(_, item)| (Formula::Unknown, item)).collect())),
            None => Value::Unknown,
        }
    }

    pub(super) fn select(&self, call: &Call) -> Value {
        let input = call.input.clone().or_else(|| call.get("InputObject").cloned()).unwrap_or(Value::Null);
        let Some(items) = self.elements(&input) else { return Value::Unknown };
        let sure = items.iter().all(|(when, _)| *when == Formula::True);
        let number =
            |name: &str| call.get(name).map(|value| self.number(value).and_then(|number| usize::try_from(number).ok()));
        let mut items = items;
        let from_the_end = call.get("Last").is_some();
        // What is skipped is skipped first, at the end that is counted from.
        for name in ["Skip", "SkipLast", "First", "Last", "Index"] {
            match number(name) {
                None => {}
                Some(Some(number)) if sure => match name {
                    "Skip" if from_the_end => items.truncate(items.len().saturating_sub(number)),
                    "Skip" => items = items.split_off(number.min(items.len())),
                    "SkipLast" => items.truncate(items.len().saturating_sub(number)),
                    "First" => items.truncate(number),
                    "Last" => items = items.split_off(items.len().saturating_sub(number)),
                    _ => items = items.into_iter().skip(number).take(1).collect(),
                },
                // Of items that may be there or not, the first is not known; if there is any, there is a first.
                Some(Some(1)) if name == "First" && call.get("ExpandProperty").is_none() => {}
                Some(_) => return Value::Unknown,
            }
        }
        if call.on("Unique") {
            let mut seen: Vec<Value> = Vec::new();
            items.retain(|(_, item)| {
                let text = self.text(item).map_or_else(|| item.clone(), |text| Value::text(text.to_lowercase()));
                let new = !seen.contains(&text);
                seen.push(text);
                new
            });
        }
        // `@{ n = 'Name'; e = { … } }`: a property that is computed has a value that nobody follows.
        let properties = call.get("Property").and_then(|list| self.elements(list)).unwrap_or_default();
        if properties
            .iter()
            .any(|(_, property)| matches!(property, Value::Record(_) | Value::Block(_) | Value::Unknown))
        {
            items.iter_mut().for_each(|(_, item)| {
                if let Value::Record(fields) = item {
                    *item = crate::runbook::powershell::exec::with_field(fields, OPEN.into(), Value::Unknown);
                }
            });
        }
        let selected = self.sifted(items);
        match call.get("ExpandProperty").and_then(|name| self.text(name)) {
            Some(name) => self.member(&selected, &name.to_ascii_lowercase()),
            None if call.get("ExpandProperty").is_some() => Value::Unknown,
            None => selected,
        }
    }

    pub(super) fn sort(&self, call: &Call) -> Value {
        let input = call.input.clone().unwrap_or(Value::Null);
        let Value::Array(items) = &input else { return input };
        let properties = call.get("Property").and_then(|list| self.elements(list)).unwrap_or_default();
        let names: Option<Vec<Rc<str>>> = properties.iter().map(|(_, property)| name_of(property)).collect();
        let key = |item: &Value| -> Option<Vec<SortKey>> {
            let of = |value: &Value| match value {
                Value::Int(number) => Some((*number, String::new())),
                other => self.text(other).map(|text| (0, text.to_lowercase())),
            };
            match names.as_deref()? {
                [] => Some(vec![of(item)?]),
                names => names.iter().map(|name| of(&self.member(item, &name.to_ascii_lowercase()))).collect(),
            }
        };
        let cut = ["Top", "Bottom"].iter().any(|name| call.get(name).is_some());
        let keys: Option<Vec<Vec<SortKey>>> = if cut { None } else { items.iter().map(key).collect() };
        let Some(keys) = keys else {
            // Rows of a status cmdlet: their order matters to nobody. Anything else is in an order nobody knows.
            return if !cut && items.iter().all(|item| matches!(item, Value::Service(..))) {
                input
            } else {
                Value::Unknown
            };
        };
        let mut sorted: Vec<(Vec<SortKey>, Value)> = keys.into_iter().zip(items.iter().cloned()).collect();
        sorted.sort_by(|left, right| left.0.cmp(&right.0));
        if call.on("Descending") {
            sorted.reverse();
        }
        if call.on("Unique") || call.cmdlet.name == "Get-Unique" {
            sorted.dedup_by(|left, right| left.0 == right.0);
        }
        Value::array(sorted.into_iter().map(|(_, item)| item).collect())
    }

    /// `Split-Path`, `Join-Path`.
    pub(super) fn path(&self, call: &Call) -> Value {
        let part = |name: &str| call.get(name).and_then(|value| self.text(value));
        let Some(path) = part("Path").or_else(|| call.input.as_ref().and_then(|input| self.text(input))) else {
            return Value::Unknown;
        };
        match call.cmdlet.name {
            "Join-Path" => part("ChildPath").map_or(Value::Unknown, |child| {
                Value::text(format!(
                    "{}\\{}",
                    path.trim_end_matches(['\\', '/']),
                    child.trim_start_matches(['\\', '/'])
                ))
            }),
            _ if call.on("Leaf") => Value::text(path.rsplit(['\\', '/']).next().unwrap_or(&path)),
            _ if call.cmdlet.switches.split(' ').any(|switch| switch != "Parent" && call.on(switch)) => Value::Unknown,
            _ => Value::text(path.rfind(['\\', '/']).map_or("", |at| &path[..at])),
        }
    }

    pub(super) fn measure(&self, call: &Call) -> Value {
        let input = call.input.clone().unwrap_or(Value::Null);
        if self.elements(&input).is_none() {
            return Value::Unknown;
        }
        let count = match &input {
            Value::Array(_) | Value::Maybe(_) | Value::Null => self.member(&input, "count"),
            _ => Value::Int(1),
        };
        Value::Record(Rc::new(vec![("Count".into(), count), (OPEN.into(), Value::Unknown)]))
    }
}

/// What is sorted by: a number, or a text.
type SortKey = (i64, String);

/// The property that an argument names; a block or a table computes one.
fn name_of(property: &Value) -> Option<Rc<str>> {
    match property {
        Value::Text(name) => Some(Rc::clone(name)),
        _ => None,
    }
}
