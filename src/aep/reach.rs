//! How far crosswind a wake is felt, bounded from above by steps of the distance downwind.

use crate::aep::plant::rotor;
use crate::farm::Turbine;
use crate::wake::SingleWake;

/// Crosswind reach of the widest wake of one turbine type at another.
#[derive(Debug)]
pub(super) struct Reach {
    step_m: f64,
    /// Reach at the end of each step, and so the most within it: it does not fall downwind.
    bound_m: Vec<f64>,
}

/// The diagonal of the box around positions (x, y), m: no two are further apart.
pub(super) fn extent_m(positions: &(impl Iterator<Item = (f64, f64)> + Clone)) -> f64 {
    let span = |of: fn((f64, f64)) -> f64| {
        let values = || positions.clone().map(of);
        (values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)).max(0.0)
    };
    libm::hypot(span(|p| p.0), span(|p| p.1))
}

/// Steps over the extent; each is then a small share of a rotor diameter's growth in reach.
const STEPS: usize = 512;

impl Reach {
    /// The reach of `source` for targets like `target`, up to `extent_m` downwind.
    pub(super) fn new<W: SingleWake>(
        wake: &W,
        source: &Turbine,
        target: &Turbine,
        extent_m: f64,
        ambient_turbulence: f64,
    ) -> Self {
        let step_m = extent_m.max(1.0) / STEPS as f64;
        let max_ct = source.ct.max();
        let reach_m =
            |k: usize| wake.reach_m(rotor(source), max_ct, ambient_turbulence, step_m * k as f64, rotor(target));
        Self { step_m, bound_m: (1..=STEPS + 1).map(reach_m).collect() }
    }

    /// The largest reach, m.
    pub(super) fn most_m(&self) -> f64 {
        self.bound_m[STEPS]
    }

    /// At least the reach at `downwind_m`, m.
    #[inline]
    pub(super) fn at_least_m(&self, downwind_m: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, then capped")]
        let step = (downwind_m.max(0.0) / self.step_m) as usize;
        self.bound_m[step.min(STEPS)]
    }
}
