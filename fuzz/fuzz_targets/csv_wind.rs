//! CSV winds: tables and time series.

#![no_main]

use layoutopt::formats::{TimeSeries, WindOptions, csv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for time_series in [None, Some(TimeSeries::Binned)] {
        let options = WindOptions { turbulence_intensity: Some(0.1), time_series, ..WindOptions::default() };
        let _ = csv::parse_wind(text, "f.csv", &options);
    }
});
