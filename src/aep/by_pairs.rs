//! The wake of one turbine at another place, in all flow cases in which it may reach it: what [`crate::aep::LaneMap`] and
//! [`crate::aep::LivePlant`] share.
//!
//! A source acts on a target in the directions of one window around the bearing between them. Flow cases stand in a row, eight to a block;
//! those of a window are neighbours, and are computed together.

pub(super) mod cases;
pub(super) mod cast;
pub(super) mod marks;
