//! Counterexamples as they are told: each once, however many properties it breaks.
//!
//! Invariant: every violated property with a counterexample belongs to exactly one story.
//! Cost: a comparison of every two counterexamples of a scenario.

use super::wording;
use crate::verdict::{Actor, Counterexample, Outcome, Place, PropertyVerdict, ScenarioVerdict, Step};

/// A counterexample with the properties that it breaks.
#[derive(Debug, Clone)]
pub struct Story<'a> {
    /// The properties, in the order of the verdict; never empty.
    pub properties: Vec<&'a PropertyVerdict>,
    /// What happens.
    pub counterexample: &'a Counterexample,
    /// The longer story that begins with this one, as an index into the list of stories.
    pub beginning_of: Option<usize>,
}

/// The stories of a scenario, in the order of the first property of each.
pub fn stories(scenario: &ScenarioVerdict) -> Vec<Story<'_>> {
    let mut stories: Vec<Story<'_>> = Vec::new();
    for property in &scenario.properties {
        let Outcome::Violated { counterexample: Some(counterexample), .. } = &property.outcome else { continue };
        match stories.iter_mut().find(|story| story.counterexample == &**counterexample) {
            Some(story) => story.properties.push(property),
            None => stories.push(Story { properties: vec![property], counterexample, beginning_of: None }),
        }
    }
    for index in 0..stories.len() {
        let longest = (0..stories.len())
            .filter(|other| begins(stories[*other].counterexample, stories[index].counterexample))
            .max_by_key(|other| (stories[*other].counterexample.steps.len(), std::cmp::Reverse(*other)));
        stories[index].beginning_of = longest;
    }
    stories
}

/// Whether `long` begins with all of `short` and goes on.
fn begins(long: &Counterexample, short: &Counterexample) -> bool {
    short.loop_from.is_none()
        && long.steps.len() > short.steps.len()
        && long.before == short.before
        && long.steps[..short.steps.len()] == short.steps
}

impl Story<'_> {
    /// Whether the story tells of this property.
    pub fn tells_of(&self, property: &PropertyVerdict) -> bool {
        self.properties.iter().any(|told| told.name == property.name)
    }

    /// The names of its properties in a sentence.
    pub fn names(&self) -> String {
        wording::list(&self.properties.iter().map(|property| property.name.as_str()).collect::<Vec<_>>())
    }

    /// How long it is and whether it loops: `6 steps, of which 5-6 repeat for ever`.
    pub fn length(&self) -> String {
        let steps = wording::count(self.counterexample.steps.len() as u64, "step", "steps");
        match loop_steps(self.counterexample) {
            Some(looping) => format!("{steps}, of which {looping} repeat for ever"),
            None => steps,
        }
    }

    /// How the story goes on after its last step, if there is something to say.
    pub fn afterwards(&self) -> Option<String> {
        match loop_steps(self.counterexample) {
            Some(looping) => Some(format!("Then again {looping}, for ever.")),
            None if self.properties.iter().any(|property| property.kind.starts_with("eventually")) => {
                Some("Here the run ends: nothing more happens.".to_owned())
            }
            None => None,
        }
    }
}

/// The steps of the loop, counted from 1: `step 5`, `steps 5-7`; `None` without a loop.
pub fn loop_steps(counterexample: &Counterexample) -> Option<String> {
    let from = counterexample.loop_from? + 1;
    let last = counterexample.steps.len();
    (from <= last).then(|| if from == last { format!("step {from}") } else { format!("steps {from}-{last}") })
}

/// The step that a reader looks at first: the last one that somebody did and that is written somewhere.
pub fn decisive(counterexample: &Counterexample) -> Option<(usize, &Step, &Place)> {
    counterexample.steps.iter().enumerate().rev().find_map(|(index, step)| {
        let place = step.place.as_ref()?;
        (step.by == Actor::Operator).then_some((index, step, place))
    })
}

/// A story in plain sentences, a line a step, for reports that take a block of text.
pub fn plain(counterexample: &Counterexample) -> String {
    let mut lines = Vec::new();
    for (index, step) in counterexample.steps.iter().enumerate() {
        if counterexample.loop_from == Some(index) {
            lines.push(format!("From here {} for ever:", repeats(counterexample)));
        }
        let place = step.place.as_ref().map_or_else(String::new, |place| {
            format!(" [{}: {}]", wording::place(place), wording::line_with_bindings(place))
        });
        lines.push(format!("{}. {}{place}", index + 1, wording::sentence(step)));
        if !step.assuming.is_empty() {
            lines.push(format!("   assuming {}", wording::reading_values(&step.assuming)));
        }
        if !step.changes.is_empty() {
            lines.push(format!("   changes: {}", step.changes.join("; ")));
        }
        lines.push(format!("   out of service: {}", wording::out_of_service(&step.after.out_of_service)));
    }
    lines.join("\n")
}

/// `steps 5-7 repeat`, `step 5 repeats`.
pub fn repeats(counterexample: &Counterexample) -> String {
    match loop_steps(counterexample) {
        Some(looping) if looping.starts_with("steps") => format!("{looping} repeat"),
        Some(looping) => format!("{looping} repeats"),
        None => String::new(),
    }
}
