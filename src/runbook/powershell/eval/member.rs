//! Members, methods and elements of values.

use super::super::Reader;
use super::super::env::Env;
use super::super::value::{Cases, Formula, Question, READINESS, SERVICE_STATES, Snapshot, Value, What};
use crate::topology::{ServerId, Service};
use std::rc::Rc;

impl Reader<'_> {
    /// A property; the name is in lower case.
    pub(in crate::runbook::powershell) fn member(&self, object: &Value, name: &str) -> Value {
        let deployment = self.context.deployment;
        match object {
            Value::Null => match name {
                "count" | "length" => Value::Int(0),
                _ => Value::Null,
            },
            Value::Array(items) => match name {
                "count" | "length" => Value::Int(items.len() as i64),
                _ => {
                    let members: Vec<Value> = items.iter().map(|item| self.member(item, name)).collect();
                    Value::collected(members.into_iter().flat_map(flat).collect())
                }
            },
            Value::Maybe(items) => match name {
                "count" | "length" => Value::Count(Rc::new(items.iter().map(|(when, _)| when.clone()).collect())),
                _ => self.sifted(items.iter().map(|(when, item)| (when.clone(), self.member(item, name))).collect()),
            },
            Value::Record(fields) => {
                let field = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                match (field, name) {
                    (Some((_, value)), _) => value.clone(),
                    (None, "keys") => Value::array(fields.iter().map(|(key, _)| Value::Text(Rc::clone(key))).collect()),
                    (None, "values") => Value::array(fields.iter().map(|(_, value)| value.clone()).collect()),
                    (None, "count") => Value::Int(fields.len() as i64),
                    // An object that has more to it than is known here.
                    (None, _) if fields.iter().any(|(key, _)| &**key == OPEN) => Value::Unknown,
                    (None, _) => Value::Null,
                }
            }
            Value::Server(server) => match name {
                "identity" | "fqdn" | "name" | "computername" | "dnshostname" | "machine" => {
                    Value::text(deployment.servers[server.0].fqdn.as_str())
                }
                "pool" | "poolfqdn" => Value::text(deployment.pool_of(*server).fqdn.as_str()),
                _ => Value::Unknown,
            },
            Value::Pool(pool) => {
                let pool = &deployment.pools[pool.0];
                match name {
                    "identity" | "fqdn" | "name" | "poolfqdn" => Value::text(pool.fqdn.as_str()),
                    "computers" => Value::array(
                        pool.members
                            .iter()
                            .map(|server| Value::text(deployment.servers[server.0].fqdn.as_str()))
                            .collect(),
                    ),
                    _ => Value::Unknown,
                }
            }
            Value::PoolService(pool, role) => match name {
                "poolfqdn" => Value::text(deployment.pools[pool.0].fqdn.as_str()),
                "role" | "rolename" => Value::Text(Rc::clone(role)),
                "identity" | "serviceid" => self.text(object).map_or(Value::Unknown, Value::Text),
                _ => Value::Unknown,
            },
            Value::Session(items) => match name {
                "computername" => Value::collected(items.to_vec()),
                _ => Value::Unknown,
            },
            // A line of a file, or an object with a name: whichever it is, it is about the same server.
            Value::Item(..) => match name {
                "fqdn" | "name" | "computername" | "server" | "servername" | "identity" | "computer" | "machine"
                | "dnshostname" | "host" | "hostname" => object.clone(),
                _ => Value::Unknown,
            },
            Value::Text(text) => match name {
                "length" => Value::Int(text.chars().count() as i64),
                "count" => Value::Int(1),
                _ => Value::Null,
            },
            Value::Service(snapshot, service) => self.service_member(snapshot, *service, name),
            Value::Readiness(snapshot) => self.readiness_member(snapshot, name),
            Value::Domain(snapshot, server) => match name {
                "isreadyforupgrade" | "readyforupgrade" => {
                    by_answer(snapshot, Question::DomainReady(*server), [Value::Bool(true), Value::Bool(false)])
                }
                "servers" | "computers" | "frontends" => Value::array(vec![Value::Server(*server)]),
                "name" | "identity" => {
                    let server = &deployment.servers[server.0];
                    Value::text(server.upgrade_domain.as_deref().unwrap_or(&server.fqdn))
                }
                _ => Value::Unknown,
            },
            Value::Connection(snapshot) => match (name, snapshot.what) {
                ("tcptestsucceeded" | "pingsucceeded" | "statuscode", What::Reachable(server)) => {
                    by_answer(snapshot, Question::Reachable(server), [Value::Bool(true), Value::Bool(false)])
                }
                _ => Value::Unknown,
            },
            Value::Cases(cases) => cases.map(|case| self.member(case, name)),
            Value::Jobs(jobs) => match name {
                "count" | "length" => Value::Int(jobs.len() as i64),
                // As an argument it means the job.
                "id" => object.clone(),
                _ => Value::Unknown,
            },
            Value::Int(_) | Value::Bool(_) if matches!(name, "count" | "length") => Value::Int(1),
            _ => Value::Unknown,
        }
    }

    fn service_member(&self, snapshot: &Rc<Snapshot>, service: Service, name: &str) -> Value {
        let What::Services(server) = snapshot.what else { return Value::Unknown };
        let states = |last: &'static str| {
            let shown = SERVICE_STATES.iter().map(|state| if *state == "Draining" { last } else { state });
            let values = shown.map(Value::text).collect();
            Cases { snapshot: Rc::clone(snapshot), question: Question::Service(server, service), values }.simplified()
        };
        match name {
            "status" | "state" => states("Paused"),
            "servicestatus" => states("Draining"),
            "name" | "servicename" => Value::text(service.describe().name),
            "displayname" | "caption" => {
                let deployment = self.context.deployment;
                Value::text(service.display_name(deployment.pool_of(server).kind, deployment.version))
            }
            "machinename" | "computername" | "pscomputername" => Value::Server(server),
            "count" | "length" => Value::Int(1),
            _ => Value::Unknown,
        }
    }

    fn readiness_member(&self, snapshot: &Rc<Snapshot>, name: &str) -> Value {
        let What::Readiness(pool) = snapshot.what else { return Value::Unknown };
        let members: &[ServerId] = &self.context.deployment.pools[pool.0].members;
        match name {
            "state" | "status" | "poolstate" | "upgradereadinessstate" | "poolupgradestate" => {
                let values = READINESS.iter().map(|(_, name)| Value::text(*name)).collect();
                Cases { snapshot: Rc::clone(snapshot), question: Question::Readiness(pool), values }.simplified()
            }
            "upgradedomains" => {
                Value::array(members.iter().map(|server| Value::Domain(Rc::clone(snapshot), *server)).collect())
            }
            "isreadyforupgrade" | "readyforupgrade" => {
                let ready = members.iter().map(|server| Formula::atom(snapshot, Question::DomainReady(*server), 1));
                Formula::all(ready).value()
            }
            "totalfrontends" | "numberoffrontends" => Value::Int(members.len() as i64),
            "count" | "length" => Value::Int(1),
            _ => Value::Unknown,
        }
    }

    pub(super) fn element(&self, object: &Value, index: &Value) -> Value {
        match (object, index) {
            (Value::Array(items), Value::Int(at)) => {
                let at = if *at < 0 { at + items.len() as i64 } else { *at };
                usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or(Value::Null)
            }
            (Value::Array(items), Value::Array(indices)) => {
                let found = indices.iter().map(|index| self.element(&Value::Array(Rc::clone(items)), index));
                Value::array(found.filter(|value| *value != Value::Null).collect())
            }
            (Value::Record(_), key) => {
                self.text(key).map_or(Value::Unknown, |key| self.member(object, &key.to_ascii_lowercase()))
            }
            (Value::Text(text), Value::Int(at)) => usize::try_from(*at)
                .ok()
                .and_then(|at| text.chars().nth(at))
                .map_or(Value::Unknown, |character| Value::text(character.to_string())),
            (Value::Null, _) => Value::Null,
            (Value::Maybe(_) | Value::Cases(_) | Value::Unknown, _) => Value::Unknown,
            (single, Value::Int(0 | -1)) => single.clone(),
            _ => Value::Unknown,
        }
    }

    pub(in crate::runbook::powershell) fn method(&self, object: &Value, name: &str, arguments: &[Value]) -> Value {
        if let Value::Cases(cases) = object {
            return cases.map(|case| self.method(case, name, arguments));
        }
        if let (Value::Array(items), false) = (object, matches!(name, "contains" | "indexof")) {
            return Value::collected(items.iter().map(|item| self.method(item, name, arguments)).collect());
        }
        if let (Value::Record(_), "containskey" | "contains", [key]) = (object, name, arguments) {
            return self.text(key).map_or(Value::Unknown, |key| {
                Value::Bool(matches!(object, Value::Record(fields) if fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(&key))))
            });
        }
        if let (Value::Record(fields), "getenumerator", []) = (object, name, arguments) {
            let entries = fields.iter().map(|(key, value)| {
                let key = Value::Text(Rc::clone(key));
                let fields = [("Name", key.clone()), ("Key", key), ("Value", value.clone())];
                Value::Record(Rc::new(fields.map(|(name, value)| (Rc::from(name), value)).to_vec()))
            });
            return Value::array(entries.collect());
        }
        match (object, name) {
            (Value::Record(fields), "clone") => return Value::Record(Rc::new(fields.to_vec())),
            (Value::Array(items), "clone" | "toarray") => return Value::array(items.to_vec()),
            _ => {}
        }
        if let (Value::Item(..), "trim" | "tostring" | "tolower" | "toupper", []) = (object, name, arguments) {
            return object.clone();
        }
        let Some(text) = self.text(object) else { return Value::Unknown };
        let argument = |at: usize| arguments.get(at).and_then(|argument| self.text(argument));
        match (name, argument(0), argument(1)) {
            ("tostring" | "trim" | "tostringinvariant", None, _) => Value::text(text.trim()),
            ("tolower" | "tolowerinvariant", None, _) => Value::text(text.to_lowercase()),
            ("toupper" | "toupperinvariant", None, _) => Value::text(text.to_uppercase()),
            ("trimend", Some(of), _) => Value::text(text.trim_end_matches(|c| of.contains(c))),
            ("trimstart", Some(of), _) => Value::text(text.trim_start_matches(|c| of.contains(c))),
            ("startswith", Some(with), _) => Value::Bool(text.starts_with(&*with)),
            ("endswith", Some(with), _) => Value::Bool(text.ends_with(&*with)),
            ("contains", Some(with), _) => match object {
                Value::Array(items) => Value::Bool(items.iter().any(|item| self.text(item).as_deref() == Some(&*with))),
                _ => Value::Bool(text.contains(&*with)),
            },
            ("replace", Some(old), Some(new)) if !old.is_empty() => Value::text(text.replace(&*old, &new)),
            ("split", Some(at), None) if !at.is_empty() => {
                Value::array(text.split(|c| at.contains(c)).map(Value::text).collect())
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn static_member(&self, of: &str, name: &str, arguments: Option<&[Value]>, env: &Env) -> Value {
        match (of, name, arguments) {
            ("environment", "machinename", None) => {
                self.eval(&super::super::ast::Expr::Variable("env:computername".into()), env)
            }
            ("net.dns", "gethostname", _) => {
                self.eval(&super::super::ast::Expr::Variable("env:computername".into()), env)
            }
            ("net.dns", "gethostbyname" | "gethostentry", _) => env.machine.map_or(Value::Unknown, |machine| {
                Value::Record(Rc::new(vec![("HostName".into(), Value::Server(machine))]))
            }),
            (of, "new", Some(arguments)) => made(of, arguments),
            (of, _, None) if of.ends_with("servicecontrollerstatus") => Value::text(name),
            (of, "startnew", Some(_)) => made(of, &[]),
            ("threading.thread", "sleep", Some(_)) => Value::array(Vec::new()),
            ("string", "isnullorempty" | "isnullorwhitespace", Some([value])) => match value {
                Value::Unknown => Value::Unknown,
                other => self.text(other).map_or(Value::Unknown, |text| {
                    let blank = if name == "isnullorempty" { text.is_empty() } else { text.trim().is_empty() };
                    Value::Bool(blank)
                }),
            },
            _ => Value::Unknown,
        }
    }
}

/// The key of an object that has more to it than is known here.
pub(in crate::runbook::powershell) const OPEN: &str = "*";

/// A new object of a type: lists and tables are followed, clocks and the like are of no account.
pub(in crate::runbook::powershell) fn made(of: &str, arguments: &[Value]) -> Value {
    let of = of.to_ascii_lowercase();
    let of = of.trim_start_matches("system.");
    let simple = of.split(['[', '`']).next().unwrap_or(of);
    let simple = simple.rsplit('.').next().unwrap_or(simple);
    match (simple, arguments) {
        ("arraylist" | "list" | "queue" | "stack" | "hashset" | "collection" | "linkedlist", []) => {
            Value::array(Vec::new())
        }
        ("arraylist" | "list" | "queue", [Value::Array(items)]) => Value::array(items.to_vec()),
        ("hashtable" | "ordereddictionary" | "dictionary" | "sorteddictionary", []) => Value::Record(Rc::default()),
        (
            "stopwatch" | "timer" | "stringbuilder" | "random" | "webclient" | "mailmessage" | "smtpclient" | "thread",
            _,
        ) => Value::Other,
        _ => Value::Unknown,
    }
}

/// What an array of members holds: members that are lists are joined.
fn flat(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.to_vec(),
        other => vec![other],
    }
}

/// A value for yes and one for no.
pub(in crate::runbook::powershell) fn by_answer(
    snapshot: &Rc<Snapshot>,
    question: Question,
    values: impl Into<Vec<Value>>,
) -> Value {
    Cases { snapshot: Rc::clone(snapshot), question, values: values.into() }.simplified()
}
