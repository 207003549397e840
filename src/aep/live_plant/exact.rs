//! Sums whose bits depend on their terms alone, not on the order in which terms came and went.
//!
//! A term t is split into a multiple h of a grain g and a multiple l of its square:
//!
//! ```text
//! h = (t + M) - M,   l = ((t - h) + m) - m,   M = 1.5 2^52 g,   m = 1.5 2^52 g^2
//! ```
//!
//! Sums of multiples are multiples, and as long as they are below 2^53 grains no addition and no subtraction of doubles rounds: what was added
//! is taken away without a trace. What a term loses is at most g^2 / 2, below 1e-20 for a thousand turbines.

use crate::lanes::{Block, Lanes};

/// A sum: of the terms' multiples of the grain, and of those of its square.
pub(super) type Sum = [Block; 2];

/// The numbers whose addition and subtraction rounds to a multiple of the grain, and of its square.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grain {
    coarse: f64,
    fine: f64,
}

/// No term is as large as this: squared deficits of a source and its mirror image are below 4.
const MOST_OF_TERM: f64 = 16.0;

impl Grain {
    /// The grain for sums of at most so many terms.
    pub(super) fn new(n_terms: usize) -> Self {
        let most = (MOST_OF_TERM * n_terms.max(1) as f64).log2().ceil() + 1.0;
        let grain = libm::exp2(most - 52.0);
        let round = 1.5 * libm::exp2(52.0);
        Self { coarse: round * grain, fine: round * grain * grain }
    }

    #[inline(always)]
    fn split<V: Lanes>(self, term: V) -> [V; 2] {
        let (coarse, fine) = (V::splat(self.coarse), V::splat(self.fine));
        let high = (term + coarse) - coarse;
        [high, ((term - high) + fine) - fine]
    }

    /// Puts a term in the place of another; nil is none.
    #[inline(always)]
    pub(super) fn exchange<V: Lanes>(self, old: V, new: V, [high, low]: [V; 2]) -> [V; 2] {
        let ([old_high, old_low], [new_high, new_low]) = (self.split(old), self.split(new));
        [high + (new_high - old_high), low + (new_low - old_low)]
    }
}

/// A sum as it is kept.
#[inline(always)]
pub(super) fn load_sum<V: Lanes>([high, low]: &Sum) -> [V; 2] {
    [V::load(&high.0), V::load(&low.0)]
}

/// Keeps a sum.
#[inline(always)]
pub(super) fn store_sum<V: Lanes>([high, low]: [V; 2], [to_high, to_low]: &mut Sum) {
    high.store(&mut to_high.0);
    low.store(&mut to_low.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_forget_what_has_left_them() {
        let terms: Vec<f64> = (1..1000_u32).map(|k| libm::exp(-0.09 * f64::from(k * 7919 % 1000)) * 3.9).collect();
        let grain = Grain::new(terms.len());
        let add = |sum: [f64; 2], &term: &f64| grain.exchange(0.0, term, sum);
        let plain: f64 = terms.iter().rev().sum();
        let forth = terms.iter().fold([0.0; 2], add);
        let back = terms.iter().rev().fold([0.0; 2], add);
        assert_eq!(forth.map(f64::to_bits), back.map(f64::to_bits));
        assert!(((forth[0] + forth[1]) / plain - 1.0).abs() < 1e-14);
        // All but one leave, in another order than they came.
        let (last, others) = terms.split_last().unwrap();
        let left = others.iter().fold(forth, |sum, &term| grain.exchange(term, 0.0, sum));
        assert_eq!(left.map(f64::to_bits), add([0.0; 2], last).map(f64::to_bits));
        assert!((left[0] + left[1] - last).abs() < 1e-20);
        // One takes the other's place.
        let mut other = others.to_vec();
        other[17] = 1e-9;
        let exchanged = grain.exchange(terms[17], 1e-9, forth);
        let afresh = other.iter().chain([last]).fold([0.0; 2], add);
        assert_eq!(exchanged.map(f64::to_bits), afresh.map(f64::to_bits));
    }
}
