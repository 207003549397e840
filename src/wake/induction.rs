//! From thrust to axial induction.
//!
//! ```text
//! momentum   a = (1 - sqrt(1 - min(1, ct))) / 2
//! Madsen     a = ct (0.2460 + ct (0.0586 + 0.0883 ct))
//! ```
//!
//! Source: one-dimensional momentum theory; Madsen et al. 2020, doi:10.5194/wes-5-1-2020. Proven by tests/parity/models.rs.

use crate::lanes::Real;

/// How induction follows from thrust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Induction {
    /// One-dimensional momentum theory.
    #[default]
    Momentum,
    /// Madsen's polynomial, fitted to actuator-disc computations.
    Madsen,
}

impl Induction {
    /// Axial induction factor at thrust coefficient `ct`.
    #[inline]
    pub fn of<R: Real>(self, ct: R) -> R {
        let one = R::splat(1.0);
        match self {
            Self::Momentum => (one - (one - ct.min(one)).sqrt()) * 0.5,
            Self::Madsen => ct * (ct * (ct * 0.0883 + 0.0586) + 0.2460),
        }
    }
}
