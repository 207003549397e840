//! The physics and the search against PyWake 2.6.20 and TOPFARM 2.7.1: the golden numbers of tests/golden, which names the script
//! that made each.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its numbers has failed")]

mod climate;
mod flow;
mod golden;
mod models;
mod overlap;
mod smart_start;
mod turbines;
