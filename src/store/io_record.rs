//! What it costs a run to keep its results.

use std::time::{Duration, Instant};

/// Counts and times since a run began; one row of `/processing_log` has them as they were when that merge was written.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct IoRecord {
    /// Files published; an open segment counts each time it is rewritten.
    pub publications: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Seconds spent encoding and publishing segments.
    pub publish_seconds: f64,
    /// Merges.
    pub merges: u64,
    /// Seconds spent merging.
    pub merge_seconds: f64,
    /// Seconds of those two spent waiting, before a segment is encoded or a record written, for the lock of the HDF5 library, which lets
    /// in one thread at a time.
    pub hdf5_wait_seconds: f64,
}

impl IoRecord {
    /// Counts another part of the same run.
    pub fn add(&mut self, other: &Self) {
        self.publications += other.publications;
        self.bytes += other.bytes;
        self.publish_seconds += other.publish_seconds;
        self.merges += other.merges;
        self.merge_seconds += other.merge_seconds;
        self.hdf5_wait_seconds += other.hdf5_wait_seconds;
    }

    /// Seconds spent on keeping results.
    pub fn seconds(&self) -> f64 {
        self.publish_seconds + self.merge_seconds
    }
}

/// Does some work as the only thread in HDF5, and adds to `waited` how long the others were in the way. The work must wait for nothing
/// else: who holds what it waits for may be waiting for HDF5.
pub(super) fn alone_in_hdf5<T>(waited: &mut Duration, work: impl FnOnce() -> T) -> T {
    let since = Instant::now();
    hdf5::sync::sync(|| {
        *waited += since.elapsed();
        work()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_in_hdf5_makes_the_others_wait_and_that_is_counted() {
        const BUSY: Duration = Duration::from_millis(60);
        let (inside, is_inside) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut nothing = Duration::ZERO;
                alone_in_hdf5(&mut nothing, || {
                    inside.send(()).unwrap();
                    std::thread::sleep(BUSY);
                });
            });
            is_inside.recv().unwrap();
            let mut waited = Duration::ZERO;
            alone_in_hdf5(&mut waited, || ());
            assert!(waited >= BUSY / 2, "{waited:?}");
        });
    }
}
