//! What a certificate is about: a scenario with all files that it names, as they were read, and the properties asked for.

use super::container::{hex, sha256};
use super::refusal::Refusal;
use crate::model::Maintenance;
use crate::scenario::property::PropertyName;
use crate::scenario::{Recorded, RecordedFile, Scenario};
use serde::{Deserialize, Serialize};

/// A scenario as it stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Subject {
    /// The scenario file as it was named.
    pub file: String,
    /// Its text.
    pub scenario: String,
    /// The files that it names.
    pub files: Vec<Attached>,
    /// The properties that were asked for.
    pub properties: Vec<String>,
}

/// A file that a scenario names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Attached {
    /// The path as the scenario uses it.
    pub path: String,
    /// What a story calls it.
    pub name: String,
    /// What is in it.
    pub content: Content,
}

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// UTF-8.
    Text(String),
    /// Anything else, in hexadecimal.
    Hex(String),
}

impl Subject {
    /// What a check of these properties was about.
    pub fn new(recorded: &Recorded, properties: &[PropertyName]) -> Subject {
        let attached = |file: &RecordedFile| Attached {
            path: file.path.clone(),
            name: file.name.clone(),
            content: match std::str::from_utf8(&file.bytes) {
                Ok(text) => Content::Text(text.to_owned()),
                Err(_) => Content::Hex(hex(&file.bytes)),
            },
        };
        Subject {
            file: recorded.file.clone(),
            scenario: recorded.text.clone(),
            files: recorded.files.iter().map(attached).collect(),
            properties: properties.iter().map(|property| property.describe().name.to_owned()).collect(),
        }
    }

    /// The files as they were.
    ///
    /// # Errors
    /// One of them is damaged.
    pub fn recorded(&self) -> Result<Recorded, Refusal> {
        let file = |file: &Attached| {
            let bytes = match &file.content {
                Content::Text(text) => Some(text.as_bytes().to_vec()),
                Content::Hex(text) => from_hex(text),
            };
            let bytes = bytes.ok_or_else(|| Refusal::Damaged(format!("{} is not in hexadecimal", file.path)))?;
            Ok(RecordedFile { path: file.path.clone(), name: file.name.clone(), bytes })
        };
        let files = self.files.iter().map(file).collect::<Result<Vec<_>, Refusal>>()?;
        Ok(Recorded { file: self.file.clone(), text: self.scenario.clone(), files })
    }

    /// The scenario, and its model.
    ///
    /// # Errors
    /// It cannot be read again.
    pub fn model(&self, recorded: &Recorded) -> Result<(Scenario, Maintenance), Refusal> {
        let mut scenario = recorded.read().map_err(|error| {
            let first = error.problems().first().map_or_else(String::new, |problem| format!(": {problem}"));
            Refusal::Scenario(format!("{error}{first}"))
        })?;
        let unknown = |name: &str| Refusal::Scenario(format!("no property is called {name}"));
        let properties = self.properties.iter().map(|name| PropertyName::named(name).ok_or_else(|| unknown(name)));
        scenario.properties = properties.collect::<Result<Vec<_>, Refusal>>()?;
        if !scenario.properties.is_sorted_by(|one, other| one < other) {
            return Err(Refusal::Scenario("its properties are not in order".to_owned()));
        }
        let model = Maintenance::new(&scenario);
        Ok((scenario, model))
    }
}

/// Says in which way what a certificate is about differs from a scenario, if it does.
pub fn differs(certified: &Recorded, other: &Recorded) -> Option<String> {
    if certified.text != other.text {
        return Some(format!("the text of {} is not that of {}", certified.file, other.file));
    }
    let of = |recorded: &Recorded, path: &str| {
        recorded.files.iter().find(|file| file.path == path).map(|file| file.bytes.clone())
    };
    let files = certified.files.iter().chain(&other.files);
    let different = files.map(|file| &file.path).find(|path| of(certified, path) != of(other, path))?;
    Some(format!("its {different} is not that of {}", other.file))
}

/// The SHA-256 of the scenario file, then of the files that it names, each with its path.
pub fn digests(recorded: &Recorded) -> Vec<(String, String)> {
    let files = recorded.files.iter().map(|file| (file.path.clone(), sha256(&file.bytes)));
    std::iter::once((recorded.file.clone(), sha256(recorded.text.as_bytes()))).chain(files).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
