//! Compares a TOML document with the schema and says, with places, everything that has the wrong shape:
//! unknown keys, wrong types, names that no list contains, numbers out of range, missing keys.
//!
//! serde would stop at the first mistake and knows no neighbours of a misspelt name; this reads the same
//! schema that editors use, so the two cannot disagree.
//!
//! Invariant: a document without remarks here is read by serde without an error.
//! Cost: one pass over the document.

use super::nearest::{list, suggestion};
use super::problem::{Problem, place};
use crate::runbook::Source;
use serde_json::{Map, Value};
use serde_spanned::Spanned;
use std::ops::Range;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

type SpannedValue<'i> = Spanned<DeValue<'i>>;

/// Everything in which the document differs from the schema, in the order of the file.
pub(super) fn compare(document: &Spanned<DeTable<'_>>, schema: &Value, source: &Arc<Source>) -> Vec<Problem> {
    let mut comparison = Comparison { source, problems: Vec::new() };
    comparison.table(document.get_ref(), document.span(), schema, "");
    comparison.problems.sort_by_key(|problem| problem.place.offset);
    comparison.problems
}

struct Comparison<'a> {
    source: &'a Arc<Source>,
    problems: Vec<Problem>,
}

impl Comparison<'_> {
    fn report(&mut self, code: &'static str, span: Range<usize>, message: String, label: String, help: Option<String>) {
        let mut problem = Problem::new(code, place(self.source, span), message, label);
        problem.help = help;
        self.problems.push(problem);
    }

    /// `path` is what a message calls the value: `[faults] crash`, `[[operator]] name`.
    fn value(&mut self, value: &SpannedValue<'_>, schema: &Value, path: &str) {
        if let Some(branches) = schema["anyOf"].as_array() {
            match branches.iter().find(|branch| has_type(value.get_ref(), branch)) {
                Some(branch) => self.value(value, branch, path),
                None => self.wrong_type(value, schema, path),
            }
            return;
        }
        if !has_type(value.get_ref(), schema) {
            self.wrong_type(value, schema, path);
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) => self.table(table, value.span(), schema, path),
            DeValue::Array(items) => self.array(items, value.span(), schema, path),
            DeValue::Integer(_) => self.range(value, schema, path),
            DeValue::String(text) => {
                let choices = choices(schema);
                if !choices.is_empty() && !choices.contains(&text.as_ref()) {
                    let noun = schema["x-noun"].as_str().unwrap_or("value");
                    self.report(
                        "unknown-name",
                        value.span(),
                        match noun {
                            "value" => format!("{path} cannot be `{text}`"),
                            noun => format!("there is no {noun} `{text}`"),
                        },
                        format!("expected {}", expected(schema)),
                        Some(suggestion(text, "one of", &choices)),
                    );
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>, schema: &Value, path: &str) {
        let none = Map::new();
        let known = schema["properties"].as_object().unwrap_or(&none);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(schema) = known.get(name) {
                self.value(value, schema, &below(path, name, schema));
            } else if schema["additionalProperties"].is_object() {
                self.value(value, &schema["additionalProperties"], &below(path, name, schema));
            } else {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                let of = if path.is_empty() { "a scenario".to_owned() } else { path.to_owned() };
                let (message, label) = match schema["x-noun"].as_str() {
                    Some(noun) => (format!("there is no {noun} `{name}`"), format!("not the name of a {noun}")),
                    None => (format!("{of} has no key `{name}`"), "unknown key".to_owned()),
                };
                let help = misplaced(name, path).unwrap_or_else(|| suggestion(name, "possible here", &names));
                self.report("unknown-key", key.span(), message, label, Some(help));
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !table.keys().any(|key| key.get_ref() == name) {
                let schema = &known[name];
                let about = schema["description"].as_str().unwrap_or("");
                let (message, help) = if path.is_empty() {
                    (format!("a scenario needs [{name}]"), format!("[{name}]: {about}"))
                } else {
                    (format!("{path} needs `{name}`"), format!("`{name}`: {about}"))
                };
                // The span of a table in several parts may be large; its header is what a reader looks at.
                let span = self.first_line(&span);
                self.report("missing-key", span, message, format!("`{name}` is missing"), Some(help));
            }
        }
    }

    fn array(&mut self, items: &[SpannedValue<'_>], span: Range<usize>, schema: &Value, path: &str) {
        let (min, max) = (schema["minItems"].as_u64(), schema["maxItems"].as_u64());
        let count = items.len() as u64;
        if min.is_some_and(|min| count < min) || max.is_some_and(|max| count > max) {
            let bounds = match (min, max) {
                (Some(min), Some(max)) => format!("from {min} to {max} entries"),
                (None, Some(max)) => format!("at most {max} entries"),
                (min, None) => format!("at least {} entry", min.unwrap_or(0)),
            };
            let message = if count == 0 { format!("{path} is empty") } else { format!("{path} has {count} entries") };
            self.report("wrong-count", span, message, format!("expected {bounds}"), None);
        }
        let single = path.strip_prefix('[').map_or_else(|| format!("an entry of {path}"), |_| path.to_owned());
        for item in items {
            self.value(item, &schema["items"], &single);
        }
    }

    fn range(&mut self, value: &SpannedValue<'_>, schema: &Value, path: &str) {
        let number = integer(value.get_ref());
        let at_least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
        let at_most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
        if !number.is_some_and(|number| (at_least..=at_most).contains(&number)) {
            self.report(
                "out-of-range",
                value.span(),
                format!("{path} is out of range"),
                format!("expected {}", expected(schema)),
                None,
            );
        }
    }

    fn wrong_type(&mut self, value: &SpannedValue<'_>, schema: &Value, path: &str) {
        let written = &self.source.text[value.span().start.min(self.source.text.len())..];
        let written = written.get(..value.span().len()).unwrap_or("");
        let choices = all_choices(schema);
        let help = if choices.contains(&written) {
            Some(format!("put it in quotes: \"{written}\""))
        } else if listed(schema).is_some_and(|items| has_type(value.get_ref(), items)) && !written.contains('\n') {
            Some(format!("put it in brackets: [{written}]"))
        } else if accepts(schema, "string") && !written.contains(['"', '\n', '[', '{']) && choices.is_empty() {
            Some(format!("put it in quotes: \"{written}\""))
        } else {
            None
        };
        let span = match value.get_ref() {
            DeValue::Table(_) => self.first_line(&value.span()),
            _ => value.span(),
        };
        if path.starts_with("[[") && path.ends_with("]]") {
            let name = path.trim_matches(['[', ']']);
            let message = format!("`{name}` is a list of tables");
            let help = Some(format!("each of them begins with a line {path}"));
            self.report("wrong-type", span, message, format!("expected {path}"), help);
            return;
        }
        self.report(
            "wrong-type",
            span,
            format!("{path} cannot be {}", kind(value.get_ref())),
            format!("expected {}", expected(schema)),
            help,
        );
    }

    fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let start = span.start.min(self.source.text.len());
        let line = self.source.text[start..].lines().next().unwrap_or("").len();
        start..span.end.min(start + line)
    }
}

/// Keys that people look for in another table.
fn misplaced(name: &str, path: &str) -> Option<String> {
    let home = match name {
        "version" | "topology" => "[deployment]",
        "pool" | "pools" => "[[deployment.pool]]",
        "front-ends" | "back-end" | "upgrade-domains" => "[[deployment.pool]]",
        "steps" | "runbook" | "menu" | "arguments" => "[[operator]]",
        "crash" | "hung-conference" | "watchdog" | "update-policy-reboot" => "[faults]",
        _ => return None,
    };
    (path != home).then(|| format!("`{name}` belongs into {home}"))
}

/// The path of a key: tables by their header, keys of tables after it.
fn below(path: &str, key: &str, schema: &Value) -> String {
    let is_table = schema["type"] == "object";
    let is_tables = schema["type"] == "array" && schema["items"]["type"] == "object";
    let inside = path.trim_matches(['[', ']']);
    match (path.is_empty(), is_table, is_tables) {
        (true, true, _) => format!("[{key}]"),
        (true, _, true) => format!("[[{key}]]"),
        (true, _, _) => format!("`{key}`"),
        (false, _, true) => format!("[[{inside}.{key}]]"),
        (false, _, _) => format!("{path} `{key}`"),
    }
}

/// What the entries of a list are, where a list is allowed.
fn listed(schema: &Value) -> Option<&Value> {
    let branches = schema["anyOf"].as_array().map_or(std::slice::from_ref(schema), Vec::as_slice);
    branches.iter().find(|branch| branch["type"] == "array").map(|branch| &branch["items"])
}

fn has_type(value: &DeValue<'_>, schema: &Value) -> bool {
    match value {
        DeValue::String(_) => accepts(schema, "string"),
        DeValue::Integer(_) => accepts(schema, "integer"),
        DeValue::Boolean(_) => accepts(schema, "boolean"),
        DeValue::Array(_) => accepts(schema, "array"),
        DeValue::Table(_) => accepts(schema, "object"),
        DeValue::Float(_) | DeValue::Datetime(_) => false,
    }
}

fn accepts(schema: &Value, name: &str) -> bool {
    match schema["anyOf"].as_array() {
        Some(branches) => branches.iter().any(|branch| accepts(branch, name)),
        None => schema["type"] == name || (name == "string" && !choices(schema).is_empty()),
    }
}

/// The strings of a list of choices; empty if any string will do.
fn choices(schema: &Value) -> Vec<&str> {
    let constants = schema["oneOf"].as_array().into_iter().flatten().filter_map(|branch| branch["const"].as_str());
    let names = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    constants.chain(names).collect()
}

fn has_choices(schema: &Value) -> bool {
    !choices(schema).is_empty()
}

fn all_choices(schema: &Value) -> Vec<&str> {
    let mut all = choices(schema);
    all.extend(schema["anyOf"].as_array().into_iter().flatten().flat_map(choices));
    all
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What a schema allows, in words.
fn expected(schema: &Value) -> String {
    if let Some(branches) = schema["anyOf"].as_array() {
        let words: Vec<String> = branches.iter().map(expected).collect();
        return match words.as_slice() {
            [first, second] => format!("{first} or {second}"),
            [first @ .., last] => format!("{}, or {last}", first.join(", ")),
            [] => String::new(),
        };
    }
    let choices = choices(schema);
    if !choices.is_empty() {
        let noun = schema["x-noun"].as_str().filter(|_| choices.len() > 6);
        return noun.map_or_else(|| format!("one of {}", list(&choices)), |noun| format!("the name of a {noun}"));
    }
    match schema["type"].as_str().unwrap_or("") {
        "string" => "a string".to_owned(),
        "integer" => match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
            (Some(min), Some(max)) => format!("a whole number from {min} to {max}"),
            _ => "a whole number".to_owned(),
        },
        "boolean" => "true or false".to_owned(),
        "array" => match (schema["items"]["type"].as_str(), has_choices(&schema["items"])) {
            (Some("string"), false) => "a list of strings".to_owned(),
            (Some("object"), _) => "a list of tables".to_owned(),
            (Some("array"), _) => format!("a list of lists: each entry {}", expected(&schema["items"])),
            _ => format!("a list of strings, each {}", expected(&schema["items"])),
        },
        "object" => match schema["properties"].as_object() {
            Some(keys) if keys.len() <= 4 => {
                format!("a table with {}", list(&keys.keys().map(String::as_str).collect::<Vec<_>>()))
            }
            _ => "a table".to_owned(),
        },
        _ => "something else".to_owned(),
    }
}
