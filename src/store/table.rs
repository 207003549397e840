//! `/cases/table`: one row for each case, which pandas reads in one call: `pandas.read_hdf(file, "cases")` with PyTables, or
//! `pandas.DataFrame(file["cases/table"][:])` with h5py.
//!
//! | column                                         | what                                                         |
//! |------------------------------------------------|--------------------------------------------------------------|
//! | `farm_idx`, `type_idx`, `ss_seed`              | the case's key; rows are ordered by it                       |
//! | `n_turbines`, `diameter`                       | turbines; rotor diameter, m                                  |
//! | `aep_gwh`, `aep_no_wake_gwh`, `wake_loss_pct`  | as in the case's group; NaN if the case failed               |
//! | `restart`, `solved`                            | which restart gave the layout; 1 if there is one, else 0     |
//!
//! The table lies in a group: consumers walk over the root and ask each member whether it has a `layout`, and h5py answers that for
//! groups, but raises an error for a table.

use hdf5::{Group, H5Type};

use super::compression::Compression;
use super::flaw::{Flaw, Sound};
use super::record::{CaseKey, Outcome, Record};
use super::schema::create_group;

/// Group of the table.
pub(super) const CASES: &str = "cases";
/// Its name there; the one that PyTables looks for.
const TABLE: &str = "table";

const ROWS_PER_CHUNK: usize = 4096;

/// A row. Packed: padding would be bytes without a value, in the file too.
#[derive(Debug, Clone, Copy, PartialEq, H5Type)]
#[repr(C, packed)]
pub(super) struct CaseRow {
    farm_idx: u32,
    type_idx: u32,
    ss_seed: u64,
    n_turbines: u32,
    diameter: f64,
    aep_gwh: f64,
    aep_no_wake_gwh: f64,
    wake_loss_pct: f64,
    restart: u32,
    solved: u8,
}

impl CaseRow {
    /// The row of a record.
    pub(super) fn of(record: &Record) -> Self {
        let failed = Self {
            farm_idx: record.key.farm,
            type_idx: record.key.turbine,
            ss_seed: record.key.seed,
            n_turbines: 0,
            diameter: f64::NAN,
            aep_gwh: f64::NAN,
            aep_no_wake_gwh: f64::NAN,
            wake_loss_pct: f64::NAN,
            restart: 0,
            solved: 0,
        };
        match &record.outcome {
            Outcome::Failed { .. } => failed,
            Outcome::Solved(solution) => Self {
                n_turbines: u32::try_from(solution.layout.len()).unwrap_or(u32::MAX),
                diameter: solution.rotor_diameter_m,
                aep_gwh: solution.aep_gwh,
                aep_no_wake_gwh: solution.aep_no_wake_gwh,
                wake_loss_pct: solution.wake_loss_pct(),
                restart: solution.restart,
                solved: 1,
                ..failed
            },
        }
    }

    /// Key and AEP, GWh, of a solved case.
    pub(super) fn ranked(&self) -> Option<(CaseKey, f64)> {
        let key = CaseKey { farm: self.farm_idx, turbine: self.type_idx, seed: self.ss_seed };
        (self.solved == 1).then_some((key, self.aep_gwh))
    }

    fn same(&self, other: &Self) -> bool {
        let bits = |row: &Self| {
            let floats = [row.diameter, row.aep_gwh, row.aep_no_wake_gwh, row.wake_loss_pct].map(f64::to_bits);
            (row.farm_idx, row.type_idx, row.ss_seed, row.n_turbines, floats, row.restart, row.solved)
        };
        bits(self) == bits(other)
    }
}

/// Writes the table below the root.
pub(super) fn write_table(root: &Group, rows: &[CaseRow], compression: Compression) -> hdf5::Result<()> {
    let group = create_group(root, CASES)?;
    compression.write_table(group.new_dataset_builder(), rows, ROWS_PER_CHUNK, TABLE)
}

/// Compares the table with what the records say; a file that has none is older than the table.
pub(super) fn check_table(root: &Group, expected: &[CaseRow]) -> Sound<()> {
    if !root.link_exists(CASES) {
        return Ok(());
    }
    let rows = root.group(CASES).and_then(|group| group.dataset(TABLE)).and_then(|table| table.read_raw::<CaseRow>());
    let rows = rows.map_err(|error| Flaw::Hdf5(super::attributes::reason(&error)))?;
    if rows.len() != expected.len() {
        return Err(Flaw::Index(format!("/cases/table has {} rows, the file {} cases", rows.len(), expected.len())));
    }
    match rows.iter().zip(expected).position(|(row, expected)| !row.same(expected)) {
        None => Ok(()),
        Some(row) => Err(Flaw::Index(format!("row {row} of /cases/table is not what its case's group says"))),
    }
}
