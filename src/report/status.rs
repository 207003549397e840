//! How far a sweep is.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::{Problem, Result};
use crate::store::{Store, StoreStatus};
use crate::sweep::{Case, Selection, Sweep, stored_sweep};

/// The state of everything that belongs to one OUTPUT.
#[derive(Debug, Serialize)]
pub struct SweepStatus {
    /// Name of the sweep.
    pub sweep: String,
    /// Cases of the sweep.
    pub total: usize,
    /// Solved cases, in OUTPUT or in shards.
    pub done: usize,
    /// Failed cases.
    pub failed: usize,
    /// Cases to run.
    pub remaining: usize,
    /// The same for each farm and turbine type.
    pub groups: Vec<Group>,
    /// Records in OUTPUT; none if there is no sound OUTPUT.
    pub output_records: Option<u64>,
    /// Why OUTPUT is not sound, if it is not.
    pub output_fault: Option<String>,
    /// Shards that wait for a merge.
    pub shards_waiting: usize,
    /// Records in them.
    pub shard_records: usize,
    /// Unsound files that the next run or merge will move to quarantine.
    pub unsound: usize,
    /// Files in quarantine.
    pub quarantined: usize,
    /// Who holds OUTPUT, if somebody does.
    pub locked_by: Option<String>,
    /// Runs that are alive.
    pub live_runs: Vec<String>,
}

/// The cases of one farm and turbine type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Index of the farm.
    pub farm: u32,
    /// Its name.
    pub farm_name: String,
    /// Index of the turbine type.
    pub turbine: u32,
    /// Its name.
    pub turbine_name: String,
    /// Solved cases.
    pub done: usize,
    /// Failed cases.
    pub failed: usize,
    /// Cases to run.
    pub remaining: usize,
}

impl SweepStatus {
    /// Looks at a store; changes nothing.
    ///
    /// # Errors
    /// Nothing stored there, stored sweeps that contradict each other, or the disk.
    pub fn of(store: &Store) -> Result<Self> {
        let inventory = store.scan()?;
        let state = store.status()?;
        let Some(sweep) = stored_sweep(&inventory.stored_sweeps)? else {
            let fault = match &state.output {
                Some(Err(flaw)) => format!("{flaw}; `layoutopt merge` keeps what is sound in it"),
                _ => "nothing is stored there: neither the file nor shards beside it; give the --output of a run"
                    .to_owned(),
            };
            return Err(Problem::new(store.output().display().to_string(), fault).into());
        };
        let mut groups: BTreeMap<(u32, u32), Group> = BTreeMap::new();
        for case in sweep.cases(&Selection::default())? {
            let group = groups.entry((case.key.farm, case.key.turbine)).or_insert_with(|| Group::of(&sweep, &case));
            match inventory.entries.get(&(case.key, case.case_id)) {
                Some(entry) if entry.solved => group.done += 1,
                Some(_) => group.failed += 1,
                None => group.remaining += 1,
            }
        }
        Ok(Self::new(sweep.name, groups.into_values().collect(), &state))
    }

    fn new(sweep: String, groups: Vec<Group>, state: &StoreStatus) -> Self {
        let sum = |of: fn(&Group) -> usize| groups.iter().map(of).sum();
        let (done, failed, remaining) = (sum(|g| g.done), sum(|g| g.failed), sum(|g| g.remaining));
        let output = state.output.as_ref().and_then(|output| output.as_ref().ok());
        Self {
            sweep,
            total: done + failed + remaining,
            done,
            failed,
            remaining,
            output_records: output.map(|output| output.solved + output.failed),
            output_fault: state.output.as_ref().and_then(|output| output.as_ref().err()).map(ToString::to_string),
            shards_waiting: state.runs.iter().map(|run| run.segments).sum(),
            shard_records: state.runs.iter().map(|run| run.records).sum(),
            unsound: state.unsound,
            quarantined: state.quarantined,
            locked_by: state.holder.clone(),
            live_runs: state.runs.iter().filter(|run| run.alive).map(|run| run.name.clone()).collect(),
            groups,
        }
    }
}

impl Group {
    fn of(sweep: &Sweep, case: &Case) -> Self {
        Self {
            farm: case.key.farm,
            farm_name: sweep.farms[case.key.farm as usize].farm.name.clone(),
            turbine: case.key.turbine,
            turbine_name: sweep.turbines[case.key.turbine as usize].name.clone(),
            ..Self::default()
        }
    }
}
