//! Numbers that carry their slopes: a formula that is generic over [`Lanes`], applied to them, gives its value and its exact derivatives.
//!
//! ```text
//! f(x + e d) = f(x) + e f'(x) d,   e^2 = 0
//! ```
//!
//! Source: Clifford 1873, doi:10.1112/plms/s1-4.1.381. Tables are constants, whole numbers have no slope, and where a root is 0 its slope counts
//! as 0: it is multiplied by what is 0 too wherever the engine takes roots of sums of squares.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::lanes::{Lanes, ROUND};

/// A number in each lane and its slopes along `N` variables.
#[derive(Debug, Clone, Copy)]
pub struct Dual<V, const N: usize> {
    /// The number itself.
    pub value: V,
    /// Its slopes.
    pub slopes: [V; N],
}

impl<V: Lanes, const N: usize> Dual<V, N> {
    /// A number that depends on nothing.
    #[inline(always)]
    pub fn constant(value: V) -> Self {
        Self { value, slopes: [V::splat(0.0); N] }
    }

    /// Variable number `k`.
    #[inline(always)]
    pub fn variable(value: V, k: usize) -> Self {
        Self::constant(value).along(k, V::splat(1.0))
    }

    /// The same number with another slope along variable `k`.
    #[inline(always)]
    #[must_use]
    pub fn along(mut self, k: usize, slope: V) -> Self {
        self.slopes[k] = slope;
        self
    }

    /// `value`, whose slope along what this number is, is `slope`.
    #[inline(always)]
    fn chain(self, value: V, slope: V) -> Self {
        let mut slopes = self.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = slopes[k] * slope;
            k += 1;
        }
        Self { value, slopes }
    }
}

impl<V: Lanes, const N: usize> Add for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = slopes[k] + other.slopes[k];
            k += 1;
        }
        Self { value: self.value + other.value, slopes }
    }
}

impl<V: Lanes, const N: usize> Sub for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = slopes[k] - other.slopes[k];
            k += 1;
        }
        Self { value: self.value - other.value, slopes }
    }
}

impl<V: Lanes, const N: usize> Mul for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut slopes = self.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = slopes[k].mul_add(other.value, self.value * other.slopes[k]);
            k += 1;
        }
        Self { value: self.value * other.value, slopes }
    }
}

impl<V: Lanes, const N: usize> Div for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let per = V::splat(1.0) / other.value;
        let value = self.value / other.value;
        let mut slopes = self.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = value.mul_neg_add(other.slopes[k], slopes[k]) * per;
            k += 1;
        }
        Self { value, slopes }
    }
}

impl<V: Lanes, const N: usize> Add<f64> for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: f64) -> Self {
        Self { value: self.value + V::splat(other), slopes: self.slopes }
    }
}

impl<V: Lanes, const N: usize> Sub<f64> for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: f64) -> Self {
        Self { value: self.value - V::splat(other), slopes: self.slopes }
    }
}

impl<V: Lanes, const N: usize> Mul<f64> for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: f64) -> Self {
        self.chain(self.value * V::splat(other), V::splat(other))
    }
}

impl<V: Lanes, const N: usize> Div<f64> for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: f64) -> Self {
        self.chain(self.value / V::splat(other), V::splat(1.0 / other))
    }
}

impl<V: Lanes, const N: usize> Neg for Dual<V, N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.chain(V::splat(-1.0) * self.value, V::splat(-1.0))
    }
}

impl<V: Lanes, const N: usize> Default for Dual<V, N> {
    fn default() -> Self {
        Self::constant(V::splat(0.0))
    }
}

