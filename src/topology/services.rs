//! The inventory of Windows services (F1.9-F1.32), in start order, with what each depends on.

use super::{Pool, PoolKind, Version};
use std::fmt;
use std::sync::LazyLock;

/// A Windows service that the Cs cmdlets manage, as an index into [`CATALOGUE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Service(pub u8);

/// What kind of work a service holds, and with it what a drain of it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Work {
    /// None that a user would miss.
    Infrastructure,
    /// The fabric node of the server: its vote and its replicas.
    Fabric,
    /// Registrations and sessions: the Front-End service itself.
    Registrar,
    /// Conferences (F7.1).
    Conferences,
    /// Calls: attendants, call park, Response Group, mediation, media relay.
    Calls,
}

/// A row of the inventory.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// The service name: `RTCSRV`.
    pub name: &'static str,
    /// The display name, without the product's prefix if it has one.
    pub display_name: &'static str,
    /// What it holds.
    pub work: Work,
    /// Names of services that must run first, beyond the order (F1.38, A18).
    pub depends_on: &'static [&'static str],
    /// The fact.
    pub fact: &'static str,
}

macro_rules! catalogue {
    ($($name:literal, $display:literal, $work:ident, [$($dep:literal),*], $fact:literal;)+) => {
        /// The inventory, in the order of an all-services start (F1.39, F1.40). A stop goes the other way (A18).
        pub const CATALOGUE: &[Description] = &[$(Description {
            name: $name, display_name: $display, work: Work::$work, depends_on: &[$($dep),*], fact: $fact,
        }),+];
    };
}

catalogue! {
    "W3SVC", "World Wide Web Publishing Service", Infrastructure, [], "F1.9";
    "MASTER", "Master Replicator Agent", Infrastructure, [], "F1.10";
    "REPLICA", "Replica Replicator Agent", Infrastructure, [], "F1.12";
    "RTCCLSAGT", "Centralized Logging Service Agent", Infrastructure, [], "F1.13";
    "FabricHostSvc", "Windows Fabric Host Service", Fabric, [], "F1.14";
    "RTCSRV", "Front-End", Registrar, ["FabricHostSvc"], "F1.15";
    "RTCDATAPROXY", "Web Conferencing Edge", Conferences, [], "F1.29";
    "RTCMRAUTH", "Audio/Video Authentication", Infrastructure, [], "F1.30";
    "RTCMEDIARELAY", "Audio/Video Edge", Calls, [], "F1.31";
    "RTCCAA", "Conferencing Attendant", Calls, [], "F1.16";
    "RTCCAS", "Conferencing Announcement", Calls, [], "F1.17";
    "RTCRGS", "Response Group", Calls, [], "F1.18";
    "RTCCPS", "Call Park", Calls, [], "F1.19";
    "RTCATS", "Audio Test Service", Infrastructure, [], "F1.20";
    "RTCIMMCU", "IM Conferencing", Conferences, [], "F1.21";
    "RTCDATAMCU", "Web Conferencing", Conferences, [], "F1.22";
    "RTCAVMCU", "Audio/Video Conferencing", Conferences, [], "F1.23";
    "RTCASMCU", "Application Sharing", Conferences, [], "F1.24";
    "RTCMEDSRV", "Mediation", Calls, [], "F1.25";
    "FTA", "File Transfer Agent", Infrastructure, [], "F1.11";
    "RTCXMPPTGW", "XMPP Translating Gateway", Infrastructure, [], "F1.26";
    "RTCXMPPTGWPX", "XMPP proxy", Infrastructure, [], "F1.32";
    "RTCHA", "Health Agent", Infrastructure, [], "F1.27";
    "LYNCBACKUP", "Backup Service", Infrastructure, [], "F1.28";
}

impl Service {
    /// The service of this name, in any case.
    pub fn named(name: &str) -> Option<Service> {
        CATALOGUE.iter().position(|row| row.name.eq_ignore_ascii_case(name)).map(|index| Service(index as u8))
    }

    /// Its row.
    pub fn describe(self) -> &'static Description {
        &CATALOGUE[usize::from(self.0)]
    }

    /// The display name on the servers of a pool, as Windows shows it.
    pub fn display_name(self, kind: PoolKind, version: Version) -> String {
        let row = self.describe();
        let name = match row.name {
            "W3SVC" | "FabricHostSvc" => return row.display_name.to_owned(),
            "RTCSRV" if kind == PoolKind::Edge => "Access Edge",
            _ => row.display_name,
        };
        let product = if version == Version::Lync2013 { "Lync Server" } else { "Skype for Business Server" };
        format!("{product} {name}")
    }
}

/// A set of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ServiceSet(pub u32);

impl ServiceSet {
    /// No service.
    pub const NONE: ServiceSet = ServiceSet(0);
    /// Every service of the inventory; what a cmdlet without `-Name` means, on whatever is installed.
    pub const ALL: ServiceSet = ServiceSet((1 << CATALOGUE.len()) - 1);

