//! Cmdlets that list what is deployed.

use super::{Call, Reader};
use crate::runbook::powershell::exec::State;
use crate::runbook::powershell::value::{Formula, Value};
use crate::topology::{PoolId, PoolKind, ServerId};
use std::rc::Rc;

impl Reader<'_> {
    pub(super) fn computers(&mut self, call: &Call, state: &State) -> Value {
        if call.on("Local") {
            return match state.env.machine {
                Some(machine) => Value::Server(machine),
                None => {
                    self.no_machine(call.span);
                    Value::Unknown
                }
            };
        }
        if let Some(pool) = call.get("Pool").cloned() {
            return match self.pool_of(&pool, call) {
                Some(pool) => Value::array(
                    self.context.deployment.pools[pool.0].members.iter().map(|server| Value::Server(*server)).collect(),
                ),
                None => Value::Unknown,
            };
        }
        if let Some(identity) = call.get("Identity").or(call.input.as_ref()).cloned() {
            return match self.server_of(&identity, state) {
                Ok(server) => Value::Server(server),
                Err(message) => {
                    self.bad_server(&identity, message, call.span);
                    Value::Unknown
                }
            };
        }
        let all: Vec<Value> =
            (0..self.context.deployment.servers.len()).map(|at| Value::Server(ServerId(at))).collect();
        self.perhaps_filtered(call, all)
    }

    pub(super) fn pools(&mut self, call: &Call) -> Value {
        if let Some(identity) = call.get("Identity").or(call.input.as_ref()).cloned() {
            let Some(items) = self.elements(&identity) else {
                self.pool_of(&identity, call);
                return Value::Unknown;
            };
            let mut pools = Vec::new();
            for (_, item) in items {
                match self.pool_of(&item, call) {
                    Some(pool) => pools.push(Value::Pool(pool)),
                    None => return Value::Unknown,
                }
            }
            return Value::collected(pools);
        }
        let all: Vec<Value> = (0..self.context.deployment.pools.len()).map(|at| Value::Pool(PoolId(at))).collect();
        self.perhaps_filtered(call, all)
    }

    pub(super) fn pool_services(&mut self, call: &Call) -> Value {
        let roles: Vec<&str> =
            call.cmdlet.switches.split_whitespace().filter(|role| call.on(role) && *role != "LocalStore").collect();
        let wanted = match call.get("PoolFqdn").or(call.get("Identity")).cloned() {
            Some(value) => match self.pool_of(&value, call) {
                Some(pool) => Some(pool),
                None => return Value::Unknown,
            },
            None => None,
        };
        let [role] = roles.as_slice() else { return Value::Unknown };
        let mut services = Vec::new();
        for (at, pool) in self.context.deployment.pools.iter().enumerate() {
            let front_end = matches!(pool.kind, PoolKind::Enterprise | PoolKind::StandardEdition);
            let has = match *role {
                "Registrar" => front_end || pool.kind == PoolKind::Director,
                "UserServer" | "WebServer" | "ConferencingServer" | "ApplicationServer" => front_end,
                "MediationServer" => front_end || pool.kind == PoolKind::Mediation,
                "EdgeServer" => pool.kind == PoolKind::Edge,
                "Director" => pool.kind == PoolKind::Director,
                "CentralManagement" => pool.hosts_management_store,
                _ => return Value::Unknown,
            };
            if has && wanted.is_none_or(|wanted| wanted.0 == at) {
                services.push(Value::PoolService(PoolId(at), Rc::from(*role)));
            }
        }
        self.perhaps_filtered(call, services)
    }

    /// A list that a `-Filter` or `-Site` cuts down to nobody knows what.
    fn perhaps_filtered(&self, call: &Call, all: Vec<Value>) -> Value {
        if ["Filter", "Site", "SiteId", "DependentOn"].iter().any(|name| call.get(name).is_some()) {
            return Value::Maybe(Rc::new(all.into_iter().map(|item| (Formula::Unknown, item)).collect()));
        }
        Value::array(all)
    }
}
