//! Cmdlets of the product that act.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::alone::Wanted;
use crate::runbook::powershell::exec::State;
use crate::runbook::powershell::value::{BACKUP_STATES, Formula, Question, Value, What};
use crate::runbook::powershell::words;
use crate::runbook::{Command, RemarkKind, Reset};
use crate::topology::{PoolId, PoolKind, ServerId, Service, ServiceSet};
use std::rc::Rc;

impl Reader<'_> {
    /// `Stop-` and `Start-CsWindowsService`.
    pub(super) fn cs_services(&mut self, call: &Call, state: State) -> Vec<(State, Value)> {
        let nothing = Value::array(Vec::new());
        let groups = match self.service_targets(call, &state) {
            Some(groups) => groups,
            None => return vec![(state, nothing)],
        };
        let picked = groups.iter().any(|(when, ..)| !matches!(when, Formula::True));
        if picked && call.cmdlet.kind == Kind::StartCs {
            let message =
                "this starts whatever is stopped at that moment, what somebody else stopped on purpose included";
            let help = "on a server that is failed over it fails, and in mid-maintenance it undoes a stop (F1.43)";
            self.suspicious(call.span, "starts-whatever-is-stopped", message, Some(help.into()));
        }
        let mut states = vec![state];
        for (when, server, services) in groups {
            let mut next = Vec::new();
            for state in states {
                let (acting, passing) = self.divide(&when, state, call.span);
                next.extend(passing);
                for mut state in acting {
                    self.cs_service_command(call, server, services, &mut state);
                    next.push(state);
                }
            }
            states = self.joined(next);
        }
        states.into_iter().map(|state| (state, nothing.clone())).collect()
    }

    fn cs_service_command(&mut self, call: &Call, server: ServerId, services: ServiceSet, state: &mut State) {
        let action = self.error_action(call, state);
        if self.context.deployment.pool_of(server).kind == PoolKind::Edge && state.env.machine != Some(server) {
            let message = "the services of an Edge Server are stopped and started on the Edge Server itself (F9.7)";
            let help = "run it there: a shell with `on`, or `Invoke-Command`, if a session to it is possible";
            self.suspicious(call.span, "edge-from-elsewhere", message, Some(help.into()));
        }
        let wait = !call.on("NoWait");
        let command = if call.cmdlet.kind == Kind::StopCs {
            let mut kept = ServiceSet::NONE;
            if call.on("LeaveWebServerRunning") {
                kept = kept.or(ServiceSet::named(&["W3SVC"]));
            }
            if call.on("LeaveClsAgentRunning") {
                kept = kept.or(ServiceSet::named(&["RTCCLSAGT"]));
            }
            Command::StopServices { server, services: services.without(kept), graceful: call.on("Graceful"), wait }
        } else {
            Command::StartServices { server, services, wait }
        };
        self.act(state, command, action, call.span);
    }

    /// What a service cmdlet acts on: services by server, each with the condition under which it does.
    pub(super) fn service_targets(
        &mut self,
        call: &Call,
        state: &State,
    ) -> Option<Vec<(Formula, ServerId, ServiceSet)>> {
        // What stands in the place of a name is an input object if it is one.
        let object = call.get("Name").filter(|value| value.snapshot().is_some());
        let piped = call.input.as_ref().filter(|input| !matches!(input, Value::Null));
        let records = call.get("InputObject").or(object).or(piped);
        if let Some(value) = records {
            let items = match self.elements(value) {
                Some(items) => items,
                None => {
                    self.not_understood(call.span, "which services the pipeline brings is not known", None);
                    return None;
                }
            };
            let mut groups: Vec<(Formula, ServerId, ServiceSet)> = Vec::new();
            // For each server, the group of services that are stopped or started as one.
            let mut together: Vec<(ServerId, usize)> = Vec::new();
            let mut names = Vec::new();
            for (when, item) in items {
                match item {
                    Value::Service(ref snapshot, service) => {
                        self.used(snapshot);
                        let super::super::value::What::Services(server) = snapshot.what else { continue };
                        let joins = as_one(call.cmdlet.kind, &when, service);
                        match together.iter().find(|(own, _)| joins && *own == server) {
                            Some((_, at)) => {
                                let group = &mut groups[*at];
                                group.0 = Formula::any([group.0.clone(), when]);
                                group.2 = group.2.or(ServiceSet::only(service));
                            }
                            None => {
                                if joins {
                                    together.push((server, groups.len()));
                                }
                                groups.push((when, server, ServiceSet::only(service)));
                            }
                        }
                    }
                    other => names.push((when, other)),
                }
            }
            if !names.is_empty() {
                let server = self.target_machine(call, state)?;
                let services = self.service_names(&Value::Maybe(Rc::new(names)), call)?;
                groups.push((Formula::True, server, services));
            }
            return Some(groups);
        }
        // A name that does not exist is told before a machine that is not known.
        if let Some(name) = call.get("Name").cloned() {
            self.service_names(&name, call)?;
        }
        let server = self.target_machine(call, state)?;
        let services = self.services_meant(call, None, server)?;
        Some(vec![(Formula::True, server, services)])
    }

    /// The machine of a cmdlet whose pipeline input is not a computer.
    fn target_machine(&mut self, call: &Call, state: &State) -> Option<ServerId> {
        match call.get("ComputerName").cloned() {
            Some(value) => match self.server_of(&value, state) {
                Ok(server) => Some(server),
                Err(message) => {
                    self.bad_server(&value, message, call.span);
                    None
                }
            },
            None => {
                if state.env.machine.is_none() {
                    self.no_machine(call.span);
                }
                state.env.machine
            }
        }
    }

    pub(super) fn computer_fail_over(&mut self, call: &Call, state: &mut State) -> Value {
        let nothing = Value::array(Vec::new());
        let version = self.context.deployment.version;
        if !version.has_computer_fail_over() {
            let message = format!("`{}` does not exist in this version (F2.1)", call.cmdlet.name);
            self.suspicious(call.span, "not-in-version", message, Some("stop and start services instead".into()));
        }
        let Some(server) = self.target_server(call, "ComputerName", state) else { return nothing };
        let action = self.error_action(call, state);
        let command = if call.cmdlet.kind == Kind::FailOver {
            Command::FailOver {
                server,
                no_stop: call.on("NoStop"),
                force: call.on("Force"),
                draining_timeout: call.get("DrainingTimeout").is_some(),
            }
        } else {
            Command::FailBack { server, no_start: call.on("NoStart") }
        };
        self.act(state, command, action, call.span);
        nothing
    }

    pub(super) fn pool_command(&mut self, call: &Call, state: &mut State) -> Value {
        let nothing = Value::array(Vec::new());
        let Some(pool) = self.target_pool(call, "PoolFqdn", state) else { return nothing };
        let command = match call.cmdlet.kind {
            Kind::StartPool => {
                if !self.context.deployment.version.has_computer_fail_over() {
                    self.suspicious(
                        call.span,
                        "not-in-version",
                        "`Start-CsPool` does not exist in this version (F4.17)",
                        None,
                    );
                }
                if call.get("SkipRoutingGroup").is_some() {
                    self.not_understood(call.span, "`-SkipRoutingGroup` is not in the model", None);
                }
                let skip = self.skipped(call, pool, state);
                skip.map(|skip| Command::StartPool { pool, recover: call.on("QuorumLossRecovery"), skip })
            }
            Kind::ResetPool => self.reset(call, state).map(|reset| Command::ResetPool {
                pool,
                reset,
                no_restart: call.on("NoReStart"),
            }),
            Kind::FailOverPool => Some(Command::FailOverPool { pool, disaster: call.on("DisasterMode") }),
            Kind::FailBackPool => Some(Command::FailBackPool { pool, disaster: call.on("DisasterMode") }),
            _ => match call
                .get("NewPrincipal")
                .and_then(|value| self.text(value))
                .map(|text| text.to_ascii_lowercase())
                .as_deref()
            {
                Some("mirror") => Some(Command::FailOverDatabase { pool, to_mirror: true }),
                Some("primary") => Some(Command::FailOverDatabase { pool, to_mirror: false }),
                _ => {
                    self.not_understood(call.span, "`-NewPrincipal` must be `Mirror` or `Primary`", None);
                    None
                }
            },
        };
        if let Some(command) = command {
            let action = self.error_action(call, state);
            self.act(state, command, action, call.span);
        }
        nothing
    }

    /// The pool that hosts the management store; a topology without one leaves nothing to move.
    fn store_home(&mut self, call: &Call) -> Option<PoolId> {
        let home = self.context.deployment.management_store();
        if home.is_none() {
            let help = "give its pool `hosts-management-store = true` in the deployment";
            let message = "no pool of the deployment hosts the Central Management Store";
            self.not_understood(call.span, message, Some(help.into()));
        }
        home
    }

    /// The front ends that `-SkipServer` names, if all of them are known and of the pool.
    fn skipped(&mut self, call: &Call, pool: PoolId, state: &State) -> Option<Vec<ServerId>> {
        let Some(value) = call.get("SkipServer").cloned() else { return Some(Vec::new()) };
        let known = self.elements(&value).filter(|items| items.iter().all(|(when, _)| *when == Formula::True));
        let Some(items) = known else {
            self.bad_server(&value, "which servers are skipped is not known".into(), call.span);
            return None;
        };
        let mut skipped = Vec::new();
        for (_, item) in items {
            match self.server_of(&item, state) {
                Ok(server) if self.context.deployment.servers[server.0].pool == pool => skipped.push(server),
                Ok(_) => {
                    self.bad_server(&item, "a server that is not of the pool cannot be skipped".into(), call.span);
                    return None;
                }
                Err(message) => {
                    self.bad_server(&item, message, call.span);
                    return None;
                }
            }
        }
        skipped.sort_unstable();
        skipped.dedup();
        Some(skipped)
    }

    /// `Get-CsBackupServiceStatus`: the overall state of what is copied to the paired pool.
    pub(super) fn backup_status(&mut self, call: &Call, state: &mut State) -> Value {
        let Some(pool) = self.target_pool(call, "PoolFqdn", state) else { return Value::Unknown };
        if self.context.deployment.pools[pool.0].paired_with.is_none() {
            self.not_understood(call.span, "the pool is not one of a pair", None);
            return Value::Unknown;
        }
        let snapshot = self.observe(state, What::Backup(pool), call.span);
        let row = |status: &str| {
            let fields = vec![
                ("OverallExportStatus".into(), Value::text(status)),
                ("OverallImportStatus".into(), Value::Unknown),
            ];
            Value::Record(Rc::new(fields))
        };
        crate::runbook::powershell::eval::by_answer(&snapshot, Question::Backup(pool), BACKUP_STATES.map(row))
    }

    /// `Invoke-CsManagementServerFailover`.
    pub(super) fn move_store(&mut self, call: &Call, state: &mut State) -> Value {
        if call.on("Restore") {
            self.not_understood(call.span, "`-Restore` is not in the model", None);
        } else if let Some(home) = self.store_home(call) {
            let action = self.error_action(call, state);
            self.act(state, Command::MoveManagementStore { home, force: call.on("Force") }, action, call.span);
        }
        Value::array(Vec::new())
    }

    /// `Get-CsManagementStoreReplicationStatus`: one row that stands for the row of every replica.
    pub(super) fn store_status(&mut self, call: &Call, state: &mut State) -> Value {
        let Some(home) = self.context.deployment.management_store() else { return Value::Unknown };
        if call.on("CentralManagementStoreStatus") {
            return Value::Unknown;
        }
        let snapshot = self.observe(state, What::Store(home), call.span);
        let row = |up_to_date| Value::Record(Rc::new(vec![("UpToDate".into(), Value::Bool(up_to_date))]));
        crate::runbook::powershell::eval::by_answer(&snapshot, Question::Replicated(home), [row(true), row(false)])
    }

    /// `Set-CsEdgeServer -Registrar`: another next hop for an Edge pool.
    pub(super) fn set_edge(&mut self, call: &Call, state: &mut State) -> Value {
        let nothing = Value::array(Vec::new());
        let (Some(edge), Some(hop)) = (call.get("Identity").cloned(), call.get("Registrar").cloned()) else {
            self.not_understood(
                call.span,
                "the Edge pool and its next hop are missing: `-Identity`, `-Registrar`",
                None,
            );
            return nothing;
        };
        let (Some(edge), Some(hop)) = (self.pool_of(&edge, call), self.pool_of(&hop, call)) else { return nothing };
        let kind = |pool: PoolId| self.context.deployment.pools[pool.0].kind;
        if kind(edge) != PoolKind::Edge || matches!(kind(hop), PoolKind::Edge | PoolKind::Mediation) {
            let message = "`-Identity` names an Edge pool and `-Registrar` a pool of front ends or Directors";
            self.not_understood(call.span, message, None);
            return nothing;
        }
        let action = self.error_action(call, state);
        self.act(state, Command::SetNextHop { edge, hop }, action, call.span);
        nothing
    }

    fn reset(&mut self, call: &Call, state: &State) -> Option<Reset> {
        let given = match call.get("ResetType") {
            None => return Some(Reset::Service),
            Some(value) => self.text(value).map(|text| text.to_ascii_lowercase()),
        };
        match given.as_deref() {
            Some("servicereset") => Some(Reset::Service),
            Some("quorumlossrecovery") => Some(Reset::QuorumLossRecovery),
            Some("fullreset") => {
                let message = "a `FullReset` brings failed-over servers back and may leave the pool down (F4.13)";
                self.suspicious(
                    call.span,
                    "full-reset",
                    message,
                    Some("try `QuorumLossRecovery` or `ServiceReset` first".into()),
                );
                Some(Reset::Full)
            }
            Some("machinestateremoved") => match call.get("MachineFqdn").cloned() {
                Some(machine) => match self.server_of(&machine, state) {
                    Ok(server) => Some(Reset::MachineStateRemoved(server)),
                    Err(message) => {
                        self.bad_server(&machine, message, call.span);
                        None
                    }
                },
                None => {
                    self.not_understood(call.span, "`MachineStateRemoved` needs `-MachineFqdn`", None);
                    None
                }
            },
            _ => {
                let help = "`ServiceReset`, `QuorumLossRecovery`, `FullReset` or `MachineStateRemoved`";
                self.not_understood(call.span, "this `-ResetType` does not exist", Some(help.into()));
                None
            }
        }
    }

    /// The pool of a call: its parameter or input, else the pool of the machine.
    pub(super) fn target_pool(&mut self, call: &Call, parameter: &str, state: &State) -> Option<PoolId> {
        let input = call.input.as_ref().filter(|input| !matches!(input, Value::Null));
        match call.get(parameter).or(input).cloned() {
            Some(value) => self.pool_of(&value, call),
            None => {
                if state.env.machine.is_none() {
                    self.no_machine(call.span);
                }
                state.env.machine.map(|machine| self.context.deployment.servers[machine.0].pool)
            }
        }
    }

    /// The pool that a value names.
    pub(super) fn pool_of(&mut self, value: &Value, call: &Call) -> Option<PoolId> {
        let deployment = self.context.deployment;
        let text = match value {
            Value::Pool(pool) | Value::PoolService(pool, _) => return Some(*pool),
            Value::Array(items) if items.len() == 1 => {
                let only = items[0].clone();
                return self.pool_of(&only, call);
            }
            other => self.text(other),
        };
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            if self.source_text(call.span).contains(crate::runbook::powershell::markdown::UNBOUND) {
                return None;
            }
            let help = "give the variable a value: `arguments` of the operator in the scenario, or a literal";
            self.remark(
                RemarkKind::NotUnderstood,
                "unknown-pool",
                call.span,
                "which pool is meant is not known",
                Some(help.into()),
            );
            return None;
        };
        // `Get-CsPool` takes `Registrar:pool` and `1-Registrar-1` too; the part after the colon is the name.
        let name = text.rsplit(':').next().unwrap_or(&text).trim();
        let by_label = || {
            let found = deployment.pool(name.split('.').next().unwrap_or(name))?;
            (!deployment.pools[found.0].fqdn.contains('.')).then_some(found)
        };
        let found = deployment.pool(name).or_else(by_label);
        if found.is_none() && self.alone {
            self.wanted.push(Wanted::Pool(name.to_owned()));
        }
        if found.is_none() {
            let near = words::nearest(name, deployment.pools.iter().map(|pool| pool.fqdn.as_str()));
            let known: Vec<&str> = deployment.pools.iter().map(|pool| pool.fqdn.as_str()).collect();
            let help = near.map_or_else(
                || format!("the pools are {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.remark(
                RemarkKind::NotUnderstood,
                "unknown-pool",
                call.span,
                format!("`{name}` is no pool of the deployment"),
                Some(help),
            );
        }
        found
    }
}

/// Whether a service that the pipeline brings under a condition is acted on together with the others: surely, or because the
/// cmdlet changes nothing where the condition is false. Otherwise each is acted on by itself.
fn as_one(kind: Kind, when: &Formula, service: Service) -> bool {
    match when {
        Formula::True => true,
        Formula::Atom { question: Question::Service(_, own), mask, .. } if *own == service => {
            let (stopped, running) = (mask & 1 != 0, mask & 4 != 0);
            match kind {
                Kind::StopCs | Kind::StopService => running && !stopped,
                Kind::StartCs | Kind::StartService => stopped && !running,
                _ => false,
            }
        }
        _ => false,
    }
}
