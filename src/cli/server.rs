//! The HTTP server behind `poolproof explore`: what comes in goes to the [`Service`], and its answers go out.
//!
//! Invariant: nobody keeps anybody else waiting. A connection waits for its own bytes alone, whatever it has announced
//! and never sends, and an answer that takes long is computed on a thread of its own.

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use poolproof::explore::service::{self, Answer, HEADERS, Service};
use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

/// The most bytes of a request before its body; no link of the page comes near it. A body is read by nobody.
const MOST_HEAD: usize = 64 << 10;

/// In this time a request has to be complete up to its body, and a connection that is kept has to have another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a wish to end is looked for, and how long nothing is accepted when the system allows no more connections.
const PAUSE: Duration = Duration::from_millis(100);

/// A port of this machine that is listened on.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Only this machine can reach it. Port 0 is any that is free.
    pub fn listen(port: u16) -> io::Result<Server> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let port = listener.local_addr()?.port();
        Ok(Server { runtime, listener, port })
    }

    /// The port that was asked for or found.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the flag is set.
    pub fn serve(self, service: Arc<Service>, interrupt: &AtomicBool) {
        self.runtime.spawn(accept(self.listener, service));
        self.runtime.block_on(async {
            while !interrupt.load(Ordering::SeqCst) {
                sleep(PAUSE).await;
            }
        });
        // An answer that is still being computed is not waited for.
        self.runtime.shutdown_background();
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(MOST_HEAD).title_case_headers(true);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        let service = Arc::clone(&service);
        let answering = service_fn(move |request| answer(Arc::clone(&service), request));
        let connection = http.serve_connection(TokioIo::new(stream), answering);
        tokio::spawn(async {
            // A browser that went away, or sent what is no request, needs nothing more.
            let _ = connection.await;
        });
    }
}

async fn answer(
    service: Arc<Service>,
    request: Request<Incoming>,
) -> Result<Response<String>, Box<dyn Error + Send + Sync>> {
    let request = plain(&request);
    let Answer { status, content_type, body } = tokio::task::spawn_blocking(move || service.answer(&request)).await?;
    let response = Response::builder().status(status).header("Content-Type", content_type);
    let response = HEADERS.iter().fold(response, |response, (name, value)| response.header(*name, *value));
    Ok(response.body(body)?)
}

/// What an answer depends on. A value that is no text stays one that nobody expects.
fn plain(request: &Request<Incoming>) -> service::Request {
    let values = |name: &str| -> Vec<String> {
        let values = request.headers().get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    };
    service::Request {
        method: request.method().to_string(),
        url: request.uri().to_string(),
        hosts: values("Host"),
        origins: values("Origin"),
        fetch_site: values("Sec-Fetch-Site").pop(),
    }
}
