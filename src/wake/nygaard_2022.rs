//! TurbOPark with a Gaussian profile (Nygaard et al. 2022), mirrored at the ground and averaged over the rotor.
//!
//! ```text
//! deficit^2 = C^2 (F(R/sigma, |offset|/sigma)^2 + F(R/sigma, |mirrored offset|/sigma)^2)
//! C         = 1 - sqrt(1 - min(1, ct D^2 / (8 sigma^2)))
//! sigma     = A TI D/beta [T1 - T2 - ln((T1 + 1) alpha / ((T2 + 1) u))] + epsilon D,   u = alpha + beta x/D
//! T1 = sqrt(u^2 + 1),   T2 = sqrt(alpha^2 + 1),   alpha = c1 TI,   beta = c2 TI / sqrt(ct)
//! epsilon   = c_eps sqrt((1 + s) / (2 s)),   s = sqrt(1 - min(0.96, ct))
//! ```
//!
//! | symbol        | code                     | unit | meaning                                            |
//! |---------------|--------------------------|------|----------------------------------------------------|
//! | x             | downwind_m               | m    | distance behind the source                         |
//! | D, R          | diameter_m               | m    | diameter of the source, radius of the target       |
//! | TI            | turbulence_intensity     | -    | ambient turbulence intensity at the source         |
//! | A, c1, c2     | EXPANSION, C1, C2        | -    | wake expansion, ambient and rotor-made turbulence  |
//! | sigma         | sigma_m                  | m    | width of the Gaussian                              |
//! | F             | `Overlap`                | -    | mean of the Gaussian over the target's rotor       |
//!
//! Source: doi:10.1088/1742-6596/2265/2/022008. Valid for x >= 0. Proven by tests/parity.rs.

use crate::wake::{Inflow, Offset, Overlap, Rotor, SingleWake};

/// The model with its look-up table.
#[derive(Debug, Clone)]
pub struct Nygaard2022 {
    overlap: Overlap,
}

/// Expansion of the wake per unit of turbulence.
const EXPANSION: f64 = 0.04;
/// Weight of the ambient turbulence.
const C1: f64 = 1.5;
/// Weight of the turbulence that the rotor makes.
const C2: f64 = 0.8;
/// Width at the rotor, in diameters, at small thrust.
const C_EPSILON: f64 = 0.25;
/// Thrust above which the width at the rotor grows no further.
const CT_LIMIT: f64 = 0.96;
/// Thrust below which it is taken as this, so that nothing is divided by 0.
const CT_FLOOR: f64 = 1e-20;

/// A squared deficit below this is 1e-20 of the free stream, a ten-thousandth of its last bit.
const NEGLIGIBLE_SQUARE: f64 = 1e-40;

/// A source at one thrust: `sigma = growth (T1 - ln((T1 + 1) / u)) + offset`, `u = alpha + rate x`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Source {
    /// A TI D / beta, m.
    growth_m: f64,
    /// epsilon D - growth (T2 - ln((T2 + 1) / alpha)), m.
    offset_m: f64,
    /// c1 TI.
    alpha: f64,
    /// beta / D, 1/m.
    rate_per_m: f64,
    /// ct D^2 / 8, m2.
    momentum_m2: f64,
    hub_height_m: f64,
}

impl Nygaard2022 {
    /// The model for rotors of these diameters, m.
    pub fn new(diameters_m: impl IntoIterator<Item = f64> + Clone) -> Self {
        let least = diameters_m.clone().into_iter().fold(f64::INFINITY, f64::min);
        let greatest = diameters_m.into_iter().fold(0.0, f64::max);
        // Sigma is at least C_EPSILON source diameters.
        Self { overlap: Overlap::new(0.5 * greatest / (C_EPSILON * least)) }
    }

    /// Centre-line deficit C squared and 1/sigma (1/m).
    #[inline]
    fn center(source: &Source, downwind_m: f64) -> (f64, f64) {
        let per_sigma = 1.0 / source.sigma_m(downwind_m);
        let momentum = (source.momentum_m2 * (per_sigma * per_sigma)).min(1.0);
        let center = 1.0 - (1.0 - momentum).sqrt();
        (center * center, per_sigma)
    }
}

impl Source {
    /// A source at thrust coefficient `ct` in wind of this turbulence intensity.
    pub(crate) fn new(rotor: Rotor, ct: f64, turbulence_intensity: f64) -> Self {
        let d = rotor.diameter_m;
        let thrust = ct.max(CT_FLOOR);
        let alpha = C1 * turbulence_intensity;
        let beta = C2 * turbulence_intensity / thrust.sqrt();
        let s = (1.0 - thrust.min(CT_LIMIT)).sqrt();
        let epsilon = C_EPSILON * (0.5 * (1.0 + s) / s).sqrt();
        let growth_m = EXPANSION * turbulence_intensity * d / beta;
        let t2 = (1.0 + alpha * alpha).sqrt();
        Self {
            growth_m,
            offset_m: epsilon * d - growth_m * (t2 - libm::log((t2 + 1.0) / alpha)),
            alpha,
            rate_per_m: beta / d,
            momentum_m2: ct * d * d / 8.0,
            hub_height_m: rotor.hub_height_m,
        }
    }

