//! Why a topology document could not be read.
//!
//! Invariant: every error says what is wrong, what was expected at the place that it names, and what to
//! write or do instead.
//! Cost: none until something fails.

use super::document::Node;
use super::place::{Span, Text};
use crate::topology::Version;
use miette::Diagnostic;
use thiserror::Error;

/// Why a topology document could not be read.
///
/// Its places are those of the decoded text ([`super::decode`]); a report shows them with
/// `miette::Report::new(error).with_source_code(text)`. `NotText` and `Archive` count in the bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[non_exhaustive]
pub enum TopologyError {
    /// The bytes are not text in the encoding that they seem to have.
    #[error("the file is not text in {encoding} (byte {} of the file, {at})", at.offset)]
    #[diagnostic(code(topology::not_text), help("save the document as UTF-8 or as UTF-16 with a byte order mark"))]
    NotText {
        /// The encoding that the bytes seem to have.
        encoding: &'static str,
        /// Where, in bytes of the file.
        at: Span,
    },
    /// A zip archive, as `Export-CsConfiguration` writes one.
    #[error("the file is a zip archive, not a topology document")]
    #[diagnostic(
        code(topology::archive),
        help("Export-CsConfiguration writes archives; export the topology with Get-CsTopology -AsXml")
    )]
    Archive {
        /// Its beginning, in bytes of the file.
        at: Span,
    },
    /// The text is not well-formed XML.
    #[error("the document is not well-formed XML: {reason} ({at})")]
    #[diagnostic(
        code(topology::not_xml),
        help("export it anew: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8")
    )]
    NotXml {
        /// What the parser says.
        reason: String,
        /// Where.
        #[label("expected well-formed XML")]
        at: Span,
    },
    /// The document declares a document type, and with it perhaps entities.
    #[error("the document has a document type declaration ({at})")]
    #[diagnostic(
        code(topology::document_type),
        help(
            "remove the <!DOCTYPE ...>: neither Get-CsTopology nor Topology Builder writes one, and its entities are not expanded"
        )
    )]
    DocumentType {
        /// Where.
        #[label("expected an element")]
        at: Span,
    },
    /// The document is larger, in one way or another, than any topology.
    #[error("the document is no topology: it has {what} ({at})")]
    #[diagnostic(code(topology::too_large), help("check that this is the file that was meant; export it anew"))]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// Where.
        #[label("more than any topology has")]
        at: Span,
    },
    /// Well-formed, but something else than a topology.
    #[error("the document is no topology: it begins with <{found}> ({at})")]
    #[diagnostic(code(topology::unknown_document))]
    UnknownDocument {
        /// The name of the root element.
        found: String,
        /// What to do.
        #[help]
        help: &'static str,
        /// Where.
        #[label("expected <Topology> or <TopologyBuilder>")]
        at: Span,
    },
    /// An element that every document of the dialect has is not there.
    #[error("<{parent}> has no <{element}> ({at})")]
    #[diagnostic(
        code(topology::missing_element),
        help("write <{element}> into <{parent}>, or export the whole document anew")
    )]
    MissingElement {
        /// The element that is missing.
        element: &'static str,
        /// Where it should be.
        parent: String,
        /// Where.
        #[label("expected <{element}> in here")]
        at: Span,
    },
    /// An attribute that every such element has is not there.
    #[error("<{element}> has no attribute {attribute} ({at})")]
    #[diagnostic(
        code(topology::missing_attribute),
        help("write {attribute}=\"...\", or export the whole document anew")
    )]
    MissingAttribute {
        /// The attribute that is missing.
        attribute: &'static str,
        /// The element that should have it.
        element: String,
        /// Where.
        #[label("expected {attribute}=\"...\"")]
        at: Span,
    },
    /// Two elements claim the same identity.
    #[error("this <{element}> has the identity of an earlier one ({at})")]
    #[diagnostic(code(topology::duplicate_identity), help("remove one of the two, or export the whole document anew"))]
    DuplicateIdentity {
        /// What has the identity.
        element: String,
        /// Where the second one is.
        #[label("expected an identity of its own")]
        at: Span,
    },
    /// An element refers to something that the document does not contain.
    #[error("this refers to a {what} that the document does not contain ({at})")]
    #[diagnostic(code(topology::unknown_reference), help("add the {what}, or export the whole document anew"))]
    UnknownReference {
        /// What is missing.
        what: &'static str,
        /// Where the reference is.
        #[label("expected a {what} of this document")]
        at: Span,
    },
    /// A version that is not a number, or that this tool does not know.
    #[error("`{found}` is no version that poolproof knows ({at})")]
    #[diagnostic(
        code(topology::unknown_version),
        help("ServiceVersion is 6 for Lync Server 2013, 7 for Skype for Business Server 2015, 8 for 2019")
    )]
    UnknownVersion {
        /// What the document says.
        found: String,
        /// Where.
        #[label("expected 6, 7 or 8")]
        at: Span,
    },
    /// Front-end pools of several versions, and none was chosen.
    #[error("the front-end pools are of several versions: {first} and, here, {other} ({at})")]
    #[diagnostic(
        code(topology::several_versions),
        help(
            "say which version is meant, for instance version = \"{other}\"; the pools of the others are then left out"
        )
    )]
    SeveralVersions {
        /// The version of the first front-end pool.
        first: &'static str,
        /// The version of this one.
        other: &'static str,
        /// Where the pool with the other version is.
        #[label("expected a pool of {first}")]
        at: Span,
    },
    /// No pool of the document is one that this tool can check.
    #[error("the document describes no pool that can be checked ({at})")]
    #[diagnostic(
        code(topology::no_pool),
        help(
            "a front-end pool is a <Cluster> on which a <Service> with the role UserServices or Registrar is installed; its ServiceVersion is 6, 7 or 8 and the version that was asked for"
        )
    )]
    NoPool {
        /// Where the document begins.
        #[label("expected a front-end, Edge, Mediation or Director pool in here")]
        at: Span,
    },
    /// A pool without a machine.
    #[error("the pool `{pool}` has no machine ({at})")]
    #[diagnostic(code(topology::empty_pool), help("write a <Machine Fqdn=\"...\" /> for each server of the pool"))]
    EmptyPool {
        /// The pool.
        pool: String,
        /// Where.
        #[label("expected a <Machine> in here")]
        at: Span,
    },
    /// A pool with more front ends than its version supports (F10.1).
    #[error("the pool `{pool}` has {servers} front ends; {} of them are the most that {} supports ({at})", version.largest_pool(), version.name())]
    #[diagnostic(
        code(topology::pool_too_large),
        help("split the pool, or check that this is the document that was meant")
    )]
    PoolTooLarge {
        /// The pool.
        pool: String,
        /// How many front ends it has.
        servers: usize,
        /// Its version.
        version: Version,
        /// Where.
        #[label("expected at most {} machines in here", version.largest_pool())]
        at: Span,
    },
    /// A machine, or a pool, that the document has twice.
    #[error("`{name}` occurs twice ({at})")]
    #[diagnostic(
        code(topology::duplicate_name),
        help(
            "names are compared in any case; a machine belongs to one pool, so give this one its own name or remove it"
        )
    )]
    DuplicateName {
        /// The name.
        name: String,
        /// Where the second one is.
        #[label("expected a name that no other pool or server has")]
        at: Span,
    },
    /// Pairs that are not one to one (F6.1).
    #[error("the pool `{pool}` is paired with more than one pool ({at})")]
    #[diagnostic(
        code(topology::not_a_pair),
        help("pools are paired one to one and both ways: leave one pool with the usage Backup")
    )]
    NotAPair {
        /// The pool.
        pool: String,
        /// Where it is.
        #[label("expected one paired pool at most")]
        at: Span,
    },
}

