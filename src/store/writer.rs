//! Writing during a run: workers hand finished cases to one thread, which publishes them.
//!
//! One thread, because HDF5 has one lock per process: writers in several threads are slower, not faster, and so no worker ever
//! waits for an fsync. The channel is bounded: a disk that cannot keep up slows the workers instead of filling the memory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::io_record::IoRecord;
use super::paths::parse_segment_name;
use super::record::{Outcome, Record};
use super::run_dir::RunDir;
use super::schema::implausible;
use super::shard::{ROLL_RECORDS, Shard};
use crate::{Error, Result};

/// Publish a shard when this many of its records wait ...
const PENDING_RECORDS: usize = ROLL_RECORDS;
/// ... and all shards when the oldest record has waited this long. So much work, at most, is lost to a kill -9.
const PENDING_TIME: Duration = Duration::from_secs(5);

/// The store's side of a run. Dropping it publishes what is pending, as [`finish`](Self::finish) does, but hides the errors.
#[derive(Debug)]
pub struct RunWriter {
    sender: RecordSender,
    run: OsString,
    thread: Option<JoinHandle<WriterReport>>,
}

/// A worker's way to hand over finished cases.
#[derive(Debug, Clone)]
pub struct RecordSender {
    channel: SyncSender<Message>,
    state: Arc<State>,
}

/// What a run wrote.
#[derive(Debug, Clone, Default)]
pub struct WriterReport {
    /// Records put on the disk.
    pub records: usize,
    /// What that cost.
    pub io: IoRecord,
    /// The run's segments, if anything was stored: all closed.
    pub run: Option<OwnRun>,
}

/// A run's own closed segments; its other segments may still be rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRun {
    /// Name of its folder below `OUTPUT.shards`.
    pub name: OsString,
    /// For each worker, the first sequence number that is not closed.
    open_from: BTreeMap<usize, u64>,
}

impl OwnRun {
    /// Whether the segment of this name will never be written again.
    pub(super) fn is_closed(&self, segment: &OsStr) -> bool {
        match parse_segment_name(segment) {
            Some((worker, sequence)) => self.open_from.get(&worker).is_some_and(|open| sequence < *open),
            // Put aside by a merge: no writer knows that name.
            None => true,
        }
    }
}

#[derive(Debug)]
enum Message {
    Record { worker: usize, record: Box<Record> },
    Flush(Sender<()>),
    Roll(Sender<OwnRun>),
    Io(Sender<IoRecord>),
    Stop,
}

#[derive(Debug)]
struct State {
    failed: AtomicBool,
    error: Mutex<Option<Error>>,
    folder: PathBuf,
}

