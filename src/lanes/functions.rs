//! ln, powers of two and arc cosines, from operations that every lane type has.
//!
//! ```text
//! ln(p/q) = (e_p - e_q) ln 2 + 2 atanh(s),   s = (m_p - m_q) / (m_p + m_q),   mantissas m taken so that m_p/m_q is in [1/sqrt 2, sqrt 2]
//! 2^x     = 2^n 2^f,   n = x to the nearest whole number,   f = x - n
//! acos(x) = pi/2 - asin(x) for x up to 1/2,   2 asin(sqrt((1 - x)/2)) beyond,   pi - acos(-x) for negative x
//! ```
//!
//! The logarithm is of 1 to 2 units in the last place: the first term left out of its Taylor series is below 2^-54 of the result.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::lanes::{Block, EIGHT, Lanes, ROUND};

/// ln 2, the bits that a product with an exponent keeps exactly, and the rest.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Terms of atanh(s)/s - 1 in s^2, from the first: s^2 is at most 0.0295.
const ATANH: [f64; 9] =
    [1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0, 1.0 / 17.0, 1.0 / 19.0];
/// The polynomial through 2^x at the eleven Chebyshev nodes of -1/2 ..= 1/2, but for the last digits of ln 2; within 3e-15 of it.
const EXP2: [f64; 11] = [
    1.0,
    std::f64::consts::LN_2,
    0.240_226_506_959_100_97,
    0.055_504_108_664_447_72,
    0.009_618_129_107_606_888,
    0.001_333_355_823_016_497_4,
    0.000_154_035_304_417_360_5,
    1.525_265_726_020_083_7e-5,
    1.321_544_258_792_169e-6,
    1.020_869_029_995_830_6e-7,
    7.072_585_949_269_223e-9,
];

/// (asin(s)/s - 1)/s^2: the polynomial through it at the twelve Chebyshev nodes of s^2 = 0 ..= 1/4; the arc sine is within 6e-17 of itself.
const ASIN: [f64; 12] = [
    0.166_666_666_666_666_5,
    0.075_000_000_000_207_64,
    0.044_642_857_103_423_646,
    0.030_381_947_367_098_48,
    0.022_372_047_631_744_51,
    0.017_355_259_955_786_323,
    0.013_929_652_902_326_633,
    0.011_875_494_382_636_922,
    0.007_802_949_477_353_317_5,
    0.016_035_514_349_148_82,
    -0.010_749_050_339_697_808,
    0.028_169_218_060_881_414,
];

/// ln(p / q) for positive normal p and q, with one division.
#[inline(always)]
pub fn ln_ratio<V: Lanes>(p: V, q: V) -> V {
    let ((mp, ep), (mq, eq)) = (p.split(), q.split());
    let (half, root_2) = (V::splat(0.5), V::splat(std::f64::consts::SQRT_2));
    let exponent = ep - eq;
    let (p_large, q_large) = ((root_2 * mq).less(mp), (root_2 * mp).less(mq));
    let exponent = V::select(p_large, exponent + V::splat(1.0), exponent);
    let exponent = V::select(q_large, exponent - V::splat(1.0), exponent);
    let (mp, mq) = (V::select(p_large, mp * half, mp), V::select(q_large, mq * half, mq));
    let s = (mp - mq) / (mp + mq);
    let z = s * s;
    let twice = s + s;
    let correction = twice.mul_add(z * polynomial(&ATANH, z), exponent * V::splat(LN_2_LOW));
    exponent.mul_add(V::splat(LN_2_HIGH), twice + correction)
}

/// Powers of two, with their constants in memory, see [`Lanes::load_equal`].
#[derive(Debug, Clone)]
pub struct PowersOfTwo {
    coefficients: [Block; EXP2.len()],
    round: Block,
}

