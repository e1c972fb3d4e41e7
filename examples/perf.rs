//! perf
use poolproof::runbook::powershell::read;
use poolproof::runbook::{Context, Source};
use poolproof::topology::*;
use std::sync::Arc;
fn main() {
    let d = Deployment {
        version: Version::Sfb2015,
        pools: vec![Pool {
            fqdn: "pool1".into(),
            kind: PoolKind::Enterprise,
            members: (0..3).map(ServerId).collect(),
            back_end: None,
            hosts_management_store: false,
            paired_with: None,
        }],
        servers: (1..=3).map(|n| Server { fqdn: format!("fe{n}"), pool: PoolId(0), upgrade_domain: None }).collect(),
    };
    let c = Context { deployment: &d, machine: Some(ServerId(0)), arguments: &[], vocabulary: &[] };
    let piece = "# Take the next server out, patch it, put it back.\nforeach ($server in (Get-CsPool pool1).Computers) {\n    Write-Host \"Working on $server at $(Get-Date)\" -ForegroundColor Green\n    if ($server -ne 'fe9') { Invoke-CsComputerFailOver -ComputerName $server -Confirm:$false }\n    do { Start-Sleep -Seconds 30; $svc = Get-CsWindowsService -Name RTCSRV -ComputerName $server } until ($svc.Status -eq 'Stopped')\n    $log += \"$server done\"\n}\n";
    let s = piece.repeat(250_000 / piece.len());
    let t = std::time::Instant::now();
    let mut p = tree_sitter::Parser::new();
    p.set_language(&tree_sitter_powershell::LANGUAGE.into()).unwrap();
    let tree = p.parse(&s, None).unwrap();
    println!("parse {:?} {}", t.elapsed(), tree.root_node().has_error());
    for _ in 0..3 {
        let t = std::time::Instant::now();
        let p = read(Arc::new(Source { name: "x".into(), text: s.clone() }), &c);
        println!("read {:?} {}", t.elapsed(), p.nodes.len());
    }
}
