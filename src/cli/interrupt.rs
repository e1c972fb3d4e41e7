//! Ctrl-C and the wish of the system that the process ends: the first asks the running check to stop and to say what it
//! knows; the second ends the process.
//!
//! A terminal that is closed (SIGHUP) is left alone: it ends the process, unless `nohup` was there first.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// What a shell reports of a process that a signal ended is this and the number of the signal.
const ENDED_BY_SIGNAL: i32 = 128;

/// The flag that becomes true at the first signal. The first call installs the handlers; where none can be
/// installed, a signal ends the process as it always does.
pub fn flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let seen = FLAG.get_or_init(|| {
        let seen = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: what is installed first sees the flag as the signal before this one left it.
            let _ = flag::register_conditional_shutdown(signal, ENDED_BY_SIGNAL + signal, Arc::clone(&seen));
            let _ = flag::register(signal, Arc::clone(&seen));
        }
        seen
    });
    Arc::clone(seen)
}
