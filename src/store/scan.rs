//! Looking at what is stored, without HDF5 and without changing anything.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::container::{FileDigest, Seal};
use super::flaw::{Flaw, Sound};
use super::fs::{FileKind, Listed, StoreFs};
use super::inventory::Unsound;
use super::paths::{Paths, QUARANTINE, SWEEP, is_segment};
use super::reader::{identity_of, seal_of};
use super::run_dir::parse_sweep;
use crate::{Error, Result};

/// Everything found at one moment.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// OUTPUT, if there is one.
    pub(super) output: Option<Sound<Seal>>,
    /// Sound segments, sorted by path.
    pub(super) segments: Vec<Segment>,
    /// Segments and sweeps that are not sound.
    pub(super) unsound: Vec<Unsound>,
    /// Folders of runs, living and dead.
    pub(super) runs: Vec<RunFolder>,
}

/// A sound segment.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) run: OsString,
    pub(super) seal: Seal,
}

impl Segment {
    /// Its name in the run's folder.
    pub(super) fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }
}

/// A run's folder.
#[derive(Debug)]
pub(super) struct RunFolder {
    pub(super) name: OsString,
    /// The run's sweep, if it is there and whole.
    pub(super) sweep: Option<String>,
}

impl Scan {
    /// Reads OUTPUT and all segments. A merge by another process may move records from segments to OUTPUT meanwhile; the scan is
    /// then repeated, so that no record is missed.
    pub(super) fn new(fs: &dyn StoreFs, paths: &Paths) -> Result<Self> {
        const TRIES: usize = 8;
        let mut scan = Self::default();
        for _ in 0..TRIES {
            scan = Self::default();
            let before = output_identity(fs, paths)?;
            let steady = scan.look(fs, paths)?;
            if steady && output_identity(fs, paths)? == before {
                break;
            }
        }
        Ok(scan)
    }

    /// The digest of a sound OUTPUT.
    pub(super) fn output_digest(&self) -> Option<FileDigest> {
        self.output.as_ref()?.as_ref().ok().map(|seal| seal.digest)
    }

    fn look(&mut self, fs: &dyn StoreFs, paths: &Paths) -> Result<bool> {
        self.output = seal_of(fs, &paths.output).map_err(Error::disk("read", &paths.output))?;
        let mut steady = true;
        for folder in list(fs, &paths.shards)? {
            if folder.kind == FileKind::Dir && folder.name != QUARANTINE {
                steady &= self.look_at_run(fs, paths, &folder.name)?;
            }
        }
        Ok(steady)
    }

    fn look_at_run(&mut self, fs: &dyn StoreFs, paths: &Paths, run: &OsStr) -> Result<bool> {
        let folder = paths.run(run);
        let mut steady = true;
        let mut sweep = None;
        for Listed { name, .. } in list(fs, &folder)? {
            let path = folder.join(&name);
            if is_segment(&name) {
                match seal_of(fs, &path) {
                    Ok(Some(Ok(seal))) => self.segments.push(Segment { path, run: run.to_owned(), seal }),
                    Ok(Some(Err(flaw))) => self.unsound.push(Unsound { path, flaw }),
                    // Listed, then gone: merged or put aside under another name in between.
                    Ok(None) => steady = false,
                    Err(error) => self.unsound.push(Unsound { path, flaw: Flaw::Unreadable(error.to_string()) }),
                }
            } else if name == SWEEP {
                match read_sweep(fs, &path) {
                    Ok(text) => sweep = text,
                    Err(flaw) => self.unsound.push(Unsound { path, flaw }),
                }
            }
        }
        self.runs.push(RunFolder { name: run.to_owned(), sweep });
        Ok(steady)
    }
}

fn output_identity(fs: &dyn StoreFs, paths: &Paths) -> Result<Option<Sound<FileDigest>>> {
    identity_of(fs, &paths.output).map_err(Error::disk("read", &paths.output))
}

fn list(fs: &dyn StoreFs, dir: &Path) -> Result<Vec<Listed>> {
    match fs.list(dir) {
        Ok(listed) => Ok(listed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::disk("list", dir)(error)),
    }
}

/// The text of a run's sweep; `None` if there is none.
pub(super) fn read_sweep(fs: &dyn StoreFs, path: &Path) -> Sound<Option<String>> {
    /// Far above any sweep; a longer file is not one of ours.
    const LIMIT: u64 = 64 << 20;
    let mut bytes = Vec::new();
    match fs.open(path).and_then(|file| file.take(LIMIT).read_to_end(&mut bytes)) {
        Ok(_) => parse_sweep(&bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Flaw::Unreadable(error.to_string())),
    }
}
