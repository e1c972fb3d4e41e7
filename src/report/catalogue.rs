//! The lists of readings and of properties, for a person, for a program and for the book.

use super::text::{EMPHASIS, FAINT, Look, Sheet};
use crate::scenario::property::PropertyName;
use crate::scenario::readings::Reading;
use serde_json::{Value, json};
use std::fmt::Write;

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

/// The page of the book on readings, in Markdown.
pub fn readings_page() -> String {
    let mut out = String::from(
        "# Readings\n\n\
         What the vendor's documents leave open or contradict is never decided silently (D5). Each such question is a\n\
         named reading. A check explores every value of a reading unless the scenario fixes one, and a verdict says under\n\
         which values a property holds. The first value is what the documents say most plainly.\n\n\
         `poolproof readings` prints this list, `--format json` for a program. A scenario fixes a value in its table\n\
         `[readings]`. How a reading is explored, and why that is sound, is in\n\
         [the semantics](semantics.md#readings); the facts are in [facts.md](facts.md).\n\n\
         | reading | question |\n|---|---|\n",
    );
    for reading in Reading::ALL {
        let row = reading.describe();
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} |", row.name, cell(row.question));
    }
    for reading in Reading::ALL {
        let row = reading.describe();
        let _ = writeln!(out, "\n## {}\n\n**{}**\n", row.name, row.question);
        let _ = writeln!(out, "What hangs on it: {}\n", lower_first(row.matters));
        let _ = writeln!(out, "Facts: {}.\n\n| value | meaning |\n|---|---|", row.facts.join(", "));
        for value in row.values {
            let _ = writeln!(out, "| `{}` | {} |", value.name, cell(value.meaning));
        }
    }
    out + GENERATED
}

/// The page of the book on properties, in Markdown.
pub fn properties_page() -> String {
    let mut out = String::from(
        "# Properties\n\n\
         What can be asked of a scenario. Each property is a claim about everything that a scenario allows, and comes out\n\
         as *holds*, *violated*, *not proved* or *not applicable*. Which states and steps each one is about, exactly, is in\n\
         [the semantics](semantics.md#properties); the facts are in [facts.md](facts.md). `poolproof properties` prints\n\
         this list, `--format json` for a program.\n\n\
         | property | kind of claim |\n|---|---|\n",
    );
    for property in PropertyName::ALL {
        let row = property.describe();
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} |", row.name, row.kind.words());
    }
    for property in PropertyName::ALL {
        let row = property.describe();
        let _ = writeln!(out, "\n## {}\n\n**{}**\n", row.name, row.meaning);
        let _ = writeln!(out, "- Kind: {}.", row.kind.words());
        let _ = writeln!(out, "- Where it fails: {}", lower_first(row.failure));
        let _ = writeln!(out, "- Facts: {}.", row.facts.join(", "));
    }
    out + GENERATED
}

const GENERATED: &str = "\n<!-- Generated from src/scenario by tests/docs.rs; UPDATE_DOCS=1 rewrites it. -->\n";

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A sentence that goes on after a colon; names in capitals (`SQL`) stay as they are.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => sentence.into(),
    }
}

fn lines(rows: impl Iterator<Item = Value>) -> String {
    format!("{:#}\n", Value::Array(rows.collect()))
}
