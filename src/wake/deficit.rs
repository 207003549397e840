//! The velocity deficit behind one rotor: its centre-line value and its profile.
//!
//! ```text
//! top-hat         2 a(ct) / (Rw / R)^2  inside Rw = R + k x
//! Gaussian        min(1, 2 a(ct D^2 / (8 sigma^2))) exp(-r^2 / (2 sigma^2))
//! IEA37           (1 - sqrt(1 - ct D^2 / (8 sigma^2))) exp(-r^2 / (2 sigma^2)),  sigma = k x + D / sqrt(8)
//! super-Gaussian  C exp(-(r/D)^n / (2 s^2)),  n = af exp(bf x/D) + cf,  s = k x/D + cs sqrt(beta),
//!                 C = 2^(2/n - 1) - sqrt(2^(4/n - 2) - n ct / (16 Gamma(2/n) s^(4/n)))
//! ```
//!
//! | symbol  | code                  | unit | meaning                                      |
//! |---------|-----------------------|------|----------------------------------------------|
//! | x, r    | downwind_m, distance_m| m    | position seen from the rotor                 |
//! | D, R    | diameter_m            | m    | the rotor's diameter and radius              |
//! | sigma   | sigma_m               | m    | width of the Gaussian, see `gaussian_width`  |
//! | a       | `Induction`           | -    | axial induction                              |
//!
//! Sources: Jensen 1983 (Riso-M-2411); doi:10.1016/j.renene.2014.01.002; doi:10.2514/6.2019-0540; doi:10.5194/wes-5-1225-2020.
//! Proven by tests/parity/models.rs.

use crate::wake::gaussian_width::{GaussianWidth, Sigma};
use crate::wake::spec::{Expansion, TurbulenceAt};
use crate::wake::{Induction, Inflow, Rotor};

/// A deficit model with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Deficit {
    /// The same deficit everywhere inside the wake.
    TopHat {
        /// From thrust to induction.
        induction: Induction,
        /// Growth of the wake's radius.
        expansion: Expansion,
    },
    /// A Gaussian.
    Gaussian {
        /// From thrust to induction.
        induction: Induction,
        /// Its width.
        width: GaussianWidth,
    },
    /// The simplified Gaussian of IEA Wind Task 37.
    Iea37 {
        /// Growth of the width.
        k: f64,
    },
    /// A profile that is flat near the rotor and Gaussian far from it.
    SuperGaussian {
        /// Growth of the width, in diameters per diameter.
        expansion: Expansion,
        /// Width at the rotor.
        c_s: f64,
        /// Exponent: af exp(bf x/D) + cf.
        exponent: [f64; 3],
    },
}

/// A source's deficit at one operating point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) enum Shape {
    /// See [`Deficit::TopHat`].
    TopHat { twice_induction: f64, rate: f64 },
    /// See [`Deficit::Gaussian`].
    Gaussian { induction: Induction, sigma: Sigma },
    /// See [`Deficit::Iea37`].
    Iea37 { k: f64 },
    /// See [`Deficit::SuperGaussian`].
    SuperGaussian { rate: f64, start: f64, exponent: [f64; 3] },
    /// No source.
    #[default]
    Nothing,
}

/// A deficit across the wind at one distance downwind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Profile {
    /// Deficit on the axis, a share of the reference speed.
    pub(crate) center: f64,
    /// Axial induction that the centre stands for.
    pub(crate) induction: f64,
    pub(crate) form: Form,
}

/// How a deficit falls off from the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    TopHat { radius_m: f64 },
    Gaussian { sigma_m: f64 },
    SuperGaussian { diameter_m: f64, width: f64, exponent: f64 },
}

/// Thrust above which the width of a super-Gaussian at the rotor grows no further.
const SUPER_GAUSSIAN_CT_LIMIT: f64 = 0.999;

impl Deficit {
    /// How the wake grows, where one rate says it.
    pub fn expansion(&self) -> Option<Expansion> {
        match self {
            Self::TopHat { expansion, .. } | Self::SuperGaussian { expansion, .. } => Some(*expansion),
            Self::Gaussian { width, .. } => width.expansion(),
            Self::Iea37 { k } => Some(Expansion::constant(*k)),
        }
    }

    /// Whether the wake depends on the turbulence at the rotor.
    pub fn uses_effective_turbulence(&self) -> bool {
        match self {
            Self::Gaussian { width: GaussianWidth::TurbOPark { turbulence, .. }, .. } => {
                *turbulence == TurbulenceAt::Effective
            }
            _ => self.expansion().is_some_and(|e| e.turbulence == TurbulenceAt::Effective),
        }
    }

