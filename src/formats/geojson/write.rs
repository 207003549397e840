//! A plant as GeoJSON: boundary, exclusions, turbines.

use std::f64::consts::TAU;
use std::fmt::Write;

use crate::farm::{Boundary, Circle, Farm, Layout, Polygon, Turbine, Zone};
use crate::formats::text::{json_text, number};

/// Corners of the polygon that draws a circle.
const CORNERS: u32 = 128;

/// A FeatureCollection that [`super::parse_farm`] and [`super::parse_layout`] read back to the bit. Coordinates are metres; the `crs`
/// member of GeoJSON 2008 names their system if it is known, and is null if not.
pub fn write_plant(farm: &Farm, turbines: &[Turbine], layout: &Layout, turbine_types: &[usize]) -> String {
    let mut features = Vec::new();
    match &farm.boundary {
        Boundary::Polygons(polygons) => {
            features.extend(polygons.iter().map(|polygon| feature(&ring(polygon), "\"role\": \"boundary\"")));
        }
        Boundary::Circle { center_m, radius_m } => {
            features.push(circle(&Circle { center_m: *center_m, radius_m: *radius_m }, "boundary", 1.0));
        }
    }
    for zone in &farm.exclusions {
        features.push(match zone {
            Zone::Polygon(polygon) => feature(&ring(polygon), "\"role\": \"exclusion\""),
            // Drawn round the circle, so that a reader who sees only the polygon excludes all of it.
            Zone::Circle(disc) => circle(disc, "exclusion", 1.0 / libm::cos(TAU / f64::from(CORNERS) / 2.0)),
        });
    }
    for ((x, y), &turbine_type) in layout.positions().zip(turbine_types) {
        let name = turbines.get(turbine_type).map_or(String::new(), |turbine| {
            format!(", \"turbine\": {}, \"hub_height\": {}", json_text(&turbine.name), number(turbine.hub_height_m))
        });
        features.push(format!(
            "{{\"type\": \"Feature\", \"properties\": {{\"role\": \"turbine\", \"turbine_type\": {turbine_type}{name}}}, \
             \"geometry\": {{\"type\": \"Point\", \"coordinates\": [{}, {}]}}}}",
            number(x),
            number(y)
        ));
    }
    let crs = farm.crs.as_ref().map_or("null".to_owned(), |crs| {
        let name = match crs.strip_prefix("EPSG:") {
            Some(code) => format!("urn:ogc:def:crs:EPSG::{code}"),
            None => crs.clone(),
        };
        format!("{{\"type\": \"name\", \"properties\": {{\"name\": {}}}}}", json_text(&name))
    });
    let mut text = String::new();
    let _ = write!(
        text,
        "{{\"type\": \"FeatureCollection\",\n\"name\": {},\n\"crs\": {crs},\n\"features\": [\n{}\n]}}\n",
        json_text(&farm.name),
        features.join(",\n")
    );
    text
}

fn feature(ring: &[(f64, f64)], properties: &str) -> String {
    let closed = ring.iter().chain(ring.first());
    let positions: Vec<_> = closed.map(|&(x, y)| format!("[{}, {}]", number(x), number(y))).collect();
    format!(
        "{{\"type\": \"Feature\", \"properties\": {{{properties}}}, \"geometry\": {{\"type\": \"Polygon\", \"coordinates\": [[{}]]}}}}",
        positions.join(", ")
    )
}

fn ring(polygon: &Polygon) -> Vec<(f64, f64)> {
    polygon.vertices_m().to_vec()
}

fn circle(disc: &Circle, role: &str, scale: f64) -> String {
    let (x, y) = disc.center_m;
    let radius = disc.radius_m * scale;
    let corner = |i: u32| {
        let angle = TAU * f64::from(i) / f64::from(CORNERS);
        (x + radius * libm::cos(angle), y + radius * libm::sin(angle))
    };
    let ring: Vec<_> = (0..CORNERS).map(corner).collect();
    let properties = format!(
        "\"role\": \"{role}\", \"center\": [{}, {}], \"radius\": {}",
        number(x),
        number(y),
        number(disc.radius_m)
    );
    feature(&ring, &properties)
}
