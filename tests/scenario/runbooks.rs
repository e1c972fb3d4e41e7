//! Runbooks, steps, menus and topology documents as a scenario names them, and how large they may be.

use super::{parse, parse_with};
use poolproof::runbook::{Command, Op, RemarkKind};
use poolproof::scenario::{self, Acts, Scenario, ScenarioError};
use poolproof::topology::{BackEnd, PoolKind, ServerId, Version};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Code, place (with the file unless it is the scenario) and message of each mistake, one a line.
fn mistakes(result: Result<Scenario, ScenarioError>) -> String {
    let Err(error) = result else { panic!("this is wrong and was accepted") };
    let mut text = String::new();
    for problem in error.problems() {
        let (line, column) = problem.place.line_and_column();
        let file = &problem.place.source.name;
        writeln!(text, "{} {file}:{line}:{column} {}", problem.code, problem.message).unwrap();
        if let Some(help) = &problem.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

fn read(text: &str, files: &[(&str, &str)]) -> Scenario {
    parse_with(text, files).unwrap_or_else(|error| panic!("{error}: {:#?}", error.problems()))
}

fn commands(scenario: &Scenario) -> Vec<Command> {
    match &scenario.operators[0].acts {
        Acts::Scripted { procedure, .. } => {
            let commands = procedure.nodes.iter().filter_map(|node| match &node.op {
                Op::Command { command, .. } => Some(command.clone()),
                _ => None,
            });
            commands.collect()
        }
        Acts::Free { menu, .. } => menu.iter().map(|item| item.command.clone()).collect(),
    }
}

const RUNBOOK: &str = "[[operator]]\nrunbook = 'ops/a.ps1'\n";

#[test]
fn what_a_runbook_does_not_say_plainly_is_a_mistake_in_the_runbook() {
    let script =
        "Stop-CsWindowsService -ComputerName fe1\nInvoke-Expression (Get-Content todo.txt)\nRestart-Computer fe9\n";
    insta::assert_snapshot!(mistakes(parse_with(RUNBOOK, &[("ops/a.ps1", script)])), @r"
    not-understood ops/a.ps1:2:1 which commands the text holds is not known
      help: write the commands themselves
    unknown-server ops/a.ps1:3:1 `fe9` is no server of the deployment
      help: did you mean `fe1`?
    ");
}

#[test]
fn a_mandatory_parameter_needs_an_argument() {
    let script = "param([Parameter(Mandatory)] [string] $Server)\nRestart-Computer -ComputerName $Server -Wait\n";
    insta::assert_snapshot!(mistakes(parse_with(RUNBOOK, &[("ops/a.ps1", script)])), @r#"
    missing-argument ops/a.ps1:1:39 the script asks for `-Server`, and the scenario gives no value
      help: add `Server = "…"` to the operator's `arguments`
    "#);
    let given = format!("{RUNBOOK}arguments = {{ server = 'fe2' }}");
    assert_eq!(
        commands(&read(&given, &[("ops/a.ps1", script)])),
        [Command::Restart { server: ServerId(1), wait: true }]
    );
    let other = format!("{RUNBOOK}arguments = {{ server = 'fe2', Sever = 'fe3' }}");
    insta::assert_snapshot!(mistakes(parse_with(&other, &[("ops/a.ps1", script)])), @r"
    unused-argument ops/a.ps1:1:1 the script has no parameter `Sever`, and no variable of that name whose value it does not know
      help: did you mean `server`?
    ");
}

#[test]
fn what_a_runbook_sources_lies_beside_it() {
    let script = ". ./common.ps1\nReset-One -Name fe3\n";
    let common = "function Reset-One($Name) { Restart-Computer -ComputerName $Name }\n";
    let scenario = read(RUNBOOK, &[("ops/a.ps1", script), ("ops/common.ps1", common)]);
    assert_eq!(commands(&scenario), [Command::Restart { server: ServerId(2), wait: false }]);
    assert!(parse_with(RUNBOOK, &[("ops/a.ps1", script), ("common.ps1", common)]).is_err());
}

#[test]
fn steps_are_typed_by_a_person_and_point_into_the_scenario() {
    let scenario = read("[[operator]]\nsteps = ['Restart-Computer -ComputerName fe1']\n", &[]);
    let Acts::Scripted { procedure, machine, person } = &scenario.operators[0].acts else { panic!("scripted") };
    assert!(*person && machine.is_none());
    assert_eq!(procedure.nodes[0].place.line_and_column(), (2, 11));
    assert_eq!(procedure.nodes[0].place.source.name, "test.toml");
    let wrong =
        parse("[[operator]]\nsteps = [\n  'Restart-Computer -ComputerName fe1',\n  'Frobnicate-Pool pool1',\n]\n");
    insta::assert_snapshot!(mistakes(wrong), @r#"
    not-understood test.toml:4:4 what `Frobnicate-Pool` does is not known
      help: if it matters, say what it does: `[commands] "Frobnicate-Pool" = "nothing"` or `"install"`, `"ask"`, a lock
    "#);
}

#[test]
fn a_shell_on_a_server_acts_on_that_server() {
    let scenario = read("[[operator]]\non = 'fe3'\nsteps = ['Stop-CsWindowsService']\n", &[]);
    let [Command::StopServices { server, .. }] = commands(&scenario)[..] else { panic!("one command") };
    assert_eq!(server, ServerId(2));
}

#[test]
fn commands_of_ones_own_mean_what_the_scenario_says() {
    let script = "Install-Everything -ComputerName fe2\nSend-Mail 'done'\n";
    let vocabulary = "[commands]\nInstall-Everything = 'install'\nSend-Mail = 'nothing'\n";
    let scenario = read(&format!("{RUNBOOK}{vocabulary}"), &[("ops/a.ps1", script)]);
    assert_eq!(commands(&scenario), [Command::Install { server: ServerId(1) }]);
    let locks = "Enter-Change\nRestart-Computer -ComputerName fe2\nExit-Change\n";
    let vocabulary = "[commands]\nEnter-Change = { lock = 'change' }\nExit-Change = { release = 'change' }\n";
    let scenario = read(&format!("{RUNBOOK}{vocabulary}"), &[("ops/a.ps1", locks)]);
    let Acts::Scripted { procedure, .. } = &scenario.operators[0].acts else { panic!("scripted") };
    assert!(matches!(&procedure.nodes[0].op, Op::TakeLock { lock, .. } if lock == "change"));
}

/// A scenario that declares a cmdlet harmless would be proved for want of anything happening.
#[test]
fn what_a_known_command_does_is_not_for_a_scenario_to_say() {
    let steps = "[[operator]]\nsteps = ['Stop-CsWindowsService -ComputerName fe1']\n[commands]\n";
    for name in
        ["Stop-CsWindowsService", "stop-cswindowsservice", "'SkypeForBusiness\\Stop-CsWindowsService'", "'sc.exe'"]
    {
        let said = mistakes(parse(&format!("{steps}{name} = 'nothing'\n")));
        assert!(said.starts_with("known-command "), "{name}: {said}");
    }
}

#[test]
fn a_menu_strikes_each_server_or_the_one_that_it_names() {
    for (menu, expected) in [
        ("menu = ['Invoke-CsComputerFailBack']", 4),
        ("menu = ['Invoke-CsComputerFailBack']\nservers = ['fe1', 'fe2']", 2),
        ("menu = ['Invoke-CsComputerFailBack -ComputerName fe1']", 1),
        ("menu = ['Restart-Computer', 'Restart-Computer -ComputerName $server']", 4),
    ] {
        assert_eq!(commands(&read(&format!("[[operator]]\n{menu}"), &[])).len(), expected, "{menu}");
    }
}

#[test]
fn an_item_of_a_menu_is_one_command_for_at_least_one_server() {
    let mut all = String::new();
    for menu in [
        "menu = []",
        "menu = ['Restart-Computer']\nservers = []",
        "menu = ['']",
        "menu = ['Get-CsPool', 'Restart-Computer']",
        "menu = ['Restart-Computer; Restart-Computer -ComputerName fe4']",
        "menu = ['Frobnicate-Pool']",
    ] {
        all.push_str(&mistakes(parse(&format!("[[operator]]\n{menu}"))));
    }
    insta::assert_snapshot!(all, @r#"
    operator test.toml:2:8 a menu without commands
    no-server test.toml:3:11 a menu for no server
      help: leave `servers` out to mean all front ends
    menu-item test.toml:2:9 an item of a menu is exactly one command that acts and nothing else; this line has 0 of them
      help: give each command an item of its own
    menu-item test.toml:2:10 an item of a menu is exactly one command that acts and nothing else; this line has 0 of them
      help: give each command an item of its own
    menu-item test.toml:2:10 an item of a menu is exactly one command that acts and nothing else; this line has 2 of them
      help: give each command an item of its own
    not-understood test.toml:2:10 what `Frobnicate-Pool` does is not known
      help: if it matters, say what it does: `[commands] "Frobnicate-Pool" = "nothing"` or `"install"`, `"ask"`, a lock
    "#);
}

#[test]
fn remarks_of_readers_are_kept() {
    let script = "Write-Host 'hello'\nInvoke-Command fe1 { Get-CsPoolUpgradeReadinessState }\nRestart-Computer -ComputerName fe1\n";
    let scenario = read(RUNBOOK, &[("ops/a.ps1", script)]);
    let Acts::Scripted { procedure, .. } = &scenario.operators[0].acts else { panic!("scripted") };
    let untested = procedure.remarks.iter().find(|remark| remark.code == "status-not-tested").expect("a remark");
    assert_eq!((untested.kind, untested.place.line_and_column()), (RemarkKind::Suspicious, (2, 22)));
    assert_eq!(untested.place.source.name, "ops/a.ps1");
}

/// A fixture of the readers of topology documents.
fn fixture(name: &str) -> BTreeMap<String, Vec<u8>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/topology").join(name);
    BTreeMap::from([("a.tbxml".to_owned(), std::fs::read(path).unwrap())])
}

const TOPOLOGY: &str = "[deployment]\ntopology = 'a.tbxml'\n";

#[test]
fn a_topology_document_is_the_deployment() {
    let files = fixture("four-front-ends.tbxml");
    let text = format!("{TOPOLOGY}[[operator]]\nsteps = ['Restart-Computer -ComputerName fe2']");
    let scenario =
        scenario::parse("test.toml", &text, &files).unwrap_or_else(|error| panic!("{:#?}", error.problems()));
    let pool = &scenario.deployment.pools[0];
    assert_eq!((pool.fqdn.as_str(), pool.kind, pool.members.len()), ("pool.example.net", PoolKind::Enterprise, 4));
    assert!(!matches!(pool.back_end, None | Some(BackEnd::AlwaysOn)));
    assert_eq!(scenario.deployment.version, Version::Sfb2015);
    assert_eq!(commands(&scenario), [Command::Restart { server: ServerId(1), wait: false }]);
    let remarks: String = scenario
        .remarks
        .iter()
        .map(|remark| {
            format!("{:?}: {} ({})\n", remark.place.line_and_column(), remark.message, remark.help.as_deref().unwrap())
        })
        .collect();
    insta::assert_snapshot!(remarks, @r"
    (2, 12): `pool.example.net` is taken for the host of the Central Management Store, since no other pool has one (a.tbxml, line 10, column 13)
    ");
}

#[test]
fn a_mistake_in_a_topology_document_is_shown_there() {
    let mut all = String::new();
    for document in ["hello", "<Topology>\n  <Clusters", "<Objs/>", "PK\u{3}\u{4}"] {
        all.push_str(&mistakes(parse_with(TOPOLOGY, &[("a.tbxml", document)])));
    }
    insta::assert_snapshot!(all, @r"
    topology a.tbxml:1:1 the document is not well-formed XML: unknown token (line 1, column 1)
      help: export it anew: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8
    topology a.tbxml:1:1 the document is not well-formed XML: the root node was opened but never closed (line 1, column 1)
      help: export it anew: (Get-CsTopology -AsXml).ToString() | Out-File topology.xml -Encoding utf8
    topology a.tbxml:1:1 the document is no topology: it begins with <Objs> (line 1, column 1)
      help: this is what Export-Clixml writes; export the topology with Get-CsTopology -AsXml
    topology test.toml:2:12 cannot use a.tbxml: the file is a zip archive, not a topology document
      help: Export-CsConfiguration writes archives; export the topology with Get-CsTopology -AsXml
    ");
}

/// The services of a front end.
const SERVICES: [&str; 16] = [
    "W3SVC",
    "FabricHostSvc",
    "RTCSRV",
    "RTCCAA",
    "RTCCAS",
    "RTCRGS",
    "RTCCPS",
    "RTCATS",
    "RTCIMMCU",
    "RTCDATAMCU",
    "RTCAVMCU",
    "RTCASMCU",
    "RTCMEDSRV",
    "RTCHA",
    "REPLICA",
    "RTCCLSAGT",
];

/// A script that asks `count` different questions first and tests all the answers afterwards.
fn many_tests(count: usize) -> String {
    let (mut reads, mut tests) = (String::new(), String::new());
    for index in 0..count {
        let (service, server) = (SERVICES[index / 4 % SERVICES.len()], index % 4 + 1);
        let state = if index < 4 * SERVICES.len() { "Running" } else { "Stopped" };
        writeln!(reads, "$s{index} = Get-CsWindowsService -Name {service} -ComputerName fe{server}").unwrap();
        writeln!(tests, "if ($s{index}.Status -eq '{state}') {{ Restart-Computer -ComputerName fe1 }}").unwrap();
    }
    reads + &tests
}

#[test]
fn a_procedure_that_remembers_too_much_is_refused() {
    let allowed = parse_with(RUNBOOK, &[("ops/a.ps1", &many_tests(64))]);
    let Acts::Scripted { procedure, .. } = &allowed.unwrap().operators[0].acts else { panic!("scripted") };
    assert_eq!(procedure.registers.len(), 64);
    insta::assert_snapshot!(mistakes(parse_with(RUNBOOK, &[("ops/a.ps1", &many_tests(65))])), @r"
    too-large test.toml:2:11 the procedure remembers 65 tests on the state of a pool
      help: check a part of it, or fewer servers: each server of a loop has tests of its own
    ");
}

#[test]
fn a_menu_that_is_too_large_is_refused() {
    // Every set of services is a command of its own, for each of four servers.
    let menu = |count: usize| {
        let set =
            |n: usize| -> Vec<&str> { (0..11).filter(|bit| n >> bit & 1 == 1).map(|bit| SERVICES[bit]).collect() };
        let item = |n: usize| format!("'Stop-CsWindowsService -Name {}'", set(n).join(","));
        format!("[[operator]]\nmenu = [{}]", (1..=count).map(item).collect::<Vec<_>>().join(", "))
    };
    assert_eq!(commands(&read(&menu(60), &[])).len(), 240);
    insta::assert_snapshot!(mistakes(parse(&menu(1024))), @r"
    too-large test.toml:2:8 the menu has 4096 commands, counting each server that one may strike
      help: name fewer `servers`, or leave commands out
    ");
}

#[test]
fn more_operators_than_a_lock_can_tell_apart_are_refused() {
    let operators = |count: usize| "[[operator]]\nmenu = ['Restart-Computer -ComputerName fe1']\n".repeat(count);
    assert!(parse(&operators(254)).is_ok());
    insta::assert_snapshot!(mistakes(parse(&operators(255))), @r"
    too-large test.toml:509:1 the scenario has 255 operators
    ");
}

#[test]
fn only_pools_that_a_scenario_touches_count_for_its_size() {
    let pools = |count: usize| {
        let pool = |n: usize| format!("[[deployment.pool]]\nname = 'p{n}'\nfront-ends = 12\n");
        format!("[deployment]\nversion = '2015'\n{}", (1..=count).map(pool).collect::<String>())
    };
    let step = |names: &str| format!("{}[[operator]]\nmenu = ['Restart-Computer']\nservers = [{names}]\n", pools(4));
    assert!(parse(&step("'fe1', 'fe13'")).is_ok());
    insta::assert_snapshot!(mistakes(parse(&step("'fe1', 'fe13', 'fe25'"))), @r"
    too-large test.toml:1:1 the pools that the scenario touches have 36 servers
      help: touch fewer pools; these are named by a step, a query, a fault or the beginning: `p1`, `p2`, `p3`
    ");
    // Nothing is named, so all Enterprise pools are explored.
    assert!(parse(&pools(2)).is_ok());
    assert!(parse(&pools(3)).is_err());
}

#[test]
fn the_template_is_a_scenario_with_the_runbook_that_it_names() {
    let runbook = scenario::template_runbook();
    let files = [(scenario::TEMPLATE_RUNBOOK_NAME, runbook.as_str())];
    let scenario = read(&scenario::template(), &files);
    let failed_over = commands(&scenario).iter().filter(|command| matches!(command, Command::FailOver { .. })).count();
    assert_eq!(failed_over, 4);
    let Acts::Scripted { procedure, .. } = &scenario.operators[0].acts else { panic!("scripted") };
    let suspicious: Vec<_> =
        procedure.remarks.iter().filter(|remark| remark.kind == RemarkKind::Suspicious).map(|r| &r.message).collect();
    // What the first verdict on it is about.
    assert_eq!(suspicious, ["nothing bounds this wait: if the state never comes, it lasts for ever"]);
}

/// The largest procedure that is accepted fits a state: the checker runs on it until it is stopped.
#[test]
fn a_procedure_at_the_limit_can_be_explored() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ops")).unwrap();
    std::fs::write(folder.path().join("ops/a.ps1"), many_tests(64)).unwrap();
    let file = folder.path().join("x.toml");
    std::fs::write(&file, super::with_deployment(RUNBOOK)).unwrap();
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_poolproof"));
    let assert = command.arg("check").arg(&file).args(["--max-states", "2000"]).assert();
    let code = assert.get_output().status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "{code:?}: {}", String::from_utf8_lossy(&assert.get_output().stderr));
}

const MODULE: &str = "function Start-Maintenance {\n    param([Parameter(Mandatory)] [string] $ComputerName)\n    \
    Invoke-CsComputerFailOver -ComputerName $ComputerName\n}\n\
    function Stop-Maintenance {\n    param([Parameter(Mandatory)] [string] $ComputerName)\n    \
    Invoke-CsComputerFailBack -ComputerName $ComputerName\n}\n";

#[test]
fn functions_of_a_module_are_called_by_the_scenario() {
    let files = [("ops/a.ps1", MODULE)];
    let fail_over =
        |server| Command::FailOver { server: ServerId(server), no_stop: false, force: false, draining_timeout: false };
    let one = read(&format!("{RUNBOOK}call = 'Start-Maintenance -ComputerName fe2'"), &files);
    assert_eq!(commands(&one), [fail_over(1)]);
    let several = "call = ['Start-Maintenance fe1', 'Stop-Maintenance fe1', \"Start-Maintenance `\\\"fe3`\\\"\"]";
    let several = several.replace("`\\\"", "'");
    let several = read(&format!("{RUNBOOK}{several}"), &files);
    assert_eq!(
        commands(&several),
        [fail_over(0), Command::FailBack { server: ServerId(0), no_start: false }, fail_over(2)]
    );
    let wrong = "call = ['Start-Maintenance', 'Stop-Maintenence fe1']";
    insta::assert_snapshot!(mistakes(parse_with(&format!("{RUNBOOK}{wrong}"), &files)));
}

#[test]
fn two_operators_call_functions_of_one_module() {
    let call = |line: &str| format!("{RUNBOOK}call = '{line}'\n");
    let text = call("Start-Maintenance fe1") + &call("Start-Maintenance fe2") + &call("Stop-Maintenance fe1");
    let scenario = read(&text, &[("ops/a.ps1", MODULE)]);
    assert_eq!(scenario.operators.len(), 3);
}

const DOCUMENT: &str = "1. Take it out.\n\n```powershell\nInvoke-CsComputerFailOver <server FQDN>\n```\n\n\
    2. Put it back.\n\n```powershell\nInvoke-CsComputerFailBack <server FQDN> # <pool>\n```\n";

#[test]
fn the_placeholders_of_a_document_are_bound_and_its_steps_repeated() {
    let files = [("ops/a.md", DOCUMENT)];
    let runbook = "[[operator]]\nrunbook = 'ops/a.md'\n";
    let bound = read(&format!("{runbook}placeholders = {{ Server-FQDN = 'fe2', pool = 'p' }}"), &files);
    assert_eq!(commands(&bound).len(), 2);
    let Acts::Scripted { person, .. } = &bound.operators[0].acts else { panic!("scripted") };
    assert!(person, "a person types what a document says");
    let repeat = "placeholders = { pool = 'p' }\nrepeat = { placeholder = 'server fqdn', for = ['fe1', 'fe3'], from = 1, to = 2 }";
    let repeated = commands(&read(&format!("{runbook}{repeat}"), &files));
    assert_eq!(repeated.len(), 4);
    assert!(matches!(repeated[2], Command::FailOver { server: ServerId(2), .. }));
    let cases = [
        "",
        "placeholders = { serverfqdn = 'fe1', pool = 'p', pol = 'p' }",
        "arguments = { Server = 'fe1' }\ncall = 'Get-Date'",
        "placeholders = { pool = 'p' }\nrepeat = { placeholder = 'server', for = ['fe1'] }",
        "placeholders = { pool = 'p' }\nrepeat = { placeholder = 'server fqdn', for = ['fe1'], from = 3 }",
        "placeholders = { pool = 'p' }\nrepeat = { placeholder = 'server fqdn', for = ['fe1'], from = 2, to = 1 }",
        "repeat = { placeholder = 'server fqdn', for = [] }",
        "repeat = { from = 1 }",
    ];
    let all: Vec<String> = cases
        .iter()
        .map(|rest| format!("{rest}\n{}", mistakes(parse_with(&format!("{runbook}{rest}"), &files))))
        .collect();
    insta::assert_snapshot!(all.join("\n"));
    let script =
        "[[operator]]\nrunbook = 'ops/a.ps1'\nplaceholders = { x = 'y' }\nrepeat = { placeholder = 'x', for = ['y'] }";
    insta::assert_snapshot!("documents_keys_beside_a_script", mistakes(parse_with(script, &[("ops/a.ps1", MODULE)])));
}

#[test]
fn a_job_is_a_shell_of_its_own() {
    let script = "$job = Start-Job { Restart-Computer fe1 }\nRestart-Computer fe2\nWait-Job $job\n";
    let scenario = read(&format!("{RUNBOOK}name = 'patching'\n"), &[("ops/a.ps1", script)]);
    let names: Vec<_> = scenario.operators.iter().map(|operator| (operator.name.as_str(), operator.job_of)).collect();
    assert_eq!(names, [("patching", None), ("patching, job 1", Some(0))]);
}
