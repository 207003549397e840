//! Eight lanes in two vectors of 256 bits.

#[allow(clippy::wildcard_imports, reason = "dozens of intrinsics, all with their own prefix")]
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

use crate::aep::simd::Kernel;
use crate::aep::simd::spots::Spots;
use crate::lanes::single::Octet;
use crate::lanes::{BELOW_256TH, Block, EIGHT, Lanes};

/// Runs a kernel compiled for these instructions.
///
/// # Safety
/// The processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

/// Eight numbers, lane 0 to 3 and 4 to 7. Made only in code that [`run`] was asked to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(__m256d, __m256d);

/// All bits or none for each lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask(__m256d, __m256d);

/// Bits of 2^52, below which a double's low bits count ones.
const TWO_52: i64 = 0x4330_0000_0000_0000;

impl BitAnd for Mask {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_and_pd(self.0, other.0), _mm256_and_pd(self.1, other.1)) }
    }
}

impl Add for Avx2 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_add_pd(self.0, other.0), _mm256_add_pd(self.1, other.1)) }
    }
}

impl Sub for Avx2 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_sub_pd(self.0, other.0), _mm256_sub_pd(self.1, other.1)) }
    }
}

impl Mul for Avx2 {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_mul_pd(self.0, other.0), _mm256_mul_pd(self.1, other.1)) }
    }
}

impl Div for Avx2 {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_div_pd(self.0, other.0), _mm256_div_pd(self.1, other.1)) }
    }
}

