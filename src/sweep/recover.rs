//! Recovering what is sound in any files into one OUTPUT: shards, folders of shards, quarantine, other outputs, and the worker files of
//! the Python script. No file that is read is changed.
//!
//! The sweep is the one that the files themselves, or OUTPUT, say they belong to; files of the Python script say nothing, so for them
//! alone the caller names it. A record of ours is taken if its case id is that of the sweep's case of this name. A layout of the Python
//! script takes the place of the case of its name if it is one: as many turbines, the same rotor, inside the boundary, far enough apart.
//! Its AEP is computed anew, and the record is marked as recovered. A record of ours goes before it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::aep::Simd;
use crate::error::{Problem, Result};
use crate::store::{
    CaseKey, Compression, FileState, Flaw, ForeignCase, LostCase, MergeReport, Origin, Outcome, Record, RecordDigest,
    Salvaged, Salvager, Solution, Store, StoredSweep, SweepText, files_below, read_anyhow, sweep_of, sweeps_beside,
};
use crate::sweep::plan::{stored_sweep, united_with};
use crate::sweep::run::Prover;
use crate::sweep::{PutRecord, Selection, Solver, Sweep, take_in};

/// How to recover.
#[derive(Debug)]
pub struct RecoverySettings {
    /// The sweep to recover; none: the one that the files say they belong to.
    pub sweep: Option<Sweep>,
    /// Reads damaged and foreign files.
    pub salvager: Salvager,
    /// Threads to compute AEPs on.
    pub threads: usize,
    /// Instructions to compute with.
    pub simd: Simd,
    /// How OUTPUT's large data sets are compressed; none: as they are.
    pub compression: Option<Compression>,
}

/// What was recovered.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Files read.
    pub files: usize,
    /// Records taken over, each case once.
    pub taken: u64,
    /// Of these, layouts of the Python script.
    pub foreign: u64,
    /// Of those, with an AEP that the script had never evaluated.
    pub never_evaluated: u64,
    /// Cases that were found more than once, or are in OUTPUT already.
    pub duplicates: u64,
    /// Files that are not sound, with the reason; what is sound in them was taken.
    pub damaged: Vec<(PathBuf, Flaw)>,
    /// Cases that were not taken, with file and reason, if no other file has them.
    pub lost: Vec<(PathBuf, LostCase)>,
    /// Cases of the sweep that OUTPUT does not have.
    pub missing: Vec<CaseKey>,
    /// Cases of the sweep.
    pub total: usize,
    /// The merge into OUTPUT.
    pub merge: MergeReport,
}

