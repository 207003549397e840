//! The cases of a sweep, each named by its content.
//!
//! A case's id is the XXH3-128 digest of everything that decides its solution, and of nothing else: names, indices and the other cases
//! of the sweep are left out, so that a case keeps its id when a farm is appended or a file renamed. What is digested, byte for byte:
//!
//! ```text
//! case     version of the search, settings, turbine count, farm digest, wind digest, turbine digest, wake, seed
//! wake     name of a published model | the parts as TOML
//! settings grid_size, random_pct, min_spacing_d, restarts, rng, wind speeds, wind directions, sector interpolation;
//!          then, if layouts are refined, "refine 1" and how
//! farm     "polygons", count, rings | "circle", x, y, radius;   then count and rings of the exclusions;
//!          then, if there are round ones, "circles", count, and x, y, radius of each
//! wind     "sectors", f, A, k | "table", directions, speeds, probabilities | "series", directions, speeds, counts;
//!          then the turbulence intensity
//! turbine  rotor diameter, hub height, power curve, thrust curve; a curve is its speeds and values, behind "cubic" if it is one
//! ```
//!
//! A number is its f64, a count or an integer its u64, both little-endian; a text or a list is its length (u64) and its elements; a digest
//! is 16 bytes. -0 counts as 0. Digests are written big-endian, XXH3's canonical form.

use std::collections::BTreeSet;
use std::ops::Range;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::error::{Error, Problem, Result};
use crate::farm::{
    Boundary, Circle, Curve, Farm, Polygon, SectorInterpolation, Turbine, WindClimate, WindDistribution, Zone,
};
use crate::search::Refinement;
use crate::store::{CaseId, CaseKey};
use crate::sweep::{Indices, SearchSettings, Sweep, config};
use crate::wake::WakeChoice;

/// The search and its version. Change it whenever the same case comes to another solution, if only in its last digit: then nothing stored is
/// taken for it.
const VERSION: &str = "smart-start 9";
/// The versions before. What they found is sound, but not what this one comes to; stored files are still read and proven.
const EARLIER: [&str; 7] = [
    "smart-start 2",
    "smart-start 3",
    "smart-start 4",
    "smart-start 5",
    "smart-start 6",
    "smart-start 7",
    "smart-start 8",
];
/// What refines layouts, and its version; as [`VERSION`], for cases that are refined.
const REFINEMENT: &str = "refine 1";

/// One case of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// Its farm, turbine type and seed.
    pub key: CaseKey,
    /// Digest of all that decides its solution.
    pub case_id: CaseId,
    /// Sets its random draws apart from those of other farms and turbine types with the same seed: XXH3-64 of the farm's and the
    /// turbine's bytes, as the module documentation lists them. The same for every seed and setting.
    pub stream: u64,
    /// How many turbines are to be placed.
    pub n_turbines: usize,
}

/// A part of a sweep; the default is all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Farms by index; `None`: all.
    pub farms: Option<Indices>,
    /// Turbine types by index; `None`: all.
    pub turbines: Option<Indices>,
}

impl Sweep {
    /// The cases of a selection, ordered by farm, turbine type and seed.
    ///
    /// # Errors
    /// Indices beyond the sweep's farms and turbine types.
    pub fn cases(&self, selection: &Selection) -> Result<Vec<Case>> {
        self.cases_by(VERSION, selection)
    }

    /// The ids that the cases had under earlier versions of the search.
    ///
    /// # Errors
    /// None for a sweep that was read.
    pub fn earlier_ids(&self) -> Result<BTreeSet<(CaseKey, CaseId)>> {
        let mut ids = BTreeSet::new();
        for algorithm in EARLIER {
            let cases = self.cases_by(algorithm, &Selection::default())?;
            ids.extend(cases.iter().map(|case| (case.key, case.case_id)));
        }
        Ok(ids)
    }

    fn cases_by(&self, algorithm: &str, selection: &Selection) -> Result<Vec<Case>> {
        let mut problems = Vec::new();
        let farms = selected("--farms", "farm", selection.farms.as_ref(), self.farms.len(), &mut problems);
        let turbines =
            selected("--types", "turbine type", selection.turbines.as_ref(), self.turbines.len(), &mut problems);
        if !problems.is_empty() {
            return Err(Error::BadInput(problems));
        }
        let settings = settings_bytes(&self.search);
        let types: Vec<_> = turbines.into_iter().map(|t| (t, turbine_bytes(&self.turbines[t as usize]))).collect();
        let mut cases = Vec::new();
        for farm in farms {
            let swept = &self.farms[farm as usize];
            let (farm_bytes, wind) = (farm_bytes(&swept.farm), wind_bytes(&swept.wind));
            for (turbine, turbine_bytes) in &types {
                let n_turbines = self.n_turbines(*turbine as usize);
                let mut bytes = Bytes::default();
                bytes.text(algorithm);
                bytes.0.extend(&settings.0);
                bytes.count(n_turbines);
                bytes.digest(&farm_bytes);
                bytes.digest(&wind);
                bytes.digest(turbine_bytes);
                bytes.text(&wake_text(&self.wake));
                let stream = xxh3_64(&[&farm_bytes.0[..], &turbine_bytes.0[..]].concat());
                cases.extend(seeds(bytes, self.seeds.clone()).map(|(seed, case_id)| Case {
                    key: CaseKey { farm, turbine: *turbine, seed },
                    case_id,
                    stream,
                    n_turbines,
                }));
            }
        }
        Ok(cases)
    }
}

