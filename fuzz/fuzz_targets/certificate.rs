//! Any bytes as a certificate, and any bytes as what is inside of one whose compression and digest are right: the
//! auditor refuses or confirms.
#![no_main]

#[path = "../../tests/fuzzed/certificate.rs"]
mod fuzzed;

use libfuzzer_sys::fuzz_target;
use std::sync::Once;

/// Words that are no state make the model panic; the auditor catches that and refuses the certificate. A panic that
/// nobody catches still ends the fuzzer.
static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let _ = fuzzed::audited(bytes, None);
});