    /// The deficit of a rotor in this inflow.
    pub(crate) fn shape(&self, rotor: Rotor, inflow: &Inflow) -> Shape {
        let rate = |expansion: &Expansion| expansion.rate(inflow.ambient_turbulence, inflow.turbulence);
        match self {
            Self::TopHat { induction, expansion } => {
                Shape::TopHat { twice_induction: 2.0 * induction.of(inflow.ct), rate: rate(expansion) }
            }
            Self::Gaussian { induction, width } => {
                Shape::Gaussian { induction: *induction, sigma: width.sigma(rotor, inflow) }
            }
            Self::Iea37 { k } => Shape::Iea37 { k: *k },
            Self::SuperGaussian { expansion, c_s, exponent } => {
                let s = (1.0 - inflow.ct.min(SUPER_GAUSSIAN_CT_LIMIT)).sqrt();
                Shape::SuperGaussian {
                    rate: rate(expansion),
                    start: c_s * (0.5 * (1.0 + s) / s).sqrt(),
                    exponent: *exponent,
                }
            }
        }
    }
}

impl Shape {
    /// The deficit across the wind `downwind_m` behind a rotor of this diameter at this thrust.
    pub(crate) fn profile(&self, diameter_m: f64, ct: f64, downwind_m: f64) -> Profile {
        match *self {
            Self::TopHat { twice_induction, rate } => {
                let radius_m = 0.5 * diameter_m + rate * downwind_m;
                let growth = if downwind_m > 0.0 { 2.0 * radius_m / diameter_m } else { 1.0 };
                let center = twice_induction / (growth * growth);
                Profile { center, induction: 0.5 * center, form: Form::TopHat { radius_m } }
            }
            Self::Gaussian { induction, sigma } => {
                let sigma_m = sigma.at(diameter_m, downwind_m);
                let momentum =
                    sigma.thrust(diameter_m, ct, downwind_m) * diameter_m * diameter_m / (8.0 * sigma_m * sigma_m);
                let induction = induction.of(momentum);
                Profile { center: (2.0 * induction).min(1.0), induction, form: Form::Gaussian { sigma_m } }
            }
            Self::Iea37 { k } => {
                let behind = if downwind_m > 1e-10 { downwind_m } else { 0.0 };
                let sigma_m = k * behind + diameter_m / 8f64.sqrt();
                // Thrust above 1 has no such solution near the rotor; the deficit is then taken as whole.
                let rest = (1.0 - ct * diameter_m * diameter_m / (8.0 * sigma_m * sigma_m)).max(0.0);
                let center = 1.0 - rest.sqrt();
                Profile { center, induction: 0.5 * center, form: Form::Gaussian { sigma_m } }
            }
            Self::SuperGaussian { rate, start, exponent: [a, b, c] } => {
                let x = downwind_m.max(0.0) / diameter_m;
                let (width, n) = (rate * x + start, a * libm::exp(b * x) + c);
                let peak = libm::exp2(4.0 / n - 2.0);
                let momentum = n * ct / (16.0 * libm::tgamma(2.0 / n) * libm::pow(width, 4.0 / n));
                // More momentum than the profile can hold near the rotor: the deficit is then at its peak.
                let center = (libm::exp2(2.0 / n - 1.0) - (peak - momentum).max(0.0).sqrt()).max(0.0);
                Profile {
                    center,
                    induction: 0.5 * center,
                    form: Form::SuperGaussian { diameter_m, width, exponent: n },
                }
            }
            Self::Nothing => Profile { center: 0.0, induction: 0.0, form: Form::TopHat { radius_m: 0.0 } },
        }
    }
}

impl Profile {
    /// The deficit at this distance from the axis, m.
    #[inline]
    pub(crate) fn at(&self, distance_m: f64) -> f64 {
        match self.form {
            Form::TopHat { radius_m } => {
                if radius_m > distance_m {
                    self.center
                } else {
                    0.0
                }
            }
            Form::Gaussian { sigma_m } => {
                self.center * libm::exp(-(distance_m * distance_m) / (2.0 * sigma_m * sigma_m))
            }
            Form::SuperGaussian { diameter_m, width, exponent } => {
                self.center * libm::exp(-libm::pow(distance_m / diameter_m, exponent) / (2.0 * width * width))
            }
        }
    }

    /// Radius that counts as the wake's edge, m.
    #[inline]
    pub(crate) fn radius_m(&self) -> f64 {
        match self.form {
            Form::TopHat { radius_m } => radius_m,
            Form::Gaussian { sigma_m } => 2.0 * sigma_m,
            Form::SuperGaussian { diameter_m, width, .. } => 2.0 * width * diameter_m,
        }
    }
}
