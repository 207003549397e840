//! The folder of one run: made when the first case is finished, alive as long as the run.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use xxhash_rust::xxh3::xxh3_128;

use super::flaw::{Flaw, Sound, hex};
use super::fs::{HeldLock, LockAttempt, LockMode, Missing, StoreFs};
use super::paths::{LIVE, Paths, SWEEP};
use super::provenance::{self, Provenance};
use super::publish::{Existing, nonce, publish};
use super::utc;
use crate::{Error, Result};

/// A run's folder, made on first use.
pub(super) struct RunDir {
    fs: Arc<dyn StoreFs>,
    paths: Paths,
    name: OsString,
    sweep: String,
    note: String,
    made: bool,
    live: Option<Box<dyn HeldLock>>,
}

impl RunDir {
    /// A name of its own; nothing on the disk yet.
    pub(super) fn new(fs: Arc<dyn StoreFs>, paths: Paths, sweep: &str, provenance: &Provenance) -> Self {
        let host: String =
            provenance::host().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(64).collect();
        let name = format!("{}-{host}-{}-{:016x}", utc::compact_now(), std::process::id(), nonce());
        Self {
            fs,
            paths,
            name: name.into(),
            sweep: sweep.to_owned(),
            note: provenance.to_json(),
            made: false,
            live: None,
        }
    }

    /// The folder's name.
    pub(super) fn name(&self) -> &OsStr {
        &self.name
    }

    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.paths.run(&self.name)
    }

    /// Whether anything was stored.
    pub(super) fn is_made(&self) -> bool {
        self.made
    }

    /// Publishes a segment. On a file system whose locks end at the node, a merge elsewhere may take this run for dead and remove
    /// its empty folder; it is then made again.
    pub(super) fn publish(&mut self, name: &OsStr, bytes: &[u8]) -> Result<()> {
        self.make()?;
        let path = self.path().join(name);
        match publish(self.fs.as_ref(), &path, bytes, Existing::Replace) {
            Err(Error::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                self.made = false;
                self.live = None;
                self.make()?;
                publish(self.fs.as_ref(), &path, bytes, Existing::Replace)
            }
            other => other,
        }
    }

    fn make(&mut self) -> Result<()> {
        const TRIES: usize = 5;
        if self.made {
            return Ok(());
        }
        let mut last = self.try_make();
        for _ in 1..TRIES {
            match &last {
                // A merge of another process removed what it took for an empty left-over.
                Err(Error::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                _ => break,
            }
            self.fs.pause(Duration::from_millis(50));
            last = self.try_make();
        }
        self.made = last.is_ok();
        last
    }

    fn try_make(&mut self) -> Result<()> {
        const PROBES: usize = 50;
        make_dir(self.fs.as_ref(), &self.paths.shards)?;
        let dir = self.path();
        make_dir(self.fs.as_ref(), &dir)?;
        let live = dir.join(LIVE);
        for _ in 0..PROBES {
            match self.fs.try_lock(&live, LockMode::Exclusive, Missing::Create).map_err(Error::disk("lock", &live))? {
                LockAttempt::Held(mut held) => {
                    if let Err(error) = held.note(&self.note) {
                        tracing::debug!("cannot write {}: {error}", live.display());
                    }
                    self.live = Some(held);
                    break;
                }
                // Somebody is looking whether this run lives.
                LockAttempt::Busy => self.fs.pause(Duration::from_millis(20)),
                // Then nobody can take the run for an ended one.
                LockAttempt::Unsupported(_) => break,
            }
        }
        // What was salvaged from an OUTPUT has no sweep that could be trusted.
        if self.sweep.is_empty() {
            return Ok(());
        }
        publish(self.fs.as_ref(), &dir.join(SWEEP), format_sweep(&self.sweep).as_bytes(), Existing::Replace)
    }
}

/// Makes a folder that may be there already, durably.
pub(super) fn make_dir(fs: &dyn StoreFs, dir: &Path) -> Result<()> {
    match fs.mkdir(dir) {
        Ok(()) => {}
        // Made by another run, or by a try that failed later: its name may not be durable yet.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::disk("make the folder", dir)(error)),
    }
    let above = super::publish::parent(dir);
    fs.sync_dir(above).map_err(Error::disk("sync the folder", above))
}

const SWEEP_HEAD: &str = "# xxh3_128 of the lines below: ";

/// A sweep's text behind a comment with its digest.
fn format_sweep(text: &str) -> String {
    format!("{SWEEP_HEAD}{}\n{text}", hex(&xxh3_128(text.as_bytes()).to_be_bytes()))
}

/// The text of a stored sweep, proven.
pub(super) fn parse_sweep(bytes: &[u8]) -> Sound<String> {
    if bytes.is_empty() {
        return Err(Flaw::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Footer)?;
    let (digest, text) = text.strip_prefix(SWEEP_HEAD).and_then(|rest| rest.split_once('\n')).ok_or(Flaw::NoFooter)?;
    let found = xxh3_128(text.as_bytes()).to_be_bytes();
    if digest != hex(&found) {
        let expected = u128::from_str_radix(digest, 16).map_err(|_| Flaw::Footer)?.to_be_bytes();
        return Err(Flaw::Digest { expected, found });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_sweep_is_still_toml_and_damage_is_noticed() {
        let text = "name = \"dei\"\nseeds = 50\n";
        let stored = format_sweep(text);
        assert_eq!(stored.parse::<toml::Table>().unwrap()["seeds"].as_integer(), Some(50));
        assert_eq!(parse_sweep(stored.as_bytes()).unwrap(), text);
        assert!(parse_sweep(stored.replace("50\n", "51\n").as_bytes()).is_err());
        assert!(parse_sweep(&stored.as_bytes()[..stored.len() - 1]).is_err());
        assert_eq!(parse_sweep(b""), Err(Flaw::Empty));
    }
}
