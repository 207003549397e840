//! Repairing a file: what is sound in it goes to a new file, which is proven and only then takes the old one's place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Problem, Result};
use crate::report::{Effort, FileReport, validate};
use crate::store::{
    CaseKey, LostCase, Record, Replacement, Salvaged, Salvager, StoredSweep, SweepText, read_anyhow, sweep_of,
    sweeps_beside,
};
use crate::sweep::run::Prover;
use crate::sweep::{PutRecord, Selection, Solver, Sweep, parse_stored, take_in};

/// How to repair.
#[derive(Debug)]
pub struct RepairSettings {
    /// Keep the damaged file under another name.
    pub backup: bool,
    /// The file's sweep, where the file does not say it any more.
    pub sweep: Option<Sweep>,
    /// Reads the damaged file.
    pub salvager: Salvager,
    /// Threads and instructions for the proofs.
    pub effort: Effort,
}

/// What a repair did.
#[derive(Debug)]
pub enum Repair {
    /// The file is sound; nothing was changed.
    NothingToDo(FileReport),
    /// A sound file stands in its place.
    Replaced(Replaced),
}

/// A file that was replaced by what is sound in it.
#[derive(Debug)]
pub struct Replaced {
    /// What was wrong.
    pub faults: Vec<String>,
    /// Cases kept.
    pub kept: Vec<CaseKey>,
    /// Cases that are in the file, but not sound.
    pub lost: Vec<LostCase>,
    /// Cases of the sweep that are not in the new file, lost ones among them.
    pub missing: usize,
    /// What makes the result less sure than it might be.
    pub warnings: Vec<String>,
    /// Where the damaged file is now.
    pub backup: Option<PathBuf>,
}

/// Repairs an OUTPUT. `progress` is told how many cases are proven, now and then.
///
/// # Errors
/// Not a file; a shard; a file in use; a file in which nothing is sound, or whose sweep is not to be found: it is then left as it is.
pub fn repair(path: &Path, settings: &RepairSettings, progress: &mut dyn FnMut(usize)) -> Result<Repair> {
    let found = validate(path, Some(&settings.salvager), settings.effort, progress)?;
    if found.is_valid {
        return Ok(Repair::NothingToDo(found));
    }
    let refuse = |fault: String| Error::from(Problem::new(path.display().to_string(), fault));
    if !sweeps_beside(&[path.to_owned()]).is_empty() {
        return Err(refuse(
            "is a shard: `layoutopt merge` keeps what is sound in it, `layoutopt recover` brings it elsewhere".into(),
        ));
    }
    let replacement = Replacement::of(path)?;
    let (sweep, proven) = sweep_in(path, settings)?.ok_or_else(|| {
        refuse("no longer says which sweep it belongs to; name it with --sweep, as for `layoutopt run`".into())
    })?;
    let solver = Arc::new(Solver::new(sweep, settings.effort.simd)?);
    let mut sorting = Sorting {
        solver: &solver,
        prover: Prover::new(Arc::clone(&solver), settings.effort.threads)?,
        waiting: Vec::new(),
        kept: BTreeSet::new(),
        lost: Vec::new(),
        foreign: 0,
        progress,
    };
    let from = path.display().to_string();
    take_in(replacement.store(), &solver, &from, None, &mut |put| {
        read_anyhow(path, &settings.salvager, &mut |salvaged| sorting.take(salvaged, put))?;
        sorting.work_off(put)
    })?;
    let Sorting { kept, lost, foreign, .. } = sorting;
    if kept.is_empty() {
        let remedy = if foreign > 0 {
            "layouts of the Python script are in it: `layoutopt recover` takes them over"
        } else {
            "nothing sound is left in it"
        };
        return Err(Error::Unsound { path: path.to_owned(), reason: format!("{remedy}; it is left as it is") });
    }
    let result =
        validate(replacement.store().output(), None, Effort { aep_share: 0.01, ..settings.effort }, &mut |_| {})?;
    if !result.is_valid || result.cases + result.failed != kept.len() as u64 {
        let reason =
            format!("the repaired file is not sound ({}); the old one is left as it is", result.errors.join("; "));
        return Err(Error::Unsound { path: path.to_owned(), reason });
    }
    let mut warnings = result.warnings;
    if !proven {
        warnings
            .push("no digest vouches for the sweep that the file names; that of every kept case does fit".to_owned());
    }
    let missing = solver.sweep().cases(&Selection::default())?.iter().filter(|case| !kept.contains(&case.key)).count();
    let backup = replacement.install(settings.backup)?;
    Ok(Repair::Replaced(Replaced {
        faults: found.errors,
        kept: kept.into_iter().collect(),
        lost,
        missing,
        warnings,
        backup,
    }))
}

/// The sweep to repair for, and whether its text is proven.
fn sweep_in(path: &Path, settings: &RepairSettings) -> Result<Option<(Sweep, bool)>> {
    if let Some(sweep) = &settings.sweep {
        return Ok(Some((sweep.clone(), true)));
    }
    if let Ok(stored) = sweep_of(path) {
        return parse_stored(&stored).map(|sweep| Some((sweep, true)));
    }
    let mut found = None;
    read_anyhow(path, &settings.salvager, &mut |salvaged| {
        if let Salvaged::Sweep(SweepText { text, proven }) = salvaged {
            found = parse_stored(&StoredSweep { path: path.to_owned(), text }).ok().map(|sweep| (sweep, proven));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Tells what to keep from what is lost.
struct Sorting<'a> {
    solver: &'a Solver,
    prover: Prover,
    waiting: Vec<(Record, bool)>,
    kept: BTreeSet<CaseKey>,
    lost: Vec<LostCase>,
    foreign: usize,
    progress: &'a mut dyn FnMut(usize),
}

impl Sorting<'_> {
    fn take(&mut self, salvaged: Salvaged, put: PutRecord<'_>) -> Result<()> {
        match salvaged {
            Salvaged::Records(records) => {
                for record in records {
                    self.refuse_other_sweep(&record)?;
                    self.waiting.push((record, true));
                }
                if self.waiting.len() >= Prover::BATCH { self.work_off(put) } else { Ok(()) }
            }
            Salvaged::Lost(lost) => {
                self.lost.push(lost);
                Ok(())
            }
            Salvaged::Foreign(_) => {
                self.foreign += 1;
                Ok(())
            }
            Salvaged::Sweep(_) => Ok(()),
        }
    }

    /// A sound record that the sweep does not know: then it is the sweep that is wrong, and its records must not be dropped.
    fn refuse_other_sweep(&self, record: &Record) -> Result<()> {
        if self.solver.knows(record.key, record.case_id) {
            return Ok(());
        }
        let fault =
            "is a sound case of another sweep than the one that the file, or --sweep, names; name its own with --sweep";
        Err(Problem::new(record.key.to_string(), fault).into())
    }

    fn work_off(&mut self, put: PutRecord<'_>) -> Result<()> {
        let proofs = self.prover.prove(&self.waiting);
        for ((record, _), proof) in self.waiting.drain(..).zip(proofs) {
            match proof {
                Ok(()) if self.kept.insert(record.key) => put(record)?,
                Ok(()) => {}
                Err(reason) => self.lost.push(LostCase { case: record.key.to_string(), reason }),
            }
        }
        (self.progress)(self.kept.len());
        Ok(())
    }
}
