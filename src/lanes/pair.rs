//! Lanes side by side: two chains of operations that do not wait for each other.

use std::ops::{Add, BitAnd, Div, Mul, Sub};

use crate::lanes::Lanes;

/// The lanes of `A`, then those of `B`.
#[derive(Debug, Clone, Copy)]
pub struct Pair<A, B>(A, B);

/// A step of a loop over lanes, at each place that it is told.
pub trait Step {
    /// Does the `V::WIDTH` lanes from `first` on.
    fn step<V: Lanes>(&mut self, first: usize);
}

/// Steps through `n` lanes, a multiple of `V::WIDTH`, three vectors at once where there are as many left.
#[inline(always)]
pub fn step_through<V: Lanes>(n: usize, step: &mut impl Step) {
    let mut first = 0;
    while first + 3 * V::WIDTH <= n {
        step.step::<Pair<V, Pair<V, V>>>(first);
        first += 3 * V::WIDTH;
    }
    if first + 2 * V::WIDTH <= n {
        step.step::<Pair<V, V>>(first);
        first += 2 * V::WIDTH;
    }
    if first < n {
        step.step::<V>(first);
    }
}

impl<A: BitAnd<Output = A>, B: BitAnd<Output = B>> BitAnd for Pair<A, B> {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }
}

impl<A: Add<Output = A>, B: Add<Output = B>> Add for Pair<A, B> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl<A: Sub<Output = A>, B: Sub<Output = B>> Sub for Pair<A, B> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl<A: Mul<Output = A>, B: Mul<Output = B>> Mul for Pair<A, B> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.1)
    }
}

impl<A: Div<Output = A>, B: Div<Output = B>> Div for Pair<A, B> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0, self.1 / other.1)
    }
}

impl<A: Lanes, B: Lanes> Lanes for Pair<A, B> {
    const WIDTH: usize = A::WIDTH + B::WIDTH;
    type Mask = Pair<A::Mask, B::Mask>;
    type Index = Pair<A::Index, B::Index>;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(A::splat(value), B::splat(value))
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self(A::load(from), B::load(&from[A::WIDTH..]))
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        self.0.store(to);
        self.1.store(&mut to[A::WIDTH..]);
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.sqrt(), self.1.sqrt())
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0), self.1.max(other.1))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs(), self.1.abs())
    }

    #[inline(always)]
    fn less(self, other: Self) -> Self::Mask {
        Pair(self.0.less(other.0), self.1.less(other.1))
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Self::Mask {
        Pair(self.0.at_most(other.0), self.1.at_most(other.1))
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(A::select(mask.0, yes.0, no.0), B::select(mask.1, yes.1, no.1))
    }

    #[inline(always)]
    fn bits(mask: Self::Mask) -> u32 {
        A::bits(mask.0) | B::bits(mask.1) << A::WIDTH
    }

    #[inline(always)]
    fn index(self) -> Self::Index {
        Pair(self.0.index(), self.1.index())
    }

    #[inline(always)]
    fn from_index(index: Self::Index) -> Self {
        Self(A::from_index(index.0), B::from_index(index.1))
    }

    #[inline(always)]
    fn pairs(table: &[f64], index: Self::Index) -> [Self; 2] {
        let ([a0, a1], [b0, b1]) = (A::pairs(table, index.0), B::pairs(table, index.1));
        [Self(a0, b0), Self(a1, b1)]
    }

    #[inline(always)]
    fn quads<const STRIDE: usize>(table: &[f64], index: Self::Index) -> [Self; 4] {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) =
            (A::quads::<STRIDE>(table, index.0), B::quads::<STRIDE>(table, index.1));
        [Self(a0, b0), Self(a1, b1), Self(a2, b2), Self(a3, b3)]
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let ((a_mantissa, a_exponent), (b_mantissa, b_exponent)) = (self.0.split(), self.1.split());
        (Self(a_mantissa, b_mantissa), Self(a_exponent, b_exponent))
    }

    #[inline(always)]
    fn octaves(self, least: f64) -> (Self::Index, Self) {
        let ((a_index, a_rest), (b_index, b_rest)) = (self.0.octaves(least), self.1.octaves(least));
        (Pair(a_index, b_index), Self(a_rest, b_rest))
    }

    #[inline(always)]
    fn power_of_two(exponent: Self) -> Self {
        Self(A::power_of_two(exponent.0), B::power_of_two(exponent.1))
    }
}
