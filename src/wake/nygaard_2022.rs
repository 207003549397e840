//! TurbOPark with a Gaussian profile (Nygaard et al. 2022), mirrored at the ground and averaged over the rotor.
//!
//! ```text
//! deficit^2 = C^2 (F(R/sigma, |offset|/sigma)^2 + F(R/sigma, |mirrored offset|/sigma)^2)
//! C         = 1 - sqrt(1 - min(1, ct D^2 / (8 sigma^2)))
//! sigma     by TurbOPark, see `turbopark.rs`
//! ```
//!
//! | symbol        | code                     | unit | meaning                                            |
//! |---------------|--------------------------|------|----------------------------------------------------|
//! | x             | downwind_m               | m    | distance behind the source                         |
//! | D, R          | diameter_m               | m    | diameter of the source, radius of the target       |
//! | sigma         | sigma_m                  | m    | width of the Gaussian                              |
//! | F             | `Overlap`                | -    | mean of the Gaussian over the target's rotor       |
//!
//! Source: doi:10.1088/1742-6596/2265/2/022008. Valid for x >= 0. Proven by tests/parity.

use crate::wake::deficit::Deficit;
use crate::wake::gaussian_width::GaussianWidth;
use crate::wake::spec::{DeficitSum, Ground, RotorAverage, TurbulenceAt, WakeSpec, WindSpeedAt};
use crate::wake::turbopark::{TurbOPark, TurbOParkWidth};
use crate::wake::turbulence::{AddedTurbulence, TurbulenceSum};
use crate::wake::{Induction, Inflow, Offset, Overlap, Rotor, SingleWake, Superposition};

/// The model with its look-up table.
#[derive(Debug, Clone)]
pub struct Nygaard2022 {
    overlap: Overlap,
}

/// A squared deficit below this is 1e-20 of the free stream, a ten-thousandth of its last bit.
const NEGLIGIBLE_SQUARE: f64 = 1e-40;

/// A source at one thrust.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Source {
    width: TurbOParkWidth,
    /// ct D^2 / 8, m2.
    momentum_m2: f64,
    hub_height_m: f64,
}

/// The model as a composition of parts: the slow twin of this file.
pub fn spec() -> WakeSpec {
    WakeSpec {
        deficit: Deficit::Gaussian {
            induction: Induction::Momentum,
            width: GaussianWidth::TurbOPark { constants: TurbOPark::NYGAARD_2022, turbulence: TurbulenceAt::Ambient },
        },
        reference_speed: WindSpeedAt::FreeStream,
        thrust_speed: WindSpeedAt::Effective,
        superposition: DeficitSum::Plain(Superposition::Squared),
        rotor_average: RotorAverage::GaussianOverlap,
        ground: Ground::Mirror(Superposition::Squared),
        turbulence: AddedTurbulence::None,
        turbulence_sum: TurbulenceSum::default(),
    }
}

impl Nygaard2022 {
    /// The model for rotors of these diameters, m.
    pub fn new(diameters_m: impl IntoIterator<Item = f64> + Clone) -> Self {
        let least = diameters_m.clone().into_iter().fold(f64::INFINITY, f64::min);
        let greatest = diameters_m.into_iter().fold(0.0, f64::max);
        // Sigma is at least c_epsilon source diameters.
        Self { overlap: Overlap::new(0.5 * greatest / (TurbOPark::NYGAARD_2022.c_epsilon * least)) }
    }

    /// Centre-line deficit C squared and 1/sigma (1/m).
    #[inline]
    fn center(source: &Source, downwind_m: f64) -> (f64, f64) {
        let per_sigma = 1.0 / source.width.sigma_m(downwind_m);
        let momentum = (source.momentum_m2 * (per_sigma * per_sigma)).min(1.0);
        let center = 1.0 - (1.0 - momentum).sqrt();
        (center * center, per_sigma)
    }
}

impl SingleWake for Nygaard2022 {
    type Source = Source;
    /// Squared deficit.
    type Part = f64;

    fn source(&self, rotor: Rotor, inflow: Inflow) -> Source {
        let d = rotor.diameter_m;
        Source {
            width: TurbOPark::NYGAARD_2022.width(d, inflow.ct, inflow.ambient_turbulence),
            momentum_m2: inflow.ct * d * d / 8.0,
            hub_height_m: rotor.hub_height_m,
        }
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
        let widest = TurbOPark::NYGAARD_2022.width(rotor.diameter_m, max_ct, ambient_turbulence);
        Overlap::max_center_distance() * widest.sigma_m(downwind_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROTOR: Rotor = Rotor { diameter_m: 240.0, hub_height_m: 150.0 };

    #[test]
    fn nothing_is_felt_beyond_reach() {
        let wake = Nygaard2022::new([80.0, 240.0]);
        let source = wake.source(ROTOR, Inflow::undisturbed(0.8, 0.1, 10.0));
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
