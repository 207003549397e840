//! Turbulence that a wake adds.
//!
//! ```text
//! Crespo-Hernandez  t = c0 max(a, 1e-10)^c1 I0^c2 (x/D)^c3, times the share of the rotor that the wake covers
//! STF 2017          t0 = 1 / (c0 + c1 sqrt(x^2 + r^2) / D / sqrt(ct))
//! STF 2005          t0 = 0.9 / (1.5 + 0.3 x/D sqrt(U))
//! Frandsen weight   t = w (sqrt(t0^2 + I0^2) - I0),   w = exp(-(theta/theta_w)^2) for theta < theta_w,
//!                   theta = atan(r/x),   theta_w = (atan(D/x) + 10 deg) / 2
//! ```
//!
//! | symbol | code                  | unit | meaning                                  |
//! |--------|-----------------------|------|------------------------------------------|
//! | I0     | ambient               | -    | turbulence intensity of the free wind    |
//! | x, r   | downwind_m, distance_m| m    | position seen from the source            |
//! | a      | `Induction`           | -    | axial induction of the source            |
//! | U      | free_speed_m_s        | m/s  | free-stream wind speed                   |
//!
//! Sources: Crespo and Hernandez 1996, doi:10.1016/0167-6105(95)00033-X; Frandsen 2007, Riso-R-1188; IEC 61400-1:2019, annex E.
//! Proven by tests/parity/models.rs.

use crate::lanes::Real;
use crate::wake::area_overlap::area_overlap;
use crate::wake::{Induction, Offset, Rotor};

/// A model of added turbulence with its constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AddedTurbulence {
    /// None.
    None,
    /// Crespo and Hernandez 1996.
    CrespoHernandez {
        /// c0 to c3.
        c: [f64; 4],
        /// From thrust to induction.
        induction: Induction,
    },
    /// Frandsen's model as in IEC 61400-1 of 2019, his weight across the wake.
    Stf2017 {
        /// c0, c1.
        c: [f64; 2],
    },
    /// Frandsen's model as in IEC 61400-1 of 2005, his weight across the wake.
    Stf2005,
}

/// How added turbulence adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TurbulenceSum {
    /// I0 + sum t.
    Linear,
    /// I0 + max t.
    Max,
    /// I0 + sqrt(sum t^2).
    Squared,
    /// sqrt(I0^2 + max t^2).
    #[default]
    RootOfMax,
}

/// What the added turbulence of a source depends on, at one operating point.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct TurbulenceSource<R = f64> {
    /// Crespo-Hernandez: all but the distance. STF: 1 / sqrt(ct), or sqrt(U).
    strength: R,
    ambient: f64,
}

impl AddedTurbulence {
    /// The source that a rotor is.
    pub(crate) fn source<R: Real>(&self, ct: R, ambient: f64, free_speed_m_s: f64) -> TurbulenceSource<R> {
        let strength = match self {
            Self::None => R::splat(0.0),
            Self::CrespoHernandez { c, induction } => {
                induction.of(ct).max(R::splat(1e-10)).powf(c[1]) * c[0] * libm::pow(ambient, c[2])
            }
            Self::Stf2017 { .. } => R::splat(1.0) / ct.sqrt(),
            Self::Stf2005 => R::splat(free_speed_m_s.sqrt()),
        };
        TurbulenceSource { strength, ambient }
    }

    /// Added turbulence intensity at `target`; `wake_radius_m` is that of the deficit there, `rotor` the source's.
    pub(crate) fn added<R: Real>(
        &self,
        source: &TurbulenceSource<R>,
        rotor: Rotor,
        offset: Offset<R>,
        wake_radius_m: R,
        target: Rotor,
    ) -> R {
        let (x, r, d) = (offset.downwind_m, offset.from_axis_m(), rotor.diameter_m);
        match self {
            Self::None => R::splat(0.0),
            Self::CrespoHernandez { c, .. } => {
                if x.value() <= 0.0 || wake_radius_m.value() <= 0.0 {
                    return R::splat(0.0);
                }
                let share = area_overlap(wake_radius_m, R::splat(0.5 * target.diameter_m), r);
                if share.value() > 0.0 {
                    source.strength * (x.max(R::splat(1e-10)) / d).powf(c[3]) * share
                } else {
                    R::splat(0.0)
                }
            }
            Self::Stf2017 { c } => {
                let own = R::splat(1.0) / ((x * x + r * r).sqrt() * c[1] / d * source.strength + c[0]);
                frandsen_weighted(own, source.ambient, x, r, d)
            }
            Self::Stf2005 => {
                let own = R::splat(0.9) / (x / d * 0.3 * source.strength + 1.5);
                frandsen_weighted(own, source.ambient, x, r, d)
            }
        }
    }

    /// Distance from the axis, m, beyond which nothing is added at `target`.
    pub(crate) fn felt_within_m(&self, rotor: Rotor, downwind_m: f64, wake_radius_m: f64, target: Rotor) -> f64 {
        match self {
            Self::None => 0.0,
            Self::CrespoHernandez { .. } => wake_radius_m + 0.5 * target.diameter_m,
            Self::Stf2017 { .. } | Self::Stf2005 => {
                // A little more, for rounding.
                let x = downwind_m.max(1e-10);
                x * libm::tan(half_width(x, rotor.diameter_m)) * (1.0 + 1e-9)
            }
        }
    }
}

/// Where Frandsen's bell ends, radians from the axis.
fn half_width<R: Real>(x: R, diameter_m: f64) -> R {
    ((R::splat(diameter_m) / x).atan() + 10f64.to_radians()) * 0.5
}

/// `own` turbulence on the axis, spread across the wake by Frandsen's bell.
fn frandsen_weighted<R: Real>(own: R, ambient: f64, x: R, r: R, diameter_m: f64) -> R {
    if x.value() <= 1e-10 {
        return R::splat(0.0);
    }
    let half_width = half_width(x, diameter_m);
    let angle = (r / x).atan();
    if half_width.at_most(angle) {
        return R::splat(0.0);
    }
    let ratio = angle / half_width;
    (-(ratio * ratio)).exp() * ((own * own + ambient * ambient).sqrt() - ambient)
}

impl TurbulenceSum {
    /// Turbulence intensity from the ambient one and what sources add.
    pub(crate) fn of<R: Real>(self, ambient: f64, added: &[R]) -> R {
        let zero = R::splat(0.0);
        let max = added.iter().fold(zero, |most, &t| most.max(t));
        match self {
            Self::Linear => added.iter().fold(zero, |sum, &t| sum + t) + ambient,
            Self::Max => max + ambient,
            Self::Squared => added.iter().fold(zero, |sum, &t| sum + t * t).sqrt() + ambient,
            Self::RootOfMax => (max * max + ambient * ambient).sqrt(),
        }
    }
}
