//! Evenly spaced wind speeds, at which curves have their knots.

use crate::lanes::Lanes;

/// The knots of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EvenSteps {
    pub(super) first_m_s: f64,
    pub(super) per_m_s: f64,
    /// Number of the last knot.
    pub(super) last: f64,
}

impl EvenSteps {
    /// The segment in which a wind speed, m/s, lies, and how far into it; beyond the ends, the end.
    #[inline(always)]
    pub(super) fn find<V: Lanes>(&self, wind_speed_m_s: V) -> (V::Index, V) {
        let first = V::splat(self.first_m_s);
        let steps = ((wind_speed_m_s.max(first) - first) * V::splat(self.per_m_s)).min(V::splat(self.last));
        (steps.index(), steps - steps.whole())
    }
}
