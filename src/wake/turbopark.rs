//! The width of a TurbOPark wake: it expands with the turbulence of the wind and that which the rotor makes.
//!
//! ```text
//! sigma   = A TI D/beta [T1 - T2 - ln((T1 + 1) alpha / ((T2 + 1) u))] + epsilon D,   u = alpha + beta x/D
//! T1 = sqrt(u^2 + 1),   T2 = sqrt(alpha^2 + 1),   alpha = c1 TI,   beta = c2 TI / sqrt(ct)
//! epsilon = c_eps sqrt((1 + s) / (2 s)),   s = sqrt(1 - min(ct_limit, ct))
//! ```
//!
//! Source: Nygaard et al. 2020, doi:10.1088/1742-6596/1618/6/062072, and 2022, doi:10.1088/1742-6596/2265/2/022008.

/// Constants of the width.
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The width behind one rotor at one thrust: `sigma = growth (T1 - ln((T1 + 1) / u)) + offset`, `u = alpha + rate x`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TurbOParkWidth {
    /// A TI D / beta, m.
    growth_m: f64,
    /// epsilon D - growth (T2 - ln((T2 + 1) / alpha)), m.
    offset_m: f64,
    /// c1 TI.
    alpha: f64,
    /// beta / D, 1/m.
    rate_per_m: f64,
}

/// Thrust below which it is taken as this, so that nothing is divided by 0.
const CT_FLOOR: f64 = 1e-20;

impl TurbOPark {
    /// The constants of Nygaard et al. 2022.
    pub const NYGAARD_2022: Self = Self { expansion: 0.04, c1: 1.5, c2: 0.8, c_epsilon: 0.25, ct_limit: 0.96 };

    /// The width behind a rotor of this diameter.
    pub fn width(&self, diameter_m: f64, ct: f64, turbulence_intensity: f64) -> TurbOParkWidth {
        let thrust = ct.max(CT_FLOOR);
        let alpha = self.c1 * turbulence_intensity;
        let beta = self.c2 * turbulence_intensity / thrust.sqrt();
        let s = (1.0 - thrust.min(self.ct_limit)).sqrt();
        let epsilon = self.c_epsilon * (0.5 * (1.0 + s) / s).sqrt();
        let growth_m = self.expansion * turbulence_intensity * diameter_m / beta;
        let t2 = (1.0 + alpha * alpha).sqrt();
        TurbOParkWidth {
            growth_m,
            offset_m: epsilon * diameter_m - growth_m * (t2 - libm::log((t2 + 1.0) / alpha)),
            alpha,
            rate_per_m: beta / diameter_m,
        }
    }
}

impl TurbOParkWidth {
    /// Width of the wake, m.
    #[inline]
    pub fn sigma_m(&self, downwind_m: f64) -> f64 {
        let u = self.alpha + self.rate_per_m * downwind_m.abs();
        let t1 = (u * u + 1.0).sqrt();
        self.growth_m * (t1 - libm::log((t1 + 1.0) / u)) + self.offset_m
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigma_is_epsilon_diameters_at_the_rotor_and_grows() {
        for ct in [0.0, 1e-9, 0.1, 0.5, 0.8, 8.0 / 9.0, 1.1] {
            let width = TurbOPark::NYGAARD_2022.width(240.0, ct, 0.1);
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
            let sigma_m = |k: u32| TurbOPark::NYGAARD_2022.width(240.0, 0.01 * f64::from(k), 0.06).sigma_m(downwind_m);
            let widths: Vec<f64> = (1..=120).map(sigma_m).collect();
            assert!(widths.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - 1e-12)), "at {downwind_m} m");
        }
    }
}
