//! WAsP and Global Wind Atlas generalised wind climates.

#![no_main]

use layoutopt::formats::{WindOptions, wasp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for (height_m, roughness_m) in [(None, None), (Some(75.0), Some(0.015))] {
        let options = WindOptions { turbulence_intensity: Some(0.1), height_m, roughness_m, time_series: None };
        let _ = wasp::parse_atlas(text, "f.lib", &options);
    }
});
