//! The proof of a file: its structure, and every record against its sweep.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::aep::Simd;
use crate::error::{Problem, Result};
use crate::store::{Record, Salvager, sweep_of, validate_structure};
use crate::sweep::run::Prover;
use crate::sweep::{Solver, parse_stored};

/// What was found out about one file.
#[derive(Debug, Default, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: String,
    /// Whether no error was found.
    pub is_valid: bool,
    /// Why it is not valid.
    pub errors: Vec<String>,
    /// What may surprise, but is no fault.
    pub warnings: Vec<String>,
    /// Sound solved cases.
    pub cases: u64,
    /// Sound failed cases.
    pub failed: u64,
    /// Solved cases whose AEP was recomputed.
    pub aep_recomputed: u64,
    /// Length, bytes.
    pub file_size_bytes: u64,
}

/// How much of a file's energy is recomputed, and with what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Share of the solved cases whose AEP is recomputed, above 0, at most 1. Evenly spread over the file, the first one always: the
    /// same file has the same sample.
    pub aep_share: f64,
    /// Threads.
    pub threads: usize,
    /// Instructions.
    pub simd: Simd,
}

/// Proves an OUTPUT or a shard: structure, checksums and finite numbers; turbine count, boundary and spacing of every case, and the
/// recomputed AEP of as many as `effort` says. `progress` is told how many cases are proven, now and then.
///
/// # Errors
/// A file that is not there, or a disk that does not read. What is wrong with the file's contents is in the report.
pub fn validate(
    path: &Path,
    salvager: Option<&Salvager>,
    effort: Effort,
    progress: &mut dyn FnMut(usize),
) -> Result<FileReport> {
    let place = path.display().to_string();
    if !path.is_file() {
        return Err(Problem::new(place, "is not a file; give an OUTPUT or a shard").into());
    }
    let mut report = FileReport { file: place, ..FileReport::default() };
    let solver = match sweep_of(path).and_then(|stored| parse_stored(&stored)) {
        Ok(sweep) => Some(Solver::new(sweep, effort.simd)?),
        Err(error) => {
            report.warnings.push(format!("constraints and AEP are not checked: {error}"));
            None
        }
    };
    let prover = solver.map(|solver| Prover::new(Arc::new(solver), effort.threads)).transpose()?;
    let mut proofs = Proofs {
        prover,
        share: effort.aep_share,
        progress,
        waiting: Vec::new(),
        faults: Vec::new(),
        solved: 0,
        recomputed: 0,
        proven: 0,
    };
    let structure = validate_structure(path, salvager, &mut |record| proofs.add(record))?;
    proofs.work_off();
    report.errors.extend(structure.errors);
    report.errors.extend(proofs.faults);
    report.warnings.extend(structure.warnings);
    report.cases = structure.solved;
    report.failed = structure.failed;
    report.aep_recomputed = proofs.recomputed;
    report.file_size_bytes = structure.file_size_bytes;
    report.is_valid = report.errors.is_empty();
    Ok(report)
}

/// Records on their way to being proven, some at a time.
struct Proofs<'a> {
    prover: Option<Prover>,
    share: f64,
    progress: &'a mut dyn FnMut(usize),
    waiting: Vec<(Record, bool)>,
    faults: Vec<String>,
    solved: u64,
    recomputed: u64,
    proven: usize,
}

impl Proofs<'_> {
    fn add(&mut self, record: Record) {
        let with_aep = record.is_solved() && self.is_drawn();
        self.waiting.push((record, with_aep));
        if self.waiting.len() >= Prover::BATCH {
            self.work_off();
        }
    }

    /// Whether the next solved case is one of the sample.
    fn is_drawn(&mut self) -> bool {
        let drawn = |cases: u64| (cases as f64 * self.share).ceil();
        let is_drawn = drawn(self.solved + 1) > drawn(self.solved);
        self.solved += 1;
        is_drawn
    }

    fn work_off(&mut self) {
        if let Some(prover) = &self.prover {
            let found = prover.prove(&self.waiting);
            self.recomputed += self.waiting.iter().filter(|(_, with_aep)| *with_aep).count() as u64;
            let faults = self.waiting.iter().zip(found);
            self.faults
                .extend(faults.filter_map(|((record, _), fault)| Some(format!("{}: {}", record.key, fault.err()?))));
        }
        self.proven += self.waiting.len();
        self.waiting.clear();
        (self.progress)(self.proven);
    }
}
