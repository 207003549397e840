//! A wish to stop, from outside.

use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

/// Counts interrupts: after the first a run finishes the running cases, after the second it stops at once.
#[derive(Debug, Default)]
pub struct Interrupt {
    count: AtomicUsize,
    signal: AtomicI32,
}

impl Interrupt {
    /// Notes a signal by its number.
    pub fn raise(&self, signal: i32) {
        self.signal.store(signal, Ordering::SeqCst);
        self.count.fetch_add(1, Ordering::SeqCst);
    }

    /// How many signals came.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// The last signal, if any came.
    pub fn signal(&self) -> Option<i32> {
        (self.count() > 0).then(|| self.signal.load(Ordering::SeqCst))
    }
}
