//! The proof of a file: its structure, and every record against its sweep.

use std::path::Path;

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
    /// Length, bytes.
    pub file_size_bytes: u64,
}

/// Proves an OUTPUT or a shard: structure, checksums and finite numbers; turbine count, boundary, spacing and the recomputed AEP of every
/// case. `progress` is told how many cases are proven, now and then.
///
/// # Errors
/// A file that is not there, or a disk that does not read. What is wrong with the file's contents is in the report.
pub fn validate(
    path: &Path,
    salvager: Option<&Salvager>,
    threads: usize,
    simd: Simd,
    progress: &mut dyn FnMut(usize),
) -> Result<FileReport> {
    let place = path.display().to_string();
    if !path.is_file() {
        return Err(Problem::new(place, "is not a file; give an OUTPUT or a shard").into());
    }
    let mut report = FileReport { file: place, ..FileReport::default() };
    let solver = match sweep_of(path).and_then(|stored| parse_stored(&stored)) {
        Ok(sweep) => Some(Solver::new(sweep, simd)?),
        Err(error) => {
            report.warnings.push(format!("constraints and AEP are not checked: {error}"));
            None
        }
    };
    let prover = solver.map(|solver| Prover::new(solver, threads)).transpose()?;
    let mut proven = 0;
    let mut waiting: Vec<Record> = Vec::new();
    let mut faults = Vec::new();
    let mut prove = |waiting: &mut Vec<Record>| {
        if let Some(prover) = &prover {
            let found = prover.prove(waiting);
            faults.extend(
                waiting
                    .iter()
                    .zip(found)
                    .filter_map(|(record, fault)| fault.err().map(|f| format!("{}: {f}", record.key))),
            );
        }
        proven += waiting.len();
        waiting.clear();
        progress(proven);
    };
    let structure = validate_structure(path, salvager, &mut |record| {
        waiting.push(record);
        if waiting.len() >= Prover::BATCH {
            prove(&mut waiting);
        }
    })?;
    prove(&mut waiting);
    report.errors.extend(structure.errors);
    report.errors.extend(faults);
    report.warnings.extend(structure.warnings);
    report.cases = structure.solved;
    report.failed = structure.failed;
    report.file_size_bytes = structure.file_size_bytes;
    report.is_valid = report.errors.is_empty();
    Ok(report)
}
