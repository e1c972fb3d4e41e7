//! `poolproof explore`: a page on this machine on which a person walks through the states.

use super::error::CliError;
use super::exit::Exit;
use super::limits::Limits;
use super::{engine, names, output, progress};
use poolproof::explore::Explorer;
use poolproof::explore::service::{Answer, HEADERS, Request, Service};
use poolproof::scenario::property::PropertyName;
use poolproof::verdict::options::Engine;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tiny_http::{Header, Response, Server};

/// The largest body of a request, in bytes, that is thrown away before the answer. Nobody has anything to send here: a
/// request with a larger one gets no answer.
const MOST_BODY: usize = 1024;

const EXAMPLES: &str = "\
Examples:
  poolproof explore scenario.toml
  poolproof explore scenario.toml --port 0       any port that is free
  poolproof explore scenario.toml --timeout 1m   the walk goes on when the check has given up

The page is served to this machine alone, until Ctrl-C. Its address always holds the way to the state that is shown, so
a link or a bookmark leads back to it.";

/// Serves a local page on which you walk through the states by hand: what can happen next, how everything stands
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The scenario file
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The port on 127.0.0.1; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 4477)]
    port: u16,
    /// Shows this property in place of those that the scenario names; may be repeated
    #[arg(long = "property", short, value_name = "NAME", value_parser = names::property(), hide_possible_values = true)]
    properties: Vec<PropertyName>,
    #[command(flatten)]
    limits: Limits,
}

/// Serves until Ctrl-C. The check runs beside it and shows the ways to its counterexamples when it has ended.
pub fn run(args: Args) -> miette::Result<Exit> {
    let name = engine::name(&args.file);
    let scenario = engine::load(&args.file)?;
    let options = args.limits.options(&name, &args.properties)?;
    // The page shows how far the check has come.
    progress::done();
    if options.engine != Engine::Exact {
        return Err(CliError::OnlyExact.into());
    }
    let explorer =
        Explorer::new(&scenario, &options).map_err(|error| CliError::Check { file: options.file.clone(), error })?;
    let (server, port) = listen(args.port)?;
    let service = Arc::new(Service::new(explorer, port));
    let checking = Arc::clone(&service);
    let interrupt = Arc::clone(&options.interrupt);
    std::thread::spawn(move || {
        // What went wrong with the check is shown on the page.
        let _ = checking.check(&options);
    });
    output::print(&format!("exploring {name} at http://127.0.0.1:{port}/ (Ctrl-C ends it)\n"))?;
    while !interrupt.load(Ordering::SeqCst) {
        if let Ok(Some(request)) = server.recv_timeout(Duration::from_millis(100)) {
            if request.body_length().is_some_and(|length| length > MOST_BODY) {
                // To drop it would read the whole body first, into a buffer as large as the request claims.
                std::mem::forget(request);
                continue;
            }
            let answer = service.answer(&plain(&request));
            // The body of a request is read to its end before it is done with, which may be never: nobody else waits for it.
            let bodied = request.body_length().is_some_and(|length| length > 0);
            // A browser that went away needs no answer.
            let respond = move || drop(request.respond(response(answer)));
            if bodied {
                std::thread::spawn(respond);
            } else {
                respond();
            }
        }
    }
    Ok(Exit::Fine)
}

/// Only this machine can reach it.
fn listen(port: u16) -> Result<(Server, u16), CliError> {
    let fault = |error: std::io::Error| CliError::Port { port, error };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?.port();
    let server = Server::from_listener(listener, None).map_err(|error| fault(std::io::Error::other(error)))?;
    Ok((server, bound))
}

/// What an answer depends on.
fn plain(request: &tiny_http::Request) -> Request {
    let values = |name: &'static str| -> Vec<String> {
        let named = request.headers().iter().filter(|header| header.field.equiv(name));
        named.map(|header| header.value.to_string()).collect()
    };
    Request {
        method: request.method().to_string(),
        url: request.url().to_owned(),
        hosts: values("Host"),
        origins: values("Origin"),
        fetch_site: values("Sec-Fetch-Site").pop(),
    }
}

fn response(answer: Answer) -> Response<std::io::Cursor<Vec<u8>>> {
    let fixed = HEADERS.iter().copied().chain([("Content-Type", answer.content_type)]);
    let headers = fixed.filter_map(|(name, value)| Header::from_bytes(name, value).ok());
    let response = Response::from_string(answer.body).with_status_code(answer.status);
    headers.fold(response, |response, header| response.with_header(header))
}
