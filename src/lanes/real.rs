//! What formulas need that run on one number at a time: the functions of libm, for plain numbers and for such as know their slopes.
//!
//! ```text
//! f(x)' = f'(x) x'                                     by `chain`, the one thing that a kind of number must know
//! Gamma' = Gamma psi,   psi(x) = psi(x + 1) - 1/x,     psi(x) = ln x - 1/(2x) - 1/(12 x^2) + 1/(120 x^4) - ... for large x
//! ```
//!
//! A formula that is generic over [`Real`] gives with `f64` the bits of the same formula written for `f64`.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::lanes::{Dual, Lanes};

/// One number, or one that knows how it depends on others.
pub trait Real:
    Lanes<Mask = bool, Index = usize>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + Neg<Output = Self>
    + Default
{
    /// The number itself.
    fn value(self) -> f64;

    /// `value`, which changes with this number as `slope` says.
    #[must_use]
    fn chain(self, value: f64, slope: f64) -> Self;

    /// e to its power.
    #[inline]
    #[must_use]
    fn exp(self) -> Self {
        let value = libm::exp(self.value());
        self.chain(value, value)
    }

    /// 2 to its power.
    #[inline]
    #[must_use]
    fn exp2(self) -> Self {
        let value = libm::exp2(self.value());
        self.chain(value, value * std::f64::consts::LN_2)
    }

    /// ln(1 + x).
    #[inline]
    #[must_use]
    fn ln_1p(self) -> Self {
        self.chain(libm::log1p(self.value()), 1.0 / (1.0 + self.value()))
    }

    /// Its power, for numbers that are not negative; where it is 0 the power's slope counts as 0.
    #[inline]
    #[must_use]
    fn pow(self, exponent: Self) -> Self {
        let (base, power) = (self.value(), exponent.value());
        let value = libm::pow(base, power);
        let (by_base, by_power) = if base > 0.0 { (power * value / base, value * libm::log(base)) } else { (0.0, 0.0) };
        self.chain(value, by_base) + exponent.chain(0.0, by_power)
    }

    /// Its power with an exponent that is the same for all.
    #[inline]
    #[must_use]
    fn powf(self, exponent: f64) -> Self {
        let value = libm::pow(self.value(), exponent);
        self.chain(value, if self.value() > 0.0 { exponent * value / self.value() } else { 0.0 })
    }

    /// Arc tangent.
    #[inline]
    #[must_use]
    fn atan(self) -> Self {
        self.chain(libm::atan(self.value()), 1.0 / (1.0 + self.value() * self.value()))
    }

    /// The error function.
    #[inline]
    #[must_use]
    fn erf(self) -> Self {
        let slope = std::f64::consts::FRAC_2_SQRT_PI * libm::exp(-self.value() * self.value());
        self.chain(libm::erf(self.value()), slope)
    }

    /// The gamma function, for positive numbers.
    #[inline]
    #[must_use]
    fn gamma(self) -> Self {
        let value = libm::tgamma(self.value());
        self.chain(value, value * digamma(self.value()))
    }
}

impl Real for f64 {
    #[inline]
    fn value(self) -> f64 {
        self
    }

    #[inline]
    fn chain(self, value: f64, _slope: f64) -> Self {
        value
    }

    #[inline]
    fn gamma(self) -> Self {
        libm::tgamma(self)
    }
}

impl<const N: usize> Real for Dual<f64, N> {
    #[inline]
    fn value(self) -> f64 {
        self.value
    }

    #[inline]
    fn chain(self, value: f64, slope: f64) -> Self {
        Self { value, slopes: self.slopes.map(|own| slope * own) }
    }
}

/// Slope of ln Gamma, for positive numbers.
fn digamma(x: f64) -> f64 {
    /// From here on the series is exact to rounding.
    const LARGE: f64 = 10.0;
    let (mut x, mut sum) = (x, 0.0);
    while x < LARGE {
        sum -= 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    // Bernoulli numbers B_2n over 2n.
    let series = [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32_760.0];
    let tail = series.iter().rev().fold(0.0, |tail, coefficient| (tail + coefficient) * square);
    sum + libm::log(x) - 0.5 / x - tail
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A formula of one number.
    pub(in crate::lanes) trait Formula {
        fn at<R: Real>(&self, x: R) -> R;
    }

    macro_rules! formulas {
        ($($name:ident: $of:expr, $at:expr;)*) => {
            $(struct $name;
            impl Formula for $name {
                fn at<R: Real>(&self, x: R) -> R {
                    fn of<R: Real>(x: R) -> R {
                        let of: fn(R) -> R = $of;
                        of(x)
                    }
                    of(x)
                }
            })*

            /// Shows formulas of every function, each with points at which it is smooth.
            pub(in crate::lanes) fn each(mut show: impl FormulaVisitor) {
                $(show.visit(stringify!($name), &$name, &$at);)*
            }
        };
    }

    /// Who looks at formulas.
    pub(in crate::lanes) trait FormulaVisitor {
        fn visit(&mut self, name: &str, formula: &impl Formula, at: &[f64]);
    }

    formulas! {
        Arithmetic: |x| (x * x - x * 3.0 + 1.0) / (x + 2.0) - -x / 7.0, [0.5, 1.7, -1.3];
        Roots: |x| (x * x + 2.0).sqrt() * x.sqrt() + x.per_root(), [0.3, 2.0, 50.0];
        Choices: |x| x.min(R::splat(1.0)) * x.max(R::splat(2.0)) + x.abs(), [-0.7, 0.5, 1.5, 3.0];
        Exp: |x| (-(x * x) * 0.5).exp() + (x * 0.3).exp2(), [0.01, 0.3, 4.0, -2.0];
        Ln1p: |x| x.exp().ln_1p(), [-3.0, 0.1, 5.0];
        Pow: |x| x.pow(x * 0.5 + 1.0) + x.powf(-0.32), [0.2, 1.0, 7.0];
        Atan: |x| x.atan(), [-0.9, 0.1, 0.95];
        Circle: |x| crate::lanes::acos(x), [-0.9, -0.3, 0.1, 0.95];
        Erf: |x| x.erf(), [-0.5, 0.0, 1.5];
        Gamma: |x| x.gamma(), [0.36, 0.5, 0.83, 1.7, 4.2];
        Ln: |x| crate::lanes::ln_ratio(x * x + 1.0, x), [0.01, 0.3, 4.0, 77.0];
        PowersOfTwo: |x| crate::lanes::PowersOfTwo::default().at(-x, -1000.0), [0.01, 0.3, 4.0, 77.0];
    }

    struct Differences;

    impl FormulaVisitor for Differences {
        fn visit(&mut self, name: &str, formula: &impl Formula, at: &[f64]) {
            for &x in at {
                let h = 1e-5 * x.abs().max(1e-3);
                let difference = (formula.at(x + h) - formula.at(x - h)) / (2.0 * h);
                let dual = formula.at(Dual::<f64, 1>::variable(x, 0));
                assert_eq!(dual.value.to_bits(), formula.at(x).to_bits(), "{name} at {x}");
                let (slope, off) = (dual.slopes[0], (dual.slopes[0] - difference).abs());
                assert!(off < 1e-7 * slope.abs().max(1e-2), "{name} at {x}: {slope} {difference}");
            }
        }
    }

    #[test]
    fn slopes_are_those_of_differences() {
        each(Differences);
    }
}
