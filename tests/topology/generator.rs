//! Writes topology documents of both dialects from one description.

use std::fmt::Write;

/// A deployment to be written down.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub clusters: Vec<Cluster>,
    pub services: Vec<Service>,
}

/// A cluster; its number is its position, from 1.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    pub fqdn: String,
    /// Names and upgrade domains; `None` leaves the attribute out.
    pub machines: Vec<(Option<String>, Option<String>)>,
    pub setup: bool,
    /// Attributes of its SQL instance, if it has one.
    pub sql: Option<String>,
}

/// A service; its instance number is its position, from 1.
#[derive(Debug, Clone)]
pub struct Service {
    pub role: &'static str,
    pub version: u32,
    /// Position of the cluster.
    pub cluster: usize,
    pub on_sql: bool,
    /// Usage and position of a service.
    pub depends_on: Vec<(&'static str, usize)>,
    /// What else stands in the element.
    pub inner: &'static str,
}

impl Plan {
    pub fn cluster(&mut self, fqdn: &str, machines: &[&str]) -> usize {
        let machines = machines.iter().map(|fqdn| (Some((*fqdn).to_owned()), None)).collect();
        self.clusters.push(Cluster { fqdn: fqdn.into(), machines, setup: true, sql: None });
        self.clusters.len() - 1
    }

    pub fn sql(&mut self, fqdn: &str, attributes: &str) -> usize {
        let sql = Some(attributes.to_owned());
        self.clusters.push(Cluster { fqdn: fqdn.into(), machines: vec![(None, None)], setup: false, sql });
        self.clusters.len() - 1
    }

    pub fn service(&mut self, role: &'static str, cluster: usize) -> &mut Service {
        let on_sql = role.ends_with("Store") && role != "FileStore";
        self.services.push(Service { role, version: 7, cluster, on_sql, depends_on: Vec::new(), inner: "" });
        self.services.last_mut().expect("just pushed")
    }

    /// A front-end pool of this many servers with the roles that make it one. Returns the cluster and the
    /// position of its User Services; the Registrar is the service after it.
    pub fn front_ends(&mut self, fqdn: &str, servers: usize, sql: usize) -> (usize, usize) {
        let label = fqdn.split('.').next().unwrap_or(fqdn).to_owned();
        let cluster = self.cluster(fqdn, &[]);
        self.clusters[cluster].machines = (1..=servers)
            .map(|number| (Some(format!("{label}-{number}.example.net")), Some(format!("UpgradeDomain{number}"))))
            .collect();
        let store = self.services.len();
        self.service("UserStore", sql);
        self.service("UserServices", cluster).depends_on = vec![("Default", store)];
        self.service("Registrar", cluster).depends_on = vec![("Default", store + 1)];
        (cluster, store + 1)
    }

    pub fn set_version(&mut self, version: u32) -> &mut Self {
        self.services.iter_mut().for_each(|service| service.version = version);
        self
    }

    /// The document as `Get-CsTopology -AsXml` prints it.
    pub fn as_xml(&self) -> String {
        let mut out = String::from(
            "<Topology xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008\" Signature=\"0\">\r\n  <Sites />\r\n  <Clusters>\r\n",
        );
        for (index, cluster) in self.clusters.iter().enumerate() {
            let (number, fqdn, setup) = (index + 1, &cluster.fqdn, cluster.setup);
            let _ = writeln!(
                out,
                "    <Cluster RequiresReplication=\"{setup}\" RequiresSetup=\"{setup}\" Fqdn=\"{fqdn}\">\r\n      <ClusterId SiteId=\"1\" Number=\"{number}\" />\r"
            );
            for (ordinal, machine) in (1..).zip(&cluster.machines) {
                let _ = writeln!(out, "      <Machine OrdinalInCluster=\"{ordinal}\"{} />\r", attributes(machine));
            }
            out.push_str("    </Cluster>\r\n");
        }
        out.push_str("  </Clusters>\r\n  <SqlInstances>\r\n");
        for (number, cluster) in (1..).zip(&self.clusters) {
            if let Some(attributes) = &cluster.sql {
                let _ = writeln!(
                    out,
                    "    <SqlInstance{attributes}><SqlInstanceId Name=\"\"><ClusterId SiteId=\"1\" Number=\"{number}\" /></SqlInstanceId></SqlInstance>\r"
                );
            }
        }
        out.push_str("  </SqlInstances>\r\n  <Services>\r\n");
        for (instance, service) in (1..).zip(&self.services) {
            let _ = write!(
                out,
                "    <Service RoleVersion=\"1\" ServiceVersion=\"{}\">\r\n      <ServiceId SiteId=\"1\" RoleName=\"{}\" Instance=\"{instance}\" />\r\n      <DependsOn>",
                service.version, service.role
            );
            for (usage, position) in &service.depends_on {
                let role = self.services.get(*position).map_or("Absent", |service| service.role);
                let _ = write!(
                    out,
                    "<Dependency Usage=\"{usage}\"><ServiceId SiteId=\"1\" RoleName=\"{role}\" Instance=\"{}\" /></Dependency>",
                    position + 1
                );
            }
            let id = format!("<ClusterId SiteId=\"1\" Number=\"{}\" />", service.cluster + 1);
            let place = if service.on_sql { format!("<SqlInstanceId Name=\"\">{id}</SqlInstanceId>") } else { id };
            let _ = writeln!(
                out,
                "</DependsOn>\r\n      <InstalledOn>{place}</InstalledOn>\r\n      <Ports xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008\" />{}\r\n    </Service>\r",
                service.inner
            );
        }
        out.push_str("  </Services>\r\n</Topology>");
        out
    }

