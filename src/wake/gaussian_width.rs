//! The width of Gaussian wakes.
//!
//! ```text
//! linear            sigma = k x + c_eps sqrt(beta) D,   beta = (1 + s) / (2 s),   s = sqrt(1 - min(ct_limit, ct))
//! Carbajo Fuertes   sigma = k x + (e1 k + e0) D
//! Zong              sigma / D = epsilon + k ln(1 + exp((x - x_nw) / D)),   ct_x = ct (1 + erf(x / (sqrt(2) dw D))) / 2
//! near wake         x_nw = n r0 / drdx (Vermeulen),   m = 1 / sqrt(1 - ct),   r0 = R sqrt((m + 1) / 2),
//!                   n = A (1 - B) / ((1 - A) B),   A = sqrt(0.214 + 0.144 m),   B = sqrt(0.134 + 0.124 m),
//!                   drdx^2 = (2.5 TI + 0.005)^2 + ((1 - m) sqrt(1.49 + m) / (9.76 (1 + m)))^2 + (0.012 blades tip_speed_ratio)^2
//! TurbOPark         see `turbopark`
//! ```
//!
//! Sources: doi:10.1016/j.renene.2014.01.002 (linear); doi:10.3390/rs10050668; doi:10.1017/jfm.2020.77. Proven by tests/parity/models.rs.

use crate::lanes::Real;
use crate::wake::spec::{Expansion, TurbulenceAt};
use crate::wake::turbopark::{TurbOPark, TurbOParkWidth};
use crate::wake::{Inflow, Rotor};

/// A law of the width with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GaussianWidth {
    /// Linear growth from a width that depends on thrust.
    Linear {
        /// k.
        expansion: Expansion,
        /// Width at the rotor, in diameters, at small thrust.
        c_epsilon: f64,
        /// Thrust above which the width at the rotor grows no further.
        ct_limit: f64,
    },
    /// Linear growth from a width that depends on the growth.
    CarbajoFuertes {
        /// k.
        expansion: Expansion,
        /// e1, e0.
        epsilon_of_k: [f64; 2],
    },
    /// Growth that sets in behind the near wake.
    Zong {
        /// k.
        expansion: Expansion,
        /// Width at the rotor, in diameters.
        epsilon: f64,
        /// dw: over how many diameters the pressure recovers.
        recovery_d: f64,
        /// Tip speed over wind speed.
        tip_speed_ratio: f64,
        /// Number of blades.
        blades: f64,
    },
    /// Growth with the turbulence of wind and rotor.
    TurbOPark {
        /// Its constants.
        constants: TurbOPark,
        /// Which turbulence counts.
        turbulence: TurbulenceAt,
    },
}

/// The width behind one rotor at one operating point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sigma<R = f64> {
    Linear { rate: R, start_m: R },
    Zong { rate: R, epsilon: f64, near_wake_m: R, recovery_d: f64 },
    TurbOPark(TurbOParkWidth<R>),
}

/// Thrust above which the near wake's length is that of this thrust.
const NEAR_WAKE_CT_LIMIT: f64 = 0.999;

impl GaussianWidth {
    /// How the wake grows, where one rate says it.
    pub(crate) fn expansion(&self) -> Option<Expansion> {
        match self {
            Self::Linear { expansion, .. } | Self::CarbajoFuertes { expansion, .. } | Self::Zong { expansion, .. } => {
                Some(*expansion)
            }
            Self::TurbOPark { .. } => None,
        }
    }

    /// The width behind a rotor in this inflow.
    pub(crate) fn sigma<R: Real>(&self, rotor: Rotor, inflow: &Inflow<R>) -> Sigma<R> {
        let (d, one) = (rotor.diameter_m, R::splat(1.0));
        let rate = |expansion: &Expansion| expansion.rate(inflow.ambient_turbulence, inflow.turbulence);
        match self {
            Self::Linear { expansion, c_epsilon, ct_limit } => {
                let s = (one - inflow.ct.min(R::splat(*ct_limit))).sqrt();
                Sigma::Linear { rate: rate(expansion), start_m: ((one + s) * 0.5 / s).sqrt() * *c_epsilon * d }
            }
            Self::CarbajoFuertes { expansion, epsilon_of_k: [e1, e0] } => {
                let rate = rate(expansion);
                Sigma::Linear { rate, start_m: (rate * *e1 + *e0) * d }
            }
            Self::Zong { expansion, epsilon, recovery_d, tip_speed_ratio, blades } => {
                let turbulence = expansion.turbulence.of(inflow.ambient_turbulence, inflow.turbulence);
                let near_wake_m = near_wake_m(d, inflow.ct, turbulence, tip_speed_ratio * blades);
                Sigma::Zong { rate: rate(expansion), epsilon: *epsilon, near_wake_m, recovery_d: *recovery_d }
            }
            Self::TurbOPark { constants, turbulence } => {
                let turbulence = turbulence.of(inflow.ambient_turbulence, inflow.turbulence);
                Sigma::TurbOPark(constants.width_in(turbulence, d, inflow.ct))
            }
        }
    }
}

impl<R: Real> Sigma<R> {
    /// The width, m.
    #[inline]
    pub(crate) fn at(&self, diameter_m: f64, downwind_m: R) -> R {
        match *self {
            Self::Linear { rate, start_m } => rate * downwind_m + start_m,
            Self::Zong { rate, epsilon, near_wake_m, .. } => {
                let z = (downwind_m - near_wake_m) / diameter_m;
                // ln(1 + e^z) without overflow.
                (rate * (z.max(R::splat(0.0)) + (-z.abs()).exp().ln_1p()) + epsilon) * diameter_m
            }
            Self::TurbOPark(width) => width.sigma_m(downwind_m),
        }
    }

    /// The thrust that has acted on the wake so far.
    #[inline]
    pub(crate) fn thrust(&self, diameter_m: f64, ct: R, downwind_m: R) -> R {
        match self {
            Self::Zong { recovery_d, .. } => {
                let x = downwind_m / diameter_m / (std::f64::consts::SQRT_2 * recovery_d);
                ct * ((x.erf() + 1.0) * 0.5)
            }
            Self::Linear { .. } | Self::TurbOPark(_) => ct,
        }
    }
}

/// Length of the near wake, m (Vermeulen 1980).
fn near_wake_m<R: Real>(diameter_m: f64, ct: R, turbulence: R, blades_tip_speed: f64) -> R {
    let one = R::splat(1.0);
    let m = one / (one - ct.min(R::splat(NEAR_WAKE_CT_LIMIT))).sqrt();
    let r0 = ((m + 1.0) * 0.5).sqrt() * (0.5 * diameter_m);
    let (a, b) = ((m * 0.144 + 0.214).sqrt(), (m * 0.124 + 0.134).sqrt());
    let n = a * (one - b) / ((one - a) * b);
    let ambient = turbulence * 2.5 + 0.005;
    let shear = (one - m) * (m + 1.49).sqrt() / ((one + m) * 9.76);
    let blades = 0.012 * blades_tip_speed;
    n * r0 / (ambient * ambient + shear * shear + blades * blades).sqrt()
}
