//! Algorithms that place turbines.

pub mod rng;

pub use rng::{CaseRng, RngKind};
