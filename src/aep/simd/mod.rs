//! Which instructions the engine uses: chosen once, when the program starts; all give the same bits.
//!
//! This folder and `store/image.rs` are the only places with `unsafe` code.

#![allow(unsafe_code, reason = "vector instructions")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod spots;

use std::fmt;
use std::str::FromStr;

use crate::lanes::{Eight, Lanes};

/// Code that runs with whatever lanes it is given. All that is called on them must be inlined into `run`, or it is slow.
pub trait Kernel {
    /// What comes out.
    type Output;

    /// Runs with lanes of this type, of which there are eight.
    fn run<V: Lanes>(self) -> Self::Output;
}

/// A set of instructions that this processor has: every value of this type was found to be usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simd(Instructions);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Simd {
    /// The best that this processor has.
    pub fn detect() -> Self {
        Self::usable().pop().unwrap_or(Self(Instructions::Scalar))
    }

    /// All that this processor has, the best last.
    pub fn usable() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "nothing else there"))]
        let mut usable = vec![Self(Instructions::Scalar)];
        #[cfg(target_arch = "x86_64")]
        {
            let common = is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt")
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma");
            if common {
                usable.push(Self(Instructions::Avx2));
            }
            if common
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                usable.push(Self(Instructions::Avx512));
            }
        }
        usable
    }

    /// The name users write.
    pub fn name(self) -> &'static str {
        match self.0 {
            Instructions::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "avx512",
        }
    }

    /// Runs a kernel with these instructions.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Instructions::Scalar => kernel.run::<Eight>(),
            // SAFETY: `usable` has found the instructions, and makes the only values of this type.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2::run(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512::run(kernel) },
        }
    }
}

impl fmt::Display for Simd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Simd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usable = Self::usable();
        usable.iter().copied().find(|simd| simd.name() == text).ok_or_else(|| {
            let names: Vec<_> = usable.iter().map(|simd| simd.name()).collect();
            format!("`{text}` is not a set of instructions of this processor; choose one of: {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests;
