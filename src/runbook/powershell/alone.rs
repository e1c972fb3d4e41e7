//! Reading a runbook without a scenario: what the reader would have to know is made up, and told.
//!
//! The servers and pools that the script names are taken to exist; what it asks for is answered with them.
//! Nothing that is made up can make a verdict, for this is for looking at only.
//! Cost: the script is parsed once, and executed again as often as it turns out to need something more, at most
//! [`MOST_ROUNDS`] times.

use super::super::{Context, Procedure, Source};
use super::markdown::{placeholders, read_document};
use super::{Files, Reader, lower};
use crate::topology::{Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};
use std::rc::Rc;
use std::sync::Arc;

/// How often a script is read, at most.
const MOST_ROUNDS: usize = 12;
/// Servers, pools and arguments that are made up, at most: no runbook is about more.
const MOST_MADE_UP: usize = 200;
/// Front ends of a pool that is made up, at least.
const FRONT_ENDS: usize = 3;

/// Something that the reader would have to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A server of this name.
    Server(String),
    /// A pool of this name.
    Pool(String),
    /// The server that the script runs on.
    Machine,
    /// A value for a parameter.
    Argument(String),
}

/// A runbook that was read without a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Alone {
    /// What it does.
    pub procedure: Procedure,
    /// The deployment that was made up.
    pub deployment: Deployment,
    /// What was made up, a sentence each.
    pub assumed: Vec<String>,
}

/// Reads a script with the files beside it, or a document in Markdown, without knowing what is deployed.
pub fn read_alone(source: &Arc<Source>, document: bool, files: &Files<'_>) -> Alone {
    let mut known: Vec<Wanted> = Vec::new();
    let trees = lower::Trees::default();
    if document {
        known.extend(placeholders(&source.text).into_iter().map(Wanted::Argument));
    }
    let text = source.text.to_ascii_lowercase();
    let version = if text.contains("get-csupgradedomaininfo") { Version::Sfb2019 } else { Version::Sfb2015 };
    let mut round = 0;
    loop {
        round += 1;
        let deployment = deployment(&known, version);
        let arguments = arguments(&known, &deployment);
        let machine = known.contains(&Wanted::Machine).then_some(ServerId(0));
        let context = Context { deployment: &deployment, machine, arguments: &arguments, vocabulary: &[] };
        let mut reader = Reader::new(&context);
        reader.alone = true;
        reader.shared.trees = Rc::clone(&trees);
        reader.files = Some(files);
        let (procedure, wanted) = if document {
            read_document(reader, Arc::clone(source), None)
        } else {
            reader.script(Arc::clone(source), None)
        };
        let before = known.len();
        for wanted in wanted {
            if known.len() < MOST_MADE_UP && !known.contains(&wanted) {
                known.push(wanted);
            }
        }
        if known.len() == before || round == MOST_ROUNDS {
            let assumed = assumed(&known, &deployment, &arguments);
            return Alone { procedure, deployment, assumed };
        }
    }
}

fn deployment(known: &[Wanted], version: Version) -> Deployment {
    let named = |of: fn(&Wanted) -> Option<&String>| -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in known.iter().filter_map(of) {
            if !names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                names.push(name.clone());
            }
        }
        names
    };
    let mut pools = named(|wanted| if let Wanted::Pool(name) = wanted { Some(name) } else { None });
    let mut servers = named(|wanted| if let Wanted::Server(name) = wanted { Some(name) } else { None });
    // A name that is used for both is a server: a pool of that name would have to be known by another.
    pools.retain(|pool| !servers.contains(pool));
    if pools.is_empty() {
        pools.push("pool1".to_owned());
    }
    let mut number = 0;
    let mut made = Deployment { version, pools: Vec::new(), servers: Vec::new() };
    for (at, pool) in pools.into_iter().enumerate() {
        let mut members = if at == 0 { std::mem::take(&mut servers) } else { Vec::new() };
        while members.len() < FRONT_ENDS {
            number += 1;
            let name = format!("fe{number}");
            if !members.contains(&name) {
                members.push(name);
            }
        }
        let first = made.servers.len();
        let ids = (first..first + members.len()).map(ServerId).collect();
        made.servers.extend(members.into_iter().map(|fqdn| Server { fqdn, pool: PoolId(at), upgrade_domain: None }));
        made.pools.push(Pool {
            fqdn: pool,
            kind: PoolKind::Enterprise,
            members: ids,
            back_end: None,
            hosts_management_store: false,
            paired_with: None,
            next_hop: None,
        });
    }
    made
}

/// Values for what the script asks for, by the names of its parameters.
fn arguments(known: &[Wanted], deployment: &Deployment) -> Vec<(String, Vec<String>)> {
    let has = |name: &str, words: &[&str]| words.iter().any(|word| name.contains(word));
    let value = |name: &str| {
        let name = name.to_ascii_lowercase();
        if has(&name, &["pool"]) && !has(&name, &["server", "computer"]) {
            return Some(deployment.pools[0].fqdn.clone());
        }
        let of_a_server = ["server", "computer", "machine", "host", "fqdn", "frontend", "front end", "node", "target"];
        has(&name, &of_a_server).then(|| deployment.servers[0].fqdn.clone())
    };
    let wanted = known.iter().filter_map(|wanted| match wanted {
        Wanted::Argument(name) => Some(name),
        _ => None,
    });
    wanted.filter_map(|name| Some((name.clone(), vec![value(name)?]))).collect()
}

fn assumed(known: &[Wanted], deployment: &Deployment, arguments: &[(String, Vec<String>)]) -> Vec<String> {
    let mut assumed: Vec<String> = Vec::new();
    for pool in &deployment.pools {
        let members: Vec<&str> = pool.members.iter().map(|server| &*deployment.servers[server.0].fqdn).collect();
        assumed.push(format!("an Enterprise pool `{}` with the front ends {}", pool.fqdn, members.join(", ")));
    }
    assumed.push(format!("version {}", deployment.version.name()));
    if known.contains(&Wanted::Machine) {
        assumed.push(format!("it runs on {}", deployment.servers[0].fqdn));
    }
    assumed.extend(arguments.iter().map(|(name, values)| format!("`{name}` is `{}`", values.join(", "))));
    assumed
}
