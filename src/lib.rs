//! Turbine layouts for many wind farms at once.
//!
//!     sweep.toml -> Sweep -> cases -> remaining cases -> worker (one pinned thread) -> Solution -> shard -> merge -> layouts.h5 -> validate -> report

pub mod error;
pub mod farm;
pub mod store;

pub use error::{Error, Problem, Result};
