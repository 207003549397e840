//! After a merge: segments that OUTPUT contains go, what was rejected goes to quarantine, folders of ended runs go when empty.
//! What a merge that was stopped here leaves, the next merge or [`Store::tidy`] removes.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::compose::Rejected;
use super::container::IndexEntry;
use super::flaw::Flaw;
use super::fs::{FileKind, Listed};
use super::lock::{Liveness, liveness};
use super::merge::{Merge, MergeReport};
use super::paths::{LIVE, QUARANTINE, SWEEP, is_segment, parse_segment_name};
use super::plan::{Plan, Source};
use super::publish::{is_temporary, nonce};
use super::reader::seal_of;
use super::scan::{Scan, Segment};
use super::store::Store;
use crate::{Error, Result};

impl Merge<'_> {
    /// Cleans up; `index` is that of OUTPUT, re-opened under its name.
    pub(super) fn clean_up(
        &self,
        scan: &Scan,
        plan: &Plan,
        index: &[IndexEntry],
        rejected: &[Rejected],
        report: &mut MergeReport,
    ) -> Result<()> {
        if !self.lock.excludes_others() {
            // Without locks another merge may be about to replace the very OUTPUT that was just checked.
            report.segments_kept = scan.segments.len();
            return Ok(());
        }
        let held: HashSet<_> = index.iter().map(|entry| (entry.key, entry.case_id, entry.digest)).collect();
        let mut folders_kept = 0;
        for run in &scan.runs {
            let own = self.options.own.filter(|own| own.name == run.name);
            if self.options.leave_others && own.is_none() {
                folders_kept += 1;
                continue;
            }
            // While this lives, nobody else takes the folder for his own.
            let live = liveness(self.store.fs(), self.store.paths(), &run.name);
            let ended = matches!(live, Liveness::Dead(_));
            if self.options.replace && own.is_none() && self.options.own.is_some() {
                if ended {
                    report.quarantined.extend(self.store.quarantine_folder(&run.name, &Flaw::Superseded)?);
                } else {
                    folders_kept += 1;
                }
                continue;
            }
            let mut kept = 0;
            for (number, segment) in scan.segments.iter().enumerate().filter(|(_, segment)| segment.run == run.name) {
                let closed = ended || own.is_some_and(|own| own.is_closed(segment.name()));
                let no: Vec<_> = rejected.iter().filter(|no| no.source == Source::Segment(number)).collect();
                let settled = |entry: &IndexEntry| {
                    held.contains(&(entry.key, entry.case_id, entry.digest)) || no.iter().any(|no| no.key == entry.key)
                };
                let gone = closed
                    && plan.taken[number]
                    && segment.seal.index.iter().all(settled)
                    && self.put_away(segment, no.first().map(|no| &no.flaw), report)?;
                kept += usize::from(!gone);
            }
            report.segments_kept += kept;
            if kept > 0 || !ended || !self.store.remove_folder(&run.name)? {
                folders_kept += 1;
            }
        }
        self.store.remove_stale_outputs();
        if folders_kept == 0 {
            self.store.remove_shards();
        }
        Ok(())
    }

    /// A segment that OUTPUT contains is deleted; one with a rejected record is kept in quarantine.
    fn put_away(&self, segment: &Segment, flaw: Option<&Flaw>, report: &mut MergeReport) -> Result<bool> {
        let Some(flaw) = flaw else { return self.delete(segment, report) };
        report.quarantined.extend(self.store.quarantine_file(&segment.path, flaw)?);
        Ok(true)
    }

    /// Deletes a segment under a name that no writer uses, and only if it is still the one that was merged: whoever takes a
    /// living run for an ended one (locks may end at the node) then finds the newer segment and leaves it.
    fn delete(&self, segment: &Segment, report: &mut MergeReport) -> Result<bool> {
        let fs = self.store.fs();
        let mut path = segment.path.clone();
        if parse_segment_name(segment.name()).is_some() {
            let stem = path.file_stem().unwrap_or_default().to_owned();
            let mut name = stem;
            name.push(format!(".merged-{:016x}.h5", nonce()));
            let aside = path.with_file_name(name);
            match fs.rename(&path, &aside) {
                Ok(()) => path = aside,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
                Err(error) => return Err(Error::disk("put aside", &path)(error)),
            }
        }
        match seal_of(fs, &path).map_err(Error::disk("read", &path))? {
            Some(Ok(seal)) if seal.digest == segment.seal.digest => {}
            _ => return Ok(false),
        }
        fs.unlink(&path).map_err(Error::disk("delete", &path))?;
        report.segments_deleted += 1;
        Ok(true)
    }
}

