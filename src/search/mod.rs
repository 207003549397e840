//! Algorithms that place turbines.

pub mod candidates;
pub mod rng;
pub mod smart_start;

pub use candidates::candidates;
pub use rng::{CaseRng, RngKind};
pub use smart_start::SmartStart;
