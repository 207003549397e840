//! The physics of wakes: one published model per file, the parts they are made of, and the list of models, here once.

mod area_overlap;
pub mod bastankhah_2014;
pub mod blondel_2020;
pub mod carbajo_fuertes_2018;
pub mod choice;
pub mod composed;
pub mod composed_lanes;
pub mod deficit;
pub mod gaussian_width;
pub mod iea37;
pub mod induction;
pub mod jensen_1983;
pub mod lane_wake;
pub mod niayifar_2016;
pub mod nygaard_2022;
pub mod overlap;
pub mod real_wake;
pub mod single_wake;
pub mod sketch;
pub mod spec;
mod spline;
pub mod superposition;
pub mod turbopark;
pub mod turbopark_table;
pub mod turbulence;
pub mod weighted;
pub mod zong_2020;

pub use choice::WakeChoice;
pub use composed::Composed;
pub use induction::Induction;
pub use lane_wake::{
    LaneWake, PLACE_NUMBERS, Place, SOURCE_NUMBERS, WAKE_NUMBERS, load_place_numbers, load_source, load_wake,
    store_place_numbers, store_source, store_wake,
};
pub use nygaard_2022::{InAir, Nygaard2022};
pub use overlap::Overlap;
pub use real_wake::RealWake;
pub use single_wake::{Inflow, Offset, Rotor, SingleWake};
pub use sketch::{Directions, SketchSource, WakeSketch};
pub use spec::WakeSpec;
pub use superposition::Superposition;
pub use weighted::Weighted;

use std::fmt;
use std::str::FromStr;

use spec::DeficitSum;

/// The published wake models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WakeModel {
    /// TurbOPark with a Gaussian profile (Nygaard et al. 2022).
    #[default]
    Nygaard2022,
    /// Top-hat (Jensen 1983).
    Jensen1983,
    /// Gaussian (Bastankhah and Porte-Agel 2014).
    Bastankhah2014,
    /// Simplified Gaussian of IEA Wind Task 37.
    Iea37,
    /// Gaussian, growing with turbulence (Niayifar and Porte-Agel 2016).
    Niayifar2016,
    /// Gaussian from lidar (Carbajo Fuertes et al. 2018).
    CarbajoFuertes2018,
    /// Gaussian with a near wake and momentum-conserving superposition (Zong and Porte-Agel 2020).
    Zong2020,
    /// Super-Gaussian (Blondel and Cathelain 2020).
    Blondel2020,
}

/// A model with its tables, ready for rotors of given diameters. Match on it once, above every loop.
#[derive(Debug, Clone)]
pub enum BuiltWake {
    /// See [`WakeModel::Nygaard2022`].
    Nygaard2022(Nygaard2022),
    /// Any composition whose superposition takes each flow case for itself.
    Composed(Composed),
    /// A composition with momentum-conserving superposition.
    Weighted(Weighted),
}

impl WakeModel {
    /// Every model.
    pub const ALL: [Self; 8] = [
        Self::Nygaard2022,
        Self::Jensen1983,
        Self::Bastankhah2014,
        Self::Iea37,
        Self::Niayifar2016,
        Self::CarbajoFuertes2018,
        Self::Zong2020,
        Self::Blondel2020,
    ];

    /// The name users write.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nygaard2022 => "nygaard-2022",
            Self::Jensen1983 => "jensen-1983",
            Self::Bastankhah2014 => "bastankhah-2014",
            Self::Iea37 => "iea37",
            Self::Niayifar2016 => "niayifar-2016",
            Self::CarbajoFuertes2018 => "carbajo-fuertes-2018",
            Self::Zong2020 => "zong-2020",
            Self::Blondel2020 => "blondel-2020",
        }
    }

    /// What the model is made of.
    pub fn spec(self) -> WakeSpec {
        match self {
            Self::Nygaard2022 => nygaard_2022::spec(),
            Self::Jensen1983 => jensen_1983::spec(),
            Self::Bastankhah2014 => bastankhah_2014::spec(),
            Self::Iea37 => iea37::spec(),
            Self::Niayifar2016 => niayifar_2016::spec(),
            Self::CarbajoFuertes2018 => carbajo_fuertes_2018::spec(),
            Self::Zong2020 => zong_2020::spec(),
            Self::Blondel2020 => blondel_2020::spec(),
        }
    }

    /// The model for rotors of these diameters, m.
    pub fn build(self, diameters_m: impl IntoIterator<Item = f64> + Clone) -> BuiltWake {
        match self {
            // The default has a path of its own, for speed; a test compares it with its parts put together.
            Self::Nygaard2022 => BuiltWake::Nygaard2022(Nygaard2022::new(diameters_m)),
            _ => self.spec().build(diameters_m),
        }
    }
}

impl WakeSpec {
    /// The composition for rotors of these diameters, m.
    pub fn build(self, diameters_m: impl IntoIterator<Item = f64> + Clone) -> BuiltWake {
        match self.superposition {
            DeficitSum::Plain(_) => BuiltWake::Composed(Composed::new(self, diameters_m)),
            DeficitSum::Weighted => BuiltWake::Weighted(Weighted::new(self, diameters_m)),
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
