//! Farm boundaries as GeoJSON (RFC 7946): Polygon, MultiPolygon, alone or in features. Holes become exclusions.
//!
//! Coordinates are taken as metres. RFC 7946 says degrees, but farms are laid out in metres, and most tools write projected coordinates
//! as readily; what looks like degrees is refused with the remedy.

use serde_json::Value;

use crate::error::{Problem, Result};
use crate::farm::{Boundary, Farm, Polygon};
use crate::formats::Faults;

/// The farm inside the boundaries that a GeoJSON text describes; `place` names the file in messages.
///
/// # Errors
/// Every part that is not an area; degrees instead of metres.
pub fn parse_farm(text: &str, place: &str, name: &str) -> Result<Farm> {
    let faults = Faults::new();
    let json: Value =
        serde_json::from_str(text).map_err(|error| Problem::new(place, format!("is not JSON: {error}")))?;
    let mut areas = Areas { place, faults: &faults, outer: Vec::new(), holes: Vec::new() };
    if areas.refuse_geographic_crs(&json) {
        areas.object(&json, "");
    }
    let (outer, exclusions) = (areas.outer, areas.holes);
    let farm = Farm { name: name.to_owned(), boundary: Boundary::Polygons(outer), exclusions };
    if faults.is_empty() {
        if looks_like_degrees(&farm) && json.get("crs").is_none() {
            faults.add(Problem::new(place, DEGREES));
        }
        let _ = farm.check().map_err(|_| faults.add(Problem::new(place, "holds no polygon, needs at least 1")));
    }
    faults.into_result(place, Some(farm))
}

const DEGREES: &str = "coordinates look like longitudes and latitudes, must be metres; \
                       project them first, for instance to the site's UTM zone: ogr2ogr -t_srs EPSG:25832 utm.geojson this.geojson";

/// Whether every vertex could be a longitude and latitude.
fn looks_like_degrees(farm: &Farm) -> bool {
    let bounds = farm.bounding_box();
    bounds.x_min_m >= -180.0 && bounds.x_max_m <= 180.0 && bounds.y_min_m >= -90.0 && bounds.y_max_m <= 90.0
}

/// The areas found so far.
struct Areas<'a> {
    place: &'a str,
    faults: &'a Faults,
    outer: Vec<Polygon>,
    holes: Vec<Polygon>,
}

impl Areas<'_> {
    fn fault(&self, path: &str, fault: impl Into<String>) {
        let place = if path.is_empty() { self.place.to_owned() } else { format!("{}: {path}", self.place) };
        self.faults.add(Problem::new(place, fault));
    }

    /// The `crs` member of older GeoJSON: whether what it names is not plainly degrees.
    fn refuse_geographic_crs(&self, json: &Value) -> bool {
        let name = json.pointer("/crs/properties/name").and_then(Value::as_str).unwrap_or_default();
        let geographic =
            ["CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4258", "EPSG:4258"].iter().any(|mark| name.ends_with(mark));
        if geographic {
            self.fault("crs", format!("{name}: {DEGREES}"));
        }
        !geographic
    }

    fn object(&mut self, json: &Value, path: &str) {
        let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match json.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                for (i, feature) in self.list(json.get("features"), &inner("features")).iter().enumerate() {
                    self.object(feature, &format!("{}[{i}]", inner("features")));
                }
            }
            Some("Feature") => match json.get("geometry") {
                Some(geometry) if !geometry.is_null() => self.object(geometry, &inner("geometry")),
                _ => self.fault(&inner("geometry"), "is missing"),
            },
            Some("GeometryCollection") => {
                for (i, geometry) in self.list(json.get("geometries"), &inner("geometries")).iter().enumerate() {
                    self.object(geometry, &format!("{}[{i}]", inner("geometries")));
                }
            }
            Some("Polygon") => self.polygon(json.get("coordinates"), &inner("coordinates")),
            Some("MultiPolygon") => {
                for (i, rings) in self.list(json.get("coordinates"), &inner("coordinates")).iter().enumerate() {
                    self.polygon(Some(rings), &format!("{}[{i}]", inner("coordinates")));
                }
            }
            Some(other) => {
                self.fault(path, format!("a {other} is not an area; a boundary is a Polygon or MultiPolygon"));
            }
            None => self
                .fault(path, "is not GeoJSON: no `type`; expected Polygon, MultiPolygon, Feature or FeatureCollection"),
        }
    }

    fn list<'v>(&self, json: Option<&'v Value>, path: &str) -> &'v [Value] {
        if let Some(Value::Array(items)) = json {
            return items;
        }
        self.fault(path, "expected a list");
        &[]
    }

    /// One outer ring, then holes.
    fn polygon(&mut self, rings: Option<&Value>, path: &str) {
        let rings = self.list(rings, path);
        if rings.is_empty() {
            self.fault(path, "has no ring, needs at least 1");
        }
        for (i, ring) in rings.iter().enumerate() {
            let path = format!("{path}[{i}]");
            let points = self.list(Some(ring), &path);
            let vertices: Vec<_> = points.iter().filter_map(point).collect();
            if vertices.len() != points.len() {
                self.fault(&path, "every position must be a list of two or three numbers");
                continue;
            }
            match Polygon::new(vertices) {
                Ok(polygon) if i == 0 => self.outer.push(polygon),
                Ok(polygon) => self.holes.push(polygon),
                Err(problem) => self.fault(&path, problem.fault),
            }
        }
    }
}

