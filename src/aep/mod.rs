//! The engine: what a layout produces in every wind.
//!
//! `full` is the definition: every pair of turbines in every flow case. `incremental` keeps the same numbers up to date, to the bit, while
//! turbines are added.

pub mod by_lanes;
mod by_pairs;
mod by_rank;
mod condensed;
mod facing;
pub mod frame;
pub mod full;
pub mod gradient;
pub mod incremental;
pub mod lane_map;
pub mod live_plant;
mod near;
pub mod plain_plant;
pub mod plant;
pub mod production;
mod reach;
mod reach_lines;
#[cfg(test)]
mod sample;
mod seen;
pub mod simd;
pub mod spells;
pub mod ways;

pub use by_lanes::evaluate_by_lanes;
pub use full::{
    OperatingPoint, candidate_energy, evaluate, evaluate_built, evaluate_built_by, free_energies_gwh, simulate,
};
pub use gradient::{Gradient, TapedGradient};
pub use incremental::{CandidateMap, MapBuffers};
pub use lane_map::{LaneBuffers, LaneMap};
pub use live_plant::LivePlant;
pub use plain_plant::PlainPlant;
pub use plant::Plant;
pub use production::{Production, wake_loss_pct};
pub use simd::{Kernel, Simd};
pub use spells::{OneByOne, Runner};
pub use ways::{Live, Plain, Slopes, Ways};

/// Hours in the year that AEP counts.
pub const HOURS_PER_YEAR: f64 = 8760.0;

/// A source counts for a target that lies no further upwind than this, m; the rounding error of turbines abreast.
pub(crate) const ABREAST_M: f64 = -1e-10;

/// The energy that one more turbine would yield at each of some candidates, in the wakes of those already placed.
pub trait EnergyMap {
    /// Places a turbine at candidate `candidate` and brings the map up to date.
    fn place(&mut self, candidate: usize);

    /// Gives up a candidate: its entry of the map is no longer kept.
    fn close(&mut self, candidate: usize);

    /// Energy of one more turbine at each candidate, GWh; entries of closed candidates mean nothing.
    fn energy_gwh(&mut self) -> &[f64];

    /// How far any of these energies may be from the exact one, GWh.
    fn doubt_gwh(&self) -> f64 {
        0.0
    }

    /// The exact energy at a candidate, GWh.
    fn exact_energy_gwh(&mut self, candidate: usize) -> f64 {
        self.energy_gwh()[candidate]
    }
}
