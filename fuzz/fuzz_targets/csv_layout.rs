//! CSV layouts.

#![no_main]

use layoutopt::formats::csv;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(table) = csv::parse_layout(text, "f.csv") else { return };
    let written = csv::write_layout(&table.layout, table.turbine_types.as_deref());
    assert_eq!(csv::parse_layout(&written, "g.csv").expect("what is written is read").layout, table.layout);
});
