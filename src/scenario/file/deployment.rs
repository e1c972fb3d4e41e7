//! `[deployment]`: a version and pools, or a topology document.

use super::super::located::Located;
use super::values::Members;
use crate::topology::{BackEnd, PoolKind, Version};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// What is deployed: a version and pools, or a topology document.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DeploymentTable {
    /// The version of the product. Default: what the topology document says; without a document, "2019".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Located<VersionName>>,
    /// A topology document (`.tbxml`, or what `Get-CsTopology -AsXml` gives), relative to the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<Located<String>>,
    /// The pools, if there is no topology document.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pool: Vec<Located<PoolTable>>,
}

/// A pool and its servers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(extend("required" = ["name"]))]
pub struct PoolTable {
    /// The name of the pool: an FQDN, or a short name.
    pub name: Located<String>,
    /// What the pool is for. Default: "enterprise".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Located<KindName>>,
    /// The front ends of an Enterprise pool: how many (`fe1`, `fe2`, ...), or their names in the order of
    /// the topology, which decides who votes in large pools (F3.6, F3.8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub front_ends: Option<Located<Members>>,
    /// The servers of a pool of another kind: how many, or their names. A Standard Edition pool is its one
    /// server and needs no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Located<Members>>,
    /// The SQL Back End of an Enterprise pool. Default: "single".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_end: Option<Located<BackEndName>>,
    /// The upgrade domains: how many (front ends are dealt in turn), or a list of lists of front ends.
    /// Default: one domain per front end (F4.22).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_domains: Option<Located<UpgradeDomains>>,
    /// Whether the Central Management Store is hosted here. Default: false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts_management_store: Option<Located<bool>>,
    /// The pool that an Edge pool sends what comes from outside to (F6.4). Default: none that is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_hop: Option<Located<String>>,
    /// The other pool of a pair; it suffices to name it on one side (F6.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paired_with: Option<Located<String>>,
}

/// A version of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VersionName {
    /// Lync Server 2013: no computer fail-over (F2.1).
    #[serde(rename = "2013")]
    Lync2013,
    /// Skype for Business Server 2015.
    #[serde(rename = "2015")]
    Sfb2015,
    /// Skype for Business Server 2019.
    #[serde(rename = "2019")]
    Sfb2019,
    /// Skype for Business Server Subscription Edition; as 2019 where no source says otherwise (A21).
    #[serde(rename = "SE")]
    SubscriptionEdition,
}

impl From<VersionName> for Version {
    fn from(name: VersionName) -> Version {
        match name {
            VersionName::Lync2013 => Version::Lync2013,
            VersionName::Sfb2015 => Version::Sfb2015,
            VersionName::Sfb2019 => Version::Sfb2019,
            VersionName::SubscriptionEdition => Version::SubscriptionEdition,
        }
    }
}

/// What a pool is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KindName {
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

impl From<KindName> for PoolKind {
    fn from(name: KindName) -> PoolKind {
        match name {
            KindName::Enterprise => PoolKind::Enterprise,
            KindName::StandardEdition => PoolKind::StandardEdition,
            KindName::Mediation => PoolKind::Mediation,
            KindName::Edge => PoolKind::Edge,
            KindName::Director => PoolKind::Director,
        }
    }
}

/// The SQL Back End of an Enterprise pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BackEndName {
    /// One SQL Server.
    Single,
    /// A principal and a mirror; somebody has to fail the database over (F9.1).
    Mirrored,
    /// A principal, a mirror and a witness of SQL's own; the fail-over is automatic (F9.1).
    MirroredWithWitness,
    /// An AlwaysOn availability group (F9.3).
    AlwaysOn,
}

impl From<BackEndName> for BackEnd {
    fn from(name: BackEndName) -> BackEnd {
        match name {
            BackEndName::Single => BackEnd::Single,
            BackEndName::Mirrored => BackEnd::Mirrored { witness: false },
            BackEndName::MirroredWithWitness => BackEnd::Mirrored { witness: true },
            BackEndName::AlwaysOn => BackEnd::AlwaysOn,
        }
    }
}

/// The upgrade domains of a pool.
#[derive(Debug, Clone, PartialEq)]
pub enum UpgradeDomains {
    /// So many; front ends are dealt to them in turn.
    Count(u8),
    /// Which front ends form each of them.
    Lists(Vec<Vec<Located<String>>>),
}

impl<'de> Deserialize<'de> for UpgradeDomains {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = UpgradeDomains;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a list of lists of front ends")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                super::values::small(number).map(UpgradeDomains::Count)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(UpgradeDomains::Lists)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for UpgradeDomains {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            UpgradeDomains::Count(count) => count.serialize(serializer),
            UpgradeDomains::Lists(lists) => lists.serialize(serializer),
        }
    }
}

impl JsonSchema for UpgradeDomains {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "UpgradeDomains".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": 16, "description": "How many." },
            {
                "type": "array",
                "items": { "type": "array", "items": { "type": "string" }, "minItems": 1 },
                "minItems": 1,
                "description": "The front ends of each domain.",
            },
        ] })
    }
}
