//! Any bytes as a script: the reader answers with a procedure that hangs together, and does not run away.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

use libfuzzer_sys::fuzz_target;
use poolproof::runbook::powershell::{decode, read};
use poolproof::runbook::{Context, Source};
use poolproof::topology::ServerId;
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = decode(bytes) else { return };
    let deployment = fuzzed::deployment();
    let context =
        Context { deployment: &deployment, machine: Some(ServerId(0)), arguments: &[], vocabulary: &[] };
    let procedure = read(Arc::new(Source::new("fuzz.ps1", text)), &context);
    fuzzed::hangs_together(&procedure);
});