impl PowersOfTwo {
    /// 2^x to 1e-14, for x of at most 1000; below `least`, which must be no less than -1000, nil.
    #[inline(always)]
    pub fn at<V: Lanes>(&self, x: V, least: f64) -> V {
        let (c, round): (_, V) = (&self.coefficients, V::load_equal(&self.round));
        let counted = x + round;
        let f = x - (counted - round);
        let f2 = f * f;
        let f4 = f2 * f2;
        // Pairs of terms, then pairs of pairs: few operations wait for each other.
        let low = f2.mul_add(known_line(f, &c[2], &c[3]), known_line(f, &c[0], &c[1]));
        let middle = f2.mul_add(known_line(f, &c[6], &c[7]), known_line(f, &c[4], &c[5]));
        let high = f2.mul_add(V::load_equal(&c[10]), known_line(f, &c[8], &c[9]));
        let power = f4.mul_add(f4.mul_add(high, middle), low).times_power_of_two(counted);
        V::select_or_nil(V::splat(least).at_most(x), power)
    }
}

impl Default for PowersOfTwo {
    fn default() -> Self {
        let equal = |number| Block([number; EIGHT]);
        Self { coefficients: EXP2.map(equal), round: equal(ROUND) }
    }
}

/// One over x, rounded correctly, from a guess within 2^-14 of it; x must not be odd in its last bit.
///
/// Two steps of Newton's bring the guess y within 5/8 of a unit in the last place, so that e = 1 - x y is exact and at most 5/8 2^-52 for x of 1 .. 2.
/// A third then makes it (1 - e^2) / x and rounds it. That is 1/x rounded, unless half a unit m lies between the two: but 1 - x m is a multiple of
/// 2^-105 other than nil, x being even, and e^2 less than that (P. Markstein, IBM J. Res. Dev. 34, 1990, doi:10.1147/rd.341.0111).
#[inline(always)]
pub fn reciprocal_from<V: Lanes>(x: V, guess: V) -> V {
    let (one, mut y) = (V::splat(1.0), guess);
    let mut step = 0;
    while step < 3 {
        y = x.mul_neg_add(y, one).mul_add(y, y);
        step += 1;
    }
    y
}

/// Arc cosine of a number between -1 and 1, within two units in the last place.
#[inline(always)]
pub fn acos<V: Lanes>(x: V) -> V {
    let (half, size) = (V::splat(0.5), x.abs());
    let is_far = half.less(size);
    let z = V::select(is_far, (V::splat(1.0) - size) * half, size * size);
    let s = V::select(is_far, z.sqrt(), size);
    let (z2, c) = (z * z, ASIN);
    let z4 = z2 * z2;
    let low = z2.mul_add(line(z, c[2], c[3]), line(z, c[0], c[1]));
    let middle = z2.mul_add(line(z, c[6], c[7]), line(z, c[4], c[5]));
    let high = z2.mul_add(line(z, c[10], c[11]), line(z, c[8], c[9]));
    let asin = (s * z).mul_add(z4.mul_add(z4.mul_add(high, middle), low), s);
    let of_size = V::select(is_far, asin + asin, V::splat(FRAC_PI_2) - asin);
    V::select(x.less(V::splat(0.0)), V::splat(PI) - of_size, of_size)
}

#[inline(always)]
fn line<V: Lanes>(x: V, constant: f64, slope: f64) -> V {
    V::splat(slope).mul_add(x, V::splat(constant))
}

#[inline(always)]
fn known_line<V: Lanes>(x: V, constant: &Block, slope: &Block) -> V {
    V::load_equal(slope).mul_add(x, V::load_equal(constant))
}

