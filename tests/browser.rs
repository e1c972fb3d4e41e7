//! The page in a browser: keys, buttons, both colour schemes, print, no complaint of the browser, no address asked.

mod webdriver;

use fantoccini::key::Key;
use fantoccini::wd::PrintConfigurationBuilder;
use fantoccini::{Client, Locator};
use poolproof::report::page;
use poolproof::report::sources::Sources;
use poolproof::scenario::{self, Scenario};
use poolproof::verdict::options::CheckOptions;
use poolproof::verdict::{Report, SCHEMA_VERSION, check_scenario};
use serde_json::{Value, json};
use std::path::Path;
use webdriver::Driver;

/// A script that waits for ever for what nobody brings about.
const ENDLESS: &str = r#"
title = "Nobody fails back"
properties = ["returns-to-service", "runbook-completes", "one-out-at-a-time", "can-complete"]

[deployment]
version = "2015"

[[deployment.pool]]
name = "pool1"
front-ends = 3

[[operator]]
name = "alice"
steps = [
    "Invoke-CsComputerFailOver fe1",
    "do { Start-Sleep 10 } until ((Get-CsWindowsService -Name RTCSRV -ComputerName fe1).Status -eq 'Running')",
]
"#;

/// A page with a loop, and with two scripts that look before they act, in a folder of its own.
fn page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let endless = scenario::parse("endless.toml", ENDLESS, &scenario::Directory::new(folder.path()));
    let collision = scenario::load(Path::new("models/check-then-act/scenario.toml"));
    let mut sources = Sources::none();
    let mut verdict = |file: &str, read: Scenario| {
        sources.add(&read);
        check_scenario(&read, &CheckOptions { file: file.to_owned(), ..CheckOptions::default() }).expect("a verdict")
    };
    let scenarios = vec![
        verdict("endless.toml", endless.unwrap_or_else(|error| panic!("{error:?}"))),
        verdict("models/check-then-act/scenario.toml", collision.unwrap_or_else(|error| panic!("{error:?}"))),
    ];
    let poolproof = env!("CARGO_PKG_VERSION").to_owned();
    let report = Report { schema_version: SCHEMA_VERSION, poolproof, scenarios };
    std::fs::write(folder.path().join("review.html"), page::render(&report, &sources)).expect("a file");
    folder
}

async fn open(driver: &Driver, folder: &Path, scheme: &str) -> Client {
    let scheme = format!("--blink-settings=preferredColorScheme={}", if scheme == "dark" { 0 } else { 1 });
    let client = driver.session(&["--window-size=1200,1400", &scheme]).await;
    let page = folder.join("review.html").canonicalize().expect("the page");
    client.goto(&format!("file://{}", page.display())).await.expect("the page opens");
    client
}

fn in_a_browser(scheme: &str, test: impl AsyncFnOnce(Client)) {
    assert_eq!(browse(scheme, test), Vec::<String>::new(), "the browser has nothing to complain about");
}

/// What the browser complained about.
fn browse(scheme: &str, test: impl AsyncFnOnce(Client)) -> Vec<String> {
    let folder = page();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let driver = Driver::new();
        let client = open(&driver, folder.path(), scheme).await;
        test(client.clone()).await;
        client.close().await.expect("the session ends");
        driver.console()
    })
}

async fn run(client: &Client, script: &str) -> Value {
    client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{error}: {script}"))
}

