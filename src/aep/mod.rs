//! The engine: what a layout produces in every wind.
//!
//! `full` is the definition: every pair of turbines in every flow case. `incremental` keeps the same numbers up to date, to the bit, while
//! turbines are added.

mod by_rank;
pub mod frame;
pub mod full;
pub mod incremental;
pub mod plant;
pub mod production;
mod reach;

pub use full::{OperatingPoint, candidate_energy, evaluate, evaluate_built, simulate};
pub use incremental::{CandidateMap, MapBuffers};
pub use plant::Plant;
pub use production::Production;

/// Hours in the year that AEP counts.
pub const HOURS_PER_YEAR: f64 = 8760.0;

/// A source counts for a target that lies no further upwind than this, m; the rounding error of turbines abreast.
pub(crate) const ABREAST_M: f64 = -1e-10;