impl RunWriter {
    /// Starts the store thread. Nothing is made on the disk before the first record.
    pub(super) fn start(dir: RunDir, workers: usize) -> Result<Self> {
        let state = Arc::new(State { failed: AtomicBool::new(false), error: Mutex::new(None), folder: dir.path() });
        let (channel, messages) = mpsc::sync_channel(2 * PENDING_RECORDS.max(workers));
        let run = dir.name().to_owned();
        let store = StoreThread {
            dir,
            shards: (0..workers).map(|worker| (worker, Shard::new(worker))).collect(),
            report: WriterReport::default(),
        };
        let thread_state = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || store.run(&messages, &thread_state))
            .map_err(Error::disk("start the store thread for", &state.folder))?;
        Ok(Self { sender: RecordSender { channel, state }, run, thread: Some(thread) })
    }

    /// A handle for a worker.
    pub fn handle(&self) -> RecordSender {
        self.sender.clone()
    }

    /// Name of the run's folder below `OUTPUT.shards`.
    pub fn run(&self) -> &OsStr {
        &self.run
    }

    /// Whether the disk failed: then no further case should be started, and `finish` tells why.
    pub fn has_failed(&self) -> bool {
        self.sender.has_failed()
    }

    /// Puts everything handed over so far on the disk.
    pub fn flush(&self) -> Result<()> {
        self.ask(Message::Flush)
    }

    /// What keeping the results has cost so far.
    pub fn io(&self) -> Result<IoRecord> {
        self.ask(Message::Io)
    }

    /// Puts everything on the disk and closes all segments, so that a merge may delete them.
    pub fn roll(&self) -> Result<OwnRun> {
        self.ask(Message::Roll)
    }

    /// Publishes what is pending, ends the thread, gives up the run's liveness.
    pub fn finish(mut self) -> Result<WriterReport> {
        let report = self.end();
        match self.sender.state.take_error() {
            Some(error) => Err(error),
            None => report.ok_or_else(|| self.sender.state.stopped()),
        }
    }

    fn ask<T>(&self, message: impl FnOnce(Sender<T>) -> Message) -> Result<T> {
        let (answer, answered) = mpsc::channel();
        self.sender
            .channel
            .send(message(answer))
            .ok()
            .and_then(|()| answered.recv().ok())
            .ok_or_else(|| self.sender.state.stopped())
    }

    fn end(&mut self) -> Option<WriterReport> {
        let thread = self.thread.take()?;
        // Fails only if the thread ended before, after a disk error.
        let _ = self.sender.channel.send(Message::Stop);
        thread.join().ok()
    }
}

impl Drop for RunWriter {
    fn drop(&mut self) {
        self.end();
    }
}

impl RecordSender {
    /// Hands over a finished case of a worker. Waits when the disk is behind. Fails when the store has stopped, or when the
    /// record's numbers cannot be right (`Unsound`; nothing of it is stored then).
    pub fn send(&self, worker: usize, record: Record) -> Result<()> {
        // The channel takes messages until the thread is gone, which is a moment after it failed.
        if self.has_failed() {
            return Err(self.state.stopped());
        }
        let record = without_nul(record);
        if let Some(reason) = implausible(&record) {
            let reason = format!("{}: {reason}", record.key);
            return Err(Error::Unsound { path: self.state.folder.clone(), reason });
        }
        let message = Message::Record { worker, record: Box::new(record) };
        self.channel.send(message).map_err(|_| self.state.stopped())
    }

    /// Whether the store has stopped because the disk failed.
    pub fn has_failed(&self) -> bool {
        self.state.failed.load(Ordering::Acquire)
    }
}

/// HDF5 texts end at a NUL.
fn without_nul(mut record: Record) -> Record {
    let clean = |text: &mut String| {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{fffd}");
        }
    };
    clean(&mut record.farm);
    clean(&mut record.turbine);
    if let Outcome::Failed { reason } = &mut record.outcome {
        clean(reason);
    }
    record
}

impl State {
    /// Keeps an error for `finish`; whether there was none.
    fn note(&self, result: Result<()>) -> bool {
        let Err(error) = result else { return true };
        tracing::error!("{error}");
        *self.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.failed.store(true, Ordering::Release);
        false
    }

    fn take_error(&self) -> Option<Error> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The disk's error once more, for whoever comes after.
    fn stopped(&self) -> Error {
        match &*self.error.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Error::Disk { action, path, source }) => {
                let source = match source.raw_os_error() {
                    Some(code) => io::Error::from_raw_os_error(code),
                    None => io::Error::new(source.kind(), source.to_string()),
                };
                Error::Disk { action, path: path.clone(), source }
            }
            other => {
                let reason = other.as_ref().map_or("the store thread has ended".into(), Error::to_string);
                Error::Disk { action: "store cases in", path: self.folder.clone(), source: io::Error::other(reason) }
            }
        }
    }
}

struct StoreThread {
    dir: RunDir,
    shards: BTreeMap<usize, Shard>,
    report: WriterReport,
}

impl StoreThread {
    fn run(mut self, messages: &Receiver<Message>, state: &State) -> WriterReport {
        while self.serve(messages, state) {}
        self.report.run = self.dir.is_made().then(|| self.own_run());
        self.report
    }

