//! Any bytes as a certificate, and any bytes as what is inside of one whose compression and digest are right: the
//! auditor refuses or confirms.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poolproof::certificate::{audit_scenario, enclosed};
use std::sync::Once;

/// Words that are no state make the model panic; the auditor catches that and refuses the certificate. A panic that
/// nobody catches still ends the fuzzer.
static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    if bytes.starts_with(b"poolproof") {
        let _ = audit_scenario("fuzz", &bytes, None);
        return;
    }
    let Ok(stream) = zstd::encode_all(bytes, 1) else { return };
    let whole = enclosed(&stream);
    let _ = audit_scenario("fuzz", &whole.as_slice(), None);
});
