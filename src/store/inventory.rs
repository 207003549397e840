//! The inventory: what is done, as far as stored bytes prove it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::container::IndexEntry;
use super::flaw::Flaw;
use super::paths::{Paths, SWEEP};
use super::record::{CaseId, CaseKey, RecordDigest};
use super::scan::Scan;

/// What OUTPUT and its shards hold. A case is done if its key *and* its case id are in `entries`: one key may stand there under
/// several ids, left over from other sweeps.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Sound records, without their numbers.
    pub entries: BTreeMap<(CaseKey, CaseId), Entry>,
    /// Cases with two different records of the same inputs: a merge takes one by a fixed rule.
    pub conflicts: Vec<Conflict>,
    /// Files that were left out, with the reason. `scan` does not touch them; `quarantine` moves them.
    pub unsound: Vec<Unsound>,
    /// The sweeps that OUTPUT and the runs say they belong to.
    pub stored_sweeps: Vec<StoredSweep>,
    /// The sound files read: OUTPUT first if there is one, then the segments.
    pub files: Vec<StoredContainer>,
}

/// A sound record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Digest of the record.
    pub digest: RecordDigest,
    /// Solved, or failed.
    pub solved: bool,
    /// Index into [`Inventory::files`].
    pub source: usize,
}

/// Two records of one case that differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The case.
    pub key: CaseKey,
    /// Its inputs.
    pub case_id: CaseId,
    /// The files that hold the two records.
    pub sources: [PathBuf; 2],
}

/// A file that is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsound {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub flaw: Flaw,
}

/// A sweep as a file keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSweep {
    /// OUTPUT, or a run's `sweep.toml`.
    pub path: PathBuf,
    /// The complete sweep.
    pub text: String,
}

/// A sound file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredContainer {
    /// The file.
    pub path: PathBuf,
    /// Whether it is OUTPUT; otherwise a segment.
    pub is_output: bool,
    /// Number of records.
    pub records: usize,
    /// Length of its HDF5 image, bytes.
    pub body_len: u64,
}

impl Inventory {
    /// Whether the case of this key and these inputs is stored, solved or failed.
    pub fn holds(&self, key: CaseKey, case_id: CaseId) -> bool {
        self.entries.contains_key(&(key, case_id))
    }

    /// The case ids under which a key is stored; more than one if sweeps were mixed.
    pub fn ids_of(&self, key: CaseKey) -> impl Iterator<Item = CaseId> + '_ {
        self.entries.range((key, CaseId([0; 16]))..=(key, CaseId([0xff; 16]))).map(|((_, case_id), _)| *case_id)
    }

    pub(super) fn of(scan: &Scan, paths: &Paths, output_sweep: Option<String>) -> Self {
        let mut inventory = Self { unsound: scan.unsound.clone(), ..Self::default() };
        match &scan.output {
            Some(Ok(seal)) => inventory.add(&paths.output, true, seal.body_len, &seal.index),
            Some(Err(flaw)) => inventory.unsound.insert(0, Unsound { path: paths.output.clone(), flaw: flaw.clone() }),
            None => {}
        }
        for segment in &scan.segments {
            inventory.add(&segment.path, false, segment.seal.body_len, &segment.seal.index);
        }
        inventory.stored_sweeps.extend(output_sweep.map(|text| StoredSweep { path: paths.output.clone(), text }));
        for run in &scan.runs {
            let path = paths.run(&run.name).join(SWEEP);
            inventory.stored_sweeps.extend(run.sweep.clone().map(|text| StoredSweep { path, text }));
        }
        inventory
    }

    fn add(&mut self, path: &Path, is_output: bool, body_len: u64, index: &[IndexEntry]) {
        let source = self.files.len();
        self.files.push(StoredContainer { path: path.to_owned(), is_output, records: index.len(), body_len });
        for entry in index {
            let new = Entry { digest: entry.digest, solved: entry.solved, source };
            let known = *self.entries.entry((entry.key, entry.case_id)).or_insert(new);
            if known.digest != new.digest {
                let sources = [self.files[known.source].path.clone(), path.to_owned()];
                self.conflicts.push(Conflict { key: entry.key, case_id: entry.case_id, sources });
            }
        }
    }
}
