//! A record as an HDF5 group: the one place that knows names, shapes and types.
//!
//! | object                         | what                                                                            |
//! |--------------------------------|---------------------------------------------------------------------------------|
//! | `/farm{f}_t{t}_s{s}`           | a solved case                                                                   |
//! | `.../layout`                   | float64 (2, n): row 0 x, row 1 y, m                                             |
//! | `.../aep`                      | float64, GWh                                                                    |
//! | `.../` attributes              | `farm_idx type_idx n_turbines ss_seed restart` integers, `diameter` m,          |
//! |                                | `aep_no_wake_gwh`, `wake_loss_pct`, `farm turbine case_id checksum` texts       |
//! |                                | a layout of the Python script also has `origin` = "recovered", `stated_aep_gwh` |
//! |                                | (what its file said), `aep_recomputed` (1: `aep` is another value than that)    |
//! |                                | a refined layout also has `stages` (names, with commas between them) and        |
//! |                                | `stage_aep_gwh`, float64 (stages): the AEP that each of them ended with         |
//! | `/failed/farm{f}_t{t}_s{s}`    | a failed case: `reason`, `farm_idx type_idx ss_seed farm turbine case_id checksum` |
//!
//! Beside them OUTPUT has `/cases/table` (`table.rs`), `/metadata` and `/processing_log` (`output.rs`). How data sets are laid out: `compression.rs`. Short ones lie inside the object header, whose checksum then covers them for readers
//! that do not know our footer.

use hdf5::dataset::Layout as Storage;
use hdf5::file::{FileCreate, FileCreateBuilder};
use hdf5::{Group, H5Type};
use ndarray::ArrayView2;

use super::attributes::{get, get_list, get_text, hdf5_error, put, put_list, put_text, reason};
use super::compression::Compression;
use super::flaw::{Flaw, Sound};
use super::record::{CaseId, CaseKey, Origin, Outcome, Record, Solution, StageAep};
use crate::Result;
use crate::farm::Layout;

/// Version of the names and shapes above; a reader refuses a newer one. 2 added the stages of refined layouts.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// Attribute of recovered layouts.
const STATED_AEP: &str = "stated_aep_gwh";

/// Attributes of refined layouts.
const STAGES: (&str, &str) = ("stages", "stage_aep_gwh");

/// Group of the failed cases.
pub(super) const FAILED: &str = "failed";

/// Attributes stay in the object header up to this many; the default of 8 would move ours to a heap of 1 KiB a group.
const COMPACT_ATTRIBUTES: (u32, u32) = (48, 40);

/// Properties of a new file: no times, so that equal contents give equal bytes.
pub(super) fn creation() -> FileCreateBuilder {
    let mut create = FileCreate::build();
    create.obj_track_times(false).attr_phase_change(COMPACT_ATTRIBUTES.0, COMPACT_ATTRIBUTES.1);
    create
}

/// A new group without times.
pub(super) fn create_group(parent: &Group, name: &str) -> hdf5::Result<Group> {
    parent
        .create_group_builder()
        .with_create_plist(|create| {
            create.obj_track_times(false).attr_phase_change(COMPACT_ATTRIBUTES.0, COMPACT_ATTRIBUTES.1)
        })
        .create(name)
}

/// Writes a record below `root`; its name must be free.
pub(super) fn write_record(root: &Group, record: &Record, compression: Compression) -> Result<()> {
    let write = || match &record.outcome {
        Outcome::Solved(solution) => {
            let group = create_group(root, &record.key.to_string())?;
            write_solution(&group, solution, compression)?;
            write_identity(&group, record)
        }
        Outcome::Failed { reason } => {
            let failed = if root.link_exists(FAILED) { root.group(FAILED)? } else { create_group(root, FAILED)? };
            let group = create_group(&failed, &record.key.to_string())?;
            put_text(&group, "reason", reason)?;
            write_identity(&group, record)
        }
    };
    write().map_err(hdf5_error("write a record"))
}

fn write_solution(group: &Group, solution: &Solution, compression: Compression) -> hdf5::Result<()> {
    let n = solution.layout.len();
    let coordinates: Vec<f64> = solution.layout.x_m.iter().chain(&solution.layout.y_m).copied().collect();
    let view = ArrayView2::from_shape((2, n), &coordinates)?;
    compression.write(group.new_dataset_builder(), view, "layout")?;
    let aep = group.new_dataset::<f64>().layout(Storage::Compact).obj_track_times(false).create("aep")?;
    aep.write_scalar(&solution.aep_gwh)?;
    put(group, "n_turbines", signed(n))?;
    put(group, "diameter", solution.rotor_diameter_m)?;
    put(group, "aep_no_wake_gwh", solution.aep_no_wake_gwh)?;
    put(group, "wake_loss_pct", solution.wake_loss_pct())?;
    put(group, "restart", i64::from(solution.restart))?;
    if let Origin::Recovered { stated_aep_gwh } = solution.origin {
        put_text(group, "origin", "recovered")?;
        put(group, STATED_AEP, stated_aep_gwh)?;
        put(group, "aep_recomputed", i64::from(!same_energy(stated_aep_gwh, solution.aep_gwh)))?;
    }
    if !solution.stages.is_empty() {
        let names: Vec<&str> = solution.stages.iter().map(|ended| ended.stage.as_str()).collect();
        let aep_gwh: Vec<f64> = solution.stages.iter().map(|ended| ended.aep_gwh).collect();
        put_text(group, STAGES.0, &names.join(","))?;
        put_list(group, STAGES.1, &aep_gwh)?;
    }
    Ok(())
}

