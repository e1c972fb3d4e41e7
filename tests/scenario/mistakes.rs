//! What is refused, and in which words.

use super::{parse_with, with_deployment};
use miette::{GraphicalReportHandler, GraphicalTheme};
use poolproof::scenario::ScenarioError;

/// The mistakes of a scenario, one a line: place, code, message, what was expected, what to write instead.
fn brief(error: &ScenarioError) -> String {
    let mut text = String::new();
    for problem in error.problems() {
        let (line, column) = problem.place.line_and_column();
        let file = match problem.place.source.name.as_str() {
            "test.toml" => "",
            file => &format!("{file} "),
        };
        text.push_str(&format!("  {file}{line}:{column} {}: {}", problem.code, problem.message));
        text.push_str(&format!("\n      expected: {}", problem.label));
        if let Some(help) = &problem.help {
            text.push_str(&format!("\n      help: {help}"));
        }
        text.push('\n');
    }
    text
}

fn rendered(text: &str) -> String {
    let error = parse_with(text, &[]).expect_err("this is wrong");
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    handler.render_report(&mut out, &error).unwrap();
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

const POOL: &str = "[[deployment.pool]]\nname = 'p'\n";

#[test]
fn every_mistake_is_reported_with_its_place_and_what_to_write_instead() {
    let pool = |rest: &str| format!("{POOL}{rest}");
    let old_pool = |rest: &str| format!("[deployment]\nversion = '2015'\n{POOL}{rest}");
    let cases: Vec<String> = vec![
        // TOML.
        "title = ".into(),
        "title = 'a\n[faults\ncrash = = 1".into(),
        "title = 'a'\ntitle = 'b'".into(),
        // Shape.
        "[nothing]\nx = 1\n".into(),
        "titel = 'x'".into(),
        "title = 1".into(),
        "title = 'a\tb'\ndescription = ['x']".into(),
        "title = '''\na\nb'''".into(),
        "properties = []".into(),
        "properties = 'pool-quorum'".into(),
        "properties = ['pool_quorum', 'quorum', 7]".into(),
        "properties = ['pool-quorum', 'pool-quorum']".into(),
        "version = '2015'\ncrash = 1".into(),
        "# no deployment\n[initially]".into(),
        "[deployment]".into(),
        "[deployment]\nversion = 2015\n[[deployment.pool]]\nname = 'p'\nfront-ends = 3".into(),
        "[deployment]\nversion = '2016'\n[[deployment.pool]]\nname = 'p'\nfront-ends = 3".into(),
        "[deployment]\npool = 'p'".into(),
        // Pools.
        "[[deployment.pool]]\nfront-ends = 3".into(),
        pool(""),
        pool("frontends = 3"),
        pool("front-ends = 0"),
        pool("front-ends = 17"),
        pool("front-ends = 99999999999999999999"),
        pool("front-ends = 3.5"),
        pool("front-ends = []"),
        pool("front-ends = ['a', 1]"),
        pool("front-ends = ['a', 'b', 'A']"),
        pool("front-ends = ['fe 1', '', 'c']"),
        pool("servers = 3"),
        pool("kind = 'edge'\nfront-ends = 3"),
        pool("kind = 'frontend'\nfront-ends = 3"),
        pool("kind = 'standard-edition'\nservers = 2"),
        pool("kind = 'edge'\nservers = 2\nback-end = 'single'\nupgrade-domains = 2\nhosts-management-store = true"),
        pool("front-ends = 2"),
        old_pool("front-ends = 13"),
        pool("front-ends = 3\nback-end = 'mirrored'"),
        pool("front-ends = 3\nback-end = 'mirror'"),
        pool("front-ends = 3\nupgrade-domains = 4"),
        pool("front-ends = 3\nupgrade-domains = [['fe1'], ['fe1', 'fe4']]"),
        pool("front-ends = 3\nupgrade-domains = ['fe1']"),
        pool("front-ends = 3\nhosts-management-store = 'yes'"),
        pool("front-ends = 3\npaired-with = 'p'"),
        pool("front-ends = 3\npaired-with = 'q'"),
        pool("front-ends = 3\n[[deployment.pool]]\nname = 'P'\nfront-ends = 3"),
        pool("front-ends = 3\nhosts-management-store = true\n[[deployment.pool]]\nname = 'q'\nfront-ends = 3\nhosts-management-store = true"),
        pool("front-ends = 3\npaired-with = 'q'\n[[deployment.pool]]\nname = 'q'\nkind = 'edge'\nservers = 1"),
        pool("front-ends = 3\nnext-hop = 'p'"),
        pool("front-ends = 3\n[[deployment.pool]]\nname = 'q'\nkind = 'edge'\nservers = 1\nnext-hop = 'q'"),
        pool("kind = 'edge'\nservers = 1\nnext-hop = 'nowhere'"),
        "[deployment]\ntopology = 'none.tbxml'".into(),
        "[deployment]\ntopology = ''".into(),
        "[deployment]\ntopology = 'a.txt'".into(),
        "[deployment]\ntopology = 'a.txt'\n[[deployment.pool]]\nname = 'p'\nfront-ends = 3".into(),
        // The beginning.
        "[initially]\nfailed-over = 'fe1'".into(),
        "[initially]\nfailed-over = ['fe11', 'pool1', 'xyz']".into(),
        "[initially]\nfailed-over = ['fe1', 'fe1']\nlost = ['fe1']".into(),
        "[initially]\npool-stopped = ['pool1', 'pool1', 'pool2', 'fe1']\nstopped = ['fe2']".into(),
        "[initially]\non-mirror = ['pool1']".into(),
        "[initially]\npool-failed-over = ['pool1', 'pool3']".into(),
        "[initially]\npool-failed-over = ['p', 'q', 'p']\npool-stopped = ['q']\n[[deployment.pool]]\nname = 'p'\nfront-ends = 3\npaired-with = 'q'\n[[deployment.pool]]\nname = 'q'\nfront-ends = 3".into(),
        "[initially]\nfailed-over = ['fe1']\n[deployment]\nversion = '2013'\n[[deployment.pool]]\nname = 'p'\nfront-ends = 3".into(),
        "[initially]\nfailed-over = ['edge1']\n[[deployment.pool]]\nname = 'p'\nkind = 'edge'\nservers = 1".into(),
        "[initially]\nlost = ['fe1', 'fe2']\n[[deployment.pool]]\nname = 'p'\nfront-ends = ['fe1.a', 'fe1.b', 'fe3.a']".into(),
        // Operators.
        "[operator]\nsteps = ['x']".into(),
        "[[operator]]".into(),
        "[[operator]]\nname = 'x'\nrunbok = 'a.ps1'".into(),
        "[[operator]]\nrunbook = 'none.ps1'".into(),
        "[[operator]]\nrunbook = 'scripts\\none.ps1'".into(),
        "[[operator]]\nsteps = []".into(),
        "[[operator]]\nsteps = 'x'".into(),
        "[[operator]]\nsteps = ['x']\nmenu = ['y']".into(),
        "[[operator]]\nsteps = []\nservers = ['fe1']\nat-most = 1\narguments = { a = 'b' }".into(),
        "[[operator]]\nmenu = []\nat-most = 0\nperson = 1".into(),
        "[[operator]]\nname = 'fabric'\nsteps = []\n[[operator]]\nname = ''\nsteps = []".into(),
        "[[operator]]\nname = 'a'\nsteps = []\n[[operator]]\nname = 'A'\nsteps = []\n[[operator]]\nname = 'operator 4'\nsteps = []\n[[operator]]\nsteps = []".into(),
        "[[operator]]\nsteps = []\non = 'fe9'".into(),
        "[[operator]]\nrunbook = 'none.ps1'\narguments = { a = 1.5, b = { c = 1 } }".into(),
        // Commands.
        "[commands]\nA = 'instal'\nB = 3\nC = { lock = 'x', release = 'x' }\nD = {}\nE = { loc = 'x' }".into(),
        "[commands]\nA = {}\nB = { release = 'x' }\n'a' = 'ask'\n'' = 'ask'".into(),
        "[commands]\nA = { lock = 'change' }\nB = { release = 'chnage' }".into(),
        // Faults.
        "[faults]\ncrash = 'one'\nhung-conferences = 1\nfailing-cmdlet = 16\nsql-principal-failure = -1".into(),
        "[faults]\ncrash = { servers = ['fe1'] }".into(),
        "[faults]\ncrash = { at-most = 1, servers = ['fe1', 'fe1', 'fe7'], returns = true }\nwatchdog = { at-most = 'x' }".into(),
        "[faults]\ncrash = { at-most = 1, servers = [] }\nwatchdog = { servers = ['pool1'] }".into(),
        "[faults]\nsql-principal-failure = 1\n[[deployment.pool]]\nname = 'p'\nkind = 'edge'\nservers = 1".into(),
        // Readings.
        "[readings]\nfabric-gaurd = 'permits'\nsql-vote = 'even'\nwait-expiry = 3".into(),
        // Expectations.
        "[expect]\npool-quorm = 'holds'\nrecoverable = 'hold'\ncan-complete = true".into(),
        "properties = ['pool-quorum']\n[expect]\nrecoverable = 'holds'".into(),
        "[expect]\nrecoverable = ''\npool-quorum = 'fails if'\nno-cut-calls = 'fails when x'\ncan-complete = 'holds fails'".into(),
        "[expect]\nrecoverable = 'fails if fabric-guard'\npool-quorum = 'fails if fabric-guard permits'".into(),
        "[expect]\nrecoverable = 'fails if a = b'\npool-quorum = 'fails if fabric-guard = permit'".into(),
        "[expect]\nrecoverable = 'fails if fabric-guard = permits and'\npool-quorum = 'fails if fabric-guard = permits sql-vote = always'".into(),
        "[expect]\nrecoverable = 'fails if fabric-guard = permits and fabric-guard = refuses'".into(),
        "[readings]\nfabric-guard = 'permits'\n[expect]\nrecoverable = 'fails if fabric-guard = permits'".into(),
        "[expect]\nrecoverable = \"fails if \\u0061 = b\"".into(),
    ];
    let mut all = String::new();
    for case in cases {
        let case =
            if case.contains("# no deployment") { case.replace("deployment", "") } else { with_deployment(&case) };
        let shown = case
            .replace("\n[deployment]\nversion = \"2015\"\n[[deployment.pool]]\nname = \"pool1\"\nfront-ends = 4\n", "");
        let files = std::collections::BTreeMap::from([("a.txt".to_owned(), b"hello".to_vec())]);
        let error = match poolproof::scenario::parse("test.toml", &case, &files) {
            Ok(_) => panic!("accepted:\n{case}"),
            Err(error) => error,
        };
        all.push_str(&format!("{}\n{}\n", shown.trim_end(), brief(&error)));
    }
    insta::assert_snapshot!("mistakes", all);
}

#[test]
fn a_mistake_is_shown_with_its_line_and_with_what_it_contradicts() {
    let shown = rendered("properties = ['pool-quorum', 'pool-quorum']");
    for part in [
        "test.toml has a mistake",
        "scenario::twice",
        "`pool-quorum` is listed twice",
        "test.toml:1:",
        "properties = ['pool-quorum', 'pool-quorum']",
        "first here",
        "remove one of them",
    ] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
}
