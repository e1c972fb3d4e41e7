//! `poolproof check --certificate` and `poolproof audit`.

use crate::{Folder, bad, good, poolproof, scenario, without_colour};
use jsonschema::validator_for;
use predicates::prelude::*;
use serde_json::Value;
use std::path::Path;

/// Checks and certifies; the certificate.
fn certified(folder: &Folder, text: &str, code: i32) -> Vec<u8> {
    folder.file("scenario.toml", text);
    let check = ["check", "scenario.toml", "--certificate", "it.proof"];
    let said = predicate::str::contains("the certificate is in it.proof (");
    poolproof().current_dir(folder.root()).args(check).assert().code(code).stderr(said);
    assert_eq!(folder.names().iter().filter(|name| name.starts_with(".poolproof")).count(), 0);
    std::fs::read(folder.path("it.proof")).expect("it is there")
}

fn audit(folder: &Folder, arguments: &[&str], code: i32) -> String {
    let assert = poolproof().current_dir(folder.root()).arg("audit").args(arguments).assert().code(code);
    let assert = assert.stdout(without_colour());
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let text = audit(folder, arguments, 1);
    // As the lines fall, whatever they say.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.strip_prefix("REFUSED: it.proof: ").expect(&text).to_owned()
}

#[test]
fn what_holds_and_what_fails_is_confirmed() {
    let folder = Folder::new();
    certified(&folder, &good(""), 0);
    insta::assert_snapshot!("an_audit_of_what_holds", audit(&folder, &["it.proof"], 0));
    certified(&folder, &bad(""), 1);
    insta::assert_snapshot!("an_audit_of_what_fails", audit(&folder, &["it.proof", "--scenario", "scenario.toml"], 0));
}

#[test]
fn the_json_is_that_of_its_schema() {
    let folder = Folder::new();
    certified(&folder, &bad(""), 1);
    let schema = poolproof().args(["schema", "audit"]).assert().code(0).get_output().stdout.clone();
    let schema = validator_for(&serde_json::from_slice(&schema).expect("JSON")).expect("a schema");
    let valid: Value = serde_json::from_str(&audit(&folder, &["it.proof", "--format", "json"], 0)).expect("JSON");
    assert!(schema.is_valid(&valid), "{valid:#}");
    assert_eq!((&valid["audit"], &valid["properties"][1]["outcome"]["verdict"]), (&"valid".into(), &"holds".into()));
    folder.file("it.proof", "nonsense");
    let refused: Value = serde_json::from_str(&audit(&folder, &["it.proof", "--format", "json"], 1)).expect("JSON");
    assert!(schema.is_valid(&refused), "{refused:#}");
    assert_eq!(refused["audit"], "refused");
    assert_eq!(audit(&folder, &["it.proof", "--output", "answer.txt"], 1), "");
    assert!(std::fs::read_to_string(folder.path("answer.txt")).expect("it is there").starts_with("REFUSED: "));
}

#[test]
fn a_certificate_is_about_one_scenario_and_its_files() {
    let folder = Folder::new();
    folder.file("patch.ps1", "Invoke-CsComputerFailOver -Confirm:$false -ComputerName fe1\n");
    let text =
        scenario("", "\"can-complete\", \"one-out-at-a-time\"", "").replace("steps = []", "runbook = \"patch.ps1\"");
    certified(&folder, &text, 0);
    let with = ["it.proof", "--scenario", "scenario.toml"];
    assert!(audit(&folder, &with, 0).contains("patch.ps1\n"));
    // It needs no file but itself, and it is not about files that have changed since.
    folder.file("patch.ps1", "Invoke-CsComputerFailOver -Confirm:$false -ComputerName fe2\n");
    audit(&folder, &["it.proof"], 0);
    assert_eq!(refused(&folder, &with), "it is about another scenario: its patch.ps1 is not that of scenario.toml");
    folder.file("scenario.toml", good(""));
    let reason = "it is about another scenario: the text of scenario.toml is not that of scenario.toml";
    assert_eq!(refused(&folder, &with), reason);
    std::fs::remove_file(folder.path("scenario.toml")).expect("it was there");
    audit(&folder, &with, 2);
}

/// A certificate whose head was changed, with a digest that is right.
fn changed(bytes: &[u8], change: impl FnOnce(&mut poolproof::certificate::format::Head)) -> Vec<u8> {
    use poolproof::certificate::{Opened, Writer};
    let opened = Opened::new(&bytes).expect("a certificate");
    let rankings = opened.head.claims.iter().filter(|claimed| claimed.ranking.is_some()).count();
    let mut head = opened.head.clone();
    change(&mut head);
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, &head).expect("written to memory");
    let mut records = opened.records(1 + rankings).expect("states");
    while let Some(record) = records.read().expect("a state") {
        writer.state(&record.words, &record.numbers).expect("written to memory");
    }
    writer.finish().expect("written to memory");
    out
}

