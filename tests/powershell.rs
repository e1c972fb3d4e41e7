//! What is read from scripts and steps. The cases stand in `tests/runbooks/*.cases`, each a script and
//! its listing; `UPDATE_LISTINGS=1 cargo test --test powershell` writes the listings anew, for review.
//!
//! The deployment is one pool of three front ends, fe1 to fe3. Scripts run outside of it unless the
//! case says on which server.

use poolproof::runbook::powershell::{
    CODES, Entry, Repeat, Step, read, read_from, read_markdown, read_menu_item, read_steps,
};
use poolproof::runbook::{Command, Context, Meaning, Source};
use poolproof::topology::{Deployment, Pool, PoolId, PoolKind, Server, ServerId, Version};
use std::sync::Arc;

fn deployment(version: Version) -> Deployment {
    let domain = "contoso.example";
    Deployment {
        version,
        pools: vec![Pool {
            fqdn: format!("pool1.{domain}"),
            kind: PoolKind::Enterprise,
            members: (0..3).map(ServerId).collect(),
            back_end: None,
            hosts_management_store: false,
            paired_with: None,
            next_hop: None,
        }],
        servers: (1..=3)
            .map(|number| Server { fqdn: format!("fe{number}.{domain}"), pool: PoolId(0), upgrade_domain: None })
            .collect(),
    }
}

/// The listing of a script under options such as `on=fe1 version=2019 pool=pool1`.
fn listing(script: &str, options: &str, all: bool) -> String {
    let mut call = String::new();
    let mut markdown = false;
    let mut repeat = None;
    let (mut two_pools, mut edge) = (false, false);
    let mut version = Version::Sfb2015;
    let mut machine = None;
    let mut arguments = Vec::new();
    for option in options.split_whitespace() {
        match option.split_once('=').unwrap_or((option, "true")) {
            ("version", "2013") => version = Version::Lync2013,
            ("version", "2019") => version = Version::Sfb2019,
            ("markdown", _) => markdown = true,
            ("edge", _) => edge = true,
            ("two-pools", _) => two_pools = true,
            ("repeat", what) => repeat = Some(what.to_owned()),
            ("call", words) => call = words.replace(',', " "),
            ("on", name) => machine = Some(name.to_owned()),
            (name, values) => arguments.push((name.to_owned(), values.split(',').map(str::to_owned).collect())),
        }
    }
    let mut deployment = deployment(version);
    if edge {
        deployment.pools[0].kind = PoolKind::Edge;
    }
    if two_pools {
        let mut other = deployment.pools[0].clone();
        (other.fqdn, other.members) = ("pool2.contoso.example".into(), (3..6).map(ServerId).collect());
        (deployment.pools[0].paired_with, other.paired_with) = (Some(PoolId(1)), Some(PoolId(0)));
        deployment.pools.push(other);
        deployment.servers.extend((4..=6).map(|number| Server {
            fqdn: format!("fe{number}.contoso.example"),
            pool: PoolId(1),
            upgrade_domain: None,
        }));
    }
    let machine = machine.map(|name| deployment.server(&name).unwrap());
    let vocabulary = [
        ("Lock-Pool".to_owned(), Meaning::TakeLock("maintenance".into())),
        ("Unlock-Pool".to_owned(), Meaning::ReleaseLock("maintenance".into())),
        ("Install-Everything".to_owned(), Meaning::Install),
        ("Send-Page".to_owned(), Meaning::Nothing),
        ("Ask-Colleague".to_owned(), Meaning::Ask),
    ];
    let context = Context { deployment: &deployment, machine, arguments: &arguments, vocabulary: &vocabulary };
    let source = Arc::new(Source::new("runbook.ps1", script));
    let files = |path: &str| {
        let text = match path {
            "lib.ps1" => "function Out-Of-Service($s) { Invoke-CsComputerFailOver $s }\n$shared = 'fe3'\n",
            "sub/steps.ps1" => "param($Target)\nRestart-Computer $Target\nexit 3\n",
            "tools.psm1" => "function Back-In-Service { param($s) Invoke-CsComputerFailBack $s }\n. .\\lib.ps1\n",
            _ => return None,
        };
        Some(Arc::new(Source::new(path, text)))
    };
    let calls = [Step { text: &call, offset: 0, length: call.len() }];
    let mut entry = Entry { files: &files, calls: None };
    let call_source = Arc::new(Source::new("scenario.toml", call.clone()));
    if !call.is_empty() {
        entry.calls = Some((&call_source, &calls));
    }
    let mut procedure = match markdown {
        true => {
            // `repeat=PLACEHOLDER:VALUE,VALUE:FROM:TO`
            let parts: Vec<&str> = repeat.iter().flat_map(|what| what.split(':')).collect();
            let values: Vec<String> = parts.get(1).map_or(vec![], |list| list.split(',').map(str::to_owned).collect());
            let end = |at: usize| parts.get(at).and_then(|number| number.parse().ok());
            let repeat =
                parts.first().map(|name| Repeat { placeholder: name, values: &values, from: end(2), to: end(3) });
            read_markdown(source, repeat.as_ref(), &context)
        }
        false => read_from(source, &entry, &context),
    };
    if !all {
        procedure.remarks.retain(|remark| !BY_GRAPH.contains(&remark.code));
    }
    procedure.render(&deployment)
}

