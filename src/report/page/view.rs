//! What the template shows, as plain values: words are chosen here, markup there.

use super::{drawings, timeline};
use crate::report::sources::Sources;
use crate::report::story::{self, Mark, Story};
use crate::report::wording;
use crate::verdict::{
    Clause, Moment, Outcome, Overall, PoolMoment, PropertyVerdict, ReadingUse, Remark, Report, ScenarioVerdict,
    ServerMoment, Step, Treatment,
};
use serde::Serialize;

/// The whole page.
#[derive(Debug, Serialize)]
pub struct Page {
    title: String,
    version: String,
    overall: Badge,
    summary: String,
    matrix: Vec<MatrixRow>,
    scenarios: Vec<Scenario>,
}

/// A word with the class that colours it.
#[derive(Debug, Serialize)]
struct Badge {
    word: &'static str,
    class: &'static str,
}

#[derive(Debug, Serialize)]
struct MatrixRow {
    name: String,
    meaning: String,
    cells: Vec<Option<Cell>>,
}

#[derive(Debug, Serialize)]
struct Cell {
    badge: Badge,
    detail: String,
    anchor: String,
}

#[derive(Debug, Serialize)]
struct Scenario {
    id: String,
    title: String,
    file: String,
    overall: Badge,
    summary: String,
    description: Vec<String>,
    properties: Vec<Property>,
    stories: Vec<StoryView>,
    runbooks: Vec<Runbook>,
    drawings: Vec<drawings::Shown>,
    explored: String,
    complete: bool,
    readings: Vec<Reading>,
    irrelevant: String,
    assumptions: Vec<String>,
    never: Vec<String>,
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Property {
    name: String,
    kind: String,
    meaning: String,
    facts: String,
    badge: Badge,
    detail: String,
    failure: String,
    story: Option<usize>,
}

#[derive(Debug, Serialize)]
struct StoryView {
    id: String,
    number: usize,
    names: String,
    length: String,
    claims: Vec<String>,
    lines: Vec<GuiltyLine>,
    why: Vec<Clause>,
    participation: Vec<String>,
    timeline: String,
    servers: Vec<String>,
    operators: Vec<String>,
    before: MomentView,
    steps: Vec<StepView>,
    afterwards: String,
}

/// A line that a story turns on.
#[derive(Debug, Serialize)]
struct GuiltyLine {
    place: String,
    line: String,
    steps: Vec<String>,
}

#[derive(Debug, Serialize)]
struct StepView {
    number: usize,
    needless: bool,
    sentence: String,
    by: &'static str,
    place: String,
    line: String,
    bindings: String,
    assuming: String,
    changes: Vec<String>,
    out: String,
    loop_begins: String,
    moment: MomentView,
}

#[derive(Debug, Serialize)]
struct MomentView {
    servers: Vec<ServerMoment>,
    pools: Vec<PoolView>,
    operators: Vec<String>,
    out: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PoolView {
    pool: PoolMoment,
    lost: bool,
}

#[derive(Debug, Serialize)]
struct Reading {
    name: String,
    question: String,
    treatment: String,
    facts: String,
}

#[derive(Debug, Serialize)]
struct Runbook {
    name: String,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    number: usize,
    text: String,
    steps: String,
    never: bool,
}

impl Page {
    /// The page of a report.
    pub fn new(report: &Report, sources: &Sources) -> Page {
        let scenarios: Vec<Scenario> =
            report.scenarios.iter().enumerate().map(|(index, scenario)| one(index, scenario, sources)).collect();
        let all = || report.scenarios.iter().flat_map(|scenario| &scenario.properties);
        let (title, summary) = match report.scenarios.as_slice() {
            [only] => (only.title.clone(), wording::summary(only)),
            _ => ("Maintenance review".to_owned(), wording::summary_of_all(report)),
        };
        let mut matrix: Vec<MatrixRow> = Vec::new();
        for property in all() {
            if matrix.iter().any(|row| row.name == property.name) {
                continue;
            }
            let cells = report.scenarios.iter().enumerate().map(|(index, scenario)| {
                let found = scenario.properties.iter().find(|other| other.name == property.name)?;
                Some(Cell {
                    badge: badge(&found.outcome),
                    detail: short(&found.outcome),
                    anchor: anchor(index, scenario, found),
                })
            });
            matrix.push(MatrixRow {
                name: property.name.clone(),
                meaning: property.meaning.clone(),
                cells: cells.collect(),
            });
        }
        Page {
            title,
            version: report.poolproof.clone(),
            overall: overall_badge(report.overall()),
            summary,
            matrix,
            scenarios,
        }
    }
}

fn badge(outcome: &Outcome) -> Badge {
    let class = match outcome {
        Outcome::Holds => "holds",
        Outcome::Violated { .. } => "fails",
        Outcome::NotProved { .. } => "open",
        Outcome::NotApplicable { .. } => "none",
    };
    Badge { word: wording::outcome(outcome), class }
}

fn overall_badge(overall: Overall) -> Badge {
    let class = match overall {
        Overall::Fails => "fails",
        Overall::NotProved => "open",
        Overall::NotApplicable => "none",
        Overall::Holds => "holds",
    };
    Badge { word: wording::overall(overall), class }
}

fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Violated { when, complete, .. } => wording::short_condition(when, *complete),
        _ => String::new(),
    }
}

