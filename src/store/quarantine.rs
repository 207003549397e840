//! Quarantine: what is not sound is moved out of the way with its reason, never deleted. What is sound in it is saved first.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::flaw::Flaw;
use super::inventory::{Inventory, Unsound};
use super::lock::{Liveness, liveness};
use super::paths::{SWEEP, segment_name};
use super::provenance::Provenance;
use super::publish::{Existing, nonce, parent, publish};
use super::reader::seal_of;
use super::run_dir::{RunDir, make_dir};
use super::scan::{Scan, read_sweep};
use super::segment;
use super::store::Store;
use super::utc;
use crate::{Error, Result};

/// How long to wait for a merge to end.
const MERGE_TIME: Duration = Duration::from_mins(10);

/// A file that was moved to quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Where it was.
    pub from: PathBuf,
    /// Where it is.
    pub to: PathBuf,
    /// Why.
    pub flaw: Flaw,
    /// Records of it that were sound and are kept in a segment of their own.
    pub salvaged: usize,
}

impl Store {
    /// Moves the unsound files of an inventory to `OUTPUT.shards/quarantine`, each with a JSON file that states the reason; an
    /// unsound OUTPUT too. Sound records in them are first saved into segments of a run of their own. Files of living runs, files
    /// of a newer program and files that the disk would not give stay.
    pub fn quarantine(&self, inventory: &Inventory) -> Result<Vec<Quarantined>> {
        if !inventory.unsound.iter().any(|unsound| unsound.flaw.condemns()) {
            return Ok(Vec::new());
        }
        // A merge may be putting a sound OUTPUT where the unsound one was.
        let _lock = self.lock_for_merge(MERGE_TIME)?;
        self.clear(&inventory.unsound)
    }

    pub(super) fn clear_unsound(&self, scan: &Scan) -> Result<Vec<Quarantined>> {
        let output = match &scan.output {
            Some(Err(flaw)) => Some(Unsound { path: self.paths().output.clone(), flaw: flaw.clone() }),
            _ => None,
        };
        let all: Vec<_> = output.into_iter().chain(scan.unsound.iter().cloned()).collect();
        self.clear(&all)
    }

    fn clear(&self, unsound: &[Unsound]) -> Result<Vec<Quarantined>> {
        let mut quarantined = Vec::new();
        for Unsound { path, flaw } in unsound {
            let is_sweep = path.file_name() == Some(OsStr::new(SWEEP));
            if !flaw.condemns() || self.is_of_living_run(path) || !(is_sweep || self.is_still_unsound(path)) {
                continue;
            }
            let salvaged = if is_sweep { 0 } else { self.rescue(path, flaw)? };
            if let Some(mut moved) = self.quarantine_file(path, flaw)? {
                moved.salvaged = salvaged;
                tracing::warn!(
                    "{}: {flaw}; moved to {}, {salvaged} sound records kept",
                    path.display(),
                    moved.to.display()
                );
                quarantined.push(moved);
            }
        }
        Ok(quarantined)
    }

    fn is_still_unsound(&self, path: &Path) -> bool {
        matches!(seal_of(self.fs(), path), Ok(Some(Err(flaw))) if flaw.condemns())
    }

    fn is_of_living_run(&self, path: &Path) -> bool {
        let run = path.strip_prefix(&self.paths().shards).ok().and_then(|inside| inside.iter().next());
        run.is_some_and(|run| matches!(liveness(self.fs(), self.paths(), run), Liveness::Alive))
    }

    /// Saves the sound records of an unsound file into new segments.
    fn rescue(&self, path: &Path, flaw: &Flaw) -> Result<usize> {
        let Some(salvager) = self.salvager().filter(|_| *flaw != Flaw::Empty) else { return Ok(0) };
        let provenance = Provenance::here().with("salvaged_from", path.display());
        // A segment's sweep lies beside it.
        let beside = parent(path).join(SWEEP);
        let is_segment = path.starts_with(&self.paths().shards);
        let sweep = if is_segment { read_sweep(self.fs(), &beside).ok().flatten() } else { None };
        let mut dir = RunDir::new(self.shared_fs(), self.paths().clone(), &sweep.unwrap_or_default(), &provenance);
        let (mut sequence, mut saved) = (0, 0);
        let ended = salvager.run(path, &mut |records| {
            saved += records.len();
            dir.publish(&segment_name(0, sequence), &segment::encode(&records)?)?;
            sequence += 1;
            Ok(())
        })?;
        if let Some(flaw) = ended {
            tracing::warn!("{}: {flaw}", path.display());
        }
        Ok(saved)
    }

    /// Moves one file to quarantine; `None` if it is gone.
    pub(super) fn quarantine_file(&self, path: &Path, flaw: &Flaw) -> Result<Option<Quarantined>> {
        let run = parent(path).file_name().filter(|_| path.starts_with(&self.paths().shards));
        let mut name = run.map(OsStr::to_owned).unwrap_or_default();
        if !name.is_empty() {
            name.push("--");
        }
        name.push(path.file_name().unwrap_or_default());
        self.move_to_quarantine(path, name, flaw)
    }

    /// Moves the folder of an ended run to quarantine.
    pub(super) fn quarantine_folder(&self, run: &OsStr, flaw: &Flaw) -> Result<Option<Quarantined>> {
        self.move_to_quarantine(&self.paths().run(run), run.to_owned(), flaw)
    }

    fn move_to_quarantine(&self, from: &Path, mut name: OsString, flaw: &Flaw) -> Result<Option<Quarantined>> {
        let (fs, dir) = (self.fs(), self.paths().quarantine());
        make_dir(fs, &self.paths().shards)?;
        make_dir(fs, &dir)?;
        name.push(format!(".{}.{:016x}", flaw.slug(), nonce()));
        let to = dir.join(&name);
        match fs.rename(from, &to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::disk("move to quarantine", from)(error)),
        }
        for changed in [dir.as_path(), parent(from)] {
            fs.sync_dir(changed).map_err(Error::disk("sync the folder", changed))?;
        }
        let reason = serde_json::json!({
            "from": from.to_string_lossy(),
            "reason": flaw.slug(),
            "detail": flaw.to_string(),
            "time": utc::now(),
        });
        let mut json = name;
        json.push(".json");
        // The reason is also in the log; the move itself must not depend on it.
        if let Err(error) = publish(fs, &dir.join(json), format!("{reason:#}\n").as_bytes(), Existing::Refuse) {
            tracing::warn!("cannot write why {} is in quarantine: {error}", to.display());
        }
        Ok(Some(Quarantined { from: from.to_owned(), to, flaw: flaw.clone(), salvaged: 0 }))
    }
}