    /// Width of the wake, m.
    #[inline]
    pub(crate) fn sigma_m(&self, downwind_m: f64) -> f64 {
        let u = self.alpha + self.rate_per_m * downwind_m.abs();
        let t1 = (u * u + 1.0).sqrt();
        self.growth_m * (t1 - libm::log((t1 + 1.0) / u)) + self.offset_m
    }
}

impl SingleWake for Nygaard2022 {
    type Source = Source;
    /// Squared deficit.
    type Part = f64;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        Source::new(rotor, inflow.ct, inflow.ambient_turbulence)
    }

    #[inline]
    fn part_at_rotor(&self, source: &Source, offset: Offset, target: Rotor) -> f64 {
        let (center_squared, per_sigma) = Self::center(source, offset.downwind_m);
        let radius = 0.5 * target.diameter_m * per_sigma;
        let direct = self.overlap.disc(radius, offset.from_axis_m() * per_sigma);
        let mirrored = self.overlap.disc(radius, offset.mirrored(source.hub_height_m).from_axis_m() * per_sigma);
        center_squared * (direct * direct + mirrored * mirrored)
    }

    #[inline]
    fn part_at_point(&self, source: &Source, offset: Offset) -> f64 {
        let (center_squared, per_sigma) = Self::center(source, offset.downwind_m);
        let direct = self.overlap.point(offset.from_axis_m() * per_sigma);
        let mirrored = self.overlap.point(offset.mirrored(source.hub_height_m).from_axis_m() * per_sigma);
        center_squared * (direct * direct + mirrored * mirrored)
    }

    #[inline]
    fn is_negligible(part: &f64) -> bool {
        *part < NEGLIGIBLE_SQUARE
    }

    #[inline]
    fn deficit(&self, parts: &[f64]) -> f64 {
        let mut sum = 0.0;
        for part in parts {
            sum += part;
        }
        sum.sqrt()
    }

    /// Ten sigma, where the table ends: for a target no wider than the source the table's edge is there at most 1.4e-16 of the centre's
    /// deficit. A wider target reads the edge at a larger radius, where it is not nil, so for it there is no cut.
    fn reach_m(&self, rotor: Rotor, max_ct: f64, ambient_turbulence: f64, downwind_m: f64, target: Rotor) -> f64 {
        if target.diameter_m > rotor.diameter_m {
            return f64::INFINITY;
        }
        // Sigma grows with thrust.
        Overlap::max_center_distance() * Source::new(rotor, max_ct, ambient_turbulence).sigma_m(downwind_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTOR: Rotor = Rotor { diameter_m: 240.0, hub_height_m: 150.0 };

    #[test]
    fn sigma_is_epsilon_diameters_at_the_rotor_and_grows() {
        for ct in [0.0, 1e-9, 0.1, 0.5, 0.8, 8.0 / 9.0, 1.1] {
            let source = Source::new(ROTOR, ct, 0.1);
            let s = (1.0 - f64::min(0.96, ct)).sqrt();
            let epsilon = 0.25 * (0.5 * (1.0 + s) / s).sqrt();
            assert!((source.sigma_m(0.0) / 240.0 - epsilon).abs() < 1e-12, "ct {ct}");
            let widths: Vec<f64> = (0..100).map(|k| source.sigma_m(f64::from(k) * 300.0)).collect();
            assert!(widths.windows(2).all(|pair| pair[1] >= pair[0]), "ct {ct}");
        }
    }

    #[test]
    fn sigma_never_falls_with_thrust() {
        for downwind_m in [0.0, 1.0, 100.0, 1e3, 1e4, 1e5] {
            let widths: Vec<f64> =
                (1..=120).map(|k| Source::new(ROTOR, 0.01 * f64::from(k), 0.06).sigma_m(downwind_m)).collect();
            assert!(widths.windows(2).all(|pair| pair[1] >= pair[0] * (1.0 - 1e-12)), "at {downwind_m} m");
        }
    }

    #[test]
    fn nothing_is_felt_beyond_reach() {
        let wake = Nygaard2022::new([80.0, 240.0]);
        let source = Source::new(ROTOR, 0.8, 0.1);
        for downwind_m in [0.0, 500.0, 5e3, 5e4] {
            for target in [ROTOR, Rotor { diameter_m: 80.0, hub_height_m: 70.0 }] {
                let reach = wake.reach_m(ROTOR, 0.8, 0.1, downwind_m, target);
                let height_m = target.hub_height_m - ROTOR.hub_height_m;
                let at =
                    |crosswind_m| wake.part_at_rotor(&source, Offset { downwind_m, crosswind_m, height_m }, target);
                assert!(at(reach) < 1e-31, "{:e} at {downwind_m} m", at(reach));
                assert!(at(0.1 * reach) > 1e-5, "{:e} at {downwind_m} m", at(0.1 * reach));
            }
        }
        let small = Rotor { diameter_m: 80.0, hub_height_m: 70.0 };
        assert!(wake.reach_m(small, 0.8, 0.1, 100.0, ROTOR).is_infinite());
    }
}
