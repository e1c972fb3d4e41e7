//! The texts that the places of a verdict point into, for reports that show lines in their source.
//!
//! Invariant: a report can do without them; a verdict that was read back from JSON has none. Offsets are
//! those of the decoded text that is kept here.

use crate::runbook::Source;
use crate::scenario::{Acts, Scenario};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Texts by the names under which a verdict knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources(BTreeMap<String, Arc<Source>>);

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
                    procedure.sources().into_iter().for_each(|source| self.insert(source));
                }
                Acts::Free { menu, .. } => menu.iter().for_each(|item| self.insert(&item.place.source)),
            }
        }
    }

    /// Adds a text.
    pub fn insert(&mut self, source: &Arc<Source>) {
        self.0.insert(source.name.clone(), Arc::clone(source));
    }

    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&Source> {
        self.0.get(name).map(|source| &**source)
    }

    /// All texts in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.values().map(|source| &**source)
    }
}
