//! WAsP turbines.

#![no_main]

use layoutopt::formats::wasp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = wasp::parse_turbine(text, "f.wtg", None);
});
