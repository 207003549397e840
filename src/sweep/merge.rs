//! Merging what a sweep has stored.

use std::sync::Arc;
use std::time::Duration;

use crate::aep::Simd;
use crate::error::{Error, Problem, Result};
use crate::store::{MergeOptions, MergeReport, OwnRun, Provenance, Quarantined, RootFacts, Store};
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
}

impl<'a> Merger<'a> {
    pub(super) fn new(store: &'a Store, solver: Arc<Solver>, threads: usize) -> Self {
        let facts = root_facts(solver.sweep());
        let provenance = Provenance::here().with("threads", threads).with("simd", solver.simd());
        Self { store, solver, facts, provenance }
    }

    /// Merges; `own` are closed segments of the calling run, `replace` starts OUTPUT over with them alone. Every new record is proven but
    /// for its AEP, which its digest vouches for and `validate` recomputes.
    pub(super) fn merge(&self, own: Option<&OwnRun>, replace: bool) -> Result<MergeReport> {
        self.merge_within(WAIT, own, replace)
    }

    /// The same in the middle of a run, unless another merge is at work; then that one serves as well.
    pub(super) fn merge_if_free(&self, own: &OwnRun) -> Result<()> {
        match self.merge_within(Duration::ZERO, Some(own), false) {
            Ok(_) | Err(Error::InUse { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn merge_within(&self, wait: Duration, own: Option<&OwnRun>, replace: bool) -> Result<MergeReport> {
        let provenance = self.provenance.clone();
        let options = MergeOptions { own, replace, wait, provenance, ..MergeOptions::default() };
        self.store.merge(&self.facts, &options, &|record| self.solver.prove_constraints(record))
    }
}

/// Merges the shards of a store now, without its sweep file: the sweep is read from what is stored.
///
/// # Errors
/// Nothing stored at this place, stored sweeps that contradict each other, or the disk.
pub fn merge_now(store: &Store) -> Result<(MergeReport, Vec<Quarantined>)> {
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
    let report = Merger::new(store, solver, 1).merge(None, false)?;
    Ok((report, quarantined))
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