/// Recovers what is sound in `paths` into the store's OUTPUT, beside what is there. `progress` is told the number of files read.
///
/// # Errors
/// Paths that are not there, files of different sweeps, no sweep at all, an OUTPUT that is not sound; nothing is written then. The disk.
pub fn recover(
    paths: &[PathBuf],
    store: &Store,
    settings: &RecoverySettings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Recovery> {
    let files = files_below(paths)?;
    if files.is_empty() {
        return Err(Problem::new(list(paths), "holds no file to recover").into());
    }
    store.preflight()?;
    let inventory = store.scan()?;
    if let Some(unsound) = inventory.unsound.iter().find(|unsound| unsound.path == store.output()) {
        let fault = format!("{}; `layoutopt repair` it first, or choose another --output", unsound.flaw);
        return Err(Problem::new(store.output().display().to_string(), fault).into());
    }
    let sweep = sweep_for(&files, &inventory.stored_sweeps, settings)?;
    let solver = Arc::new(Solver::new(sweep, settings.simd)?);
    let prover = Prover::new(Arc::clone(&solver), settings.threads)?;
    let known = inventory.entries.iter().filter(|(_, entry)| inventory.files[entry.source].is_output);
    let mut intake = Intake {
        solver: &solver,
        prover: &prover,
        have: known.map(|((key, _), entry)| (*key, entry.digest)).collect(),
        lost: BTreeMap::new(),
        foreign: Vec::new(),
        report: Recovery { files: files.len(), ..Recovery::default() },
    };
    let merge = take_in(store, &solver, &list(paths), settings.compression, &mut |put| {
        for (number, file) in files.iter().enumerate() {
            intake.file(file, &settings.salvager, put)?;
            progress(number + 1, files.len());
        }
        Ok(())
    })?;
    let mut report = intake.report;
    let stored: BTreeSet<CaseKey> = store.scan()?.entries.keys().map(|(key, _)| *key).collect();
    let cases = solver.sweep().cases(&Selection::default())?;
    report.total = cases.len();
    report.missing = cases.iter().map(|case| case.key).filter(|key| !stored.contains(key)).collect();
    report.lost = intake.lost.into_values().filter(|(_, lost)| !is_stored(&stored, &lost.case)).collect();
    report.merge = merge;
    Ok(report)
}

fn is_stored(stored: &BTreeSet<CaseKey>, case: &str) -> bool {
    case.parse::<CaseKey>().is_ok_and(|key| stored.contains(&key))
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The sweep that the caller names, or that the files belong to, united with the one of OUTPUT.
fn sweep_for(files: &[PathBuf], output: &[StoredSweep], settings: &RecoverySettings) -> Result<Sweep> {
    if let Some(sweep) = &settings.sweep {
        return united_with(sweep.clone(), output);
    }
    let mut found = output.to_vec();
    found.extend(sweeps_beside(files));
    found.extend(files.iter().filter_map(|file| sweep_of(file).ok()));
    if found.is_empty() {
        for file in files {
            // What a damaged file says of its sweep counts only if a digest beside it vouches for it.
            read_anyhow(file, &settings.salvager, &mut |salvaged| {
                if let Salvaged::Sweep(SweepText { text, proven: true }) = salvaged {
                    found.push(StoredSweep { path: file.clone(), text });
                }
                Ok(())
            })?;
        }
    }
    // Files of one run repeat the same text.
    let mut seen = BTreeSet::new();
    found.retain(|sweep| seen.insert(sweep.text.clone()));
    stored_sweep(&found)?.ok_or_else(|| {
        let fault = "no file says which sweep it belongs to (those of the Python script never do); name it: --sweep dei for the \
                     built-in one, or --sweep my-sweep.toml";
        Problem::new("--sweep", fault).into()
    })
}

/// Sorts what is found.
struct Intake<'a> {
    solver: &'a Solver,
    prover: &'a Prover,
    /// What is taken or was there.
    have: BTreeMap<CaseKey, RecordDigest>,
    /// Cases not taken: the first reason for each.
    lost: BTreeMap<String, (PathBuf, LostCase)>,
    /// Cases waiting for their AEP.
    foreign: Vec<ForeignCase>,
    report: Recovery,
}

impl Intake<'_> {
    fn file(&mut self, file: &Path, salvager: &Salvager, put: PutRecord<'_>) -> Result<()> {
        let mut is_foreign = false;
        let state = read_anyhow(file, salvager, &mut |salvaged| match salvaged {
            Salvaged::Records(records) => records.into_iter().try_for_each(|record| self.record(file, record, put)),
            Salvaged::Lost(lost) => {
                self.lose(file, lost.case, lost.reason);
                Ok(())
            }
            Salvaged::Foreign(case) => {
                is_foreign = true;
                self.foreign.push(case);
                if self.foreign.len() >= Prover::BATCH { self.adopt(file, put) } else { Ok(()) }
            }
            Salvaged::Sweep(_) => Ok(()),
        })?;
        self.adopt(file, put)?;
        match state {
            FileState::Sealed => {}
            // A file of the Python script has no footer, and nobody expects one.
            FileState::Unsealed(Flaw::NoFooter) if is_foreign => {}
            FileState::Unsealed(flaw) => self.report.damaged.push((file.to_owned(), flaw)),
        }
        Ok(())
    }

    fn record(&mut self, file: &Path, record: Record, put: PutRecord<'_>) -> Result<()> {
        let case = self.solver.case(record.key);
        match case {
            None => self.lose(file, record.key.to_string(), "the sweep has no such case".into()),
            Some(_) if !self.solver.knows(record.key, record.case_id) => {
                self.lose(file, record.key.to_string(), "another sweep's: its inputs are not this sweep's".into());
            }
            Some(_) => match self.solver.prove_constraints(&record) {
                Err(reason) => self.lose(file, record.key.to_string(), reason),
                Ok(()) => return self.put(record, put),
            },
        }
        Ok(())
    }

    fn adopt(&mut self, file: &Path, put: PutRecord<'_>) -> Result<()> {
        let cases = std::mem::take(&mut self.foreign);
        for (case, adopted) in cases.iter().zip(self.prover.adopt(&cases)) {
            match adopted {
                // Whatever is there already was there before, or is ours.
                Ok(record) if self.have.contains_key(&record.key) => self.report.duplicates += 1,
                Ok(record) => {
                    self.put(record, put)?;
                    self.report.foreign += 1;
                    self.report.never_evaluated += u64::from(case.aep_gwh == 0.0);
                }
                Err(reason) => self.lose(file, case.key().to_string(), reason),
            }
        }
        Ok(())
    }

    /// Hands a record on, unless the same was handed on before; of two that differ the merge takes one by its fixed rule.
    fn put(&mut self, record: Record, put: PutRecord<'_>) -> Result<()> {
        let digest = record.digest();
        match self.have.insert(record.key, digest) {
            Some(known) if known == digest => self.report.duplicates += 1,
            Some(_) => {
                self.report.duplicates += 1;
                put(record)?;
            }
            None => {
                self.report.taken += 1;
                put(record)?;
            }
        }
        Ok(())
    }

    fn lose(&mut self, file: &Path, case: String, reason: String) {
        self.lost.entry(case.clone()).or_insert_with(|| (file.to_owned(), LostCase { case, reason }));
    }
}

