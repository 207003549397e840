//! What people look at: the state of a sweep, the proof of a file, its repair.

pub mod repair;
pub mod status;
pub mod validation;

pub use repair::{Repair, RepairSettings, Replaced, repair};
pub use status::SweepStatus;
pub use validation::{Effort, FileReport, validate};
