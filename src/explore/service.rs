//! The answers to a browser: a page, its look, its script, and three questions that it asks.
//!
//! Invariant: nothing but what is embedded here and what [`Explorer`] says is ever served. A request that was meant for
//! another host, or that another site's page makes, is refused: a page on the internet whose name suddenly leads to this
//! machine must learn nothing.

use super::Explorer;
use super::position::Position;
use super::view::Found;
use crate::report::page::STYLE;
use crate::report::wording;
use crate::verdict::judge::CheckError;
use crate::verdict::options::{CheckOptions, Progress};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// What an answer depends on of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// The path with its query, as it was sent.
    pub url: String,
    /// Every `Host` header.
    pub hosts: Vec<String>,
    /// Every `Origin` header.
    pub origins: Vec<String>,
    /// The `Sec-Fetch-Site` header, which a browser sends and no script can forge.
    pub fetch_site: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// The headers of every answer: nothing is kept, nothing is fetched from elsewhere, nobody else may show or read it.
pub const HEADERS: &[(&str, &str)] = &[
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
];

/// The files, by path.
const FILES: &[(&str, &str, &str)] = &[
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/style.css", "text/css; charset=utf-8", STYLE),
    ("/explore.css", "text/css; charset=utf-8", include_str!("page/explore.css")),
    ("/explore.js", "text/javascript; charset=utf-8", include_str!("page/explore.js")),
];

const JSON: &str = "application/json";

/// How far the check is that runs beside the walk.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "check", rename_all = "kebab-case")]
pub enum Check {
    /// It runs.
    Running {
        /// How far it has come, in words.
        words: String,
    },
    /// It has ended.
    Done {
        /// What it found, a property an entry.
        found: Vec<Found>,
    },
    /// It could not be carried out.
    Failed {
        /// Why.
        words: String,
    },
}

/// What went wrong with a question.
#[derive(Serialize)]
struct Refusal {
    error: String,
}

/// Answers the requests of one walk.
#[derive(Debug)]
pub struct Service {
    explorer: Explorer,
    /// The hosts under which it may be asked: `127.0.0.1:4477`.
    hosts: Vec<String>,
    check: Arc<Mutex<Check>>,
}

impl Service {
    /// A service on a port of this machine.
    pub fn new(explorer: Explorer, port: u16) -> Service {
        let check = Check::Running { words: "The check begins.".to_owned() };
        let hosts = ["127.0.0.1", "localhost"].map(|host| match port {
            80 => host.to_owned(),
            _ => format!("{host}:{port}"),
        });
        Service { explorer, hosts: hosts.into(), check: Arc::new(Mutex::new(check)) }
    }

    /// Checks the scenario while others walk, and keeps what is found.
    pub fn check(&self, options: &CheckOptions) -> Result<(), CheckError> {
        let told = Arc::clone(&self.check);
        let heard = options.progress.clone();
        let tell = move |progress: Progress| {
            heard.iter().for_each(|hear| hear(progress));
            set(&told, Check::Running { words: words(progress) });
        };
        let options = CheckOptions { progress: Some(Arc::new(tell)), ..options.clone() };
        let found = self.explorer.check(&options);
        let check = match &found {
            Ok(found) => Check::Done { found: found.clone() },
            Err(error) => Check::Failed { words: error.to_string() },
        };
        set(&self.check, check);
        found.map(|_| ())
    }

    /// The answer to a request.
    pub fn answer(&self, request: &Request) -> Answer {
        if let Err(refused) = self.admit(request) {
            return refused;
        }
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        if let Some((_, content_type, body)) = FILES.iter().find(|(known, _, _)| *known == path) {
            return Answer { status: 200, content_type, body: (*body).to_owned() };
        }
        // A link from elsewhere may open the page; only the page may ask.
        if !matches!(request.fetch_site.as_deref(), None | Some("same-origin" | "none")) {
            return refusal(403, "another site's page has no business here");
        }
        match path {
            "/api/overview" => json(200, &self.explorer.overview()),
            "/api/position" => self.position(query),
            "/api/check" => json(200, &*self.check.lock().unwrap_or_else(PoisonError::into_inner)),
            _ => refusal(404, "there is nothing of this name"),
        }
    }

    fn admit(&self, request: &Request) -> Result<(), Answer> {
        let known = |host: &str| self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host));
        if !matches!(&request.hosts[..], [host] if known(host)) {
            return Err(refusal(421, "this is not the host that was asked for"));
        }
        if !request.origins.iter().all(|origin| origin.strip_prefix("http://").is_some_and(known)) {
            return Err(refusal(403, "another site's page has no business here"));
        }
        match request.method.as_str() {
            "GET" | "HEAD" => Ok(()),
            _ => Err(refusal(405, "there is nothing to change here: only GET is answered")),
        }
    }

    fn position(&self, query: &str) -> Answer {
        // Numbers, dots and a hyphen: nothing that a query would have to encode.
        let at = query.split('&').find_map(|part| part.strip_prefix("at=")).unwrap_or("");
        match at.parse::<Position>().and_then(|position| self.explorer.view(&position)) {
            Ok(view) => json(200, &view),
            Err(error) => refusal(400, &error.to_string()),
        }
    }
}

fn set(check: &Mutex<Check>, value: Check) {
    *check.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn words(progress: Progress) -> String {
    format!(
        "The check has found {} so far, up to {} deep.",
        wording::count(progress.states, "state", "states"),
        wording::count(progress.depth, "step", "steps")
    )
}

fn json(status: u16, value: &impl Serialize) -> Answer {
    match serde_json::to_string(value) {
        Ok(body) => Answer { status, content_type: JSON, body },
        Err(error) => refusal(500, &error.to_string()),
    }
}

fn refusal(status: u16, error: &str) -> Answer {
    let body = serde_json::to_string(&Refusal { error: error.to_owned() }).unwrap_or_default();
    Answer { status, content_type: JSON, body }
}