/// A published model's name, or the parts of a composed one as `[wake]` writes them.
fn wake_text(wake: &WakeChoice) -> String {
    match wake {
        WakeChoice::Published(model) => model.name().to_owned(),
        WakeChoice::Composed(_) => {
            let mut text = String::new();
            config::wake::write(&mut text, wake);
            text
        }
    }
}

/// The ids of the cases that share all but the seed.
fn seeds(shared: Bytes, seeds: Range<u64>) -> impl Iterator<Item = (u64, CaseId)> {
    let length = shared.0.len();
    let mut bytes = shared;
    seeds.map(move |seed| {
        bytes.0.truncate(length);
        bytes.integer(seed);
        (seed, CaseId(xxh3_128(&bytes.0).to_be_bytes()))
    })
}

fn selected(flag: &str, what: &str, indices: Option<&Indices>, n: usize, problems: &mut Vec<Problem>) -> Vec<u32> {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    let Some(indices) = indices else { return (0..n).collect() };
    if indices.largest() >= n {
        let last = n.saturating_sub(1);
        problems
            .push(Problem::new(flag, format!("there is no {what} {}; the sweep has 0 to {last}", indices.largest())));
    }
    (0..n).filter(|&index| indices.contains(index)).collect()
}

/// Bytes to digest.
#[derive(Debug, Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn integer(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn count(&mut self, value: usize) {
        self.integer(value as u64);
    }

    fn number(&mut self, value: f64) {
        // Adding zero makes 0 of -0 and leaves every other number as it is.
        self.0.extend((value + 0.0).to_le_bytes());
    }

    fn numbers(&mut self, values: &[f64]) {
        self.count(values.len());
        for &value in values {
            self.number(value);
        }
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend(text.as_bytes());
    }

    fn digest(&mut self, of: &Self) {
        self.0.extend(xxh3_128(&of.0).to_be_bytes());
    }

    fn polygons(&mut self, polygons: &[&Polygon]) {
        self.count(polygons.len());
        for polygon in polygons {
            self.count(polygon.vertices_m().len());
            for &(x, y) in polygon.vertices_m() {
                self.number(x);
                self.number(y);
            }
        }
    }

    fn circle(&mut self, circle: &Circle) {
        for value in [circle.center_m.0, circle.center_m.1, circle.radius_m] {
            self.number(value);
        }
    }

    fn curve(&mut self, curve: &Curve) {
        if curve.is_cubic() {
            self.text("cubic");
        }
        self.numbers(curve.wind_speed_m_s());
        self.numbers(curve.value());
    }
}

fn settings_bytes(search: &SearchSettings) -> Bytes {
    let mut bytes = Bytes::default();
    bytes.count(search.grid_size);
    bytes.number(search.random_pct);
    bytes.number(search.min_spacing_d);
    bytes.integer(search.restarts.into());
    bytes.text(search.rng.name());
    bytes.numbers(&search.wind_speeds_m_s);
    bytes.numbers(&search.wind_directions.degrees());
    bytes.text(match search.sector_interpolation {
        SectorInterpolation::Nearest => "nearest",
        SectorInterpolation::Linear => "linear",
    });
    if search.refine != Refinement::None {
        bytes.text(REFINEMENT);
        bytes.text(search.refine.name());
    }
    bytes
}

fn farm_bytes(farm: &Farm) -> Bytes {
    let mut bytes = Bytes::default();
    match &farm.boundary {
        Boundary::Polygons(polygons) => {
            bytes.text("polygons");
            bytes.polygons(&polygons.iter().collect::<Vec<_>>());
        }
        Boundary::Circle { center_m, radius_m } => {
            bytes.text("circle");
            bytes.circle(&Circle { center_m: *center_m, radius_m: *radius_m });
        }
    }
    let (mut rings, mut circles) = (Vec::new(), Vec::new());
    for zone in &farm.exclusions {
        match zone {
            Zone::Polygon(polygon) => rings.push(polygon),
            Zone::Circle(circle) => circles.push(circle),
        }
    }
    bytes.polygons(&rings);
    if !circles.is_empty() {
        bytes.text("circles");
        bytes.count(circles.len());
        for circle in circles {
            bytes.circle(circle);
        }
    }
    bytes
}

fn wind_bytes(wind: &WindClimate) -> Bytes {
    let mut bytes = Bytes::default();
    match &wind.distribution {
        WindDistribution::Sectors(sectors) => {
            bytes.text("sectors");
            for values in [&sectors.frequency, &sectors.weibull_a_m_s, &sectors.weibull_k] {
                bytes.numbers(values);
            }
        }
        WindDistribution::Table(table) => {
            bytes.text("table");
            for values in [&table.wind_direction_deg, &table.wind_speed_m_s, &table.probability] {
                bytes.numbers(values);
            }
        }
        WindDistribution::Series(series) => {
            bytes.text("series");
            bytes.numbers(series.wind_direction_deg());
            bytes.numbers(series.wind_speed_m_s());
            bytes.count(series.count().len());
            series.count().iter().for_each(|&count| bytes.integer(count.into()));
        }
    }
    bytes.number(wind.turbulence_intensity);
    bytes
}

fn turbine_bytes(turbine: &Turbine) -> Bytes {
    let mut bytes = Bytes::default();
    bytes.number(turbine.rotor_diameter_m);
    bytes.number(turbine.hub_height_m);
    bytes.curve(&turbine.power_w);
    bytes.curve(&turbine.ct);
    bytes
}
