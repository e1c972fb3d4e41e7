//! TLC on an export says what this crate says: for every combination of readings on which anything depends, the same number of
//! states, the same verdicts, and counterexamples that are as short.
//!
//! What is compared, and how, is told in `docs/reference.md`. TLC has no possibilities from everywhere, and takes long for fair
//! runs; for these the graph that TLC finds is searched here, by code that knows nothing of the checker.

use poolproof::check::{Claim, Options};
use poolproof::model::instance::Instance;
use poolproof::model::{Maintenance, TellApart};
use poolproof::reference::{self, Explored};
use poolproof::scenario::Scenario;
use poolproof::scenario::property::PropertyName;
use poolproof::scenario::readings::Reading;
use poolproof::{check, lifecycle, model, runbook, scenario, topology};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

// The scenarios that the unit tests of the model draw: what they call the crate is what is imported here.
#[path = "../../src/model/tests/agreed.rs"]
mod agreed;
#[path = "../../src/model/tests/build.rs"]
#[allow(dead_code)]
mod build;
mod drawn;
#[path = "../../src/model/tests/fair.rs"]
mod fair;
#[path = "../../src/model/tests/random.rs"]
#[allow(dead_code)]
mod random;
mod tlc;

use tlc::Steps;

/// A combination of readings, as the survey prints it: name and value of each that is explored.
type Valuation = BTreeMap<String, String>;

/// What stands behind a scenario in the list of which TLC itself says as well what holds on every fair run.
const FAIR: &str = " on fair runs too";

/// What is said of one combination of readings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    states: usize,
    /// For each violated property, the length of the shortest counterexample where it has one.
    violated: BTreeMap<String, Option<usize>>,
}

/// The listed scenarios, and whether TLC itself is asked about fair runs.
fn scenarios() -> Vec<(PathBuf, bool)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = std::fs::read_to_string(root.join("tests/reference/scenarios.txt")).unwrap();
    let listed = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    listed.map(|line| (root.join(line.trim_end_matches(FAIR)), line.ends_with(FAIR))).collect()
}

/// Every combination of the explored readings; the others have the value that an export gives them.
fn valuations(instance: &Instance, explored: &Explored) -> Vec<Vec<(Reading, u8)>> {
    let mut all = vec![Vec::new()];
    for reading in Reading::ALL {
        let one = vec![instance.fixed(*reading).unwrap_or(0)];
        let values = explored.get(reading).unwrap_or(&one);
        all = all
            .iter()
            .flat_map(|known| values.iter().map(move |value| [&known[..], &[(*reading, *value)]].concat()))
            .collect();
    }
    all
}

/// What the checker of this crate says, one combination at a time, without symmetry; and the names of all properties.
fn ours(scenario: &Scenario, explored: &Explored) -> (BTreeMap<Valuation, Said>, Vec<String>) {
    let instance = Instance::new(scenario);
    let (mut said, mut properties) = (BTreeMap::new(), Vec::new());
    for valuation in valuations(&instance, explored) {
        let named = valuation.iter().filter(|(reading, _)| explored.contains_key(reading));
        let key = named.map(|(reading, value)| (reading.describe().name.into(), reading.value_name(*value).into()));
        let fixed = Scenario { fixed_readings: valuation.clone(), ..scenario.clone() };
        let outcome = check::run(
            &Maintenance::telling_apart(&fixed, TellApart { servers: true, ..TellApart::default() }),
            &Options::default(),
            &(),
        )
        .unwrap();
        assert!(outcome.completeness.limit().is_none());
        properties = outcome.properties.iter().map(|result| result.property.name.clone()).collect();
        let violated = outcome.properties.iter().filter(|result| result.violated()).map(|result| {
            let length = result.violations[0].witness.as_ref().map(|witness| witness.len());
            let length = match result.property.claim {
                Claim::Always(_) => length,
                // The survey tells of the state before the step.
                Claim::Never(_) => length.map(|length| length - 1),
                _ => None,
            };
            (result.property.name.clone(), length)
        });
        said.insert(key.collect(), Said { states: outcome.statistics.states, violated: violated.collect() });
    }
    (said, properties)
}

/// The event that a claim about steps speaks of, in the words of the reference.
fn event(property: &str) -> Option<&'static str> {
    Some(match property {
        "no-cut-calls" => "call cut",
        "no-failed-step" => "error ignored",
        "no-lost-data" => "data lost",
        _ => return None,
    })
}

