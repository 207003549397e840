//! Places in a table, one for each of eight lanes, all within it.

use std::arch::x86_64::{__m256i, _mm256_min_epu32, _mm256_set1_epi32, _mm256_slli_epi32};
use std::marker::PhantomData;

use crate::lanes::EIGHT;

/// Where eight lanes read `COUNT` numbers of a table each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spots<'t, const COUNT: usize> {
    start: *const f64,
    /// Offsets from there.
    at: __m256i,
    table: PhantomData<&'t [f64]>,
}

impl<'t, const COUNT: usize> Spots<'t, COUNT> {
    /// Index times `STRIDE`, at most where `COUNT` more numbers are left.
    ///
    /// # Safety
    /// The processor must have AVX2.
    #[inline(always)]
    pub(super) unsafe fn new<const STRIDE: usize>(table: &'t [f64], index: __m256i) -> Self {
        let len = table.len();
        assert!(len >= COUNT && u32::try_from(len).is_ok(), "a table of {COUNT} numbers at least");
        #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "checked above")]
        let last = (len - COUNT) as u32 as i32;
        // SAFETY: the caller's promise.
        let at = unsafe {
            let scaled = match STRIDE {
                4 => _mm256_slli_epi32::<2>(index),
                2 => _mm256_slli_epi32::<1>(index),
                _ => index,
            };
            _mm256_min_epu32(scaled, _mm256_set1_epi32(last))
        };
        Self { start: table.as_ptr(), at, table: PhantomData }
    }

    /// The numbers of each lane begin here. They are read from memory, one by one: compilers take them out of the register instead, which costs
    /// twice as many operations and the units that compute.
    #[inline(always)]
    pub(super) fn starts(&self) -> [*const f64; EIGHT] {
        let offsets = (&raw const self.at).cast::<u32>();
        std::array::from_fn(|k| {
            // SAFETY: one of eight numbers of 32 bits that are alive; the offset is within the table.
            unsafe { self.start.add(offsets.add(k).read_volatile() as usize) }
        })
    }
}
