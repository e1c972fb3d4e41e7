//! Any text as a runbook in Markdown.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

use libfuzzer_sys::fuzz_target;
use poolproof::runbook::powershell::read_markdown;
use poolproof::runbook::{Context, Source};
use std::sync::Arc;

fuzz_target!(|text: &str| {
    let deployment = fuzzed::deployment();
    let arguments = [("server".to_owned(), vec!["fe1".to_owned()]), ("pool".to_owned(), vec!["pool1".to_owned()])];
    let context = Context { deployment: &deployment, machine: None, arguments: &arguments, vocabulary: &[] };
    let procedure = read_markdown(Arc::new(Source::new("fuzz.md", text)), None, &context);
    fuzzed::hangs_together(&procedure);
});