fn anchor(index: usize, scenario: &ScenarioVerdict, property: &PropertyVerdict) -> String {
    match story::stories(scenario).iter().position(|story| story.tells_of(property)) {
        Some(story) => format!("s{}-story{}", index + 1, story + 1),
        None => format!("s{}", index + 1),
    }
}

fn one(index: usize, scenario: &ScenarioVerdict, sources: &Sources) -> Scenario {
    let id = format!("s{}", index + 1);
    let stories = story::stories(scenario);
    let (irrelevant, used): (Vec<&ReadingUse>, Vec<&ReadingUse>) =
        scenario.readings.iter().partition(|used| used.treatment == Treatment::Irrelevant);
    let never_steps = scenario
        .never
        .steps
        .iter()
        .map(|place| format!("the step at {}: {}", wording::place(place), wording::line_with_bindings(place)));
    Scenario {
        title: scenario.title.clone(),
        file: scenario.file.clone(),
        overall: overall_badge(Overall::of(&scenario.properties)),
        summary: wording::summary(scenario),
        description: scenario
            .description
            .split("\n\n")
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect(),
        properties: scenario.properties.iter().map(|property| property_view(scenario, property, &stories)).collect(),
        stories: stories.iter().enumerate().map(|(number, story)| story_view(&id, number, scenario, story)).collect(),
        runbooks: runbooks(scenario, &stories, sources),
        drawings: drawings::drawings(&id, scenario),
        explored: wording::explored(&scenario.explored),
        complete: scenario.explored.complete,
        readings: used.into_iter().map(reading).collect(),
        irrelevant: wording::list(&irrelevant.iter().map(|used| used.reading.as_str()).collect::<Vec<_>>()),
        assumptions: scenario.assumptions.clone(),
        never: never_steps.chain(scenario.never.actions.iter().cloned()).collect(),
        remarks: scenario.remarks.iter().map(remark).collect(),
        id,
    }
}

