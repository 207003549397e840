//! Merging what a sweep has stored.

use std::sync::Arc;
use std::time::Duration;

use crate::aep::Simd;
use crate::error::{Error, Problem, Result};
use crate::store::{
    Compression, IoRecord, MergeOptions, MergeReport, OwnRun, Provenance, Quarantined, Record, RootFacts, Store,
};
use crate::sweep::plan::stored_sweep;
use crate::sweep::{Solver, Sweep};

/// How long a merge waits for another one to end.
const WAIT: Duration = Duration::from_mins(10);

/// Merges the shards of a sweep into its OUTPUT.
pub(super) struct Merger<'a> {
    store: &'a Store,
    solver: Arc<Solver>,
    pub(super) facts: RootFacts,
    pub(super) provenance: Provenance,
    /// How OUTPUT's large data sets are compressed; none: as they are.
    compression: Option<Compression>,
}

impl<'a> Merger<'a> {
    pub(super) fn new(store: &'a Store, solver: Arc<Solver>, threads: usize, compression: Option<Compression>) -> Self {
        let facts = root_facts(solver.sweep());
        let provenance = Provenance::here().with("threads", threads).with("simd", solver.simd());
        Self { store, solver, facts, provenance, compression }
    }

    /// Merges; `own` are closed segments of the calling run, `replace` starts OUTPUT over with them alone. Every new record is proven but
    /// for its AEP, which its digest vouches for and `validate` recomputes.
    pub(super) fn merge(&self, own: Option<&OwnRun>, replace: bool, io: IoRecord) -> Result<MergeReport> {
        self.merge_within(WAIT, &MergeOptions { own, replace, io, ..MergeOptions::default() })
    }

    /// Merges the calling run's segments and leaves those of other runs alone.
    pub(super) fn merge_own(&self, own: &OwnRun, io: IoRecord) -> Result<MergeReport> {
        let part = MergeOptions { own: Some(own), leave_others: true, io, ..MergeOptions::default() };
        self.merge_within(WAIT, &part)
    }

    /// The same in the middle of a run, unless another merge is at work; then that one serves as well. What it cost.
    pub(super) fn merge_if_free(&self, own: &OwnRun, io: IoRecord) -> Result<IoRecord> {
        match self.merge_within(Duration::ZERO, &MergeOptions { own: Some(own), io, ..MergeOptions::default() }) {
            Ok(report) => Ok(report.io()),
            Err(Error::InUse { .. }) => Ok(IoRecord::default()),
            Err(error) => Err(error),
        }
    }

    fn merge_within(&self, wait: Duration, part: &MergeOptions<'_>) -> Result<MergeReport> {
        let provenance = self.provenance.clone();
        let (own, replace, leave_others, io) = (part.own, part.replace, part.leave_others, part.io);
        let compression = self.compression;
        let options = MergeOptions { own, replace, leave_others, compression, wait, io, provenance, only: None };
        self.store.merge(&self.facts, &options, &|record| self.solver.prove_constraints(record))
    }
}

/// Merges the shards of a store now, without its sweep file: the sweep is read from what is stored.
///
/// # Errors
/// Nothing stored at this place, stored sweeps that contradict each other, or the disk.
pub fn merge_now(store: &Store, compression: Option<Compression>) -> Result<(MergeReport, Vec<Quarantined>)> {
    let mut inventory = store.scan()?;
    let quarantined = store.quarantine(&inventory)?;
    if !quarantined.is_empty() {
        inventory = store.scan()?;
    }
    let Some(sweep) = stored_sweep(&inventory.stored_sweeps)? else {
        let fault = if inventory.files.is_empty() {
            "nothing is stored there: neither the file nor shards beside it; give the --output of a run".to_owned()
        } else {
            format!(
                "what was salvaged from it ({} cases, in {}) no longer says which sweep it belongs to; run that sweep again, and it goes on \
                 from there",
                inventory.entries.len(),
                store.shards().display()
            )
        };
        return Err(Problem::new(store.output().display().to_string(), fault).into());
    };
    let solver = Arc::new(Solver::new(sweep, Simd::detect())?);
    let report = Merger::new(store, solver, 1, compression).merge(None, false, IoRecord::default())?;
    Ok((report, quarantined))
}

/// Hands over a record.
pub type PutRecord<'a> = &'a mut dyn FnMut(Record) -> Result<()>;

/// Takes records from elsewhere into OUTPUT, as a run of its own; other runs' shards stay as they are. `feed` hands over one record after
/// the other, `from` says for the provenance where they come from. Constraints are proven, AEPs are not.
///
/// # Errors
/// What `feed` returns, an OUTPUT that is not sound, or the disk. What was handed over before is kept in a shard.
pub fn take_in(
    store: &Store,
    solver: &Arc<Solver>,
    from: &str,
    compression: Option<Compression>,
    feed: &mut dyn FnMut(PutRecord<'_>) -> Result<()>,
) -> Result<MergeReport> {
    let mut merger = Merger::new(store, Arc::clone(solver), 1, compression);
    merger.provenance = merger.provenance.with("taken_from", from);
    let writer = store.start_run(1, &merger.facts.sweep, &merger.provenance)?;
    let sender = writer.handle();
    feed(&mut |record| sender.send(0, record))?;
    let written = writer.finish()?;
    match written.run {
        Some(own) => merger.merge_own(&own, written.io),
        None => Ok(MergeReport::default()),
    }
}

fn root_facts(sweep: &Sweep) -> RootFacts {
    let cases = sweep.farms.len() as u64 * sweep.turbines.len() as u64 * (sweep.seeds.end - sweep.seeds.start);
    RootFacts {
        grid_size: i64::try_from(sweep.search.grid_size).unwrap_or(i64::MAX),
        random_pct: sweep.search.random_pct,
        total_configs: cases,
        sweep: sweep.to_toml(),
        wake_model: sweep.wake.name().to_owned(),
        rng: sweep.search.rng.name().to_owned(),
    }
}
