//! Arithmetic on several numbers at once, written once for one number and for eight.
//!
//! A formula that is generic over [`Lanes`] gives the same bits in every lane whatever the lanes are: `f64` (one lane), [`Eight`] (plain
//! code), or a processor's vectors (`aep/simd`). Every operation is one that IEEE 754 rounds correctly, and nothing is reordered; a product
//! is fused with a sum where a formula says so ([`Lanes::mul_add`]) and nowhere else.

mod dual;
mod eight;
mod functions;
mod one;
mod real;
pub mod single;
mod taped;

use std::fmt::Debug;
use std::ops::{Add, BitAnd, Div, Mul, Sub};

pub use dual::Dual;
pub use eight::Eight;
pub use functions::{PowersOfTwo, acos, ln_ratio, reciprocal_from};
pub use real::Real;
pub use taped::{Tape, Taped};

/// Lanes of a vector of eight.
pub const EIGHT: usize = 8;

/// Eight numbers of a list, where a cache line begins.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Block(pub [f64; EIGHT]);

/// One number or several, on which each operation works lane by lane.
pub trait Lanes:
    Copy + Debug + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// Number of lanes.
    const WIDTH: usize;
    /// Yes or no for each lane.
    type Mask: Copy + BitAnd<Output = Self::Mask>;
    /// A whole number for each lane.
    type Index: Copy;
    /// Where in a table each lane reads.
    type Spots<'t>: Copy + Debug;

    /// The same number in every lane.
    fn splat(value: f64) -> Self;
    /// The first `WIDTH` numbers of a slice, which must have as many.
    fn load(from: &[f64]) -> Self;
    /// The same number in every lane, from eight of it. Operations take what is in memory from there; a constant of the program would first be
    /// loaded for each of them, and lies in a register that computations wait for.
    #[inline(always)]
    fn load_equal(from: &Block) -> Self {
        Self::load(&from.0)
    }
    /// Writes the lanes to the start of a slice, which must have room.
    fn store(self, to: &mut [f64]);
    /// Writes the lanes at which the mask is set, one after the other, to the start of a slice, which must have room for all; what it holds
    /// after them is anything.
    fn store_where(self, mask: Self::Mask, to: &mut [f64]);
    /// self times `factor` plus `summand`, rounded once.
    #[must_use]
    fn mul_add(self, factor: Self, summand: Self) -> Self;
    /// `summand` less self times `factor`, rounded once.
    #[must_use]
    fn mul_neg_add(self, factor: Self, summand: Self) -> Self;
    /// One over a number of 2^-1000 ..= 2^1000 whose last bit is taken as nil, rounded correctly. By the divider where that is faster, else by
    /// [`reciprocal_from`].
    #[must_use]
    fn reciprocal(self) -> Self;
    /// One over the root of a number of 1e-37 ..= 1e38, within 2^-22 of it: computed in single precision, each step rounded correctly.
    #[must_use]
    fn per_root_guess(self) -> Self;
    /// Square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// The lesser number; `other` where they are equal or one is NaN.
    #[must_use]
    fn min(self, other: Self) -> Self;
    /// The greater number; `other` where they are equal or one is NaN.
    #[must_use]
    fn max(self, other: Self) -> Self;
    /// Absolute value.
    #[must_use]
    fn abs(self) -> Self;
    /// self < other.
    fn less(self, other: Self) -> Self::Mask;
    /// self <= other.
    fn at_most(self, other: Self) -> Self::Mask;
    /// `yes` where the mask is set, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// `yes` where the mask is set, else nil.
    fn select_or_nil(mask: Self::Mask, yes: Self) -> Self;
    /// The mask as bits, lane 0 lowest.
    fn bits(mask: Self::Mask) -> u32;
    /// The whole part as an index; numbers must be in 0 .. 2^31.
    fn index(self) -> Self::Index;
    /// The whole part; numbers must be in 0 .. 2^31.
    #[inline(always)]
    #[must_use]
    fn whole(self) -> Self {
        Self::from_index(self.index())
    }
    /// A whole number as a float.
    fn from_index(index: Self::Index) -> Self;
    /// `table[i]` and `table[i + 1]`, i the index, held within the table, which must have at least 2 numbers.
    fn pairs(table: &[f64], index: Self::Index) -> [Self; 2];
    /// Four numbers of a table, see [`Lanes::spots`].
    fn quads(spots: &Self::Spots<'_>) -> [Self; 4];
    /// For four numbers of a table from `STRIDE` times the index on, held within the table, which must have at least 4 numbers. `STRIDE` is
    /// 1, 2 or 4.
    fn spots<const STRIDE: usize>(table: &[f64], index: Self::Index) -> Self::Spots<'_>;
    /// Mantissa in 1 .. 2 and exponent of a positive normal number.
    fn split(self) -> (Self, Self);
    /// For positive normal numbers not below `least`, a power of two: the number of 256ths of octaves above it, and what the mantissa has
    /// beyond the 256th, in 0 .. 1/256.
    fn octaves(self, least: f64) -> (Self::Index, Self);
    /// A positive normal number times 2 to the power of a whole number, if that is such a number too. The whole number has [`ROUND`] added.
    #[must_use]
    fn times_power_of_two(self, counted: Self) -> Self;

    /// One over the root of a number of 1e-37 ..= 1e38, within two units in the last place.
    #[inline(always)]
    #[must_use]
    fn per_root(self) -> Self {
        let (one, half, three_eighths) = (Self::splat(1.0), Self::splat(0.5), Self::splat(0.375));
        // y (1 + e/2 + 3/8 e^2) with e = 1 - x y^2 is off by 5/16 e^3: below 2^-60.
        let guess = self.per_root_guess();
        let error = (self * guess).mul_neg_add(guess, one);
        (error * three_eighths.mul_add(error, half)).mul_add(guess, guess)
    }

    /// Which of eight numbers in single precision are less than those of another eight: as bits, the first number lowest.
    #[inline]
    fn less_singles(a: &single::Octet, b: &single::Octet) -> u32 {
        (0..EIGHT).fold(0, |bits, k| bits | u32::from(a.0[k] < b.0[k]) << k)
    }

    /// The mask that is set in every lane; known to the compiler.
    fn everywhere() -> Self::Mask;

    /// The bits of a mask that is set in every lane.
    #[must_use]
    fn all() -> u32 {
        (1 << Self::WIDTH) - 1
    }
}

/// Adding this to a number below 2^51 and taking it away rounds to a whole number, which stands in the sum's lowest bits: 1.5 times 2^52.
pub const ROUND: f64 = 6_755_399_441_055_744.0;
/// Bits of a number that come after its exponent and the first eight of its mantissa.
pub const BELOW_256TH: u32 = 44;

/// Whether any lane of one differs from the other's.
#[inline(always)]
pub fn differ<V: Lanes>(a: V, b: V) -> bool {
    V::bits(a.less(b)) | V::bits(b.less(a)) != 0
}

/// The number of blocks of eight that hold `n` numbers.
pub fn blocks(n: usize) -> usize {
    n.div_ceil(EIGHT)
}

/// The sum of numbers in eight partial sums, by index modulo eight.
pub fn sum_in_eights(values: &[f64]) -> f64 {
    let mut partial = [0.0; EIGHT];
    for block in values.chunks(EIGHT) {
        for (sum, value) in partial.iter_mut().zip(block) {
            *sum += value;
        }
    }
    sum_of_eight(partial)
}

/// The sum of eight partial sums, in the one order that everybody uses.
pub fn sum_of_eight(partial: [f64; EIGHT]) -> f64 {
    let [a, b, c, d, e, f, g, h] = partial;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
