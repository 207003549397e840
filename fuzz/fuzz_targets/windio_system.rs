//! WindIO wind_energy_system; what is read must be written and read back the same.

#![no_main]

use std::path::Path;

use layoutopt::formats::windio::{self, write_system};
use layoutopt::formats::{Faults, Field, Files, WindOptions, yaml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let files = Files::BuiltIn(&[]);
    let Ok(document) = yaml::parse(text, Path::new("f.yaml"), files) else { return };
    let faults = Faults::new();
    let Some(system) = windio::system(&Field::root(&document, &faults), &WindOptions::default()) else { return };
    if !faults.is_empty() {
        return;
    }
    let written = write_system(&system);
    let document = yaml::parse(&written, Path::new("g.yaml"), files).expect("what is written is YAML");
    let faults = Faults::new();
    let again = windio::system(&Field::root(&document, &faults), &WindOptions::default());
    let again = again.expect("what is written is read");
    assert_eq!(again.layout, system.layout);
    assert_eq!(again.turbines, system.turbines);
});
