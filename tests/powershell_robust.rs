//! Whatever the reader is given, it answers, in time, with a procedure that hangs together.

mod fuzzed;

use fuzzed::{deployment, hangs_together};
use poolproof::runbook::powershell::{decode, read};
use poolproof::runbook::{Context, Procedure, Remark, Source};
use poolproof::topology::ServerId;
use proptest::prelude::*;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn read_text(text: &str) -> Procedure {
    let deployment = deployment();
    let context = Context { deployment: &deployment, machine: Some(ServerId(0)), arguments: &[], vocabulary: &[] };
    read(Arc::new(Source::new("x.ps1", text)), &context)
}

/// Scripts of the listings, to be mangled.
fn scripts() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks");
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "cases") {
            let text = std::fs::read_to_string(path).unwrap();
            let cases = text.split("\n=== ").skip(1).filter_map(|case| case.split_once('\n'));
            scripts.extend(cases.map(|(_, body)| body.split("\n---").next().unwrap().to_owned()));
        }
    }
    scripts
}

const SOUP: &[&str] = &[
    "$x",
    "$s",
    "=",
    "+=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "@(",
    "@{",
    "$(",
    "\"",
    "'",
    "`",
    "\n",
    ";",
    ",",
    "|",
    "-eq",
    "-ne",
    "-and",
    "-not",
    "-match",
    "-contains",
    "-gt",
    "..",
    ".",
    "::",
    "if",
    "else",
    "elseif",
    "while",
    "do",
    "until",
    "for",
    "foreach",
    "in",
    "switch",
    "function",
    "param",
    "try",
    "catch",
    "finally",
    "return",
    "break",
    "continue",
    "exit",
    "throw",
    "trap",
    "1",
    "3",
    "fe1",
    "'fe2'",
    "RTCSRV",
    "Get-CsWindowsService",
    "Stop-CsWindowsService",
    "-ComputerName",
    "-Name",
    ".Status",
    ".Count",
    "'Running'",
    "Where-Object",
    "ForEach-Object",
    "$_",
    "Invoke-Command",
    "Restart-Computer",
    "Get-CsPool",
    "pool1",
    "Start-Sleep",
    "parallel",
    "workflow",
    "-Parallel",
    "Wait-Job",
    "Start-Job",
    "Read-Host",
    "(Get-CsPoolUpgradeReadinessState).State",
    "#",
    "<#",
    "#>",
    "@'\n",
    "\n'@",
    "–",
    "”",
    "é",
    "\u{feff}",
    "\r\n",
    "--%",
    "&",
    "%",
    "?",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_in_any_order(words in prop::collection::vec(prop::sample::select(SOUP), 0..60)) {
        hangs_together(&read_text(&words.join(" ")));
    }

    #[test]
    fn scripts_with_pieces_cut_out_and_put_in(
        at in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(SOUP)), 1..5),
    ) {
        let scripts = scripts();
        let mut text: Vec<char> = at.get(&scripts).chars().collect();
        for (at, length, word) in cuts {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, word.chars());
        }
        hangs_together(&read_text(&text.into_iter().collect::<String>()));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(text) = decode(&bytes) {
            hangs_together(&read_text(&text));
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        hangs_together(&read_text(&text));
    }
}

#[test]
fn scripts_end_however_they_loop_and_recurse() {
    for script in [
        "function f { f } f",
        "function f($n) { f ($n + 1); f ($n + 2) } f 1",
        "$i = 0; while ($true) { $i++ }",
        "for (;;) { for (;;) { $x += 'a' } }",
        "1..10000 | % { 1..10000 | % { Restart-Computer fe1 } }",
        "foreach ($a in 1..1000) { foreach ($b in 1..1000) { if ((Read-Host x) -eq $a) { $c += $b; Restart-Computer fe1 } } }",
        "$a = @(1); foreach ($i in 1..60) { $a += $a }",
        "$a = 1; while ($true) { while ((Read-Host x) -eq 'y') { $a = ,$a } }",
        "$a = @{}; while ($true) { while ((Read-Host x) -eq 'y') { $a = @{ a = $a } } }",
        "while (1) { while (Read-Host) { $o = (($o -or (Test-Connection fe1 -Quiet)) -and -not (Test-Connection fe2 -Quiet)) } }",
        "$a = 'x'; foreach ($i in 1..60) { $a += $a }",
    ] {
        let started = Instant::now();
        hangs_together(&read_text(script));
        assert!(started.elapsed().as_secs() < 20, "{script}: {:?}", started.elapsed());
    }
}

