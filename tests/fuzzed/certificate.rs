//! The auditor, asked about any bytes: for `tests/certificates/` and for the fuzz target `certificate` in `fuzz/`.

use poolproof::certificate::{Audited, Refusal, audit_scenario, enclosed};
use poolproof::scenario::Recorded;

/// Bytes are a certificate if they begin as one; others are what is inside of one whose compression and digest are right.
pub fn audited(bytes: &[u8], expected: Option<&Recorded>) -> Result<Audited, Refusal> {
    if bytes.starts_with(b"poolproof") {
        return audit_scenario("mangled", &bytes, expected);
    }
    let stream = zstd::encode_all(bytes, 1).expect("memory can be read and written");
    audit_scenario("mangled", &enclosed(&stream).as_slice(), expected)
}
