//! Algorithms that place turbines.

pub mod attempt;
pub mod candidates;
pub mod ground;
pub mod harm_aware;
pub mod lattice;
pub mod pattern;
pub mod polish;
pub mod recreate;
pub mod refine;
pub mod refinement;
pub mod relocate;
pub mod rng;
#[cfg(test)]
mod sample;
pub mod smart_start;
pub mod starts;

pub use attempt::{Attempt, Physics, Stage, Watch};
pub use candidates::candidates;
pub use ground::Ground;
pub use lattice::Lattice;
pub use pattern::Pattern;
pub use polish::Polish;
pub use recreate::Recreate;
pub use refine::Refine;
pub use refinement::Refinement;
pub use relocate::Relocate;
pub use rng::{CaseRng, RngKind};
pub use smart_start::SmartStart;
pub use starts::Starts;
