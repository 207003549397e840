//! The command line: arguments, one file per command, progress, messages.

pub mod args;
pub mod evaluate;
pub mod exit;
pub mod export;
pub mod merge;
pub mod messages;
pub mod new_files;
pub mod optimize;
pub mod out;
pub mod physics;
pub mod progress;
pub mod recover;
pub mod reorganize;
pub mod repair;
pub mod run;
pub mod salvage;
pub mod signals;
pub mod simd;
pub mod status;
pub mod store;
pub mod sweeps;
pub mod validate;
