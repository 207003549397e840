//! How a TurbOPark wake's width grows, as a table: the one function of one variable that all rotors, thrusts and turbulences share.
//!
//! ```text
//! H(u) = T - ln((T + 1) / u),   T = sqrt(u^2 + 1)        sigma = growth (H(alpha + rate x) - H(alpha)) + epsilon D
//! ```
//!
//! Cubic polynomials through the four Chebyshev points of intervals of a 256th of an octave; the error is below 1e-12 (a test looks).

use crate::lanes::{Lanes, ln_ratio};

/// The table of H.
#[derive(Debug, Clone)]
pub struct GrowthTable {
    /// Four coefficients for each interval, lowest power first, in what the mantissa has beyond the interval's start.
    rows: Vec<f64>,
}

/// A place in the table.
#[derive(Debug, Clone, Copy)]
pub struct InTable<'t, V: Lanes> {
    coefficients: V::Spots<'t>,
    /// What the mantissa has beyond the interval's start.
    rest: V,
}

/// Intervals per octave, as [`Lanes::octaves`] counts them.
const PER_OCTAVE: f64 = 256.0;
/// The table begins with 2^-20: below lie turbulence intensities under 1e-6.
const LEAST: f64 = 1.0 / 1_048_576.0;
/// It ends with 2^20: above lie thrust coefficients under 1e-10, whose wakes are nil.
const MOST: f64 = 1_048_576.0;
/// Octaves between.
const OCTAVES: f64 = 40.0;

impl GrowthTable {
    /// Computes the table.
    pub fn new() -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
        let rows = (0..(OCTAVES * PER_OCTAVE) as u32).flat_map(|interval| {
            let octaves = f64::from(interval) / PER_OCTAVE;
            let start = LEAST * libm::exp2(octaves.floor());
            coefficients(1.0 / PER_OCTAVE, |rest| growth(start * (1.0 + octaves - octaves.floor() + rest)))
        });
        Self { rows: rows.collect() }
    }

    /// Where H(u) is to be looked up, u held within the table.
    #[inline(always)]
    pub fn place<V: Lanes>(&self, u: V) -> InTable<'_, V> {
        let (interval, rest) = u.max(V::splat(LEAST)).min(V::splat(MOST.next_down())).octaves(LEAST);
        InTable { coefficients: V::spots::<4>(&self.rows, interval), rest }
    }
}

impl<V: Lanes> InTable<'_, V> {
    /// H there.
    #[inline(always)]
    pub fn value(&self) -> V {
        let ([c0, c1, c2, c3], rest) = (V::quads(&self.coefficients), self.rest);
        rest.mul_add(rest.mul_add(rest.mul_add(c3, c2), c1), c0)
    }
}

impl Default for GrowthTable {
    fn default() -> Self {
        Self::new()
    }
}

/// H as it is defined.
fn growth(u: f64) -> f64 {
    let t = (u * u + 1.0).sqrt();
    t - ln_ratio(t + 1.0, u)
}

/// The cubic through a function's values at the four Chebyshev points of 0 .. `width`, lowest power first.
fn coefficients(width: f64, of: impl Fn(f64) -> f64) -> [f64; 4] {
    let points: [f64; 4] =
        std::array::from_fn(|k| width * (0.5 - 0.5 * libm::cos(std::f64::consts::PI * (2.0 * k as f64 + 1.0) / 8.0)));
    let values = points.map(of);
    // Newton's divided differences, then multiplied out.
    let mut differences = values;
    for order in 1..4 {
        for k in (order..4).rev() {
            differences[k] = (differences[k] - differences[k - 1]) / (points[k] - points[k - order]);
        }
    }
    let mut polynomial = [0.0; 4];
    for k in (0..4).rev() {
        // polynomial * (t - point) + difference
        for power in (1..4).rev() {
            polynomial[power] = polynomial[power - 1] - polynomial[power] * points[k];
        }
        polynomial[0] = differences[k] - polynomial[0] * points[k];
    }
    polynomial
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_function() {
        let table = GrowthTable::new();
        let mut worst = 0f64;
        for k in 0..400_000 {
            let u = libm::exp2(-20.0 + 1e-4 * f64::from(k));
            let exact = growth(u);
            worst = worst.max((table.place(u).value() - exact).abs() / exact.abs().max(1.0));
        }
        assert!(worst < 1e-12, "{worst:e}");
    }
}
