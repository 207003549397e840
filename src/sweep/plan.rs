//! What of a sweep is left to do.

use crate::error::{Error, Problem, Result};
use crate::formats::Files;
use crate::store::{CaseId, CaseKey, Inventory, StoredSweep};
use crate::sweep::{Case, Overrides, Selection, Sweep};

/// The cases of a run, sorted into done and remaining.
#[derive(Debug)]
pub struct Plan {
    /// How many cases were asked for.
    pub total: usize,
    /// Those that are not stored, in the order of the sweep.
    pub remaining: Vec<Case>,
    /// Those stored as solved.
    pub solved_before: usize,
    /// Those stored as failed; they would fail again.
    pub failed_before: Vec<CaseKey>,
    /// This sweep and those stored, as one: what OUTPUT holds after the merge.
    pub united: Sweep,
}

impl Plan {
    /// Compares the cases of `sweep` that `selection` asks for with what is stored.
    ///
    /// # Errors
    /// A selection outside the sweep; stored sweeps that solve the same cases with other inputs.
    pub fn new(sweep: &Sweep, selection: &Selection, inventory: &Inventory) -> Result<Self> {
        let cases = sweep.cases(selection)?;
        let united = united_with(sweep.clone(), &inventory.stored_sweeps)?;
        let total = cases.len();
        let (mut remaining, mut solved_before, mut failed_before) = (Vec::new(), 0, Vec::new());
        for case in cases {
            if let Some(other) = inventory.ids_of(case.key).find(|id| *id != case.case_id) {
                return Err(foreign(inventory, case.key, other));
            }
            match inventory.entries.get(&(case.key, case.case_id)) {
                Some(entry) if entry.solved => solved_before += 1,
                Some(_) => failed_before.push(case.key),
                None => remaining.push(case),
            }
        }
        Ok(Self { total, remaining, solved_before, failed_before, united })
    }

    /// The plan of a run that starts over: every case remains, nothing stored counts.
    ///
    /// # Errors
    /// A selection outside the sweep.
    pub fn afresh(sweep: &Sweep, selection: &Selection) -> Result<Self> {
        let remaining = sweep.cases(selection)?;
        let total = remaining.len();
        Ok(Self { total, remaining, solved_before: 0, failed_before: Vec::new(), united: sweep.clone() })
    }
}

/// A case that is stored with other inputs, although no stored sweep says so: what remains of a damaged file.
fn foreign(inventory: &Inventory, key: CaseKey, other: CaseId) -> Error {
    let file = inventory.entries.get(&(key, other)).and_then(|entry| inventory.files.get(entry.source));
    let place = file.map_or_else(String::new, |file| file.path.display().to_string());
    let fault = format!(
        "holds {key} solved with other inputs, or by an earlier version of the search; choose another --output, or start over with --no-hot-start"
    );
    Problem::new(place, fault).into()
}

/// The sweep that is stored, where there is no sweep file to compare it with; `None` where nothing is stored.
///
/// # Errors
/// Stored sweeps that contradict each other.
pub fn stored_sweep(stored: &[StoredSweep]) -> Result<Option<Sweep>> {
    match stored.split_first() {
        None => Ok(None),
        Some((first, rest)) => united_with(parse_stored(first)?, rest).map(Some),
    }
}

/// A sweep and those that are stored, as one.
///
/// # Errors
/// Stored sweeps that solve the same cases with other inputs.
pub fn united_with(mut sweep: Sweep, stored: &[StoredSweep]) -> Result<Sweep> {
    let mut problems = Vec::new();
    for other in stored {
        let known = parse_stored(other)?;
        let differences = sweep.differences(&known);
        if differences.is_empty() {
            sweep = sweep.united(&known);
        } else {
            problems.push(Problem::new(
                other.path.display().to_string(),
                format!(
                    "holds another sweep: {}; choose another --output, or start over with --no-hot-start",
                    differences.join("; ")
                ),
            ));
        }
    }
    if problems.is_empty() { Ok(sweep) } else { Err(Error::BadInput(problems)) }
}

/// A sweep as a store keeps it.
///
/// # Errors
/// Text that is not a sweep, as of a later version of this program.
pub fn parse_stored(stored: &StoredSweep) -> Result<Sweep> {
    Sweep::from_toml(&stored.text, &stored.path.display().to_string(), Files::Disk, &Overrides::default())
}
