//! Work on all cores.
//!
//! Invariant: which thread does what never shows in a result; results are written into the items themselves.
//! Cost: starting threads takes some tens of microseconds, so small work is done on the calling thread.

use std::sync::Mutex;

/// Calls `work` on every item, on up to `threads` threads. Each thread has a `scratch` of its own.
pub(crate) fn for_each<I, S>(
    threads: usize,
    items: I,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I::Item) + Sync,
) where
    I: Iterator + Send,
    I::Item: Send,
{
    if threads <= 1 {
        let mut own = scratch();
        items.for_each(|item| work(&mut own, item));
        return;
    }
    let queue = Mutex::new(items);
    let next = || queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
    let run = || {
        let mut own = scratch();
        while let Some(item) = next() {
            work(&mut own, item);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
}
