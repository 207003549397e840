//! NetCDF-4: bytes as a file, read as windIO's `wind_resource`.

#![no_main]

use std::path::PathBuf;

use layoutopt::formats::windio::resource::wind_resource;
use layoutopt::formats::{Document, Faults, Field, WindOptions, netcdf};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = PathBuf::from(if cfg!(target_os = "linux") { "/dev/shm" } else { "/tmp" });
    let path = folder.join(format!("layoutopt-fuzz-{}.nc", std::process::id()));
    std::fs::write(&path, bytes).expect("the file can be written");
    if let Ok(root) = netcdf::read(&path) {
        let document = Document { file: "f.nc".to_owned(), root };
        let faults = Faults::new();
        let _ = wind_resource(&Field::root(&document, &faults), &WindOptions::default());
    }
});
