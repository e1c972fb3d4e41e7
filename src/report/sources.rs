//! The texts that the places of a verdict point into, for reports that show lines in their source.
//!
//! Invariant: a report can do without them; a verdict that was read back from JSON has none. Offsets are
//! those of the decoded text that is kept here.

use crate::runbook;
use crate::scenario::{Acts, Scenario};
use std::collections::BTreeMap;

/// Texts by the names under which a verdict knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<String, String>);

impl Sources {
    /// No texts.
    pub fn none() -> Sources {
        Sources::default()
    }

    /// Adds the texts that the operators of a scenario follow.
    pub fn add(&mut self, scenario: &Scenario) {
        for operator in &scenario.operators {
            match &operator.acts {
                Acts::Scripted { procedure, .. } => {
                    procedure.nodes.iter().for_each(|node| self.add_place(&node.place));
                    procedure.remarks.iter().for_each(|remark| self.add_place(&remark.place));
                }
                Acts::Free { menu, .. } => menu.iter().for_each(|item| self.add_place(&item.place)),
            }
        }
    }

    fn add_place(&mut self, place: &runbook::Place) {
        if !self.0.contains_key(&place.source.name) {
            self.insert(&place.source.name, &place.source.text);
        }
    }

    /// Adds a text.
    pub fn insert(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), text.to_owned());
    }

    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All texts in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}