impl Lanes for Avx2 {
    const WIDTH: usize = EIGHT;
    type Mask = Mask;
    type Index = (__m128i, __m128i);
    type Spots<'t> = Spots<'t, 4>;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: this type is named only in code that `run` runs.
        unsafe { Self(_mm256_set1_pd(value), _mm256_set1_pd(value)) }
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..EIGHT];
        // SAFETY: eight numbers are there; this type is named only in code that `run` runs.
        unsafe { Self(_mm256_loadu_pd(from.as_ptr()), _mm256_loadu_pd(from[4..].as_ptr())) }
    }

    #[inline(always)]
    fn load_equal(from: &Block) -> Self {
        // SAFETY: eight numbers are there, of which four do for both; this type is named only in code that `run` runs.
        let four = unsafe { _mm256_load_pd(from.0.as_ptr()) };
        Self(four, four)
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..EIGHT];
        // SAFETY: there is room for eight numbers; a value of this type exists.
        unsafe {
            _mm256_storeu_pd(to.as_mut_ptr(), self.0);
            _mm256_storeu_pd(to[4..].as_mut_ptr(), self.1);
        }
    }

    #[inline(always)]
    fn store_where(self, mask: Mask, to: &mut [f64]) {
        let bits = Self::bits(mask) as usize;
        let (low, high) = (bits % 16, bits / 16);
        let to = &mut to[..EIGHT];
        // SAFETY: there is room for eight numbers; a value of this type exists.
        unsafe { _mm256_storeu_pd(to.as_mut_ptr(), to_front(self.0, low)) };
        let next = &mut to[low.count_ones() as usize..][..4];
        // SAFETY: there is room for four numbers; a value of this type exists.
        unsafe { _mm256_storeu_pd(next.as_mut_ptr(), to_front(self.1, high)) };
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_fmadd_pd(self.0, factor.0, summand.0), _mm256_fmadd_pd(self.1, factor.1, summand.1)) }
    }

    #[inline(always)]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_fnmadd_pd(self.0, factor.0, summand.0), _mm256_fnmadd_pd(self.1, factor.1, summand.1)) }
    }

    #[inline(always)]
    fn reciprocal(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let (one, odd) = (_mm256_set1_pd(1.0), _mm256_set1_pd(f64::from_bits(1)));
            Self(_mm256_div_pd(one, _mm256_andnot_pd(odd, self.0)), _mm256_div_pd(one, _mm256_andnot_pd(odd, self.1)))
        }
    }

    #[inline(always)]
    fn per_root_guess(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let singles = _mm256_set_m128(_mm256_cvtpd_ps(self.1), _mm256_cvtpd_ps(self.0));
            let guess = _mm256_div_ps(_mm256_set1_ps(1.0), _mm256_sqrt_ps(singles));
            Self(_mm256_cvtps_pd(_mm256_castps256_ps128(guess)), _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(guess)))
        }
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_sqrt_pd(self.0), _mm256_sqrt_pd(self.1)) }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_min_pd(self.0, other.0), _mm256_min_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_max_pd(self.0, other.0), _mm256_max_pd(self.1, other.1)) }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let sign = _mm256_set1_pd(-0.0);
            Self(_mm256_andnot_pd(sign, self.0), _mm256_andnot_pd(sign, self.1))
        }
    }

    #[inline(always)]
    fn less(self, other: Self) -> Mask {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Mask(_mm256_cmp_pd::<_CMP_LT_OQ>(self.0, other.0), _mm256_cmp_pd::<_CMP_LT_OQ>(self.1, other.1)) }
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Mask {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Mask(_mm256_cmp_pd::<_CMP_LE_OQ>(self.0, other.0), _mm256_cmp_pd::<_CMP_LE_OQ>(self.1, other.1)) }
    }

    #[inline(always)]
    fn select(mask: Mask, yes: Self, no: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_blendv_pd(no.0, yes.0, mask.0), _mm256_blendv_pd(no.1, yes.1, mask.1)) }
    }

    #[inline(always)]
    fn select_or_nil(mask: Mask, yes: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_and_pd(mask.0, yes.0), _mm256_and_pd(mask.1, yes.1)) }
    }

    #[inline(always)]
    fn bits(mask: Mask) -> u32 {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        let (low, high) = unsafe { (_mm256_movemask_pd(mask.0), _mm256_movemask_pd(mask.1)) };
        low.cast_unsigned() | high.cast_unsigned() << 4
    }

    #[inline(always)]
    fn index(self) -> Self::Index {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { (_mm256_cvttpd_epi32(self.0), _mm256_cvttpd_epi32(self.1)) }
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { Self(_mm256_floor_pd(self.0), _mm256_floor_pd(self.1)) }
    }

    #[inline(always)]
    fn from_index(index: Self::Index) -> Self {
        // SAFETY: this type is named only in code that `run` runs.
        unsafe { Self(_mm256_cvtepi32_pd(index.0), _mm256_cvtepi32_pd(index.1)) }
    }

    #[inline(always)]
    fn pairs(table: &[f64], index: Self::Index) -> [Self; 2] {
        // SAFETY: every lane's two numbers are within the table; this type is named only in code that `run` runs.
        unsafe {
            let i = Spots::<2>::new::<1>(table, _mm256_set_m128i(index.1, index.0)).starts();
            let (even_a, odd_a) = (two_halves(i[0], i[2]), two_halves(i[1], i[3]));
            let (even_b, odd_b) = (two_halves(i[4], i[6]), two_halves(i[5], i[7]));
            [
                Self(_mm256_unpacklo_pd(even_a, odd_a), _mm256_unpacklo_pd(even_b, odd_b)),
                Self(_mm256_unpackhi_pd(even_a, odd_a), _mm256_unpackhi_pd(even_b, odd_b)),
            ]
        }
    }

    #[inline(always)]
    fn quads(spots: &Spots<'_, 4>) -> [Self; 4] {
        let i = spots.starts();
        // SAFETY: every lane's four numbers are within the table; this type is named only in code that `run` runs.
        unsafe {
            let [a0, a1, a2, a3] = transposed([i[0], i[1], i[2], i[3]]);
            let [b0, b1, b2, b3] = transposed([i[4], i[5], i[6], i[7]]);
            [Self(a0, b0), Self(a1, b1), Self(a2, b2), Self(a3, b3)]
        }
    }

    #[inline(always)]
    fn spots<const STRIDE: usize>(table: &[f64], index: Self::Index) -> Spots<'_, 4> {
        // SAFETY: this type is named only in code that `run` runs.
        unsafe { Spots::new::<STRIDE>(table, _mm256_set_m128i(index.1, index.0)) }
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { (Self(mantissa(self.0), mantissa(self.1)), Self(exponent_of(self.0), exponent_of(self.1))) }
    }

    #[inline(always)]
    fn octaves(self, least: f64) -> (Self::Index, Self) {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let ((low_index, low_rest), (high_index, high_rest)) = (octaves(self.0, least), octaves(self.1, least));
            ((low_index, high_index), Self(low_rest, high_rest))
        }
    }

    #[inline(always)]
    fn times_power_of_two(self, counted: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let low = _mm256_slli_epi64::<52>(_mm256_castpd_si256(counted.0));
            let high = _mm256_slli_epi64::<52>(_mm256_castpd_si256(counted.1));
            Self(
                _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(self.0), low)),
                _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(self.1), high)),
            )
        }
    }

    #[inline(always)]
    fn less_singles(a: &Octet, b: &Octet) -> u32 {
        // SAFETY: this type is named only in code that `run` runs; eight numbers are there.
        unsafe {
            let (a, b) = (_mm256_loadu_ps(a.0.as_ptr()), _mm256_loadu_ps(b.0.as_ptr()));
            _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(a, b)).cast_unsigned()
        }
    }

    #[inline(always)]
    fn everywhere() -> Mask {
        // SAFETY: this type is named only in code that `run` runs.
        let all = unsafe { _mm256_castsi256_pd(_mm256_set1_epi64x(-1)) };
        Mask(all, all)
    }
}

