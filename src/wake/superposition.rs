//! How the deficits of several wakes add up.

use crate::lanes::Real;

/// Rule for adding deficits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Superposition {
    /// The sum (Lissaman 1979, doi:10.2514/3.62441).
    Linear,
    /// The root of the sum of squares (Katic et al. 1986).
    #[default]
    Squared,
    /// The largest.
    Max,
}

impl Superposition {
    /// All deficits together, in their order.
    #[inline]
    pub fn of<R: Real>(self, deficits: &[R]) -> R {
        let zero = R::splat(0.0);
        match self {
            Self::Linear => deficits.iter().fold(zero, |sum, &d| sum + d),
            Self::Squared => deficits.iter().fold(zero, |sum, &d| sum + d * d).sqrt(),
            Self::Max => deficits.iter().fold(zero, |most, &d| d.max(most)),
        }
    }
}
