//! The JSON Schema of a scenario file, drawn from the types of [`super::file`], so that editors complete
//! keys and values and show what they mean.
//!
//! Invariant: `$ref` does not occur (the format is not recursive), which keeps the reader of the schema in
//! `shape` small. `x-noun` names what a key or a value of a list is, for messages: "there is no reading ...".

use super::file::File;
use super::property::PropertyName;
use super::readings::{self, Reading};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a scenario file.
///
/// ```
/// let schema = poolproof::scenario::schema();
/// assert_eq!(schema["properties"]["operator"]["type"], "array");
/// ```
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.with_transform(WithoutNull).into_generator().into_root_schema_for::<File>();
    schema.insert("$id".to_owned(), "urn:poolproof:scenario".into());
    schema.to_value()
}

/// TOML has no null: an optional key is left out, so `null` is no value of it. Defaults that say "empty"
/// are dropped as well, and so are the formats of numbers, which mean nothing to an editor. Line ends of
/// comments become blanks.
#[derive(Debug, Clone)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        schema.remove("default");
        schema.remove("format");
        if let Some(Value::String(description)) = schema.get_mut("description") {
            *description = description.replace('\n', " ");
        }
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
            branches.retain(|branch| branch.get("type") != Some(&json!("null")));
            if let [Value::Object(only)] = branches.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    // The comment at the key says more than the one at its type.
                    schema.ensure_object().entry(key).or_insert(value);
                }
            }
        }
    }
}

/// The names of properties, each with its meaning.
pub(super) fn property_names(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<Value> = PropertyName::ALL
        .iter()
        .map(|property| property.describe())
        .map(|property| json!({ "const": property.name, "description": property.meaning }))
        .collect();
    json_schema!({
        "type": "array",
        "items": { "oneOf": names, "type": "string", "x-noun": "property" },
        "minItems": 1,
    })
}

/// A table from the names of readings to the names of their values.
pub(super) fn readings_table(_: &mut SchemaGenerator) -> Schema {
    let table: Map<String, Value> = Reading::ALL
        .iter()
        .map(|reading| reading.describe())
        .map(|reading| {
            let values: Vec<Value> = reading
                .values
                .iter()
                .map(|value| json!({ "const": value.name, "description": value.meaning }))
                .collect();
            let noun = format!("value of `{}`", reading.name);
            (
                reading.name.to_owned(),
                json!({ "oneOf": values, "type": "string", "description": about(reading), "x-noun": noun }),
            )
        })
        .collect();
    json_schema!({ "type": "object", "properties": table, "additionalProperties": false, "x-noun": "reading" })
}

fn about(reading: &readings::Description) -> String {
    format!("{} {} ({})", reading.question, reading.matters, reading.facts.join(", "))
}

/// A table from the names of properties to what is expected of them.
pub(super) fn expect_table(_: &mut SchemaGenerator) -> Schema {
    let table: Map<String, Value> = PropertyName::ALL
        .iter()
        .map(|property| property.describe())
        .map(|property| {
            let description = format!(
                "{} One of: \"holds\", \"fails\", \"not applicable\", \"fails if READING = VALUE and ... or ...\".",
                property.meaning
            );
            let examples = ["holds", "fails", "not applicable", "fails if fabric-guard = permits"];
            (property.name.to_owned(), json!({ "type": "string", "description": description, "examples": examples }))
        })
        .collect();
    json_schema!({ "type": "object", "properties": table, "additionalProperties": false, "x-noun": "property" })
}
