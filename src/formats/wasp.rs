//! WAsP's files: turbine (`.wtg`), observed wind climate (`.tab`), generalised wind climate (`.lib`, the Global Wind Atlas' `.gwc`).

mod atlas;
mod tab;
mod wtg;

pub use atlas::parse_atlas;
pub use tab::parse_tab;
pub use wtg::parse_turbine;

/// How far percentages may be from summing to 100, and per mille to 1000, relative: they are printed with few digits. What is within is
/// divided by the sum.
const SUM_TOLERANCE: f64 = 0.01;
