//! Many cases in one run: what a sweep file says, the cases it lists, and running them.
//!
//! ```text
//! sweep.toml -> Sweep -> cases -> remaining cases -> worker (one pinned thread) -> Solution -> shard -> merge
//! ```
//!
//! A case is named by its content (see [`cases`]), so that the same case is the same in every sweep that lists it.

pub mod analysis;
pub mod builtin;
pub mod cases;
pub mod config;
pub mod export;
pub mod merge;
pub mod optimize;
pub mod pin;
pub mod plan;
pub mod prove;
pub mod recover;
mod refined;
pub mod run;
pub mod solve;

pub use cases::{Case, Selection};
pub use config::{DirectionRange, Indices, Overrides, SearchSettings, Seeds, Sweep, SweepFarm, TurbineCount};
pub use export::FarmLayouts;
pub use merge::{PutRecord, merge_now, take_in};
pub use optimize::{Optimization, OptimizeProgress, Optimized, TraceRow, optimize};
pub use plan::{Plan, parse_stored, stored_sweep};
pub use recover::{Recovery, RecoverySettings, recover};
pub use run::{Interrupt, Observer, OnAllThreads, Progress, RunReport, RunSettings, run};
pub use solve::{Solver, SolverBuffers, default_directions_deg, default_speeds_m_s};