fn write_identity(group: &Group, record: &Record) -> hdf5::Result<()> {
    put(group, "farm_idx", i64::from(record.key.farm))?;
    put(group, "type_idx", i64::from(record.key.turbine))?;
    match i64::try_from(record.key.seed) {
        Ok(seed) => put(group, "ss_seed", seed)?,
        Err(_) => put(group, "ss_seed", record.key.seed)?,
    }
    put_text(group, "farm", &record.farm)?;
    put_text(group, "turbine", &record.turbine)?;
    put_text(group, "case_id", &record.case_id.to_string())?;
    put_text(group, "checksum", &record.digest().to_string())
}

/// Reads the record of `key` below `root` and proves it against its own checksum.
pub(super) fn read_record(root: &Group, key: CaseKey, solved: bool) -> Sound<Record> {
    let name = key.to_string();
    let group = if solved { root.group(&name) } else { root.group(FAILED).and_then(|failed| failed.group(&name)) };
    group
        .map_err(|error| reason(&error))
        .and_then(|group| read_group(&group, key, solved))
        .map_err(|reason| Flaw::Record { case: name, reason })
}

/// Reads the record of `key` from its group and proves it against its own checksum; or what is wrong with it.
pub(super) fn read_group(group: &Group, key: CaseKey, solved: bool) -> std::result::Result<Record, String> {
    let read = || -> hdf5::Result<(Record, String)> {
        let case_id: CaseId = get_text(group, "case_id")?.parse().map_err(hdf5::Error::from)?;
        let outcome = if solved {
            Outcome::Solved(read_solution(group)?)
        } else {
            Outcome::Failed { reason: get_text(group, "reason")? }
        };
        let (farm, turbine) = (get_text(group, "farm")?, get_text(group, "turbine")?);
        expect(group, "farm_idx", i64::from(key.farm))?;
        expect(group, "type_idx", i64::from(key.turbine))?;
        if let Ok(seed) = i64::try_from(key.seed) {
            expect(group, "ss_seed", seed)?;
        }
        Ok((Record { key, case_id, farm, turbine, outcome }, get_text(group, "checksum")?))
    };
    let (record, checksum) = read().map_err(|error| reason(&error))?;
    let found = record.digest().to_string();
    if found == checksum { Ok(record) } else { Err(format!("digest {found}, its checksum says {checksum}")) }
}

fn read_solution(group: &Group) -> hdf5::Result<Solution> {
    let layout = group.dataset("layout")?;
    let &[2, n] = layout.shape().as_slice() else {
        return Err(format!("layout has the shape {:?}, not (2, n)", layout.shape()).into());
    };
    expect(group, "n_turbines", signed(n))?;
    let mut x_m = layout.read_raw::<f64>()?;
    let y_m = x_m.split_off(n);
    let restart = get::<i64>(group, "restart")?;
    Ok(Solution {
        layout: Layout { x_m, y_m },
        rotor_diameter_m: get(group, "diameter")?,
        aep_gwh: group.dataset("aep")?.read_scalar()?,
        aep_no_wake_gwh: get(group, "aep_no_wake_gwh")?,
        restart: u32::try_from(restart).map_err(|_| hdf5::Error::from(format!("restart is {restart}")))?,
        origin: match group.attr(STATED_AEP) {
            Ok(stated) => Origin::Recovered { stated_aep_gwh: stated.read_scalar()? },
            Err(_) => Origin::Solved,
        },
        stages: read_stages(group)?,
    })
}

fn read_stages(group: &Group) -> hdf5::Result<Vec<StageAep>> {
    if group.attr(STAGES.0).is_err() {
        return Ok(Vec::new());
    }
    let (names, aep_gwh) = (get_text(group, STAGES.0)?, get_list::<f64>(group, STAGES.1)?);
    let names: Vec<&str> = names.split(',').collect();
    if names.len() != aep_gwh.len() {
        return Err(format!("{} stages and {} energies", names.len(), aep_gwh.len()).into());
    }
    Ok(names.into_iter().zip(aep_gwh).map(|(stage, aep_gwh)| StageAep { stage: stage.to_owned(), aep_gwh }).collect())
}

/// Whether two programs mean the same AEP, GWh: their last digits differ.
fn same_energy(one: f64, other: f64) -> bool {
    const RELATIVE: f64 = 1e-8;
    (one - other).abs() <= RELATIVE * other.abs()
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Attributes that repeat what the name or the shape says must say the same.
#[allow(clippy::needless_pass_by_value, reason = "numbers")]
fn expect<T: H5Type + PartialEq + std::fmt::Display>(group: &Group, name: &str, value: T) -> hdf5::Result<()> {
    let found = get::<T>(group, name)?;
    if found == value { Ok(()) } else { Err(format!("{name} is {found}, not {value}").into()) }
}

/// What is wrong with a record's numbers, whatever its digest says.
pub(super) fn implausible(record: &Record) -> Option<String> {
    let Outcome::Solved(solution) = &record.outcome else { return None };
    let layout = &solution.layout;
    if layout.is_empty() || layout.x_m.len() != layout.y_m.len() {
        return Some(format!("{} x and {} y coordinates", layout.x_m.len(), layout.y_m.len()));
    }
    if layout.positions().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return Some("a coordinate is not a finite number".into());
    }
    let positive = [
        ("aep", solution.aep_gwh),
        ("aep_no_wake_gwh", solution.aep_no_wake_gwh),
        ("diameter", solution.rotor_diameter_m),
    ];
    let of_stages = solution.stages.iter().map(|ended| ("an AEP of a stage", ended.aep_gwh));
    positive
        .into_iter()
        .chain(of_stages)
        .find(|(_, value)| !(value.is_finite() && *value > 0.0))
        .map(|(name, value)| format!("{name} is {value}, not a positive number"))
}
