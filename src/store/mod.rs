//! Durability: the only place that knows HDF5.

pub mod record;

pub use record::{CaseId, CaseKey, Outcome, Record, Solution};
