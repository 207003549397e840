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

use crate::lanes::Real;
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
pub(crate) enum Shape<R = f64> {
    /// See [`Deficit::TopHat`].
    TopHat { twice_induction: R, rate: R },
    /// See [`Deficit::Gaussian`].
    Gaussian { induction: Induction, sigma: Sigma<R> },
    /// See [`Deficit::Iea37`].
    Iea37 { k: f64 },
    /// See [`Deficit::SuperGaussian`].
    SuperGaussian { rate: R, start: R, exponent: [f64; 3] },
    /// No source.
    #[default]
    Nothing,
}

/// A deficit across the wind at one distance downwind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Profile<R = f64> {
    /// Deficit on the axis, a share of the reference speed.
    pub(crate) center: R,
    /// Axial induction that the centre stands for.
    pub(crate) induction: R,
    pub(crate) form: Form<R>,
}

/// How a deficit falls off from the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form<R = f64> {
    TopHat { radius_m: R },
    Gaussian { sigma_m: R },
    SuperGaussian { diameter_m: f64, width: R, exponent: R },
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

    /// The thrust above which the width at the rotor grows no further, where there is such a limit.
    pub fn ct_limit(&self) -> Option<f64> {
        match self {
            Self::Gaussian { width: GaussianWidth::Linear { ct_limit, .. }, .. } => Some(*ct_limit),
            Self::Gaussian { width: GaussianWidth::TurbOPark { constants, .. }, .. } => Some(constants.ct_limit),
            _ => None,
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
    pub(crate) fn shape<R: Real>(&self, rotor: Rotor, inflow: &Inflow<R>) -> Shape<R> {
        let rate = |expansion: &Expansion| expansion.rate(inflow.ambient_turbulence, inflow.turbulence);
        match self {
            Self::TopHat { induction, expansion } => {
                Shape::TopHat { twice_induction: induction.of(inflow.ct) * 2.0, rate: rate(expansion) }
            }
            Self::Gaussian { induction, width } => {
                Shape::Gaussian { induction: *induction, sigma: width.sigma(rotor, inflow) }
            }
            Self::Iea37 { k } => Shape::Iea37 { k: *k },
            Self::SuperGaussian { expansion, c_s, exponent } => {
                let one = R::splat(1.0);
                let s = (one - inflow.ct.min(R::splat(SUPER_GAUSSIAN_CT_LIMIT))).sqrt();
                Shape::SuperGaussian {
                    rate: rate(expansion),
                    start: ((one + s) * 0.5 / s).sqrt() * *c_s,
                    exponent: *exponent,
                }
            }
        }
    }
}

impl<R: Real> Shape<R> {
    /// How the deficit falls off from the axis `downwind_m` behind a rotor of this diameter.
    pub(crate) fn form(&self, diameter_m: f64, downwind_m: R) -> Form<R> {
        let zero = R::splat(0.0);
        match *self {
            Self::TopHat { rate, .. } => Form::TopHat { radius_m: rate * downwind_m + 0.5 * diameter_m },
            Self::Gaussian { sigma, .. } => Form::Gaussian { sigma_m: sigma.at(diameter_m, downwind_m) },
            Self::Iea37 { k } => {
                let behind = if downwind_m.value() > 1e-10 { downwind_m } else { zero };
                Form::Gaussian { sigma_m: behind * k + diameter_m / 8f64.sqrt() }
            }
            Self::SuperGaussian { rate, start, exponent: [a, b, c] } => {
                let x = downwind_m.max(zero) / diameter_m;
                Form::SuperGaussian { diameter_m, width: rate * x + start, exponent: (x * b).exp() * a + c }
            }
            Self::Nothing => Form::TopHat { radius_m: zero },
        }
    }

    /// The deficit across the wind `downwind_m` behind a rotor of this diameter at this thrust.
    pub(crate) fn profile(&self, diameter_m: f64, ct: R, downwind_m: R) -> Profile<R> {
        let (zero, one) = (R::splat(0.0), R::splat(1.0));
        let form = self.form(diameter_m, downwind_m);
        match (*self, form) {
            (Self::TopHat { twice_induction, .. }, Form::TopHat { radius_m }) => {
                let growth = if downwind_m.value() > 0.0 { radius_m * 2.0 / diameter_m } else { one };
                let center = twice_induction / (growth * growth);
                Profile { center, induction: center * 0.5, form }
            }
            (Self::Gaussian { induction, sigma }, Form::Gaussian { sigma_m }) => {
                let momentum =
                    sigma.thrust(diameter_m, ct, downwind_m) * diameter_m * diameter_m / (sigma_m * 8.0 * sigma_m);
                let induction = induction.of(momentum);
                Profile { center: (induction * 2.0).min(one), induction, form }
            }
            (Self::Iea37 { .. }, Form::Gaussian { sigma_m }) => {
                // Thrust above 1 has no such solution near the rotor; the deficit is then taken as whole.
                let rest = (one - ct * diameter_m * diameter_m / (sigma_m * 8.0 * sigma_m)).max(zero);
                let center = one - rest.sqrt();
                Profile { center, induction: center * 0.5, form }
            }
            (Self::SuperGaussian { .. }, Form::SuperGaussian { width, exponent: n, .. }) => {
                let peak = (R::splat(4.0) / n - 2.0).exp2();
                let momentum = n * ct / ((R::splat(2.0) / n).gamma() * 16.0 * width.pow(R::splat(4.0) / n));
                // More momentum than the profile can hold near the rotor: the deficit is then at its peak.
                let center = ((R::splat(2.0) / n - 1.0).exp2() - (peak - momentum).max(zero).sqrt()).max(zero);
                Profile { center, induction: center * 0.5, form }
            }
            _ => Profile { center: zero, induction: zero, form },
        }
    }
}

impl<R: Real> Profile<R> {
    /// The deficit at this distance from the axis, m.
    #[inline]
    pub(crate) fn at(&self, distance_m: R) -> R {
        match self.form {
            Form::TopHat { radius_m } => {
                if distance_m.less(radius_m) {
                    self.center
                } else {
                    R::splat(0.0)
                }
            }
            Form::Gaussian { sigma_m } => self.center * (-(distance_m * distance_m) / (sigma_m * 2.0 * sigma_m)).exp(),
            Form::SuperGaussian { diameter_m, width, exponent } => {
                self.center * (-(distance_m / diameter_m).pow(exponent) / (width * 2.0 * width)).exp()
            }
        }
    }
}

impl<R: Real> Form<R> {
    /// Radius that counts as the wake's edge, m.
    #[inline]
    pub(crate) fn radius_m(&self) -> R {
        match *self {
            Self::TopHat { radius_m } => radius_m,
            Self::Gaussian { sigma_m } => sigma_m * 2.0,
            Self::SuperGaussian { diameter_m, width, .. } => width * 2.0 * diameter_m,
        }
    }
}

impl Form {
    /// Distance from the axis, m, beyond which the deficit is below exp(-`exponent`) of its centre's.
    pub(crate) fn felt_within_m(&self, exponent: f64) -> f64 {
        match *self {
            Self::TopHat { radius_m } => radius_m,
            Self::Gaussian { sigma_m } => sigma_m * (2.0 * exponent).sqrt(),
            Self::SuperGaussian { diameter_m, width, exponent: n } => {
                diameter_m * libm::pow(2.0 * exponent * width * width, 1.0 / n)
            }
        }
    }
}
