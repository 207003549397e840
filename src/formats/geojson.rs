//! GeoJSON (RFC 7946): farms as Polygon and MultiPolygon, layouts as Point and MultiPoint, alone or in features.
//!
//! | in the file                                              | read as                                               |
//! |----------------------------------------------------------|-------------------------------------------------------|
//! | outer ring of a polygon                                  | area in which turbines may stand                      |
//! | hole, or a feature with the property `role: exclusion`   | exclusion                                             |
//! | a polygon feature with the properties `center`, `radius` | a circle, which the polygon only draws                |
//! | a line with `role: exclusion` and `buffer_m`             | exclusion of all that is no further from it, m        |
//! | points                                                   | turbines, of the type in the property `turbine_type`  |
//!
//! RFC 7946 says longitude and latitude on WGS84: they are projected to UTM, and a note states the zone. The `crs` member of the older
//! GeoJSON (2008), which most tools still write, may name another system; if it names one in metres, or is null, or the coordinates
//! cannot be degrees, they are taken as metres.

mod corridor;
mod shapes;
mod write;

use serde_json::Value;

use crate::error::{Problem, Result};
use crate::farm::{Boundary, Circle, Farm, Layout, Polygon, Zone};
use crate::formats::projection::{Projector, is_geographic};
use crate::formats::{Faults, LayoutTable};
use corridor::corridor;
use shapes::{Role, Shape, Shapes};

pub use write::write_plant;

/// A farm and what a user should know about how it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The farm.
    pub farm: Farm,
    /// The UTM zone, if coordinates were projected.
    pub notes: Vec<Problem>,
}

/// The farm inside the boundaries that a GeoJSON text describes; `place` names the file in messages.
///
/// # Errors
/// Every part that is not an area; what is not on the globe.
pub fn parse_farm(text: &str, place: &str, name: &str) -> Result<Site> {
    let faults = Faults::new();
    let json = parse_json(text, place)?;
    let shapes = Shapes::of(&json, place, &faults);
    let mut coordinates = Coordinates::of(&json, &shapes);
    let site = farm(&shapes, &mut coordinates, name, &faults);
    if site.is_none() && faults.is_empty() {
        faults.add(match shapes.points.first() {
            Some(point) => {
                shapes.problem(&point.path, "a Point is not an area; a boundary is a Polygon or MultiPolygon")
            }
            None => Problem::new(place, "holds no polygon, needs at least 1"),
        });
    }
    let notes = coordinates.notes(place);
    faults.into_result(place, site).map(|farm| Site { farm, notes })
}

/// The turbines that a GeoJSON text shows as points; `place` names the file in messages.
///
/// # Errors
/// No points; what is not on the globe.
pub fn parse_layout(text: &str, place: &str) -> Result<LayoutTable> {
    let faults = Faults::new();
    let json = parse_json(text, place)?;
    let shapes = Shapes::of(&json, place, &faults);
    let mut coordinates = Coordinates::of(&json, &shapes);
    let at: Vec<_> = shapes.points.iter().map(|point| point.at).collect();
    let points = coordinates.metres(&at).map_err(|fault| faults.add(Problem::new(place, fault))).unwrap_or_default();
    if points.is_empty() && faults.is_empty() {
        faults.add(Problem::new(place, "holds no point, needs one for each turbine"));
    }
    let types: Option<Vec<usize>> = shapes.points.iter().map(|point| point.turbine_type).collect();
    let (x_m, y_m) = points.into_iter().unzip();
    let notes = coordinates.notes(place);
    faults.into_result(place, Some(LayoutTable { layout: Layout { x_m, y_m }, turbine_types: types, notes }))
}

fn parse_json(text: &str, place: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Problem::new(place, format!("is not JSON: {error}")).into())
}

/// What the numbers of a file mean.
struct Coordinates {
    projector: Projector,
    degrees: bool,
    crs: Option<String>,
}

impl Coordinates {
    fn of(json: &Value, shapes: &Shapes) -> Self {
        let name = json.pointer("/crs/properties/name").and_then(Value::as_str);
        let degrees = match name {
            Some(name) => is_geographic(name),
            // `"crs": null` says that there is none.
            None => json.get("crs").is_none() && shapes.look_like_degrees(),
        };
        let crs = name.filter(|_| !degrees).map(|name| match name.rsplit_once("EPSG::") {
            Some((_, code)) => format!("EPSG:{code}"),
            None => name.to_owned(),
        });
        Self { projector: Projector::default(), degrees, crs }
    }

