//! Reads a topology document: what `Get-CsTopology -AsXml` prints, or what Topology Builder saves.
//!
//! The way of a document: bytes -> text (`text`) -> checked shape (`guard`) -> XML tree -> clusters and
//! services, the same for both dialects (`document`, `as_xml`, `builder`) -> pools (`assemble`).
//!
//! Invariant: nothing is left out silently. What is not a pool of servers that this tool knows is named in
//! a [`Note`]; what contradicts itself is a [`TopologyError`] with its place.
//! Cost: linear in the document; 100 000 servers take well under a second.

mod as_xml;
mod assemble;
mod back_end;
mod builder;
mod document;
mod error;
mod guard;
mod next_hop;
mod notes;
mod pairs;
mod place;
mod roles;
mod text;
mod versions;

pub use error::TopologyError;
pub use place::Span;
pub use text::decode;

use super::{Deployment, Version};
use document::Document;
use place::Text;

/// What a topology document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopologyDocument {
    /// The pools and servers.
    pub deployment: Deployment,
    /// The text that places refer to.
    pub text: String,
    /// What was left out, assumed or unusual, in the order of the document.
    pub notes: Vec<Note>,
}

/// Something a reader of the deployment should know, with its place in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it says, as a sentence.
    pub message: String,
    /// Where.
    pub at: Span,
}

/// Reads a topology document, in either dialect.
///
/// ```
/// let document = r#"<Topology xmlns="urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008">
///   <Clusters>
///     <Cluster Fqdn="edge.example.net"><ClusterId SiteId="1" Number="1" /><Machine /></Cluster>
///   </Clusters>
///   <Services>
///     <Service ServiceVersion="7">
///       <ServiceId SiteId="1" RoleName="EdgeServer" Instance="1" />
///       <InstalledOn><ClusterId SiteId="1" Number="1" /></InstalledOn>
///     </Service>
///   </Services>
/// </Topology>"#;
/// let deployment = poolproof::topology::read(document.as_bytes())?;
/// assert_eq!(deployment.servers[0].fqdn, "edge.example.net");
/// # Ok::<(), poolproof::topology::TopologyError>(())
/// ```
///
/// # Errors
/// If the bytes are no topology document, contradict themselves, or describe pools that no version of the
/// product supports. The error says where, what was expected there, and what to do.
pub fn read(bytes: &[u8]) -> Result<Deployment, TopologyError> {
    read_document(bytes, None).map(|document| document.deployment)
}

/// Reads a topology document and tells what was left out or assumed.
///
/// A topology in mid-migration has front-end pools of several versions, and a deployment is checked for
/// one. With a `version`, front-end pools of any other are left out; [`Version::SubscriptionEdition`]
/// takes the pools of 2019, since a document does not tell the two apart (F10.8).
///
/// # Errors
/// As [`read`].
pub fn read_document(bytes: &[u8], version: Option<Version>) -> Result<TopologyDocument, TopologyError> {
    let decoded = decode(bytes)?;
    let text = Text(&decoded);
    guard::check(text)?;
    let options = roxmltree::ParsingOptions { nodes_limit: guard::MOST_NODES, ..Default::default() };
    let tree = roxmltree::Document::parse_with_options(&decoded, options).map_err(|why| error::not_xml(&why, text))?;
    let (deployment, notes) = assemble::assemble(&document(&tree, text)?, version)?;
    Ok(TopologyDocument { deployment, notes, text: decoded })
}

fn document<'a>(tree: &'a roxmltree::Document<'_>, text: Text<'a>) -> Result<Document<'a>, TopologyError> {
    let root = tree.root_element();
    match (document::is_ours(root), root.tag_name().name()) {
        (true, "Topology") => as_xml::read(root, text),
        (true, "TopologyBuilder" | "PartialTopology") => builder::read(root, text),
        _ => Err(error::unknown_document(root, text)),
    }
}
