//! The command line from end to end, as a user meets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its stage has failed")]

mod bad_input;
mod evaluate;
mod export;
mod files;
mod hostile;
#[path = "../installed/mod.rs"]
mod installed;
mod interrupt;
mod kept;
mod mistakes;
mod optimize;
mod places;
mod python;
mod readers;
mod refine;
mod run;
mod stage;
mod ways;
