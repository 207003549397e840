//! What is optimised, as plain data: farm, turbine, wind climate, flow cases, layout.

pub mod boundary;
pub mod climate;
pub mod curve;
pub mod curve_pair;
pub mod curve_sketch;
mod even_steps;
pub mod flow_cases;
pub mod generic_turbine;
pub mod layout;
pub mod polygon;
pub mod turbine;
pub mod wind_series;

pub use boundary::{Boundary, Circle, Farm, Zone};
pub use climate::{ProbabilityTable, SectorInterpolation, SectorWeibull, WindClimate, WindDistribution};
pub use curve::Curve;
pub use curve_pair::CurvePair;
pub use curve_sketch::CurveSketch;
pub use flow_cases::FlowCases;
pub use generic_turbine::GenericTurbine;
pub use layout::Layout;
pub use polygon::Polygon;
pub use turbine::Turbine;
pub use wind_series::WindSeries;
