//! One worker's shard: the open segment, rewritten whole until it rolls.

use std::time::{Duration, Instant};

use super::io_record::alone_in_hdf5;
use super::paths::segment_name;
use super::record::{Outcome, Record};
use super::run_dir::RunDir;
use super::segment;
use crate::Result;

/// A segment rolls at this many records ...
pub(super) const ROLL_RECORDS: usize = 64;
/// ... or at about this many bytes.
const ROLL_BYTES: usize = 1 << 20;

/// The segments of one worker. The open one is replaced by supersets of itself; the others never change again.
#[derive(Debug)]
pub(super) struct Shard {
    worker: usize,
    sequence: u64,
    records: Vec<Record>,
    bytes: usize,
    published: usize,
    oldest_pending: Option<Instant>,
    hdf5_wait: Duration,
}

impl Shard {
    pub(super) fn new(worker: usize) -> Self {
        Self {
            worker,
            sequence: 0,
            records: Vec::new(),
            bytes: 0,
            published: 0,
            oldest_pending: None,
            hdf5_wait: Duration::ZERO,
        }
    }

    /// Adds a record; when it does not fit, publishes the open segment first and starts a new one. The number of bytes
    /// published, if any.
    pub(super) fn add(&mut self, record: Record, now: Instant, dir: &mut RunDir) -> Result<Option<usize>> {
        let known = self.records.iter().find(|known| known.key == record.key);
        if known.is_some_and(|known| *known == record) {
            return Ok(None);
        }
        let size = size_estimate(&record);
        let mut published = None;
        // A segment has one group per key, so a second record of a key needs a new one.
        if known.is_some() || (!self.records.is_empty() && self.bytes + size > ROLL_BYTES) {
            published = self.roll(dir)?;
        }
        self.bytes += size;
        self.records.push(record);
        self.oldest_pending.get_or_insert(now);
        Ok(published)
    }

    /// Number of finished records that are not on the disk.
    pub(super) fn pending(&self) -> usize {
        self.records.len() - self.published
    }

    /// Time spent waiting for other threads in HDF5.
    pub(super) fn hdf5_wait(&self) -> Duration {
        self.hdf5_wait
    }

    /// When the oldest of them arrived.
    pub(super) fn oldest_pending(&self) -> Option<Instant> {
        self.oldest_pending
    }

    /// Puts all records on the disk; a full segment is closed. The number of bytes written, if any.
    pub(super) fn publish(&mut self, dir: &mut RunDir) -> Result<Option<usize>> {
        if self.pending() == 0 {
            return Ok(None);
        }
        let bytes = alone_in_hdf5(&mut self.hdf5_wait, || segment::encode(&self.records))?;
        dir.publish(&segment_name(self.worker, self.sequence), &bytes)?;
        // Only now, after the last fsync, do the records count as kept.
        self.published = self.records.len();
        self.oldest_pending = None;
        if self.records.len() >= ROLL_RECORDS || self.bytes >= ROLL_BYTES {
            self.start_next();
        }
        Ok(Some(bytes.len()))
    }

    /// Publishes and closes the open segment.
    pub(super) fn roll(&mut self, dir: &mut RunDir) -> Result<Option<usize>> {
        let published = self.publish(dir)?;
        if !self.records.is_empty() {
            self.start_next();
        }
        Ok(published)
    }

    /// Segments below this sequence number are closed.
    pub(super) fn open_sequence(&self) -> u64 {
        self.sequence
    }

    fn start_next(&mut self) {
        self.sequence += 1;
        self.records.clear();
        self.bytes = 0;
        self.published = 0;
        self.oldest_pending = None;
    }
}

fn size_estimate(record: &Record) -> usize {
    const GROUP: usize = 2000;
    match &record.outcome {
        Outcome::Solved(solution) => GROUP + 16 * solution.layout.len(),
        Outcome::Failed { reason } => GROUP + reason.len(),
    }
}
