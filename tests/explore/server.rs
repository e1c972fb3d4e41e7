//! The command as it serves: on this machine alone, until it is interrupted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running `poolproof explore`; it ends with the test.
pub struct Serving {
    child: Child,
    pub port: u16,
}

impl Serving {
    pub fn new(scenario: &str) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_poolproof"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["explore", scenario, "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        let mut said = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut said).expect("it says where it serves");
        let port =
            said.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).and_then(|port| port.parse().ok());
        Serving { child, port: port.unwrap_or_else(|| panic!("no port in: {said}")) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
        stream
    }

    /// A connection on which this was sent, and no more.
    fn left_open(&self, request: &str) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("it reads");
        stream
    }

    /// Sends bytes and gives back all that comes until the server closes or says no more. It may close before it has read all.
    fn raw(&self, request: &str) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str, host: &str) -> String {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
    }

    fn own(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    #[cfg(unix)]
    fn interrupt(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        let patience = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < patience, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SCENARIO: &str = "models/two-shells-three-front-ends/scenario.toml";

#[test]
fn it_serves_the_page_and_refuses_strangers() {
    let serving = Serving::new(SCENARIO);
    let page = serving.get("/", &serving.own());
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    for header in
        ["Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff", "Cache-Control: no-store"]
    {
        assert!(page.contains(header), "{header}: {page}");
    }
    assert!(page.contains("<title>poolproof explore</title>"));
    assert!(serving.get("/api/position?at=0.1", &serving.own()).contains("\"way\":[{"));
    assert!(serving.get("/", "evil.example").starts_with("HTTP/1.1 421 "));
    assert!(serving.get("/", &format!("evil.example:{}", serving.port)).starts_with("HTTP/1.1 421 "));
    assert!(serving.get("/etc/passwd", &serving.own()).starts_with("HTTP/1.1 404 "));
    assert!(serving.get("/api/position?at=0.99", &serving.own()).starts_with("HTTP/1.1 400 "));
    let posted =
        format!("POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", serving.own());
    assert!(serving.raw(&posted).starts_with("HTTP/1.1 405 "));
    let foreign = format!(
        "GET /api/check HTTP/1.1\r\nHost: {}\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n",
        serving.own()
    );
    assert!(serving.raw(&foreign).starts_with("HTTP/1.1 403 "));
    // Nonsense is no reason to end.
    serving.raw("nonsense\r\n\r\n");
    assert!(serving.get("/", &serving.own()).starts_with("HTTP/1.1 200 "));
}

#[test]
fn no_path_leads_to_a_file() {
    let serving = Serving::new(SCENARIO);
    for path in [
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/style.css/../../Cargo.toml",
        "/style.css%00.html",
        "/.git/config",
        "file://localhost/etc/passwd",
    ] {
        let answer = serving.get(path, &serving.own());
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("root:"), "{path}: {answer}");
    }
    // Without a host it is no address of a request.
    let answer = serving.get("file:///etc/passwd", &serving.own());
    assert!(answer.starts_with("HTTP/1.1 400 ") && !answer.contains("root:"), "{answer}");
}

#[test]
fn what_is_too_long_is_refused_and_nothing_else() {
    let serving = Serving::new(SCENARIO);
    let own = serving.own();
    let headed = |path: &str, headers: usize| {
        let headers: String = (0..headers).map(|number| format!("X-{number}: 1\r\n")).collect();
        serving.raw(&format!("GET {path} HTTP/1.1\r\nHost: {own}\r\n{headers}Connection: close\r\n\r\n"))
    };
    // The longest way that there may be, of steps with four digits.
    let longest = format!("/api/position?at=0{}", ".1000".repeat(2000));
    let answer = headed(&longest, 90);
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("cannot be number 1000"), "{answer}");
    assert!(headed(&format!("/{}", "x".repeat(60_000)), 0).starts_with("HTTP/1.1 404 "));
    assert!(headed("/api/overview", 1_000).starts_with("HTTP/1.1 431 "));
    // A refusal may be lost where the server closes before all of the request has come.
    for (path, headers) in [
        (format!("/{}", "x".repeat(1 << 20)), 0),
        (format!("/api/position?at=0{}", ".0".repeat(1 << 19)), 0),
        ("/api/overview".to_owned(), 20_000),
    ] {
        let answer = headed(&path, headers);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{}", answer.lines().next().unwrap_or(""));
    }
    assert!(serving.get("/", &own).starts_with("HTTP/1.1 200 "));
}

