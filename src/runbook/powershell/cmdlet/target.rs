//! Which servers a call is about.

use super::{Call, Kind, Reader};
use crate::runbook::RemarkKind;
use crate::runbook::powershell::alone::Wanted;
use crate::runbook::powershell::ast::Span;
use crate::runbook::powershell::exec::State;
use crate::runbook::powershell::markdown::UNBOUND;
use crate::runbook::powershell::value::{Formula, Value};
use crate::runbook::powershell::words;
use crate::topology::ServerId;

impl Reader<'_> {
    /// If a call is about a server of which only is known that it is one of a list: once for each server that it
    /// can be. From here on it is that one.
    pub(super) fn each_server(&mut self, call: &Call, state: State) -> Vec<(Call, State)> {
        let of_servers = |name: &str| matches!(name, "ComputerName" | "MachineFqdn" | "Session");
        let of_input = matches!(
            call.cmdlet.kind,
            Kind::FailOver
                | Kind::FailBack
                | Kind::RestartComputer
                | Kind::StopComputer
                | Kind::TestConnection
                | Kind::Computers
        );
        let values = call
            .values
            .iter()
            .filter(|(name, _)| of_servers(name) || *name == "Identity" && call.cmdlet.kind == Kind::Computers);
        let input = call.input.iter().filter(|_| of_input);
        let Some(item) = values.map(|(_, value)| value).chain(input).find_map(Value::item) else {
            return vec![(call.clone(), state)];
        };
        let message = format!(
            "which server `{}` is about is not known: it may be each of the deployment",
            self.source_text(call.span)
        );
        let help = "give the variable a value in `arguments` of the operator if it is known";
        self.suspicious(call.span, "any-server", message, Some(help.to_owned()));
        let servers = self.context.deployment.servers.len();
        let mut results = Vec::new();
        let mut rest = vec![state];
        for server in (0..servers).map(ServerId) {
            for state in std::mem::take(&mut rest) {
                let (here, elsewhere) = match server.0 + 1 < servers {
                    true => self.divide(&Formula::Unknown, state, call.span),
                    false => (vec![state], Vec::new()),
                };
                rest.extend(elsewhere);
                for mut state in here {
                    let value = Value::Server(server);
                    state.env.decide(&item, &value);
                    let mut call = call.clone();
                    call.values.iter_mut().map(|(_, own)| own).chain(&mut call.input).for_each(|own| {
                        if let Some(decided) = own.decided(&item, &value) {
                            *own = decided;
                        }
                    });
                    results.push((call, state));
                }
            }
        }
        results
    }

    pub(super) fn no_machine(&mut self, span: Span) {
        if self.alone {
            self.wanted.push(Wanted::Machine);
        }
        let help = "give the operator `on = \"…\"` in the scenario, or the step a `-ComputerName`";
        let message = "the step acts on the machine that it runs on, and the scenario does not say which that is";
        self.remark(RemarkKind::NotUnderstood, "no-machine", span, message, Some(help.into()));
    }

    /// The server that a value names; otherwise what to say about it.
    pub(super) fn server_of(&self, value: &Value, state: &State) -> Result<ServerId, String> {
        let text = match value {
            Value::Server(server) => return Ok(*server),
            Value::Array(items) if items.len() == 1 => return self.server_of(&items[0], state),
            Value::Session(items) if items.len() == 1 => return self.server_of(&items[0], state),
            Value::Record(_) => {
                let field = ["fqdn", "computername", "name", "identity"].iter().map(|name| self.member(value, name));
                return match field.into_iter().find(|field| *field != Value::Null) {
                    Some(field) => self.server_of(&field, state),
                    None => Err("the object names no server".into()),
                };
            }
            Value::Null => return Err("the server is an empty value".into()),
            other => match self.text(other) {
                Some(text) => text,
                None => return Err("which server is meant is not known".into()),
            },
        };
        let text = text.trim();
        let deployment = self.context.deployment;
        if let (true, Some(machine)) =
            (matches!(text.to_ascii_lowercase().as_str(), "." | "localhost" | "127.0.0.1" | "::1"), state.env.machine)
        {
            return Ok(machine);
        }
        let by_label = || {
            let found = deployment.server(text.split('.').next().unwrap_or(text))?;
            (!deployment.servers[found.0].fqdn.contains('.')).then_some(found)
        };
        deployment.server(text).or_else(by_label).ok_or_else(|| format!("`{text}` is no server of the deployment"))
    }

    /// The server that a call acts on: its parameter or what the pipeline brings, else the machine.
    pub(super) fn target_server(&mut self, call: &Call, parameter: &str, state: &State) -> Option<ServerId> {
        let input = call.input.as_ref().filter(|input| !matches!(input, Value::Null));
        let Some(value) = call.get(parameter).or(input) else {
            if state.env.machine.is_none() {
                self.no_machine(call.span);
            }
            return state.env.machine;
        };
        match self.server_of(value, state) {
            Ok(server) => Some(server),
            Err(message) => {
                self.bad_server(value, message, call.span);
                None
            }
        }
    }

    pub(super) fn bad_server(&mut self, value: &Value, message: String, span: Span) {
        let written = self.source_text(span).to_ascii_lowercase();
        // A placeholder without a value was remarked on already.
        if written.contains(UNBOUND) {
            return;
        }
        if self.context.machine.is_none() && written.contains("$env:computername") {
            return self.no_machine(span);
        }
        if let (true, Some(text)) = (self.alone, self.text(value).filter(|text| !text.trim().is_empty())) {
            self.wanted.push(Wanted::Server(text.trim().to_owned()));
        }
        let names: Vec<String> = self.context.deployment.servers.iter().map(|server| server.fqdn.clone()).collect();
        let help = match self.text(value) {
            // What is made up is made of what the script says.
            Some(_) if self.alone => None,
            Some(text) if !text.is_empty() => {
                words::nearest(&text, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
            }
            _ => Some("give the variable a value: `arguments` of the operator in the scenario, or a literal".into()),
        };
        self.remark(RemarkKind::NotUnderstood, "unknown-server", span, message, help);
    }

    /// All servers that a call acts on, each with the condition under which it does.
    pub(super) fn target_servers(&mut self, call: &Call, parameter: &str, state: &State) -> Vec<(Formula, ServerId)> {
        let value = call.get(parameter).or(call.input.as_ref()).cloned();
        let Some(value) = value else {
            return self
                .target_server(call, parameter, state)
                .map(|server| (Formula::True, server))
                .into_iter()
                .collect();
        };
        let value = match value {
            Value::Session(items) => Value::Array(items),
            other => other,
        };
        if value == Value::Unknown && !self.source_text(call.span).contains(UNBOUND) {
            let message = "which servers are meant is not known: it may be any of the deployment, or none";
            let help = "give the variable a value in `arguments` of the operator if it is known";
            self.suspicious(call.span, "any-server", message, Some(help.to_owned()));
            let servers = (0..self.context.deployment.servers.len()).map(ServerId);
            return servers.map(|server| (Formula::Unknown, server)).collect();
        }
        let Some(items) = self.elements(&value).filter(|items| !items.is_empty()) else {
            self.bad_server(&value, "which servers are meant is not known".into(), call.span);
            return Vec::new();
        };
        let mut servers = Vec::new();
        for (when, item) in items {
            match self.server_of(&item, state) {
                Ok(server) => servers.push((when, server)),
                Err(message) => self.bad_server(&item, message, call.span),
            }
        }
        servers
    }
}
