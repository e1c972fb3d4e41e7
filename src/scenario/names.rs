//! Names of servers and pools in a scenario: looked up, or refused with the names that there are.

use super::located::Located;
use super::nearest::{list, nearest};
use super::problem::Problem;
use super::read::Reader;
use crate::topology::{Deployment, PoolId, ServerId};

impl Reader<'_> {
    /// The server of this name; a mistake is reported.
    pub(super) fn server(&mut self, deployment: &Deployment, name: &Located<String>) -> Option<ServerId> {
        let found = deployment.server(&name.value);
        if found.is_none() {
            let servers: Vec<&str> = deployment.servers.iter().map(|server| server.fqdn.as_str()).collect();
            let problem = match deployment.pool(&name.value) {
                Some(pool) => {
                    let members: Vec<&str> = deployment.pools[pool.0]
                        .members
                        .iter()
                        .map(|server| deployment.servers[server.0].fqdn.as_str())
                        .collect();
                    let message = format!("`{}` is a pool", name.value);
                    self.mistake("unknown-server", &name.span, message, "expected a server")
                        .help(format!("its servers: {}", list(&members)))
                }
                None => self.unknown("server", name, &servers),
            };
            self.report(problem);
        }
        found
    }

    /// The servers of these names, each once; mistakes are reported.
    pub(super) fn servers(&mut self, deployment: &Deployment, names: &[Located<String>]) -> Vec<ServerId> {
        let mut found: Vec<(ServerId, &Located<String>)> = Vec::new();
        for name in names {
            let Some(server) = self.server(deployment, name) else { continue };
            match found.iter().find(|(other, _)| *other == server) {
                Some((_, first)) => {
                    let message = format!("`{}` is listed twice", name.value);
                    let problem = self.mistake("twice", &name.span, message, "remove one of them");
                    self.report(problem.also(self.place(&first.span), "first here"));
                }
                None => found.push((server, name)),
            }
        }
        found.into_iter().map(|(server, _)| server).collect()
    }

    /// The pool of this name; a mistake is reported.
    pub(super) fn pool(&mut self, deployment: &Deployment, name: &Located<String>) -> Option<PoolId> {
        let found = deployment.pool(&name.value);
        if found.is_none() {
            let pools: Vec<&str> = deployment.pools.iter().map(|pool| pool.fqdn.as_str()).collect();
            let problem = match deployment.server(&name.value) {
                Some(server) => {
                    let message = format!("`{}` is a server", name.value);
                    self.mistake("unknown-pool", &name.span, message, "expected a pool")
                        .help(format!("its pool is `{}`", deployment.pool_of(server).fqdn))
                }
                None => self.unknown("pool", name, &pools),
            };
            self.report(problem);
        }
        found
    }

    fn unknown(&self, what: &str, name: &Located<String>, names: &[&str]) -> Problem {
        let code = if what == "server" { "unknown-server" } else { "unknown-pool" };
        let label = |name: &str| name.split('.').next().unwrap_or("").to_ascii_lowercase();
        let wanted = name.value.to_ascii_lowercase();
        let shared: Vec<&str> = names.iter().copied().filter(|other| label(other) == wanted).collect();
        if shared.len() > 1 {
            let message = format!("`{}` is not enough to tell which {what} is meant", name.value);
            return self
                .mistake(code, &name.span, message, "expected the full name")
                .help(format!("one of {}", list(&shared)));
        }
        // Someone who types a short name means short names.
        let short: Vec<&str> = names
            .iter()
            .map(|full| if name.value.contains('.') { full } else { full.split('.').next().unwrap_or(full) })
            .collect();
        let help = match nearest(&name.value, short.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? The {what}s are {}", list(names)),
            None => format!("the {what}s are {}", list(names)),
        };
        self.mistake(code, &name.span, format!("there is no {what} `{}`", name.value), format!("not a {what}"))
            .help(help)
    }
}