impl Solver {
    /// A case of the Python script as a record of this sweep, with its AEP computed and its constraints proven.
    ///
    /// # Errors
    /// Why it is not a solution of the sweep's case of this name, in words.
    pub fn adopt(&self, foreign: &ForeignCase) -> std::result::Result<Record, String> {
        const ROTOR_TOLERANCE_M: f64 = 1e-6;
        let key = foreign.key();
        let case = self.case(key).ok_or_else(|| format!("the sweep has no {key}"))?;
        let (farm, turbine) = (&self.sweep().farms[key.farm as usize], &self.sweep().turbines[key.turbine as usize]);
        if let Some(found) = foreign.rotor_diameter_m
            && (found - turbine.rotor_diameter_m).abs() > ROTOR_TOLERANCE_M
        {
            return Err(format!("a rotor of {found} m, the sweep's turbine has {} m", turbine.rotor_diameter_m));
        }
        let layout = crate::farm::Layout { x_m: foreign.x_m.clone(), y_m: foreign.y_m.clone() };
        let solution = |aep_gwh, aep_no_wake_gwh, layout| Solution {
            layout,
            rotor_diameter_m: turbine.rotor_diameter_m,
            aep_gwh,
            aep_no_wake_gwh,
            restart: 0,
            origin: Origin::Recovered { stated_aep_gwh: foreign.aep_gwh },
            stages: vec![],
        };
        let record = |solution| Record {
            key,
            case_id: case.case_id,
            farm: farm.farm.name.clone(),
            turbine: turbine.name.clone(),
            outcome: Outcome::Solved(solution),
        };
        // Constraints first, with numbers that stand for energies not yet known: a layout that breaks them is not worth evaluating.
        self.prove_constraints(&record(solution(1.0, 1.0, layout.clone())))?;
        let production = self.production(key, &layout);
        Ok(record(solution(production.aep_gwh(), production.aep_no_wake_gwh(), layout)))
    }
}