    fn metres(&mut self, points: &[(f64, f64)]) -> std::result::Result<Vec<(f64, f64)>, String> {
        if !self.degrees {
            return Ok(points.to_vec());
        }
        let projected = self.projector.project(points);
        self.crs = self.projector.zone().map(crate::formats::projection::UtmZone::crs);
        projected
    }

    fn notes(&self, place: &str) -> Vec<Problem> {
        let zone = self.projector.zone();
        zone.map(|zone| Problem::new(place, format!("longitudes and latitudes are projected to {zone}, m")))
            .into_iter()
            .collect()
    }
}

fn farm(shapes: &Shapes, coordinates: &mut Coordinates, name: &str, faults: &Faults) -> Option<Farm> {
    let (mut outer, mut discs, mut exclusions) = (Vec::new(), Vec::new(), Vec::new());
    for shape in &shapes.areas {
        match (zone(shape, shapes, coordinates, faults)?, shape.role) {
            (zone, Role::Exclusion) => exclusions.push(zone),
            (Zone::Polygon(polygon), Role::Boundary) => outer.push(polygon),
            (Zone::Circle(circle), Role::Boundary) => discs.push(circle),
        }
    }
    for line in &shapes.lines {
        let refused = |fault: String| faults.add(shapes.problem(&line.path, &fault));
        let points_m = coordinates.metres(&line.points).map_err(refused).ok()?;
        exclusions.extend(corridor(&points_m, line.buffer_m).map_err(|problem| refused(problem.fault)).ok()?);
    }
    let boundary = match (&discs[..], outer.is_empty()) {
        ([], false) => Boundary::Polygons(outer),
        ([Circle { center_m, radius_m }], true) => Boundary::Circle { center_m: *center_m, radius_m: *radius_m },
        ([], true) => return None,
        _ => {
            faults.add(
                shapes.problem("", "has several boundaries of which one is a circle; keep the circle or the polygons"),
            );
            return None;
        }
    };
    Some(Farm { name: name.to_owned(), boundary, exclusions, crs: coordinates.crs.clone() })
}

