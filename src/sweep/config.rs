//! What a sweep file says, as plain data, with every default and every check.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Problem, Result};
use crate::farm::{Farm, SectorInterpolation, Turbine, WindClimate};
use crate::formats::{Faults, Field, Files, toml};
use crate::search::{Refinement, RngKind};
use crate::sweep::builtin;
use crate::wake::{WakeChoice, WakeModel};

mod compare;
mod inputs;
mod ranges;
mod read;
mod settings;
#[cfg(test)]
mod tests;
pub(super) mod wake;
mod write;

pub use ranges::{Indices, Seeds};

/// All cases of one run and the settings they share. Every (farm, turbine type, seed) is a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// Name, for people.
    pub name: String,
    /// Seeds of the random draws, for each farm and turbine type.
    pub seeds: Range<u64>,
    /// How layouts are searched.
    pub search: SearchSettings,
    /// Which wakes are counted.
    pub wake: WakeChoice,
    /// How many turbines a farm gets.
    pub turbine_count: TurbineCount,
    /// The farms, by farm index.
    pub farms: Vec<SweepFarm>,
    /// The turbine types, by type index.
    pub turbines: Vec<Turbine>,
}

/// A farm and its wind.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepFarm {
    /// Where turbines may stand.
    pub farm: Farm,
    /// Its wind; farms of a sweep often share one.
    pub wind: Arc<WindClimate>,
}

/// How layouts are searched.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchSettings {
    /// Candidate points per axis over the farm's bounding box.
    pub grid_size: usize,
    /// Each turbine goes to a random one of this best share of the candidates, percent.
    pub random_pct: f64,
    /// Least distance between turbines, rotor diameters.
    pub min_spacing_d: f64,
    /// Random restarts per case; the best AEP is kept.
    pub restarts: u32,
    /// Which generator makes the draws.
    pub rng: RngKind,
    /// What follows the smart start.
    pub refine: Refinement,
    /// Wind speeds for ranking candidates, m/s, increasing. A table climate brings its own.
    pub wind_speeds_m_s: Vec<f64>,
    /// Wind directions for ranking candidates. A table climate brings its own.
    pub wind_directions: DirectionRange,
    /// How a climate's sectors are read between their centres.
    pub sector_interpolation: SectorInterpolation,
}

/// Equidistant wind directions: start, start + step ... below stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DirectionRange {
    /// First direction, degrees.
    pub start_deg: f64,
    /// All directions are below this, degrees.
    pub stop_deg: f64,
    /// From one to the next, degrees.
    pub step_deg: f64,
}

/// How many turbines a farm gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TurbineCount {
    /// As many as fit into this capacity, MW: floor(capacity / rated power).
    CapacityMw(f64),
    /// This many, whatever their type.
    Count(usize),
}

/// What the command line says instead of the sweep file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// `--grid-size`
    pub grid_size: Option<usize>,
    /// `--random-pct`
    pub random_pct: Option<f64>,
    /// `--seeds`
    pub seeds: Option<Seeds>,
    /// `--min-spacing`
    pub min_spacing_d: Option<f64>,
    /// `--restarts`
    pub restarts: Option<u32>,
    /// `--rng`
    pub rng: Option<RngKind>,
    /// `--refine`
    pub refine: Option<Refinement>,
    /// `--wake-model`
    pub wake_model: Option<WakeModel>,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self {
            grid_size: 18,
            random_pct: 30.0,
            min_spacing_d: 3.0,
            restarts: 1,
            rng: RngKind::default(),
            refine: Refinement::default(),
            wind_speeds_m_s: vec![6.0, 8.0, 10.0, 12.0, 14.0],
            wind_directions: DirectionRange { start_deg: 0.0, stop_deg: 360.0, step_deg: 1.0 },
            sector_interpolation: SectorInterpolation::default(),
        }
    }
}

impl Sweep {
    /// Reads a sweep file and the files it names.
    ///
    /// # Errors
    /// Every fault of the file, of what it names and of `overrides`.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self> {
        Self::read(path, Files::Disk, overrides)
    }

    /// A sweep that is part of the program; `None` if there is none of this name (see [`builtin::names`]).
    pub fn builtin(name: &str, overrides: &Overrides) -> Option<Result<Self>> {
        builtin::path(name).map(|path| Self::read(Path::new(path), builtin::FILES, overrides))
    }

    fn read(path: &Path, files: Files, overrides: &Overrides) -> Result<Self> {
        let place = path.display().to_string();
        let text = files.read(path).map_err(|predicate| Problem::new(place.as_str(), predicate))?;
        Self::from_toml(&text, &place, files, overrides)
    }

    /// The sweep that `text` describes. `place` is the path of its file: it names the file in messages, and files are found relative to it.
    ///
    /// # Errors
    /// Every fault of the text, of the files it names and of `overrides`.
    pub fn from_toml(text: &str, place: &str, files: Files, overrides: &Overrides) -> Result<Self> {
        let document = toml::parse(text, place).map_err(Error::BadInput)?;
        let faults = Faults::new();
        let sweep = read::sweep(&Field::root(&document, &faults), files, overrides);
        faults.into_result(place, sweep)
    }

    /// How many turbines of a type a farm gets.
    pub fn n_turbines(&self, turbine: usize) -> usize {
        self.turbine_count.of(&self.turbines[turbine])
    }
}

impl TurbineCount {
    /// How many turbines of this type.
    pub fn of(self, turbine: &Turbine) -> usize {
        // A capacity of exactly n machines must not become n - 1 because its quotient is rounded down.
        const ROUNDING: f64 = 1e-9;
        match self {
            Self::Count(count) => count,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a quotient of positive numbers; `as` saturates"
            )]
            Self::CapacityMw(capacity) => (capacity * 1e6 / turbine.rated_power_w + ROUNDING).floor() as usize,
        }
    }
}

impl DirectionRange {
    /// How many directions there are.
    pub fn len(&self) -> usize {
        let steps = ((self.stop_deg - self.start_deg) / self.step_deg).ceil();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates, and takes NaN as 0"
        )]
        let count = steps as usize;
        count
    }

    /// Whether there is no direction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The directions, degrees.
    pub fn degrees(&self) -> Vec<f64> {
        (0..self.len()).map(|i| self.start_deg + self.step_deg * i as f64).collect()
    }
}

/// The name users write.
fn interpolation_name(interpolation: SectorInterpolation) -> &'static str {
    match interpolation {
        SectorInterpolation::Nearest => "nearest",
        SectorInterpolation::Linear => "linear",
    }
}
