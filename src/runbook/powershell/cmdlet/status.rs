//! Cmdlets that read the state of the pool.

use super::{Call, Kind, Reader};
use crate::runbook::powershell::eval::pattern;
use crate::runbook::powershell::exec::State;
use crate::runbook::powershell::value::{Cases, Formula, Question, Value, What};
use crate::topology::services::CATALOGUE;
use crate::topology::{ServerId, Service, ServiceSet, Version};
use std::rc::Rc;

/// What stands for the output of `Get-CsPoolFabricState`: words of a whole pool, and of one that is not
/// (F4.9). Words that are in both, or in neither, settle nothing.
const FABRIC: [&str; 2] = [
    "OK Up Healthy 100",
    "OK Up Healthy WARNING warnings: replicas missing, no primary, not enough replicas; quorum loss QuorumLoss Down Error unhealthy degraded rebuilding",
];

impl Reader<'_> {
    /// `Get-CsWindowsService`, `Get-Service`.
    pub(super) fn services(&mut self, call: &Call, state: &mut State) -> Value {
        let cut_down = ["Include", "Exclude"].iter().any(|name| call.get(name).is_some());
        if call.on("DependentServices") || call.on("RequiredServices") || cut_down {
            return Value::Unknown;
        }
        let servers: Vec<ServerId> = match call.get("ComputerName").cloned() {
            Some(value) => {
                let items = self.elements(&value).unwrap_or_else(|| vec![(Formula::True, value.clone())]);
                let mut servers = Vec::new();
                for (when, item) in items {
                    if when != Formula::True {
                        return Value::Unknown;
                    }
                    match self.server_of(&item, state) {
                        Ok(server) => servers.push(server),
                        Err(message) => self.bad_server(&item, message, call.span),
                    }
                }
                servers
            }
            None => {
                if state.env.machine.is_none() {
                    self.no_machine(call.span);
                }
                state.env.machine.into_iter().collect()
            }
        };
        if servers.is_empty() {
            return Value::Unknown;
        }
        let mut rows = Vec::new();
        let one = call.get("Name").is_some_and(|name| matches!(name, Value::Text(text) if !text.contains('*')));
        for server in servers {
            let Some(named) = self.services_meant(call, call.input.as_ref(), server) else { return Value::Unknown };
            let services = named.and(self.context.deployment.services_of(server));
            if services.is_empty() {
                let message = format!("`{}` does not run on {}", named, self.context.deployment.short_name(server));
                self.suspicious(call.span, "service-not-there", message, None);
            }
            let snapshot = self.observe(state, What::Services(server), call.span);
            rows.extend(services.iter().map(|service| Value::Service(Rc::clone(&snapshot), service)));
        }
        if one && rows.len() == 1 { rows.remove(0) } else { Value::array(rows) }
    }

    /// The services on a server that a call names, or that `otherwise` does; all if nothing does.
    pub(super) fn services_meant(
        &mut self,
        call: &Call,
        otherwise: Option<&Value>,
        server: ServerId,
    ) -> Option<ServiceSet> {
        // `Set-Service -DisplayName` gives a service another one.
        let displayed = call.get("DisplayName").filter(|_| call.cmdlet.kind != Kind::SetService).cloned();
        match (call.get("Name").cloned(), displayed, otherwise.cloned()) {
            (Some(name), ..) | (None, None, Some(name)) => self.service_names(&name, call),
            (None, Some(name), _) => self.services_displayed(&name, server, call),
            (None, None, None) => Some(ServiceSet::ALL),
        }
    }

    /// The services of a server that are displayed under these names, which may have wildcards.
    fn services_displayed(&mut self, value: &Value, server: ServerId, call: &Call) -> Option<ServiceSet> {
        let deployment = self.context.deployment;
        let kind = deployment.pool_of(server).kind;
        let known = self.elements(value).filter(|items| items.iter().all(|(when, _)| *when == Formula::True));
        let names: Option<Vec<Rc<str>>> =
            known.and_then(|items| items.iter().map(|(_, item)| self.text(item)).collect());
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            self.not_understood(call.span, "which services are meant is not known", None);
            return None;
        };
        let mut services = ServiceSet::NONE;
        for name in names {
            let fits = |service: &Service| {
                pattern::like(&service.display_name(kind, deployment.version), &name, false) == Some(true)
            };
            let found: ServiceSet = deployment.services_of(server).iter().filter(fits).collect();
            let own = ["skype", "lync", "fabric", "web publishing"];
            let own = Service::named(&name).is_some() || own.iter().any(|own| name.to_ascii_lowercase().contains(own));
            if found.is_empty() && own {
                let message = format!("no service on {} is displayed as `{name}`", deployment.short_name(server));
                let example = Service::named("RTCSRV").map(|service| service.display_name(kind, deployment.version));
                let help = example.map(|example| format!("`-Name RTCSRV`, or `-DisplayName '{example}'`"));
                self.not_understood(call.span, message, help);
                return None;
            }
            services = services.or(found);
        }
        if services.is_empty() {
            self.ignored(call.span, "the service is not one of the product's");
            return None;
        }
        Some(services)
    }

    /// The services that names stand for; wildcards only for the cmdlets of Windows.
    pub(super) fn service_names(&mut self, value: &Value, call: &Call) -> Option<ServiceSet> {
        let known = self.elements(value).filter(|items| items.iter().all(|(when, _)| *when == Formula::True));
        let Some(items) = known else {
            let help = "pipe the services themselves to the cmdlet, and not their names";
            self.not_understood(call.span, "which services are meant is not known", Some(help.into()));
            return None;
        };
        let product = matches!(call.cmdlet.kind, Kind::StopCs | Kind::StartCs | Kind::Services);
        let mut services = ServiceSet::NONE;
        let mut others = 0;
        for (_, item) in &items {
            if let Value::Service(_, service) = item {
                services = services.or(ServiceSet::only(*service));
                continue;
            }
            let Some(name) = self.text(item) else {
                self.not_understood(call.span, "which services are meant is not known", None);
                return None;
            };
            if !product && name.contains(['*', '?', '[']) {
                let like = |own: &str| pattern::like(own, &name, false) == Some(true);
                let found: ServiceSet = ServiceSet::ALL.iter().filter(|own| like(own.describe().name)).collect();
                let products = ["Skype for Business Server", "Lync Server"];
                if found.is_empty() && products.into_iter().any(like) {
                    self.no_display_name(&name, call);
                    return None;
                }
                services = services.or(found);
                continue;
            }
            if product && name.contains('*') && &*name == "*" {
                return Some(ServiceSet::ALL);
            }
            match Service::named(name.trim()) {
                Some(service) => services = services.or(ServiceSet::only(service)),
                None if product => {
                    let near = crate::runbook::powershell::words::nearest(&name, CATALOGUE.iter().map(|row| row.name));
                    let is_server = self.context.deployment.server(&name).is_some();
                    let help = match near {
                        Some(near) => Some(format!("did you mean `{near}`?")),
                        None if is_server => Some(format!(
                            "the first argument of `{}` is the service; write `-ComputerName {name}`",
                            call.cmdlet.name
                        )),
                        None => Some("a service name such as `RTCSRV`, not a display name, no wildcard (F1.1)".into()),
                    };
                    self.not_understood(call.span, format!("there is no service `{name}`"), help);
                    return None;
                }
                None if find_service(&name).is_some() => {
                    self.no_display_name(&name, call);
                    return None;
                }
                None => others += 1,
            }
        }
        if items.is_empty() {
            self.not_understood(call.span, "the name of the service is an empty value", None);
            return None;
        }
        if services.is_empty() && (others > 0 || !product) {
            self.ignored(call.span, "the service is not one of the product's");
            return None;
        }
        Some(services)
    }

    fn no_display_name(&mut self, name: &str, call: &Call) {
        let message = format!("`{name}` is a display name, and `-Name` takes none: this step does not happen");
        self.not_understood(call.span, message, Some(format!("write `-DisplayName '{name}'`")));
    }

    pub(super) fn readiness(&mut self, call: &Call, state: &mut State) -> Value {
        let version = self.context.deployment.version;
        let newer = version >= Version::Sfb2019;
        if newer != call.cmdlet.name.eq_ignore_ascii_case("Get-CsUpgradeDomainInfo") {
            let (right, fact) =
                if newer { ("Get-CsUpgradeDomainInfo", "F5.7") } else { ("Get-CsPoolUpgradeReadinessState", "F5.6") };
            let message = format!("`{}` does not exist in version {} ({fact})", call.cmdlet.name, version.name());
            self.suspicious(call.span, "not-in-version", message, Some(format!("write `{right}`")));
        }
        let Some(machine) = state.env.machine else {
            self.no_machine(call.span);
            return Value::Unknown;
        };
        let pool = self.context.deployment.servers[machine.0].pool;
        Value::Readiness(self.observe(state, What::Readiness(pool), call.span))
    }

    pub(super) fn fabric(&mut self, call: &Call, state: &mut State) -> Value {
        if call.get("RoutingGroup").is_some() || call.get("User").is_some() || call.get("TenantId").is_some() {
            self.ignored(call.span, "the state of one routing group or user is taken as not known");
            return Value::Unknown;
        }
        let Some(pool) = self.target_pool(call, "PoolFqdn", state) else { return Value::Unknown };
        let snapshot = self.observe(state, What::Replicas(pool), call.span);
        let values = FABRIC.iter().map(|text| Value::text(*text)).collect();
        Cases { snapshot, question: Question::Whole(pool), values }.simplified()
    }

    pub(super) fn test_connection(&mut self, call: &Call, state: &mut State) -> Value {
        if call.on("AsJob") {
            return Value::Unknown;
        }
        let servers = self.target_servers(call, "ComputerName", state);
        let [(_, server)] = servers.as_slice() else { return Value::Unknown };
        let snapshot = self.observe(state, What::Reachable(*server), call.span);
        let question = Question::Reachable(*server);
        let quiet = call.on("Quiet")
            || call
                .get("InformationLevel")
                .and_then(|level| self.text(level))
                .is_some_and(|level| level.eq_ignore_ascii_case("quiet"));
        match (call.cmdlet.name, quiet) {
            (_, true) => crate::runbook::powershell::eval::by_answer(
                &snapshot,
                question,
                [Value::Bool(true), Value::Bool(false)],
            ),
            ("Test-NetConnection", false) => Value::Connection(snapshot),
            // Objects if it answers, an error and nothing if it does not.
            _ => Value::Maybe(Rc::new(vec![(Formula::atom(&snapshot, question, 1), Value::Connection(snapshot))])),
        }
    }

    /// `Select-String` on the output of a status cmdlet: lines if there are any.
    pub(super) fn select_text(&mut self, call: &Call) -> Value {
        let (Some(input), Some(pattern)) = (&call.input, call.get("Pattern").and_then(|pattern| self.text(pattern)))
        else {
            return Value::Unknown;
        };
        let Value::Cases(cases) = input else { return Value::Unknown };
        let mut mask = 0;
        for (at, case) in cases.values.iter().enumerate() {
            match self.text(case).and_then(|text| pattern::matches(&text, &pattern, false)) {
                Some(true) => mask |= 1 << at,
                Some(false) => {}
                None => return Value::Unknown,
            }
        }
        match Formula::atom(&cases.snapshot, cases.question, mask) {
            Formula::True | Formula::False => Value::Unknown,
            formula => Value::Maybe(Rc::new(vec![(formula, Value::text(pattern))])),
        }
    }
}

/// The service of a name or of a display name, for `net`, which knows both.
pub(super) fn find_service(name: &str) -> Option<Service> {
    let name = name.trim().to_ascii_lowercase();
    let products = ["skype for business server ", "lync server "];
    let short = products.iter().find_map(|product| name.strip_prefix(product)).unwrap_or(&name);
    let displayed = |service: &Service| service.describe().display_name.eq_ignore_ascii_case(short);
    Service::named(&name).or_else(|| ServiceSet::ALL.iter().find(displayed))
}
