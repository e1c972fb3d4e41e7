//! Ctrl-C: the first asks the running check to stop and to say what it knows; the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What a shell reports of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// The flag that becomes true at the first Ctrl-C. The first call installs the handler; where none can be
/// installed, Ctrl-C ends the process as it always does.
pub fn flag() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let flag = FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let _ = ctrlc::set_handler(move || {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED);
            }
        });
        flag
    });
    Arc::clone(flag)
}