    /// The document as Topology Builder saves it.
    pub fn builder(&self) -> String {
        let guid = |kind: u32, index: usize| format!("{kind:08x}-0000-4000-8000-{index:012x}");
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<TopologyBuilder IsFreeFromChanges=\"true\" xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.TopologyBuilder.2008\"><NewTopology>\n<PartialTopology xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.WritableTopology.2008\"><CentralSites><CentralSite SiteId=\"1\">\n<Name xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008\">Site</Name><Clusters>\n",
        );
        for (index, cluster) in self.clusters.iter().enumerate() {
            let (single, fqdn, setup) = (cluster.machines.len() == 1, &cluster.fqdn, cluster.setup);
            let _ = writeln!(
                out,
                "<Cluster IsSingleMachineOnly=\"{single}\" UniqueId=\"{}\" RequiresSetup=\"{setup}\" Fqdn=\"{fqdn}\"><Machines>",
                guid(1, index)
            );
            for machine in &cluster.machines {
                let _ = writeln!(
                    out,
                    "<Machine{}><NetInterface InterfaceSide=\"Primary\" xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008\" /></Machine>",
                    attributes(machine)
                );
            }
            out.push_str("</Machines>");
            match &cluster.sql {
                Some(attributes) => {
                    let id = guid(2, index);
                    let _ = write!(
                        out,
                        "<SqlInstances><SqlInstance UniqueId=\"{id}\" Name=\"\"{attributes} /></SqlInstances>"
                    );
                }
                None => out.push_str("<SqlInstances />"),
            }
            out.push_str("</Cluster>\n");
        }
        out.push_str("</Clusters><RemoteSites /></CentralSite></CentralSites>\n<Services>\n");
        for (index, service) in self.services.iter().enumerate() {
            // References are written in the other case than identities, as a GUID may be.
            let place = guid(if service.on_sql { 2 } else { 1 }, service.cluster).to_uppercase();
            let _ = write!(
                out,
                "<Service UniqueId=\"{}\" RoleName=\"{}\" RoleVersion=\"1\" InstalledOn=\"{place}\" ServiceVersion=\"{}\"><DependsOn>",
                guid(3, index),
                service.role,
                service.version
            );
            for (usage, position) in &service.depends_on {
                let id = guid(3, *position);
                let _ = write!(out, "<Dependency ServiceUniqueId=\"{id}\" Usage=\"{usage}\" />");
            }
            let _ = writeln!(
                out,
                "</DependsOn><Ports xmlns=\"urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008\" />{}</Service>",
                service.inner
            );
        }
        out.push_str("</Services></PartialTopology></NewTopology></TopologyBuilder>\n");
        out
    }
}

fn attributes((fqdn, upgrade_domain): &(Option<String>, Option<String>)) -> String {
    let mut out = String::new();
    for (name, value) in [("Fqdn", fqdn), ("UpgradeDomain", upgrade_domain)] {
        if let Some(value) = value {
            let _ = write!(out, " {name}=\"{value}\"");
        }
    }
    out
}
