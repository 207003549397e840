//! The field's files: read, written, read again.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

mod iea37;
mod round_trip;
mod windio;

use std::path::{Path, PathBuf};

use layoutopt::aep::{Plant, evaluate};
use layoutopt::farm::SectorInterpolation;
use layoutopt::formats::windio::{System, read_system};
use layoutopt::formats::{Files, WindOptions};
use layoutopt::sweep::{default_directions_deg, default_speeds_m_s};
use layoutopt::wake::Nygaard2022;

/// A file of the tests.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// A plant, with a turbulence intensity for files that leave it out.
fn read(path: &Path) -> System {
    read_system(path, Files::Disk, &WindOptions::default()).unwrap()
}

/// The AEP of a plant, GWh.
fn aep_gwh(system: &System) -> f64 {
    let flow =
        system.climate.flow_cases(&default_directions_deg(), &default_speeds_m_s(), SectorInterpolation::Nearest);
    let plant = Plant::new(&system.layout, &system.turbines, &system.turbine_types);
    let diameters = system.turbine_types.iter().map(|&t| system.turbines[t].rotor_diameter_m);
    evaluate(&Nygaard2022::new(diameters), &plant, &flow).aep_gwh()
}
