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
        let (rotor_of_source, rotor_of_target, max_ct) = (rotor(source), rotor(target), source.ct.max());
        Self::tabulate(extent_m, |downwind_m| {
            wake.reach_m(rotor_of_source, max_ct, ambient_turbulence, downwind_m, rotor_of_target)
        })
    }

    /// A reach given by a function of the distance downwind, both m, up to `extent_m`.
    pub(super) fn tabulate(extent_m: f64, reach_m: impl Fn(f64) -> f64) -> Self {
        let step_m = extent_m.max(1.0) / STEPS as f64;
        Self { step_m, bound_m: (1..=STEPS + 1).map(|k| reach_m(step_m * k as f64)).collect() }
    }

    /// Distances downwind, m, each with the reach of the step that it starts, m.
    pub(super) fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.bound_m.iter().enumerate().map(|(k, bound_m)| (self.step_m * k as f64, *bound_m))
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