impl TopologyError {
    /// Where it is.
    pub fn at(&self) -> Span {
        use TopologyError::*;
        match self {
            NotText { at, .. }
            | Archive { at }
            | NotXml { at, .. }
            | DocumentType { at }
            | TooLarge { at, .. }
            | UnknownDocument { at, .. }
            | MissingElement { at, .. }
            | MissingAttribute { at, .. }
            | DuplicateIdentity { at, .. }
            | UnknownReference { at, .. }
            | UnknownVersion { at, .. }
            | SeveralVersions { at, .. }
            | NoPool { at }
            | EmptyPool { at, .. }
            | PoolTooLarge { at, .. }
            | DuplicateName { at, .. }
            | NotAPair { at, .. } => *at,
        }
    }
}

/// The error of the XML parser.
pub(super) fn not_xml(why: &roxmltree::Error, text: Text<'_>) -> TopologyError {
    let at = text.at(why.pos().row as usize, why.pos().col as usize);
    match why {
        roxmltree::Error::DtdDetected => {
            let start = text.0.find("<!DOCTYPE").unwrap_or_default();
            TopologyError::DocumentType { at: text.span(start..start + "<!DOCTYPE".len()) }
        }
        roxmltree::Error::NodesLimitReached => {
            let what = format!("more than {} elements", super::guard::MOST_NODES);
            TopologyError::TooLarge { what, at }
        }
        _ => {
            // The parser's message ends in the place as well, in its own words.
            let reason = why.to_string();
            let reason = reason.rsplit_once(" at ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
            TopologyError::NotXml { reason, at }
        }
    }
}

/// The error for a root element that is not a topology's.
pub(super) fn unknown_document(root: Node<'_>, text: Text<'_>) -> TopologyError {
    let help = match root.tag_name().name() {
        "Objs" => "this is what Export-Clixml writes; export the topology with Get-CsTopology -AsXml",
        "DocItemSet" => "this is a configuration package; export the topology with Get-CsTopology -AsXml",
        _ => "export the topology with Get-CsTopology -AsXml, or save it in Topology Builder as a .tbxml file",
    };
    TopologyError::UnknownDocument { found: root.tag_name().name().into(), help, at: text.tag(root) }
}