/// Horner's scheme, the first coefficient that of degree 0.
#[inline(always)]
fn polynomial<V: Lanes, const N: usize>(coefficients: &[f64; N], x: V) -> V {
    let mut sum = V::splat(coefficients[N - 1]);
    for coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum.mul_add(x, V::splat(*coefficient));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units in the last place between two numbers.
    fn ulps(a: f64, b: f64) -> f64 {
        (a - b).abs() / (b.abs().next_up() - b.abs())
    }

    #[test]
    fn ln_is_within_two_ulps() {
        let mut worst = 0f64;
        for k in 0..200_000 {
            let (p, q) = (libm::exp(0.0005 * f64::from(k) - 40.0), 0.3 + 0.01 * f64::from(k % 977));
            let exact = libm::log(p / q);
            // The quotient's own rounding is felt where the logarithm is small.
            if exact.abs() > 0.5 {
                worst = worst.max(ulps(ln_ratio(p, q), exact));
            } else {
                assert!((ln_ratio(p, q) - exact).abs() < 3e-16, "{p} / {q}");
            }
        }
        assert!(worst <= 2.0, "{worst} ulps");
        assert!(ln_ratio(7.5, 7.5).abs() < 1e-300);
    }

    #[test]
    fn acos_is_within_two_ulps() {
        let near_one = (0..40).map(|k| 1.0 - libm::exp2(-f64::from(k)));
        let mut worst = 0f64;
        for x in (0..=200_000).map(|k| 1e-5 * f64::from(k) - 1.0).chain(near_one) {
            worst = worst.max(ulps(acos(x), libm::acos(x)));
        }
        assert!(worst <= 2.0, "{worst} ulps");
        assert_eq!((acos(1.0).to_bits(), acos(-1.0).to_bits()), (0, PI.to_bits()));
    }

    #[test]
    fn reciprocals_are_rounded_correctly_from_any_guess() {
        let most_off = libm::exp2(-14.0);
        for k in 0..400_000u32 {
            let any = libm::exp2(0.005 * f64::from(k) - 1000.0) * (1.0 + f64::from(k * 7919 % 4099) / 4099.0);
            // Near a power of two and near the next, where guesses are worst.
            let low = 1.0 + f64::from(k) * f64::EPSILON;
            let high = 2.0 - f64::from(k) * f64::EPSILON;
            for x in [any, low, high] {
                let even = f64::from_bits(x.to_bits() & !1);
                assert_eq!(x.reciprocal().to_bits(), (1.0 / even).to_bits(), "{x:e}");
                for off in [-most_off, -0.3 * most_off, 0.0, 0.7 * most_off, most_off] {
                    let got = reciprocal_from(even, (1.0 + off) / even);
                    assert_eq!(got.to_bits(), (1.0 / even).to_bits(), "{x:e} {off:e}");
                }
            }
        }
    }

    #[test]
    fn one_over_a_root_is_within_two_ulps() {
        let many =
            (0..200_000).map(|k| libm::exp2(0.00125 * f64::from(k) - 124.0) * (1.0 + f64::from(k % 4099) / 4099.0));
        for x in many.chain([1e-37, 1e38]) {
            assert!((x.sqrt() * x.per_root_guess() - 1.0).abs() < libm::exp2(-22.0), "{x:e}");
            assert!(ulps(x.per_root(), 1.0 / x.sqrt()) <= 2.0, "{x:e}");
        }
    }

    #[test]
    fn powers_of_two_are_within_a_hundredth_of_a_millionth_of_a_millionth() {
        let (powers, mut worst) = (PowersOfTwo::default(), 0f64);
        for k in 0..200_000 {
            let x = -60.0 + 0.000_35 * f64::from(k);
            worst = worst.max((powers.at(x, -60.0) / libm::exp2(x) - 1.0).abs());
        }
        assert!(worst < 1e-14, "{worst:e}");
        assert!(
            (powers.at(0.0, -1.0) - 1f64).abs() < 1e-300 && (powers.at(-8.0, -8.0) - 0.003_906_25f64).abs() < 1e-300
        );
        assert!((powers.at(-1000.0, -1000.0) / libm::exp2(-1000.0) - 1.0).abs() < 1e-300);
        for x in [-8f64.next_up(), -700.0, -1e9, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(powers.at(x, -8.0).to_bits(), 0, "{x}");
        }
    }
}
