//! The page for a change request, as a document. What a browser does with it is another test.

use crate::fixtures;
use poolproof::report::page::render;
use poolproof::report::sources::Sources;
use poolproof::runbook::Source;
use poolproof::verdict::Report;
use std::sync::Arc;

fn page(report: &mut Report) -> String {
    let sources = fixtures::runbook(report);
    render(report, &sources)
}

/// Writes the page of the fixtures for a person to look at, if `POOLPROOF_PAGE` names a file.
#[test]
fn the_page_says_everything_that_the_verdict_says() {
    let mut report = fixtures::everything();
    let html = page(&mut report);
    if let Some(path) = std::env::var_os("POOLPROOF_PAGE") {
        std::fs::write(path, &html).expect("the file can be written");
    }
    assert!(!html.contains("<pre>"), "{html}");
    let html = html.replace("&#x2f;", "/").replace("&#x27;", "'");
    for scenario in &report.scenarios {
        assert!(html.contains(&scenario.title) && html.contains(&scenario.file));
        for reading in &scenario.readings {
            assert!(html.contains(&reading.reading));
        }
        for property in &scenario.properties {
            assert!(html.contains(&property.name) && html.contains(&property.meaning));
        }
    }
    for text in ["fails over fe3", "steps 2-3 repeat for ever", "Install-Update $server", "here it fails", "for ever"] {
        assert!(html.contains(text), "{text}");
    }
}

#[test]
fn the_page_asks_no_other_address_for_anything() {
    let html = page(&mut fixtures::everything());
    for outside in ["http:", "https:", "src=", "url(http", "@import", "//cdn"] {
        let found = html.replace("http://www.w3.org/2000/svg", "").contains(outside);
        assert!(!found, "{outside}");
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn what_a_verdict_contains_is_never_markup() {
    let evil = "<script>alert(1)</script>\" onload=\"x' & <b>";
    let mut report = fixtures::report(vec![fixtures::forgotten_fail_back()]);
    let scenario = &mut report.scenarios[0];
    scenario.title = evil.to_owned();
    scenario.description = evil.to_owned();
    scenario.servers[0] = evil.to_owned();
    scenario.operators[0] = evil.to_owned();
    scenario.explored.engine = evil.to_owned();
    scenario.assumptions = vec![evil.to_owned()];
    let mut counterexample = fixtures::accumulation();
    counterexample.before.pools[0].name = evil.to_owned();
    for step in &mut counterexample.steps {
        step.actor = evil.to_owned();
        step.text = evil.to_owned();
        step.changes = vec![evil.to_owned()];
        step.after.servers[0].services = evil.to_owned();
        if let Some(place) = &mut step.place {
            place.text = evil.to_owned();
        }
    }
    scenario.properties[0].outcome = fixtures::violated(vec![Vec::new()], evil, Some(counterexample));
    let mut sources = Sources::none();
    sources.insert(&Arc::new(Source::new("models/forgotten-fail-back/patch.ps1", format!("{evil}\n").repeat(30))));
    let html = render(&report, &sources);
    assert_eq!(html.matches("<script>").count(), 1, "only the script of the page");
    assert!(!html.contains("<b>") && !html.contains("onload=\"x"));
}

#[test]
fn names_within_the_document_are_unique_and_links_lead_somewhere() {
    let html = page(&mut fixtures::everything());
    let values = |attribute: &str| -> Vec<String> {
        let pattern = format!(" {attribute}=\"");
        html.split(pattern.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let names = values("id");
    let mut unique = names.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names.len(), "{names:?}");
    for link in values("href").iter().filter_map(|link| link.strip_prefix('#')) {
        assert!(names.iter().any(|name| name == link), "{link}");
    }
    for label in values("aria-labelledby").iter().flat_map(|names| names.split(' ')) {
        assert!(names.iter().any(|name| name == label), "{label}");
    }
}

#[test]
fn drawings_show_what_was_taken() {
    let html = page(&mut fixtures::report(vec![fixtures::forgotten_fail_back()]));
    assert!(html.contains("id=\"s1-server-title\""), "a drawing of the machine");
    let never = "server: Failed over, full reset -&gt; Failed back";
    assert!(html.contains(never), "{never}");
}

#[test]
fn an_empty_report_is_a_page() {
    assert!(render(&fixtures::report(Vec::new()), &Sources::none()).contains("</html>"));
}
