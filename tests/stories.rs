//! What a story says beside its steps: why the property fails, and which steps take no part in that.

use poolproof::scenario;
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Clause, Counterexample, Outcome, ScenarioVerdict, check_scenario};
use std::collections::BTreeMap;

const POOL: &str = "[deployment]\nversion = \"2015\"\n[[deployment.pool]]\nname = \"pool1\"\n";

fn check(text: &str, files: &[(&str, &str)]) -> ScenarioVerdict {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let scenario = scenario::parse("scenario.toml", text, &files).unwrap_or_else(|error| panic!("{error:?}"));
    check_scenario(&scenario, &CheckOptions::default()).expect("a verdict")
}

fn story<'a>(verdict: &'a ScenarioVerdict, property: &str) -> (&'a Counterexample, &'a [Clause], Option<&'a [usize]>) {
    let property = verdict.properties.iter().find(|found| found.name == property).expect("it was asked");
    match &property.outcome {
        Outcome::Violated { counterexample: Some(counterexample), why, needless, .. } => {
            (counterexample, why, needless.as_deref())
        }
        other => panic!("{other:?}"),
    }
}

fn without(story: &Counterexample, needless: &[usize]) -> Vec<String> {
    let steps = story.steps.iter().enumerate().filter(|(index, _)| !needless.contains(index));
    steps.map(|(_, step)| format!("{} {}", step.actor, step.text)).collect()
}

/// An installer is on the way to every fail-over and has no part in it. Without it in the script, what is left of the
/// story is the whole story.
#[test]
fn what_takes_no_part_can_be_left_out_of_the_runbook() {
    let scenario = format!(
        "title = \"t\"\nproperties = [\"one-out-at-a-time\"]\n{POOL}front-ends = 4\n[[operator]]\nname = \"alice\"\nrunbook = \"a.ps1\"\n"
    );
    let runbook = |between: &str| {
        format!(
            "Invoke-CsComputerFailOver -ComputerName fe1 -Confirm:$false\n{between}\nInvoke-CsComputerFailOver -ComputerName fe2 -Confirm:$false\n"
        )
    };
    let installs = "Invoke-Command -ComputerName fe1 -ScriptBlock { .\\SkypeServerUpdateInstaller.exe /silentmode }\nStart-Sleep 60";
    let long = check(&scenario, &[("a.ps1", &runbook(installs))]);
    let short = check(&scenario, &[("a.ps1", &runbook(""))]);
    let (long, _, left_out) = story(&long, "one-out-at-a-time");
    let (short, _, short_left_out) = story(&short, "one-out-at-a-time");
    let kept = without(long, left_out.expect("a moment breaks it"));
    assert!(kept.len() < long.steps.len() && kept.iter().all(|step| !step.contains("installer")), "{kept:?}");
    assert_eq!(kept, without(short, short_left_out.expect("a moment breaks it")));
}

/// Both look before they act at once. What the second one saw is no longer so when he acts: without that look he would not.
#[test]
fn a_look_that_is_out_of_date_takes_part() {
    let scenario = format!(
        "title = \"t\"\nproperties = [\"one-out-at-a-time\"]\n{POOL}front-ends = 3\n\
         [[operator]]\nname = \"alice\"\nrunbook = \"a.ps1\"\n[[operator]]\nname = \"bob\"\nrunbook = \"b.ps1\"\n"
    );
    let runbook = |mine: &str, other: &str| {
        format!(
            "$svc = Get-CsWindowsService -Name RTCSRV -ComputerName {other}\n\
             if ($svc.Status -eq 'Running') {{ Stop-CsWindowsService -ComputerName {mine} -NoWait }}\n"
        )
    };
    let (alice, bob) = (runbook("fe1", "fe2"), runbook("fe2", "fe1"));
    let verdict = check(&scenario, &[("a.ps1", &alice), ("b.ps1", &bob)]);
    let (story, _, needless) = story(&verdict, "one-out-at-a-time");
    let reads = |index: &usize| story.steps[*index].text.starts_with("reads");
    let needless: Vec<usize> = needless.expect("a moment breaks it").to_vec();
    let all: Vec<usize> = (0..story.steps.len()).filter(reads).collect();
    let idle: Vec<usize> = needless.into_iter().filter(reads).collect();
    assert_eq!((all.len(), idle.len()), (2, 1), "{story:#?}");
    let acts: Vec<&str> =
        story.steps.iter().filter(|step| step.text.starts_with("stops")).map(|step| &*step.actor).collect();
    assert_eq!(story.steps[idle[0]].actor, acts[0], "who acts first has seen what is so");
}

/// Every kind of property that shipped scenarios break.
#[test]
fn every_story_says_why() {
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for name in [
        "check-then-act",
        "skipped-fail-back",
        "watchdog-and-fail-over",
        "two-masters",
        "pool-disaster",
        "wait-without-bound",
    ] {
        let loaded =
            scenario::load(format!("models/{name}/scenario.toml").as_ref()).unwrap_or_else(|error| panic!("{error:?}"));
        let verdict = check_scenario(&loaded, &CheckOptions::default()).expect("a verdict");
        for property in &verdict.properties {
            let Outcome::Violated { why, needless, counterexample: Some(told), .. } = &property.outcome else {
                continue;
            };
            assert!(!why.is_empty() && why.iter().all(|clause| !clause.read.is_empty()), "{name}: {}", property.name);
            let one_moment = property.kind == "always" || property.kind == "never";
            assert_eq!(needless.is_some(), one_moment, "{name}: {} is {}", property.name, property.kind);
            let last = told.steps.len().checked_sub(1);
            assert!(needless.iter().flatten().all(|step| Some(*step) < last), "{name}: {}", property.name);
            let words: Vec<String> =
                why.iter().map(|clause| format!("{}: {}", clause.clause, clause.read.join("; "))).collect();
            said.entry(property.name.clone()).or_insert_with(|| format!("{name}: {}", words.join(" | ")));
        }
    }
    let said: Vec<String> = said.iter().map(|(property, words)| format!("{property}\n  {words}")).collect();
    insta::assert_snapshot!(said.join("\n"));
}
