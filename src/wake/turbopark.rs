//! The width of a TurbOPark wake: it expands with the turbulence of the wind and that which the rotor makes.
//!
//! ```text
//! sigma   = A TI D/beta [T1 - T2 - ln((T1 + 1) alpha / ((T2 + 1) u))] + epsilon D,   u = alpha + beta x/D
//! T1 = sqrt(u^2 + 1),   T2 = sqrt(alpha^2 + 1),   alpha = c1 TI,   beta = c2 TI / sqrt(ct)
//! epsilon = c_eps sqrt((1 + s) / (2 s)),   s = sqrt(1 - min(ct_limit, ct))
//! ```
//!
//! Source: Nygaard et al. 2020, doi:10.1088/1742-6596/1618/6/062072, and 2022, doi:10.1088/1742-6596/2265/2/022008.

use crate::lanes::{Lanes, Real, ln_ratio};
use crate::wake::turbopark_table::{GrowthTable, InTable};

/// Constants of the width.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TurbOPark {
    /// A: wake expansion per unit of turbulence.
    pub expansion: f64,
    /// c1: weight of the ambient turbulence.
    pub c1: f64,
    /// c2: weight of the turbulence that the rotor makes.
    pub c2: f64,
    /// Width at the rotor, in diameters, at small thrust.
    pub c_epsilon: f64,
    /// Thrust above which the width at the rotor grows no further.
    pub ct_limit: f64,
}

/// What the width depends on beside rotor and thrust, in wind of one turbulence intensity.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TurbOParkAir {
    constants: TurbOPark,
    /// c1 TI.
    alpha: f64,
    /// c2 TI.
    rotor_weight: f64,
    /// T2 - ln((T2 + 1) / alpha).
    start: f64,
}

/// One rotor's thrust, as the width depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TurbOParkThrust<V> {
    /// Root of the thrust coefficient, and one over it.
    pub root: V,
    /// See `root`.
    pub per_root: V,
    /// epsilon D, m.
    pub epsilon_m: V,
}

/// The width behind one rotor at one thrust: `sigma = growth (T1 - ln((T1 + 1) / u)) + offset`, `u = alpha + rate x`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TurbOParkWidth<V> {
    /// A TI D / beta, m.
    pub growth_m: V,
    /// epsilon D - growth (T2 - ln((T2 + 1) / alpha)), m.
    pub offset_m: V,
    /// beta / D, 1/m.
    pub rate_per_m: V,
    /// c1 TI.
    pub alpha: V,
}

/// Thrust below which it is taken as this, so that nothing is divided by 0.
const CT_FLOOR: f64 = 1e-20;

impl TurbOPark {
    /// The constants of Nygaard et al. 2022.
    pub const NYGAARD_2022: Self = Self { expansion: 0.04, c1: 1.5, c2: 0.8, c_epsilon: 0.25, ct_limit: 0.96 };

    /// The law in wind of this turbulence intensity.
    pub fn in_air(self, turbulence_intensity: f64) -> TurbOParkAir {
        let (alpha, start) = self.start(turbulence_intensity);
        TurbOParkAir { constants: self, alpha, rotor_weight: self.c2 * turbulence_intensity, start }
    }

    /// The width behind a rotor of this diameter, m, at this thrust, in wind whose turbulence is that at the rotor.
    pub fn width_in<R: Real>(self, turbulence_intensity: R, diameter_m: f64, ct: R) -> TurbOParkWidth<R> {
        let thrust = self.thrust(diameter_m, ct);
        let (alpha, start) = self.start(turbulence_intensity);
        let growth_m = thrust.root * (self.expansion * diameter_m / self.c2);
        let rate_per_m = turbulence_intensity * self.c2 / diameter_m * thrust.per_root;
        TurbOParkWidth { growth_m, offset_m: thrust.epsilon_m - growth_m * start, rate_per_m, alpha }
    }

    /// alpha, and T2 - ln((T2 + 1) / alpha).
    fn start<R: Real>(self, turbulence_intensity: R) -> (R, R) {
        let alpha = turbulence_intensity * self.c1;
        let t2 = (alpha * alpha + 1.0).sqrt();
        (alpha, t2 - ln_ratio(t2 + 1.0, alpha))
    }

