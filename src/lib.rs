//! Turbine layouts for many wind farms at once.
//!
//! ```text
//! sweep.toml -> Sweep -> cases -> remaining cases -> worker (one pinned thread) -> Solution -> shard -> merge -> layouts.h5 -> validate -> report
//! ```

pub mod aep;
pub mod error;
pub mod farm;
pub mod formats;
pub mod lanes;
pub mod report;
pub mod search;
pub mod store;
pub mod sweep;
pub mod wake;

pub use error::{Error, Problem, Result};
