//! Durability: the only place that knows HDF5.

mod attributes;
mod container;
mod flaw;
mod fs;
mod image;
mod publish;
pub mod record;
mod schema;
mod segment;
#[cfg(test)]
mod simfs;

pub use flaw::Flaw;
pub use record::{CaseId, CaseKey, Outcome, Record, RecordDigest, Solution};
