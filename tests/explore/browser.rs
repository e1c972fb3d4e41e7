//! The page in a browser, as a person uses it: clicks, keys, history, links, and a counterexample to its end.

use crate::server::Serving;
use crate::webdriver::Driver;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::time::Duration;

const SCENARIO: &str = "models/two-shells-three-front-ends/scenario.toml";

/// A page that is looked at.
struct Page {
    client: Client,
    origin: String,
}

impl Page {
    async fn open(driver: &Driver, serving: &Serving, fragment: &str, arguments: &[&str]) -> Page {
        let client = driver.session(arguments).await;
        let origin = format!("http://127.0.0.1:{}", serving.port);
        client.goto(&format!("{origin}/{fragment}")).await.expect("the page opens");
        let page = Page { client, origin };
        page.wait("!document.querySelector('#walk').hidden || !document.querySelector('#trouble').hidden").await;
        page
    }

    async fn run(&self, script: &str) -> Value {
        self.client
            .execute(&format!("return {script};"), Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Waits until something is so.
    async fn wait(&self, script: &str) {
        for _ in 0..200 {
            if self.run(script).await == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("never: {script}\n{}", self.run("document.body.innerText").await);
    }

    async fn text(&self, selector: &str) -> String {
        let text = self.run(&format!("document.querySelector({}).innerText", json!(selector))).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    async fn click(&self, selector: &str) {
        let found = self.client.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.expect("it can be clicked");
    }

    /// Presses a key where the focus is.
    async fn press(&self, key: impl Into<char>) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(&key.into().to_string()).await.expect("keys can be pressed");
    }

    async fn wait_for_step(&self, number: usize) {
        let heading = if number == 0 { "The beginning".to_owned() } else { format!("After step {number}: ") };
        self.wait(&format!("document.querySelector('#here-title').textContent.startsWith({})", json!(heading))).await;
    }

    async fn wait_for_check(&self) {
        self.wait("document.querySelector('#check').textContent.startsWith('The check has ended')").await;
    }
}

/// A browser is driven from one thread.
fn drive(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test);
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_walk_by_mouse_goes_on_back_and_is_restored_by_its_link() {
    let (driver, serving) = (Driver::new(), Serving::new(SCENARIO));
    drive(async {
        let page = Page::open(&driver, &serving, "", &[]).await;
        page.wait_for_step(0).await;
        assert_eq!(page.text("#title").await, "Two shells fail over two of three front ends");
        assert_eq!(page.run("document.querySelectorAll('.server.serving').length").await, 3);
        page.click("#steps a").await;
        page.wait_for_step(1).await;
        assert_eq!(page.text("#here-title").await, "After step 1: first shell fails over fe1; the call waits");
        assert_eq!(page.run("document.querySelectorAll('.server.serving').length").await, 2);
        page.click("#steps a").await;
        page.wait_for_step(2).await;
        assert!(page.text("#properties tr:nth-child(3)").await.contains("broken"));
        let (address, shown) = (page.run("location.href").await, page.text("#walk").await);
        // Undone by the link, redone by the browser's own history.
        page.click("#undo").await;
        page.wait_for_step(1).await;
        page.client.back().await.expect("there is a history");
        page.wait_for_step(2).await;
        page.click("#way li:first-child a").await;
        page.wait_for_step(0).await;
        // The address alone is enough in a browser that has seen nothing.
        let address = address.as_str().expect("an address");
        let fragment = &address[address.find('#').expect("the way is in the fragment")..];
        let again = Page::open(&driver, &serving, fragment, &[]).await;
        again.wait_for_step(2).await;
        page.wait_for_check().await;
        again.wait_for_check().await;
        page.client.goto(address).await.expect("the page opens");
        page.wait_for_step(2).await;
        page.wait_for_check().await;
        assert_eq!(again.text("#walk").await, page.text("#walk").await);
        assert!(again.text("#walk").await.starts_with(shown.split("The properties").next().expect("a beginning")));
        let elsewhere = format!(
            "performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith({})).length",
            json!(page.origin)
        );
        assert_eq!(page.run(&elsewhere).await, 0);
        page.client.clone().close().await.expect("the session ends");
        again.client.clone().close().await.expect("the session ends");
    });
    assert_eq!(driver.console(), Vec::<String>::new());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_walk_by_keys_alone() {
    let (driver, serving) = (Driver::new(), Serving::new(SCENARIO));
    drive(async {
        let page = Page::open(&driver, &serving, "", &[]).await;
        page.wait_for_check().await;
        page.press(Key::Tab).await;
        assert_eq!(page.text(":focus").await, "To the steps that are possible here");
        page.press(Key::Enter).await;
        assert_eq!(page.run("document.activeElement.id").await, "next-title");
        page.press(Key::Tab).await;
        assert!(page.text(":focus").await.contains("first shell fails over fe1"));
        page.press(Key::Enter).await;
        page.wait_for_step(1).await;
        // What has happened has the focus, so that it is read, and the keys go on from there.
        page.wait("document.activeElement.id === 'here-title'").await;
        page.press('1').await;
        page.wait_for_step(2).await;
        page.wait("document.activeElement.id === 'here-title'").await;
        page.press('u').await;
        page.wait_for_step(1).await;
        page.press('u').await;
        page.wait_for_step(0).await;
        // There is nothing to undo, and no ninth step.
        page.press('u').await;
        page.press('9').await;
        page.wait_for_step(0).await;
        page.client.clone().close().await.expect("the session ends");
    });
    assert_eq!(driver.console(), Vec::<String>::new());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_counterexample_is_followed_to_its_end() {
    let (driver, serving) = (Driver::new(), Serving::new(SCENARIO));
    drive(async {
        let page = Page::open(&driver, &serving, "", &[]).await;
        page.wait_for_check().await;
        assert!(page.text("#check").await.contains("3 properties have a counterexample"));
        page.click("#properties tr:first-child td a").await;
        page.wait_for_step(0).await;
        // The address changes before the page does.
        page.wait("document.querySelector('#way a').getAttribute('href').startsWith('#2')").await;
        for step in 1..=6 {
            assert_eq!(page.text("#properties tr:first-child .badge").await, "fine");
            // Where stories part, the one that is followed is named.
            let follow = "[...document.querySelectorAll('#steps .telling a')]\
                          .find((link) => link.querySelector('.follows').textContent.includes('pool-quorum'))";
            page.run(&format!("{follow}.click()")).await;
            page.wait_for_step(step).await;
        }
        assert_eq!(page.text("#properties tr:first-child .badge").await, "broken");
        assert!(
            page.text("#properties tr:first-child").await.contains("pool1 has lost its quorum: votes 1 up, 2 needed")
        );
        assert!(page.text("#deployment").await.contains("1 of 3 votes up, 2 needed: quorum lost"));
        let end = page.run("location.hash").await;
        page.click("#restart").await;
        page.wait_for_step(0).await;
        page.click("#properties tr:first-child td a:last-child").await;
        page.wait_for_step(6).await;
        assert_eq!(page.run("location.hash").await, end);
        page.client.clone().close().await.expect("the session ends");
    });
    assert_eq!(driver.console(), Vec::<String>::new());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn another_beginning_is_chosen_and_a_wrong_link_says_so() {
    let (driver, serving) = (Driver::new(), Serving::new(SCENARIO));
    drive(async {
        let page = Page::open(&driver, &serving, "#0.99", &[]).await;
        assert!(page.text("#trouble").await.starts_with("step 1 of the way cannot be number 99"));
        page.click("#trouble a").await;
        page.wait_for_step(0).await;
        assert_eq!(page.run("document.querySelector('#trouble').hidden").await, true);
        page.client
            .find(Locator::Id("beginning"))
            .await
            .expect("it can be chosen")
            .select_by_index(1)
            .await
            .expect("there are three");
        page.wait("location.hash.startsWith('#1-')").await;
        page.wait("document.querySelector('.disc.primary').closest('.server').innerText.startsWith('fe2')").await;
        page.client.clone().close().await.expect("the session ends");
    });
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn it_serves_narrow_windows_and_screen_readers() {
    let (driver, serving) = (Driver::new(), Serving::new(SCENARIO));
    drive(async {
        for size in ["--window-size=1300,900", "--window-size=500,900"] {
            let page = Page::open(&driver, &serving, "#0.0.0", &[size]).await;
            page.wait_for_check().await;
            assert_eq!(page.run("document.documentElement.scrollWidth <= innerWidth").await, true, "{size}");
            for (never, what) in [
                (
                    "[...document.querySelectorAll('a, button, select')].filter((it) => !(it.innerText || it.labels?.[0]?.innerText))",
                    "is without a name",
                ),
                (
                    "[...document.querySelectorAll('[id]')].filter((it, index, all) => all.some((other) => other !== it && other.id === it.id))",
                    "has an id twice",
                ),
                (
                    "[...document.querySelectorAll('[tabindex]')].filter((it) => it.tabIndex > 0)",
                    "is out of the order of the keys",
                ),
                (
                    "[...document.querySelectorAll('[aria-labelledby]')].filter((it) => !document.getElementById(it.getAttribute('aria-labelledby')))",
                    "is labelled by nothing",
                ),
                (
                    "[...document.querySelectorAll('h1, h2, h3')].filter((it, index, all) => index && it.tagName[1] - all[index - 1].tagName[1] > 1)",
                    "skips a level of headings",
                ),
                (
                    "[...document.querySelectorAll('.vote, .needed')].filter((it) => it.getAttribute('aria-hidden') !== 'true')",
                    "is said twice",
                ),
            ] {
                assert_eq!(page.run(&format!("{never}.map((it) => it.outerHTML)")).await, json!([]), "{what}");
            }
            assert_eq!(page.run("document.documentElement.lang").await, "en");
            page.client.clone().close().await.expect("the session ends");
        }
    });
    assert_eq!(driver.console(), Vec::<String>::new());
}
