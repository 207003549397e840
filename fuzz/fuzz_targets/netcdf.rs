//! NetCDF, read as windIO's `wind_resource`.

#![no_main]

use layoutopt::formats::windio::resource::wind_resource;
use layoutopt::formats::{Document, Faults, Field, WindOptions, netcdf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(root) = netcdf::parse(bytes) else { return };
    let document = Document { file: "f.nc".to_owned(), root };
    let faults = Faults::new();
    let _ = wind_resource(&Field::root(&document, &faults), &WindOptions::default());
});
