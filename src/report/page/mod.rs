//! One self-contained page that goes into a change request and opens offline.
//!
//! Invariant: the page asks no other address for anything, and its own policy forbids it. Everything it
//! says is in the document; its script only moves through the steps. What a verdict contains is escaped.
//! Cost: linear in the size of the verdict, times the servers for every step.

mod drawings;
mod timeline;
mod view;

use super::sources::Sources;
use crate::verdict::Report;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};

/// The look that this crate's pages share: colours for light and dark, badges, cards of servers.
pub const STYLE: &str = include_str!("style.css");

/// The page. Sources add the runbooks, with the lines of the stories marked.
pub fn render(report: &Report, sources: &Sources) -> String {
    let mut environment = Environment::new();
    let page = Serde(view::Page::new(report, sources));
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    let rendered = syntax.and_then(|syntax| {
        environment.set_syntax(syntax);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_template("page.html", include_str!("page.html"))?;
        environment.get_template("page.html")?.render(context! {
            page => Value::from(page),
            style => STYLE,
            script => include_str!("script.js"),
        })
    });
    // The template is part of this crate and is rendered by every test of the page.
    rendered.unwrap_or_else(|error| format!("<!doctype html><title>poolproof</title><pre>{error}</pre>\n"))
}
