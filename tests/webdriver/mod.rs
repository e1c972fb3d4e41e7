//! Headless Chromium through its WebDriver; `test.sh` installs both.

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A driver; it ends with the test.
pub struct Driver {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Driver {
    pub fn new() -> Driver {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; Debian has it in chromium-driver");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let told = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split("successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse().ok()
        });
        Driver { child, port: told.expect("it says on which port"), folder: TempDir::new().expect("a folder") }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("browser.log")
    }

    /// What the browser wrote on its console.
    pub fn console(&self) -> Vec<String> {
        let log = std::fs::read(self.log()).expect("the browser keeps a log");
        let log = String::from_utf8_lossy(&log);
        log.lines().filter(|line| line.contains(":CONSOLE:")).map(str::to_owned).collect()
    }

    /// A browser that was started with these arguments beside those that all have.
    pub async fn session(&self, arguments: &[&str]) -> Client {
        let log = format!("--log-file={}", self.log().display());
        let own =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging", &log];
        let arguments: Vec<&str> = own.iter().chain(arguments).copied().collect();
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        // Chromedriver speaks plain HTTP.
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().expect("an object").clone())
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("a session begins")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
