//! Defects that show while a script is evaluated: what a condition tests that never has a value, loops
//! that only leave themselves, functions that somebody has to remember to call.

use super::Reader;
use crate::runbook::powershell::ast::{Block, Expr, Prepared, Span, Statement, StatementKind};
use crate::runbook::powershell::cmdlet::is_harmless;
use crate::runbook::powershell::env::Env;
use crate::runbook::powershell::eval::is_automatic;
use crate::runbook::powershell::value::Value;
use std::rc::Rc;

impl Reader<'_> {
    /// Notes which variables of a condition have a value where it is tested.
    pub(super) fn note_values(&mut self, condition: &Prepared, env: &Env) {
        let mut names = Vec::new();
        variables(&condition.value, &mut names);
        for name in names {
            if is_automatic(&name) || matches!(&*name, "true" | "false" | "null") {
                continue;
            }
            let valued = env.get(&name).is_some();
            *self.valued.entry((condition.span, name)).or_insert(false) |= valued;
        }
    }

    /// Says which conditions test what never has a value, and which functions that bring something back
    /// nobody calls.
    pub(in crate::runbook::powershell) fn notice_at_the_end(&mut self) {
        let empty: Vec<(Span, Rc<str>)> =
            self.valued.iter().filter(|(_, valued)| !**valued).map(|(key, _)| key.clone()).collect();
        for (span, name) in empty {
            let name = self.as_written(span, &name);
            let message = format!("`${name}` never has a value here: nothing assigns it, or only another scope does");
            let help =
                "a variable that is set in a function or on another machine does not exist outside; return the value";
            self.suspicious(span, "never-assigned", message, Some(help.to_owned()));
        }
        if self.called || self.by_hand {
            return;
        }
        let mut forgotten: Vec<(Span, Rc<str>)> = Vec::new();
        for function in self.functions.values() {
            let span = function.span;
            let text = self.units[span.unit as usize].text.get(span.start as usize..span.end as usize).unwrap_or("");
            let text = text.to_ascii_lowercase();
            let brings_back = text.contains("invoke-cscomputerfailback") || text.contains("start-cswindowsservice");
            if brings_back && !self.called_functions.contains(&function.name) {
                forgotten.push((span, Rc::clone(&function.name)));
            }
        }
        forgotten.sort();
        for (span, name) in forgotten {
            let name = self.as_written(span, &name);
            let message =
                format!("`{name}` brings a server back, and the script never calls it: somebody has to remember to");
            let help = format!("if it is called by hand, say so in the scenario: `call = \"{name} …\"`");
            let head = Span { end: span.start.saturating_add(name.len() as u32 + 9).min(span.end), ..span };
            self.suspicious(head, "never-called", message, Some(help));
        }
    }

    /// The entries of a table that is not `[ordered]` come in an order of their own.
    pub(super) fn notice_order(&mut self, list: &Prepared, env: &Env) {
        let table = match &list.value {
            Expr::Member { object, name } => match &**name {
                Expr::Literal(Value::Text(name))
                    if ["keys", "values"].iter().any(|own| own.eq_ignore_ascii_case(name)) =>
                {
                    object
                }
                _ => return,
            },
            Expr::Method { object, name, .. } if &**name == "getenumerator" => object,
            _ => return,
        };
        let several = matches!(self.eval(table, env), Value::Record(fields) if fields.len() > 1);
        let ordered = |text: &str| text.to_ascii_lowercase().contains("[ordered]");
        if several && !self.units.iter().any(|unit| ordered(&unit.text)) {
            let message = "a table gives its entries in an order of its own; here they are taken as written";
            let help = "make it `[ordered]@{ … }`, or sort the keys";
            self.suspicious(list.span, "table-order", message, Some(help.to_owned()));
        }
    }

    /// A name in the case in which it is written there.
    pub(in crate::runbook::powershell) fn as_written(&self, span: Span, name: &str) -> String {
        let text = self.units[span.unit as usize].text.get(span.start as usize..span.end as usize).unwrap_or("");
        let at = text.to_ascii_lowercase().find(name);
        at.and_then(|at| text.get(at..at + name.len())).unwrap_or(name).to_owned()
    }

    /// A loop that has no effect and contains a `break`: what was meant to stop the script leaves it only.
    pub(super) fn notice_idle_loop(&mut self, body: &Block, span: Span) {
        let mut leaves = false;
        if idle(body, &mut leaves) && leaves {
            let message =
                "this loop does nothing but leave itself; a `break` or `continue` in it does not stop the script";
            self.suspicious(
                span,
                "break-leaves-loop-only",
                message,
                Some("write `exit 1` or `throw` to stop the script".to_owned()),
            );
        }
    }
}

fn idle(block: &Block, leaves: &mut bool) -> bool {
    block.iter().all(|statement| idle_statement(statement, leaves))
}

fn idle_statement(statement: &Statement, leaves: &mut bool) -> bool {
    match &statement.kind {
        StatementKind::Break(_) | StatementKind::Continue(_) => {
            *leaves = true;
            true
        }
        StatementKind::If { arms, otherwise } => {
            arms.iter().all(|(condition, block)| condition.before.is_empty() && idle(block, leaves))
                && otherwise.as_ref().is_none_or(|block| idle(block, leaves))
        }
        StatementKind::Pipeline(pipeline) => pipeline.commands.iter().all(|command| {
            command.before.is_empty()
                && matches!(&command.name, Expr::Literal(Value::Text(name)) if name.to_ascii_lowercase().starts_with("write-") && is_harmless(name))
        }),
        StatementKind::Output(prepared) => prepared.before.is_empty(),
        StatementKind::Nothing => true,
        _ => false,
    }
}

fn variables(expr: &Expr, names: &mut Vec<Rc<str>>) {
    match expr {
        Expr::Variable(name) => names.push(Rc::clone(name)),
        Expr::Unary(_, inner) | Expr::Cast(_, inner) => variables(inner, names),
        Expr::Binary(_, left, right) => {
            variables(left, names);
            variables(right, names);
        }
        Expr::Member { object, .. } => variables(object, names),
        _ => {}
    }
}
