//! What is going on around an OUTPUT, for people to look at. Reads everything, changes nothing.

use super::flaw::Flaw;
use super::fs::FileKind;
use super::lock::{Liveness, holder, is_held, liveness};
use super::output::solved;
use super::scan::Scan;
use super::store::Store;
use crate::Result;

/// The state of a store.
#[derive(Debug, Clone, Default)]
pub struct StoreStatus {
    /// OUTPUT, if there is one: its counts, or why it is not sound.
    pub output: Option<std::result::Result<OutputStatus, Flaw>>,
    /// Who holds OUTPUT, as a phrase, if somebody does.
    pub holder: Option<String>,
    /// Runs with segments that wait for a merge.
    pub runs: Vec<RunStatus>,
    /// Files in quarantine.
    pub quarantined: usize,
    /// Unsound files that no merge has moved yet.
    pub unsound: usize,
}

/// A sound OUTPUT in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputStatus {
    /// Solved cases.
    pub solved: u64,
    /// Failed cases.
    pub failed: u64,
    /// Length, bytes.
    pub bytes: u64,
}

/// One run's shards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStatus {
    /// Name of its folder.
    pub name: String,
    /// Whether it lives; also `true` if the file system cannot tell.
    pub alive: bool,
    /// Segments waiting.
    pub segments: usize,
    /// Records in them.
    pub records: usize,
    /// Their length, bytes.
    pub bytes: u64,
}

impl Store {
    /// Looks at OUTPUT, its lock, its shards and its quarantine.
    pub fn status(&self) -> Result<StoreStatus> {
        let (fs, paths) = (self.fs(), self.paths());
        let scan = Scan::new(fs, paths)?;
        let output = scan.output.as_ref().map(|output| match output {
            Ok(seal) => {
                let solved = solved(&seal.index);
                let bytes = fs.stat(&paths.output).map_or(0, |stat| stat.len);
                Ok(OutputStatus { solved, failed: seal.index.len() as u64 - solved, bytes })
            }
            Err(flaw) => Err(flaw.clone()),
        });
        let runs = scan.runs.iter().map(|run| {
            let segments: Vec<_> = scan.segments.iter().filter(|segment| segment.run == run.name).collect();
            RunStatus {
                name: run.name.to_string_lossy().into_owned(),
                alive: matches!(liveness(fs, paths, &run.name), Liveness::Alive),
                segments: segments.len(),
                records: segments.iter().map(|segment| segment.seal.index.len()).sum(),
                bytes: segments.iter().map(|segment| segment.seal.body_len).sum(),
            }
        });
        let in_quarantine = fs.list(&paths.quarantine()).unwrap_or_default();
        let reasons = |name: &std::ffi::OsString| name.to_string_lossy().ends_with(".json");
        Ok(StoreStatus {
            output,
            holder: is_held(fs, &paths.lock).unwrap_or(false).then(|| holder(fs, &paths.lock)),
            runs: runs.collect(),
            quarantined: in_quarantine
                .iter()
                .filter(|entry| entry.kind != FileKind::Other && !reasons(&entry.name))
                .count(),
            unsound: scan.unsound.len(),
        })
    }
}
