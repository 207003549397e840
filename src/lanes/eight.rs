//! Eight lanes in plain code, for every processor.

use std::array::from_fn;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

use crate::lanes::{EIGHT, Lanes};

/// Eight numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eight([f64; EIGHT]);

/// Yes or no for each of eight lanes.
#[derive(Debug, Clone, Copy)]
pub struct Mask([bool; EIGHT]);

impl BitAnd for Mask {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        Self(from_fn(|k| self.0[k] & other.0[k]))
    }
}

impl Eight {
    #[inline]
    fn map(self, of: impl Fn(f64) -> f64) -> Self {
        Self(from_fn(|k| of(self.0[k])))
    }

    #[inline]
    fn zip(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        Self(from_fn(|k| of(self.0[k], other.0[k])))
    }
}

impl Add for Eight {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Eight {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl Mul for Eight {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
}

impl Div for Eight {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }
}

impl Lanes for Eight {
    const WIDTH: usize = EIGHT;
    type Mask = Mask;
    type Index = [usize; EIGHT];
    type Spots<'t> = [(&'t [f64], usize); EIGHT];

    #[inline]
    fn splat(value: f64) -> Self {
        Self([value; EIGHT])
    }

    #[inline]
    fn load(from: &[f64]) -> Self {
        Self(from_fn(|k| from[k]))
    }

    #[inline]
    fn store(self, to: &mut [f64]) {
        to[..EIGHT].copy_from_slice(&self.0);
    }

    #[inline]
    fn store_where(self, mask: Mask, to: &mut [f64]) {
        let mut next = 0;
        for k in 0..EIGHT {
            to[next] = self.0[k];
            next += usize::from(mask.0[k]);
        }
    }

    #[inline]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        Self(from_fn(|k| self.0[k].mul_add(factor.0[k], summand.0[k])))
    }

    #[inline]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        Self(from_fn(|k| self.0[k].mul_neg_add(factor.0[k], summand.0[k])))
    }

    #[inline]
    fn reciprocal(self) -> Self {
        self.map(f64::reciprocal)
    }

    #[inline]
    fn per_root_guess(self) -> Self {
        self.map(f64::per_root_guess)
    }

    #[inline]
    fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }

    #[inline]
    fn min(self, other: Self) -> Self {
        self.zip(other, <f64 as Lanes>::min)
    }

    #[inline]
    fn max(self, other: Self) -> Self {
        self.zip(other, <f64 as Lanes>::max)
    }

    #[inline]
    fn abs(self) -> Self {
        self.map(f64::abs)
    }

    #[inline]
    fn less(self, other: Self) -> Mask {
        Mask(from_fn(|k| self.0[k] < other.0[k]))
    }

    #[inline]
    fn at_most(self, other: Self) -> Mask {
        Mask(from_fn(|k| self.0[k] <= other.0[k]))
    }

    #[inline]
    fn select(mask: Mask, yes: Self, no: Self) -> Self {
        Self(from_fn(|k| if mask.0[k] { yes.0[k] } else { no.0[k] }))
    }

    #[inline]
    fn select_or_nil(mask: Mask, yes: Self) -> Self {
        Self(from_fn(|k| if mask.0[k] { yes.0[k] } else { 0.0 }))
    }

    #[inline]
    fn bits(mask: Mask) -> u32 {
        (0..EIGHT).fold(0, |bits, k| bits | u32::from(mask.0[k]) << k)
    }

    #[inline]
    fn index(self) -> Self::Index {
        from_fn(|k| self.0[k].index())
    }

    #[inline]
    fn from_index(index: Self::Index) -> Self {
        Self(from_fn(|k| f64::from_index(index[k])))
    }

    #[inline]
    fn pairs(table: &[f64], index: Self::Index) -> [Self; 2] {
        let rows: [[f64; 2]; EIGHT] = from_fn(|k| f64::pairs(table, index[k]));
        from_fn(|c| Self(from_fn(|k| rows[k][c])))
    }

    #[inline]
    fn quads(spots: &Self::Spots<'_>) -> [Self; 4] {
        let rows: [[f64; 4]; EIGHT] = from_fn(|k| f64::quads(&spots[k]));
        from_fn(|c| Self(from_fn(|k| rows[k][c])))
    }

    #[inline]
    fn spots<const STRIDE: usize>(table: &[f64], index: Self::Index) -> Self::Spots<'_> {
        from_fn(|k| f64::spots::<STRIDE>(table, index[k]))
    }

    #[inline]
    fn split(self) -> (Self, Self) {
        let parts: [(f64, f64); EIGHT] = from_fn(|k| self.0[k].split());
        (Self(from_fn(|k| parts[k].0)), Self(from_fn(|k| parts[k].1)))
    }

    #[inline]
    fn octaves(self, least: f64) -> (Self::Index, Self) {
        let parts: [(usize, f64); EIGHT] = from_fn(|k| self.0[k].octaves(least));
        (from_fn(|k| parts[k].0), Self(from_fn(|k| parts[k].1)))
    }

    #[inline]
    fn times_power_of_two(self, counted: Self) -> Self {
        self.zip(counted, f64::times_power_of_two)
    }

    #[inline]
    fn everywhere() -> Mask {
        Mask([true; EIGHT])
    }
}