/// Remarks on the whole of a procedure; only `defects.cases` shows them.
const BY_GRAPH: &[&str] = &[
    "fail-over-without-fail-back",
    "stop-without-start",
    "left-out-on-error",
    "fail-over-not-checked",
    "next-without-check",
    "wait-without-bound",
    "drain-without-bound",
    "endless-loop",
    "stale-snapshot",
    "checks-another-pool",
];

/// Every code has a case, every remark of a case has a code of the list, and the book explains each.
#[test]
fn every_code_has_a_case_and_stands_in_the_book() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases = String::new();
    for entry in std::fs::read_dir(root.join("tests/runbooks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "cases") {
            cases += &std::fs::read_to_string(path).unwrap();
        }
    }
    let marks = ["\nsuspicious ", "\nnot understood ", "\nignored "];
    let remarks = marks.iter().flat_map(|mark| cases.split(mark).skip(1));
    let found: std::collections::BTreeSet<&str> = remarks
        .filter_map(|rest| rest.lines().next()?.split_once('[')?.1.split_once(']'))
        .map(|(code, _)| code)
        .collect();
    // Of what a scenario's menu says, `a_menu_item_is_one_command_on_the_server_it_is_bound_to` has the cases; of a
    // procedure too long for a listing, `a_search_for_defects_that_is_cut_short_is_told`.
    let elsewhere = ["menu-item", "not-searched"];
    let listed = CODES.iter().map(|code| code.name).filter(|name| !elsewhere.contains(name));
    assert_eq!(found, listed.collect());
    let book = std::fs::read_to_string(root.join("docs/runbooks.md")).unwrap();
    for code in CODES {
        let row = format!("| `{}` | {} |", code.name, code.meaning);
        assert!(book.contains(&row), "docs/runbooks.md lacks the row\n{row}");
    }
}

#[test]
fn scripts_read_as_listed() {
    let update = std::env::var_os("UPDATE_LISTINGS").is_some();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "cases"));
    files.sort();
    let mut wrong = Vec::new();
    let mut number = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut written = text.split("\n=== ").next().unwrap().to_owned();
        for case in text.split("\n=== ").skip(1) {
            let (head, body) = case.split_once('\n').unwrap();
            let (script, expected) = body.split_once("\n---\n").unwrap_or((body.trim_end(), ""));
            let (name, options) = head.split_once(' ').unwrap_or((head, ""));
            let found = listing(script, options, file.file_stem().is_some_and(|stem| stem == "defects"));
            written += &format!("\n=== {head}\n{script}\n---\n{found}");
            number += 1;
            if found.trim_end() != expected.trim_end() && !update {
                wrong.push(format!("{name}:\n{script}\n--- expected\n{expected}\n--- found\n{found}"));
            }
        }
        if update {
            std::fs::write(&file, written).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} of {number} differ:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(number > 15, "only {number} cases were found");
}