/// For each set of lanes, by its bits: where the halves of numbers are that come to the front.
const TO_FRONT: [[i32; EIGHT]; 16] = {
    let mut all = [[0; EIGHT]; 16];
    let mut bits = 0;
    while bits < 16 {
        let (mut lane, mut next) = (0, 0);
        while lane < 4 {
            if bits >> lane & 1 == 1 {
                all[bits][2 * next] = 2 * lane;
                all[bits][2 * next + 1] = 2 * lane + 1;
                next += 1;
            }
            lane += 1;
        }
        bits += 1;
    }
    all
};

/// The lanes of a set, given by its bits, before anything.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn to_front(x: __m256d, bits: usize) -> __m256d {
    // SAFETY: the caller's promise; eight numbers are there.
    unsafe {
        let halves = _mm256_loadu_si256(TO_FRONT[bits].as_ptr().cast());
        _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(x), halves))
    }
}

/// Mantissa, in 1 .. 2.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn mantissa(x: __m256d) -> __m256d {
    // SAFETY: the caller's promise.
    unsafe {
        let bits = _mm256_and_pd(x, _mm256_castsi256_pd(_mm256_set1_epi64x(0x000f_ffff_ffff_ffff)));
        _mm256_or_pd(bits, _mm256_set1_pd(1.0))
    }
}

/// Exponent of positive normal numbers.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn exponent_of(x: __m256d) -> __m256d {
    // SAFETY: the caller's promise.
    unsafe {
        let stored = _mm256_srli_epi64::<52>(_mm256_castpd_si256(x));
        let counted = _mm256_castsi256_pd(_mm256_or_si256(stored, _mm256_set1_epi64x(TWO_52)));
        _mm256_sub_pd(counted, _mm256_set1_pd(4_503_599_627_370_496.0 + 1023.0))
    }
}

/// See [`Lanes::octaves`].
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn octaves(x: __m256d, least: f64) -> (__m128i, __m256d) {
    // SAFETY: the caller's promise.
    unsafe {
        let bits = _mm256_castpd_si256(x);
        let start = _mm256_set1_epi64x((least.to_bits() >> BELOW_256TH).cast_signed());
        let index = _mm256_sub_epi64(_mm256_srli_epi64::<{ BELOW_256TH.cast_signed() }>(bits), start);
        // The low halves of the four numbers.
        let packed = _mm256_permutevar8x32_epi32(index, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
        let low = _mm256_and_si256(bits, _mm256_set1_epi64x((1 << BELOW_256TH) - 1));
        let rest = _mm256_or_si256(low, _mm256_castpd_si256(_mm256_set1_pd(1.0)));
        (_mm256_castsi256_si128(packed), _mm256_sub_pd(_mm256_castsi256_pd(rest), _mm256_set1_pd(1.0)))
    }
}

/// Two numbers from each of two places on.
///
/// # Safety
/// The numbers must be there, the processor must have AVX2.
#[inline(always)]
unsafe fn two_halves(low: *const f64, high: *const f64) -> __m256d {
    // SAFETY: the caller's promise.
    unsafe { _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(_mm_loadu_pd(low)), _mm_loadu_pd(high)) }
}

/// Four numbers from each of four places on: the first of each, the second of each, and so on.
///
/// # Safety
/// The numbers must be there, the processor must have AVX2.
#[inline(always)]
unsafe fn transposed([a, b, c, d]: [*const f64; 4]) -> [__m256d; 4] {
    // SAFETY: the caller's promise.
    unsafe {
        let (a, b) = (_mm256_loadu_pd(a), _mm256_loadu_pd(b));
        let (c, d) = (_mm256_loadu_pd(c), _mm256_loadu_pd(d));
        let (low_a, high_a) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
        let (low_b, high_b) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(low_a, low_b),
            _mm256_permute2f128_pd::<0x20>(high_a, high_b),
            _mm256_permute2f128_pd::<0x31>(low_a, low_b),
            _mm256_permute2f128_pd::<0x31>(high_a, high_b),
        ]
    }
}
