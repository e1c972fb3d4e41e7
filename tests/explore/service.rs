//! The answers to requests, without a socket.

use crate::{pretty, shipped};
use poolproof::explore::service::{Answer, HEADERS, Request, Service};
use poolproof::verdict::options::CheckOptions;
use serde_json::Value;

fn service() -> Service {
    Service::new(shipped("two-shells-three-front-ends"), 4477)
}

fn get(url: &str) -> Request {
    Request { method: "GET".into(), url: url.into(), hosts: vec!["127.0.0.1:4477".into()], ..Request::default() }
}

fn error(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).expect("a refusal is JSON");
    body["error"].as_str().expect("it says why").to_owned()
}

#[test]
fn the_page_is_whole_and_asks_nobody_else() {
    let service = service();
    for (url, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/explore.css", "text/css; charset=utf-8"),
        ("/explore.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = service.answer(&get(url));
        assert_eq!((answer.status, answer.content_type), (200, content_type), "{url}");
        assert!(
            !answer.body.contains("http:") && !answer.body.contains("https:") && !answer.body.contains("url("),
            "{url}"
        );
    }
    let page = service.answer(&get("/")).body;
    for part in
        page.split("href=\"").chain(page.split("src=\"")).skip(1).map(|rest| rest.split('"').next().unwrap_or(""))
    {
        let own = part.starts_with('#') || part.starts_with("data:") || part.starts_with("<!");
        assert!(own || service.answer(&get(part)).status == 200, "{part}");
    }
}

#[test]
fn only_this_machine_may_be_asked_for() {
    let service = service();
    let with = |hosts: &[&str]| {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        service.answer(&Request { hosts, ..get("/api/overview") }).status
    };
    for host in ["127.0.0.1:4477", "localhost:4477", "LOCALHOST:4477"] {
        assert_eq!(with(&[host]), 200, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:4477",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:4477.evil.example",
        "",
        "0.0.0.0:4477",
    ] {
        assert_eq!(with(&[host]), 421, "{host}");
    }
    assert_eq!(with(&[]), 421);
    assert_eq!(with(&["127.0.0.1:4477", "evil.example"]), 421);
    // A browser leaves out the port of the protocol.
    let on_80 = Service::new(shipped("two-shells-three-front-ends"), 80);
    let status = |host: &str| on_80.answer(&Request { hosts: vec![host.into()], ..get("/") }).status;
    assert_eq!((status("localhost"), status("localhost:80")), (200, 421));
}

#[test]
fn a_page_of_another_site_learns_nothing() {
    let service = service();
    let from = |origin: &str| service.answer(&Request { origins: vec![origin.into()], ..get("/api/overview") }).status;
    assert_eq!((from("http://127.0.0.1:4477"), from("http://localhost:4477")), (200, 200));
    for origin in ["http://evil.example", "null", "https://127.0.0.1:4477", "http://127.0.0.1:4478", ""] {
        assert_eq!(from(origin), 403, "{origin}");
    }
    let site = |url: &str, site: &str| service.answer(&Request { fetch_site: Some(site.into()), ..get(url) }).status;
    for own in ["same-origin", "none"] {
        assert_eq!(site("/api/position?at=0", own), 200, "{own}");
    }
    for foreign in ["cross-site", "same-site", "anything"] {
        assert_eq!(site("/api/position?at=0", foreign), 403, "{foreign}");
        assert_eq!(site("/api/overview", foreign), 403, "{foreign}");
        assert_eq!(site("/api/check", foreign), 403, "{foreign}");
        // A link in a mail may open the page.
        assert_eq!(site("/", foreign), 200, "{foreign}");
    }
}

#[test]
fn nothing_else_is_served() {
    let service = service();
    for url in [
        "/x",
        "/api",
        "/api/",
        "/api/overview/",
        "//",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/style.css/",
        "",
        "*",
        "http://127.0.0.1:4477/",
    ] {
        let answer = service.answer(&get(url));
        assert_eq!((answer.status, error(&answer)), (404, "there is nothing of this name".into()), "{url}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get"] {
        let answer = service.answer(&Request { method: method.into(), ..get("/") });
        assert_eq!(answer.status, 405, "{method}");
    }
}

#[test]
fn a_position_that_is_none_is_a_clean_error() {
    let service = service();
    for (at, said) in [
        ("x", "not a position"),
        ("99", "no run has the beginning 99"),
        ("0.99", "step 1 of the way cannot be number 99"),
        ("0.99999999999999999999", "not a position"),
        ("0-00000000", "the scenario has changed"),
        ("%30", "not a position"),
    ] {
        let answer = service.answer(&get(&format!("/api/position?at={at}")));
        assert_eq!(answer.status, 400, "{at}");
        assert!(error(&answer).contains(said), "{at}: {}", answer.body);
    }
    assert_eq!(service.answer(&get("/api/position")).status, 200);
    assert_eq!(service.answer(&get("/api/position?x=1&at=0.0")).status, 200);
}

#[test]
fn the_check_tells_how_far_it_is_and_what_it_found() {
    let service = service();
    let told = || -> Value { serde_json::from_str(&service.answer(&get("/api/check")).body).expect("JSON") };
    assert_eq!(told()["check"], "running");
    service.check(&CheckOptions::default()).expect("it can be checked");
    insta::assert_snapshot!(pretty(&told()));
}

#[test]
fn every_answer_forbids_what_the_page_does_not_need() {
    let policy = HEADERS.iter().find(|(name, _)| *name == "Content-Security-Policy").expect("a policy").1;
    for part in ["default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'", "script-src 'self'"] {
        assert!(policy.contains(part), "{part}");
    }
    assert!(!policy.contains("unsafe"));
}
