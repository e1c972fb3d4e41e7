//! Walking through the states by hand: positions, what is shown, the service, the page in a browser.

mod browser;
mod positions;
mod server;
mod service;
mod views;
#[path = "../webdriver/mod.rs"]
mod webdriver;

use poolproof::explore::Explorer;
use poolproof::explore::position::Position;
use poolproof::explore::view::View;
use poolproof::scenario::Scenario;
use poolproof::verdict::options::CheckOptions;
use serde::Serialize;
use std::path::Path;

/// A shipped scenario.
fn shipped(name: &str) -> Explorer {
    let (file, scenario) = load(name);
    let options = CheckOptions { file, ..CheckOptions::default() };
    Explorer::new(&scenario, &options).expect("a shipped scenario is not too large")
}

/// The file of a shipped scenario and what is in it; tests run in the folder of the package.
fn load(name: &str) -> (String, Scenario) {
    let file = format!("models/{name}/scenario.toml");
    let scenario = poolproof::scenario::load(Path::new(&file)).unwrap_or_else(|error| panic!("{name}: {error}"));
    (file, scenario)
}

/// As it is sent, without the marks of states: they change whenever the model remembers something else.
fn pretty(sent: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(sent).expect("plain data");
    regex::Regex::new("-[0-9a-f]{8}\"").expect("a pattern").replace_all(&text, "-MARK\"").into_owned()
}

/// The view at a link that has to lead somewhere.
fn view(explorer: &Explorer, link: &str) -> View {
    let position: Position = link.parse().unwrap_or_else(|error| panic!("{link}: {error}"));
    explorer.view(&position).unwrap_or_else(|error| panic!("{link}: {error}"))
}
