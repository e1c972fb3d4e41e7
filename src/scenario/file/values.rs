//! Values that may be written in two ways.

use super::super::located::Located;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A number, or a table that says more.
#[derive(Debug, Clone, PartialEq)]
pub enum CountOr<T> {
    /// A number alone.
    Count(u8),
    /// A table.
    Table(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for CountOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = CountOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a table")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                small(number).map(CountOr::Count)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(CountOr::Table)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T: Serialize> Serialize for CountOr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            CountOr::Count(count) => count.serialize(serializer),
            CountOr::Table(table) => table.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for CountOr<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("CountOr_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": super::LARGEST_BUDGET, "description": "How many at most." },
            table,
        ] })
    }
}

/// The servers of a pool: how many, or their names.
#[derive(Debug, Clone, PartialEq)]
pub enum Members {
    /// So many, with names that are made up: `fe1`, `fe2`.
    Count(u8),
    /// With these names, in the order of the topology.
    Names(Vec<Located<String>>),
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a list of names")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                small(number).map(Members::Count)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Members::Names)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Members::Count(count) => count.serialize(serializer),
            Members::Names(names) => names.serialize(serializer),
        }
    }
}

impl JsonSchema for Members {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Members".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": 16, "description": "How many." },
            { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 16, "description": "Their names." },
        ] })
    }
}

/// A command line, or several that are run one after the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Lines {
    /// One; it stands where the value stands.
    One(String),
    /// Several.
    Several(Vec<Located<String>>),
}

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Lines;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: Error>(self, line: &str) -> Result<Self::Value, E> {
                Ok(Lines::One(line.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Lines::Several)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for Lines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Lines::One(line) => line.serialize(serializer),
            Lines::Several(lines) => lines.serialize(serializer),
        }
    }
}

impl JsonSchema for Lines {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Lines".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string", "description": "A command line." },
            { "type": "array", "items": { "type": "string" }, "minItems": 1, "description": "Command lines." },
        ] })
    }
}

pub(super) fn small<E: Error>(number: i64) -> Result<u8, E> {
    number.try_into().map_err(|_| E::invalid_value(Unexpected::Signed(number), &"a small whole number"))
}
