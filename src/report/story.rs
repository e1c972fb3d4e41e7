//! Counterexamples as they are told: each once, however many properties it breaks.
//!
//! Invariant: every violated property with a counterexample belongs to exactly one story.
//! Cost: a comparison of every two counterexamples of a scenario.

use super::wording;
use crate::verdict::{Actor, Clause, Counterexample, Outcome, Place, PropertyVerdict, ScenarioVerdict, Step};

/// The longest label that lists what happens in every step.
const LONG: usize = 72;

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

    /// The steps, from 0, that take no part in breaking any of its properties.
    pub fn needless(&self) -> Vec<usize> {
        let judged = self.properties.iter().map(|property| needless(property).unwrap_or_default());
        let all = |sets: Vec<&[usize]>| -> Vec<usize> {
            let (first, rest) = sets.split_first().map_or((&[][..], &[][..]), |(first, rest)| (*first, rest));
            first.iter().copied().filter(|step| rest.iter().all(|set| set.contains(step))).collect()
        };
        all(judged.collect())
    }

    /// Which steps take no part, a sentence for each set of properties for which they are the same.
    pub fn participation(&self) -> Vec<String> {
        let mut sets: Vec<(&[usize], Vec<&str>)> = Vec::new();
        for property in &self.properties {
            let Some(set) = needless(property) else { continue };
            match sets.iter_mut().find(|(known, _)| *known == set) {
                Some((_, names)) => names.push(&property.name),
                None => sets.push((set, vec![&property.name])),
            }
        }
        let whole = sets.len() == 1 && sets[0].1.len() == self.properties.len();
        let sentence = |(set, names): &(&[usize], Vec<&str>)| {
            let of = if whole { String::new() } else { format!("For {}: ", wording::list(names)) };
            match (set.len(), self.counterexample.steps.len()) {
                (0, 1) => format!("{of}it takes but this step."),
                (0, _) => {
                    format!("{of}every step takes part; with the effect of any one undone, the others do not break it.")
                }
                (1, _) => format!(
                    "{of}{} takes no part; with its effect undone, the others break it all the same.",
                    ranges(set)
                ),
                _ => format!(
                    "{of}{} take no part; with their effects undone, the others break it all the same.",
                    ranges(set)
                ),
            }
        };
        sets.iter().map(sentence).collect()
    }

    /// The lines that it turns on, in the order in which they act.
    ///
    /// A line is marked with every step that acts there and takes part; steps that change nothing, such as reads and sleeps, only
    /// in a loop, or if nothing acts.
    pub fn marks(&self) -> Vec<Mark<'_>> {
        let needless = self.needless();
        let steps = || self.counterexample.steps.iter().enumerate().filter(|(index, _)| !needless.contains(index));
        let acting = |step: &Step| step.by == Actor::Operator && !step.changes.is_empty();
        let any_acts = steps().any(|(_, step)| acting(step) && step.place.is_some());
        let mut marks: Vec<Mark<'_>> = Vec::new();
        for (index, step) in steps() {
            let Some(place) = &step.place else { continue };
            let looping = self.counterexample.loop_from.is_some_and(|from| index >= from);
            if any_acts && !acting(step) && !looping {
                continue;
            }
            let same = |mark: &&mut Mark<'_>| mark.place.file == place.file && mark.place.offset == place.offset;
            match marks.iter_mut().find(same) {
                Some(mark) => mark.steps.push((index + 1, step)),
                None => marks.push(Mark { place, steps: vec![(index + 1, step)] }),
            }
        }
        marks
    }

    /// The false clauses of its properties, with what they read; each once.
    pub fn why(&self) -> Vec<&'_ Clause> {
        let mut clauses = Vec::new();
        for property in &self.properties {
            let Outcome::Violated { why, .. } = &property.outcome else { continue };
            for clause in why {
                if !clauses.contains(&clause) {
                    clauses.push(clause);
                }
            }
        }
        clauses
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

/// A line and the steps of a story that happen there, counted from 1.
#[derive(Debug, Clone)]
pub struct Mark<'a> {
    /// The place.
    pub place: &'a Place,
    /// The steps; never empty.
    pub steps: Vec<(usize, &'a Step)>,
}

impl Mark<'_> {
    /// The steps in a label: all of them, or if that is long the first and the numbers of the others.
    pub fn label(&self) -> String {
        let each = |(number, step): &(usize, &Step)| format!("{number}. {}", wording::sentence(step));
        let all = self.steps.iter().map(each).collect::<Vec<_>>().join("; ");
        match self.steps.as_slice() {
            // Who else acts here is never left out.
            [first, rest @ ..] if all.len() > LONG && rest.iter().any(|(_, step)| step.actor != first.1.actor) => all,
            [first, rest @ ..] if all.len() > LONG && !rest.is_empty() => {
                let numbers: Vec<String> = rest.iter().map(|(number, _)| number.to_string()).collect();
                format!("{}; likewise {}", each(first), wording::list(&numbers))
            }
            _ => all,
        }
    }
}

fn needless(property: &PropertyVerdict) -> Option<&[usize]> {
    match &property.outcome {
        Outcome::Violated { needless, .. } => needless.as_deref(),
        _ => None,
    }
}

/// Steps in words, counted from 1: `step 3`, `steps 1-4, 6 and 8`.
fn ranges(steps: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for step in steps.iter().map(|step| step + 1) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == step => *last = step,
            _ => runs.push((step, step)),
        }
    }
    let words = |(from, to): &(usize, usize)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    let listed = wording::list(&runs.iter().map(words).collect::<Vec<_>>());
    format!("{} {listed}", if steps.len() == 1 { "step" } else { "steps" })
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
