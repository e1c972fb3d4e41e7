//! Other files of a script: sourced, imported, run.
//!
//! Invariant: no path leads out of the folder of the script. Files are asked for by relative path.

use crate::runbook::powershell::Reader;
use crate::runbook::powershell::ast::{Command, Invocation, ScriptBlock};
use crate::runbook::powershell::bind::{Argument, Arguments};
use crate::runbook::powershell::exec::{Flow, Outcome, State};
use crate::runbook::powershell::text::Unit;
use crate::runbook::powershell::value::Value;
use std::sync::Arc;

/// How deep files may run one another.
const DEEPEST: usize = 8;

/// A path relative to the script's folder, with `/`; `None` if it leads out of it.
fn inside(path: &str) -> Option<String> {
    let path = path.replace('\\', "/");
    if path.starts_with('/') || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

impl Reader<'_> {
    /// Runs a file that a command names; `None` if the command names none.
    pub(super) fn run_file(
        &mut self,
        name: &str,
        command: &Command,
        arguments: &Arguments,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Result<Vec<(State, Value)>, State> {
        let lower = name.to_ascii_lowercase();
        if !lower.ends_with(".ps1") && !lower.ends_with(".psm1") {
            return Err(state);
        }
        let sourced = command.invocation == Invocation::Source;
        self.run_path(&[name.to_owned()], sourced, arguments.clone(), state, out)
    }

    /// `Import-Module` of a file or a folder beside the script; a module of that name that is not there
    /// is the system's.
    pub(super) fn import(
        &mut self,
        arguments: &Arguments,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Result<Vec<(State, Value)>, State> {
        let name = arguments.list.iter().find_map(|argument| match argument {
            Argument::Positional(value) => self.text(value),
            _ => None,
        });
        let Some(name) = name else { return Err(state) };
        let last = name.rsplit(['\\', '/']).next().unwrap_or(&name).to_owned();
        let is_file = last.to_ascii_lowercase().ends_with(".psm1") || last.to_ascii_lowercase().ends_with(".ps1");
        let mut candidates = vec![name.to_string()];
        if !is_file {
            candidates = vec![
                format!("{name}.psm1"),
                format!("{name}/{last}.psm1"),
                format!("{}.psm1", name.trim_end_matches(".psd1")),
            ];
        }
        let known = candidates.iter().any(|path| inside(path).and_then(|path| self.file(&path)).is_some());
        if !known && !is_file {
            return Err(state);
        }
        let arguments = Arguments { list: Vec::new(), span: arguments.span };
        self.run_path(&candidates, true, arguments, state, out)
    }

    fn file(&self, path: &str) -> Option<Arc<crate::runbook::Source>> {
        self.files.and_then(|files| files(path))
    }

    fn run_path(
        &mut self,
        candidates: &[String],
        sourced: bool,
        arguments: Arguments,
        state: State,
        out: &mut Vec<Outcome>,
    ) -> Result<Vec<(State, Value)>, State> {
        let span = arguments.span;
        let found = candidates.iter().find_map(|path| {
            let path = inside(path)?;
            self.file(&path).map(|source| (path, source))
        });
        let Some((path, source)) = found else {
            let name = candidates.first().map_or("", String::as_str);
            let help = if inside(name).is_none() {
                "only files in the folder of the script or below it are read"
            } else {
                "put the file beside the script, or say in `[commands]` what it does"
            };
            self.not_understood(span, format!("the file `{name}` cannot be read"), Some(help.to_owned()));
            return Ok(vec![(state, Value::Unknown)]);
        };
        if self.running.len() >= DEEPEST || self.running.contains(&path) {
            self.not_understood(span, format!("`{path}` runs itself again"), None);
            return Ok(vec![(state, Value::Unknown)]);
        }
        let script = self.unit(Unit::whole(source));
        let advanced = !script.parameters.is_empty();
        let block = ScriptBlock { parameters: script.parameters, body: script.body, stages: None, advanced };
        self.running.push(path);
        let depth = state.env.depth();
        let mut ended = Vec::new();
        let mut results = self.call_block(&block, arguments, None, !sourced, span, state, &mut ended);
        self.running.pop();
        for (flow, state) in ended {
            match flow {
                // `exit` of a script that was called ends that script only; of a sourced one, both.
                Flow::Exit(..) if !sourced => {
                    let mut state = state;
                    state.env.leave_to(depth);
                    results.push((state, Value::Unknown));
                }
                other => out.push((other, state)),
            }
        }
        Ok(results)
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        assert_eq!(inside(".\\lib\\a.ps1").as_deref(), Some("lib/a.ps1"));
        assert_eq!(inside("lib/../b.ps1").as_deref(), Some("b.ps1"));
        for path in ["..\\a.ps1", "lib/../../a.ps1", "/etc/a.ps1", "C:\\a.ps1", "\\\\host\\a.ps1", "."] {
            assert_eq!(inside(path), None, "{path}");
        }
    }
}
