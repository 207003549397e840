//! IEA Task 37 files of every kind.

#![no_main]

use std::path::Path;

use layoutopt::formats::{Faults, Field, Files, WindOptions, iea37, yaml};

const TURBINE: &str = include_str!("../../tests/iea37/turbine-10mw.yaml");
const ROSE: &str = include_str!("../../tests/iea37/windrose-cs1.yaml");
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(document) = yaml::parse(text, Path::new("f.yaml"), Files::BuiltIn(&[])) else { return };
    let faults = Faults::new();
    let root = Field::root(&document, &faults);
    let _ = iea37::system(&root, Files::BuiltIn(&[("t.yaml", TURBINE), ("w.yaml", ROSE)]), &WindOptions::default());
    let _ = (iea37::turbine(&root), iea37::boundary(&root), iea37::wind(&root, &WindOptions::default()));
});
