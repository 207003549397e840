//! Eight lanes in one vector of 512 bits.

#[allow(clippy::wildcard_imports, reason = "dozens of intrinsics, all with their own prefix")]
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

use crate::aep::simd::Kernel;
use crate::aep::simd::spots::Spots;
use crate::lanes::single::Octet;
use crate::lanes::{BELOW_256TH, EIGHT, Lanes, ROUND, reciprocal_from};

/// Runs a kernel compiled for these instructions.
///
/// # Safety
/// The processor must have AVX-512 F, DQ and VL, and FMA.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
pub(super) unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}

/// Eight numbers. Made only in code that [`run`] was asked to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(__m512d);

/// One bit for each lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask(__mmask8);

impl BitAnd for Mask {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Add for Avx512 {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_add_pd(self.0, other.0) })
    }
}

impl Sub for Avx512 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_sub_pd(self.0, other.0) })
    }
}

impl Mul for Avx512 {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_mul_pd(self.0, other.0) })
    }
}

impl Div for Avx512 {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_div_pd(self.0, other.0) })
    }
}

impl Lanes for Avx512 {
    const WIDTH: usize = EIGHT;
    type Mask = Mask;
    type Index = __m256i;
    type Spots<'t> = Spots<'t, 4>;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: this type is named only in code that `run` runs.
        Self(unsafe { _mm512_set1_pd(value) })
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..EIGHT];
        // SAFETY: eight numbers are there; this type is named only in code that `run` runs.
        Self(unsafe { _mm512_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..EIGHT];
        // SAFETY: there is room for eight numbers; a value of this type exists.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn store_where(self, mask: Mask, to: &mut [f64]) {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_maskz_compress_pd(mask.0, self.0) }).store(to);
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_fmadd_pd(self.0, factor.0, summand.0) })
    }

    #[inline(always)]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_fnmadd_pd(self.0, factor.0, summand.0) })
    }

    #[inline(always)]
    fn reciprocal(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        let (even, guess) = unsafe {
            let bits = _mm512_castpd_si512(self.0);
            let even = _mm512_castsi512_pd(_mm512_andnot_si512(_mm512_set1_epi64(1), bits));
            (Self(even), Self(_mm512_rcp14_pd(even)))
        };
        reciprocal_from(even, guess)
    }

    #[inline(always)]
    fn per_root_guess(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let root = _mm256_sqrt_ps(_mm512_cvtpd_ps(self.0));
            Self(_mm512_cvtps_pd(_mm256_div_ps(_mm256_set1_ps(1.0), root)))
        }
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_sqrt_pd(self.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_min_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_max_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_abs_pd(self.0) })
    }

    #[inline(always)]
    fn less(self, other: Self) -> Mask {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Mask(unsafe { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> Mask {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Mask(unsafe { _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0) })
    }

    #[inline(always)]
    fn select(mask: Mask, yes: Self, no: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_mask_blend_pd(mask.0, no.0, yes.0) })
    }

    #[inline(always)]
    fn select_or_nil(mask: Mask, yes: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_maskz_mov_pd(mask.0, yes.0) })
    }

    #[inline(always)]
    fn bits(mask: Mask) -> u32 {
        u32::from(mask.0)
    }

    #[inline(always)]
    fn index(self) -> __m256i {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe { _mm512_cvttpd_epi32(self.0) }
    }

    #[inline(always)]
    fn whole(self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(self.0) })
    }

    #[inline(always)]
    fn from_index(index: __m256i) -> Self {
        // SAFETY: this type is named only in code that `run` runs.
        Self(unsafe { _mm512_cvtepi32_pd(index) })
    }

    #[inline(always)]
    fn pairs(table: &[f64], index: __m256i) -> [Self; 2] {
        // SAFETY: every lane's two numbers are within the table; this type is named only in code that `run` runs.
        unsafe {
            let i = Spots::<2>::new::<1>(table, index).starts();
            let even = four_halves([i[0], i[2], i[4], i[6]]);
            let odd = four_halves([i[1], i[3], i[5], i[7]]);
            [Self(_mm512_unpacklo_pd(even, odd)), Self(_mm512_unpackhi_pd(even, odd))]
        }
    }

    #[inline(always)]
    fn quads(spots: &Spots<'_, 4>) -> [Self; 4] {
        let i = spots.starts();
        // SAFETY: every lane's four numbers are within the table; this type is named only in code that `run` runs.
        unsafe {
            let (z0, z1) = (two_quarters(i[0], i[4]), two_quarters(i[1], i[5]));
            let (z2, z3) = (two_quarters(i[2], i[6]), two_quarters(i[3], i[7]));
            let (low_a, high_a) = (_mm512_unpacklo_pd(z0, z1), _mm512_unpackhi_pd(z0, z1));
            let (low_b, high_b) = (_mm512_unpacklo_pd(z2, z3), _mm512_unpackhi_pd(z2, z3));
            let first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
            let second = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
            [
                Self(_mm512_permutex2var_pd(low_a, first, low_b)),
                Self(_mm512_permutex2var_pd(high_a, first, high_b)),
                Self(_mm512_permutex2var_pd(low_a, second, low_b)),
                Self(_mm512_permutex2var_pd(high_a, second, high_b)),
            ]
        }
    }

    #[inline(always)]
    fn spots<const STRIDE: usize>(table: &[f64], index: __m256i) -> Spots<'_, 4> {
        // SAFETY: this type is named only in code that `run` runs.
        unsafe { Spots::new::<STRIDE>(table, index) }
    }

    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let mantissa = _mm512_getmant_pd::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(self.0);
            (Self(mantissa), Self(_mm512_getexp_pd(self.0)))
        }
    }

    #[inline(always)]
    fn octaves(self, least: f64) -> (__m256i, Self) {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        unsafe {
            let bits = _mm512_castpd_si512(self.0);
            let start = _mm512_set1_epi64((least.to_bits() >> BELOW_256TH).cast_signed());
            let index = _mm512_sub_epi64(_mm512_srli_epi64::<BELOW_256TH>(bits), start);
            let low = _mm512_and_si512(bits, _mm512_set1_epi64((1 << BELOW_256TH) - 1));
            let rest = _mm512_or_si512(low, _mm512_castpd_si512(_mm512_set1_pd(1.0)));
            let rest = _mm512_sub_pd(_mm512_castsi512_pd(rest), _mm512_set1_pd(1.0));
            (_mm512_cvtepi64_epi32(index), Self(rest))
        }
    }

    #[inline(always)]
    fn times_power_of_two(self, counted: Self) -> Self {
        // SAFETY: a value of this type exists, so the processor has the instructions.
        Self(unsafe { _mm512_scalef_pd(self.0, (counted - Self::splat(ROUND)).0) })
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
        Mask(0xff)
    }
}

/// Two numbers from each of four places on.
///
/// # Safety
/// The numbers must be there, the processor must have AVX-512.
#[inline(always)]
unsafe fn four_halves([a, b, c, d]: [*const f64; 4]) -> __m512d {
    // SAFETY: the caller's promise.
    unsafe {
        let low = _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(_mm_loadu_pd(a)), _mm_loadu_pd(b));
        let high = _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(_mm_loadu_pd(c)), _mm_loadu_pd(d));
        _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(low), high)
    }
}

/// Four numbers from each of two places on.
///
/// # Safety
/// The numbers must be there, the processor must have AVX-512.
#[inline(always)]
unsafe fn two_quarters(low: *const f64, high: *const f64) -> __m512d {
    // SAFETY: the caller's promise.
    unsafe { _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(_mm256_loadu_pd(low)), _mm256_loadu_pd(high)) }
}
