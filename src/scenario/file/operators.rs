//! `[[operator]]` and `[commands]`: who acts, and what commands of the user's own mean.

use super::super::located::{Entries, Located};
use super::Lines;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// Somebody who acts: with `runbook` or `steps` one who follows a procedure, with `menu` one who issues
/// any command of it at any time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [{ "required": ["runbook"] }, { "required": ["steps"] }, { "required": ["menu"] }]))]
pub struct OperatorTable {
    /// What the story calls the operator. Default: "operator 1" and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Located<String>>,
    /// A PowerShell script that the operator runs, or a document in Markdown whose command blocks the operator
    /// types, relative to the scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook: Option<Located<String>>,
    /// Values for the parameters of the runbook, by name.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub arguments: Entries<Located<ArgumentValue>>,
    /// A command line that is run after the script, such as a call of one of its functions; several are run
    /// one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Located<Lines>>,
    /// Values for the `<placeholders>` of a document, by name; case, blanks and punctuation do not count.
    #[serde(skip_serializing_if = "Entries::is_empty")]
    pub placeholders: Entries<Located<String>>,
    /// Which numbered steps of a document are repeated, and for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Located<RepeatTable>>,
    /// PowerShell lines that the operator types, one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Located<Vec<Located<String>>>>,
    /// Commands that the operator may issue in any order, at any time; one without a target may strike
    /// each of `servers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub menu: Option<Located<Vec<Located<String>>>>,
    /// The servers that the commands of the menu may strike. Default: all front ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers: Option<Located<Vec<Located<String>>>>,
    /// How many commands of the menu are issued at most. Default: without bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = super::LARGEST_BUDGET))]
    pub at_most: Option<Located<u8>>,
    /// The server that the shell runs on: what a cmdlet without `-ComputerName` acts on. Default: an
    /// administrator's workstation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Located<String>>,
    /// Whether a person types the commands and goes on when a machine is back; a script dies with the
    /// machine that it runs on. Default: true for `steps`, false for `runbook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Located<bool>>,
}

/// What a document says in prose: "repeat for each server".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(extend("required" = ["placeholder", "for"]))]
pub struct RepeatTable {
    /// The placeholder that stands for one thing after the other.
    pub placeholder: Located<String>,
    /// What it stands for.
    #[serde(rename = "for")]
    #[schemars(length(min = 1))]
    pub values: Located<Vec<String>>,
    /// The number of the first step that is repeated. Default: the first of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 255))]
    pub from: Option<Located<u8>>,
    /// The number of the last step that is repeated. Default: the last of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 255))]
    pub to: Option<Located<u8>>,
}

/// The value of a parameter of a runbook.
#[derive(Debug, Clone, PartialEq)]
pub enum ArgumentValue {
    /// A string.
    String(String),
    /// A whole number.
    Integer(i64),
    /// A switch.
    Boolean(bool),
    /// An array of strings.
    Array(Vec<String>),
}

impl<'de> Deserialize<'de> for ArgumentValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = ArgumentValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a whole number, true or false, or a list of strings")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(ArgumentValue::String(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(ArgumentValue::Integer(number))
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(ArgumentValue::Boolean(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ArgumentValue::Array)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Serialize for ArgumentValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ArgumentValue::String(text) => text.serialize(serializer),
            ArgumentValue::Integer(number) => number.serialize(serializer),
            ArgumentValue::Boolean(value) => value.serialize(serializer),
            ArgumentValue::Array(items) => items.serialize(serializer),
        }
    }
}

impl JsonSchema for ArgumentValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ArgumentValue".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string" },
            { "type": "integer" },
            { "type": "boolean" },
            { "type": "array", "items": { "type": "string" } },
        ] })
    }
}

/// What a command of the user's own does.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandMeaning {
    /// A word.
    Word(CommandName),
    /// Something with a name: a lock, or a pool.
    Effect(EffectTable),
}

/// What a command of the user's own does, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommandName {
    /// Nothing that the pool notices.
    Nothing,
    /// An installer runs on the machine that the command is about.
    Install,
    /// A person is asked.
    Ask,
}

/// A lock that shells take and give back, or something that is done to a pool; exactly one of the keys.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct EffectTable {
    /// The command waits until the lock of this name is free, and takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<Located<String>>,
    /// The command gives the lock of this name back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<Located<String>>,
    /// The SQL Server of this pool, or the principal of two, is shut down (F5.13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_database: Option<Located<String>>,
    /// The SQL Server of this pool is back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_database: Option<Located<String>>,
    /// A topology is published in which the members of this pool have changed (F5.16, F5.17).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Located<String>>,
}

impl<'de> Deserialize<'de> for CommandMeaning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CommandMeaning;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a table")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                CommandName::deserialize(StrDeserializer::new(word)).map(CommandMeaning::Word)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                EffectTable::deserialize(MapAccessDeserializer::new(map)).map(CommandMeaning::Effect)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for CommandMeaning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            CommandMeaning::Word(word) => word.serialize(serializer),
            CommandMeaning::Effect(table) => table.serialize(serializer),
        }
    }
}

impl JsonSchema for CommandMeaning {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CommandMeaning".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<CommandName>();
        let table = generator.subschema_for::<EffectTable>();
        json_schema!({ "anyOf": [word, table] })
    }
}
