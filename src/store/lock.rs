//! Locks: a politeness between runs. Correctness never rests on one (see the module's page), because on some cluster file systems
//! they are seen by one node only, or do not exist.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use super::fs::{HeldLock, LockAttempt, LockMode, Missing, StoreFs};
use super::paths::{LIVE, Paths};
use super::provenance;
use super::utc;
use crate::{Error, Result};

/// What a run wants to do, and so with whom it shares OUTPUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// All cases of the sweep: alone.
    WholeSweep,
    /// Some of them: together with other part-runs.
    Part,
}

/// OUTPUT is ours until this is dropped.
pub struct RunLock {
    held: Option<Box<dyn HeldLock>>,
}

impl std::fmt::Debug for RunLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunLock").field("held", &self.held.is_some()).finish()
    }
}

impl RunLock {
    /// Whether others are really kept out; not so on a file system without locks.
    pub(super) fn excludes_others(&self) -> bool {
        self.held.is_some()
    }
}

/// Takes `OUTPUT.lock`.
pub(super) fn lock_output(fs: &dyn StoreFs, paths: &Paths, kind: LockKind) -> Result<RunLock> {
    let mode = match kind {
        LockKind::WholeSweep => LockMode::Exclusive,
        LockKind::Part => LockMode::Shared,
    };
    // `status` tries the lock too, for an instant.
    acquire(fs, paths, &paths.lock, mode, Duration::from_millis(500))
}

/// Takes the lock of merges, waiting for it at most `wait`.
pub(super) fn lock_merge(fs: &dyn StoreFs, paths: &Paths, wait: Duration) -> Result<RunLock> {
    acquire(fs, paths, &paths.merge_lock(), LockMode::Exclusive, wait)
}

fn acquire(fs: &dyn StoreFs, paths: &Paths, path: &Path, mode: LockMode, wait: Duration) -> Result<RunLock> {
    let since = Instant::now();
    loop {
        match fs.try_lock(path, mode, Missing::Create).map_err(Error::disk("lock", path))? {
            LockAttempt::Held(mut held) => {
                if let Err(error) = held.note(&holder_note()) {
                    tracing::debug!("cannot write the holder into {}: {error}", path.display());
                }
                return Ok(RunLock { held: Some(held) });
            }
            LockAttempt::Unsupported(error) => {
                tracing::warn!(
                    "{}: this file system has no locks ({error}); make sure that only one run uses this output at a time",
                    path.display()
                );
                return Ok(RunLock { held: None });
            }
            LockAttempt::Busy if since.elapsed() >= wait => {
                return Err(Error::InUse { output: paths.output.clone(), holder: holder(fs, path) });
            }
            LockAttempt::Busy => fs.pause(Duration::from_millis(100)),
        }
    }
}

fn holder_note() -> String {
    let job = std::env::var("SLURM_JOB_ID").ok();
    serde_json::json!({
        "host": provenance::host(),
        "pid": std::process::id(),
        "job": job,
        "since": utc::now(),
    })
    .to_string()
}

/// Who wrote the lock file last, as a phrase.
pub(super) fn holder(fs: &dyn StoreFs, path: &Path) -> String {
    let mut text = String::new();
    let read = fs.open(path).and_then(|file| file.take(4096).read_to_string(&mut text));
    let json: serde_json::Value = match read.map(|_| serde_json::from_str(&text)) {
        Ok(Ok(json)) => json,
        _ => return "another process".into(),
    };
    let mut phrase = format!(
        "process {} on {}, since {}",
        json["pid"],
        json["host"].as_str().unwrap_or("an unknown host"),
        json["since"].as_str().unwrap_or("an unknown time"),
    );
    if let Some(job) = json["job"].as_str() {
        phrase.push_str(", SLURM job ");
        phrase.push_str(job);
    }
    phrase
}

/// Whether a lock file is held by somebody right now; changes nothing.
pub(super) fn is_held(fs: &dyn StoreFs, path: &Path) -> io::Result<bool> {
    match fs.try_lock(path, LockMode::Exclusive, Missing::Fail) {
        Ok(LockAttempt::Busy) => Ok(true),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the run that made a folder of segments still lives.
pub(super) enum Liveness {
    /// It ended; while the lock is held nobody else cleans up after it.
    Dead(#[allow(dead_code, reason = "held for its drop")] Option<Box<dyn HeldLock>>),
    /// It lives, or nobody can tell: its segments may be replaced at any moment.
    Alive,
}

/// Finds out by trying the run's own lock.
pub(super) fn liveness(fs: &dyn StoreFs, paths: &Paths, run: &OsStr) -> Liveness {
    match fs.try_lock(&paths.run(run).join(LIVE), LockMode::Exclusive, Missing::Fail) {
        Ok(LockAttempt::Held(lock)) => Liveness::Dead(Some(lock)),
        // The lock file is made before the first segment.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Liveness::Dead(None),
        Ok(LockAttempt::Busy | LockAttempt::Unsupported(_)) | Err(_) => Liveness::Alive,
    }
}
