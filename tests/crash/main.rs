//! The real program, killed, starved, refused and disturbed: whatever happens, the next run ends where an undisturbed one does.
//!
//! `cargo test` does some of each; with `LAYOUTOPT_SOAK=1`, as `make soak` sets it, all of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its stage has failed")]

mod clock;
mod disk;
#[path = "../installed/mod.rs"]
mod installed;
mod kills;
mod memory;
mod power;
mod resealed;
mod sharing;
mod shim;
mod signals;
#[allow(dead_code, reason = "the other tests of the command line use all of it")]
#[path = "../cli/stage.rs"]
mod stage;
mod sweep;
mod syscalls;
