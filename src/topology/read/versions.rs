//! Which version a deployment is of, and which pools belong to it.
//!
//! Invariant: front-end pools of another version are never mixed in, and never left out unsaid.
//! Cost: one pass over the pools.

use super::document::{Document, Service};
use super::error::TopologyError;
use super::notes::Notes;
use crate::topology::{BackEnd, PoolKind, Version};

/// A cluster that becomes a pool.
pub(super) struct Candidate<'d, 'a> {
    pub cluster: usize,
    pub kind: PoolKind,
    pub back_end: Option<BackEnd>,
    pub service: &'d Service<'a>,
    pub version: Option<Version>,
}

/// The version of a service; `None` for a number of which poolproof knows nothing.
pub(super) fn of(document: &Document<'_>, service: &Service<'_>) -> Result<Option<Version>, TopologyError> {
    let text = document.text;
    let found = service.node.attribute_node("ServiceVersion").ok_or_else(|| TopologyError::MissingAttribute {
        attribute: "ServiceVersion",
        element: "Service".into(),
        at: text.tag(service.node),
    })?;
    match found.value().trim().parse() {
        Ok(number) => Ok(Version::from_service_version(number)),
        Err(_) => Err(TopologyError::UnknownVersion {
            found: found.value().chars().take(40).collect(),
            at: text.value(found),
        }),
    }
}

/// The version of the deployment: the one that was asked for, or the only one that front-end pools have.
pub(super) fn chosen(
    document: &Document<'_>,
    candidates: &[Candidate<'_, '_>],
    wanted: Option<Version>,
) -> Result<Version, TopologyError> {
    let mut homes = candidates.iter().filter(|candidate| candidate.is_home() && candidate.version.is_some()).peekable();
    let whole = || document.text.span(0..1);
    match (wanted, homes.peek().and_then(|first| first.version)) {
        (Some(wanted), first) => {
            let homes = candidates.iter().any(|candidate| candidate.is_home() && candidate.is_of(wanted));
            let enough = homes || (first.is_none() && !candidates.is_empty());
            if enough { Ok(wanted) } else { Err(TopologyError::NoPool { at: whole() }) }
        }
        (None, Some(first)) => match homes.find(|candidate| candidate.version != Some(first)) {
            None => Ok(first),
            Some(other) => Err(TopologyError::SeveralVersions {
                first: first.name(),
                other: other.version.unwrap_or(first).name(),
                at: document.text.tag(document.clusters[other.cluster].node),
            }),
        },
        // No front-end pool of a known version: the newest of what else there is.
        (None, None) => match candidates.iter().filter_map(|candidate| candidate.version).max() {
            Some(newest) => Ok(newest),
            None => Err(match candidates.first() {
                Some(candidate) => TopologyError::UnknownVersion {
                    found: candidate.service.node.attribute("ServiceVersion").unwrap_or("").into(),
                    at: document.text.tag(candidate.service.node),
                },
                None => TopologyError::NoPool { at: whole() },
            }),
        },
    }
}

impl Candidate<'_, '_> {
    /// Whether users are homed here.
    fn is_home(&self) -> bool {
        matches!(self.kind, PoolKind::Enterprise | PoolKind::StandardEdition)
    }

    fn is_of(&self, version: Version) -> bool {
        self.version == Some(version)
            || (version == Version::SubscriptionEdition && self.version == Some(Version::Sfb2019))
    }
}

/// Whether a pool belongs to a deployment of this version. Edge Servers and the like lag behind in many
/// deployments, and nothing that is checked about them depends on their version.
pub(super) fn keep(candidate: &Candidate<'_, '_>, version: Version, notes: &mut Notes<'_, '_>) -> bool {
    if candidate.is_of(version) {
        return true;
    }
    let own = candidate.version.map_or("a version that poolproof does not know", Version::name);
    let cluster = &notes.document.clusters[candidate.cluster];
    if candidate.is_home() {
        notes.add(cluster, format!("is left out: it is of {own}, not of {}", version.name()));
        false
    } else {
        notes.add(cluster, format!("is of {own} and is treated like {}", version.name()));
        true
    }
}
