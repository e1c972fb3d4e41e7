//! A hint to the processor that memory will be read soon.
//!
//! Invariant: a hint changes nothing but time. Cost: one instruction; on processors without one, nothing.

/// Asks for the element with this index; an index out of bounds is ignored.
#[inline(always)]
#[allow(unsafe_code)]
pub(crate) fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    if let Some(element) = slice.get(index) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of every x86-64 processor. The instruction reads nothing that the program can
        // see and never faults; the pointer is valid besides, because it comes from a reference.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast()) }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (slice, index);
}
