//! Spells of wind: some neighbouring directions whose energies are added up on their own, so that they can be computed anywhere and in any
//! order.

use std::ops::Range;

use crate::aep::HOURS_PER_YEAR;
use crate::farm::FlowCases;
use crate::lanes::{Block, sum_of_eight};

/// Does a job for each number below a count, in whatever order or all at once.
pub trait Runner {
    /// What comes out, by number. Each thread makes itself what it works with.
    fn run<S, T: Send>(
        &self,
        count: usize,
        tools: impl Fn() -> S + Send + Sync,
        job: impl Fn(&mut S, usize) -> T + Send + Sync,
    ) -> Vec<T>;
}

/// One job after the other, on the thread at hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneByOne;

impl Runner for OneByOne {
    fn run<S, T: Send>(
        &self,
        count: usize,
        tools: impl Fn() -> S + Send + Sync,
        job: impl Fn(&mut S, usize) -> T + Send + Sync,
    ) -> Vec<T> {
        let mut tools = tools();
        (0..count).map(|number| job(&mut tools, number)).collect()
    }
}

/// Directions in a spell.
const DIRECTIONS: usize = 15;

/// The number of spells.
pub(super) fn count(flow: &FlowCases) -> usize {
    flow.wind_direction_deg().len().div_ceil(DIRECTIONS)
}

/// Directions of a spell.
pub(super) fn directions(flow: &FlowCases, spell: usize) -> Range<usize> {
    spell * DIRECTIONS..((spell + 1) * DIRECTIONS).min(flow.wind_direction_deg().len())
}

/// The spell of a direction.
pub(super) fn of(direction: usize) -> usize {
    direction / DIRECTIONS
}

/// Annual energy of each of `n` turbines, GWh, from power times probability in each spell, W, summed by number of the wind speed modulo eight.
pub(super) fn add_up(n: usize, spells: &[Vec<Block>]) -> Vec<f64> {
    let of_turbine = |turbine: usize| spells.iter().map(|spell| sum_of_eight(spell[turbine].0)).sum::<f64>();
    (0..n).map(|turbine| of_turbine(turbine) * (HOURS_PER_YEAR * 1e-9)).collect()
}