#[test]
fn steps_of_a_scenario_are_placed_in_it() {
    let text = "steps = [\n  \"Invoke-CsComputerFailOver fe1\",\n  'Restart-Computer fe1 -Wait',\n  \"Stop-Servce \\\"x\\\"\",\n]";
    let source = Arc::new(Source::new("s.toml", text));
    let step = |written: &str, meant: &'static str| Step {
        text: meant,
        offset: text.find(written).unwrap(),
        length: written.len(),
    };
    let steps = [
        step("\"Invoke-CsComputerFailOver fe1\"", "Invoke-CsComputerFailOver fe1"),
        step("'Restart-Computer fe1 -Wait'", "Restart-Computer fe1 -Wait"),
        step("\"Stop-Servce \\\"x\\\"\"", "Stop-Servce \"x\""),
    ];
    let deployment = deployment(Version::Sfb2015);
    let context = Context { deployment: &deployment, machine: None, arguments: &[], vocabulary: &[] };
    let procedure = read_steps(&source, &steps, &context);
    insta::assert_snapshot!(procedure.render(&deployment), @r#"
    2    fail over fe1
    3    restart fe1, waiting until it is back
    4    end
    not understood 4:3 [misspelt] there is no command `Stop-Servce`, so this step does not happen; did you mean `Stop-Service`?
    "#);
    assert_eq!(procedure.nodes[1].place.line_and_column(), (3, 4));
}

#[test]
fn a_menu_item_is_one_command_on_the_server_it_is_bound_to() {
    let deployment = deployment(Version::Sfb2015);
    let context = Context { deployment: &deployment, machine: None, arguments: &[], vocabulary: &[] };
    let item = |text: &str| {
        let source = Arc::new(Source::new("s.toml", text));
        read_menu_item(&source, Step { text, offset: 0, length: text.len() }, ServerId(1), &context)
    };
    let fail_over = Command::FailOver { server: ServerId(1), no_stop: false, force: false, draining_timeout: false };
    assert_eq!(item("Invoke-CsComputerFailOver"), Ok(fail_over.clone()));
    assert_eq!(item("Invoke-CsComputerFailOver -ComputerName $server"), Ok(fail_over));
    assert_eq!(item("Restart-Computer"), Ok(Command::Restart { server: ServerId(1), wait: true }));
    for wrong in ["Start-Sleep 5", "Restart-Computer; Restart-Computer", "Foo", "Invoke-CsComputerFailOver fe9", ""] {
        assert!(item(wrong).is_err_and(|remarks| !remarks.is_empty()), "{wrong}");
    }
}

#[test]
fn every_step_says_which_server_the_variable_was() {
    let script = "foreach ($fe in 'fe1', 'fe2') {\n    Restart-Computer -ComputerName $fe -Wait:$true\n}\n";
    let deployment = deployment(Version::Sfb2015);
    let context = Context { deployment: &deployment, machine: None, arguments: &[], vocabulary: &[] };
    let source = Arc::new(Source::new("x.ps1", script));
    let procedure = read(source, &context);
    let bindings: Vec<_> = procedure.nodes.iter().map(|node| node.bindings.clone()).collect();
    let bound = |server: &str| vec![("$fe".to_owned(), server.to_owned())];
    assert_eq!(bindings, [bound("fe1"), bound("fe2"), vec![]]);
    assert_eq!(procedure.nodes[1].place.line_and_column(), (2, 5));
    assert_eq!(procedure.nodes[1].place.line_text(), "Restart-Computer -ComputerName $fe -Wait:$true");
}
