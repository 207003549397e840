//! Powers of e and ln in single precision, in plain code that compilers turn into vectors: the same bits on every processor, since every
//! operation is one that IEEE 754 rounds correctly.

use crate::lanes::EIGHT;

/// Eight numbers in single precision.
#[repr(C, align(32))]
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Octet(pub [f32; EIGHT]);

/// Adding this to a number below 2^22 and taking it away rounds to a whole number, which stands in the sum's lowest bits: 1.5 times 2^23.
pub const ROUND: f32 = 12_582_912.0;
/// The polynomial through 2^x at the six Chebyshev nodes of -1/2 ..= 1/2, within 1e-7 of it.
const EXP2: [f32; 6] = [1.0, std::f32::consts::LN_2, 0.240_221_07, 0.055_503_57, 0.009_676_032, 0.001_339_086_3];
/// The polynomial through ln(1 + y)/y at the eight Chebyshev nodes of 1/sqrt 2 - 1 ..= sqrt 2 - 1, within 3e-7 of it.
const LN: [f32; 8] = [
    0.999_999_94,
    -0.500_003_75,
    0.333_346_07,
    -0.249_689_07,
    0.199_133_49,
    -0.172_782_06,
    0.161_262_48,
    -0.098_953_51,
];
/// Bits of 1/sqrt 2.
const ROOT_HALF_BITS: u32 = 0x3f35_04f3;
const MANTISSA_BITS: u32 = 23;
const EXPONENT_OF_ONE: u32 = 127;

/// e^x within 5e-7 of it, relative (more far below 0, where x itself is coarse), for x of -80 ..= 0; below as for -80.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let held = if x > -80.0 { x } else { -80.0 };
    let rounded = held.mul_add(std::f32::consts::LOG2_E, ROUND);
    let f = held.mul_add(std::f32::consts::LOG2_E, -(rounded - ROUND));
    // Pairs of terms, then pairs of pairs: few operations wait for each other.
    let ([a, b, c, d, e, g], f2) = (EXP2, f * f);
    let power = f2.mul_add(f2.mul_add(g.mul_add(f, e), d.mul_add(f, c)), b.mul_add(f, a));
    // The whole number stands in the lowest bits.
    let exponent = rounded.to_bits().wrapping_add(EXPONENT_OF_ONE) << MANTISSA_BITS;
    power * f32::from_bits(exponent)
}

/// ln x within 7e-7 of it, absolute, for x of 1/2 ..= 2^40.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    // Taken as a multiple of 2^n between 1/sqrt 2 and sqrt 2.
    let above = x.to_bits().wrapping_sub(ROOT_HALF_BITS);
    let exponent = above.cast_signed() >> MANTISSA_BITS;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub(exponent.cast_unsigned() << MANTISSA_BITS));
    let y = mantissa - 1.0;
    let ([a, b, c, d, e, f, g, h], y2) = (LN, y * y);
    let (low, high) = (y2.mul_add(d.mul_add(y, c), b.mul_add(y, a)), y2.mul_add(h.mul_add(y, g), f.mul_add(y, e)));
    let series = (y2 * y2).mul_add(high, low);
    #[expect(clippy::cast_precision_loss, reason = "at most 128")]
    let exponent = exponent as f32;
    exponent.mul_add(std::f32::consts::LN_2, series * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_as_near_as_they_say() {
        let (mut of_exp, mut of_ln) = (0f64, 0f64);
        for k in 0..400_000u32 {
            let x = -2e-4 * f64::from(k);
            #[expect(clippy::cast_possible_truncation, reason = "the numbers to be tried")]
            let (single, ratio) = (x as f32, libm::exp2(1e-4 * f64::from(k) - 1.0) as f32);
            let exact = libm::exp(f64::from(single));
            // Far down x itself is no more precise than its unit times its size.
            of_exp = of_exp.max((f64::from(exp(single)) / exact - 1.0).abs() / (1.0 + x.abs() / 8.0));
            of_ln = of_ln.max(
                (f64::from(ln(ratio)) - libm::log(f64::from(ratio))).abs() / (1.0 + libm::log(f64::from(ratio)) / 8.0),
            );
        }
        assert!(of_exp < 6e-7 && of_ln < 7e-7, "{of_exp:e} {of_ln:e}");
        assert!((exp(0.0) - 1.0).abs() < 1e-7 && exp(-1e9) < 1e-34 && ln(1.0).abs() < 1e-7);
    }
}