    /// The set of one.
    pub fn only(service: Service) -> ServiceSet {
        ServiceSet(1 << service.0)
    }

    /// The services of these names; names that do not exist are ignored.
    pub fn named(names: &[&str]) -> ServiceSet {
        names.iter().filter_map(|name| Service::named(name)).collect()
    }

    /// The services that hold this kind of work.
    pub fn holding(work: Work) -> ServiceSet {
        (0..CATALOGUE.len() as u8).map(Service).filter(|service| service.describe().work == work).collect()
    }

    /// Whether it contains a service.
    pub fn contains(self, service: Service) -> bool {
        self.0 & (1 << service.0) != 0
    }

    /// Whether it has no member.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in both.
    pub fn and(self, other: ServiceSet) -> ServiceSet {
        ServiceSet(self.0 & other.0)
    }

    /// What is in either.
    pub fn or(self, other: ServiceSet) -> ServiceSet {
        ServiceSet(self.0 | other.0)
    }

    /// What is in this one and not in the other.
    pub fn without(self, other: ServiceSet) -> ServiceSet {
        ServiceSet(self.0 & !other.0)
    }

    /// The members in start order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Service> {
        (0..CATALOGUE.len() as u8).map(Service).filter(move |service| self.contains(*service))
    }

    /// This set and everything it depends on (F1.38).
    pub fn with_dependencies(self) -> ServiceSet {
        /// What each service needs, itself included; steps of the model ask again and again.
        static NEEDS: LazyLock<Vec<ServiceSet>> =
            LazyLock::new(|| (0..CATALOGUE.len()).map(|service| Service(service as u8)).map(needs).collect());
        fn needs(service: Service) -> ServiceSet {
            let named = service.describe().depends_on.iter().map(|name| ServiceSet::named(&[name]));
            named.fold(ServiceSet::only(service), |set, named| named.iter().map(needs).fold(set, ServiceSet::or))
        }
        self.iter().fold(self, |set, service| set.or(NEEDS[usize::from(service.0)]))
    }

    /// This set and everything that depends on it (F1.47).
    pub fn with_dependents(self) -> ServiceSet {
        (0..CATALOGUE.len() as u8)
            .map(Service)
            .filter(|service| !ServiceSet::only(*service).with_dependencies().and(self).is_empty())
            .collect::<ServiceSet>()
            .or(self)
    }
}

impl FromIterator<Service> for ServiceSet {
    fn from_iter<I: IntoIterator<Item = Service>>(services: I) -> Self {
        services.into_iter().fold(ServiceSet::NONE, |set, service| set.or(ServiceSet::only(service)))
    }
}

impl fmt::Display for ServiceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(|service| service.describe().name).collect();
        f.write_str(&names.join(", "))
    }
}

/// The services on a server of this pool.
pub fn installed(pool: &Pool, version: Version) -> ServiceSet {
    // A reader asks for these at every status cmdlet of a script.
    static EVERYWHERE: LazyLock<ServiceSet> = LazyLock::new(|| ServiceSet::named(&["REPLICA", "RTCCLSAGT"]));
    static FRONT_END: LazyLock<ServiceSet> = LazyLock::new(|| {
        ServiceSet::named(&[
            "W3SVC",
            "FabricHostSvc",
            "RTCSRV",
            "RTCCAA",
            "RTCCAS",
            "RTCRGS",
            "RTCCPS",
            "RTCATS",
            "RTCIMMCU",
            "RTCDATAMCU",
            "RTCAVMCU",
            "RTCASMCU",
            "RTCMEDSRV",
            "RTCHA",
        ])
    });
    let mut set = match pool.kind {
        PoolKind::Enterprise | PoolKind::StandardEdition => {
            let mut set = *FRONT_END;
            if version == Version::Sfb2015 {
                set = set.or(ServiceSet::named(&["RTCXMPPTGW"]));
            }
            if pool.hosts_management_store {
                set = set.or(ServiceSet::named(&["MASTER", "FTA"]));
            }
            if pool.paired_with.is_some() {
                set = set.or(ServiceSet::named(&["LYNCBACKUP"]));
            }
            set
        }
        PoolKind::Mediation => ServiceSet::named(&["RTCMEDSRV"]),
        PoolKind::Edge => {
            let set = ServiceSet::named(&["W3SVC", "RTCSRV", "RTCDATAPROXY", "RTCMRAUTH", "RTCMEDIARELAY"]);
            if version == Version::Sfb2015 { set.or(ServiceSet::named(&["RTCXMPPTGWPX"])) } else { set }
        }
        // The names of a Director's services could not be verified; it registers and serves web requests.
        PoolKind::Director => ServiceSet::named(&["W3SVC", "RTCSRV"]),
    };
    set = set.or(*EVERYWHERE);
    set
}
