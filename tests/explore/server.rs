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

    /// Sends bytes and gives back all that comes until the server closes or says no more.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out can be set");
        stream.write_all(request.as_bytes()).expect("it reads");
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
fn no_path_leads_to_a_file_and_no_request_is_too_long_for_it() {
    let serving = Serving::new(SCENARIO);
    let own = serving.own();
    for path in [
        "/../../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/style.css/../../Cargo.toml",
        "/style.css%00.html",
        "/.git/config",
        "file:///etc/passwd",
    ] {
        let answer = serving.get(path, &own);
        assert!(answer.starts_with("HTTP/1.1 404 ") && !answer.contains("root:"), "{path}: {answer}");
    }
    for path in [format!("/{}", "x".repeat(1 << 20)), format!("/api/position?at=0{}", ".0".repeat(1 << 19))] {
        let answer = serving.get(&path, &own);
        assert!(answer.starts_with("HTTP/1.1 40"), "{}", answer.lines().next().unwrap_or(""));
    }
    let many: String = (0..20_000).map(|number| format!("X-{number}: 1\r\n")).collect();
    let request = format!("GET /api/overview HTTP/1.1\r\nHost: {own}\r\n{many}Connection: close\r\n\r\n");
    assert!(serving.raw(&request).starts_with("HTTP/1.1 200 "));
    // Bodies that are announced and never come keep nobody else waiting.
    let mut open = Vec::new();
    for length in ["2000", "1000000000000", "18446744073709551615", "99999999999999999999999", "-1"] {
        let request = format!("POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: {length}\r\n\r\nx");
        let mut stream = TcpStream::connect(("127.0.0.1", serving.port)).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        open.push(stream);
        // Of connections that come at the same instant one may be queued behind another that never ends, by the library that
        // takes them up.
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(serving.get("/", &own).starts_with("HTTP/1.1 200 "));
    // To leave half a request open keeps nobody waiting either.
    let mut half = TcpStream::connect(("127.0.0.1", serving.port)).expect("it listens");
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("it reads");
    assert!(serving.get("/", &own).starts_with("HTTP/1.1 200 "));
    let headed = serving.raw(&format!("HEAD / HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n"));
    assert!(headed.starts_with("HTTP/1.1 200 ") && !headed.contains("<title>"), "{headed}");
    assert!(serving.get("/", &format!("evil.example:{}", serving.port)).starts_with("HTTP/1.1 421 "));
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
