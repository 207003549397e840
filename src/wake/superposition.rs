//! How the deficits of several wakes add up.

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
    pub fn of(self, deficits: &[f64]) -> f64 {
        match self {
            Self::Linear => deficits.iter().fold(0.0, |sum, d| sum + d),
            Self::Squared => deficits.iter().fold(0.0, |sum, d| sum + d * d).sqrt(),
            Self::Max => deficits.iter().fold(0.0, |most, d| d.max(most)),
        }
    }
}