fn property_view(scenario: &ScenarioVerdict, property: &PropertyVerdict, stories: &[Story<'_>]) -> Property {
    let failure = match &property.outcome {
        Outcome::Violated { failure, .. } => failure.clone(),
        _ => String::new(),
    };
    Property {
        name: property.name.clone(),
        kind: property.kind.clone(),
        meaning: property.meaning.clone(),
        facts: property.facts.join(", "),
        badge: badge(&property.outcome),
        detail: wording::qualification(scenario, &property.outcome),
        failure,
        story: stories.iter().position(|story| story.tells_of(property)).map(|index| index + 1),
    }
}

fn story_view(id: &str, index: usize, scenario: &ScenarioVerdict, told: &Story<'_>) -> StoryView {
    let counterexample = told.counterexample;
    let id = format!("{id}-story{}", index + 1);
    let needless = told.needless();
    let steps = counterexample.steps.iter().enumerate().map(|(at, step)| {
        let begins = counterexample.loop_from == Some(at);
        let loop_begins =
            if begins { format!("From here {} for ever:", story::repeats(counterexample)) } else { String::new() };
        step_view(at + 1, step, loop_begins, needless.contains(&at))
    });
    StoryView {
        number: index + 1,
        names: told.names(),
        length: told.length(),
        claims: told.properties.iter().flat_map(|property| claims(property)).collect(),
        lines: told.marks().iter().map(guilty).collect(),
        why: told.why().into_iter().cloned().collect(),
        participation: told.participation(),
        timeline: timeline::timeline(&id, scenario, told),
        servers: scenario.servers.clone(),
        operators: scenario.operators.clone(),
        before: moment_view(&counterexample.before),
        steps: steps.collect(),
        afterwards: told.afterwards().unwrap_or_default(),
        id,
    }
}

fn claims(property: &PropertyVerdict) -> Vec<String> {
    let Outcome::Violated { when, complete, failure, unavoidable, .. } = &property.outcome else { return Vec::new() };
    let mut claims = vec![format!("{failure} Fails {}.", wording::short_condition(when, *complete))];
    claims.extend(unavoidable.iter().map(|why| wording::unavoidable(why)));
    claims
}

fn guilty(mark: &Mark<'_>) -> GuiltyLine {
    let step = |(number, step): &(usize, &Step)| {
        let bindings = step.place.iter().flat_map(|place| place.bindings.clone()).collect::<Vec<_>>().join(", ");
        let bound = if bindings.is_empty() { String::new() } else { format!(" ({bindings})") };
        format!("Step {number}: {}{bound}", wording::sentence(step))
    };
    let steps = mark.steps.iter().map(step).collect();
    GuiltyLine { place: wording::place(mark.place), line: mark.place.text.clone(), steps }
}

fn step_view(number: usize, step: &Step, loop_begins: String, needless: bool) -> StepView {
    let place = step.place.as_ref();
    StepView {
        number,
        needless,
        sentence: wording::sentence(step),
        by: match step.by {
            crate::verdict::Actor::Operator => "operator",
            crate::verdict::Actor::System => "system",
            crate::verdict::Actor::Fault => "fault",
        },
        place: place.map(wording::place).unwrap_or_default(),
        line: place.map(|place| place.text.clone()).unwrap_or_default(),
        bindings: place.map(|place| place.bindings.join(", ")).unwrap_or_default(),
        assuming: wording::reading_values(&step.assuming),
        changes: step.changes.clone(),
        out: wording::out_of_service(&step.after.out_of_service),
        loop_begins,
        moment: moment_view(&step.after),
    }
}

fn moment_view(moment: &Moment) -> MomentView {
    let pool = |pool: &PoolMoment| PoolView { lost: pool.votes_up < pool.quorum, pool: pool.clone() };
    MomentView {
        servers: moment.servers.clone(),
        pools: moment.pools.iter().map(pool).collect(),
        operators: moment.operators.clone(),
        out: moment.out_of_service.clone(),
    }
}

fn reading(used: &ReadingUse) -> Reading {
    let treatment = match &used.treatment {
        Treatment::Fixed { value } => format!("fixed by the scenario: {value}"),
        Treatment::Explored { values } => format!("every value explored: {}", values.join(", ")),
        Treatment::Irrelevant => "no run depends on it".to_owned(),
    };
    Reading { name: used.reading.clone(), question: used.question.clone(), treatment, facts: used.facts.join(", ") }
}

fn remark(remark: &Remark) -> String {
    let help = remark.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
    format!("{} at {}: {}{help}", remark.kind.replace('-', " "), wording::place(&remark.place), remark.message)
}

/// The runbooks that the verdict points into, with the steps of the stories at their lines.
fn runbooks(scenario: &ScenarioVerdict, stories: &[Story<'_>], sources: &Sources) -> Vec<Runbook> {
    let steps = || {
        stories.iter().enumerate().flat_map(|(number, story)| {
            let steps = story.counterexample.steps.iter().enumerate();
            steps.filter_map(move |(at, step)| Some((number + 1, at + 1, step.place.as_ref()?)))
        })
    };
    let named = |name: &str| {
        let mut places = steps().map(|(_, _, place)| place).chain(&scenario.never.steps);
        places.any(|place| place.file == name) || scenario.remarks.iter().any(|remark| remark.place.file == name)
    };
    let line = |name: &str, number: usize, text: &str| {
        let here: Vec<String> = steps()
            .filter(|(_, _, place)| place.file == name && place.line == number)
            .map(|(story, step, _)| if stories.len() > 1 { format!("{story}.{step}") } else { step.to_string() })
            .collect();
        let never = scenario.never.steps.iter().any(|place| place.file == name && place.line == number);
        Line { number, text: text.to_owned(), steps: here.join(" "), never }
    };
    sources
        .iter()
        .filter(|source| named(&source.name))
        .map(|source| Runbook {
            name: source.name.clone(),
            lines: source.text.lines().enumerate().map(|(at, text)| line(&source.name, at + 1, text)).collect(),
        })
        .collect()
}