impl Store {
    /// Removes what a program that was stopped left behind: folders without segments of ended runs, unfinished outputs, probes, an
    /// empty `OUTPUT.shards`. Does nothing while a merge is at work, or where locks do not exclude.
    pub fn tidy(&self) -> Result<()> {
        let no_shards =
            matches!(self.fs().stat(&self.paths().shards), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if no_shards && self.stale_outputs().is_empty() {
            return Ok(());
        }
        match self.lock_for_merge(Duration::ZERO) {
            Ok(lock) if lock.excludes_others() => self.remove_left_overs(),
            Ok(_) | Err(Error::InUse { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn remove_left_overs(&self) -> Result<()> {
        let (fs, shards) = (self.fs(), &self.paths().shards);
        for folder in fs.list(shards).map_err(Error::disk("list", shards))? {
            if folder.kind == FileKind::Dir
                && folder.name != QUARANTINE
                && let Liveness::Dead(_held) = liveness(fs, self.paths(), &folder.name)
            {
                self.remove_folder(&folder.name)?;
            }
        }
        self.remove_stale_outputs();
        self.remove_shards();
        Ok(())
    }

    /// Removes the folder of a run that ended, if nothing but its own furniture is left in it.
    fn remove_folder(&self, run: &OsStr) -> Result<bool> {
        let (fs, dir) = (self.fs(), self.paths().run(run));
        let listed = fs.list(&dir).map_err(Error::disk("list", &dir))?;
        let furniture = |name: &OsString| name == LIVE || name == SWEEP || is_temporary(name, OsStr::new(""));
        if listed.iter().any(|entry| is_segment(&entry.name) || !furniture(&entry.name)) {
            return Ok(false);
        }
        // `.live` last: as long as it is there and locked nobody else cleans up here.
        let order =
            listed.iter().filter(|entry| entry.name != LIVE).chain(listed.iter().filter(|entry| entry.name == LIVE));
        for entry in order {
            let path = dir.join(&entry.name);
            if let Err(error) = fs.unlink(&path) {
                tracing::warn!("cannot delete {}: {error}", path.display());
                return Ok(false);
            }
        }
        Ok(fs.rmdir(&dir).is_ok())
    }

    /// Removes unfinished outputs. We hold the merge lock, so nobody is writing one; whoever is probing the folder tries again.
    fn remove_stale_outputs(&self) {
        for path in self.stale_outputs() {
            tracing::info!("removing {}, left by a process that was killed", path.display());
            let _ = self.fs().unlink(&path);
        }
    }

    fn stale_outputs(&self) -> Vec<PathBuf> {
        let paths = self.paths();
        self.temporary_in(paths.dir(), paths.output.file_name().unwrap_or_default())
    }

    /// Temporary files in a folder, for `target` or for any.
    fn temporary_in(&self, dir: &Path, target: &OsStr) -> Vec<PathBuf> {
        let listed = self.fs().list(dir).unwrap_or_default();
        listed.iter().filter(|entry| is_temporary(&entry.name, target)).map(|entry| dir.join(&entry.name)).collect()
    }

    /// Removes `OUTPUT.shards` if nothing is in it; harmless if somebody is just starting to use it.
    fn remove_shards(&self) {
        let (fs, paths) = (self.fs(), self.paths());
        let _ = fs.rmdir(&paths.quarantine());
        for probe in self.temporary_in(&paths.shards, OsStr::new("")) {
            let _ = fs.unlink(&probe);
        }
        let lock = paths.merge_lock();
        let only_lock = |entries: Vec<Listed>| entries.iter().all(|entry| paths.shards.join(&entry.name) == lock);
        if fs.list(&paths.shards).is_ok_and(only_lock) {
            let _ = fs.unlink(&lock);
            let _ = fs.rmdir(&paths.shards);
        }
    }
}
