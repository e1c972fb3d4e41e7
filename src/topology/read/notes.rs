//! What there is to say about a document beside its deployment.
//!
//! Invariant: at most [`MOST_NOTES`] notes, and a last one that counts the rest.
//! Cost: finding the line of a note is linear in the document, hence the bound.

use super::Note;
use super::document::{Cluster, Document};

/// The most notes; a document that needs more has one reason for all of them.
const MOST_NOTES: usize = 50;

/// Collects notes.
pub(super) struct Notes<'d, 'a> {
    pub document: &'d Document<'a>,
    notes: Vec<Note>,
    more: usize,
}

impl<'d, 'a> Notes<'d, 'a> {
    /// No note yet.
    pub fn new(document: &'d Document<'a>) -> Notes<'d, 'a> {
        Notes { document, notes: Vec::new(), more: 0 }
    }

    /// Notes something about a cluster; the message goes on after its name.
    pub fn add(&mut self, cluster: &Cluster<'_>, message: String) {
        if self.notes.len() == MOST_NOTES {
            self.more += 1;
            return;
        }
        let at = self.document.text.tag(cluster.node);
        self.notes.push(Note { message: format!("`{}` {message}", cluster.fqdn.unwrap_or("a cluster")), at });
    }

    /// The notes in the order of the document.
    pub fn finish(mut self) -> Vec<Note> {
        self.notes.sort_by_key(|note| note.at.offset);
        if self.more > 0 {
            let at = self.document.text.span(0..1);
            self.notes.push(Note { message: format!("and {} more of these", self.more), at });
        }
        self.notes
    }
}