impl<V: Lanes, const N: usize> Lanes for Dual<V, N> {
    const WIDTH: usize = V::WIDTH;
    type Mask = V::Mask;
    type Index = V::Index;
    type Spots<'t> = V::Spots<'t>;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self::constant(V::splat(value))
    }

    /// Constants.
    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self::constant(V::load(from))
    }

    /// The numbers without their slopes.
    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        self.value.store(to);
    }

    /// The numbers without their slopes.
    #[inline(always)]
    fn store_where(self, mask: V::Mask, to: &mut [f64]) {
        self.value.store_where(mask, to);
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        let mut slopes = summand.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = self.slopes[k].mul_add(factor.value, self.value.mul_add(factor.slopes[k], slopes[k]));
            k += 1;
        }
        Self { value: self.value.mul_add(factor.value, summand.value), slopes }
    }

    #[inline(always)]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        let mut slopes = summand.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = self.slopes[k].mul_neg_add(factor.value, self.value.mul_neg_add(factor.slopes[k], slopes[k]));
            k += 1;
        }
        Self { value: self.value.mul_neg_add(factor.value, summand.value), slopes }
    }

    #[inline(always)]
    fn reciprocal(self) -> Self {
        let value = self.value.reciprocal();
        self.chain(value, V::splat(0.0) - value * value)
    }

    /// A constant.
    #[inline(always)]
    fn per_root_guess(self) -> Self {
        Self::constant(self.value.per_root_guess())
    }

    #[inline(always)]
    fn per_root(self) -> Self {
        let value = self.value.per_root();
        self.chain(value, V::splat(-0.5) * (value * value * value))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let (zero, root) = (V::splat(0.0), self.value.sqrt());
        self.chain(root, V::select(zero.less(root), V::splat(0.5) / root, zero))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(self.value.less(other.value), self, other)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(other.value.less(self.value), self, other)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        let sign = V::select(self.value.less(V::splat(0.0)), V::splat(-1.0), V::splat(1.0));
        self.chain(self.value.abs(), sign)
    }

    #[inline(always)]
    fn less(self, other: Self) -> V::Mask {
        self.value.less(other.value)
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> V::Mask {
        self.value.at_most(other.value)
    }

    #[inline(always)]
    fn select(mask: V::Mask, yes: Self, no: Self) -> Self {
        let mut slopes = no.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = V::select(mask, yes.slopes[k], no.slopes[k]);
            k += 1;
        }
        Self { value: V::select(mask, yes.value, no.value), slopes }
    }

    #[inline(always)]
    fn select_or_nil(mask: V::Mask, yes: Self) -> Self {
        let mut slopes = yes.slopes;
        let mut k = 0;
        while k < N {
            slopes[k] = V::select_or_nil(mask, slopes[k]);
            k += 1;
        }
        Self { value: V::select_or_nil(mask, yes.value), slopes }
    }

    #[inline(always)]
    fn bits(mask: V::Mask) -> u32 {
        V::bits(mask)
    }

    #[inline(always)]
    fn index(self) -> V::Index {
        self.value.index()
    }

    #[inline(always)]
    fn from_index(index: V::Index) -> Self {
        Self::constant(V::from_index(index))
    }

    #[inline(always)]
    fn pairs(table: &[f64], index: V::Index) -> [Self; 2] {
        let [a, b] = V::pairs(table, index);
        [Self::constant(a), Self::constant(b)]
    }

    #[inline(always)]
    fn quads(spots: &V::Spots<'_>) -> [Self; 4] {
        let [a, b, c, d] = V::quads(spots);
        [Self::constant(a), Self::constant(b), Self::constant(c), Self::constant(d)]
    }

    #[inline(always)]
    fn spots<const STRIDE: usize>(table: &[f64], index: V::Index) -> V::Spots<'_> {
        V::spots::<STRIDE>(table, index)
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let (mantissa, exponent) = self.value.split();
        (self.chain(mantissa, per_power_of_two(exponent)), Self::constant(exponent))
    }

    #[inline(always)]
    fn octaves(self, least: f64) -> (V::Index, Self) {
        let (_, exponent) = self.value.split();
        let (interval, rest) = self.value.octaves(least);
        (interval, self.chain(rest, per_power_of_two(exponent)))
    }

    /// Taken as the smooth function: where a whole number came of rounding, its slope is that of what was rounded, and the rest has none.
    #[inline(always)]
    fn times_power_of_two(self, counted: Self) -> Self {
        let power = V::splat(1.0).times_power_of_two(counted.value);
        let value = self.value.times_power_of_two(counted.value);
        let exponent = counted.chain(value, value * V::splat(std::f64::consts::LN_2));
        Self { value, ..self.chain(value, power) + exponent }
    }

    #[inline(always)]
    fn everywhere() -> V::Mask {
        V::everywhere()
    }
}

/// One over 2 to the power of a whole number.
#[inline(always)]
fn per_power_of_two<V: Lanes>(exponent: V) -> V {
    V::splat(1.0).times_power_of_two(V::splat(ROUND) - exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{PowersOfTwo, ln_ratio};

    type One = Dual<f64, 1>;

    /// Compares the slope with that of a difference at points where the function is smooth.
    fn check(name: &str, of: impl Fn(One) -> One, at: &[f64]) {
        for &x in at {
            let h = 1e-5 * x.abs().max(1e-3);
            let difference = (of(One::constant(x + h)).value - of(One::constant(x - h)).value) / (2.0 * h);
            let slope = of(One::variable(x, 0)).slopes[0];
            assert!((slope - difference).abs() < 1e-7 * slope.abs().max(1e-2), "{name} at {x}: {slope} {difference}");
        }
    }

    #[test]
    fn slopes_are_those_of_differences() {
        let c = One::splat;
        check("arithmetic", |x| (x * x - c(3.0) * x) / (x + c(2.0)), &[0.5, 1.7, -1.3]);
        check("root", |x| (x * x + c(2.0)).sqrt() * x.sqrt(), &[0.3, 2.0, 50.0]);
        check("least and greatest", |x| x.min(c(1.0)) * x.max(c(2.0)) + x.abs(), &[-0.7, 0.5, 1.5, 3.0]);
        let powers = PowersOfTwo::default();
        check("power of two", |x| powers.at(c(-0.5) * (x * x), -1000.0), &[0.01, 0.3, 1.0, 4.0, -2.0]);
        check("ln", |x| ln_ratio(x * x + c(1.0), x), &[0.01, 0.3, 1.0, 4.0, 77.0]);
        let choose = |x: One| One::select(x.less(c(1.0)), x * x, c(5.0) - x);
        check("choice", choose, &[0.2, 0.9, 1.1, 3.0]);
    }

    #[test]
    fn a_root_of_nothing_has_no_slope() {
        let root = (One::variable(0.0, 0) * One::variable(0.0, 0)).sqrt();
        assert_eq!((root.value.to_bits(), root.slopes[0].to_bits()), (0, 0));
    }
}
