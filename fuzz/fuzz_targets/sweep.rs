//! Sweep files.

#![no_main]

use layoutopt::formats::Files;
use layoutopt::sweep::{Overrides, Sweep};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Sweep::from_toml(text, "f.toml", Files::BuiltIn(&[]), &Overrides::default());
});
