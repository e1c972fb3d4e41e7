//! What a change changes, for a person at a terminal: what is lost first, then the new stories.

use super::layout::{BAD, EMPHASIS, FAINT, GOOD, OPEN, Sheet};
use super::{Look, steps};
use crate::report::sources::Sources;
use crate::report::story;
use crate::verdict::difference::{Change, Difference, PropertyDifference, StoryChange};
use crate::verdict::{Outcome, ScenarioVerdict, expect};

/// The difference, with the stories of `new` that `old` does not tell, and with a newline at its end.
pub fn render(
    difference: &Difference,
    (old, new): (&ScenarioVerdict, &ScenarioVerdict),
    sources: &Sources,
    look: &Look,
) -> String {
    let mut sheet = Sheet::new(look);
    headline(&mut sheet, difference);
    sheet.hanging(0, 5, &format!("old: {}", difference.old));
    sheet.hanging(0, 5, &format!("new: {}", difference.new));
    sheet.blank();
    let mut properties: Vec<&PropertyDifference> = difference.properties.iter().collect();
    properties.sort_by_key(|property| property.change);
    let names = properties.iter().map(|property| property.name.len()).max().unwrap_or(0);
    for property in properties {
        let word = sheet.paint(style(property.change), &format!("{:<9}", word(property.change)));
        let line = format!("{word}  {:<names$}  {}", property.name, words(property));
        let hang = if sheet.width() >= names + 50 { 2 + 9 + 2 + names + 2 } else { 6 };
        sheet.hanging(2, hang, &line);
    }
    for property in &difference.properties {
        if let (StoryChange::Gone, Some(outcome)) = (property.story, &property.old) {
            sheet.blank();
            let heading = sheet.paint(EMPHASIS, &format!("Gone: {}", property.name));
            sheet.hanging(0, 2, &format!("{heading}{}", length(old, property, outcome)));
        }
    }
    for told in story::stories(new) {
        let is_new = |property: &PropertyDifference| {
            matches!(property.story, StoryChange::New | StoryChange::Other)
                && told.properties.iter().any(|other| other.name == property.name)
        };
        if difference.properties.iter().any(is_new) {
            sheet.blank();
            let told = story::Story { beginning_of: None, ..told };
            steps::story(&mut sheet, new, &told, sources, None);
        }
    }
    sheet.finish()
}

fn headline(sheet: &mut Sheet, difference: &Difference) {
    let count = |wanted: &[Change]| {
        difference.properties.iter().filter(|property| wanted.contains(&property.change)).count() as u64
    };
    let lost = count(&[Change::Lost, Change::Worse]);
    let rows = [
        (lost, "lost or worse"),
        (count(&[Change::Gained, Change::Better]), "gained or better"),
        (count(&[Change::Unknown]), "not comparable"),
        (count(&[Change::Added, Change::Removed, Change::Applies]), "asked or applicable on one side only"),
        (count(&[Change::Unchanged]), "unchanged"),
    ];
    let parts: Vec<String> =
        rows.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let (word, style) = match difference.exit_code() {
        0 => ("NOTHING LOST", GOOD),
        1 => ("WORSE", BAD),
        _ => ("NOT PROVED", OPEN),
    };
    let painted = sheet.paint(style, word);
    let parts = if parts.is_empty() { "no property was asked".to_owned() } else { parts.join(", ") };
    sheet.hanging(0, word.len() + 2, &format!("{painted}: {parts}"));
}

fn words(property: &PropertyDifference) -> String {
    let side = |outcome: &Option<Outcome>| outcome.as_ref().map_or_else(|| "not asked".to_owned(), expect::found_words);
    let (old, new) = (side(&property.old), side(&property.new));
    let sides = if old == new { new } else { format!("{old} -> {new}") };
    match property.story {
        StoryChange::Other => format!("{sides}; another story"),
        StoryChange::Same => format!("{sides}; the same story"),
        StoryChange::None | StoryChange::New | StoryChange::Gone => sides,
    }
}

fn length(old: &ScenarioVerdict, property: &PropertyDifference, outcome: &Outcome) -> String {
    let told = story::stories(old);
    let told = told.iter().find(|story| story.properties.iter().any(|other| other.name == property.name));
    let failure = match outcome {
        Outcome::Violated { failure, .. } => format!(". {failure}"),
        _ => String::new(),
    };
    told.map_or_else(String::new, |story| format!(", {}{failure}", story.length()))
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Lost => "LOST",
        Change::Worse => "WORSE",
        Change::Unknown => "unknown",
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Applies => "applies",
        Change::Better => "better",
        Change::Gained => "gained",
        Change::Unchanged => "unchanged",
    }
}

fn style(change: Change) -> anstyle::Style {
    match change {
        Change::Lost | Change::Worse => BAD,
        Change::Unknown | Change::Removed => OPEN,
        Change::Gained | Change::Better => GOOD,
        Change::Added | Change::Applies | Change::Unchanged => FAINT,
    }
}
