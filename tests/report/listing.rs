//! What was read of a runbook, as text and as JSON.

use poolproof::report::listing::{self, Listing};
use poolproof::report::sources::Sources;
use poolproof::report::text::Look;
use poolproof::runbook::Source;
use poolproof::runbook::powershell::read_alone;
use std::path::Path;
use std::sync::Arc;

const SCRIPT: &str = r#"param([Parameter(Mandatory)] [string] $Pool)
. .\common.ps1
foreach ($server in (Get-CsPool $Pool).Computers | Select-Object -First 2) {
    while ((Get-CsPoolFabricState $Pool) -match 'missing') { Start-Sleep 60 }
    try { Invoke-CsComputerFailOver $server -ErrorAction Stop } catch { exit 1 }
    for ($i = 0; $i -lt 10; $i++) {
        if ((Get-CsWindowsService -ComputerName $server -Name RTCSRV).Status -eq 'Stopped') { break }
        Start-Sleep 30
    }
    if ((Read-Host "Restart $server?") -eq 'y') { Restart-Server $server }
    Write-Host "$server is done"
    Invoke-CsComputerFailBak $server
}
$job = Start-Job { Restart-Computer fe3 }
Wait-Job $job
"#;

fn read(script: &str) -> (Listing, Sources) {
    let source = Arc::new(Source::new("patch.ps1", script));
    let files = |path: &str| {
        let text = "function Restart-Server($name) { Restart-Computer $name -Wait }\n";
        (path == "common.ps1").then(|| Arc::new(Source::new(path, text)))
    };
    let alone = read_alone(&source, false, &files);
    let mut listing = Listing::new("patch.ps1", None);
    listing.add_alone(&alone);
    let mut sources = Sources::none();
    alone.procedure.sources().iter().for_each(|source| sources.insert(source));
    (listing, sources)
}

#[test]
fn a_runbook_for_a_person() {
    let (listing, sources) = read(SCRIPT);
    insta::assert_snapshot!(listing::render(&listing, &sources, &Look::default()));
}

#[test]
fn a_narrow_terminal_and_no_sources() {
    let (listing, _) = read(SCRIPT);
    let look = Look { width: 60, ..Look::default() };
    let text = listing::render(&listing, &Sources::none(), &look);
    assert!(text.lines().all(|line| line.chars().count() <= 60 || !line.trim().contains(' ')), "{text}");
    assert!(!text.contains(",-["));
}

#[test]
fn a_runbook_for_a_program() {
    let (listing, _) = read("Stop-CsWindowsService -ComputerName fe1\nStart-CsWindowsService -ComputerName fe1\n");
    insta::assert_snapshot!(listing::to_json(&listing));
}

#[test]
fn the_published_schema_is_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/runbook.schema.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, listing::schema()).expect("docs/ is writable");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == listing::schema(), "docs/runbook.schema.json is old; run with UPDATE_DOCS=1 and review");
}

#[test]
fn every_listing_matches_the_schema_and_reads_back() {
    let schema = serde_json::from_str(&listing::schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for script in [SCRIPT, "", "foo | bar; while ($true) { }"] {
        let (listing, _) = read(script);
        let text = listing::to_json(&listing);
        let value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(serde_json::from_str::<Listing>(&text).expect("a listing"), listing);
    }
}
