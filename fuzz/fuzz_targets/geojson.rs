//! GeoJSON farms and layouts; what is read must be written and read back the same.

#![no_main]

use layoutopt::farm::Layout;
use layoutopt::formats::geojson;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = geojson::parse_layout(text, "f.geojson");
    let Ok(site) = geojson::parse_farm(text, "f.geojson", "F") else { return };
    let written = geojson::write_plant(&site.farm, &[], &Layout::default(), &[]);
    let again = geojson::parse_farm(&written, "g.geojson", "F").expect("what is written is read");
    assert_eq!(again.farm.exclusions, site.farm.exclusions);
});