fn point(json: &Value) -> Option<(f64, f64)> {
    let position = json.as_array()?;
    match &position[..] {
        [x, y] | [x, y, _] => Some((x.as_f64()?, y.as_f64()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RING: &str = "[[0, 0], [1000, 0], [1000, 1000], [0, 1000], [0, 0]]";
    const HOLE: &str = "[[200, 200, 1], [400, 200, 1], [400, 400, 1], [200, 200, 1]]";

    #[test]
    fn polygons_alone_and_in_features() {
        let polygon = format!(r#"{{"type": "Polygon", "coordinates": [{RING}, {HOLE}]}}"#);
        let farm = parse_farm(&polygon, "b.geojson", "B").unwrap();
        assert!(farm.allows(100.0, 100.0) && !farm.allows(350.0, 250.0));
        let feature = format!(r#"{{"type": "Feature", "properties": null, "geometry": {polygon}}}"#);
        assert_eq!(parse_farm(&feature, "b.geojson", "B").unwrap(), farm);
        let far = RING.replace("1000", "9000").replace('0', "70");
        let multi = format!(r#"{{"type": "MultiPolygon", "coordinates": [[{RING}], [{far}]]}}"#);
        let both = format!(
            r#"{{"type": "FeatureCollection", "features": [{feature}, {{"type": "Feature", "geometry": {multi}}}]}}"#
        );
        let farm = parse_farm(&both, "b.geojson", "B").unwrap();
        assert!(matches!(farm.boundary, Boundary::Polygons(polygons) if polygons.len() == 3));
    }

    #[test]
    fn degrees_are_refused_with_the_remedy() {
        let degrees = r#"{"type": "Polygon", "coordinates": [[[6.1, 56.1], [6.5, 56.1], [6.4, 56.4], [6.1, 56.1]]]}"#;
        let message = parse_farm(degrees, "b.geojson", "B").unwrap_err().to_string();
        assert!(message.contains("UTM"), "{message}");
        let crs = degrees
            .replace("{\"type\"", r#"{"crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "type""#);
        assert!(parse_farm(&crs, "b.geojson", "B").unwrap_err().to_string().contains("UTM"));
        let local = crs.replace("OGC:1.3:CRS84", "EPSG::25832");
        assert!(parse_farm(&local, "b.geojson", "B").is_ok());
    }

    #[test]
    fn what_is_no_area_is_named() {
        for (text, expected) in [
            ("{", "b.geojson: is not JSON: EOF"),
            ("[]", "b.geojson: is not GeoJSON"),
            (r#"{"type": "FeatureCollection", "features": []}"#, "holds no polygon"),
            (
                r#"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}"#,
                "geometry: a Point is not an area",
            ),
            (r#"{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}"#, "b.geojson: coordinates[0]: 2 vertices"),
            (r#"{"type": "Polygon", "coordinates": [[[0, 0], [900, 900], [900, 0], [0, 900]]]}"#, "simple polygon"),
            (r#"{"type": "Polygon", "coordinates": [[[0, "a"], [1, 1]]]}"#, "two or three numbers"),
            (r#"{"type": "Polygon", "coordinates": []}"#, "no ring"),
            (r#"{"type": "Polygon"}"#, "coordinates: expected a list"),
        ] {
            let message = parse_farm(text, "b.geojson", "B").unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_on_a_damaged_file(cut in 0usize..200, at in 0usize..200, byte in 32u8..127) {
            let text = format!(r#"{{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{RING}, {HOLE}]}}}}"#);
            let _ = parse_farm(&text[..cut.min(text.len())], "b.geojson", "B");
            let mut bytes = text.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = parse_farm(&String::from_utf8(bytes).unwrap(), "b.geojson", "B");
        }
    }
}
