//! One lane: a plain number.

use crate::lanes::{BELOW_256TH, Lanes};

/// What is added to a whole number below 2^52 to read it off the low bits.
pub(super) const TWO_52: f64 = 4_503_599_627_370_496.0;
/// Exponent of 1.0 as it is stored.
pub(super) const BIAS: f64 = 1023.0;
/// The bits of a mantissa.
pub(super) const MANTISSA: u64 = (1 << 52) - 1;

impl Lanes for f64 {
    const WIDTH: usize = 1;
    type Mask = bool;
    type Index = usize;
    type Spots<'t> = (&'t [f64], usize);

    #[inline]
    fn splat(value: f64) -> Self {
        value
    }

    #[inline]
    fn load(from: &[f64]) -> Self {
        from[0]
    }

    #[inline]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline]
    fn store_where(self, _mask: bool, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        f64::mul_add(self, factor, summand)
    }

    #[inline]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        f64::mul_add(-self, factor, summand)
    }

    #[inline]
    fn reciprocal(self) -> Self {
        1.0 / f64::from_bits(self.to_bits() & !1)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "single precision is what this is about")]
    fn per_root_guess(self) -> Self {
        f64::from(1.0 / (self as f32).sqrt())
    }

    #[inline]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline]
    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    #[inline]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    #[inline]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    #[inline]
    fn less(self, other: Self) -> bool {
        self < other
    }

    #[inline]
    fn at_most(self, other: Self) -> bool {
        self <= other
    }

    #[inline]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline]
    fn select_or_nil(mask: bool, yes: Self) -> Self {
        if mask { yes } else { 0.0 }
    }

    #[inline]
    fn bits(mask: bool) -> u32 {
        u32::from(mask)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in 0 .. 2^31")]
    fn index(self) -> usize {
        self as usize
    }

    #[inline]
    fn from_index(index: usize) -> Self {
        index as f64
    }

    #[inline]
    fn pairs(table: &[f64], index: usize) -> [Self; 2] {
        let i = index.min(table.len() - 2);
        [table[i], table[i + 1]]
    }

    #[inline]
    fn quads(&(table, i): &(&[f64], usize)) -> [Self; 4] {
        [table[i], table[i + 1], table[i + 2], table[i + 3]]
    }

    #[inline]
    fn spots<const STRIDE: usize>(table: &[f64], index: usize) -> (&[f64], usize) {
        (table, (STRIDE * index).min(table.len() - 4))
    }

    #[inline]
    fn split(self) -> (Self, Self) {
        let bits = self.to_bits();
        let mantissa = f64::from_bits(bits & MANTISSA | 1f64.to_bits());
        (mantissa, f64::from_bits(bits >> 52 | TWO_52.to_bits()) - (TWO_52 + BIAS))
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "octaves of doubles are few")]
    fn octaves(self, least: f64) -> (usize, Self) {
        let bits = self.to_bits();
        let rest = bits & ((1 << BELOW_256TH) - 1) | 1f64.to_bits();
        (((bits >> BELOW_256TH) - (least.to_bits() >> BELOW_256TH)) as usize, f64::from_bits(rest) - 1.0)
    }

    #[inline]
    fn times_power_of_two(self, counted: Self) -> Self {
        f64::from_bits(self.to_bits().wrapping_add(counted.to_bits() << 52))
    }

    #[inline]
    fn everywhere() -> bool {
        true
    }
}
