//! How far crosswind a wake is felt, bounded from above by two straight lines: few operations, in lanes.

use crate::aep::plant::rotor;
use crate::aep::reach::Reach;
use crate::farm::Turbine;
use crate::lanes::Lanes;
use crate::wake::LaneWake;

/// Two straight lines, each above a [`Reach`] everywhere: the reach is at most the lower of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReachLines {
    /// Intercept, m, and slope.
    steep: [f64; 2],
    flat: [f64; 2],
}

/// The same in single precision.
#[derive(Debug, Clone, Copy)]
pub(super) struct SingleLines {
    steep: [f32; 2],
    flat: [f32; 2],
}

/// Far more than turned positions are off by rounding, m: what lies this near to a line is looked at more closely.
pub(super) const MARGIN_M: f64 = 1e-3;

impl ReachLines {
    /// Lines above this reach.
    pub(super) fn above(reach: &Reach) -> Self {
        let points: Vec<(f64, f64)> = reach.steps().collect();
        if !reach.most_m().is_finite() {
            return Self { steep: [f64::INFINITY, 0.0], flat: [f64::INFINITY, 0.0] };
        }
        let line = |slope: f64| {
            let intercept = points.iter().map(|(x, r)| r - slope * x).fold(f64::NEG_INFINITY, f64::max);
            [intercept + MARGIN_M, slope]
        };
        // Through an early step and through a later one, as steep as the curve is there.
        let slope_at = |k: usize| (points[k + 1].1 - points[k].1) / (points[k + 1].0 - points[k].0);
        let steps = points.len() - 1;
        Self { steep: line(slope_at(steps / 32)), flat: line(slope_at(steps / 3)) }
    }

    /// Of each of these types, above its reach at any of them, for wakes so many times as wide as the model's and up to `extent_m` downwind.
    pub(super) fn of_types<W: LaneWake>(wake: &W, turbines: &[&Turbine], extent_m: f64, widening: f64) -> Vec<Self> {
        let of_type = |source: &&Turbine| {
            let at_target = |target: &&Turbine| wake.reach(rotor(source), source.ct.max(), Some(rotor(target)));
            let reaches: Vec<_> = turbines.iter().map(at_target).collect();
            let most = |downwind_m| reaches.iter().map(|reach| widening * reach(downwind_m)).fold(0.0, f64::max);
            Self::above(&Reach::tabulate(extent_m, most))
        };
        turbines.iter().map(of_type).collect()
    }

    /// The lines in single precision, so much higher, m.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "meant to be rounded")]
    pub(super) fn singles(&self, more_m: f64) -> SingleLines {
        let single = |line: [f64; 2]| [(line[0] + more_m) as f32, line[1] as f32];
        SingleLines { steep: single(self.steep), flat: single(self.flat) }
    }

    #[inline(always)]
    pub(super) fn lanes<V: Lanes>(&self, downwind_m: V) -> V {
        let steep = V::splat(self.steep[0]) + V::splat(self.steep[1]) * downwind_m;
        let flat = V::splat(self.flat[0]) + V::splat(self.flat[1]) * downwind_m;
        steep.min(flat)
    }
}

impl SingleLines {
    /// The lower line at this distance downwind, m.
    #[inline(always)]
    pub(super) fn at(&self, downwind_m: f32) -> f32 {
        let steep = self.steep[0] + self.steep[1] * downwind_m;
        let flat = self.flat[0] + self.flat[1] * downwind_m;
        if steep < flat { steep } else { flat }
    }
}
