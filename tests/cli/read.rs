//! `poolproof read`: listings, forms, exit codes.

use crate::{Folder, poolproof, without_colour};
use poolproof::report::listing::{Listing, StepKind};
use predicates::prelude::*;

const LOOKS: &str = "Get-CsPool | Format-Table\n";
const PATCH: &str = "param([Parameter(Mandatory)] [string] $Pool)\n\
    foreach ($server in (Get-CsPool $Pool).Computers) {\n    Restart-Computer $server -Wait\n    \
    do { Start-Sleep 60 } until ((Get-CsPoolFabricState $Pool) -notmatch 'missing')\n    Write-Host $server\n}\n";
const SCENARIO: &str = "[deployment]\nversion = '2015'\n[[deployment.pool]]\nname = 'pool1'\nfront-ends = 4\n\
    [[operator]]\nname = 'patching'\nrunbook = 'ops/patch.ps1'\narguments = { Pool = 'pool1' }\n\
    [[operator]]\nsteps = ['Restart-Computer fe1']\n";

#[test]
fn what_only_looks_has_no_action() {
    let folder = Folder::new();
    let file = folder.file("look.ps1", LOOKS);
    let assert = poolproof().arg("read").arg(&file).assert().code(0).stderr("").stdout(without_colour());
    assert.stdout(predicate::str::contains("no action: nothing in it changes a pool"));
}

#[test]
fn the_exit_code_says_whether_all_was_understood() {
    let folder = Folder::new();
    let patch = folder.file("patch.ps1", PATCH);
    poolproof().arg("read").arg(&patch).assert().code(0);
    poolproof().arg("read").arg(&patch).arg("--strict").assert().code(1);
    let wrong = folder.file("wrong.ps1", "Restart-Computr fe1\n");
    let assert = poolproof().arg("read").arg(&wrong).assert().code(2);
    assert.stdout(predicate::str::contains("did you mean `Restart-Computer`?"));
    poolproof().arg("read").arg(folder.path("none.ps1")).assert().code(2).stdout("");
    let binary = folder.path("binary.ps1");
    std::fs::write(&binary, [0xc3, 0x28]).expect("written");
    poolproof().arg("read").arg(&binary).assert().code(2).stderr(predicate::str::contains("is no text"));
}

#[test]
fn what_is_not_known_without_a_scenario_is_made_up_and_told() {
    let folder = Folder::new();
    let text = "param([Parameter(Mandatory)] $PoolFqdn)\nStop-CsWindowsService\nRestart-Computer srv7.example.net\n\
        Reset-CsPoolRegistrarState -PoolFqdn $PoolFqdn\n";
    let file = folder.file("x.ps1", text);
    let assert = poolproof().arg("read").arg(&file).assert().code(0);
    let told = |text: &str| predicate::str::contains(text.to_owned());
    assert
        .stdout(told("the front ends srv7.example.net, fe1, fe2"))
        .stdout(told("made up: `PoolFqdn` is `pool1`"))
        .stdout(told("made up: it runs on srv7.example.net"))
        .stdout(told("restart srv7"));
    let document = folder.file("x.md", "1. Out:\n```\nInvoke-CsComputerFailOver <server>\n```\n");
    let assert = poolproof().arg("read").arg(&document).assert().code(0);
    assert.stdout(told("made up: `server` is `fe1`")).stdout(told("fail over fe1"));
}

#[test]
fn with_a_scenario_each_operator_that_runs_it_is_listed() {
    let folder = Folder::new();
    let file = folder.file("ops/patch.ps1", PATCH);
    let scenario = folder.file("scenario.toml", SCENARIO);
    let output =
        poolproof().arg("read").arg(&file).arg("--scenario").arg(&scenario).args(["--format", "json"]).output();
    let output = output.expect("runs");
    let listing: Listing = serde_json::from_slice(&output.stdout).expect("a listing");
    assert_eq!(listing.procedures.len(), 1);
    let patching = &listing.procedures[0];
    assert_eq!(patching.operator.as_deref(), Some("patching"));
    assert!(patching.assumed.is_empty() && patching.acts);
    assert_eq!(patching.steps.iter().filter(|step| step.kind == StepKind::Command).count(), 4);
    assert_eq!(patching.steps.iter().filter(|step| step.kind == StepKind::Gate).count(), 4);
    // The steps of a scenario are read by its own name.
    let assert = poolproof().arg("read").arg(&scenario).arg("--scenario").arg(&scenario).assert().code(0);
    assert.stdout(predicate::str::contains("as 'operator 2' runs it"));
    let other = folder.file("other.ps1", LOOKS);
    let assert = poolproof().arg("read").arg(&other).arg("--scenario").arg(&scenario).assert().code(2).stdout("");
    assert.stderr(predicate::str::contains("no operator of")).stderr(predicate::str::contains("ops/patch.ps1"));
}

#[test]
fn what_is_not_understood_is_listed_with_a_scenario_too() {
    let folder = Folder::new();
    let file = folder.file("ops/patch.ps1", PATCH.replace("Write-Host", "Frobnicate"));
    let scenario = folder.file("scenario.toml", SCENARIO);
    let assert = poolproof().arg("read").arg(&file).arg("--scenario").arg(&scenario).assert().code(2);
    assert.stdout(predicate::str::contains("restart fe4")).stdout(predicate::str::contains("what `Frobnicate` does"));
    let wrong = folder.file("wrong.toml", SCENARIO.replace("front-ends", "front-end"));
    let assert = poolproof().arg("read").arg(&file).arg("--scenario").arg(&wrong).assert().code(2).stdout("");
    assert.stderr(predicate::str::contains("front-ends"));
}

#[test]
fn a_listing_goes_to_a_file() {
    let folder = Folder::new();
    let file = folder.file("look.ps1", LOOKS);
    let to = folder.path("listing.json");
    poolproof().arg("read").arg(&file).args(["--format", "json", "--output"]).arg(&to).assert().code(0).stdout("");
    serde_json::from_str::<Listing>(&std::fs::read_to_string(&to).expect("the file")).expect("a listing");
}
