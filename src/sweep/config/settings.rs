//! The settings of a sweep file: flags, defaults, checks.

use std::fmt::Display;
use std::str::FromStr;

use crate::error::Problem;
use crate::farm::SectorInterpolation;
use crate::formats::Field;
use crate::search::{Refinement, RngKind};
use crate::sweep::config::{DirectionRange, Overrides, SearchSettings, interpolation_name};

/// `[search]`.
pub(super) fn search(root: &Field, overrides: &Overrides) -> Option<SearchSettings> {
    let table = root.opt("search");
    let table = table.as_ref();
    if let Some(table) = table {
        table.only(&[
            "grid_size",
            "random_pct",
            "min_spacing_d",
            "restarts",
            "rng",
            "refine",
            "wind_speeds",
            "wind_directions",
            "sector_interpolation",
        ]);
    }
    let default = SearchSettings::default();
    let grid_size = grid_size(&default, overrides).read(table, root, Field::whole);
    let random_pct = random_pct(&default, overrides).read(table, root, Field::number);
    let min_spacing_d = min_spacing_d(&default, overrides).read(table, root, Field::number);
    let restarts = restarts(&default, overrides).read(table, root, Field::whole);
    let rng = rng(&default, overrides).read(table, root, named);
    let refine = refine(&default, overrides).read(table, root, named);
    let in_table = |key: &str| table.and_then(|table| table.opt(key));
    let wind_speeds = in_table("wind_speeds").map_or(Some(default.wind_speeds_m_s), |field| wind_speeds(&field));
    let wind_directions =
        in_table("wind_directions").map_or(Some(default.wind_directions), |field| wind_directions(&field));
    let interpolation =
        in_table("sector_interpolation").map_or(Some(default.sector_interpolation), |field| interpolation(&field));
    Some(SearchSettings {
        grid_size: grid_size?,
        random_pct: random_pct?,
        min_spacing_d: min_spacing_d?,
        restarts: restarts?,
        rng: rng?,
        refine: refine?,
        wind_speeds_m_s: wind_speeds?,
        wind_directions: wind_directions?,
        sector_interpolation: interpolation?,
    })
}

const MIN_GRID_SIZE: usize = 2;
/// Largest number of candidate points per axis.
pub(super) const MAX_GRID_SIZE: usize = 1000;

fn grid_size(default: &SearchSettings, overrides: &Overrides) -> Setting<usize> {
    Setting {
        key: "grid_size",
        flag: "--grid-size",
        given: overrides.grid_size,
        default: default.grid_size,
        fault: |&size| {
            let sound = (MIN_GRID_SIZE..=MAX_GRID_SIZE).contains(&size);
            (!sound).then(|| format!("{size}, must be {MIN_GRID_SIZE} to {MAX_GRID_SIZE}"))
        },
    }
}

fn random_pct(default: &SearchSettings, overrides: &Overrides) -> Setting<f64> {
    Setting {
        key: "random_pct",
        flag: "--random-pct",
        given: overrides.random_pct,
        default: default.random_pct,
        fault: |&pct| (!(0.0..=100.0).contains(&pct)).then(|| format!("{pct}, must be 0 to 100")),
    }
}

fn min_spacing_d(default: &SearchSettings, overrides: &Overrides) -> Setting<f64> {
    Setting {
        key: "min_spacing_d",
        flag: "--min-spacing",
        given: overrides.min_spacing_d,
        default: default.min_spacing_d,
        fault: |&spacing| {
            let sound = spacing.is_finite() && spacing >= 0.0;
            (!sound).then(|| format!("{spacing} rotor diameters, must be finite and not negative"))
        },
    }
}

fn restarts(default: &SearchSettings, overrides: &Overrides) -> Setting<u32> {
    Setting {
        key: "restarts",
        flag: "--restarts",
        given: overrides.restarts,
        default: default.restarts,
        fault: |&restarts| (restarts == 0).then(|| "0, must be at least 1".to_owned()),
    }
}

fn rng(default: &SearchSettings, overrides: &Overrides) -> Setting<RngKind> {
    Setting { key: "rng", flag: "--rng", given: overrides.rng, default: default.rng, fault: |_| None }
}

