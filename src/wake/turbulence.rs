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
pub(crate) struct TurbulenceSource {
    /// Crespo-Hernandez: all but the distance. STF: 1 / sqrt(ct), or sqrt(U).
    strength: f64,
    ambient: f64,
}

impl AddedTurbulence {
    /// The source that a rotor is.
    pub(crate) fn source(&self, ct: f64, ambient: f64, free_speed_m_s: f64) -> TurbulenceSource {
        let strength = match self {
            Self::None => 0.0,
            Self::CrespoHernandez { c, induction } => {
                c[0] * libm::pow(induction.of(ct).max(1e-10), c[1]) * libm::pow(ambient, c[2])
            }
            Self::Stf2017 { .. } => ct.sqrt().recip(),
            Self::Stf2005 => free_speed_m_s.sqrt(),
        };
        TurbulenceSource { strength, ambient }
    }

    /// Added turbulence intensity at `target`; `wake_radius_m` is that of the deficit there, `rotor` the source's.
    pub(crate) fn added(
        &self,
        source: &TurbulenceSource,
        rotor: Rotor,
        offset: Offset,
        wake_radius_m: f64,
        target: Rotor,
    ) -> f64 {
        let (x, r, d) = (offset.downwind_m, offset.from_axis_m(), rotor.diameter_m);
        match self {
            Self::None => 0.0,
            Self::CrespoHernandez { c, .. } => {
                if x <= 0.0 || wake_radius_m <= 0.0 {
                    return 0.0;
                }
                let share = area_overlap(wake_radius_m, 0.5 * target.diameter_m, r);
                if share > 0.0 { source.strength * libm::pow(x.max(1e-10) / d, c[3]) * share } else { 0.0 }
            }
            Self::Stf2017 { c } => {
                let own = 1.0 / (c[0] + c[1] * (x * x + r * r).sqrt() / d * source.strength);
                frandsen_weighted(own, source.ambient, x, r, d)
            }
            Self::Stf2005 => {
                let own = 0.9 / (1.5 + 0.3 * (x / d) * source.strength);
                frandsen_weighted(own, source.ambient, x, r, d)
            }
        }
    }
}

/// `own` turbulence on the axis, spread across the wake by Frandsen's bell.
fn frandsen_weighted(own: f64, ambient: f64, x: f64, r: f64, diameter_m: f64) -> f64 {
    if x <= 1e-10 {
        return 0.0;
    }
    let half_width = 0.5 * (libm::atan(diameter_m / x) + 10f64.to_radians());
    let angle = libm::atan(r / x);
    if angle >= half_width {
        return 0.0;
    }
    let ratio = angle / half_width;
    libm::exp(-(ratio * ratio)) * ((own * own + ambient * ambient).sqrt() - ambient)
}

impl TurbulenceSum {
    /// Turbulence intensity from the ambient one and what sources add.
    pub(crate) fn of(self, ambient: f64, added: &[f64]) -> f64 {
        let max = added.iter().copied().fold(0.0, f64::max);
        match self {
            Self::Linear => ambient + added.iter().sum::<f64>(),
            Self::Max => ambient + max,
            Self::Squared => ambient + added.iter().map(|t| t * t).sum::<f64>().sqrt(),
            Self::RootOfMax => (ambient * ambient + max * max).sqrt(),
        }
    }
}
