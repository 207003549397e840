//! windIO `site`: boundaries and exclusions.

use crate::error::Problem;
use crate::farm::{Boundary, Farm, Polygon};
use crate::formats::Field;

/// The farm that a windIO `site` describes. Its energy resource is another matter, see [`super::climate`].
pub fn farm(field: &Field) -> Option<Farm> {
    let name = field.get("name").and_then(|name| name.text());
    let boundary = field.get("boundaries").and_then(|boundaries| boundary(&boundaries));
    let exclusions = field.opt("exclusions").map_or(Some(Vec::new()), |exclusions| exclusion_polygons(&exclusions));
    let farm = Farm { name: name?.to_owned(), boundary: boundary?, exclusions: exclusions? };
    farm.check().map_err(|problem| field.fault_below(&problem)).ok()?;
    Some(farm)
}

fn boundary(field: &Field) -> Option<Boundary> {
    match (field.opt("polygons"), field.opt("circle")) {
        (Some(list), None) => polygons(&list).map(Boundary::Polygons),
        (None, Some(circle)) => {
            let center = circle.get("center").and_then(|center| {
                refuse_geographic(&center);
                let (x, y) = (center.get("x").and_then(|x| x.number()), center.get("y").and_then(|y| y.number()));
                Some((x?, y?))
            });
            let radius = circle.get("radius").and_then(|radius| radius.number());
            Some(Boundary::Circle { center_m: center?, radius_m: radius? })
        }
        (None, None) => {
            field.fault("needs `polygons` or `circle`");
            None
        }
        (Some(_), Some(_)) => {
            field.fault("has both `polygons` and `circle`; keep one");
            None
        }
    }
}

fn exclusion_polygons(field: &Field) -> Option<Vec<Polygon>> {
    if field.has("circle") {
        field.fault_below(&Problem::new("circle", "a round exclusion is not supported yet; give it as a polygon"));
        return None;
    }
    field.opt("polygons").map_or(Some(Vec::new()), |list| polygons(&list))
}

/// All polygons of a list, with the faults of every one.
fn polygons(list: &Field) -> Option<Vec<Polygon>> {
    let items = list.items()?;
    let polygons: Vec<_> = items.iter().filter_map(polygon).collect();
    (polygons.len() == items.len()).then_some(polygons)
}

fn polygon(field: &Field) -> Option<Polygon> {
    let vertices = coordinates(field)?;
    Polygon::new(vertices).map_err(|problem| field.fault_below(&problem)).ok()
}

/// Points (x, y), m, of windIO `coordinates`.
pub(super) fn coordinates(field: &Field) -> Option<Vec<(f64, f64)>> {
    refuse_geographic(field);
    let x = field.get("x").and_then(|x| x.numbers());
    let y = field.get("y").and_then(|y| y.numbers());
    let (x, y) = (x?, y?);
    if x.len() != y.len() {
        field.fault(format!("{} values of x but {} of y; give both for each point", x.len(), y.len()));
        return None;
    }
    Some(x.into_iter().zip(y).collect())
}

/// windIO coordinates are metres unless a `crs` says otherwise.
fn refuse_geographic(field: &Field) {
    let Some(crs) = field.opt("crs").and_then(|crs| crs.text()) else { return };
    if ["longlat", "latlong", "EPSG:4326", "CRS84", "epsg:4326"].iter().any(|mark| crs.contains(mark)) {
        field.fault_below(&Problem::new(
            "crs",
            "longitudes and latitudes are not read yet; project to metres first, for instance to the site's UTM zone",
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::error::Result;
    use crate::formats::{Faults, Files, yaml};

    fn read(text: &str) -> Result<Farm> {
        let faults = Faults::new();
        let document = yaml::parse(text, Path::new("s.yaml"), Files::BuiltIn(&[]))?;
        let read = farm(&Field::root(&document, &faults));
        faults.into_result("s.yaml", read)
    }

    const SQUARE: &str = "name: S\nboundaries:\n  polygons:\n    - x: [0, 10, 10, 0]\n      y: [0, 0, 10, 10]\n";

    #[test]
    fn polygons_circles_exclusions() {
        let farm = read(&format!(
            "{SQUARE}    - {{x: [20, 30, 30], y: [0, 0, 10]}}\nexclusions:\n  polygons: [{{x: [2, 4, 4], y: [2, 2, 4]}}]\n\
             energy_resource: !include there.nc\n"
        ))
        .unwrap();
        assert!(matches!(&farm.boundary, Boundary::Polygons(polygons) if polygons.len() == 2));
        assert_eq!(farm.exclusions.len(), 1);
        let disc = read("name: C\nboundaries:\n  circle:\n    center: {x: 0, y: 1}\n    radius: 1300\n").unwrap();
        assert_eq!(disc.boundary, Boundary::Circle { center_m: (0.0, 1.0), radius_m: 1300.0 });
    }

    #[test]
    fn what_is_no_area_is_refused() {
        for (from, to, expected) in [
            ("[0, 10, 10, 0]", "[0, 10, 10]", "s.yaml: boundaries.polygons[0]: 3 values of x but 4 of y"),
            ("[0, 0, 10, 10]", "[0, 10, 0, 10]", "s.yaml: boundaries.polygons[0]: is not a simple polygon"),
            ("[0, 0, 10, 10]", "[0, 0, 0, 10]", "s.yaml: boundaries.polygons[0]: vertex"),
            ("polygons:\n    - x: [0, 10, 10, 0]\n      y: [0, 0, 10, 10]", "polygons: []", "is empty"),
            ("polygons:", "polygon:", "needs `polygons` or `circle`"),
            ("y: [", "crs: EPSG:4326\n      y: [", "project to metres"),
            ("polygons:", "circle: {center: {x: 0, y: 0}, radius: 3}\n  polygons:", "keep one"),
        ] {
            let message = read(&SQUARE.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        let two =
            read("name: S\nboundaries:\n  polygons:\n    - x: [0, 1]\n      y: [0, 1]\n").unwrap_err().to_string();
        assert_eq!(two, "s.yaml: boundaries.polygons[0]: 2 vertices, needs at least 3 (line 4)");
    }
}
