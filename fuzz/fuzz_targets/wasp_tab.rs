//! WAsP observed wind climates.

#![no_main]

use layoutopt::formats::{WindOptions, wasp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let options = WindOptions { turbulence_intensity: Some(0.1), ..WindOptions::default() };
    let _ = wasp::parse_tab(text, "f.tab", &options);
});
