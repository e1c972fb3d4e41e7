//! Whole runbooks in the manner of real ones, each with what is read of it and with its verdict: the classes of
//! defects that published scripts have, and the same scripts put right. `tests/runbooks/whole/*.toml` are the
//! scenarios.

#[path = "matrix/outcome.rs"]
mod outcome;

use poolproof::report::listing::{Listing, StepKind};
use poolproof::scenario::{self, Acts};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Outcome, check_scenario};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks/whole");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|it| it == "toml")).collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The verdict in one line: under which readings it fails, and at which line of which runbook the story turns.
fn verdict(outcome: &Outcome) -> String {
    outcome::words(outcome, |story| {
        let placed = |acting: bool| {
            story.steps.iter().rev().find(|step| step.place.is_some() && !(acting && step.changes.is_empty()))
        };
        let place = placed(true).or(placed(false)).and_then(|step| step.place.as_ref());
        place.map_or(String::new(), |place| {
            let file = Path::new(&place.file).file_name().unwrap_or_default().to_string_lossy();
            format!(" at {file}:{}:{}", place.line, place.column)
        })
    })
}

#[test]
fn every_runbook_has_its_verdict() {
    let mut matrix = String::new();
    for path in scenarios() {
        let name = stem(&path);
        let scenario = match scenario::load(&path) {
            Ok(scenario) => scenario,
            Err(error) => {
                let codes: Vec<&str> = error.problems().iter().map(|problem| problem.code).collect();
                writeln!(matrix, "{name}: refused ({})", codes.join(", ")).unwrap();
                continue;
            }
        };
        let verdict_of =
            check_scenario(&scenario, &CheckOptions { file: name.clone(), ..CheckOptions::default() }).unwrap();
        assert!(verdict_of.explored.complete, "{name}: {:?}", verdict_of.explored.limit);
        writeln!(matrix, "{name}: {}", scenario.title).unwrap();
        let mut codes: Vec<&str> = Vec::new();
        for operator in &scenario.operators {
            if let Acts::Scripted { procedure, .. } = &operator.acts {
                codes.extend(procedure.remarks.iter().map(|remark| remark.code).filter(|code| *code != "ignored"));
            }
        }
        codes.sort_unstable();
        codes.dedup();
        writeln!(matrix, "    lints: {}", if codes.is_empty() { "none".to_owned() } else { codes.join(", ") }).unwrap();
        for property in &verdict_of.properties {
            writeln!(matrix, "    {:<24}{}", property.name, verdict(&property.outcome)).unwrap();
        }
    }
    insta::assert_snapshot!(matrix);
}

#[test]
fn every_runbook_is_read_as_listed() {
    let mut all = String::new();
    for path in scenarios() {
        let runbooks = scenario::read_runbooks(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut listing = Listing::new(&stem(&path), Some(&stem(&path)));
        listing.add(&runbooks, |_| true);
        for procedure in &listing.procedures {
            writeln!(all, "{}, {}", listing.file, procedure.operator.as_deref().unwrap_or("nobody")).unwrap();
            for step in &procedure.steps {
                let kind = format!("{:?}", step.kind).to_lowercase();
                let other = step.otherwise.map_or(String::new(), |other| format!(", else {other}"));
                let bound = step.bound.map_or(String::new(), |bound| format!(", bound {bound:?}"));
                writeln!(all, "  {:>3} {:>3} {kind}: {}{other}{bound}", step.number, step.place.line, step.text)
                    .unwrap();
            }
        }
    }
    insta::assert_snapshot!(all);
}

/// Jobs are shells: two of them do what two operators do.
#[test]
fn jobs_and_operators_come_to_one_verdict() {
    let deployment = "[deployment]\nversion = '2015'\n[[deployment.pool]]\nname = 'pool1'\nfront-ends = 3\n";
    let check = |operators: &str, script: &str| {
        let files = std::collections::BTreeMap::from([("x.ps1".to_owned(), script.as_bytes().to_vec())]);
        let scenario = scenario::parse("x.toml", &format!("{deployment}{operators}"), &files).unwrap();
        let verdict = check_scenario(&scenario, &CheckOptions::default()).unwrap();
        let holds = |outcome: &Outcome| match outcome {
            Outcome::Violated { when, .. } => format!("fails {when:?}"),
            other => format!("{other:?}"),
        };
        verdict.properties.iter().map(|it| (it.name.clone(), holds(&it.outcome))).collect::<Vec<_>>()
    };
    let work = ["Invoke-CsComputerFailOver fe1", "Restart-Computer fe2 -Wait"];
    let two = work.map(|line| format!("[[operator]]\nrunbook = 'x.ps1'\ncall = '{line}'\n")).join("");
    let jobs = work.map(|line| format!("Start-Job {{ {line} }}\n")).join("") + "Get-Job | Wait-Job\n";
    let branches = format!("workflow Both {{ parallel {{\n{}\n}} }}\nBoth\n", work.join("\n"));
    let one = "[[operator]]\nrunbook = 'x.ps1'\n";
    let expected = check(&two, "");
    assert_eq!(check(one, &jobs), expected, "jobs");
    assert_eq!(check(one, &branches), expected, "parallel");
    // One after the other is another matter.
    assert_ne!(check(one, &work.join("\n")), expected);
}

#[test]
fn what_only_reads_has_no_action() {
    let path = scenarios().into_iter().find(|path| stem(path) == "report-only").unwrap();
    let mut listing = Listing::new("report-only", None);
    listing.add(&scenario::read_runbooks(&path).unwrap(), |_| true);
    assert!(listing.procedures.iter().all(|procedure| !procedure.acts));
    assert!(listing.procedures[0].steps.iter().all(|step| step.kind != StepKind::Command));
}
