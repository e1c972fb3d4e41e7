//! What a command is given: blocks, error actions, defaults from elsewhere.

use super::formals;
use super::table::Cmdlet;
use crate::runbook::powershell::Reader;
use crate::runbook::powershell::ast::{Span, StatementKind};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::eval::pattern;
use crate::runbook::powershell::exec::State;
use crate::runbook::powershell::value::Value;
use std::rc::Rc;

impl Reader<'_> {
    /// Whether a block among the arguments does anything but compute or show.
    pub(super) fn passes_work(&self, arguments: &Arguments) -> bool {
        let works = |value: &Value| match value {
            Value::Block(block) => self.shared.blocks[*block as usize].body.iter().any(
                |statement| !matches!(&statement.kind, StatementKind::Output(prepared) if prepared.before.is_empty()),
            ),
            _ => false,
        };
        arguments.list.iter().any(|argument| match argument {
            Argument::Positional(value) | Argument::Named { value: Some(value), .. } => works(value),
            _ => false,
        })
    }

    /// Whether a command that has no table of parameters is given `-ErrorAction Stop`.
    pub(super) fn asks_to_stop(&self, arguments: &Arguments) -> bool {
        arguments.list.windows(2).any(|pair| match pair {
            [Argument::Named { name, value: None, .. }, Argument::Positional(value)] => {
                let name = name.to_ascii_lowercase();
                let asks = name == "ea" || (name.len() > 5 && "erroraction".starts_with(&name));
                asks && self.text(value).is_some_and(|text| text.eq_ignore_ascii_case("stop"))
            }
            _ => false,
        })
    }

    /// What `$PSDefaultParameterValues` gives for parameters that are not given.
    pub(super) fn defaults(
        &mut self,
        cmdlet: &'static Cmdlet,
        values: &mut Vec<(&'static str, Value)>,
        span: Span,
        state: &State,
    ) {
        let fields = match state.env.get("psdefaultparametervalues") {
            Some(Value::Record(fields)) => Rc::clone(fields),
            Some(Value::Unknown) => {
                self.not_understood(span, "which defaults `$PSDefaultParameterValues` gives is not known", None);
                return;
            }
            _ => return,
        };
        if fields.iter().any(|(key, value)| key.eq_ignore_ascii_case("disabled") && *value != Value::Bool(false)) {
            return;
        }
        for (key, value) in fields.iter() {
            let Some((of, parameter)) = key.split_once(':') else { continue };
            if pattern::like(cmdlet.name, of.trim(), false) != Some(true) {
                continue;
            }
            let parameter = parameter.trim();
            let formal = formals(cmdlet).iter().find(|formal| {
                formal.name.eq_ignore_ascii_case(parameter)
                    || formal.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(parameter))
            });
            if let Some(formal) = formal.filter(|formal| values.iter().all(|(name, _)| *name != formal.name)) {
                values.push((formal.name, value.clone()));
            }
        }
    }
}
