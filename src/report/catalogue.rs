//! The lists of readings and of properties, for a person and for a program.

use super::text::{EMPHASIS, FAINT, Look, Sheet};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use serde_json::{Value, json};

/// Every reading: the question, what hangs on it, its values, the facts behind it.
pub fn readings(look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let introduction = "What the vendor's documents leave open or contradict. A check explores every value of a reading \
        unless the scenario fixes one, and a verdict says for which values it holds. The first value is what the \
        documents say most plainly.";
    sheet.hanging(0, 0, introduction);
    for reading in Reading::ALL {
        let description = reading.describe();
        sheet.blank();
        let name = sheet.paint(EMPHASIS, description.name);
        let facts = sheet.paint(FAINT, &format!("({})", description.facts.join(", ")));
        sheet.hanging(0, 2, &format!("{name}  {} {facts}", description.question));
        sheet.hanging(2, 2, description.matters);
        let width = description.values.iter().map(|value| value.name.len()).max().unwrap_or(0);
        for value in description.values {
            sheet.hanging(4, width + 6, &format!("{:<width$}  {}", value.name, value.meaning));
        }
    }
    sheet.finish()
}

/// Every property: what it means, what kind of claim it is, the facts it stands on.
pub fn properties(look: &Look) -> String {
    let mut sheet = Sheet::new(look);
    let width = PropertyName::ALL.iter().map(|property| property.describe().name.len()).max().unwrap_or(0);
    for property in PropertyName::ALL {
        let description = property.describe();
        let name = sheet.paint(EMPHASIS, description.name);
        let gap = width - description.name.len() + 2;
        let rest = sheet.paint(FAINT, &format!("({}; {})", description.kind.words(), description.facts.join(", ")));
        sheet.hanging(0, width + 2, &format!("{name}{:gap$}{} {rest}", "", description.meaning));
    }
    sheet.finish()
}

/// [`readings`] as JSON.
pub fn readings_as_json() -> String {
    let rows = Reading::ALL.iter().map(|reading| {
        let description = reading.describe();
        let values: Vec<Value> =
            description.values.iter().map(|value| json!({ "name": value.name, "meaning": value.meaning })).collect();
        json!({
            "name": description.name,
            "question": description.question,
            "matters": description.matters,
            "facts": description.facts,
            "values": values,
        })
    });
    lines(rows)
}

/// [`properties`] as JSON.
pub fn properties_as_json() -> String {
    let rows = PropertyName::ALL.iter().map(|property| {
        let description = property.describe();
        json!({
            "name": description.name,
            "kind": description.kind.words(),
            "meaning": description.meaning,
            "failure": description.failure,
            "facts": description.facts,
        })
    });
    lines(rows)
}

fn lines(rows: impl Iterator<Item = Value>) -> String {
    format!("{:#}\n", Value::Array(rows.collect()))
}
