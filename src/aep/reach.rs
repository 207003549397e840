//! How far crosswind a wake is felt, bounded from above by steps of the distance downwind.

use crate::aep::plant::rotor;
use crate::farm::{FlowCases, Turbine};
use crate::wake::SingleWake;

/// Crosswind reach of the widest wake of one turbine type.
#[derive(Debug)]
pub(super) struct Reach {
    step_m: f64,
    /// Reach at the end of each step, and so the most within it: it does not fall downwind.
    bound_m: Vec<f64>,
}

/// Steps over the candidates' extent; each is then a small share of a rotor diameter's growth in reach.
const STEPS: usize = 512;

impl Reach {
    /// The reach over the extent of `candidates_m`.
    pub(super) fn new<W: SingleWake>(
        wake: &W,
        turbine: &Turbine,
        candidates_m: &[(f64, f64)],
        flow: &FlowCases,
    ) -> Self {
        let rotor = rotor(turbine);
        let extent = |of: fn(&(f64, f64)) -> f64| {
            let values = || candidates_m.iter().map(of);
            (values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)).max(1.0)
        };
        let step_m = libm::hypot(extent(|c| c.0), extent(|c| c.1)) / STEPS as f64;
        let (max_ct, ambient) = (turbine.ct.max(), flow.turbulence_intensity());
        let reach_m = |k: usize| wake.reach_m(rotor, max_ct, ambient, step_m * k as f64, rotor);
        Self { step_m, bound_m: (1..=STEPS + 1).map(reach_m).collect() }
    }

    /// At least the reach at `downwind_m`, m.
    #[inline]
    pub(super) fn at_least_m(&self, downwind_m: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, then capped")]
        let step = (downwind_m.max(0.0) / self.step_m) as usize;
        self.bound_m[step.min(STEPS)]
    }
}
