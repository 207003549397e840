//! Many cases in one run: what a sweep file says, and the cases it lists.
//!
//! ```text
//! sweep.toml -> Sweep -> cases
//! ```
//!
//! A case is named by its content (see [`cases`]), so that the same case is the same in every sweep that lists it.

pub mod builtin;
pub mod cases;
pub mod config;

pub use cases::{Case, Selection};
pub use config::{DirectionRange, Indices, Overrides, SearchSettings, Seeds, Sweep, SweepFarm, TurbineCount};
