//! The physics of one wake on one rotor: one published model per file.

pub mod nygaard_2022;
pub mod overlap;
pub mod single_wake;
mod spline;

pub use nygaard_2022::Nygaard2022;
pub use overlap::Overlap;
pub use single_wake::{Inflow, Offset, Rotor, SingleWake};

use std::fmt;
use std::str::FromStr;

/// The wake models, by their published name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WakeModel {
    /// TurbOPark with a Gaussian profile (Nygaard et al. 2022).
    #[default]
    Nygaard2022,
}

impl WakeModel {
    /// Every model.
    pub const ALL: [Self; 1] = [Self::Nygaard2022];

    /// The name users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nygaard2022 => "nygaard-2022",
        }
    }
}

/// A model with its tables, ready for rotors of given diameters. Match on it once, above every loop.
#[derive(Debug, Clone)]
pub enum BuiltWake {
    /// See [`WakeModel::Nygaard2022`].
    Nygaard2022(Nygaard2022),
}

impl WakeModel {
    /// The model for rotors of these diameters, m.
    pub fn build(self, diameters_m: impl IntoIterator<Item = f64> + Clone) -> BuiltWake {
        match self {
            Self::Nygaard2022 => BuiltWake::Nygaard2022(Nygaard2022::new(diameters_m)),
        }
    }
}

impl fmt::Display for WakeModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for WakeModel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|model| model.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|model| model.name()).collect();
            format!("`{text}` is not a wake model; choose one of: {}", names.join(", "))
        })
    }
}