/// The headings of the moments of the first story that can be seen.
async fn shown(client: &Client) -> Vec<String> {
    let script = "return [...document.querySelector('.story').querySelectorAll('.moment')]\
                  .filter(moment => moment.offsetParent !== null).map(moment => moment.querySelector('h5').textContent)";
    serde_json::from_value(run(client, script).await).expect("texts")
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn keys_and_buttons_go_through_a_story() {
    in_a_browser("light", async |client| {
        let find = async |what: &str| client.find(Locator::Css(what)).await.unwrap_or_else(|_| panic!("{what}"));
        let press = async |key: Key| {
            let active = client.active_element().await.expect("an element");
            active.send_keys(&char::from(key).to_string()).await.expect("a key");
        };
        let last = shown(&client).await;
        assert_eq!(last.len(), 1, "one moment at a time: {last:?}");
        assert!(last[0].starts_with("After step "), "{last:?}");
        find(".story [data-go=first]").await.click().await.expect("a click");
        assert_eq!(shown(&client).await, ["Before the first step"]);
        let active = client.active_element().await.expect("an element");
        let label = active.attr("aria-label").await.expect("an attribute");
        assert_eq!(label.as_deref(), Some("One step on"), "the focus is kept when a button is disabled");
        press(Key::Right).await;
        assert!(shown(&client).await[0].starts_with("After step 1: alice fails over fe1"));
        press(Key::End).await;
        assert_eq!(shown(&client).await, last);
        press(Key::Home).await;
        assert_eq!(shown(&client).await, ["Before the first step"]);
        let spoken = find(".story output").await.text().await.expect("a text");
        assert_eq!(spoken, "Before the first step", "a screen reader hears where it is");
        find(".story .step[data-step='2']").await.click().await.expect("a click");
        assert!(shown(&client).await[0].starts_with("After step 2: "));
        let current = find(".story .step[aria-current=step]").await.attr("data-step").await.expect("an attribute");
        assert_eq!(current.as_deref(), Some("2"));
    });
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn everything_that_can_be_used_has_a_name_and_a_place_in_the_order_of_keys() {
    in_a_browser("light", async |client| {
        let nameless = "return [...document.querySelectorAll('button, a, summary, [role=region], [role=group], [role=img], section')]\
            .filter(element => { const label = element.getAttribute('aria-label') || element.textContent.trim(); \
             const by = element.getAttribute('aria-labelledby'); \
             return !label && !(by && by.split(' ').every(id => document.getElementById(id))); })\
            .map(element => element.outerHTML.slice(0, 80))";
        assert_eq!(run(&client, nameless).await, json!([]));
        let jumps = "let last = 0; return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(heading => { \
             const level = Number(heading.tagName[1]); const jump = level > last + 1; last = level; return jump; })\
             .map(heading => heading.tagName + ' ' + heading.textContent)";
        assert_eq!(run(&client, jumps).await, json!([]), "headings go down one level at a time");
        let cells =
            "return [...document.querySelectorAll('table')].filter(table => !table.querySelector('th[scope]')).length";
        assert_eq!(run(&client, cells).await, json!(0), "every table has headers");
        let scrolls = "return [...document.querySelectorAll('.wide')].filter(box => box.tabIndex !== 0).length";
        assert_eq!(run(&client, scrolls).await, json!(0), "what scrolls can be scrolled by keys");
        assert_eq!(run(&client, "return document.documentElement.lang").await, json!("en"));
        for (width, height) in [(1200, 1400), (400, 800)] {
            client.set_window_size(width, height).await.expect("a size");
            let over =
                run(&client, "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    .await;
            assert!(over.as_i64() <= Some(0), "at {width} the page itself scrolls sideways by {over}");
        }
    });
}

/// The contrast of every text with what is behind it, as WCAG 2 counts it: at least 4.5.
const CONTRAST: &str = r"
const channel = (value) => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const solid = (colour) => colour.startsWith('rgb') && (numbers(colour)[3] ?? 1) === 1;
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const shape = at.matches('.act, .bar, .state') ? at.querySelector('circle, rect') : at.matches('svg.machine') ? at.querySelector('.page') : null;
    if (shape && solid(getComputedStyle(shape).fill)) return getComputedStyle(shape).fill;
    if (solid(getComputedStyle(at).backgroundColor)) return getComputedStyle(at).backgroundColor;
  }
  return 'rgb(255, 255, 255)';
};
const poor = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || element.matches('script, style, title, desc, button:disabled') || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  const [text, page] = [element.matches('svg text') ? style.fill : style.color, behind(element)];
  const [high, low] = [light(numbers(text)), light(numbers(page))].sort((one, other) => other - one);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) poor.push(`${ratio.toFixed(2)} ${text} on ${page}: ${element.outerHTML.slice(0, 90)}`);
}
return [...new Set(poor)];
";

#[test]
#[ignore = "needs chromium and chromedriver"]
fn text_can_be_read_on_light_and_on_dark() {
    let mut pages = Vec::new();
    for scheme in ["light", "dark"] {
        in_a_browser(scheme, async |client| {
            let poor: Vec<String> = serde_json::from_value(run(&client, CONTRAST).await).expect("texts");
            assert!(poor.is_empty(), "{scheme}: {poor:#?}");
            pages.push(run(&client, "return getComputedStyle(document.body).backgroundColor").await);
        });
    }
    assert_ne!(pages[0], pages[1], "the browser's wish is heeded");
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn the_page_needs_no_network_and_is_allowed_none() {
    let complaints = browse("light", async |client| {
        let asked = run(&client, "return performance.getEntriesByType('resource').map(entry => entry.name)").await;
        assert_eq!(asked, json!([]));
        let refused = "const done = arguments[arguments.length - 1]; \
             document.addEventListener('securitypolicyviolation', event => done(event.effectiveDirective)); \
             new Image().src = 'http://127.0.0.1:9/x.png';";
        let refused = client.execute_async(refused, Vec::new()).await.expect("a script runs");
        assert_eq!(refused, json!("img-src"), "the policy of the page forbids it");
    });
    assert!(complaints.iter().all(|line| line.contains("Content Security Policy")), "{complaints:#?}");
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn the_page_can_be_printed() {
    in_a_browser("dark", async |client| {
        let paper =
            client.print(PrintConfigurationBuilder::default().build().expect("a sheet")).await.expect("a print");
        assert!(paper.starts_with(b"%PDF"), "{} bytes", paper.len());
        let sheets = paper.windows(12).filter(|bytes| bytes == b"/Type /Page\n").count();
        assert!(sheets > 1, "{sheets}");
    });
}
