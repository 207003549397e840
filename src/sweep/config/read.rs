//! A sweep file as a [`Sweep`]: defaults, flags, checks.

use std::ops::Range;

use crate::error::Problem;
use crate::farm::Turbine;
use crate::formats::{Field, Files, Value};
use crate::search::RngKind;
use crate::sweep::config::settings::{MAX_GRID_SIZE, Setting, named, search};
use crate::sweep::config::wake;
use crate::sweep::config::{Overrides, Seeds, Sweep, TurbineCount, inputs};

/// The sweep that the file's root describes, flags put in.
pub(super) fn sweep(root: &Field, files: Files, overrides: &Overrides) -> Option<Sweep> {
    root.only(&["name", "seeds", "wind", "search", "wake", "turbine_count", "farms", "turbines"]);
    let name = match root.opt("name") {
        Some(name) => name.text().map(str::to_owned),
        None => Some(stem(root.file())),
    };
    let seeds = seeds(root, overrides);
    let search = search(root, overrides);
    let wake = wake::read(root, overrides);
    let turbine_count = root.get("turbine_count").and_then(|table| turbine_count(&table));
    let farms = inputs::farms(root, files);
    let turbines = inputs::turbines(root, files);
    if let (Some(seeds), Some(search)) = (&seeds, &search) {
        check_seeds_of_numpy(root, seeds, search.rng, overrides);
    }
    if let (Some(count), Some(turbines)) = (turbine_count, &turbines) {
        check_counts(root, count, turbines);
    }
    if let (Some(seeds), Some(farms), Some(turbines)) = (&seeds, &farms, &turbines) {
        check_case_count(root, seeds, farms.len(), turbines.len());
    }
    Some(Sweep {
        name: name?,
        seeds: seeds?,
        search: search?,
        wake: wake?,
        turbine_count: turbine_count?,
        farms: farms?,
        turbines: turbines?,
    })
}

/// `configs/dei.toml` as `dei`.
fn stem(file: &str) -> String {
    let path = std::path::Path::new(file);
    path.file_stem().map_or_else(|| "sweep".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Seeds when neither the file nor a flag gives any.
const DEFAULT_SEEDS: Range<u64> = 0..50;

fn seeds(root: &Field, overrides: &Overrides) -> Option<Range<u64>> {
    let seeds = Setting {
        key: "seeds",
        flag: "--seeds",
        given: overrides.seeds.clone(),
        default: Seeds(DEFAULT_SEEDS),
        fault: |Seeds(range)| range.is_empty().then(|| "holds no seed".to_owned()),
    };
    seeds
        .read(Some(root), root, |field| match field.kind() {
            Value::Integer(_) => field.whole().map(|count| Seeds(0..count)),
            Value::Text(_) => named(field),
            other => {
                field
                    .fault(format!("expected a number of seeds or a range like \"3..10\", found {}", other.describe()));
                None
            }
        })
        .map(|Seeds(range)| range)
}

fn turbine_count(table: &Field) -> Option<TurbineCount> {
    table.only(&["capacity_mw", "count"]);
    match (table.opt("capacity_mw"), table.opt("count")) {
        (Some(field), None) => {
            let capacity = field.number()?;
            if capacity <= 0.0 {
                field.fault(format!("{capacity} MW, must be positive"));
                return None;
            }
            Some(TurbineCount::CapacityMw(capacity))
        }
        (None, Some(field)) => {
            let count = field.whole()?;
            if count == 0 {
                field.fault("0 turbines, must be at least 1");
                return None;
            }
            Some(TurbineCount::Count(count))
        }
        (None, None) => {
            table.fault("needs `capacity_mw` or `count`");
            None
        }
        (Some(_), Some(_)) => {
            table.fault("has both `capacity_mw` and `count`; keep one");
            None
        }
    }
}

/// More turbines than this fit into no candidate grid.
const MAX_TURBINES: usize = MAX_GRID_SIZE * MAX_GRID_SIZE;

fn check_counts(root: &Field, count: TurbineCount, turbines: &[Turbine]) {
    for (i, turbine) in turbines.iter().enumerate() {
        let n = count.of(turbine);
        let rated_mw = turbine.rated_power_w / 1e6;
        let fault = if n == 0 {
            format!("no turbine of {rated_mw} MW (turbines[{i}], {}) fits into this capacity", turbine.name)
        } else if n > MAX_TURBINES {
            format!(
                "gives {n} turbines of {rated_mw} MW (turbines[{i}], {}), must be at most {MAX_TURBINES}",
                turbine.name
            )
        } else {
            continue;
        };
        root.fault_below(&Problem::new("turbine_count", fault));
    }
}

/// NumPy's generator takes 32 bits.
const NUMPY_SEEDS_END: u64 = 1 << 32;

fn check_seeds_of_numpy(root: &Field, seeds: &Range<u64>, rng: RngKind, overrides: &Overrides) {
    if rng == RngKind::Numpy && seeds.end > NUMPY_SEEDS_END {
        let fault =
            format!("seed {} is too large for the numpy generator, must be below {NUMPY_SEEDS_END}", seeds.end - 1);
        if overrides.seeds.is_some() {
            root.faults().add(Problem::new("--seeds", fault));
        } else {
            root.fault_below(&Problem::new("seeds", fault));
        }
    }
}

/// Cases of one sweep, at most: all are listed in memory.
const MAX_CASES: u64 = 1_000_000;

fn check_case_count(root: &Field, seeds: &Range<u64>, farms: usize, turbines: usize) {
    let pairs = farms as u64 * turbines as u64;
    let cases = pairs.saturating_mul(seeds.end - seeds.start);
    if cases > MAX_CASES {
        let fault = format!(
            "{farms} farms x {turbines} turbine types x {} seeds are more than {MAX_CASES} cases; split the sweep",
            seeds.end - seeds.start
        );
        root.fault_below(&Problem::new("seeds", fault));
    }
}