#[test]
fn what_was_forged_is_refused() {
    let folder = Folder::new();
    let bytes = certified(&folder, &good(""), 0);
    let write = |bytes: &[u8]| std::fs::write(folder.path("it.proof"), bytes).expect("it can be written");
    let mut reasons = Vec::new();
    let mut forge = |what: &str, bytes: &[u8]| {
        write(bytes);
        reasons.push(format!("{what}\n    {}", refused(&folder, &["it.proof"])));
    };
    forge("cut", &bytes[..bytes.len() / 2]);
    forge("another file", b"[deployment]\n");
    forge("another version", &changed(&bytes, |head| head.poolproof = "0.0.1".to_owned()));
    forge(
        "another scenario",
        &changed(&bytes, |head| {
            let text = head.subject["scenario"]
                .as_str()
                .expect("a text")
                .replace("Invoke-CsComputerFailBack fe1", "Invoke-CsComputerFailBack fe2");
            head.subject["scenario"] = text.into();
        }),
    );
    forge(
        "a larger deployment",
        &changed(&bytes, |head| {
            let text = head.subject["scenario"].as_str().expect("a text").replace("front-ends = 4", "front-ends = 12");
            head.subject["scenario"] = text.into();
        }),
    );
    forge("no scenario", &changed(&bytes, |head| head.subject["scenario"] = "front-ends = 4".into()));
    forge("no subject", &changed(&bytes, |head| head.subject = Value::Null));
    forge("another property", &changed(&bytes, |head| head.subject["properties"] = vec!["no-cut-calls"].into()));
    forge("no property", &changed(&bytes, |head| head.subject["properties"] = vec!["peace"].into()));
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    write(&flipped);
    assert!(refused(&folder, &["it.proof"]).contains("it was changed after it was written"));
    insta::assert_snapshot!("forged_certificates", reasons.join("\n"));
}

#[test]
fn nothing_is_certified_that_is_not_proved() {
    let folder = Folder::new();
    folder.file("it.proof", "as it was");
    folder.file("scenario.toml", good(""));
    let check = ["check", "scenario.toml", "--certificate", "it.proof", "--max-states", "1"];
    let none = predicate::str::contains("there is no certificate");
    poolproof().current_dir(folder.root()).args(check).assert().code(3).stderr(none);
    assert_eq!(std::fs::read_to_string(folder.path("it.proof")).expect("it is there"), "as it was");
    // What was found before the limit is certified all the same, and nothing else.
    let two = bad("")
        .replace("\"returns-to-service\"", "\"survives-one-more-crash\"")
        .replace("front-ends = 4", "front-ends = 3");
    folder.file("scenario.toml", &two);
    let check = ["check", "scenario.toml", "--certificate", "it.proof", "--max-depth", "3"];
    poolproof().current_dir(folder.root()).args(check).assert().code(1);
    let text = audit(&folder, &["it.proof"], 0);
    assert!(text.contains("unclaimed") && text.contains("FAILS"), "{text}");
}

#[test]
fn wrong_usage_is_refused() {
    let folder = Folder::new();
    folder.file("a.toml", good(""));
    folder.file("b.toml", good(""));
    let mut rows = vec![
        (
            vec!["check", "a.toml", "b.toml", "--certificate", "it.proof"],
            "the certificate of one scenario, and 2 are named",
        ),
        (vec!["check", "a.toml", "--certificate", "it.proof", "--engine", "stateright"], "does not know --certificate"),
        (vec!["check", "a.toml", "--certificate", "it.proof", "--tell-apart", "servers"], "without --tell-apart"),
        (vec!["check", "a.toml", "--certificate", "no/such/folder/it.proof"], "cannot write"),
        (vec!["audit", "no-such.proof"], "cannot read no-such.proof"),
        (vec!["audit"], "<FILE>"),
    ];
    if cfg!(unix) {
        rows.push((vec!["audit", "."], "cannot read"));
    }
    for (arguments, message) in rows {
        let message = predicate::str::contains(message);
        poolproof().current_dir(folder.root()).args(arguments).assert().code(2).stderr(message);
    }
    assert!(!Path::new(&folder.path("it.proof")).exists());
}
