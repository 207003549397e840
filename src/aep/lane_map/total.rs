//! The sum of the map over all wind directions.

use crate::aep::HOURS_PER_YEAR;
use crate::aep::lane_map::DirectionState;
use crate::aep::simd::Kernel;
use crate::lanes::{Lanes, Step, step_through};

/// Adds up the power of all directions, in their order, and makes it energy.
pub(super) struct Total<'a> {
    pub(super) directions: &'a [DirectionState],
    /// Energy at each candidate, GWh, in whole blocks.
    pub(super) energy_gwh: &'a mut [f64],
}

impl Kernel for Total<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        step_through::<V>(self.energy_gwh.len(), &mut self);
    }
}

impl Step for Total<'_> {
    #[inline(always)]
    fn step<V: Lanes>(&mut self, first: usize) {
        let mut sum = V::splat(0.0);
        for state in self.directions {
            sum = sum + V::load(&state.power_w[first..]);
        }
        (sum * V::splat(HOURS_PER_YEAR * 1e-9)).store(&mut self.energy_gwh[first..]);
    }
}