fn zone(shape: &Shape, shapes: &Shapes, coordinates: &mut Coordinates, faults: &Faults) -> Option<Zone> {
    let refused = |fault: String| faults.add(shapes.problem(&shape.path, &fault));
    if let Some((center, radius_m)) = shape.circle {
        let center_m = coordinates.metres(&[center]).map_err(refused).ok()?[0];
        let circle = Circle { center_m, radius_m };
        circle.check().map_err(|problem| refused(problem.fault)).ok()?;
        return Some(Zone::Circle(circle));
    }
    let ring = coordinates.metres(&shape.ring).map_err(refused).ok()?;
    Polygon::new(ring).map(Zone::Polygon).map_err(|problem| refused(problem.fault)).ok()
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
        let farm = parse_farm(&polygon, "b.geojson", "B").unwrap().farm;
        assert!(farm.allows(100.0, 100.0) && !farm.allows(350.0, 250.0));
        let feature = format!(r#"{{"type": "Feature", "properties": null, "geometry": {polygon}}}"#);
        assert_eq!(parse_farm(&feature, "b.geojson", "B").unwrap().farm, farm);
        let far = RING.replace("1000", "9000").replace('0', "70");
        let multi = format!(r#"{{"type": "MultiPolygon", "coordinates": [[{RING}], [{far}]]}}"#);
        let both = format!(
            r#"{{"type": "FeatureCollection", "features": [{feature}, {{"type": "Feature", "geometry": {multi}}}]}}"#
        );
        let farm = parse_farm(&both, "b.geojson", "B").unwrap().farm;
        assert!(matches!(farm.boundary, Boundary::Polygons(polygons) if polygons.len() == 3));
    }

    #[test]
    fn degrees_are_projected_and_the_zone_is_stated() {
        let degrees = r#"{"type": "Polygon", "coordinates": [[[6.1, 56.1], [6.5, 56.1], [6.4, 56.4], [6.1, 56.1]]]}"#;
        let site = parse_farm(degrees, "b.geojson", "B").unwrap();
        assert_eq!(site.farm.crs.as_deref(), Some("EPSG:32632"));
        assert!(site.notes[0].fault.contains("UTM zone 32N"), "{:?}", site.notes);
        assert!((site.farm.bounding_box().x_min_m - 319_000.0).abs() < 2000.0, "{:?}", site.farm.bounding_box());
        let with = |name: &str| {
            degrees.replacen("{\"type\"", &format!(r#"{{"crs": {{"properties": {{"name": "{name}"}}}}, "type""#), 1)
        };
        let named = parse_farm(&with("urn:ogc:def:crs:OGC:1.3:CRS84"), "b.geojson", "B").unwrap();
        assert_eq!(named, site);
        let local = parse_farm(&with("urn:ogc:def:crs:EPSG::25832"), "b.geojson", "B").unwrap();
        assert_eq!((local.farm.crs.as_deref(), local.notes.len()), (Some("EPSG:25832"), 0));
        let far = degrees.replace("6.5, 56.1", "60.5, 56.1");
        assert!(parse_farm(&far, "b.geojson", "B").unwrap_err().to_string().contains("too far from UTM zone 32N"));
    }

    #[test]
    fn points_are_turbines() {
        let text = r#"{"type": "FeatureCollection", "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1000, 2000]}, "properties": {"turbine_type": 1}},
            {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4, 5]]}, "properties": {"turbine_type": 0}}]}"#;
        let table = parse_layout(text, "l.geojson").unwrap();
        assert_eq!((table.layout.x_m, table.turbine_types), (vec![1000.0, 1.0, 3.0], Some(vec![1, 0, 0])));
        assert!(parse_layout(r#"{"type": "FeatureCollection", "features": []}"#, "l.geojson").is_err());
    }

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        let square = |x: f64| Polygon::new(vec![(x, 0.1), (x + 9e3, 0.1), (x + 9e3, 9e3), (x, 9e3 / 7.0)]).unwrap();
        let disc = Circle { center_m: (100.0 / 3.0, 2.0), radius_m: 1e3 / 7.0 };
        let layout = Layout { x_m: vec![1.0 / 3.0, 5e-7], y_m: vec![2.0, 1e16] };
        for (boundary, crs) in [
            (Boundary::Polygons(vec![square(0.0), square(1e4)]), Some("EPSG:32632".to_owned())),
            (Boundary::Circle { center_m: disc.center_m, radius_m: 50.0 }, None),
        ] {
            let exclusions = vec![Zone::Polygon(square(20.0)), Zone::Circle(disc)];
            let farm = Farm { name: "B".to_owned(), boundary, exclusions, crs };
            let text = write_plant(&farm, &[], &layout, &[1, 0]);
            assert_eq!(parse_farm(&text, "b.geojson", "B").unwrap().farm, farm);
            let read = parse_layout(&text, "b.geojson").unwrap();
            assert_eq!((read.layout, read.turbine_types), (layout.clone(), Some(vec![1, 0])));
        }
    }

    #[test]
    fn a_line_keeps_its_surroundings_free() {
        let file = |properties: &str, line: &str| {
            format!(
                r#"{{"type": "FeatureCollection", "features": [
                    {{"type": "Feature", "geometry": {{"type": "Polygon", "coordinates": [{RING}]}}}},
                    {{"type": "Feature", "properties": {properties}, "geometry": {line}}}]}}"#
            )
        };
        let cable = r#"{"type": "LineString", "coordinates": [[0, 500], [1000, 500]]}"#;
        let farm =
            parse_farm(&file(r#"{"role": "exclusion", "buffer_m": 150}"#, cable), "b.geojson", "B").unwrap().farm;
        assert!(farm.allows(500.0, 351.0 - 2.0) && !farm.allows(500.0, 351.0) && !farm.allows(10.0, 640.0));
        let two = r#"{"type": "MultiLineString", "coordinates": [[[0, 500], [1000, 500]], [[500, 0], [500, 1000]]]}"#;
        let farm = parse_farm(&file(r#"{"role": "exclusion", "buffer_m": 150}"#, two), "b.geojson", "B").unwrap().farm;
        assert!(farm.allows(300.0, 300.0) && !farm.allows(400.0, 300.0));
        for (properties, word) in [
            ("null", "role"),
            (r#"{"role": "exclusion"}"#, "buffer_m"),
            (r#"{"role": "exclusion", "buffer_m": -1}"#, "buffer_m"),
            (r#"{"role": "exclusion", "buffer_m": "wide"}"#, "buffer_m"),
        ] {
            let error = parse_farm(&file(properties, cable), "b.geojson", "B").unwrap_err().to_string();
            assert!(error.contains(word) && error.contains("features[1]"), "{error}");
        }
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