fn refine(default: &SearchSettings, overrides: &Overrides) -> Setting<Refinement> {
    Setting { key: "refine", flag: "--refine", given: overrides.refine, default: default.refine, fault: |_| None }
}

/// One setting: a flag beats the file, the file beats the default; whatever is given is checked.
pub(super) struct Setting<T> {
    pub(super) key: &'static str,
    pub(super) flag: &'static str,
    pub(super) given: Option<T>,
    pub(super) default: T,
    /// What is wrong with a value, if anything.
    pub(super) fault: fn(&T) -> Option<String>,
}

impl<T: Clone> Setting<T> {
    /// The setting's value; `root` knows where the flag's faults go.
    pub(super) fn read<'a>(
        self,
        table: Option<&Field<'a>>,
        root: &Field<'a>,
        value: impl Fn(&Field<'a>) -> Option<T>,
    ) -> Option<T> {
        let in_file = match table.and_then(|table| table.opt(self.key)) {
            None => Some(None),
            Some(field) => value(&field).and_then(|value| match (self.fault)(&value) {
                None => Some(Some(value)),
                Some(fault) => {
                    field.fault(fault);
                    None
                }
            }),
        };
        if let Some(fault) = self.given.as_ref().and_then(self.fault) {
            root.faults().add(Problem::new(self.flag, fault));
            return None;
        }
        in_file.map(|in_file| self.given.or(in_file).unwrap_or(self.default))
    }
}

/// A text that names one of a list.
pub(super) fn named<T: FromStr<Err: Display>>(field: &Field) -> Option<T> {
    field.text()?.parse().map_err(|fault: T::Err| field.fault(fault.to_string())).ok()
}

const MAX_WIND_SPEEDS: usize = 1000;

fn wind_speeds(field: &Field) -> Option<Vec<f64>> {
    let speeds = field.numbers()?;
    let fault = if speeds.is_empty() || speeds.len() > MAX_WIND_SPEEDS {
        Some(format!("{} wind speeds, must be 1 to {MAX_WIND_SPEEDS}", speeds.len()))
    } else if let Some(bad) = speeds.iter().find(|&&u| u <= 0.0) {
        Some(format!("{bad} m/s, must be positive"))
    } else {
        let pair = speeds.windows(2).find(|pair| pair[1] <= pair[0]);
        pair.map(|pair| format!("wind speeds must increase, but {} follows {} m/s", pair[1], pair[0]))
    };
    if let Some(fault) = fault {
        field.fault(fault);
        return None;
    }
    Some(speeds)
}

const MAX_WIND_DIRECTIONS: usize = 3600;

fn wind_directions(field: &Field) -> Option<DirectionRange> {
    field.only(&["start", "stop", "step"]);
    let default = SearchSettings::default().wind_directions;
    let number = |key: &str, default: f64| field.opt(key).map_or(Some(default), |field| field.number());
    let (start, stop) = (number("start", default.start_deg), number("stop", default.stop_deg));
    let step = number("step", default.step_deg);
    let range = DirectionRange { start_deg: start?, stop_deg: stop?, step_deg: step? };
    let DirectionRange { start_deg, stop_deg, step_deg } = range;
    let fault = if step_deg <= 0.0 {
        Some(format!("a step of {step_deg} degrees, must be positive"))
    } else if stop_deg <= start_deg {
        Some(format!("from {start_deg} to {stop_deg} degrees there is no direction; stop must be above start"))
    } else if stop_deg - start_deg > 360.0 {
        Some(format!("from {start_deg} to {stop_deg} degrees directions come twice; stop - start must be at most 360"))
    } else if range.len() > MAX_WIND_DIRECTIONS {
        Some(format!("{} directions, must be at most {MAX_WIND_DIRECTIONS}; use a larger step", range.len()))
    } else {
        None
    };
    if let Some(fault) = fault {
        field.fault(fault);
        return None;
    }
    Some(range)
}

fn interpolation(field: &Field) -> Option<SectorInterpolation> {
    let text = field.text()?;
    let known = [SectorInterpolation::Nearest, SectorInterpolation::Linear];
    let found = known.into_iter().find(|&kind| interpolation_name(kind) == text);
    if found.is_none() {
        field.fault(format!("`{text}` is not a sector interpolation; choose nearest or linear"));
    }
    found
}
