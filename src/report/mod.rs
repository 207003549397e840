//! What people look at: the state of a sweep, the proof of a file.

pub mod status;
pub mod validation;

pub use status::SweepStatus;
pub use validation::{FileReport, validate};
