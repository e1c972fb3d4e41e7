//! Service control of Windows itself: it acts on the same services as the cmdlets of the product.

use super::{Call, Kind, Reader};
use crate::lifecycle::service::Startup;
use crate::runbook::Command;
use crate::runbook::powershell::ast::Span;
use crate::runbook::powershell::exec::{ErrorAction, State};
use crate::runbook::powershell::value::Value;
use crate::topology::{ServerId, ServiceSet};

/// What raw service control does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw {
    Stop,
    Start,
    Restart,
    Pause,
    Startup(Startup),
}

impl Reader<'_> {
    /// `Stop-Service` and its kin.
    pub(super) fn raw_services(&mut self, call: &Call, state: State) -> Vec<(State, Value)> {
        let nothing = Value::array(Vec::new());
        let raw = match call.cmdlet.kind {
            Kind::StopService => vec![Raw::Stop],
            Kind::StartService | Kind::ResumeService => vec![Raw::Start],
            Kind::RestartService => vec![Raw::Restart],
            Kind::SuspendService => vec![Raw::Pause],
            _ => match self.set_service(call) {
                Some(raw) => raw,
                None => return vec![(state, nothing)],
            },
        };
        if ["Include", "Exclude"].iter().any(|name| call.get(name).is_some()) {
            let help = "name the services";
            self.not_understood(
                call.span,
                "which services `-Include` and `-Exclude` leave is not known",
                Some(help.into()),
            );
            return vec![(state, nothing)];
        }
        let Some(groups) = self.service_targets(call, &state) else { return vec![(state, nothing)] };
        if call.get("Name").is_none()
            && call.get("DisplayName").is_none()
            && call.input.is_none()
            && call.get("InputObject").is_none()
        {
            self.not_understood(call.span, format!("`{}` needs the name of a service", call.cmdlet.name), None);
            return vec![(state, nothing)];
        }
        let mut states = vec![state];
        for (when, server, services) in groups {
            let mut next = Vec::new();
            for state in states {
                let (acting, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in acting {
                    let action = self.error_action(call, &state);
                    for raw in &raw {
                        self.raw(*raw, server, services, !call.on("NoWait"), action, call.span, &mut state);
                    }
                    next.push(state);
                }
            }
            states = self.joined(next);
        }
        states.into_iter().map(|state| (state, nothing.clone())).collect()
    }

    fn set_service(&mut self, call: &Call) -> Option<Vec<Raw>> {
        let mut raw = Vec::new();
        if let Some(value) = call.get("StartupType") {
            match self.text(value).map(|text| text.to_ascii_lowercase()).as_deref() {
                Some("automatic" | "auto" | "automaticdelayedstart") => raw.push(Raw::Startup(Startup::Automatic)),
                Some("manual" | "demand") => raw.push(Raw::Startup(Startup::Manual)),
                Some("disabled") => raw.push(Raw::Startup(Startup::Disabled)),
                _ => {
                    self.not_understood(
                        call.span,
                        "this startup type does not exist or is not known",
                        Some("`Automatic`, `Manual` or `Disabled`".into()),
                    );
                    return None;
                }
            }
        }
        if let Some(value) = call.get("Status") {
            match self.text(value).map(|text| text.to_ascii_lowercase()).as_deref() {
                Some("stopped") => raw.push(Raw::Stop),
                Some("running") => raw.push(Raw::Start),
                Some("paused") => raw.push(Raw::Pause),
                _ => {
                    self.not_understood(call.span, "this status does not exist or is not known", None);
                    return None;
                }
            }
        }
        if raw.is_empty() {
            self.ignored(call.span, "changes only how the service is described");
            return None;
        }
        Some(raw)
    }

    /// One raw service command.
    #[expect(clippy::too_many_arguments, reason = "what the command consists of")]
    pub(super) fn raw(
        &mut self,
        raw: Raw,
        server: ServerId,
        services: ServiceSet,
        wait: bool,
        action: ErrorAction,
        span: Span,
        state: &mut State,
    ) {
        let stop = Command::StopServices { server, services, graceful: false, wait };
        let start = Command::StartServices { server, services, wait };
        let commands = match raw {
            Raw::Stop => vec![stop],
            Raw::Start => vec![start],
            Raw::Restart => vec![stop, start],
            Raw::Pause => vec![Command::PauseServices { server, services }],
            Raw::Startup(startup) => vec![Command::SetStartup { server, services, startup }],
        };
        for command in commands {
            self.act(state, command, action, span);
        }
    }
}