/// What fuzzing began with and what it found: `fuzz/README.md` says how it is run.
#[test]
fn what_fuzzing_found_is_read_in_time() {
    let mut count = 0;
    for entry in
        std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/runbook")).unwrap()
    {
        let path = entry.unwrap().path();
        let Ok(text) = decode(&std::fs::read(&path).unwrap()) else { continue };
        let started = Instant::now();
        hangs_together(&read_text(&text));
        assert!(started.elapsed().as_secs() < 20, "{}: {:?}", path.display(), started.elapsed());
        count += 1;
    }
    assert!(count > 100, "only {count} files");
}

#[test]
fn deep_nesting_is_given_up_not_crashed_on() {
    for (open, close) in [
        ("(", ")"),
        ("{", "}"),
        ("if ($true) {", "}"),
        ("$(", ")"),
        ("@(", ")"),
        ("\"$(", ")\""),
        ("-not ", ""),
        ("!", ""),
        ("++", ""),
        ("+", "$x"),
        ("-", "$x--"),
        ("foreach ($x in 1) {", "}"),
    ] {
        for depth in [50, 500, 5000] {
            hangs_together(&read_text(&format!("{}1{}", open.repeat(depth), close.repeat(depth))));
        }
    }
}

/// What an administrator's script repeats, `bytes` of it.
fn long_script(bytes: usize) -> String {
    let piece = "# Take the next server out, patch it, put it back.\n\
        foreach ($server in (Get-CsPool pool1).Computers) {\n\
        \x20   Write-Host \"Working on $server at $(Get-Date)\" -ForegroundColor Green\n\
        \x20   if ($server -ne 'fe9') { Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false }\n\
        \x20   do { Start-Sleep -Seconds 30; $svc = Get-CsWindowsService -Name RTCSRV -ComputerName $server } until ($svc.Status -eq 'Stopped')\n\
        \x20   $log += \"$server done\"\n\
        }\n";
    piece.repeat(bytes / piece.len())
}

/// The processor time of this thread, which does not depend on how busy the machine is; elsewhere than on Linux the
/// time on the wall.
fn busy(begin: Instant) -> Duration {
    let kept = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = kept.and_then(|text| text.split_whitespace().next()?.parse().ok());
    spent.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

/// Under 200 ms for 250 kB in a release build, half of it the grammar's. How fast this build is says nothing of that; that
/// the work grows as the script does says it for every build.
#[test]
fn a_long_script_reads_in_time_that_grows_as_it_does() {
    let begin = Instant::now();
    let spent = |bytes: usize| {
        let script = long_script(bytes);
        let once = || {
            let started = busy(begin);
            let procedure = read_text(&script);
            assert!(procedure.nodes.len() > bytes / 250);
            busy(begin) - started
        };
        (0..3).map(|_| once()).min().unwrap()
    };
    let (short, long) = (spent(62_500), spent(250_000));
    println!("62.5 kB: {short:?}, 250 kB: {long:?}");
    assert!(long < short * 8, "four times the script costs {long:?} after {short:?}");
}

/// Where looking for defects would take too long, the reader says from where on it did not.
#[test]
fn a_search_for_defects_that_is_cut_short_is_told() {
    let cut = |lines: usize| {
        let procedure = read_text(&"Stop-CsWindowsService -ComputerName fe1\n".repeat(lines));
        assert_eq!(procedure.nodes.len(), lines + 1);
        let told: Vec<_> = procedure.remarks.iter().filter(|remark| remark.code == "not-searched").collect();
        assert!(told.len() <= 1);
        let stays_out = |remark: &&Remark| remark.code == "stop-without-start";
        let found = procedure.remarks.iter().filter(stays_out).count();
        (found, told.first().map(|remark| remark.place.line_and_column().0))
    };
    assert_eq!(cut(1_000), (1_000, None));
    let (found, told) = cut(3_000);
    assert_eq!(told, Some(found + 1));
    assert!(found > 200);
}