    #[inline(always)]
    fn thrust<V: Lanes>(&self, diameter_m: f64, ct: V) -> TurbOParkThrust<V> {
        let (one, half) = (V::splat(1.0), V::splat(0.5));
        let held = ct.max(V::splat(CT_FLOOR));
        let per_root = held.per_root();
        let per_s = (one - held.min(V::splat(self.ct_limit))).per_root();
        let epsilon = V::splat(self.c_epsilon) * half.mul_add(per_s, half).sqrt();
        TurbOParkThrust { root: held * per_root, per_root, epsilon_m: epsilon * V::splat(diameter_m) }
    }
}

impl TurbOParkAir {
    /// c1 TI.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// What of thrust the width behind a rotor of this diameter, m, depends on.
    #[inline(always)]
    pub fn thrust<V: Lanes>(&self, diameter_m: f64, ct: V) -> TurbOParkThrust<V> {
        self.constants.thrust(diameter_m, ct)
    }

    /// The width behind a rotor of this diameter, m, at this thrust.
    #[inline(always)]
    pub fn width<V: Lanes>(&self, diameter_m: f64, thrust: TurbOParkThrust<V>) -> TurbOParkWidth<V> {
        let growth_m = self.growth_m(diameter_m, thrust.root);
        TurbOParkWidth {
            growth_m,
            offset_m: growth_m.mul_neg_add(V::splat(self.start), thrust.epsilon_m),
            rate_per_m: V::splat(self.rotor_weight / diameter_m) * thrust.per_root,
            alpha: V::splat(self.alpha),
        }
    }

    #[inline(always)]
    fn growth_m<V: Lanes>(&self, diameter_m: f64, root: V) -> V {
        V::splat(self.constants.expansion * diameter_m / self.constants.c2) * root
    }
}

impl<V: Lanes> TurbOParkWidth<V> {
    /// The width from numbers that are kept: the root of the thrust coefficient, the rate, 1/m, and the offset, m.
    #[inline(always)]
    pub fn known(air: &TurbOParkAir, diameter_m: f64, [root, rate_per_m, offset_m]: [V; 3]) -> Self {
        Self { growth_m: air.growth_m(diameter_m, root), offset_m, rate_per_m, alpha: V::splat(air.alpha) }
    }

    /// Width of the wake, m.
    #[inline(always)]
    pub fn sigma_m(&self, downwind_m: V) -> V {
        let u = self.u(downwind_m);
        let t1 = u.mul_add(u, V::splat(1.0)).sqrt();
        self.growth_m.mul_add(t1 - ln_ratio(t1 + V::splat(1.0), u), self.offset_m)
    }

    /// Where a table has what [`Self::sigma_by_table_m`] needs.
    #[inline(always)]
    pub fn in_table<'t>(&self, table: &'t GrowthTable, downwind_m: V) -> InTable<'t, V> {
        table.place(self.u(downwind_m))
    }

    /// [`Self::sigma_m`] by a table.
    #[inline(always)]
    pub fn sigma_by_table_m(&self, in_table: &InTable<V>) -> V {
        self.growth_m.mul_add(in_table.value(), self.offset_m)
    }

    #[inline(always)]
    fn u(&self, downwind_m: V) -> V {
        self.rate_per_m.mul_add(downwind_m.abs(), self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(turbulence_intensity: f64, ct: f64) -> TurbOParkWidth<f64> {
        let air = TurbOPark::NYGAARD_2022.in_air(turbulence_intensity);
        air.width(240.0, air.thrust(240.0, ct))
    }

    #[test]
    fn sigma_is_epsilon_diameters_at_the_rotor_and_grows() {
        for ct in [0.0, 1e-9, 0.1, 0.5, 0.8, 8.0 / 9.0, 1.1] {
            let width = width(0.1, ct);
            let s = (1.0 - f64::min(0.96, ct)).sqrt();
            let epsilon = 0.25 * (0.5 * (1.0 + s) / s).sqrt();
            assert!((width.sigma_m(0.0) / 240.0 - epsilon).abs() < 1e-12, "ct {ct}");
            let widths: Vec<f64> = (0..100).map(|k| width.sigma_m(f64::from(k) * 300.0)).collect();
            assert!(widths.windows(2).all(|pair| pair[1] >= pair[0]), "ct {ct}");
        }
    }

    #[test]
    fn sigma_never_falls_with_thrust() {
        for downwind_m in [0.0, 1.0, 100.0, 1e3, 1e4, 1e5] {
            let sigma_m = |k: u32| width(0.06, 0.01 * f64::from(k)).sigma_m(downwind_m);
            let widths: Vec<f64> = (1..=120).map(sigma_m).collect();
            assert!(widths.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - 1e-12)), "at {downwind_m} m");
        }
    }
}