/// What TLC says.
fn theirs(properties: &[String], survey: &tlc::Survey) -> BTreeMap<Valuation, Said> {
    let mut said: BTreeMap<Valuation, Said> = BTreeMap::new();
    let recovers = properties.iter().any(|it| it == "recoverable").then(|| survey.can_reach("normal", false));
    let misses = |goal: &str| fair::can_avoid(&survey.reach(goal), &survey.kept());
    let (mut never_ends, mut never_serves) = (Vec::new(), Vec::new());
    if steps_for(properties) == Steps::Promises {
        (never_ends, never_serves) = (misses("ended"), misses("serving"));
    }
    let served =
        properties.iter().any(|it| it == "no-stranded-routing-group").then(|| survey.can_reach("group served", true));
    for (number, state) in survey.states.iter().enumerate() {
        let one = said.entry(state.readings.clone()).or_default();
        one.states += 1;
        for property in properties {
            let violated = match (property.as_str(), event(property)) {
                (_, Some(event)) => state.events.contains(event).then_some(Some(state.level)),
                ("recoverable", _) => (!recovers.as_ref().unwrap()[number]).then_some(None),
                ("no-stranded-routing-group", _) => (!served.as_ref().unwrap()[number]).then_some(None),
                ("runbook-completes", _) => (state.level == 0 && never_ends[number]).then_some(None),
                ("returns-to-service", _) => (state.reached.contains("ended") && never_serves[number]).then_some(None),
                _ => state.broken.contains(property).then_some(Some(state.level)),
            };
            // Levels never fall, so the first one is the shortest.
            if let Some(length) = violated {
                one.violated.entry(property.clone()).or_insert(length);
            }
        }
    }
    if properties.iter().any(|it| it == "can-complete") {
        for (readings, one) in &mut said {
            let completes = |state: &&tlc::State| state.readings == *readings && state.reached.contains("completed");
            if !survey.states.iter().any(|state| completes(&state)) {
                one.violated.insert("can-complete".into(), None);
            }
        }
    }
    said
}

/// What has to be known of steps.
fn steps_for(properties: &[String]) -> Steps {
    let steps = properties.iter().map(|property| match property.as_str() {
        "runbook-completes" | "returns-to-service" => Steps::Promises,
        "recoverable" | "no-stranded-routing-group" => Steps::Actions,
        _ => Steps::None,
    });
    steps.max().unwrap_or(Steps::None)
}

/// Compares one scenario of a file; what differs, if anything does, and what it came to.
fn compare_file(path: &Path, fair_too: bool, tlc: &tlc::Tlc) -> Result<String, String> {
    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display().to_string();
    let scenario = scenario::load(path).map_err(|error| format!("{name}: {error:?}"))?;
    compare(&name, &scenario, fair_too, tlc)
}

/// A folder with what TLC needs of a scenario.
fn exported(scenario: &Scenario, explored: &Explored) -> Result<tempfile::TempDir, String> {
    let model = Maintenance::telling_apart(scenario, TellApart { servers: true, ..TellApart::default() });
    let files = reference::export(model.instance(), explored).map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().unwrap();
    for file in &files {
        std::fs::write(folder.path().join(file.name), &file.text).unwrap();
    }
    Ok(folder)
}

/// Compares one scenario; what differs, if anything does, and what it came to.
fn compare(name: &str, scenario: &Scenario, fair_too: bool, tlc: &tlc::Tlc) -> Result<String, String> {
    let explored = reference::explored(scenario);
    let folder = exported(scenario, &explored).map_err(|error| format!("{name}: {error}"))?;
    let (ours, properties) = ours(scenario, &explored);
    let survey = tlc.survey(folder.path(), steps_for(&properties)).map_err(|error| format!("{name}: {error}"))?;
    let theirs = theirs(&properties, &survey);
    let fair = [PropertyName::RunbookCompletes, PropertyName::ReturnsToService].map(|it| it.describe().name);
    let mut wrong = String::new();
    // TLC itself takes minutes for what holds on fair runs, so it is asked where that is cheap; of all readings at once.
    for property in fair.into_iter().filter(|name| fair_too && properties.iter().any(|it| it == name)) {
        let violated = ours.values().any(|said| said.violated.contains_key(property));
        if tlc.holds(folder.path(), property).map_err(|error| format!("{name}: {error}"))? == violated {
            writeln!(wrong, "{name}: {property} is violated {}", if violated { "here only" } else { "in TLC only" })
                .unwrap();
        }
    }
    for readings in ours.keys().chain(theirs.keys()).collect::<std::collections::BTreeSet<_>>() {
        if ours.get(readings) != theirs.get(readings) {
            writeln!(wrong, "{name}: {readings:?}\n  here {:?}\n  TLC  {:?}", ours.get(readings), theirs.get(readings))
                .unwrap();
        }
    }
    if wrong.is_empty() {
        let fair = if fair_too { FAIR } else { "" };
        Ok(format!("{name}: {} states, {} combinations{fair}", survey.states.len(), ours.len()))
    } else {
        Err(wrong)
    }
}

#[test]
#[ignore = "needs Java and tla2tools"]
fn tlc_agrees() {
    let only = std::env::var("REFERENCE_ONLY").unwrap_or_default();
    let (tlc, scenarios) = (tlc::Tlc::find(), scenarios());
    let scenarios: Vec<(PathBuf, bool)> =
        scenarios.into_iter().filter(|(path, _)| path.display().to_string().contains(&only)).collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((path, fair_too)) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match compare_file(path, *fair_too, &tlc) {
                        Ok(line) => eprintln!("{line}"),
                        Err(what) => {
                            eprintln!("{what}");
                            wrong.lock().unwrap().push_str(&what);
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong}");
}
