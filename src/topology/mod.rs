//! What is deployed: pools, servers, roles, services; and the readers of topology documents.
//!
//! Invariant: this room knows nothing of runbooks and of checking.

pub mod read;
pub mod services;

pub use read::{Note, Span, TopologyDocument, TopologyError, decode, read, read_document};
pub use services::{Service, ServiceSet};

/// A server of a [`Deployment`], as an index into [`Deployment::servers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub usize);

/// A pool of a [`Deployment`], as an index into [`Deployment::pools`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub usize);

/// The version of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Lync Server 2013.
    Lync2013,
    /// Skype for Business Server 2015.
    Sfb2015,
    /// Skype for Business Server 2019.
    Sfb2019,
    /// Skype for Business Server Subscription Edition; follows 2019 where no source says otherwise (A21).
    SubscriptionEdition,
}

impl Version {
    /// The largest number of front ends in a pool (F10.1).
    pub fn largest_pool(self) -> usize {
        match self {
            Version::Lync2013 | Version::Sfb2015 => 12,
            Version::Sfb2019 | Version::SubscriptionEdition => 16,
        }
    }

    /// Whether computer fail-over, fail-back and `Start-CsPool` exist (F2.1, F10.2).
    pub fn has_computer_fail_over(self) -> bool {
        self != Version::Lync2013
    }

    /// The name in a scenario and in a report: `2015`.
    pub fn name(self) -> &'static str {
        match self {
            Version::Lync2013 => "2013",
            Version::Sfb2015 => "2015",
            Version::Sfb2019 => "2019",
            Version::SubscriptionEdition => "SE",
        }
    }

    /// The `ServiceVersion` of a topology document: 6 is 2013, 7 is 2015, 8 is 2019.
    pub fn from_service_version(version: u32) -> Option<Version> {
        match version {
            6 => Some(Version::Lync2013),
            7 => Some(Version::Sfb2015),
            8 => Some(Version::Sfb2019),
            _ => None,
        }
    }
}

/// What a pool is for, and with it what services its servers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolKind {
    /// Enterprise Edition front ends under one fabric.
    Enterprise,
    /// One Standard Edition server.
    StandardEdition,
    /// Stand-alone Mediation Servers.
    Mediation,
    /// Edge Servers.
    Edge,
    /// Directors.
    Director,
}

impl PoolKind {
    /// The name in a scenario: `enterprise`.
    pub fn name(self) -> &'static str {
        match self {
            PoolKind::Enterprise => "enterprise",
            PoolKind::StandardEdition => "standard-edition",
            PoolKind::Mediation => "mediation",
            PoolKind::Edge => "edge",
            PoolKind::Director => "director",
        }
    }

    /// What one of its servers is called in a sentence: `front end`.
    pub fn server_noun(self) -> &'static str {
        match self {
            PoolKind::Enterprise => "front end",
            PoolKind::StandardEdition => "Standard Edition server",
            PoolKind::Mediation => "Mediation Server",
            PoolKind::Edge => "Edge Server",
            PoolKind::Director => "Director",
        }
    }
}

/// The SQL Back End of an Enterprise pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackEnd {
    /// One SQL Server.
    Single,
    /// A principal and a mirror, with or without a witness of SQL's own (F9.1).
    Mirrored {
        /// Whether a witness makes the fail-over automatic.
        witness: bool,
    },
    /// An AlwaysOn availability group (F9.3).
    AlwaysOn,
}

/// A pool and its servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// The name of the pool: an FQDN, or a short name where a scenario gives only that.
    pub fqdn: String,
    /// What it is for.
    pub kind: PoolKind,
    /// Its servers in the order of the topology, which is what `Get-CsComputer -PoolFqdn` lists (F3.6).
    pub members: Vec<ServerId>,
    /// The SQL Back End; only Enterprise pools have one.
    pub back_end: Option<BackEnd>,
    /// Whether the Central Management Store is hosted here (F1.10, F1.11).
    pub hosts_management_store: bool,
    /// The other pool of a pair (F6.1).
    pub paired_with: Option<PoolId>,
    /// The pool that an Edge pool sends what comes from outside to (F6.4).
    pub next_hop: Option<PoolId>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The name of the machine.
    pub fqdn: String,
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Its upgrade domain; by default one per front end (A14, F4.22).
    pub upgrade_domain: Option<String>,
}

/// Everything that is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The version of the product.
    pub version: Version,
    /// The pools.
    pub pools: Vec<Pool>,
    /// The servers, pool by pool.
    pub servers: Vec<Server>,
}

impl Deployment {
    /// The pool of a server.
    pub fn pool_of(&self, server: ServerId) -> &Pool {
        &self.pools[self.servers[server.0].pool.0]
    }

    /// The server of this name: the FQDN in any case, or its first label if that is unambiguous.
    pub fn server(&self, name: &str) -> Option<ServerId> {
        find(self.servers.iter().map(|server| server.fqdn.as_str()), name).map(ServerId)
    }

    /// The pool of this name: the FQDN in any case, or its first label if that is unambiguous.
    pub fn pool(&self, name: &str) -> Option<PoolId> {
        find(self.pools.iter().map(|pool| pool.fqdn.as_str()), name).map(PoolId)
    }

    /// A server's name as short as is unambiguous: its first label, unless another server shares it.
    pub fn short_name(&self, server: ServerId) -> &str {
        let fqdn = &self.servers[server.0].fqdn;
        let label = first_label(fqdn);
        let shared =
            self.servers.iter().filter(|other| first_label(&other.fqdn).eq_ignore_ascii_case(label)).count() > 1;
        if shared { fqdn } else { label }
    }

    /// The pool that hosts the Central Management Store in the topology.
    pub fn management_store(&self) -> Option<PoolId> {
        self.pools.iter().position(|pool| pool.hosts_management_store).map(PoolId)
    }

    /// The services that a server runs, after its role and its pool (F1.9-F1.32).
    pub fn services_of(&self, server: ServerId) -> ServiceSet {
        services::installed(self.pool_of(server), self.version)
    }
}

fn first_label(fqdn: &str) -> &str {
    fqdn.split('.').next().unwrap_or(fqdn)
}

fn find<'a>(names: impl Iterator<Item = &'a str> + Clone, wanted: &str) -> Option<usize> {
    if let Some(found) = names.clone().position(|name| name.eq_ignore_ascii_case(wanted)) {
        return Some(found);
    }
    let mut by_label =
        names.enumerate().filter(|(_, name)| !wanted.contains('.') && first_label(name).eq_ignore_ascii_case(wanted));
    let (found, _) = by_label.next()?;
    by_label.next().is_none().then_some(found)
}
