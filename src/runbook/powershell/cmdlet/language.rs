//! Commands of the shell about variables, objects and code.

use super::{Call, Reader};
use crate::runbook::powershell::ast::ScriptBlock;
use crate::runbook::powershell::bind::Arguments;
use crate::runbook::powershell::eval::OPEN;
use crate::runbook::powershell::exec::{Outcome, State, with_field};
use crate::runbook::powershell::text::Unit;
use crate::runbook::powershell::value::Value;
use std::rc::Rc;

impl Reader<'_> {
    /// `Set-Variable`, `Clear-Variable`, in whatever scope.
    pub(super) fn set_variables(&mut self, call: &Call, value: Option<Value>, state: &mut State) {
        let names = call.get("Name").and_then(|names| self.elements(names)).unwrap_or_default();
        let scope = call.get("Scope").map(|scope| self.text(scope).map(|text| text.to_ascii_lowercase()));
        for (_, name) in names {
            let name = self.text(&name).filter(|name| !name.contains('*')).map(|name| name.to_ascii_lowercase());
            let Some(name) = name else {
                self.not_understood(call.span, "which variable is meant is not known", None);
                continue;
            };
            let value = value.clone().unwrap_or(Value::Null).bounded();
            match scope.as_ref().map(Option::as_deref) {
                None | Some(Some("local" | "private" | "0")) => state.env.set(&name, value),
                Some(Some("script" | "global")) => state.env.set(&format!("script:{name}"), value),
                Some(other) => match other.and_then(|calls| calls.parse().ok()) {
                    Some(calls) => state.env.set_outside(&name, calls, value),
                    None => self.not_understood(call.span, "in which scope the variable is set is not known", None),
                },
            }
        }
    }

    /// `Add-Member`: the object has one member more, for whoever holds it.
    pub(super) fn add_member(&mut self, call: &Call, state: &mut State) -> Value {
        let Some(object) = call.get("InputObject").or(call.input.as_ref()).cloned() else { return Value::Unknown };
        let mut changed = object.clone();
        if let Value::Record(fields) = &object {
            let kind = call.get("MemberType").and_then(|kind| self.text(kind)).map(|kind| kind.to_ascii_lowercase());
            let plain = kind.as_deref().is_none_or(|kind| matches!(kind, "noteproperty" | "16" | ""));
            let part = |names: [&str; 2]| names.iter().find_map(|name| call.get(name)).cloned();
            let name = part(["NotePropertyName", "Name"]).and_then(|name| self.text(&name));
            changed = match (name, part(["NotePropertyValue", "Value"]), call.get("NotePropertyMembers")) {
                (Some(name), Some(value), _) if plain => with_field(fields, name, value),
                (Some(name), _, _) => with_field(fields, name, Value::Unknown),
                (None, _, Some(Value::Record(more))) => {
                    let all = fields.iter().chain(more.iter()).cloned();
                    Value::Record(Rc::new(all.collect()))
                }
                _ => with_field(fields, OPEN.into(), Value::Unknown),
            };
            state.env.change(&object, &changed);
        }
        if call.on("PassThru") { changed } else { Value::array(Vec::new()) }
    }

    /// `Measure-Command { … }`: the block runs, and its output is thrown away.
    pub(super) fn measured(&mut self, call: &Call, state: State, out: &mut Vec<Outcome>) -> Vec<(State, Value)> {
        let Some(Value::Block(block)) = call.get("Expression") else {
            self.not_understood(call.span, "which commands this runs is not known", None);
            return vec![(state, Value::Unknown)];
        };
        let block = Rc::clone(&self.shared.blocks[*block as usize]);
        let arguments = Arguments { list: Vec::new(), span: call.span };
        let results = self.call_block(&block, arguments, None, false, call.span, state, out);
        results.into_iter().map(|(state, _)| (state, Value::Unknown)).collect()
    }

    /// `Invoke-Expression`: a text that is known is read as a part of the script.
    pub(super) fn expression_of_text(
        &mut self,
        call: &Call,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Vec<(State, Value)> {
        let text = call.get("Command").or(call.input.as_ref()).and_then(|text| self.text(text));
        let Some(text) = text.filter(|_| self.units.len() < MOST_TEXTS) else {
            let help = "write the commands themselves";
            self.not_understood(call.span, "which commands the text holds is not known", Some(help.into()));
            return vec![(state, Value::Unknown)];
        };
        let unit = Unit::standing_for(&self.units[call.span.unit as usize], &text, call.span);
        let script = self.unit(unit);
        let block = ScriptBlock { parameters: script.parameters, body: script.body, stages: None, advanced: false };
        let arguments = Arguments { list: Vec::new(), span: call.span };
        self.call_block(&block, arguments, None, false, call.span, state, out)
    }
}

/// Texts that are read as commands, at most.
const MOST_TEXTS: usize = 400;