#[test]
fn nobody_keeps_anybody_else_waiting() {
    let serving = Serving::new(SCENARIO);
    let own = serving.own();
    let announced = |length: &str| format!("POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: {length}\r\n\r\nx");
    let never_ending = [
        announced("2000"),
        announced("1000000000000"),
        announced("18446744073709551615"),
        announced("99999999999999999999999"),
        announced("-1"),
        format!("GET / HTTP/1.1\r\nHost: {own}\r\nContent-Length: 2000\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: {own}\r\nTransfer-Encoding: chunked\r\n\r\n1"),
        "GET / HTTP/1.1\r\nHost: ".to_owned(),
        String::new(),
    ];
    let begun = Instant::now();
    let mut open = Vec::new();
    for _ in 0..16 {
        for request in &never_ending {
            open.push(serving.left_open(request));
            // In the same instant as those that never end, and after them.
            assert!(serving.get("/", &own).starts_with("HTTP/1.1 200 "), "behind {request}");
        }
        open.extend(never_ending.iter().map(|request| serving.left_open(request)));
        assert!(serving.get("/api/position?at=0.1", &own).starts_with("HTTP/1.1 200 "));
    }
    // None of them had to end first.
    assert!(begun.elapsed() < Duration::from_secs(4), "{} were waited for: {:?}", open.len(), begun.elapsed());
}

#[test]
fn no_connection_lives_for_ever() {
    let serving = Serving::new(SCENARIO);
    let own = serving.own();
    // Half a request, none, one that is answered and followed by none, and one whose body does not come.
    let requests = [
        format!("GET / HTTP/1.1\r\nHost: {own}"),
        String::new(),
        format!("GET / HTTP/1.1\r\nHost: {own}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: 2000\r\n\r\nx"),
    ];
    let open: Vec<TcpStream> = requests.iter().map(|request| serving.left_open(request)).collect();
    let ends = open.into_iter().map(|mut stream| {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server closes before the client gives up");
        String::from_utf8_lossy(&answer).chars().take(12).collect::<String>()
    });
    assert_eq!(ends.collect::<Vec<_>>(), ["", "", "HTTP/1.1 200", "HTTP/1.1 405"]);
}

#[test]
fn a_connection_is_kept_and_the_head_of_an_answer_is_that_of_the_whole() {
    let serving = Serving::new(SCENARIO);
    let request = |method: &str, more: &str| format!("{method} / HTTP/1.1\r\nHost: {}\r\n{more}\r\n", serving.own());
    let both = serving.raw(&(request("HEAD", "") + &request("GET", "Connection: close\r\n")));
    let parts: Vec<&str> = both.split("HTTP/1.1 200 OK\r\n").collect();
    let ["", head, whole] = parts[..] else { panic!("{both}") };
    let (fields, body) = whole.split_once("\r\n\r\n").expect("a body");
    let field = |name: &str| {
        let find = |fields: &str| fields.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        (find(head), find(fields))
    };
    for name in ["Content-Length: ", "Content-Type: ", "Content-Security-Policy: "] {
        let (head, whole) = field(name);
        assert!(head.is_some() && head == whole, "{name}: {head:?} {whole:?}");
    }
    assert_eq!(field("Content-Length: ").1, Some(body.len().to_string()));
    assert!(head.ends_with("\r\n\r\n") && !head.contains("<title>") && body.contains("<title>"), "{head}");
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_else_can_reach_it() {
    let serving = Serving::new(SCENARIO);
    // All of 127.0.0.0/8 is this machine, but only what listens on every address answers on 127.0.0.2.
    assert!(TcpStream::connect(("127.0.0.2", serving.port)).is_err());
    assert!(TcpStream::connect(("::1", serving.port)).is_err());
}

#[test]
#[cfg(unix)]
fn an_interruption_is_how_it_ends() {
    assert_eq!(Serving::new(SCENARIO).interrupt().code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = taken.local_addr().expect("it has an address").port().to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_poolproof"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["explore", SCENARIO, "--port", &port])
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("cannot listen on port {port}")) && said.contains("--port 0"), "{said}");
}
