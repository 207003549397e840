//! Any YAML: parser, includes.

#![no_main]

use std::path::Path;

use layoutopt::formats::{Files, yaml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = yaml::parse(text, Path::new("f.yaml"), Files::BuiltIn(&[("a.yaml", "b: !include f.yaml")]));
});
