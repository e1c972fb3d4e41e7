//! What each cluster is for, after the services that are installed on it.
//!
//! Invariant: a cluster gets at most one [`Role`]; what else is installed there is kept by name.
//! Cost: one pass over the services.

use super::document::{Document, Installed, Service, child};
use super::error::TopologyError;
use crate::topology::PoolKind;

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Front ends: users are homed here. Whether Enterprise or Standard depends on the SQL Server.
    FrontEnd,
    /// Any other role that this tool knows.
    Other(PoolKind),
    /// Roles of the product that this tool does not know, or none at all.
    Unknown,
}

/// The roles that a deployment is made of.
const READ: &[&str] = &["UserServices", "Registrar", "EdgeServer", "MediationServer", "CentralMgmt", "UserStore"];

/// The services on one cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct Roles {
    /// Indices of the services.
    pub services: Vec<usize>,
}

impl Roles {
    /// The services by cluster.
    ///
    /// What a role that matters here is installed on has to be in the document.
    pub fn by_cluster(document: &Document<'_>) -> Result<Vec<Roles>, TopologyError> {
        let mut roles = vec![Roles::default(); document.clusters.len()];
        for (index, service) in document.services.iter().enumerate() {
            match service.installed_on {
                Installed::Cluster(cluster) => roles[cluster].services.push(index),
                Installed::Nowhere if READ.contains(&service.role) => {
                    let what = "cluster or SQL instance";
                    return Err(TopologyError::UnknownReference { what, at: document.text.tag(service.node) });
                }
                _ => {}
            }
        }
        Ok(roles)
    }

    /// The service of this role, if it is installed here.
    pub fn find<'d, 'a>(&self, document: &'d Document<'a>, role: &str) -> Option<&'d Service<'a>> {
        self.services.iter().map(|index| &document.services[*index]).find(|service| service.role == role)
    }

    /// What the cluster is for, and the service that says so.
    ///
    /// A Registrar without User Services is a Director if it says so, and a survivable branch otherwise,
    /// which is not a pool that anybody fails over.
    pub fn classify<'d, 'a>(&self, document: &'d Document<'a>) -> (Role, Option<&'d Service<'a>>) {
        let find = |role| self.find(document, role);
        if let Some(service) = find("UserServices") {
            return (Role::FrontEnd, Some(service));
        }
        if let Some(service) = find("Registrar") {
            let role = if is_director(service) { Role::Other(PoolKind::Director) } else { Role::Unknown };
            return (role, Some(service));
        }
        let others = [("EdgeServer", PoolKind::Edge), ("MediationServer", PoolKind::Mediation)];
        let found = others.into_iter().find_map(|(role, kind)| Some((Role::Other(kind), Some(find(role)?))));
        found.unwrap_or((Role::Unknown, None))
    }

    /// The names of the roles, for a sentence.
    pub fn names(&self, document: &Document<'_>) -> String {
        let mut names: Vec<_> = self.services.iter().map(|index| document.services[*index].role).collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() { "no role".into() } else { names.join(", ") }
    }
}

fn is_director(service: &Service<'_>) -> bool {
    let flag = child(service.node, "RegistrarService").and_then(|node| node.attribute("IsDirector"));
    flag.is_some_and(is_true)
}

/// Whether an attribute says yes, in any of the ways of an XML schema.
pub(super) fn is_true(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("true")
}