    /// Serves one message; whether to go on. A failure is recorded before whoever asked is let go, so that he finds the reason.
    fn serve(&mut self, messages: &Receiver<Message>, state: &State) -> bool {
        match self.next(messages) {
            Ok(Message::Record { worker, record }) => state.note(self.accept(worker, *record)),
            Ok(Message::Flush(answer)) => {
                let done = state.note(self.publish_all());
                if done {
                    // Whoever asked may have gone.
                    let _ = answer.send(());
                }
                done
            }
            Ok(Message::Roll(answer)) => {
                let done = state.note(self.roll_all());
                if done {
                    let _ = answer.send(self.own_run());
                }
                done
            }
            Ok(Message::Io(answer)) => {
                let _ = answer.send(self.report.io);
                true
            }
            Err(RecvTimeoutError::Timeout) => state.note(self.publish_all()),
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                state.note(self.roll_all());
                false
            }
        }
    }

    fn next(&self, messages: &Receiver<Message>) -> std::result::Result<Message, RecvTimeoutError> {
        match self.oldest_pending() {
            Some(oldest) => messages.recv_timeout(PENDING_TIME.saturating_sub(oldest.elapsed())),
            None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn accept(&mut self, worker: usize, record: Record) -> Result<()> {
        let now = Instant::now();
        let shard = self.shards.entry(worker).or_insert_with(|| Shard::new(worker));
        let before = shard.pending();
        if let Some(bytes) = shard.add(record, now, &mut self.dir)? {
            self.count(before, bytes, now);
        }
        // Each shard by itself: with many workers a common count would rewrite every segment for every few records.
        let shard = self.shards.entry(worker).or_insert_with(|| Shard::new(worker));
        let pending = shard.pending();
        if pending >= PENDING_RECORDS
            && let Some(bytes) = shard.publish(&mut self.dir)?
        {
            self.count(pending, bytes, now);
            self.count_waits();
        }
        if self.oldest_pending().is_some_and(|oldest| oldest.elapsed() >= PENDING_TIME) {
            self.publish_all()?;
        }
        Ok(())
    }

    fn oldest_pending(&self) -> Option<Instant> {
        self.shards.values().filter_map(Shard::oldest_pending).min()
    }

    fn publish_all(&mut self) -> Result<()> {
        self.each_shard(Shard::publish)
    }

    fn roll_all(&mut self) -> Result<()> {
        self.each_shard(Shard::roll)
    }

    fn each_shard(&mut self, put: fn(&mut Shard, &mut RunDir) -> Result<Option<usize>>) -> Result<()> {
        let mut shards = std::mem::take(&mut self.shards);
        let mut result = Ok(());
        for shard in shards.values_mut() {
            let (since, pending) = (Instant::now(), shard.pending());
            match put(shard, &mut self.dir) {
                Ok(Some(bytes)) => self.count(pending, bytes, since),
                Ok(None) => {}
                // The others may still find room: a small segment fits where a large one did not.
                Err(error) => result = result.and(Err(error)),
            }
        }
        self.shards = shards;
        self.count_waits();
        result
    }

    fn count(&mut self, records: usize, bytes: usize, since: Instant) {
        self.report.records += records;
        let io = &mut self.report.io;
        io.publications += 1;
        io.bytes += bytes as u64;
        io.publish_seconds += since.elapsed().as_secs_f64();
    }

    fn count_waits(&mut self) {
        let waits = self.shards.values().map(Shard::hdf5_wait);
        self.report.io.hdf5_wait_seconds = waits.sum::<Duration>().as_secs_f64();
    }

    fn own_run(&self) -> OwnRun {
        let open_from = self.shards.iter().map(|(worker, shard)| (*worker, shard.open_sequence())).collect();
        OwnRun { name: self.dir.name().to_owned(), open_from }
    }
}
